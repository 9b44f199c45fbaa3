"""From a form to a plan: destinations, new vaults, routes, dates, cold storage, permanent sources, new backups."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.books import Store
from bot.domain.drafts import UNTIL, Form, Page, Place
from bot.domain.errors import BackupsDenied, BackupsUnreachable, BadInput
from bot.domain.keeping import DYNAMODB, Errand, Preferences
from bot.domain.params import BackUpParams, CopyParams, CreateVaultParams, EnableAdvancedParams, SetRetentionParams
from bot.domain.retention import MAX_DAYS, Keep, Retention, expected_end
from bot.domain.routes import Hop, Route
from bot.domain.steps import Plan
from bot.workflows.choosing import day_of, retention_of, whole_number, zone_of
from bot.workflows.walk import Walk
from tests.unit.builders import BACKUP, COPIES, PROD, ROLE, a_point, a_vault
from tests.unit.fakes import NOW, ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene

SECOND = VaultRef(PROD, "eu-west-1", "second")
KEY = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1a2b"
ROUTE = Route("dr-chain", (Hop(COPIES, Retention(Keep.DAYS, 60), 20), Hop(SECOND)))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu")


class FakeSwitches:
    """Fulfils `Switches`: advanced features are on or off, or AWS does not say."""

    def __init__(self, advanced: bool = True, error: Exception | None = None) -> None:
        self._advanced, self._error = advanced, error

    def preferences(self, account: str, region: str) -> Preferences:
        if self._error is not None:
            raise self._error
        return Preferences({DYNAMODB: self._advanced}, {DYNAMODB: self._advanced})

    def prefer(self, account: str, region: str, preferences: Preferences, errand: Errand) -> None:
        raise AssertionError("a plan changes nothing")


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    scene = make_walk_scene(store, clock)
    scene.backups.add_vault(a_vault(SECOND))
    scene.inventory.refresh()
    scene.walk = Walk(
        store,
        scene.inventory,
        scene.backups,
        scene.people,
        replace(scene.walk.policy, routes=(ROUTE,)),
        clock,
        FakeSwitches(),
    )
    return scene


def planned(scene: WalkScene, timezone: str = "Europe/Berlin", **changes: Any) -> Plan:
    return scene.walk.plan(scene.whole_form(**changes), timezone)


def refused(scene: WalkScene, page: Page = Page.RETENTION, **changes: Any) -> tuple[str, str]:
    draft = scene.begin(scene.whole_form(**{"page": Page.RETENTION, **changes}))
    with pytest.raises(BadInput) as refusal:
        scene.walk.check(draft, page)
    return refusal.value.field, refusal.value.sentence


def test_destinations_stand_side_by_side(scene: WalkScene) -> None:
    plan = planned(scene, others=(Place("prod", "eu-west-1", "second"),))

    assert [(step.after, step.params.target) for step in plan] == [
        (None, (PROD, "eu-west-1")),
        (None, (BACKUP, "eu-west-1")),
    ]


def test_destinations_on_the_list_are_enough(scene: WalkScene) -> None:
    (step,) = planned(scene, others=(Place("prod", "eu-west-1", "second"),), account="", region="", vault="")

    assert isinstance(step.params, CopyParams)
    assert step.params.destination == SECOND


def test_a_new_vault_comes_before_the_copy_into_it_and_lets_the_copy_role_in(scene: WalkScene) -> None:
    made, copy = planned(scene, vault="", making=True, new_vault=" audit ", key_arn=f" {KEY} ")

    place = VaultRef(BACKUP, "eu-west-1", "audit")
    assert made.params == CreateVaultParams(place, "orders", PROD, KEY, (ROLE,))
    assert isinstance(copy.params, CopyParams)
    assert (copy.after, copy.params.destination, copy.params.vault_from_before) == (0, place, True)


def test_a_route_takes_the_place_of_all_destinations_and_of_what_its_hops_say(scene: WalkScene) -> None:
    plan = planned(scene, route="dr-chain", others=(Place("backup", "eu-west-1", "copies"),))

    first, second, change = (step.params for step in plan)
    assert isinstance(first, CopyParams)
    assert isinstance(second, CopyParams)
    assert isinstance(change, SetRetentionParams)
    assert (first.destination, first.retention) == (COPIES, Retention(Keep.DAYS, 60))
    assert (second.destination, second.retention) == (SECOND, Retention(Keep.DAYS, 90))
    assert (change.lifecycle, change.only_with) == (Lifecycle(20), SECOND)


def test_a_route_that_is_gone_is_refused_at_its_field(scene: WalkScene) -> None:
    assert refused(scene, route="gone")[0] == "route"
    with pytest.raises(BadInput):
        planned(scene, route="gone")


def test_a_date_means_the_day_where_the_person_is(scene: WalkScene) -> None:
    days = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        (step,) = planned(scene, zone, keep=UNTIL, until="2027-03-01")
        assert isinstance(step.params, CopyParams)
        days[zone] = step.params.retention.days

    assert days["Pacific/Niue"] == (days["Pacific/Kiritimati"] or 0) + 1


def test_cold_storage_belongs_to_days_dates_and_a_hundred_years_only(scene: WalkScene) -> None:
    found = []
    for keep in (Keep.DAYS, Keep.CENTURY, Keep.AS_SOURCE):
        (step,) = planned(scene, keep=keep, days="200", cold=" 30 ")
        assert isinstance(step.params, CopyParams)
        found.append(step.params.retention)

    assert found == [Retention(Keep.DAYS, 200, 30), Retention(Keep.CENTURY, None, 30), Retention(Keep.AS_SOURCE)]


def test_a_permanent_source_is_changed_first_and_every_copy_waits_for_it(scene: WalkScene) -> None:
    change, *copies = planned(scene, keep=Keep.PERMANENT, others=(Place("prod", "eu-west-1", "second"),))

    assert isinstance(change.params, SetRetentionParams)
    assert (change.after, change.params.lifecycle) == (None, Lifecycle())
    assert [step.after for step in copies] == [0, 0]
    for step in copies:
        assert isinstance(step.params, CopyParams)
        assert (step.params.retention, step.params.point_from_before) == (Retention(Keep.PERMANENT), False)


def test_a_new_backup_is_made_like_the_chosen_one_and_copied(scene: WalkScene) -> None:
    backup, copy = planned(scene, backup_first=True)

    assert isinstance(backup.params, BackUpParams)
    assert isinstance(copy.params, CopyParams)
    assert (backup.params.lifecycle, copy.after, copy.params.point_from_before) == (Lifecycle(35), 0, True)


def test_a_new_backup_that_is_to_last_is_made_so_and_changed_by_nobody(scene: WalkScene) -> None:
    backup, copy = planned(scene, backup_first=True, keep=Keep.PERMANENT)

    assert isinstance(backup.params, BackUpParams)
    assert isinstance(copy.params, CopyParams)
    assert (backup.params.lifecycle, copy.params.retention) == (Lifecycle(), Retention(Keep.PERMANENT))


@pytest.mark.parametrize("switches", [FakeSwitches(False), FakeSwitches(error=BackupsDenied("no", code="x")), None])
def test_advanced_features_that_are_off_or_cannot_be_seen_are_turned_on_first(
    scene: WalkScene, switches: FakeSwitches | None
) -> None:
    scene.walk.switches = switches

    kinds = [type(step.params) for step in planned(scene, backup_first=True)]

    assert kinds == [EnableAdvancedParams, BackUpParams, CopyParams]


def test_an_aws_that_does_not_answer_is_asked_again_and_only_for_a_new_backup(scene: WalkScene) -> None:
    scene.walk.switches = FakeSwitches(error=BackupsUnreachable("slow", code="x"))

    with pytest.raises(BackupsUnreachable):
        planned(scene, backup_first=True)
    assert len(planned(scene)) == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"keep": UNTIL, "until": ""}, "until", "Choose a date."),
        ({"keep": UNTIL, "until": "2027-02-30"}, "until", "Choose a date."),
        ({"keep": UNTIL, "until": "soon"}, "until", "Choose a date."),
        ({"keep": UNTIL, "until": "0001-01-01"}, "until", "Choose 2026-11-24 (4 days)."),
        ({"keep": UNTIL, "until": "2026-11-22"}, "until", "Choose 2026-11-24 (4 days)."),
        ({"keep": UNTIL, "until": "9999-12-31"}, "until", "(36,500 days)."),
        ({"cold": "many"}, "cold", "Type a whole number of days, or leave this empty."),
        ({"cold": "1.5"}, "cold", "Type a whole number of days, or leave this empty."),
        ({"days": "100", "cold": "30"}, "cold", "Choose 10 or less, or keep the copy 120 days or more."),
        ({"days": "90", "cold": "30"}, "cold", "or keep the copy 120 days or more."),
        ({"days": "200", "cold": "1"}, "cold", "Choose 3 or more."),
        ({"others": (Place("gone", "eu-west-1", "x"),)}, "account", "gone · eu-west-1 · x is not configured"),
        ({"others": (Place("prod", "eu-west-1", "gone"),)}, "account", "gone is not there any more"),
        ({"others": (Place("prod", "us-east-1", "main"),)}, "account", "is in this vault already. Remove it"),
        ({"others": (Place("backup", "eu-west-1", "copies"),)}, "vault", "on the list already"),
        (
            {"others": tuple(Place("prod", "eu-west-1", f"v{n}", new=True) for n in range(5))},
            "vault",
            "5 places at most",
        ),
        ({"vault": "", "making": True}, "new_vault", "Type a name for the new vault."),
        (
            {"vault": "", "making": True, "new_vault": "copies", "key_arn": KEY},
            "new_vault",
            "There is a vault copies already.",
        ),
        ({"vault": "", "making": True, "new_vault": "a b", "key_arn": KEY}, "new_vault", "2 to 50 letters"),
        ({"vault": "", "making": True, "new_vault": "audit"}, "key_arn", "customer managed key"),
        (
            {"vault": "", "making": True, "new_vault": "audit", "key_arn": "alias/x"},
            "key_arn",
            "not the ARN of a KMS key",
        ),
        (
            {"vault": "", "making": True, "new_vault": "audit", "key_arn": KEY.replace("eu-", "us-")},
            "key_arn",
            "own Region",
        ),
        (
            {"vault": "", "making": True, "new_vault": "audit", "key_arn": KEY.replace(BACKUP, PROD)},
            "key_arn",
            "own account",
        ),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    scene: WalkScene, changes: Mapping[str, Any], field: str, words: str
) -> None:
    told = refused(scene, **changes)

    assert told[0] == field
    assert words in told[1]


def test_a_new_vault_of_the_same_account_needs_no_key(scene: WalkScene) -> None:
    form = scene.whole_form(account="prod", vault="", making=True, new_vault="audit")

    scene.walk.check(scene.begin(form), Page.RETENTION)

    assert scene.walk.plan(form, "UTC")[0].params == CreateVaultParams(
        VaultRef(PROD, "eu-west-1", "audit"), "orders", PROD
    )


def test_what_a_route_says_of_its_own_hops_is_not_held_against_the_person(scene: WalkScene) -> None:
    scene.backups.add_vault(a_vault(COPIES, least=100))
    scene.inventory.refresh()

    scene.walk.check(scene.begin(scene.whole_form(route="dr-chain")), Page.RETENTION)

    scene.backups.add_vault(a_vault(SECOND, least=100))
    scene.inventory.refresh()
    draft = scene.begin(scene.whole_form(route="dr-chain"), "draft-2")
    with pytest.raises(BadInput, match="Choose 100"):
        scene.walk.check(draft, Page.RETENTION)


def test_a_source_in_a_locked_vault_is_not_made_permanent(scene: WalkScene) -> None:
    scene.backups.add_vault(a_vault(scene.point.vault, least=1))
    scene.inventory.refresh()

    told = refused(scene, keep=Keep.PERMANENT)

    assert told[0] == "keep"
    assert "is locked" in told[1]
    assert not scene.walk.choices(scene.whole_form()).permanence.possible


@given(day=st.dates(date(2026, 11, 25), date(2126, 10, 1)), zone=st.sampled_from(ZONES), hour=st.integers(0, 47))
def test_a_copy_until_a_date_lives_until_then_and_no_day_longer(day: date, zone: str, hour: int) -> None:
    point = a_point(made=datetime(2026, 11, 20, tzinfo=NOW.tzinfo) + timedelta(hours=hour))

    kept = retention_of(Form(keep=UNTIL, until=day.isoformat()), point, zone_of(zone))

    assert kept is not None
    end = expected_end(kept, point)
    assert end is not None
    assert end.astimezone(ZoneInfo(zone)).date() >= day
    assert (end - timedelta(days=1)).astimezone(ZoneInfo(zone)).date() < day


@given(st.dates(), st.sampled_from(ZONES))
def test_any_date_comes_to_a_number_of_days_that_can_be_judged(day: date, zone: str) -> None:
    kept = retention_of(Form(keep=UNTIL, until=day.isoformat()), a_point(), zone_of(zone))

    assert kept is not None
    assert 0 <= (kept.days or 0) <= MAX_DAYS + 1


@given(st.text())
def test_what_is_typed_is_a_number_a_date_or_nothing(text: str) -> None:
    number, day = whole_number(text), day_of(text)

    assert number is None or text.strip().isdigit()
    assert day is None or isinstance(day, date)


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc", "x" * 300])
def test_a_time_zone_that_nobody_knows_is_utc(name: str) -> None:
    assert zone_of(name).key == "UTC"


def test_settings_are_turned_on_before_all_else_and_only_where_the_plan_copies(scene: WalkScene) -> None:
    here, there, elsewhere = (PROD, "us-east-1"), (BACKUP, "eu-west-1"), (BACKUP, "eu-central-1")
    on = (there, elsewhere, here, there)

    plan = planned(scene, turned_on=on, vault="", making=True, new_vault="audit", key_arn=KEY)

    assert [(step.params.kind, step.params.target, step.after) for step in plan] == [
        ("enable-advanced", there, None),
        ("enable-advanced", here, 0),
        ("create-vault", there, 1),
        ("copy", there, 2),
    ]
    assert isinstance(plan[3].params, CopyParams)
    assert plan[3].params.settings_from_before == (there, here)
    assert planned(scene, turned_on=(elsewhere,)) == planned(scene)


def test_what_a_plan_turns_on_by_itself_is_not_turned_on_twice(scene: WalkScene) -> None:
    scene.walk.switches = FakeSwitches(advanced=False)

    plan = planned(scene, backup_first=True, turned_on=((PROD, "us-east-1"),))

    assert [step.params.kind for step in plan] == ["enable-advanced", "back-up", "copy"]
    assert plan == planned(scene, backup_first=True)
