"""A bot that ends at any point and is started again on the same database goes on where it was, once."""

import threading
from datetime import timedelta

import pytest

from bot.domain.books import StepChange
from bot.domain.drafts import DraftState, Form, Page
from bot.domain.notices import NewNotice, NoticeKind
from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.domain.steps import StepState
from tests.contract.store_postgres import fresh_database, server_url
from tests.flows.conftest import MakeTeam
from tests.flows.house import House
from tests.flows.team import EU, REASON, Team


def test_a_pending_request_can_be_approved_after_a_restart(bot_over: Team) -> None:
    team = bot_over
    team.pending("orders")
    before = team.question()

    team.house.restart()
    team.ben.click(before, "Approve")

    team.done()
    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("asks to copy")) == 1


def test_a_request_that_was_approved_while_the_bot_was_away_is_told_so_by_slack_and_still_pending(team: Team) -> None:
    team.pending("orders")
    team.house.stop()

    answer = team.ben.click(team.question(), "Approve")
    assert not answer.ok

    team.house.start()
    team.ben.click(team.question(), "Approve")
    team.done()


def test_a_request_lapses_although_the_bot_was_away_when_its_time_ended(team: Team) -> None:
    team.pending("orders")
    team.house.stop()
    team.later(hours=9)

    team.house.start()

    team.reads("Nobody answered CB-1")
    assert team.jobs() == []


def test_a_copy_that_runs_is_watched_on_after_a_restart(team: Team) -> None:
    team.worlds.aws.world.hold_next_copies()
    team.approved("orders")
    team.reads("The copy has started")

    team.house.stop()
    team.worlds.aws.world.release_copies()
    team.later(minutes=10)
    team.house.start()

    team.done()
    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("The copy has started")) == 1


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_start_that_nobody_heard_the_end_of_makes_one_job(team: Team, took_effect: bool) -> None:
    world = team.worlds.aws.world
    lost = world.faults.lose_response("StartCopyJob", times=None) if took_effect else None
    lost = lost or world.faults.lose_request("StartCopyJob", times=None)
    team.approved("orders")
    team.wait(lambda: lost.hits, "a call without an answer")
    team.house.stop()
    assert team.house.request("CB-1").steps[0].state is StepState.STARTING
    assert len(team.jobs()) == (1 if took_effect else 0)

    lost.lift()
    team.later(minutes=10)
    team.house.start()

    team.done()
    team.quiet()
    assert len(team.jobs()) == 1
    assert len({call.params["IdempotencyToken"] for call in team.aws_calls("StartCopyJob")}) == 1


def test_a_step_whose_bot_was_killed_between_the_intent_and_the_call_is_started_once(team: Team) -> None:
    fault = team.worlds.aws.world.faults.throttle("DescribeRecoveryPoint")
    team_approves_in_vain(team)
    team.house.stop()
    fault.lift()
    (step,) = team.house.request("CB-1").steps
    with team.house.store.begin() as tx:
        change = StepChange(next_poll_at=team.clock.now() + timedelta(minutes=5), tries=1)
        assert tx.steps.move(step.id, before=StepState.WAITING, after=StepState.STARTING, change=change)
    team.later(minutes=6)

    team.house.start()

    team.done()
    assert len(team.jobs()) == 1
    assert team.aws_calls("StartCopyJob")[0].params["IdempotencyToken"] == step.token


def team_approves_in_vain(team: Team) -> None:
    """Anna's request is sent before AWS fails, so its draft goes through; the approved step then cannot start."""
    team.worlds.aws.world.faults.clear()
    team.pending("orders")
    team.worlds.aws.world.faults.throttle("DescribeRecoveryPoint")
    team.ben.click(team.question(), "Approve")
    team.reads("The copy has not started yet")
    team.worlds.aws.world.faults.clear()
    team.worlds.aws.world.faults.throttle("DescribeRecoveryPoint")


def test_notices_that_were_not_sent_are_delivered_once_after_a_restart(team: Team) -> None:
    team.pending("orders")
    team.quiet()
    slack = team.worlds.slack
    slack.faults.fail_before("chat.postMessage", 1_000)
    slack.faults.fail_before("chat.update", 1_000)
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)
    team.house.stop()
    slack.faults.clear()
    assert team.said("The copy has started") == []

    team.later(minutes=5)
    team.house.start()

    team.done()
    team.quiet()
    for words in ("approved CB-1", "The copy has started", "The copy has completed"):
        assert len(team.said(words)) == 1, words
    team.card_reads("Completed")


def test_a_notice_that_was_posted_by_a_bot_that_died_is_not_posted_again(team: Team) -> None:
    team.pending("orders")
    team.quiet()
    slack = team.worlds.slack
    slack.faults.fail_after("chat.postMessage", 1)
    team.later(seconds=1)
    with team.house.store.begin() as tx:
        tx.outbox.write(said("CB-1", "first", team))
    team.wait(lambda: team.said("sentence first"), "the message that was posted")
    team.house.stop()

    team.later(minutes=2)
    team.house.start()

    team.quiet()
    assert len(team.said("sentence first")) == 1


def said(request_id: str, words: str, team: Team) -> NewNotice:
    """A notice that says something of its own in the thread."""
    return NewNotice(
        request_id=request_id,
        kind=NoticeKind.DELAYED,
        dedup_key=f"{request_id}:test:{words}",
        channel=team.card().channel,
        due_at=team.clock.now(),
        facts={"message": f"sentence {words}"},
    )


def test_a_draft_whose_sending_was_interrupted_is_finished(team: Team) -> None:
    walk = team.prepare("orders")
    draft_id = walk.view.private_metadata
    with team.house.store.begin() as tx:
        due = team.clock.now() + timedelta(minutes=1)
        assert tx.drafts.move(draft_id, before=DraftState.OPEN, after=DraftState.SENDING, due_at=due)
    team.house.stop()
    team.later(minutes=2)

    team.house.start()

    team.ben.click(team.question(), "Approve")
    team.done()
    assert team.house.request_ids() == ["CB-1"]


def test_an_interrupted_draft_that_cannot_be_sent_any_more_is_told(team: Team) -> None:
    form = Form(page=Page.REVIEW, account="backup", region=EU, vault="no-such-vault", keep=Keep.CENTURY, reason=REASON)

    team.leave_half_sent("orders", form)

    team.whispered(team.anna, "Your copy request was not sent.")
    assert team.house.request_ids() == []


def test_a_walk_goes_on_in_the_same_modal_after_a_restart(bot_over: Team) -> None:
    walk = bot_over.walk().open("orders").backup().next().destination()

    bot_over.house.restart()

    walk.next().keep("As the source").why("The walk survived.").next().send()
    walk.reads("is sent")
    assert "The walk survived." in bot_over.text(bot_over.question())


def test_a_click_that_was_written_down_and_never_judged_counts_after_a_restart(team: Team) -> None:
    team.pending("orders")
    team.worlds.slack.faults.fail_before("usergroups.users.list", 1_000)
    team.ben.click(team.question(), "Approve")
    team.wait(lambda: not team.house.is_quiet(), "a click that waits")
    team.house.stop()
    team.worlds.slack.faults.clear()
    team.later(minutes=2)

    team.house.start()

    team.done()
    assert [decision.actor.user_id for decision in team.house.request("CB-1").decisions] == [team.ben.id]


def test_expiry_notices_come_once_although_the_bot_was_away(team: Team) -> None:
    team.copied("orders")
    team.house.stop()
    team.later(days=60)

    team.house.start()
    team.reads("from now")
    team.house.restart()
    team.quiet()

    assert len(team.said("from now")) == 1


def test_a_bot_can_be_closed_in_the_middle_of_everything_and_leaves_no_thread_behind(make_team: MakeTeam) -> None:
    team = make_team(http=False)
    team.worlds.aws.world.hold_next_copies()
    team.approved("orders")

    team.house.stop()

    names = {thread.name.split("_")[0] for thread in threading.enumerate() if not thread.daemon}
    assert not {name for name in names if name.startswith(("listener", "inventory", "vault-reader", "APScheduler"))}


def test_two_bots_on_one_database_make_one_copy_and_say_everything_once(make_team: MakeTeam) -> None:
    with fresh_database(server_url()) as url:
        team = make_team(database_url=url)
        second = House(team.worlds, http=False, database_url=url)
        second.start()
        try:
            team.worlds.slack.deliver_to(None)
            team.copied("orders")
            team.quiet()
        finally:
            second.shut()
        assert len(team.jobs()) == 1
        for words in ("asks to copy", "approved CB-1", "The copy has started", "The copy has completed"):
            assert len(team.said(words)) == 1, words
        team.house.shut()
