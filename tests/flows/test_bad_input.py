"""What people, old messages and forged payloads may send: nothing is lost, nothing is believed, nobody is mentioned."""

import html
import json
import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.drafts import DraftState
from bot.domain.requests import RequestState
from bot.sandbox.slack import BACKUPS, BOT_USER, Message, View
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.team import EU, US, Team

HOSTILE = {
    "mentions": "<!channel> <!here> <!everyone> <@U0BEN000001> <!subteam^S0BKPADMINS> @channel",
    "links": "<https://evil.example|https://good.example> & <mailto:a@b.c|click>",
    "backticks": "```\nrm -rf /\n``` and `code` and *bold* _it_ ~no~",
    "3000 characters": "x" * 2_990 + "end.of.it",
    "3000 emoji": "😀" * 2_998 + "🏁!",
    "right to left": "\u202eevorppa \u200fabc\u202c \u2066x\u2069",
    "many lines": "\n".join(f"line {number}" for number in range(300)),
    "angle brackets": "<" * 2_900 + "&&&>>>",
}


def everything_shown(team: Team) -> str:
    """All text of all messages, as it was sent to Slack."""
    return json.dumps([[message.text, message.blocks] for message in team.messages()], ensure_ascii=False)


def letters(text: str) -> Counter[str]:
    """What a reader has to see of a text, whatever was put between to make it harmless."""
    return Counter(letter for letter in text if letter.isprintable() and letter not in " `")


def question_text(message: Message) -> str:
    return "".join(str(block.get("text", {}).get("text", "")) for block in message.blocks if block["type"] == "section")


def test_hostile_reasons_are_shown_whole_and_mention_nobody(team: Team) -> None:
    for number, reason in enumerate(HOSTILE.values(), start=1):
        request_id = team.ask("orders", reason=reason)

        question = question_text(team.question(request_id))
        shown = everything_shown(team)
        for mention in ("<!channel", "<!here", "<!everyone", "<@U0BEN", "<https:", "<mailto:", "`code`", "\u202e"):
            assert mention not in shown
        assert question.count("<!subteam^S0BKPADMINS>") == 1
        assert shown.count("<!subteam^S0BKPADMINS>") == number
        assert letters(reason) - letters(html.unescape(question)) == Counter()
        assert team.house.request(request_id).reason == reason.strip()


def test_a_hostile_reason_of_a_rejection_is_shown_and_mentions_nobody(team: Team) -> None:
    team.pending("orders")

    team.ben.click(team.question(), "Reject")
    team.ben.wait_for_modal("Reject the request")
    team.ben.fill("Reason", HOSTILE["mentions"])
    team.ben.submit()

    told = team.reads("Ben rejected CB-1")
    assert "<!channel>" not in json.dumps([told.text, told.blocks])
    assert "<!channel>" in team.text(told)


def test_a_form_that_slack_delivers_twice_becomes_one_request(bot_over: Team) -> None:
    team = bot_over
    walk = team.prepare("orders")
    team.worlds.slack.faults.deliver_twice()

    walk.send()

    team.question()
    team.quiet()
    assert team.house.request_ids() == ["CB-1"]
    assert len(team.said("asks to copy")) == 1


def test_a_form_that_is_sent_by_two_hands_becomes_one_request(team: Team) -> None:
    walk = team.prepare("orders")
    barrier = threading.Barrier(2)

    def submit() -> None:
        barrier.wait()
        walk.person.submit()

    hands = [threading.Thread(target=submit) for _ in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    team.question()
    team.quiet()
    assert team.house.request_ids() == ["CB-1"]


def test_a_page_that_slack_delivers_twice_turns_once(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    team.worlds.slack.faults.deliver_twice()

    walk.next().has("Account")

    walk.destination().next()
    team.worlds.slack.faults.deliver_twice()
    walk.back()
    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", "eu-west-1", "dr-vault"]


def test_a_click_on_a_request_that_is_not_there_is_told_in_private(team: Team) -> None:
    team.pending("orders")
    for value in ("CB-99", "", "CB-1; DROP TABLE requests", "CB-1\u0000", "x" * 2_000):
        forged = changed(team.question(), '"value": "CB-1"', f'"value": {json.dumps(value)}')

        team.ben.click(forged, "Approve")

        team.whispered(team.ben, "That request is not here any more.")
        team.ben.reload()
    team.quiet()
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


def test_a_button_of_one_request_cannot_decide_about_another(team: Team) -> None:
    first, second = team.pending("orders"), team.pending("customers")
    forged = changed(team.question(first), f'"value": "{first}"', f'"value": "{second}"')

    team.ben.click(forged, "Approve")

    team.whispered(team.ben, "does not belong to the request")
    assert {team.state(first), team.state(second)} == {RequestState.PENDING}


def test_an_old_button_of_another_version_is_answered_kindly(bot_over: Team) -> None:
    team = bot_over
    old = button_message(team, "request.approve.v0")

    answer = team.ben.click(old, "Old button")

    assert answer.ok
    team.whispered(team.ben, "belongs to an older version of me")


def test_an_old_form_of_another_version_is_answered_kindly(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    put_on_screen(team, walk.view, callback_id="copy_backup.walk.v0")

    walk.person.submit()

    walk.reads("belongs to an older version of me")


def test_the_form_of_another_person_cannot_be_sent(team: Team) -> None:
    walk = team.prepare("orders")
    draft_id = walk.view.private_metadata
    other = team.prepare("customers", by=team.dora)
    put_on_screen(team, other.view, private_metadata=draft_id)

    other.person.submit()

    other.reads("This form belongs to somebody else.")
    team.quiet()
    assert team.house.request_ids() == []
    with team.house.store.begin() as tx:
        draft = tx.drafts.get(draft_id)
    assert draft is not None
    assert draft.state is DraftState.OPEN


def test_choices_in_the_form_of_another_person_change_nothing(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    other = team.walk(team.dora).open()
    put_on_screen(team, other.view, private_metadata=walk.view.private_metadata)

    assert team.dora.suggest("Table", "") == []
    with pytest.raises(Exception, match="no options"):
        team.dora.choose("Table", "customers")
    with team.house.store.begin() as tx:
        draft = tx.drafts.get(walk.view.private_metadata)
    assert draft is not None
    assert draft.actor.user_id == team.anna.id


def test_a_form_whose_draft_is_gone_says_so(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    team.later(days=8)
    with team.house.store.begin() as tx:
        tx.drafts.forget(team.clock.now())

    walk.person.submit()

    walk.reads("This form is too old to go on with.")


def test_a_forged_backup_is_refused_at_its_field(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    for forged in ("nonsense", "../../etc/passwd", "x" * 150, ""):
        set_choice(team, walk.view, walk.block("Backup"), "backup", forged)

        assert "Choose a backup of this table" in walk.refused()["Backup"]


def test_the_backup_of_another_table_is_refused(team: Team) -> None:
    walk = team.walk().open("customers").backup()
    foreign = walk.view.values[walk.block("Backup")]["backup"]["selected_option"]["value"]
    walk.table("orders").backup()
    set_choice(team, walk.view, walk.block("Backup"), "backup", foreign)

    assert "Choose a backup of this table" in walk.refused()["Backup"]


@pytest.mark.parametrize(
    ("label", "action", "forged"),
    [("Account", "account", "root"), ("Region", "region", "us-gov-west-1"), ("Vault", "vault", "somebody-elses")],
)
def test_a_forged_destination_is_refused(team: Team, label: str, action: str, forged: str) -> None:
    walk = team.walk().open("orders").backup().next().destination()
    set_choice(team, walk.view, walk.block(label), action, forged)

    assert walk.refused()
    team.quiet()
    assert "Step 2" in walk.text


def test_forged_days_are_refused_at_their_field(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination().next().why("needed")
    walk.keep("A number of days", 45)
    loosen_numbers(team, walk.view)
    for days in ("0", "-1", "40000", "1e3", "٣٠", "99999999999999999999"):
        set_text(team, walk.view, walk.block("Days"), "days", days)

        assert set(walk.refused()) == {"Days"}


def test_a_backup_that_is_deleted_before_sending_is_said_in_the_review(team: Team) -> None:
    arn = team.newest_backup("orders")
    walk = team.prepare("orders")
    team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", arn)

    walk.send()

    walk.reads("This backup is not there any more.")
    team.quiet()
    assert walk.view.submit_text is None
    assert team.house.request_ids() == []
    assert team.messages() == []


def test_a_vault_that_vanished_before_sending_is_said_in_the_review(team: Team) -> None:
    walk = team.prepare("orders")
    team.worlds.aws.world.delete_vault(BACKUP, EU, "dr-vault")

    walk.send()

    walk.reads("There is no vault dr-vault")
    team.quiet()
    assert team.house.request_ids() == []


def test_a_modal_that_is_closed_while_the_bot_fills_it_troubles_nobody(team: Team) -> None:
    fault = team.worlds.aws.world.faults.slow("ListBackupVaults", seconds=20)
    team.later(minutes=5)
    team.walk().type("")
    team.anna.wait_for_modal("Reading your backups")

    team.anna.close_modal()
    fault.lift()

    team.walk(team.dora).open("orders").backup()
    assert team.anna.modal is None
    assert team.whispers(team.anna) == []


def test_a_modal_that_is_closed_while_it_is_sent_is_answered_in_the_channel(team: Team) -> None:
    walk = team.prepare("orders")
    fault = team.worlds.aws.world.faults.slow("DescribeRecoveryPoint", seconds=20)
    walk.send()
    walk.reads("Checking once more and sending")
    team.anna.close_modal()
    fault.lift()

    team.question()
    team.whispered(team.anna, "is sent")


def test_a_command_whose_trigger_has_died_is_told_to_be_typed_again(team: Team) -> None:
    team.worlds.slack.workspace.triggers.life_seconds = 0

    team.walk().type("")

    team.whispered(team.anna, "Slack closed the door before I could open the form.")
    assert team.anna.modal is None


def changed(message: Message, before: str, after: str) -> Message:
    """A message as a forger would have it: with other words in its blocks."""
    return replace(message, blocks=json.loads(json.dumps(message.blocks).replace(before, after)))


def button_message(team: Team, action_id: str) -> Message:
    """A message of the bot's with one button."""
    timeline = team.worlds.slack.workspace.timeline
    button = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Old button"}}
    blocks: list[dict[str, Any]] = [{"type": "actions", "block_id": "old", "elements": [button]}]
    ts = timeline.new_ts(BACKUPS)
    return timeline.post(Message(channel=BACKUPS, ts=ts, user=BOT_USER, text="old", blocks=blocks, by_app=True))


def put_on_screen(team: Team, view: View, **changes: str) -> None:
    """Put a forged definition behind a view that is open."""
    team.worlds.slack.workspace.views.update(view, {**view.definition, **changes})


def set_choice(team: Team, view: View, block: str, action: str, value: str) -> None:
    option = {"text": {"type": "plain_text", "text": "forged"}, "value": value}
    row = {action: {"type": "static_select", "selected_option": option}}
    team.worlds.slack.workspace.views.set_values(view.id, {**view.values, block: row})


def set_text(team: Team, view: View, block: str, action: str, value: str) -> None:
    row = {action: {"type": "number_input", "value": value}}
    team.worlds.slack.workspace.views.set_values(view.id, {**view.values, block: row})


def loosen_numbers(team: Team, view: View) -> None:
    """Take the client's own checks of numbers away, as a forger would."""
    for block in view.definition["blocks"]:
        element = block.get("element") or {}
        if element.get("type") == "number_input":
            element["type"] = "plain_text_input"
