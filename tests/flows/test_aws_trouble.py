"""AWS that denies, throttles, answers late or loses its answer: at pre-flight, at the start and while a copy runs."""

from datetime import timedelta
from functools import partial

import pytest

from bot.aws.sessions import Patience
from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.aws.faults import Fault, Faults
from bot.sandbox.aws.jobs import CopyJob
from bot.sandbox.slack import BACKUPS
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.flows.conftest import MakeTeam
from tests.flows.team import Team

# Far below the 20 seconds of a slow answer, and above what the thirty reads of one look take side by side when the
# machine is busy: a look that times out is another story.
HASTY = Patience(connect_timeout=4, read_timeout=4, attempts=1, sweep_attempts=1)


@pytest.fixture
def faults(worlds: LocalWorlds) -> Faults:
    return worlds.aws.world.faults


def jobs_of(team: Team) -> dict[str, CopyJob]:
    return team.worlds.aws.world.state.books(PROD, "us-east-1").copy_jobs


def hide_jobs(team: Team) -> dict[str, CopyJob]:
    """Let AWS show no copy job any more; those that it showed, to be given back."""
    hidden = dict(jobs_of(team))
    jobs_of(team).clear()
    return hidden


def has_struck(fault: Fault, times: int) -> bool:
    return fault.hits >= times


def test_a_throttled_preflight_can_be_checked_again(team: Team, faults: Faults) -> None:
    throttled = faults.throttle("DescribeRecoveryPoint")
    walk = team.prepare("orders")
    assert "AWS is asked too often" in walk.text
    assert walk.view.submit_text is None

    throttled.lift()
    walk.person.press("Check again")

    walk.reads("Nothing stands in the way")
    assert walk.view.submit_text == "Send request"


def test_a_denied_look_at_the_destination_is_said_and_does_not_stop_the_copy(team: Team, faults: Faults) -> None:
    walk = team.walk().open("orders").backup().next().destination().next()
    faults.deny(BACKUP, "ListBackupVaults")
    walk.keep("As the source").why("needed").next().reviewed()

    assert "I could not see" in walk.text
    walk.send()

    walk.reads("is sent")
    team.ben.click(team.question(), "Approve")
    team.done()


def test_an_account_that_cannot_be_entered_is_named_on_the_first_page(team: Team, faults: Faults) -> None:
    team.walk().open("orders").person.close_modal()
    faults.deny(PROD, "ListBackupVaults")
    team.later(minutes=5)

    walk = team.walk().open("orders")

    walk.reads("could not be read")
    assert walk.value("Table") == "orders"


def test_a_slow_preflight_says_so_and_can_be_checked_again(make_team: MakeTeam, faults: Faults) -> None:
    team = make_team(patience=HASTY)
    slow = faults.slow("DescribeRecoveryPoint", seconds=20)
    walk = team.prepare("orders")
    assert "try again in a moment" in walk.text

    slow.lift()
    walk.person.press("Check again")

    walk.reads("Nothing stands in the way")


def test_a_preflight_that_fails_while_sending_leaves_the_draft_and_says_why(team: Team, faults: Faults) -> None:
    walk = team.prepare("orders")
    throttled = faults.throttle("DescribeRecoveryPoint")

    walk.send()

    walk.reads("AWS is asked too often")
    team.quiet()
    assert team.house.request_ids() == []

    throttled.lift()
    walk.person.press("Check again")
    walk.reads("Nothing stands in the way").send()
    walk.reads("is sent")
    assert team.house.request_ids() == ["CB-1"]


def test_a_denied_start_fails_at_once_with_what_to_do(team: Team, faults: Faults) -> None:
    faults.deny(PROD, "StartCopyJob")

    team.approved("orders")

    team.reads("The copy failed", "backup:StartCopyJob", "The bot's own role")
    team.becomes(RequestState.FAILED)
    assert team.jobs() == []
    assert len(team.aws_calls("StartCopyJob")) == 1


def test_a_throttled_start_is_told_once_and_tried_until_it_starts(team: Team, faults: Faults) -> None:
    team.clock.run_at(50)
    throttled = faults.throttle("StartCopyJob")

    team.approved("orders")

    team.reads("The copy has not started yet", "Rate exceeded")
    team.wait(lambda: throttled.hits >= 3, "three tries")
    throttled.lift()
    team.done()
    team.quiet()
    assert len(team.said("The copy has not started yet")) == 1
    assert len(team.jobs()) == 1
    assert len({call.params["IdempotencyToken"] for call in team.aws_calls("StartCopyJob")}) == 1


def test_a_start_that_aws_refuses_for_an_hour_is_given_up_and_can_be_tried_again(team: Team, faults: Faults) -> None:
    throttled = faults.throttle("StartCopyJob")
    team.approved("orders")
    team.reads("The copy has not started yet")
    team.clock.run_at(2_000)

    failed = team.reads("The copy failed", "Rate exceeded")
    throttled.lift()
    team.clock.run_at(1)
    team.ben.click(failed, "Try again")
    team.done()
    assert len(team.jobs()) == 1


@pytest.mark.parametrize("fault", ["lose_response", "lose_request"])
def test_a_start_without_an_answer_is_repeated_and_makes_one_job(team: Team, faults: Faults, fault: str) -> None:
    team.clock.run_at(50)
    getattr(faults, fault)("StartCopyJob")

    team.approved("orders")

    team.done()
    team.quiet()
    calls = team.aws_calls("StartCopyJob")
    assert [call.outcome for call in calls] == ["connection dropped", "OK"]
    assert calls[0].params == calls[1].params
    assert len(team.jobs()) == len(team.copies()) == 1


def test_a_copy_that_started_unheard_is_told_though_aws_refuses_the_repeat(team: Team, faults: Faults) -> None:
    team.worlds.aws.world.hold_next_copies()
    faults.lose_response("StartCopyJob")
    team.approved("orders")
    team.reads("The copy has not started yet")
    refused = faults.deny(PROD, "StartCopyJob")

    team.later(minutes=1)

    team.reads("The copy has started")
    assert refused.hits == 1
    team.worlds.aws.world.release_copies()
    team.later(minutes=5)
    team.done()
    assert team.said("The copy failed") == []
    assert len(team.jobs()) == 1


def test_a_start_that_takes_too_long_to_answer_makes_one_job(make_team: MakeTeam, faults: Faults) -> None:
    team = make_team(patience=HASTY)
    team.clock.run_at(50)
    slow = faults.slow("StartCopyJob", seconds=20, times=1)

    team.approved("orders")

    team.done()
    slow.lift()
    team.quiet()
    assert len(team.jobs()) == 1


@pytest.mark.parametrize("fault", ["throttle", "deny", "slow", "expire_token"])
def test_a_copy_that_cannot_be_watched_for_a_while_is_told_when_it_can(
    make_team: MakeTeam, faults: Faults, fault: str
) -> None:
    team = make_team(patience=HASTY)
    team.clock.run_at(10)
    trouble = {
        "throttle": lambda: faults.throttle("DescribeCopyJob"),
        "deny": lambda: faults.deny(PROD, "DescribeCopyJob"),
        "slow": lambda: faults.slow("DescribeCopyJob", seconds=20),
        "expire_token": lambda: faults.expire_token("DescribeCopyJob", times=3),
    }[fault]()

    team.approved("orders")
    team.wait(lambda: trouble.hits >= 2, "two looks in vain")
    assert team.said("The copy failed") == []
    trouble.lift()

    team.done()
    assert len(team.jobs()) == 1


def test_a_copy_that_cannot_be_read_afterwards_is_told_without_its_date(team: Team, faults: Faults) -> None:
    unreadable = faults.deny(BACKUP, "DescribeRecoveryPoint")

    team.approved("orders")

    team.done("AWS did not let me read the date yet")
    unreadable.lift()
    team.later(days=60)
    team.reads("from now")


def test_a_job_that_may_not_be_read_is_told_once_and_the_card_is_right_again(team: Team, faults: Faults) -> None:
    team.worlds.aws.world.hold_next_copies()
    team.approved("orders")
    team.reads("The copy has started")
    denied = faults.deny(PROD, "DescribeCopyJob")
    team.later(minutes=1)

    for looks in range(1, 5):
        team.wait(partial(has_struck, denied, looks), "a look in vain")
        team.later(minutes=10)

    team.reads("I cannot read the copy job", "backup:DescribeCopyJob", "Nothing is known to have failed")
    team.card_reads("AWS does not let me look")
    team.dora.command("/copy-backup status", BACKUPS)
    team.whispered(team.dora, "I cannot read 1 job in prod")
    team.dora.command("/copy-backup status CB-1", BACKUPS)
    team.whispered(team.dora, "AWS does not let me look")
    assert team.state() is RequestState.RUNNING
    denied.lift()
    team.later(minutes=10)
    team.card_reads("Copying")
    team.worlds.aws.world.release_copies()
    team.later(minutes=5)
    team.done()
    assert len(team.said("I cannot read the copy job")) == 1


def test_a_job_that_aws_does_not_show_is_waited_for_and_told_when_it_ends(team: Team) -> None:
    team.worlds.aws.world.hold_next_copies()
    team.approved("orders")
    team.reads("The copy has started")
    hidden = hide_jobs(team)

    team.later(minutes=1)
    team.later(minutes=30)

    team.reads("does not show it now", "Nothing is known to have failed")
    team.card_reads("AWS does not show the job now")
    assert team.state() is RequestState.RUNNING
    jobs_of(team).update(hidden)
    team.worlds.aws.world.release_copies()
    team.later(minutes=5)
    team.done()
    team.quiet()
    assert len(team.said("does not show it now")) == 1
    assert len(team.jobs()) == 1


def test_a_job_that_aws_has_forgotten_is_said_to_be_unknown(team: Team) -> None:
    team.worlds.aws.world.hold_next_copies()
    team.approved("orders")
    team.reads("The copy has started")
    hide_jobs(team)

    team.later(days=31)

    team.reads("How the copy ended is not known", "AWS has no record of copy job")


def test_a_fault_in_one_region_does_not_hold_up_the_others(team: Team, faults: Faults) -> None:
    team.clock.run_at(50)
    refused = faults.throttle("DescribeCopyJob", region="us-east-1")
    first = team.approved("orders")
    team.reads("The copy has started")
    second = team.pending("customers")

    team.ben.click(team.question(second), "Reject")
    team.ben.wait_for_modal("Reject the request")
    team.ben.fill("Reason", "No.")
    team.ben.submit()

    team.becomes(RequestState.REJECTED, second)
    refused.lift()
    team.becomes(RequestState.COMPLETED, first)


def test_the_intent_is_in_the_tables_before_aws_is_asked(make_team: MakeTeam, faults: Faults) -> None:
    team = make_team(patience=Patience(attempts=1, sweep_attempts=1, read_timeout=30))
    slow = faults.slow("StartCopyJob", seconds=20)

    team.approved("orders")
    team.wait(lambda: slow.hits, "the call to be under way")

    (step,) = team.house.request("CB-1").steps
    assert (step.state, step.external_id) == (StepState.STARTING, None)
    assert step.token
    slow.lift()
    team.done()
    assert team.house.request("CB-1").steps[0].token == step.token


def test_expired_credentials_are_asked_for_anew(team: Team, faults: Faults) -> None:
    faults.expire_token("StartCopyJob", times=1)
    team.clock.run_at(50)

    team.approved("orders")

    team.done()
    assert len(team.jobs()) == 1


def test_a_copy_that_ends_while_nobody_looks_is_told_with_its_own_times(team: Team) -> None:
    team.worlds.aws.world.job_timing(created=timedelta(0), running=timedelta(hours=3))
    team.approved("orders")
    team.reads("The copy has started")

    team.later(hours=9)

    team.done("Took: 3 h")
