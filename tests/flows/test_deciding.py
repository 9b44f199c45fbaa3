"""Deciding in the thread: who may, what counts, what a late or a double click does, what a retry starts."""

import threading
from collections.abc import Callable

import pytest

from bot.domain.requests import RequestState, Verdict
from bot.sandbox.slack import BACKUP_ADMINS, BACKUPS, Answer, Person
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN
from tests.flows.team import Team

TWO_NEEDED = LEAN.replace("needed: 1", "needed: 2")
SELF_ALLOWED = LEAN.replace("needed: 1", "needed: 1\n    allow_self: true").replace(
    "[S0BKPADMINS]", "[S0BKPADMINS, U0ANNA00001]"
)


def at_once(*clicks: Callable[[], Answer]) -> list[Answer]:
    """Let all of these happen at the same moment, each in a thread of its own."""
    barrier, answers = threading.Barrier(len(clicks)), []

    def run(click: Callable[[], Answer]) -> None:
        barrier.wait()
        answers.append(click())

    threads = [threading.Thread(target=run, args=(click,)) for click in clicks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refusals(team: Team, request_id: str = "CB-1") -> list[tuple[str, str]]:
    """Who was refused, and what they were told, as the history has it."""
    found = [event for event in team.house.history(request_id) if event.what == "click refused"]
    return [(event.actor.user_id if event.actor else "", event.detail) for event in found]


def test_card_and_question_stand_where_the_command_was_typed(team: Team) -> None:
    team.pending("orders")

    card, question = team.card(), team.question()
    assert (card.channel, card.thread_ts) == (BACKUPS, None)
    assert question.thread_ts == card.ts
    assert "@Anna" in team.text(card)
    assert "@backup-admins" in team.text(question)
    assert team.ben.confirm_of("Approve", question)


def test_saying_no_in_the_confirm_dialog_decides_nothing(team: Team) -> None:
    team.pending("orders")

    answer = team.ben.click(team.question(), "Approve", confirm=False)

    assert not answer.sent
    assert team.state() is RequestState.PENDING


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("anna", "You asked for this, so somebody else has to decide about it."),
        ("dora", "You are not one of the approvers of this request."),
        ("gus", f"Guests cannot decide about a request. Ask <!subteam^{BACKUP_ADMINS}>."),
    ],
)
def test_whoever_may_not_approve_is_told_so_in_private_and_in_the_history(team: Team, who: str, told: str) -> None:
    person: Person = getattr(team, who)
    team.pending("orders")

    team.ben.click(team.question(), "Approve", confirm=False)
    person.click(team.question(), "Approve")

    # The client shows the group by its name.
    whisper = team.whispered(person, told.partition("<!")[0])
    team.quiet()
    assert (whisper.ephemeral_to, whisper.thread_ts) == (person.id, team.card().ts)
    assert [one for one in person.ephemerals if one.thread_ts] == [whisper]
    assert refusals(team) == [(person.id, f"approve: {told}")]
    assert team.state() is RequestState.PENDING
    assert team.jobs() == []


def test_a_person_of_another_organization_cannot_approve(team: Team) -> None:
    team.pending("orders")
    team.worlds.slack.directory.join(BACKUPS, team.pia.id)

    team.pia.click(team.question(), "Approve")

    team.whispered(team.pia, "Only people of the workspace that owns this bot")
    team.quiet()
    assert [who for who, _ in refusals(team)] == [team.pia.id]
    assert team.state() is RequestState.PENDING


def test_somebody_who_left_the_approvers_can_approve_no_more(team: Team) -> None:
    team.pending("orders")
    team.worlds.slack.directory.set_group_members(BACKUP_ADMINS, team.chris.id)
    team.later(seconds=10)

    team.ben.click(team.question(), "Approve")

    team.whispered(team.ben, "not one of the approvers")
    assert team.state() is RequestState.PENDING


def test_a_rejection_needs_a_reason_and_tells_it(bot_over: Team) -> None:
    team = bot_over
    team.pending("orders")

    team.ben.click(team.question(), "Reject")
    team.ben.wait_for_modal("Reject the request")
    team.ben.fill("Reason", "   ")
    assert set(team.ben.submit().errors) == {"note"}
    team.ben.fill("Reason", "Use last week's copy instead.")
    assert team.ben.submit().outcome == "closed"

    told = team.reads("Ben rejected CB-1", "Use last week's copy instead.")
    assert told.thread_ts == team.card().ts
    team.card_reads("Rejected")
    team.question_reads("Rejected")
    assert team.question().buttons == []
    assert (team.state(), team.jobs()) == (RequestState.REJECTED, [])


def test_a_bystander_is_refused_before_being_asked_for_a_reason(team: Team) -> None:
    team.pending("orders")

    team.dora.click(team.question(), "Reject")

    team.whispered(team.dora, "You are not one of the approvers")
    assert team.dora.modal is None
    assert [who for who, _ in refusals(team)] == [team.dora.id]


def test_a_reason_that_comes_too_late_rejects_nothing(team: Team) -> None:
    team.pending("orders")
    team.chris.click(team.question(), "Reject")
    team.chris.wait_for_modal("Reject the request")
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)

    team.chris.fill("Reason", "Wait!")
    team.chris.submit()

    team.whispered(team.chris, "your click changed nothing")
    assert team.state() is RequestState.COMPLETED


def test_two_approvers_at_the_same_moment_make_one_decision(bot_over: Team) -> None:
    team = bot_over
    team.pending("orders")
    question = team.question()

    answers = at_once(lambda: team.ben.click(question, "Approve"), lambda: team.chris.click(question, "Approve"))

    assert all(answer.ok for answer in answers)
    team.reads("The copy has completed")
    team.quiet()
    (decision,) = team.house.request("CB-1").decisions
    loser = team.chris if decision.actor.user_id == team.ben.id else team.ben
    team.whispered(loser, "your click changed nothing")
    assert len(team.jobs()) == 1
    assert len(team.said("approved CB-1")) == 1


def test_approve_and_cancel_at_the_same_moment_make_one_decision(team: Team) -> None:
    team.pending("orders")
    question = team.question()

    at_once(lambda: team.ben.click(question, "Approve"), lambda: team.anna.click(question, "Cancel request"))

    team.wait(lambda: team.state() in (RequestState.COMPLETED, RequestState.CANCELLED), "one decision")
    team.quiet()
    expected = 1 if team.state() is RequestState.COMPLETED else 0
    assert len(team.jobs()) == expected
    assert len(team.said("approved CB-1")) + len(team.said("cancelled CB-1")) == 1


def test_a_triple_click_approves_once(team: Team) -> None:
    team.pending("orders")
    question = team.question()

    at_once(*[lambda: team.ben.click(question, "Approve")] * 3)

    team.reads("The copy has completed")
    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("approved CB-1")) == 1
    assert len(team.house.request("CB-1").decisions) == 1


def test_a_click_that_slack_delivers_twice_counts_once_and_tells_nobody_off(bot_over: Team) -> None:
    team = bot_over
    team.pending("orders")
    team.worlds.slack.faults.deliver_twice()

    team.ben.click(team.question(), "Approve")

    team.reads("The copy has completed")
    team.quiet()
    assert len(team.said("approved CB-1")) == 1
    assert team.whispers(team.ben) == []
    assert refusals(team) == []


def test_where_two_are_needed_the_first_approval_starts_nothing(make_team: MakeTeam) -> None:
    team = make_team(config=TWO_NEEDED)
    team.pending("orders")

    team.ben.click(team.question(), "Approve")
    team.reads("Ben approved CB-1 (1 of 2)", "More approvals are needed")
    team.card_reads("1 of 2 approvals")
    team.question_reads("1 missing")
    assert team.jobs() == []

    team.ben.click(team.question(), "Approve")
    team.whispered(team.ben, "You have decided about this request already.")
    assert team.state() is RequestState.PENDING

    team.chris.click(team.question(), "Approve")
    team.reads("Chris approved CB-1 (2 of 2)")
    team.reads("The copy has completed")
    assert len(team.jobs()) == 1


def test_two_needed_approvals_at_the_same_moment_both_count(make_team: MakeTeam) -> None:
    team = make_team(config=TWO_NEEDED)
    team.pending("orders")
    question = team.question()

    at_once(lambda: team.ben.click(question, "Approve"), lambda: team.chris.click(question, "Approve"))

    # Both clicks were valid, but whoever came second met a request that had just moved on and may press again.
    for person in (team.ben, team.chris):
        if person.id not in {decision.actor.user_id for decision in team.house.request("CB-1").decisions}:
            person.click(team.question(), "Approve")
    team.reads("The copy has completed")
    assert {decision.verdict for decision in team.house.request("CB-1").decisions} == {Verdict.APPROVE}
    assert len(team.jobs()) == 1


def test_the_requester_may_approve_where_the_rule_says_so(make_team: MakeTeam) -> None:
    team = make_team(config=SELF_ALLOWED)
    team.pending("orders")

    team.anna.click(team.question(), "Approve")

    team.reads("Anna approved CB-1")


def test_only_the_requester_can_cancel(team: Team) -> None:
    team.pending("orders")

    team.ben.click(team.question(), "Cancel request")
    team.whispered(team.ben, "Only the person who asked can cancel a request.")
    assert team.state() is RequestState.PENDING

    team.anna.click(team.question(), "Cancel request")
    team.reads("Anna cancelled CB-1")
    team.card_reads("Cancelled")
    assert (team.state(), team.jobs(), team.question().buttons) == (RequestState.CANCELLED, [], [])


def test_a_request_that_nobody_answers_lapses(team: Team) -> None:
    team.pending("orders")

    team.later(hours=8)

    team.reads("Nobody answered CB-1", "@Anna")
    team.card_reads("Lapsed")
    team.quiet()
    assert (team.state(), team.jobs(), team.question().buttons) == (RequestState.LAPSED, [], [])
    assert [event.actor for event in team.house.history("CB-1") if event.what == "lapse"] == [None]


def test_a_click_after_the_end_of_the_answering_time_changes_nothing(team: Team) -> None:
    team.pending("orders")
    question = team.question()
    team.later(hours=8)

    team.ben.click(question, "Approve")

    told = team.wait(lambda: team.whispers(team.ben), "Ben to be told")
    assert "passed" in told[0] or "lapsed" in told[0]
    team.becomes(RequestState.LAPSED)
    assert team.jobs() == []


def test_a_late_click_changes_nothing_and_is_answered_in_private(team: Team) -> None:
    team.pending("orders")
    old = team.question()
    team.ben.click(old, "Approve")
    team.reads("The copy has completed")
    team.quiet()
    before = [team.text(message) for message in team.messages()]

    team.chris.click(old, "Approve")
    team.whispered(team.chris, "your click changed nothing")
    team.anna.click(old, "Cancel request")
    team.whispered(team.anna, "your click changed nothing")
    team.dora.click(old, "Reject")
    team.whispered(team.dora, "your click changed nothing")

    team.quiet()
    assert [team.text(message) for message in team.messages()] == before
    assert len(team.jobs()) == 1


def test_a_failed_copy_is_tried_again_as_a_new_job_under_the_same_approval(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("Too many copy jobs running in the account.", "CONCURRENT_JOB")
    team.approved("orders")
    failed = team.reads("The copy failed", "Too many copy jobs running", "Retry when the running jobs")
    team.card_reads("Failed")

    team.anna.click(failed, "Try again")

    team.reads("Anna has CB-1 tried again, under the same approval.")
    team.loses_its_buttons(failed)
    team.reads("The copy has completed")
    team.quiet()
    first, second = team.jobs()
    assert (first["State"], second["State"]) == ("FAILED", "COMPLETED")
    assert first["CopyJobId"] != second["CopyJobId"]
    tokens = [call.params["IdempotencyToken"] for call in team.aws_calls("StartCopyJob")]
    assert len(set(tokens)) == 2
    assert len(team.house.request("CB-1").decisions) == 1
    assert team.state() is RequestState.COMPLETED


def test_trying_again_twice_starts_one_new_job(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("Fatal error.", "FATAL_ERROR")
    team.approved("orders")
    failed = team.reads("The copy failed")

    at_once(lambda: team.anna.click(failed, "Try again"), lambda: team.ben.click(failed, "Try again"))

    team.becomes(RequestState.COMPLETED)
    team.quiet()
    assert len(team.jobs()) == 2
    assert len(team.said("tried again")) == 1


def test_a_bystander_cannot_have_a_failed_copy_tried_again(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("Fatal error.", "FATAL_ERROR")
    team.approved("orders")
    failed = team.reads("The copy failed")

    team.dora.click(failed, "Try again")

    team.whispered(team.dora, "You are not one of the approvers")
    assert (team.state(), len(team.jobs())) == (RequestState.FAILED, 1)
