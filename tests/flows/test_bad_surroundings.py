"""What may befall the machine around the bot: nothing is lost, and it is said what to do."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.slack import ANNA, BACKUPS, BEN, BOT_USER
from bot.sandbox.slack.records import Conversation
from bot.sandbox.worlds import LocalWorlds
from tests.flows.house import House
from tests.flows.processes import Running, finished, running
from tests.flows.team import Team

RUN = ("run", "--port", "0")
TEAM_CHANNEL = "C0TEAMCHANNEL"


@contextmanager
def process(worlds: LocalWorlds) -> Iterator[tuple[Team, Running]]:
    """A bot as a process of its own, on Socket Mode over SQLite, and the people around it."""
    team = Team(House(worlds, http=False))
    with running(team.house.environ, *RUN) as bot:
        bot.logs("ready")
        yield team, bot
    team.house.shut()


def dump(worlds: LocalWorlds) -> list[str]:
    """All that the database holds."""
    with closing(sqlite3.connect(worlds.folder / "copy-backup.sqlite3")) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("command", [RUN, ("migrate",)], ids=["run", "migrate"])
def test_a_database_of_a_newer_version_is_refused_with_what_to_do_and_nothing_is_written(
    worlds: LocalWorlds, command: tuple[str, ...]
) -> None:
    with process(worlds) as (team, bot):
        team.pending("orders")
        team.quiet()
        assert bot.end() == 0
    with closing(sqlite3.connect(worlds.folder / "copy-backup.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = dump(worlds)

    ended = finished(House(worlds, http=False).environ, *command)

    assert ended.returncode == 2
    assert "COPY_BACKUP_DATABASE_URL" in ended.stderr
    assert "made by a newer version of Copy Backup; run that one, or restore an older database" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert dump(worlds) == before


def test_a_second_process_on_one_file_refuses_and_names_the_first_which_goes_on(worlds: LocalWorlds) -> None:
    with process(worlds) as (team, bot):
        team.pending("orders")

        ended = finished(team.house.environ, *RUN)

        assert ended.returncode == 2
        assert f"another bot (process {bot.process.pid}) is using the database" in ended.stderr
        assert "Stop that one first, or give this one a database of its own" in ended.stderr
        assert "Traceback" not in ended.stderr
        team.ben.click(team.question(), "Approve")
        team.done()
        assert len(team.jobs()) == 1


def test_a_full_disk_stops_nothing_for_good(worlds: LocalWorlds) -> None:
    with process(worlds) as (team, bot):
        team.pending("orders")
        team.quiet()
        allow(bot, 0)

        team.ben.click(team.question(), "Approve")

        assert "make room on its disk" in bot.logs("no space left")
        assert (team.state(), team.jobs()) == (RequestState.PENDING, [])

        allow(bot, resource.RLIM_INFINITY)
        team.wait(lambda: team.ben.click(team.question(), "Approve").ok, "a click that is kept")
        team.done()
        team.quiet()
        assert len(team.jobs()) == 1
        assert len(team.said("approved CB-1")) == 1


def allow(bot: Running, size: int) -> None:
    """Let no file of the process grow beyond this size: to a database that is a disk without room."""
    _, most = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (size, most))


def test_a_channel_that_is_deleted_midway_loses_nothing(worlds: LocalWorlds) -> None:
    directory = worlds.slack.directory
    created = int(worlds.clock.now().timestamp())
    members = (ANNA, BEN, BOT_USER)
    directory.add_conversation(Conversation(id=TEAM_CHANNEL, name="team", members=members, created=created))
    worlds.aws.world.hold_next_copies()
    with process(worlds) as (team, bot):
        team.pending("orders", channel=TEAM_CHANNEL)
        team.ben.click(team.question(), "Approve")
        team.wait(lambda: team.said("The copy has started", TEAM_CHANNEL), "the start to be told")
        team.quiet()

        del directory.conversations[TEAM_CHANNEL]
        worlds.aws.world.release_copies()

        team.wait(lambda: team.said("The copy has completed", BACKUPS), "the end in the usual channel")
        team.card_reads("Completed")
        assert team.card().channel == BACKUPS
        assert "what_to_do" in bot.logs("request_moves")
        team.quiet()
        assert len(team.said("The copy has completed", BACKUPS)) == 1


class MachineClock:
    """The port `Clock` of a machine whose clock is ahead of the world's, until somebody sets it right."""

    def __init__(self, worlds: LocalWorlds, ahead: timedelta) -> None:
        self._worlds, self.ahead = worlds, ahead

    def now(self) -> datetime:
        return self._worlds.clock.now() + self.ahead


def test_after_the_clock_was_set_back_nothing_waits_for_the_time_that_it_showed(worlds: LocalWorlds) -> None:
    clock = MachineClock(worlds, timedelta(hours=1))
    team = Team(House(worlds, machine=clock))
    bot = team.house.start()
    busy = worlds.aws.world.faults.throttle("StartCopyJob", times=None)
    team.pending("orders")
    worlds.slack.faults.rate_limit("chat.postMessage", retry_after=1_800)
    team.ben.click(team.question(), "Approve")
    team.wait(lambda: busy.hits, "a copy that AWS does not start yet")
    team.wait(lambda: any(call.status == 429 for call in worlds.slack.traffic.calls()), "Slack to be busy")
    team.wait(lambda: held(team), "the channel to be held")
    before = clock.now()

    clock.ahead = timedelta(0)
    busy.lift()
    bot._sweeps.clock_went_back(clock.now(), before)

    team.done()
    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("The copy has completed")) == 1
    team.house.shut()


def held(team: Team) -> bool:
    """Whether the bot has written down that its channel has to wait."""
    with team.house.store.read() as tx:
        return tx.outbox.lanes(team.clock.now() + timedelta(hours=1, minutes=1)) == []
