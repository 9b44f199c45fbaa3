"""The Slack app's manifest for Socket Mode and for HTTP, both made from the one file that the repository shows."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigurationError

EVENTS_PATH = "/slack/events"
"""Where commands, interactivity, options and events come in over HTTP."""

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "manifest.yaml"
_CHECKOUT = _PACKAGE.parent / "manifest.yaml"


def manifest(http_url: str | None = None) -> dict[str, Any]:
    """Build the manifest: for Socket Mode, or for HTTP when the bot's public https URL is given.

    Raises ConfigurationError for a URL that Slack would not take.
    """
    shown = _read()
    return shown if http_url is None else _for_http(shown, _events_url(http_url))


def render(http_url: str | None = None) -> str:
    """Write the manifest as YAML, ready to be pasted at https://api.slack.com/apps. Raises ConfigurationError."""
    return yaml.safe_dump(manifest(http_url), sort_keys=False, allow_unicode=True, width=120)


def _read() -> dict[str, Any]:
    # The wheel carries the file inside the package; an editable install reads the repository's own.
    path = _INSTALLED if _INSTALLED.is_file() else _CHECKOUT
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict), path
    return loaded


def _events_url(http_url: str) -> str:
    base = http_url.rstrip("/").removesuffix(EVENTS_PATH)
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]+)?", base):
        raise ConfigurationError(
            f"--http: expected the bot's public URL such as https://bot.example.com, got {http_url}"
        )
    return base + EVENTS_PATH


def _for_http(shown: Mapping[str, Any], url: str) -> dict[str, Any]:
    features, settings = shown["features"], shown["settings"]
    commands = [{**command, "url": url} for command in features["slash_commands"]]
    interactivity = {**settings["interactivity"], "request_url": url, "message_menu_options_url": url}
    over_http = {**settings, "interactivity": interactivity, "socket_mode_enabled": False}
    if "event_subscriptions" in settings:
        over_http["event_subscriptions"] = {"request_url": url, **settings["event_subscriptions"]}
    return {**shown, "features": {**features, "slash_commands": commands}, "settings": over_http}
