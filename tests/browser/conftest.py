"""One browser for all of these tests, and for each test worlds, a bot and windows of its own."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bot.sandbox.play import furnish_page
from bot.sandbox.slack import LocalSlack
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from tests.browser.chromium import chromium
from tests.browser.desk import Desk
from tests.contract.sandbox_slack_bots import ScriptedBot, patient_slack, scripted_bot
from tests.flows.conftest import quick
from tests.flows.house import House
from tests.flows.team import Team

# Far above what anything here takes: a machine that is busy must not fail a test.
PATIENCE_MS = 30_000

SitDown = Callable[..., Desk]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser. It ends with these tests, since Playwright keeps an event loop running in the main thread."""
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as running:
        yield running


@pytest.fixture
def shots() -> Path | None:
    """Where pictures of the windows go, if the environment says so."""
    folder = os.environ.get("COPY_BACKUP_SCREENSHOTS")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@dataclass
class Windows:
    """The windows of one test; none of them may complain, or ask anything of a stranger."""

    browser: Browser
    shots: Path | None
    desks: list[Desk] = field(default_factory=list)

    def open(self, slack: LocalSlack, **settings: Any) -> Desk:
        """Open one as large as a desk allows, or as `settings` say; things appear in it without fading in."""
        usual = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        context = self.browser.new_context(**{**usual, **settings})
        context.set_default_timeout(PATIENCE_MS)
        desk = Desk(context.new_page(), slack, self.shots)
        self.desks.append(desk)
        return desk

    def close(self) -> None:
        """Close them, before the workspace they look at stops."""
        for desk in self.desks:
            desk.page.context.close()


@pytest.fixture
def windows(browser: Browser, shots: Path | None) -> Iterator[Windows]:
    opened = Windows(browser, shots)
    yield opened
    opened.close()
    assert [line for desk in opened.desks for line in desk.complaints] == []
    assert [url for desk in opened.desks for url in desk.strangers] == []


@pytest.fixture
def team(tmp_path: Path, windows: Windows) -> Iterator[Team]:
    """The unchanged bot between a local AWS and a local Slack, with the page as `copy-backup sandbox` serves it."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    with LocalWorlds(tmp_path) as worlds, only_loopback(worlds.aws_environ()):
        quick(worlds)
        furnish_page(worlds)
        house = House(worlds)
        try:
            house.start()
            yield Team(house)
        finally:
            windows.close()
            house.shut()


@pytest.fixture
def at_desk(windows: Windows, team: Team) -> SitDown:
    """Sit somebody down at a window of their own."""

    def sit_down(user: str, **settings: Any) -> Desk:
        return windows.open(team.worlds.slack, **settings).sit_down(user)

    return sit_down


@pytest.fixture
def slack(windows: Windows) -> Iterator[LocalSlack]:
    """A local Slack alone, which knows one command."""
    manifest = {
        "display_information": {"name": "Helper"},
        "features": {
            "app_home": {"home_tab_enabled": True},
            "slash_commands": [{"command": "/form", "description": "Show a form", "usage_hint": "[words]"}],
        },
        "settings": {
            "interactivity": {"is_enabled": True},
            "event_subscriptions": {"bot_events": ["app_home_opened"]},
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    }
    with patient_slack(manifest=manifest) as running:
        yield running
        windows.close()


@pytest.fixture
def bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    """A bot that does what a test tells it."""
    with scripted_bot(slack) as running:
        yield running
