"""`/copy-backup` and what is typed after it: help, a table to look for, or an answer that says what is known."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.books import Store
from bot.domain.errors import Gone
from commands.copy_backup.command import TOO_SLOW, SlashCommand, typed
from commands.desk import Desk
from commands.subcommands import Call, Subcommand
from tests.unit.fakes import FakeOutlet, ManualClock
from tests.unit.slack_client import ScriptedClient
from tests.unit.walk_scene import WalkScene, make_desk, make_walk_scene


@dataclass
class Answers:
    """Stands for ack and for respond: remembers what it was called with."""

    said: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, **answer: Any) -> None:
        self.said.append(answer)


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


@pytest.fixture
def command(scene: WalkScene) -> SlashCommand:
    return SlashCommand(make_desk(scene, FakeOutlet()))


def body(text: str | None) -> dict[str, Any]:
    return {"text": text, "user_id": "U0ANNA", "team_id": "T0HOME", "channel_id": "C0DBA", "trigger_id": "1.2.3"}


def opened() -> ScriptedClient:
    """A Slack that opens the view and takes its first page."""
    view = {"id": "V1", "hash": "h1"}
    return ScriptedClient([{"ok": True, "view": view}, {"ok": True, "view": {**view, "hash": "h2"}}])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (None, ""),
        ("", ""),
        ("  orders  ", "orders"),
        ("<http://orders.eu|orders.eu>", "orders.eu"),
        ("<http://orders.eu|orders.eu> <https://backup.eu|backup.eu>", "orders.eu backup.eu"),
        ("<https://orders.eu>", "orders.eu"),
        ("<http://orders.eu/>", "orders.eu"),
        ("prod <http://orders.eu|orders.eu>", "prod orders.eu"),
        ("<mailto:orders@prod.eu|orders@prod.eu>", "orders@prod.eu"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<@U0BEN>", "<@U0BEN>"),
        ("<#C0DBA|dba>", "<#C0DBA|dba>"),
    ],
)
def test_what_slack_escaped_is_what_was_typed(text: str | None, meant: str) -> None:
    assert typed({"text": text}) == meant


@pytest.mark.parametrize("text", ["help", "HELP", "  Help ", "-h", "--help", "?"])
def test_help_is_answered_at_once_and_opens_nothing(command: SlashCommand, text: str) -> None:
    ack, respond, client = Answers(), Answers(), opened()

    command.acknowledge(ack, body(text))
    command.open(body(text), client, respond)

    assert ack.said == [{"text": command.usage(), "response_type": "ephemeral"}]
    assert (respond.said, client.asked) == ([], [])


@pytest.mark.parametrize("text", ["<!channel>", "<@U0BEN>", "orders; drop", "größe", "x" * 256, "`rm`"])
def test_what_can_be_no_table_is_answered_at_once(command: SlashCommand, text: str) -> None:
    ack, client = Answers(), opened()

    command.acknowledge(ack, body(text))
    command.open(body(text), client, Answers())

    assert ack.said[0]["response_type"] == "ephemeral"
    assert ack.said[0]["text"].startswith("I know no table whose name contains")
    assert "<!channel>" not in ack.said[0]["text"]
    assert client.asked == []


@pytest.mark.parametrize("text", ["", "orders", "<http://orders.eu|orders.eu>", "prod ord", "help me"])
def test_everything_else_is_acknowledged_without_words(command: SlashCommand, text: str) -> None:
    ack = Answers()

    command.acknowledge(ack, body(text))

    assert ack.said == [{}]


def test_the_walk_opens_with_the_table_that_was_meant(command: SlashCommand, scene: WalkScene) -> None:
    client = opened()

    command.open(body("orders"), client, Answers())

    assert [method for method, _ in client.asked] == ["views.open", "views.update"]
    draft_id = client.asked[1][1]["view"]["private_metadata"]
    assert scene.draft(draft_id).form.table_key == scene.table_key
    assert (scene.draft(draft_id).view_id, scene.draft(draft_id).view_hash) == ("V1", "h2")


def test_a_table_called_like_a_domain_is_found(command: SlashCommand, scene: WalkScene) -> None:
    scene.backups.add_point(scene.point.vault, "orders.eu")
    scene.inventory.refresh()
    client = opened()

    command.open(body("<http://orders.eu|orders.eu>"), client, Answers())

    table = scene.walk.chosen(scene.draft(client.asked[1][1]["view"]["private_metadata"]).form).table
    assert table is not None
    assert table.name == "orders.eu"


def test_a_word_that_no_table_holds_is_answered_with_the_usage(command: SlashCommand) -> None:
    respond, client = Answers(), opened()

    command.open(body("ordres"), client, respond)

    assert "“ordres”" in respond.said[0]["text"]
    assert command.usage() in respond.said[0]["text"]
    assert client.asked == []


@pytest.mark.parametrize("code", ["expired_trigger_id", "trigger_expired", "exchanged_trigger_id"])
def test_a_trigger_that_died_is_told(command: SlashCommand, code: str) -> None:
    respond = Answers()

    command.open(body(""), ScriptedClient(error=code), respond)

    assert respond.said == [{"text": TOO_SLOW, "response_type": "ephemeral"}]


def test_whatever_goes_wrong_is_told_to_the_person(command: SlashCommand) -> None:
    respond = Answers()

    command.open(body(""), ScriptedClient(error="internal_error"), respond)

    assert [answer["response_type"] for answer in respond.said] == ["ephemeral"]


def test_a_subcommand_gets_what_stands_after_its_word(scene: WalkScene) -> None:
    calls: list[Call] = []
    subcommand = Subcommand("status", "status` shows how the bot is.", lambda _, call: calls.append(call))
    command = SlashCommand(make_desk(scene, FakeOutlet()), (subcommand,))
    ack, respond = Answers(), Answers()

    command.acknowledge(ack, body("Status  CB-42 <now>"))
    command.open(body("Status  CB-42 <now>"), opened(), respond)

    assert ack.said == [{}]
    assert [(call.text, call.actor.user_id, call.trigger_id) for call in calls] == [("CB-42 <now>", "U0ANNA", "1.2.3")]
    assert "`/copy-backup status` shows how the bot is." in command.usage()


def test_a_subcommand_that_goes_wrong_is_answered(scene: WalkScene) -> None:
    def refuse(_: Desk, call: Call) -> None:
        raise Gone("There is no CB-9.")

    respond = Answers()
    SlashCommand(make_desk(scene, FakeOutlet()), (Subcommand("status", "status`", refuse),)).open(
        body("status CB-9"), opened(), respond
    )

    assert respond.said == [{"text": "There is no CB-9.", "response_type": "ephemeral"}]


@pytest.mark.parametrize(("word", "hint"), [("hlep", " Did you mean help? Type"), ("zebras", "of that name. Type")])
def test_a_word_that_is_nearly_one_of_mine_is_asked_back(command: SlashCommand, word: str, hint: str) -> None:
    respond = Answers()

    command.open(body(word), ScriptedClient([]), respond)

    assert hint in respond.said[0]["text"]
