"""What crossed the wire in whole stories: every id has a listener, every block is Slack's, nothing secret is told."""

import json
from collections.abc import Iterator
from typing import Any

from slack_bolt import App, BoltResponse
from slack_bolt.request import BoltRequest

from bot.sandbox.slack.validation import validate_message, validate_options, validate_view
from bot.sandbox.worlds import CONFIG, EXTERNAL_ID, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.team import US, Team

OPTIONS = ("external_select", "multi_external_select")
# Slack closes the socket above 20,480 bytes; this leaves room for what its envelope may grow by.
CARRIED_BY_AN_ACK = 16_384


def play_everything(team: Team) -> None:
    """Walk every page there and back, reject, cancel, let lapse, fail, try again, copy, and watch the copy end."""
    walk = team.walk().open("orders").backup()
    team.anna.suggest("Table")
    team.anna.suggest("Backup")
    walk.next().destination().next().back().back().next().next()
    walk.keep("A number of days", 45).why("Everything.").next().reviewed().send()
    walk.reads("is sent")
    team.ben.click(team.question("CB-1"), "Reject")
    team.ben.wait_for_modal("Reject the request")
    team.ben.fill("Reason", "Once more.")
    team.ben.submit()
    team.reads("rejected CB-1")
    team.anna.click(team.question(team.pending("customers")), "Cancel request")
    team.reads("cancelled CB-2")
    team.dora.click(team.question("CB-2"), "Approve") if "Approve" in team.question("CB-2").buttons else None
    team.worlds.aws.world.fail_next_copy("Fatal error.", "FATAL_ERROR")
    team.approved("orders")
    team.ben.click(team.reads("The copy failed"), "Try again")
    team.done()
    team.pending("customers")
    team.later(hours=9)
    team.reads("Nobody answered CB-4")
    team.later(days=60)
    team.reads("from now")
    team.walk().type("help")
    team.walk().type("zebras")
    team.whispered(team.anna, "I know no table")
    team.quiet()


def views_shown(team: Team) -> Iterator[dict[str, Any]]:
    traffic = team.worlds.slack.traffic
    for call in traffic.calls():
        if call.name in ("views.open", "views.update", "views.push"):
            view = call.request["view"]
            yield json.loads(view) if isinstance(view, str) else view
    for delivery in traffic.deliveries("view_submission"):
        if "view" in delivery.answer:
            yield delivery.answer["view"]


def messages_sent(team: Team) -> Iterator[dict[str, Any]]:
    traffic = team.worlds.slack.traffic
    for call in traffic.calls():
        if call.name in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
            blocks = call.request.get("blocks") or []
            yield {**call.request, "blocks": json.loads(blocks) if isinstance(blocks, str) else blocks}
    yield from (response.request for response in traffic.responses())
    yield from (delivery.answer for delivery in traffic.deliveries("slash_commands") if delivery.answer.get("text"))


def elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        for element in [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]:
            if isinstance(element, dict) and "action_id" in element:
                yield {**element, "speaks": block["type"] != "input" or bool(block.get("dispatch_action"))}


def dispatched(app: App, payload: dict[str, Any]) -> bool:
    """Whether a listener of ours would take this payload, the catch-alls (the last three) left aside."""
    request = BoltRequest(body=json.dumps(payload), mode="socket_mode")
    own = app._listeners[:-3]  # Bolt has no public list of its listeners
    return any(listener.matches(req=request, resp=BoltResponse(status=200)) for listener in own)


def app_of(team: Team) -> App:
    assert team.house.bot is not None
    return team.house.bot._app


def test_a_whole_life_of_requests_is_valid_private_and_heard(make_team: MakeTeam) -> None:
    team = make_team(http=False)
    play_everything(team)
    views, messages = list(views_shown(team)), list(messages_sent(team))

    assert [problem for view in views for problem in validate_view(view)] == []
    assert [problem for message in messages for problem in validate_message(message)] == []
    assert all(message.get("text") for message in messages)
    assert team.worlds.slack.traffic.warnings == []
    assert_heard(app_of(team), views, messages)
    assert_small(team)
    assert_nothing_secret(team, [*views, *messages])


def assert_heard(app: App, views: list[dict[str, Any]], messages: list[dict[str, Any]]) -> None:
    for callback_id in {view["callback_id"] for view in views if view.get("submit")}:
        assert dispatched(app, {"type": "view_submission", "view": {"type": "modal", "callback_id": callback_id}})
    speaking = [element for shown in [*views, *messages] for element in elements(shown.get("blocks") or [])]
    assert {element["action_id"] for element in speaking if element["type"] == "button"} >= {
        "request.approve",
        "request.reject",
        "request.cancel",
        "request.retry",
        "walk.back",
    }
    for element in speaking:
        action_id = element["action_id"]
        if element["type"] in OPTIONS:
            assert dispatched(app, {"type": "block_suggestion", "action_id": action_id, "view": {"type": "modal"}})
        if element["speaks"]:
            action = {"type": element["type"], "action_id": action_id, "block_id": "any"}
            assert dispatched(app, {"type": "block_actions", "actions": [action]}), action_id


def assert_small(team: Team) -> None:
    for delivery in team.worlds.slack.traffic.deliveries():
        frame = {"envelope_id": "x" * 36, "payload": delivery.answer}
        assert len(json.dumps(frame)) < CARRIED_BY_AN_ACK, delivery.name
        assert delivery.error is None


def assert_nothing_secret(team: Team, shown: list[dict[str, Any]]) -> None:
    slack = team.worlds.slack
    told = json.dumps(shown, ensure_ascii=False)
    environ = team.house.environ
    secrets = (
        slack.bot_token,
        slack.app_token,
        slack.signing_secret,
        EXTERNAL_ID,
        environ["COPY_BACKUP_DATABASE_URL"],
        environ["AWS_ACCESS_KEY_ID"],
        "Traceback",
        str(team.worlds.folder),
    )
    assert [secret for secret in secrets if secret in told] == []


def test_many_tables_backups_and_vaults_fit_into_every_acknowledgement(make_team: MakeTeam) -> None:
    team = make_team(http=False, config=CONFIG)
    world = team.worlds.aws.world
    for number in range(120):
        world.add_recovery_point(PROD, US, "daily", f"a-table-{number:04}-{'with-a-long-name-' * 12}")
        world.add_recovery_point(PROD, US, "daily", "orders")
        world.create_vault(PROD, "eu-west-1", f"vault-{number:04}-with-a-long-name-so-that-it-weighs")
    team.later(minutes=5)

    walk = team.walk().open()
    team.wait(lambda: len(team.anna.suggest("Table", "a-table")) > 25, "the tables to be known")
    walk.table("orders", "orders")
    assert len(team.anna.suggest("Backup")) > 25
    walk.backup().next().account("prod").region("eu-west-1").has("Vault")
    walk.person.choose("Vault", "vault-0007")
    walk.next()

    for delivery in team.worlds.slack.traffic.deliveries():
        frame = json.dumps({"envelope_id": "x" * 36, "payload": delivery.answer})
        assert len(frame) < CARRIED_BY_AN_ACK, delivery.name
        if delivery.name == "block_suggestion":
            assert validate_options(delivery.answer) == []
