"""Looking ahead: in two parts, with who would be asked, and why nobody could be."""

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.approvals import Escalation, Rule, Stage
from bot.domain.backups import VaultRef
from bot.domain.books import StepChange, Store
from bot.domain.checks.work import already_there, copies_there
from bot.domain.drafts import Place
from bot.domain.errors import BackupsThrottled
from bot.domain.findings import Finding, Level, fine
from bot.domain.mending import back_up_first, copy_again, keep_days, make_vault, other_vault, turn_on
from bot.domain.params import Params, StepKind
from bot.domain.people import Person
from bot.domain.retention import Keep
from bot.domain.sentences import BOT, DEACTIVATED, GUEST, MAY_NOT_ASK, OWN_REQUEST
from bot.domain.shown import AROUND, COPIES, changes
from bot.domain.steps import StepState
from bot.domain.surroundings import Held, Job
from bot.workflows.prospects import LookAhead, Prospect, look_ahead
from bot.workflows.steps.copy import CopyStep
from bot.workflows.steps.work import Glance, Look
from bot.workflows.submitting import Submitting
from commands.copy_backup.views.links import link_of
from tests.unit.builders import ANNA, BACKUP, CHANNEL, a_point, some_params, stored_request
from tests.unit.builders import COPIES as VAULT
from tests.unit.fakes import HOME, ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene

PASS = fine("keys", "The key is usable.", "DescribeKey")
FAIL = Finding("closed", Level.FAIL, "It is closed.", "Open it.", "GetKeyPolicy", overridable=True)


@dataclass
class Slow(CopyStep):
    """A step whose second part comes when the test says so."""

    rest: Future[tuple[Finding, ...]] = field(default_factory=Future)

    def begin(self, params: Params, now: datetime) -> Glance:  # type: ignore[override]  # any look with two parts will do
        return _Half(super().begin(params, now), self.rest)


@dataclass
class _Half:
    glance: Glance
    rest: Future[tuple[Finding, ...]]

    def first(self) -> Look:
        return self.glance.first()

    def whole(self) -> Look:
        seen = self.glance.whole()
        return replace(seen, findings=(*seen.findings, *self.rest.result(timeout=10)))

    @property
    def missing(self) -> tuple[str, ...]:
        return () if self.rest.done() else ("keys",)


def ahead_of(scene: WalkScene, work: CopyStep | None = None, channel: str = CHANNEL) -> LookAhead:
    submitting: Submitting = scene.sending.submitting
    if work is not None:
        submitting = replace(submitting, works={StepKind.COPY: work})
    return look_ahead(submitting, scene.walk.plan(scene.whole_form(), "UTC"), ANNA.user_id, channel)


def prospect_of(store: Store, clock: ManualClock, rule: Rule, *people: Person) -> Prospect:
    scene = make_walk_scene(store, clock, rule)
    scene.people.known = {person.user_id: person for person in people}
    return ahead_of(scene).whole()


def test_the_first_part_needs_only_what_is_known_soon_and_cannot_be_sent(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock)
    slow = Slow(scene.backups)
    ahead = ahead_of(scene, slow)

    first = ahead.first()

    assert (first.missing, first.is_whole, first.can_be_sent) == (("keys",), False, False)
    assert [one.able for one in first.asked] == [frozenset({"U0BEN", "U0CHRIS", "U0DORA"})]
    slow.rest.set_result((PASS,))
    whole = ahead.whole()
    assert PASS in whole.looks[0].findings
    assert (whole.missing, whole.is_whole, whole.can_be_sent) == ((), True, True)


@pytest.mark.parametrize(
    ("overriding", "overridable", "overruled", "is_sent"),
    [(True, True, 1, True), (True, False, 0, False), (False, True, 0, False)],
)
def test_only_what_the_rule_and_aws_let_be_overruled_can_be_sent(
    store: Store, clock: ManualClock, overriding: bool, overridable: bool, overruled: int, is_sent: bool
) -> None:
    scene = make_walk_scene(store, clock, Rule(("S0ADMINS",), override_findings=overriding))
    slow = Slow(scene.backups)
    slow.rest.set_result((replace(FAIL, overridable=overridable),))

    whole = ahead_of(scene, slow).whole()

    assert (whole.to_overrule, whole.can_be_sent) == (overruled, is_sent)


def test_a_silent_aws_is_no_prospect(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock)
    scene.backups.fail_next("point", BackupsThrottled("Rate exceeded"))

    with pytest.raises(BackupsThrottled):
        ahead_of(scene).first()


def test_each_stage_names_who_could_decide_and_who_could_not(store: Store, clock: ManualClock) -> None:
    rule = Rule(("U0BEN", "U0ANNA", "U0GUS"), then=(Stage(("U0ROBOT", "U0CHRIS")),))

    prospect = prospect_of(
        store,
        clock,
        rule,
        Person("U0GUS", HOME, is_guest=True),
        Person("U0ROBOT", HOME, is_bot=True),
    )

    assert [one.able for one in prospect.asked] == [frozenset({"U0BEN"}), frozenset({"U0CHRIS"})]
    assert [dict(one.unable) for one in prospect.asked] == [{"U0ANNA": OWN_REQUEST, "U0GUS": GUEST}, {"U0ROBOT": BOT}]
    assert prospect.can_be_sent


def test_nobody_but_the_asker_is_said_instead_of_sending(store: Store, clock: ManualClock) -> None:
    prospect = prospect_of(store, clock, Rule(("U0ANNA", "U0BEN")), Person("U0BEN", HOME, is_deactivated=True))

    assert prospect.problems[0].startswith("This needs 1 approval, and nobody besides you could give one.")
    assert dict(prospect.asked[0].unable) == {"U0ANNA": OWN_REQUEST, "U0BEN": DEACTIVATED}
    assert not prospect.can_be_sent


def test_people_for_break_glass_and_for_escalation_count_for_nothing(store: Store, clock: ManualClock) -> None:
    rule = Rule(("U0ANNA",), break_glass=("U0BEN",), escalate=Escalation(timedelta(hours=1), ("U0CHRIS",)))

    assert not prospect_of(store, clock, rule).can_be_sent


def test_who_may_not_ask_reads_it_before_sending(store: Store, clock: ManualClock) -> None:
    rule = Rule(("S0ADMINS",), askers=(("U0BEN", "S0DBA"),))

    prospect = prospect_of(store, clock, rule)

    assert prospect.problems == (MAY_NOT_ASK,)
    assert not prospect.can_be_sent
    assert prospect_of(store, clock, replace(rule, askers=(("U0ANNA",),))).can_be_sent


def test_an_empty_group_is_said_instead_of_sending(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock)
    scene.people.groups["S0ADMINS"] = frozenset()

    prospect = ahead_of(scene).whole()

    assert (prospect.asked[0].able, dict(prospect.asked[0].unable)) == (frozenset(), {})
    assert not prospect.can_be_sent


def test_no_rule_is_said_beside_what_was_found(store: Store, clock: ManualClock) -> None:
    prospect = prospect_of(store, clock, Rule(("S0ADMINS",), when=(("table", "users"),)))

    assert prospect.rule is None
    assert prospect.problems
    assert prospect.looks[0].findings


END = a_point().created_at + timedelta(days=90)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([END], "That copy ends about {last}, and this one would end then, too."),
        ([END, END + timedelta(days=30)], "The last of them ends about {last}, and this one would end before that"),
        ([END - timedelta(days=30)], ""),
        ([END, None], ""),
    ],
)
def test_another_copy_that_would_end_no_later_than_what_is_there_is_told(
    ends: list[datetime | None], said: str
) -> None:
    held = [Held(f"arn:{number}", end) for number, end in enumerate(ends)]

    sentence = already_there(some_params(keep=Keep.DAYS, days=90), held, []).sentence

    last = max(end for end in ends if end)
    assert said.format(last=f"{last:%b} {last.day}, {last.year} (UTC)") in sentence
    assert ("would end" in sentence) is bool(said)


def test_each_copy_that_is_there_is_linked_to_the_request_that_made_it() -> None:
    one, other = ("CB-1", "https://home.example/1"), ("CB-9", "https://home.example/9")
    finding = already_there(some_params(), [Held("arn:a"), Held("arn:b")], [])

    def told(threads: dict[str, tuple[str, str]]) -> str:
        return link_of(finding, some_params(), threads)

    first, second = "<https://home.example/1|CB-1>", "<https://home.example/9|CB-9>"
    assert told({"arn:a": one, "arn:b": other}) == f"`a` is from {first}. `b` is from {second}."
    assert told({"arn:a": one, "arn:b": one}) == f"They are from {first}."
    assert told({"arn:b": other}) == f"`b` is from {second}."


@pytest.mark.parametrize(("only_new", "level"), [(True, Level.FAIL), (False, Level.WARN)])
def test_a_copy_that_is_there_stands_in_the_way_unless_another_is_meant(only_new: bool, level: Level) -> None:
    going = Job("job-1", "copy", "RUNNING", point_arn=a_point().arn, destination=VAULT.arn)

    there = already_there(some_params(), [Held("arn:copy")], [], only_new=only_new)
    under_way = already_there(some_params(), [], [going], only_new=only_new)

    assert (there.code, there.level, there.links) == ("already-there", level, {"copy": "arn:copy"})
    assert (under_way.code, under_way.level, under_way.links) == ("under-way", level, {"copy job": "job-1"})
    assert there.overridable is only_new


def test_only_complete_copies_count() -> None:
    going = Job("j", "copy", "RUNNING", point_arn=a_point().arn, destination=VAULT.arn, copy_arn="arn:half")

    assert copies_there(some_params(), [Held("arn:half"), Held("arn:whole")], [going]) == 1


def test_whoever_approves_is_told_of_a_copy_made_since_and_the_start_is_not_held_up() -> None:
    def shown(number: object) -> dict[str, object]:
        return {AROUND: {COPIES: number}}

    assert len(changes(shown(0), shown(1), approving=True)) == 1
    assert changes(shown(0), shown(1)) == ()
    assert changes(shown(1), shown(0), approving=True) == ()
    assert changes(shown(None), shown(1), approving=True) == ()
    assert changes(shown(0), shown(None), approving=True) == ()


def test_what_a_finding_links_to_leads_to_our_own_request(store: Store, clock: ManualClock) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        known = tx.steps.made_by({"nobody's"})
    assert known == {}

    scene = make_walk_scene(store, clock)
    slow = Slow(scene.backups)
    slow.rest.set_result((replace(FAIL, links={"copy": "arn:ours"}),))
    _made(store, request.steps[0].id, "arn:ours")

    assert [found.id for found in ahead_of(scene, slow).whole().ours.values()] == [request.id]


def _made(store: Store, step_id: int, arn: str) -> None:
    with store.begin() as tx:
        change = StepChange(None, result_arn=arn)
        assert tx.steps.move(step_id, before=StepState.WAITING, after=StepState.WAITING, change=change)


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def test_buttons_change_the_form_and_nothing_else(scene: WalkScene) -> None:
    form = scene.whole_form(until="2027-01-01", keep="until")

    assert replace(copy_again(form), again=False) == form
    assert replace(back_up_first(form), backup_first=False, filled=0) == form
    kept = keep_days(form, 30)
    assert (kept.keep, kept.days, kept.until, kept.filled) == ("days", "30", "", 1)


def test_a_missing_vault_is_made_where_it_was_chosen(scene: WalkScene) -> None:
    form = scene.whole_form()

    made = make_vault(form, "backup", VAULT, "arn:key", needs_key=True)
    typed = make_vault(form, "backup", VAULT, "", needs_key=True)

    assert (made.vault, made.new_vault, made.key_arn, made.page) == ("", VAULT.name, "arn:key", form.page)
    assert typed.page == "destination"
    assert make_vault(form, "backup", replace(VAULT, account=BACKUP, name="other"), "k", needs_key=True) == form


def test_what_is_turned_on_or_made_elsewhere_by_a_button_leaves_all_else_as_it_was(scene: WalkScene) -> None:
    form = scene.whole_form(others=(Place("prod", "eu-west-1", "second"),))

    on = turn_on(turn_on(form, BACKUP, "eu-west-1"), BACKUP, "eu-west-1")
    made = other_vault(form, "prod", VaultRef("111111111111", "eu-west-1", "second"), "arn:key")

    assert replace(on, turned_on=()) == form
    assert on.turned_on == ((BACKUP, "eu-west-1"),)
    assert (made.account, made.new_vault, made.making, made.key_arn, made.page) == (
        "prod",
        "",
        True,
        "arn:key",
        "destination",
    )
    assert [place.vault for place in made.others] == [form.vault]
    assert other_vault(form, "prod", VaultRef("111111111111", "eu-west-1", "unknown"), "k") == form
