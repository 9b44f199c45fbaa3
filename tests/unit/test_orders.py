"""What is typed after the command, read word by word, and the plans that come of it."""

from dataclasses import replace

import pytest

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.books import Store
from bot.domain.errors import BadInput
from bot.domain.orders import KEEP, Order, Stop, places_text, read_end, read_keep, read_order, read_ways, ways_text
from bot.domain.params import StepKind
from bot.domain.plans import Leg, plan_for_chains, plan_for_extension, plan_for_new_backup
from bot.domain.retention import Keep, Retention
from bot.domain.sheets import Sheet, SheetKind
from bot.domain.steps import Plan
from bot.workflows.ordering import Ordering
from tests.unit.builders import ACCOUNTS, ANNA, BACKUP, CHANNEL, COPIES, MAIN, ROLE, a_point, a_policy
from tests.unit.fakes import NOW, ManualClock
from tests.unit.walk_scene import make_walk_scene

FAR = VaultRef(BACKUP, "eu-central-1", "dr")
NINETY = Retention(Keep.DAYS, 90)


def shape(plan: Plan) -> list[tuple[StepKind, int | None]]:
    return [(step.params.kind, step.after) for step in plan]


def test_an_order_is_a_table_ways_a_time_and_a_reason() -> None:
    order = read_order(
        "orders to b/eu-west-1/hop keep 30d then b/eu-central-1/dr keep 90d, dr-chain because of Because"
    )

    ways = ((Stop("b/eu-west-1/hop", "30d"), Stop("b/eu-central-1/dr", "90d")), (Stop("dr-chain"),))
    assert order == Order("orders", ways, "of Because")
    assert order.keep == "90d"
    assert read_order(f"orders to {ways_text(ways)}").ways == ways


@pytest.mark.parametrize("text", ["orders, to b/eu-west-1/hop", "orders , b/eu-west-1/hop", "orders, keep 9d, to dr"])
def test_a_comma_after_the_table_is_no_part_of_it(text: str) -> None:
    assert read_order(f"{text} because x").table == "orders"


def test_a_key_means_a_new_vault() -> None:
    (way,) = read_order("orders to new b/eu-west-1/x key arn:k keep 9d because y").ways

    assert way == (Stop("b/eu-west-1/x", "9d", new=True, key="arn:k"),)


@pytest.mark.parametrize("text", ["two tables to x", "orders to a b", "orders to x keep", "orders to keep 9d"])
def test_words_that_cannot_stand_there_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_order(text)


@pytest.mark.parametrize(("text", "days"), [("90d", 90), ("2w", 14), ("2Y", 730)])
def test_times_are_days_weeks_and_years(text: str, days: int) -> None:
    assert read_keep(text) == Retention(Keep.DAYS, days)


@pytest.mark.parametrize("text", ["", "0d", "-1d", "90", "d", "36501d", "101y", "\N{ARABIC-INDIC DIGIT NINE}d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_keep(text)


@pytest.mark.parametrize("text", ["forever", "For good", "permanent", "never"])
def test_a_copy_that_exists_can_lose_its_end_by_words_that_say_so(text: str) -> None:
    assert read_end(text) == Retention(Keep.PERMANENT)


@pytest.mark.parametrize("text", ["source", "as source", "soon", "0d"])
def test_a_copy_that_exists_follows_no_source(text: str) -> None:
    with pytest.raises(BadInput, match="`forever` to take its end away") as refused:
        read_end(text)

    assert refused.value.field == KEEP


@pytest.mark.parametrize(
    ("text", "to", "keep"),
    [
        ("orders to nosuch keep 9d because x", "nosuch", "9d"),
        ("orders to a keep 30d then b keep 9d because x", "a keep 30d then b", "9d"),
        ("orders to a keep 9d, b because x", "a, b", "9d"),
        ("orders to new a/b/c key k keep 9d because x", "a/b/c key k", "9d"),
    ],
)
def test_a_destination_does_not_repeat_the_usual_time(text: str, to: str, keep: str) -> None:
    order = read_order(text)

    assert (places_text(order).removeprefix("new "), order.keep) == (to, keep)
    again = read_ways(places_text(order), order.keep)
    assert [[stop.keep or again.keep for stop in way] for way in again.ways] == [
        [stop.keep or order.keep for stop in way] for way in order.ways
    ]
    assert {stop.keep for way in read_ways(places_text(order), "8d").ways for stop in way} <= {"8d", "30d", ""}


def test_a_chain_shortens_its_hops_after_its_last_copy() -> None:
    chain = (Leg(COPIES, Retention(Keep.DAYS, 30), then_days=7), Leg(FAR, NINETY))

    plan = plan_for_chains(a_point(), (chain,), ACCOUNTS)

    assert shape(plan) == [(StepKind.COPY, None), (StepKind.COPY, 0), (StepKind.SET_RETENTION, 1)]
    second, shorter = plan[1].params, plan[2].params
    assert (second.source_account, shorter.target) == (BACKUP, (COPIES.account, COPIES.region))


def test_ways_side_by_side_wait_for_nobody() -> None:
    plan = plan_for_chains(a_point(), ((Leg(COPIES, NINETY),), (Leg(FAR, NINETY),)), ACCOUNTS)

    assert shape(plan) == [(StepKind.COPY, None), (StepKind.COPY, None)]


def test_a_new_vault_comes_before_its_copy() -> None:
    plan = plan_for_chains(a_point(), ((Leg(COPIES, NINETY, new_vault=True, key_arn="arn:k"),),), ACCOUNTS)

    assert shape(plan) == [(StepKind.CREATE_VAULT, None), (StepKind.COPY, 0)]
    assert getattr(plan[0].params, "lets_in", ()) == (ROLE,)


@pytest.mark.parametrize("chain", [(COPIES, FAR, COPIES), (MAIN,), (COPIES, MAIN)])
def test_a_way_that_comes_back_is_refused(chain: tuple[VaultRef, ...]) -> None:
    with pytest.raises(BadInput, match="twice"):
        plan_for_chains(a_point(), (tuple(Leg(place, NINETY) for place in chain),), ACCOUNTS)


def test_a_greyed_out_backup_becomes_three_steps() -> None:
    old = replace(a_point(), arn="arn:aws:dynamodb:us-east-1:111111111111:table/orders/backup/01")

    chains = ((Leg(COPIES, NINETY),),)

    plan = plan_for_new_backup(old, chains, ACCOUNTS, NOW, advanced=False)

    assert shape(plan) == [(StepKind.ENABLE_ADVANCED, None), (StepKind.BACK_UP, 0), (StepKind.COPY, 1)]
    assert shape(plan_for_new_backup(old, chains, ACCOUNTS, NOW, advanced=True)) == [
        (StepKind.BACK_UP, None),
        (StepKind.COPY, 0),
    ]


def test_an_extension_is_one_step() -> None:
    (step,) = plan_for_extension(a_point(), Lifecycle(400))

    assert step.params.kind is StepKind.SET_RETENTION


@pytest.mark.parametrize(("typed", "final"), [("36500d", True), ("100y", True), ("forever", True), ("36499d", False)])
def test_an_end_in_a_hundred_years_is_not_sent_unseen_however_it_is_typed(
    store: Store, clock: ManualClock, typed: str, final: bool
) -> None:
    ordering = Ordering(store, make_walk_scene(store, clock).inventory, None, a_policy(), clock)
    sheet = Sheet("sheet-1", SheetKind.KEEP, ANNA, CHANNEL, "UTC", NOW, {KEEP: typed})

    assert ordering.is_final(sheet) is final
