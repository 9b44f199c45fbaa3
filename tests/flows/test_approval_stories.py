"""Approval as people live it: break-glass, stages, reminders, help, lapsing and asking again, changes, comments."""

import threading
from dataclasses import replace

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.aws.records import Lifecycle
from bot.sandbox.slack import BACKUP_ADMINS, BEN, CHRIS, DORA, PARTNER_OPS, Member, Message, Person, Usergroup
from bot.sandbox.slack.ids import TEAM
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN
from tests.flows.team import EU, US, Team

DBAS, HELPERS, EVE = "S0DBAS00001", "S0HELPERS01", "U0EVE000001"
RULE = f"  - approvers: [{BACKUP_ADMINS}]\n    needed: 1\n    expires_after: 8h\n"


def ruled(more: str, rule: str = RULE) -> str:
    """The configuration with another rule, or the usual one with more lines."""
    assert RULE in LEAN
    return LEAN.replace(RULE, rule + more)


GLASS = ruled(f"    break_glass: {{by: [{DORA}, {BEN}]}}\n")
CALLING = ruled(f"    remind: 30m\n    escalate: {{after: 2h, to: [{HELPERS}]}}\n")
STAGES = ruled(
    "",
    "  - expires_after: 8h\n    stages:\n"
    f"      - {{approvers: [{DBAS}], needed: 1}}\n      - {{approvers: [{BACKUP_ADMINS}], needed: 2}}\n",
)


def with_groups(team: Team) -> Team:
    """Eve is a colleague; the DBAs are Ben and Eve, the helpers Dora."""
    directory = team.worlds.slack.directory
    directory.add_person(Member(id=EVE, name="eve", real_name="Eve", team_id=TEAM))
    directory.join("C0BACKUPS01", EVE)
    directory.add_usergroup(Usergroup(id=DBAS, handle="dbas", name="DBAs", users=(BEN, EVE)))
    directory.add_usergroup(Usergroup(id=HELPERS, handle="helpers", name="Helpers", users=(DORA,)))
    return team


def eve(team: Team) -> Person:
    return team.worlds.slack.person(EVE)


def what(team: Team, request_id: str = "CB-1") -> list[str]:
    """What the history has, without the refused clicks."""
    return [event.what for event in team.house.history(request_id) if event.what != "click refused"]


def refused(team: Team, person: Person) -> list[str]:
    events = [event for event in team.house.history("CB-1") if event.what == "click refused"]
    return [event.detail for event in events if event.actor and event.actor.user_id == person.id]


def shorten_the_source(team: Team) -> None:
    """Somebody shortens how long the source backup is kept."""
    points = team.worlds.aws.world.state.books(PROD, US).vaults["daily"].points
    point = points[team.newest_backup()]
    point.lifecycle = Lifecycle(delete_after=45)


def fill_glass(person: Person, reason: str, confirmation: str) -> None:
    person.fill("Reason", reason)
    person.fill("Type CB-1 to confirm", confirmation)


def test_the_glass_is_broken_only_with_a_reason_and_the_requests_id_typed(make_team: MakeTeam) -> None:
    team = make_team(config=GLASS)
    team.pending("orders")

    team.dora.click(team.question(), "Break glass…")
    team.dora.wait_for_modal("Break glass")
    fill_glass(team.dora, "  ", "CB-2")
    errors = team.dora.submit().errors
    assert errors == {
        "note": "Say why this cannot wait for approvals. Everybody who is passed over reads it.",
        "confirmation": "Type CB-1 to confirm.",
    }
    assert team.state() is RequestState.PENDING

    fill_glass(team.dora, "The audit is today.", "cb-1")
    assert team.dora.submit().outcome == "closed"

    told = team.reads("Dora lets CB-1 go ahead without its approvals", "The audit is today.")
    # Everybody who was passed over, by name: not only the group, whose members may change.
    for name in ("@backup-admins", "@Ben", "@Chris"):
        assert name in team.text(told)
    assert told.broadcast
    team.done()
    team.card_reads("Break-glass by @Dora; review open")
    assert team.question().buttons == []
    assert len(team.jobs()) == 1


def test_a_review_stays_open_until_another_approver_signs_it(make_team: MakeTeam) -> None:
    team = make_team(config=GLASS)
    told = broken_glass(team)
    team.done()

    team.dora.click(told, "Sign the review")
    team.whispered(team.dora, "Whoever went ahead without approvals cannot sign the review of it.")
    team.anna.click(told, "Sign the review")
    team.whispered(team.anna, "You asked for this, so somebody else has to sign the review.")
    team.gus.click(told, "Sign the review")
    team.whispered(team.gus, "Guests cannot decide about a request.")
    team.card_reads("review open")

    team.chris.click(told, "Sign the review")
    team.reads("Chris signed the review of CB-1")
    team.card_reads("Break-glass by @Dora; review signed by @Chris")
    team.loses_its_buttons(told)
    team.ben.click(told, "Sign the review")
    team.whispered(team.ben, "There is no review to sign here.")
    assert what(team).count("review signed") == 1


def broken_glass(team: Team) -> Message:
    """Dora has gone ahead without approvals; what the thread says of it."""
    team.pending("orders")
    team.dora.click(team.question(), "Break glass…")
    team.dora.wait_for_modal("Break glass")
    fill_glass(team.dora, "The audit is today.", "CB-1")
    team.dora.submit()
    return team.reads("Dora lets CB-1 go ahead without its approvals")


def test_whoever_the_rule_does_not_name_is_refused_before_the_form(make_team: MakeTeam) -> None:
    team = make_team(config=GLASS)
    team.pending("orders")

    team.chris.click(team.question(), "Break glass…")

    team.whispered(team.chris, "You are not one of those who may go ahead without approvals here.")
    assert team.chris.modal is None
    team.quiet()
    assert len(refused(team, team.chris)) == 1


def test_a_break_glass_that_comes_after_the_decision_changes_nothing(make_team: MakeTeam) -> None:
    team = make_team(config=GLASS)
    team.pending("orders")
    team.dora.click(team.question(), "Break glass…")
    team.dora.wait_for_modal("Break glass")
    team.ben.click(team.question(), "Approve")
    team.done()

    fill_glass(team.dora, "Now!", "CB-1")
    team.dora.submit()

    team.whispered(team.dora, "your click changed nothing")
    assert team.house.request("CB-1").review is None
    assert len(team.jobs()) == 1


def test_stages_decide_in_order_and_nobody_counts_in_two(make_team: MakeTeam) -> None:
    team = with_groups(make_team(config=STAGES))
    team.pending("orders")
    team.question_reads("One approval is needed from @dbas, then 2 approvals are needed from @backup-admins.")

    team.chris.click(team.question(), "Approve")
    team.whispered(team.chris, "@dbas must decide about this request first.")
    team.ben.click(team.question(), "Approve")
    team.reads("Ben approved CB-1 (1 of 3)", "Next to decide: @backup-admins")
    team.card_reads("Stage 1 of 2, @dbas: complete")

    # Ben is one of the second stage, too, and has spoken already.
    team.ben.click(team.question(), "Approve")
    team.whispered(team.ben, "You have decided about this request already.")
    eve(team).click(team.question(), "Approve")
    team.whispered(eve(team), "@backup-admins must decide about this request first.")
    team.chris.click(team.question(), "Approve")
    team.reads("Chris approved CB-1 (2 of 3)")
    assert team.jobs() == []

    team.worlds.slack.directory.set_group_members(BACKUP_ADMINS, BEN, CHRIS, DORA)
    team.dora.click(team.question(), "Approve")
    team.reads("Dora approved CB-1 (3 of 3)")
    team.done()
    stages = {decision.actor.user_id: decision.stage for decision in team.house.request("CB-1").decisions}
    assert stages == {BEN: 0, CHRIS: 1, DORA: 1}


def test_stages_that_share_too_few_people_are_told_before_sending(make_team: MakeTeam) -> None:
    team = with_groups(make_team(config=STAGES))
    team.worlds.slack.directory.set_group_members(DBAS, BEN)

    walk = team.prepare("orders")

    assert "its stages share too few" in walk.text
    assert walk.view.submit_text is None
    assert team.house.request_ids() == []


def test_people_are_reminded_with_growing_gaps_and_others_called_to_help(make_team: MakeTeam) -> None:
    team = with_groups(make_team(config=CALLING))
    team.pending("orders")
    bell = "CB-1 still waits"

    team.dora.click(team.question(), "Approve")
    team.whispered(team.dora, "You are not one of the approvers of this request.")
    team.later(minutes=31)
    team.wait(lambda: len(team.said(bell)) == 1, "the first reminder")
    assert all(name in team.text(team.said(bell)[0]) for name in ("@Ben", "@Chris"))
    team.later(minutes=30)
    team.quiet()
    # One gap of 30 minutes, then one of an hour: after 61 minutes there is still but one.
    assert len(team.said(bell)) == 1
    team.later(minutes=30)
    team.wait(lambda: len(team.said(bell)) == 2, "the second reminder")

    team.later(minutes=30)
    told = team.reads("so @helpers may decide about it too")
    assert told.broadcast
    team.question_reads("@helpers")
    team.dora.click(team.question(), "Approve")
    team.reads("Dora approved CB-1.")
    team.done()
    assert [event for event in what(team) if event in ("reminded", "escalated")] == [
        "reminded",
        "reminded",
        "escalated",
    ]


def test_who_has_approved_is_not_reminded(make_team: MakeTeam) -> None:
    team = make_team(config=ruled("    remind: 30m\n").replace("needed: 1", "needed: 2"))
    team.pending("orders")
    team.ben.click(team.question(), "Approve")
    team.reads("Ben approved CB-1 (1 of 2)")

    team.later(minutes=31)

    bell = team.text(team.reads("CB-1 still waits"))
    assert "@Chris can give one" in bell
    assert "@Ben" not in bell


def test_what_lapsed_is_asked_again_as_a_new_request_once(team: Team) -> None:
    team.pending("orders", reason="For the auditors.")
    team.later(hours=8)
    lapsed = team.reads("Nobody answered CB-1")

    team.ben.click(lapsed, "Ask again")
    team.whispered(team.ben, "Only the person who asked can ask again with this button.")
    team.anna.click(lapsed, "Ask again")
    team.reads("Anna has asked again for what CB-1 was about: it is CB-2 now.")
    team.loses_its_buttons(lapsed)
    team.anna.click(lapsed, "Ask again")
    team.ben.click(team.question("CB-2"), "Approve")

    team.becomes(RequestState.COMPLETED, "CB-2")
    team.quiet()
    assert team.house.request_ids() == ["CB-1", "CB-2"]
    assert team.house.request("CB-2").reason == "For the auditors."
    assert team.state("CB-1") is RequestState.LAPSED
    assert len(team.said("has asked again")) == 1


def test_a_source_that_changed_is_told_and_approved_again_as_it_is(team: Team) -> None:
    team.pending("orders")
    old = team.question()
    shorten_the_source(team)

    team.ben.click(old, "Approve")

    team.whispered(team.ben, "CB-1 is not what it was when you read it, so your click did not count.")
    told = team.reads("CB-1 has changed since it was asked for", "The end of the source backup has changed")
    assert "Approve again" in told.buttons
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])
    team.quiet()

    # Whoever still sees the old question says yes to what is no longer so.
    team.chris.click(old, "Approve")
    team.whispered(team.chris, "What you saw of CB-1 has changed since.")
    team.chris.click(told, "Approve again")
    team.reads("Chris approved CB-1.")
    team.loses_its_buttons(told)
    team.done()
    assert len(team.jobs()) == 1


def test_what_changes_between_approval_and_start_starts_nothing(team: Team) -> None:
    team.pending("orders")
    # AWS lets nobody look: the approval counts, and nothing begins before it has been looked at again.
    busy = team.worlds.aws.world.faults.throttle("DescribeRecoveryPoint")
    team.ben.click(team.question(), "Approve")
    team.reads("Ben approved CB-1.")

    shorten_the_source(team)
    busy.times = 0
    team.later(minutes=5)

    told = team.reads("CB-1 has changed between the approval and the start, so nothing was started.")
    assert team.state() is RequestState.PENDING
    assert team.house.request("CB-1").decisions == ()
    team.chris.click(told, "Approve again")
    team.done()
    assert len(team.jobs()) == 1


def test_a_comment_is_anybodys_and_decides_nothing(team: Team) -> None:
    team.pending("orders")
    team.worlds.slack.directory.join(team.card().channel, team.pia.id)

    for person in (team.dora, team.gus, team.pia):
        person.say(team.card().channel, "approve! approved CB-1, yes", thread_ts=team.card().ts)

    team.quiet()
    assert team.state() is RequestState.PENDING
    assert what(team) == ["asked"]
    assert "Approve" in team.question().buttons


def test_the_history_of_a_request_is_shown_to_who_asks_for_it_only(team: Team) -> None:
    team.pending("orders")
    team.dora.click(team.question(), "Approve")
    team.whispered(team.dora, "You are not one of the approvers")
    team.ben.click(team.question(), "Approve")
    team.done()
    team.quiet()

    team.gus.command("/copy-backup history CB-1")
    shown = team.text(team.whispered(team.gus, "click refused"))

    for line in ("@Anna · asked", "@Dora · click refused", "@Ben · approved", "has the hash"):
        assert line in shown
    team.gus.command("/copy-backup history")
    team.whispered(team.gus, "CB-1 @Anna · asked")
    team.gus.command("/copy-backup history CB-77")
    team.whispered(team.gus, "I know no such request.")


def test_a_bot_and_somebody_deactivated_are_refused_at_the_click(team: Team) -> None:
    team.pending("orders")
    directory = team.worlds.slack.directory
    known = dict(directory.people)

    directory.people[BEN] = replace(known[BEN], is_bot=True)
    team.ben.click(team.question(), "Approve")
    team.whispered(team.ben, "Bots cannot decide about a request.")
    # Somebody who is deactivated while the click is under way.
    question = team.question()
    team.worlds.slack.faults.delay_deliveries(1.0)
    click = threading.Thread(target=lambda: team.chris.click(question, "Approve"))
    click.start()
    held = team.worlds.slack.faults._deliveries
    team.wait(lambda: not any(switch.left for switch in held), "the click to be on its way")
    directory.deactivate(CHRIS)
    click.join()
    team.wait(lambda: refused(team, team.chris), "Chris's click to be refused")

    assert refused(team, team.ben) == ["approve: Bots cannot decide about a request."]
    assert refused(team, team.chris) == ["approve: This account is deactivated."]
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


@pytest.mark.parametrize("allowed", [False, True])
def test_a_shared_channel_holds_requests_only_where_the_configuration_says_so(
    make_team: MakeTeam, allowed: bool
) -> None:
    team = make_team(config=f"allow_shared_channels: true\n{LEAN}" if allowed else LEAN)
    directory = team.worlds.slack.directory
    there = directory.conversations[PARTNER_OPS]
    assert there.is_ext_shared

    request_id = team.ask("orders", channel=PARTNER_OPS)

    channel = PARTNER_OPS if allowed else "C0BACKUPS01"
    assert team.card(request_id).channel == channel
    if allowed:
        # Pia of the other organization reads it and can press; what she presses counts for nothing.
        team.pia.click(team.question(request_id), "Approve")
        team.whispered(team.pia, "Only people of the workspace that owns this bot can decide about a request.")
        team.quiet()
        assert refused(team, team.pia)
    assert team.state(request_id) is RequestState.PENDING


def test_a_user_group_that_slack_does_not_tell_lets_nobody_decide(team: Team) -> None:
    team.pending("orders")
    team.worlds.slack.faults.refuse("usergroups.users.list", "internal_error", times=50)

    team.ben.click(team.question(), "Approve")

    told = team.wait(lambda: team.whispers(team.ben), "Ben to be told")
    assert "Slack does not tell me just now who may decide. I keep your click" in told[0]
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])

    # Once Slack tells again, the click that was kept is judged, without another press.
    team.worlds.slack.faults.clear()
    team.later(minutes=2)
    team.reads("Ben approved CB-1.")
    team.done()


def test_a_changed_vault_policy_between_request_and_approval_counts_too(team: Team) -> None:
    team.pending("orders")
    team.worlds.aws.world.allow_copies_into(BACKUP, EU, "dr-vault", "333333333333")

    team.ben.click(team.question(), "Approve")

    told = team.reads("The access policy of the destination vault has changed since it was shown.")
    assert "Approve again" in told.buttons
