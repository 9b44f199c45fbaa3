"""What the app's manifest grants and subscribes to, as the workspace that installed it sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfiguration:
    """The installed app; a None means that nothing is known and nothing is enforced.

    Without a manifest it hears only what somebody does on purpose to it, so that a bot without listeners for the
    chatter of a channel isn't bothered.
    """

    name: str = "Copy Backup"
    scopes: frozenset[str] | None = None
    commands: Mapping[str, bool] | None = None
    """Each slash command with its `should_escape`."""
    command_help: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Each slash command with its description and its usage hint."""
    shortcuts: Mapping[str, str] | None = None
    """Each shortcut's callback_id with its type, `global` or `message`."""
    bot_events: frozenset[str] = frozenset({"app_home_opened", "function_executed"})
    home_tab: bool = True
    interactivity: bool = True

    def grants(self, *scopes: str) -> bool:
        """Tell whether one of the scopes is granted."""
        return self.scopes is None or bool(self.scopes.intersection(scopes))

    def hears(self, event_type: str) -> bool:
        return event_type in self.bot_events


def read_manifest(source: Mapping[str, Any] | Path | None) -> AppConfiguration:
    """Read a manifest from a YAML file or from data; None stands for an app that may do everything."""
    if source is None:
        return AppConfiguration()
    manifest = yaml.safe_load(source.read_text(encoding="utf-8")) if isinstance(source, Path) else source
    features, settings = manifest.get("features") or {}, manifest.get("settings") or {}
    scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
    commands = features.get("slash_commands") or []
    return AppConfiguration(
        name=manifest["display_information"]["name"],
        scopes=frozenset([*scopes.get("bot", []), *scopes.get("bot_optional", [])]),
        commands={c["command"]: bool(c.get("should_escape")) for c in commands},
        command_help={c["command"]: (c.get("description", ""), c.get("usage_hint", "")) for c in commands},
        shortcuts={s["callback_id"]: s["type"] for s in features.get("shortcuts") or []},
        bot_events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or []),
        home_tab=bool((features.get("app_home") or {}).get("home_tab_enabled")),
        interactivity=bool((settings.get("interactivity") or {}).get("is_enabled")),
    )
