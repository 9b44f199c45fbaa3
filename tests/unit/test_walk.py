"""The walk: what hangs on a choice goes with it, nothing typed is lost, and no page is left in error."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approvals import Rule
from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.drafts import Draft, DraftState, Form, Page, Place
from bot.domain.errors import BadInput, Gone, NotAllowed, OutletDoubtful
from bot.domain.params import CopyParams
from bot.domain.reasons import REASON_LENGTH
from bot.domain.retention import Keep, Retention
from bot.domain.steps import PlannedStep
from bot.workflows.destinations import dropped, making, not_making
from bot.workflows.walk import NOT_YOURS, TOO_OLD, new_draft_id
from tests.unit.builders import ACCOUNTS, ANNA, BEN, CHANNEL, COPIES, MAIN, PROD, ROLE, a_vault
from tests.unit.fakes import ManualClock
from tests.unit.walk_scene import REASON, WalkScene, make_walk_scene


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def kept(scene: WalkScene, form: Form) -> Form:
    return scene.walk.keep("draft-1", ANNA.user_id, form).form


def refused(scene: WalkScene, page: Page, **changes: object) -> BadInput:
    """What stands in the way of leaving a page with these choices."""
    draft = scene.begin(scene.whole_form(**changes))
    with pytest.raises(BadInput) as refusal:
        scene.walk.check(draft, page)
    return refusal.value


def test_a_draft_begins_with_what_is_on_the_screen(scene: WalkScene) -> None:
    draft = scene.walk.begin("draft-1", ANNA, CHANNEL, "orders", ("V1", "hash-1"))

    assert scene.draft() == draft
    assert (draft.form, draft.view_id, draft.view_hash) == (Form(query="orders"), "V1", "hash-1")
    assert (draft.timezone, draft.state) == ("Europe/Berlin", DraftState.OPEN)


def test_a_silent_slack_costs_only_the_timezone(scene: WalkScene) -> None:
    scene.people.silent = OutletDoubtful("time-out")

    assert scene.begin().timezone == "UTC"


def test_the_one_table_that_is_meant_is_chosen(scene: WalkScene) -> None:
    scene.walk.begin("draft-1", ANNA, CHANNEL, " ORDERS ", ("V1", "h"))

    filled = scene.walk.fill("draft-1")

    assert filled is not None
    assert filled.form.table_key == scene.table_key


def test_the_exact_name_is_meant_even_when_others_hold_it(scene: WalkScene) -> None:
    scene.backups.add_point(MAIN, "orders-archive")
    scene.inventory.refresh()
    scene.walk.begin("draft-1", ANNA, CHANNEL, "orders", ("V1", "h"))

    filled = scene.walk.fill("draft-1")

    assert filled is not None
    table = scene.walk.chosen(filled.form).table
    assert table is not None
    assert table.name == "orders"


@pytest.mark.parametrize("query", ["s", "nothing", ""])
def test_where_it_is_not_clear_which_table_is_meant_none_is_chosen(scene: WalkScene, query: str) -> None:
    scene.walk.begin("draft-1", ANNA, CHANNEL, query, ("V1", "h"))

    filled = scene.walk.fill("draft-1")

    assert filled is not None
    assert filled.form.table_key == ""


def test_a_word_is_known_when_a_table_holds_it(scene: WalkScene) -> None:
    assert scene.walk.is_known("ord")
    assert not scene.walk.is_known("ordres")


def test_a_new_table_is_known_by_looking_again(scene: WalkScene, clock: ManualClock) -> None:
    clock.pass_(minutes=1)
    scene.backups.add_point(MAIN, "brand-new")

    assert scene.walk.is_known("brand-new")


def test_before_anything_was_read_every_word_may_be_a_table(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock)
    scene.backups.remove_vault(MAIN)
    scene.inventory.refresh()

    assert scene.walk.is_known("anything")


def test_another_table_takes_its_backup_along(scene: WalkScene) -> None:
    users = scene.inventory.tables("users")[0].key
    scene.begin(scene.whole_form())

    form = kept(scene, scene.whole_form(table_key=users))

    assert (form.table_key, form.point_key) == (users, "")
    assert (form.vault, form.reason) == ("copies", REASON)


def test_another_account_takes_region_and_vault_along(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())

    form = kept(scene, scene.whole_form(account="prod"))

    assert (form.account, form.region, form.vault) == ("prod", "", "")


def test_another_region_takes_the_vault_along(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(account="prod", region="eu-west-1", vault="main"))

    form = kept(scene, scene.whole_form(account="prod", region="us-east-1", vault="main"))

    assert (form.region, form.vault) == ("us-east-1", "")


def test_a_vault_chosen_together_with_its_region_stays(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(account="prod", region="us-east-1", vault="main"))

    form = kept(scene, scene.whole_form(account="backup", region="eu-west-1", vault="copies"))

    assert (form.account, form.region, form.vault) == ("backup", "eu-west-1", "copies")


def test_the_only_region_of_an_account_is_chosen_by_itself(scene: WalkScene) -> None:
    scene.begin(Form())

    assert kept(scene, Form(account="backup")).region == "eu-west-1"
    assert kept(scene, Form(account="prod")).region == ""


def test_nothing_typed_is_lost_by_going_back(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(page=Page.RETENTION))
    unfinished = scene.whole_form(page=Page.RETENTION, days="ninety", reason="")

    back = scene.walk.back("draft-1", ANNA.user_id, unfinished)

    assert back.form == replace(unfinished, page=Page.DESTINATION)


def test_the_first_page_has_none_before_it_and_the_last_none_after(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(page=Page.BACKUP))
    assert scene.walk.back("draft-1", ANNA.user_id, scene.draft().form).form.page is Page.BACKUP

    scene.begin(scene.whole_form(), "draft-2")
    assert scene.walk.forward("draft-2", ANNA.user_id, scene.draft("draft-2").form).form.page is Page.REVIEW


def test_a_page_that_is_right_leads_to_the_next(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(page=Page.BACKUP))

    pages = [scene.walk.forward("draft-1", ANNA.user_id, scene.draft().form).form.page for _ in range(3)]

    assert pages == [Page.DESTINATION, Page.RETENTION, Page.REVIEW]


def test_a_page_in_error_keeps_what_was_typed_and_stays(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(page=Page.RETENTION))

    with pytest.raises(BadInput):
        scene.walk.forward("draft-1", ANNA.user_id, scene.whole_form(page=Page.RETENTION, days="0"))

    assert (scene.draft().form.page, scene.draft().form.days) == (Page.RETENTION, "0")


def test_a_draft_belongs_to_who_began_it(scene: WalkScene) -> None:
    scene.begin()

    with pytest.raises(NotAllowed, match=NOT_YOURS):
        scene.walk.owned("draft-1", BEN.user_id)
    with pytest.raises(Gone, match=TOO_OLD):
        scene.walk.owned("no-such-draft", ANNA.user_id)


def press_remove(scene: WalkScene, place: Place) -> None:
    scene.walk.alter("draft-1", ANNA.user_id, lambda form: form, lambda draft: dropped(draft.form, place.where))


def test_of_two_buttons_pressed_at_once_neither_is_lost(scene: WalkScene) -> None:
    """The second press is kept between the first one's reading of the draft and its writing."""
    first, second, third = (Place("backup", "eu-west-1", name) for name in ("one", "two", "three"))
    scene.begin(scene.whole_form(page=Page.DESTINATION, others=(first, second, third)))
    presses = [second]

    def remove(draft: Draft) -> Form:
        while presses:
            press_remove(scene, presses.pop())
        return dropped(draft.form, first.where)

    scene.walk.alter("draft-1", ANNA.user_id, lambda form: replace(form, reason="typed"), remove)

    assert scene.draft().form.others == (third,)
    assert scene.draft().form.reason == "typed"


def test_going_on_does_not_bring_back_what_was_removed_just_before(scene: WalkScene) -> None:
    away = Place("backup", "eu-west-1", "one")
    scene.begin(scene.whole_form(page=Page.DESTINATION, others=(away,)))
    presses = [away]

    def on_screen(form: Form) -> Form:
        while presses:
            press_remove(scene, presses.pop())
        return form

    turned = scene.walk.forward("draft-1", ANNA.user_id, on_screen)

    assert (turned.form.page, turned.form.others) == (Page.RETENTION, ())


def test_what_was_sent_cannot_be_changed(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())
    scene.sending.claim("draft-1", ANNA.user_id)

    with pytest.raises(Gone, match="sent already"):
        scene.walk.keep("draft-1", ANNA.user_id, scene.whole_form(reason="another"))


@pytest.mark.parametrize(
    ("page", "changes", "field", "sentence"),
    [
        (Page.BACKUP, {"table_key": ""}, "table", "Choose a table."),
        (Page.BACKUP, {"table_key": "gone"}, "table", "The one you chose is not there any more."),
        (Page.BACKUP, {"point_key": ""}, "backup", "Choose a backup of this table."),
        (Page.BACKUP, {"point_key": "gone"}, "backup", "The one you chose is not there any more."),
        (Page.DESTINATION, {"account": ""}, "account", "Choose one of the configured accounts."),
        (Page.DESTINATION, {"account": "nobody"}, "account", "Choose one of the configured accounts."),
        (Page.DESTINATION, {"region": ""}, "region", "Choose one of the account's Regions."),
        (Page.DESTINATION, {"region": "us-east-1"}, "region", "Choose one of the account's Regions."),
        (Page.DESTINATION, {"vault": ""}, "vault", "Choose a vault."),
        (Page.DESTINATION, {"vault": "gone"}, "vault", "The one you chose is not there any more."),
        (
            Page.DESTINATION,
            {"account": "prod", "region": "us-east-1", "vault": "main"},
            "vault",
            "The backup is in this vault already. Choose another vault, Region or account.",
        ),
        (Page.RETENTION, {"keep": ""}, "keep", "Choose how long the copy is kept."),
        (Page.RETENTION, {"keep": "for ever"}, "keep", "Choose how long the copy is kept."),
        (Page.RETENTION, {"days": ""}, "days", "Type a whole number of days."),
        (Page.RETENTION, {"days": "1.5"}, "days", "Type a whole number of days."),
        (Page.RETENTION, {"days": "-1"}, "days", "Type a whole number of days."),
        (Page.RETENTION, {"days": "٣٠"}, "days", "Type a whole number of days."),
        (Page.RETENTION, {"days": "9" * 40}, "days", "Type a whole number of days."),
        (Page.RETENTION, {"days": "0"}, "days", "between 1 and 36,500 days. Choose 4 or more."),
        (Page.RETENTION, {"days": "36501"}, "days", "1 and 36,500 days. Choose 36,500 or less."),
        (Page.RETENTION, {"days": "1"}, "days", "Choose 4 or more."),
        (Page.RETENTION, {"reason": "  \n "}, "reason", "Say why, so that the approvers can decide."),
        (Page.RETENTION, {"reason": "x" * 3_001}, "reason", "Use 3,000 characters at most; these are 3,001."),
    ],
)
def test_each_page_names_the_field_that_stands_in_the_way(
    scene: WalkScene, page: Page, changes: dict[str, object], field: str, sentence: str
) -> None:
    problem = refused(scene, page, **changes)

    assert problem.field == field
    assert problem.sentence.endswith(sentence)
    assert ("any more" in problem.sentence) == ("any more" in sentence)


def test_a_later_page_checks_the_earlier_ones_again(scene: WalkScene) -> None:
    assert refused(scene, Page.REVIEW, point_key="").field == "backup"


def test_what_pre_flight_would_refuse_is_refused_on_its_page(scene: WalkScene) -> None:
    scene.backups.change_point(scene.point.arn, status="CREATING")
    scene.inventory.refresh()
    assert refused(scene, Page.BACKUP).sentence == "This backup is still being made. Try again when it is complete."


def test_the_limits_of_the_vault_are_checked_where_the_days_are_chosen(scene: WalkScene) -> None:
    scene.backups.add_vault(a_vault(COPIES, least=100, most=365))
    scene.inventory.refresh()

    assert refused(scene, Page.RETENTION).field == "days"
    draft = scene.begin(scene.whole_form(keep=Keep.CENTURY), "draft-2")
    with pytest.raises(BadInput) as problem:
        scene.walk.check(draft, Page.RETENTION)
    assert problem.value.field == "keep"


def test_a_vault_that_takes_nothing_now_is_refused(scene: WalkScene) -> None:
    scene.backups.add_vault(Vault(COPIES, state="CREATING"))
    scene.inventory.refresh()

    assert refused(scene, Page.DESTINATION).sentence.startswith("The vault is CREATING.")


def test_a_copy_that_no_rule_covers_is_refused_before_it_is_reviewed(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock, Rule(("S0ADMINS",), when=(("destination_account", "prod"),)))

    assert refused(scene, Page.DESTINATION).sentence.startswith("No approval rule covers this")


COVERED = {
    "source_account": "prod",
    "source_region": "us-east-1",
    "destination_account": "backup",
    "destination_region": "eu-*",
    "table": "ord*",
    "action": "copy",
}


def test_a_rule_that_is_met_in_all_it_looks_at_lets_a_form_pass(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock, Rule(("U0BEN",), when=tuple(COVERED.items())))

    scene.walk.check(scene.begin(scene.whole_form()), Page.RETENTION)


@pytest.mark.parametrize("met", COVERED)
def test_a_rule_looks_at_source_destination_and_table(store: Store, clock: ManualClock, met: str) -> None:
    scene = make_walk_scene(store, clock, Rule(("U0BEN",), when=tuple({**COVERED, met: "delete"}.items())))

    assert refused(scene, Page.DESTINATION).sentence.startswith("No approval rule covers this")


def test_a_backup_where_nobody_looks_any_more_is_refused_in_its_field(scene: WalkScene) -> None:
    form = scene.whole_form()
    scene.walk.policy = replace(scene.walk.policy, accounts=tuple(one for one in ACCOUNTS if one.id != PROD))

    with pytest.raises(BadInput, match="not configured to look any more") as refusal:
        scene.walk.check(scene.begin(form), Page.BACKUP)

    assert refusal.value.field == "backup"


def test_a_backup_of_another_table_is_not_what_was_chosen(scene: WalkScene) -> None:
    users = scene.inventory.tables("users")[0].key

    assert scene.walk.chosen(scene.whole_form(table_key=users)).point is None


def test_vaults_to_choose_from_are_those_that_can_take_a_copy(scene: WalkScene) -> None:
    place = VaultRef(PROD, "us-east-1", "second")
    scene.backups.add_vault(place)
    scene.backups.add_vault(Vault(VaultRef(PROD, "us-east-1", "view"), kind=VaultKind.RESTORE_ACCESS))
    scene.inventory.refresh()

    choices = scene.walk.choices(scene.whole_form(account="prod", region="us-east-1"))

    assert [vault.ref for vault in choices.vaults] == [place]


def test_a_complete_form_becomes_the_copy_it_asks_for(scene: WalkScene) -> None:
    copy = CopyParams(replace(scene.point, storage_class=None), COPIES, Retention(Keep.DAYS, 90), ROLE)

    assert scene.walk.plan(scene.whole_form(), "UTC") == (PlannedStep(replace(copy, only_new=True)),)
    assert scene.walk.plan(scene.whole_form(again=True), "UTC") == (PlannedStep(copy),)


def test_another_destination_forgets_that_a_copy_was_meant_again(scene: WalkScene) -> None:
    again = scene.begin(scene.whole_form(again=True)).form

    assert kept(scene, again).again
    assert not kept(scene, replace(again, vault="")).again


@pytest.mark.parametrize("missing", ["point_key", "account", "region", "vault", "keep"])
def test_an_incomplete_form_is_no_copy(scene: WalkScene, missing: str) -> None:
    with pytest.raises(BadInput):
        scene.walk.plan(scene.whole_form(**{missing: ""}), "UTC")


def test_the_longest_reason_is_accepted(scene: WalkScene) -> None:
    draft = scene.begin(scene.whole_form(reason="x" * REASON_LENGTH))

    scene.walk.check(draft, Page.RETENTION)


@given(st.integers(1, 50))
def test_the_ids_of_drafts_are_not_to_be_guessed(number: int) -> None:
    ids = {new_draft_id() for _ in range(number)}

    assert len(ids) == number
    assert all(len(one) >= 16 for one in ids)


def test_the_name_of_a_new_vault_outlives_a_look_at_those_that_are_there() -> None:
    typed = Form(account="backup", region="eu-west-1", making=True, new_vault="audit", key_arn="arn:k")

    looked = not_making(typed)

    assert (looked.making, looked.present.vault) == (False, "")
    assert making(looked) == typed
