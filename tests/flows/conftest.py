"""Worlds, bots and people for the stories. Each test has worlds of its own: they start in a tenth of a second."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from tests.flows.house import LEAN, House
from tests.flows.team import Team

PATIENT = 20.0

MakeTeam = Callable[..., Team]


@pytest.fixture(autouse=True)
def _quiet_scheduler() -> Iterator[None]:
    """Sweeps run ten times a second here, and APScheduler would warn of each run that found one still at work."""
    scheduler = logging.getLogger("apscheduler")
    before = scheduler.level
    scheduler.setLevel(logging.ERROR)
    yield
    scheduler.setLevel(before)


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[LocalWorlds]:
    """A local AWS, whose copies take half a second, and a local Slack."""
    with LocalWorlds(tmp_path) as both, only_loopback(both.aws_environ()):
        quick(both)
        yield both


@pytest.fixture
def config() -> str:
    """The configuration that bots are started with; a module may have its own."""
    return LEAN


@pytest.fixture
def make_team(worlds: LocalWorlds, config: str) -> Iterator[MakeTeam]:
    """Make a team with a bot that is started: `http`, `config`, `database_url` and `patience` as House takes them."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Team:
            house = House(worlds, **{"config": config, **settings})
            stack.callback(house.shut)
            house.start()
            return Team(house)

        yield make


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """A team whose bot is reached by signed HTTP, which starts and ends faster than Socket Mode."""
    return make_team()


@pytest.fixture(params=["socket mode", "signed http"])
def bot_over(request: pytest.FixtureRequest, make_team: MakeTeam) -> Team:
    """The same team over either of Slack's transports."""
    return make_team(http=request.param == "signed http")


def quick(worlds: LocalWorlds) -> None:
    """Let copies end soon, and let Slack wait longer than it does: a busy machine must not fail a test."""
    worlds.slack.workspace.triggers.life_seconds = worlds.slack.workspace.ack_seconds = PATIENT
    worlds.aws.world.job_timing(created=timedelta(seconds=0.2), running=timedelta(seconds=0.3))
