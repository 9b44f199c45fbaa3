"""Sending: a draft becomes one request, or stays a draft with the reason why not."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text as sql

from bot.domain.approvals import Rule
from bot.domain.backups import Vault
from bot.domain.books import Store
from bot.domain.drafts import DraftState
from bot.domain.errors import (
    BackupsThrottled,
    BadInput,
    Gone,
    NotAllowed,
    OutletDoubtful,
    OutletRefused,
    OutsideError,
    PersonError,
)
from bot.domain.findings import Finding, Level
from bot.domain.notices import NoticeKind
from bot.domain.params import Params, StepKind
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.retention import Keep
from bot.domain.sentences import MAY_NOT_ASK
from bot.store.sql import SqlStore
from bot.workflows.requests import UNANSWERED
from bot.workflows.steps.copy import CopyGlance, CopyStep
from bot.workflows.steps.work import Look
from bot.workflows.submitting import NotSendable
from tests.contract.store_threads import at_once
from tests.unit.builders import (
    ANNA,
    BEN,
    CHANNEL,
    COPIES,
    MADE,
    MAIN,
    ROLE,
    USUAL,
    a_vault,
    an_air_gapped_vault,
    copy_of,
    notices_of,
)
from tests.unit.fakes import ManualClock
from tests.unit.walk_scene import REASON, WalkScene, make_walk_scene

THROTTLED = BackupsThrottled("Rate exceeded")


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def claimed(scene: WalkScene, **changes: object) -> WalkScene:
    """A draft that is on its way."""
    scene.begin(scene.whole_form(**changes))
    assert scene.sending.claim("draft-1", ANNA.user_id)
    return scene


def test_a_draft_becomes_a_request_with_its_card_and_question(scene: WalkScene) -> None:
    request = claimed(scene).sending.send("draft-1")

    step = request.steps[0]
    assert (request.state, request.requester, request.reason) == (RequestState.PENDING, ANNA, REASON)
    assert request.answer_by == scene.clock.now() + timedelta(hours=24)
    params = copy_of(step)
    assert (params.point.arn, params.destination, params.role_arn) == (scene.point.arn, COPIES, ROLE)
    assert step.next_poll_at is None
    assert [kind for kind, _ in notices_of(scene.store, scene.clock.now())] == [NoticeKind.CARD, NoticeKind.ASK]
    assert (scene.draft().state, scene.draft().request_id) == (DraftState.SENT, request.id)
    assert scene.nudges.names == ["relay"]


def test_what_is_sent_twice_is_one_request(scene: WalkScene) -> None:
    first = claimed(scene).sending.send("draft-1")

    assert scene.sending.send("draft-1").id == first.id
    assert not scene.sending.claim("draft-1", ANNA.user_id)
    assert len(notices_of(scene.store, scene.clock.now())) == 2


def test_two_presses_at_once_claim_a_draft_once(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())

    answers = at_once([lambda: scene.sending.claim("draft-1", ANNA.user_id)] * 4)

    assert sorted(answers) == [False, False, False, True]


def test_two_threads_that_send_the_same_draft_make_one_request(scene: WalkScene) -> None:
    claimed(scene)

    requests = at_once([lambda: scene.sending.send("draft-1")] * 3)

    assert len({request.id for request in requests}) == 1
    assert len(notices_of(scene.store, scene.clock.now())) == 2


def test_nobody_sends_the_draft_of_somebody_else(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())

    with pytest.raises(NotAllowed):
        scene.sending.claim("draft-1", BEN.user_id)
    assert scene.state() is DraftState.OPEN


def test_a_draft_that_nobody_claimed_is_not_sent(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())

    for draft_id in ("draft-1", "no-such-draft"):
        with pytest.raises(Gone):
            scene.sending.send(draft_id)


def lose_the_vault(scene: WalkScene) -> None:
    scene.backups.remove_vault(COPIES)


def lose_the_group(scene: WalkScene) -> None:
    scene.people.groups["S0ADMINS"] = frozenset()


def close_the_channels(scene: WalkScene) -> None:
    scene.people.closed |= {CHANNEL, USUAL}


def silence_aws(scene: WalkScene) -> None:
    scene.backups.fail_next("point", THROTTLED)


def silence_slack(scene: WalkScene) -> None:
    scene.people.silent = OutletDoubtful("time-out")


def refuse_the_group(scene: WalkScene) -> None:
    scene.people.silent = OutletRefused("no", code="no_such_subteam")


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (lose_the_vault, NotSendable),
        (lose_the_group, BadInput),
        (close_the_channels, BadInput),
        (refuse_the_group, BadInput),
        (silence_aws, OutsideError),
        (silence_slack, OutsideError),
    ],
)
def test_what_cannot_be_sent_stays_a_draft(
    scene: WalkScene, trouble: Callable[[WalkScene], None], error: type[Exception]
) -> None:
    trouble(claimed(scene))

    with pytest.raises(error):
        scene.sending.send("draft-1")

    assert scene.state() is DraftState.OPEN
    assert notices_of(scene.store, scene.clock.now()) == []


@pytest.mark.parametrize(
    ("overriding", "overridable", "is_sent"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_rule_lets_approvers_overrule_a_judgement_but_not_what_aws_cannot_do(
    store: Store, clock: ManualClock, overriding: bool, overridable: bool, is_sent: bool
) -> None:
    class Objecting(CopyStep):
        def begin(self, params: Params, now: datetime) -> CopyGlance:
            def complete(seen: Look) -> Look:
                problem = Finding("trouble", Level.FAIL, "This would fail.", overridable=overridable)
                return replace(seen, findings=(*seen.findings, problem))

            return replace(super().begin(params, now), complete=complete)

    scene = claimed(make_walk_scene(store, clock, Rule(("S0ADMINS",), override_findings=overriding)))
    works = {StepKind.COPY: Objecting(scene.backups)}
    sending = replace(scene.sending, submitting=replace(scene.sending.submitting, works=works))

    with nullcontext() if is_sent else pytest.raises(NotSendable):
        sending.send("draft-1")

    assert scene.state() is (DraftState.SENT if is_sent else DraftState.OPEN)


def test_what_stands_in_the_way_is_told_with_its_remedy(scene: WalkScene) -> None:
    claimed(scene).backups.add_vault(a_vault(COPIES, most=30))

    with pytest.raises(NotSendable) as refusal:
        scene.sending.send("draft-1")

    assert refusal.value.sentence == (
        "The vault keeps copies at most 30 days; this choice comes to 90 days. "
        "Keep the copy 30 days (counted from the backup's creation), or choose another vault."
    )


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (Rule(("U0ANNA",)), "This needs 1 approval, and nobody besides you could give one."),
        (Rule(("U0BEN",), needed=2), "This needs 2 approvals, and only 1 person besides you could give one."),
        (
            Rule(("S0ADMINS", "U0ANNA"), needed=4),
            "This needs 4 approvals, and only 3 people besides you could give one.",
        ),
        (
            Rule(("S0ADMINS", "U0ANNA"), needed=5, allow_self=True),
            "This needs 5 approvals, and only 4 people could give one.",
        ),
    ],
)
def test_a_request_that_nobody_could_approve_is_not_sent(
    store: Store, clock: ManualClock, rule: Rule, sentence: str
) -> None:
    scene = claimed(make_walk_scene(store, clock, rule))

    with pytest.raises(BadInput) as refusal:
        scene.sending.send("draft-1")

    assert refusal.value.sentence.startswith(sentence)


def test_who_may_not_ask_sends_nothing_and_keeps_what_was_typed(store: Store, clock: ManualClock) -> None:
    scene = claimed(make_walk_scene(store, clock, Rule(("S0ADMINS",), askers=(("U0BEN",),))))

    with pytest.raises(BadInput) as refusal:
        scene.sending.send("draft-1")

    assert (refusal.value.field, refusal.value.sentence) == ("askers", MAY_NOT_ASK)
    assert (scene.state(), scene.draft().form.reason) == (DraftState.OPEN, REASON)
    assert notices_of(scene.store, scene.clock.now()) == []


LOCKS_LATER = Vault(COPIES, locked=True, lock_date=MADE + timedelta(days=100), min_days=7, max_days=3_650)


@pytest.mark.parametrize(
    ("vault", "form", "who"),
    [
        (a_vault(COPIES, least=7), {}, "S0ADMINS"),
        (LOCKS_LATER, {}, "S0SEC"),
        (an_air_gapped_vault(), {}, "S0SEC"),
        (a_vault(COPIES), {"days": "36500"}, "S0SEC"),
        (a_vault(COPIES), {"keep": Keep.CENTURY, "days": ""}, "S0SEC"),
    ],
    ids=["governance", "compliance", "air-gapped", "100-years-typed", "100-years"],
)
def test_what_cannot_be_undone_is_decided_by_a_rule_of_its_own(
    store: Store, clock: ManualClock, vault: Vault, form: dict[str, object], who: str
) -> None:
    strict = Rule(("S0SEC",), needed=2, when=(("irreversible", "true"),))
    scene = make_walk_scene(store, clock, strict, Rule(("S0ADMINS",)))
    scene.people.groups["S0SEC"] = frozenset({"U0BEN", "U0CHRIS"})
    scene.backups.add_vault(vault)
    scene.inventory.refresh()

    ruling = claimed(scene, **form).sending.send("draft-1").ruling

    assert (ruling.approvers, ruling.needed) == ((who,), 2 if who == "S0SEC" else 1)


def test_one_who_may_approve_alone_is_enough_where_the_rule_allows_it(store: Store, clock: ManualClock) -> None:
    scene = claimed(make_walk_scene(store, clock, Rule(("U0ANNA",), allow_self=True)))

    assert scene.sending.send("draft-1").ruling.allow_self


def test_a_request_goes_to_the_usual_channel_when_the_bot_is_not_here(scene: WalkScene) -> None:
    scene.people.closed.add(CHANNEL)

    assert claimed(scene).sending.send("draft-1").channel == USUAL


def test_without_a_usual_channel_the_person_is_told_to_invite_the_bot(store: Store, clock: ManualClock) -> None:
    scene = make_walk_scene(store, clock, channel=None)
    scene.people.closed.add(CHANNEL)

    with pytest.raises(BadInput, match="Invite me with `/invite`"):
        claimed(scene).sending.send("draft-1")


def test_a_copy_that_no_rule_covers_is_not_sent(store: Store, clock: ManualClock) -> None:
    scene = claimed(make_walk_scene(store, clock, Rule(("S0ADMINS",), when=(("table", "users"),))))

    with pytest.raises(PersonError, match="No approval rule covers this"):
        scene.sending.send("draft-1")


def test_a_draft_that_a_crash_interrupted_is_finished_by_the_sweep(scene: WalkScene) -> None:
    claimed(scene)

    assert scene.sending.finish_stuck(_unexpected) == 0
    scene.clock.pass_(minutes=2)
    assert scene.sending.finish_stuck(_unexpected) == 1

    assert scene.state() is DraftState.SENT
    assert scene.sending.finish_stuck(_unexpected) == 0


def test_a_stuck_draft_that_cannot_be_sent_is_told_and_reopened(scene: WalkScene) -> None:
    lose_the_vault(claimed(scene))
    scene.clock.pass_(minutes=2)
    told: list[str] = []

    scene.sending.finish_stuck(lambda _, request, sentence: told.append(sentence))

    assert scene.state() is DraftState.OPEN
    assert [sentence.startswith("There is no vault copies") for sentence in told] == [True]


def test_a_stuck_draft_of_another_version_is_told_and_holds_up_no_other(scene: WalkScene) -> None:
    claimed(scene)
    assert isinstance(scene.store, SqlStore)
    with scene.store._engine.begin() as connection:
        connection.execute(sql("UPDATE drafts SET form = :form"), {"form": '{"page": "a page that nobody knows"}'})
    scene.begin(scene.whole_form(), "draft-2")
    assert scene.sending.claim("draft-2", ANNA.user_id)
    scene.clock.pass_(minutes=2)
    told: list[tuple[str, bool, str]] = []

    scene.sending.finish_stuck(lambda draft, request, sentence: told.append((draft.id, request is None, sentence)))

    assert sorted(told) == [
        ("draft-1", True, "This form is not being sent any more. Type `/copy-backup` again."),
        ("draft-2", False, ""),
    ]
    scene.clock.pass_(minutes=2)
    assert scene.sending.finish_stuck(_unexpected) == 0


def test_a_stuck_draft_that_meets_silence_is_told_and_holds_up_no_other(scene: WalkScene) -> None:
    claimed(scene)
    scene.begin(scene.whole_form(), "draft-2")
    scene.clock.pass_(seconds=1)
    assert scene.sending.claim("draft-2", ANNA.user_id)
    silence_aws(scene)
    scene.clock.pass_(minutes=2)
    told: list[str] = []

    assert scene.sending.finish_stuck(lambda _, request, sentence: told.append(sentence)) == 2

    assert sorted(told) == ["", UNANSWERED]
    assert sorted([scene.draft("draft-1").state, scene.draft("draft-2").state]) == [DraftState.OPEN, DraftState.SENT]


def test_a_draft_is_forgotten_after_a_week_unless_it_is_being_sent(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(), "draft-2")
    claimed(scene)
    scene.clock.pass_(days=7, seconds=1)

    assert scene.sending.forget_old() == 1
    assert scene.state() is DraftState.SENDING


def test_the_request_keeps_where_its_copy_comes_from(scene: WalkScene) -> None:
    request = claimed(scene).sending.send("draft-1")

    assert copy_of(request.steps[0]).point.vault == MAIN
    assert copy_of(request.steps[0]).point == scene.backups.point(MAIN, scene.point.arn)


def _unexpected(draft: object, request: CopyRequest | None, sentence: str) -> None:
    """Only good news is expected."""
    assert (request is not None, sentence) == (True, "")
