"""The Slack manifest and the code say the same: scopes, commands, shortcuts and events."""

import ast
import json
from collections.abc import Iterator
from typing import Any, cast

import jsonschema
import pytest
import yaml
from slack_bolt import App
from slack_sdk import WebClient

import commands
from bot.domain.errors import ConfigurationError
from bot.slack.manifest import manifest, render
from commands.desk import Desk
from tests.rules.sources import ROOT, sources

SCHEMAS = ROOT.parent / "shared" / "schemas" / "slack-manifest"
HTTP_URL = "https://bot.example.com"

CONVERSATION_SCOPES = {"channels:read", "groups:read"}
HISTORY_SCOPES = {"channels:history", "groups:history"}
# What each method asks of the bot's token, by Slack's page of the method. The empty set: any token will do.
SCOPES_OF: dict[str, set[str]] = {
    "apps_connections_open": set(),
    "auth_test": set(),
    "bots_info": {"users:read"},
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": HISTORY_SCOPES,
    "conversations_info": CONVERSATION_SCOPES,
    "conversations_members": CONVERSATION_SCOPES,
    "conversations_open": {"im:write"},
    "conversations_replies": HISTORY_SCOPES,
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}


class Listeners:
    """Stands where Bolt's App stands while `commands.register` runs, and notes what is listened for."""

    def __init__(self) -> None:
        self.heard: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Any:
        def listen(constraint: object = None, *_: object, **__: object) -> Any:
            self.heard.setdefault(kind, set()).add(_constraint_id(constraint))
            return lambda *given, **__: given[0] if given else None

        return listen


class Anything:
    """Use cases that nobody calls while listeners are only being registered."""

    def __getattr__(self, name: str) -> Any:
        return Anything()

    def __call__(self, *_: object, **__: object) -> Any:
        return Anything()


@pytest.fixture(scope="module")
def listeners() -> Listeners:
    heard = Listeners()
    commands.register(cast("App", heard), cast("Desk", Anything()))
    return heard


@pytest.mark.parametrize("http_url", [None, HTTP_URL], ids=["socket-mode", "http"])
def test_slack_would_take_the_manifest(http_url: str | None) -> None:
    built = manifest(http_url)
    schema = SCHEMAS / f"manifest.schema.{built['_metadata']['major_version']}.0.0.json"
    if not schema.is_file():
        pytest.skip("Slack's published schemas are not beside this checkout")

    jsonschema.validate(built, json.loads(schema.read_text(encoding="utf-8")))


def test_socket_mode_names_no_url() -> None:
    built = manifest()

    assert built["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(built)


@pytest.mark.parametrize("given", [HTTP_URL, f"{HTTP_URL}/", f"{HTTP_URL}/slack/events"])
def test_over_http_everything_comes_to_one_address(given: str) -> None:
    built = manifest(given)

    address = "https://bot.example.com/slack/events"
    assert [command["url"] for command in built["features"]["slash_commands"]] == [address]
    assert built["settings"]["interactivity"]["request_url"] == address
    assert built["settings"]["interactivity"]["message_menu_options_url"] == address
    assert built["settings"]["socket_mode_enabled"] is False


def test_both_forms_ask_for_the_same_scopes() -> None:
    assert manifest(HTTP_URL)["oauth_config"] == manifest()["oauth_config"]


@pytest.mark.parametrize(
    "wrong", ["http://bot.example.com", "bot.example.com", "https://", "https://bot example.com", ""]
)
def test_a_url_that_slack_cannot_call_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="expected the bot's public URL"):
        manifest(wrong)


@pytest.mark.parametrize("http_url", [None, HTTP_URL], ids=["socket-mode", "http"])
def test_what_is_printed_reads_back_as_the_manifest(http_url: str | None) -> None:
    assert yaml.safe_load(render(http_url)) == manifest(http_url)


def test_the_file_in_the_repository_is_the_one_for_socket_mode() -> None:
    assert yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8")) == manifest()


def test_every_method_that_the_code_calls_has_its_scope_and_no_scope_is_idle() -> None:
    called = set(_called_methods())
    assert called - SCOPES_OF.keys() == set(), "a Web API method that SCOPES_OF does not know"

    needed = set().union(*(SCOPES_OF[method] for method in called), {"commands"})

    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed


def test_every_command_has_a_listener_and_none_listens_in_vain(listeners: Listeners) -> None:
    declared = {command["command"] for command in manifest()["features"]["slash_commands"]}

    assert listeners.heard.get("command", set()) == declared


def test_every_shortcut_and_event_has_a_listener_and_none_listens_in_vain(listeners: Listeners) -> None:
    built = manifest()
    events = set(built["settings"].get("event_subscriptions", {}).get("bot_events", []))
    shortcuts = {shortcut["callback_id"] for shortcut in built["features"].get("shortcuts", [])}

    kinds = ("shortcut", "global_shortcut", "message_shortcut")
    assert set().union(*(listeners.heard.get(kind, set()) for kind in kinds)) == shortcuts
    assert listeners.heard.get("event", set()) == events


def test_interactivity_is_on_since_buttons_and_views_are_listened_for(listeners: Listeners) -> None:
    assert {"action", "view"} <= listeners.heard.keys()
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True


def _called_methods() -> Iterator[str]:
    """Names of Web API methods in the code that talks to Slack, by how slack_sdk spells them."""
    known = {name for name in vars(WebClient) if "_" in name.strip("_") and not name.startswith("_")}
    for source in sources("bot/slack", "commands", "bot/app.py"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in known:
                yield node.attr
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "api_call":
                yield from (str(part.value).replace(".", "_") for part in node.args if isinstance(part, ast.Constant))


def _constraint_id(constraint: object) -> str:
    if isinstance(constraint, dict):
        return str(constraint.get("callback_id", constraint.get("type", constraint)))
    return str(constraint)
