"""One schedule from its furnished worlds to its verdict."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

from bot.sandbox.clock import WorldClock
from bot.sandbox.slack import ANNA, BEN, BOT_USER, CHRIS, DORA, ClientRefusal
from bot.sandbox.slack.records import Conversation
from bot.sandbox.slack.traffic import Exchange
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import BACKUP, CONFIG, PROD, LocalWorlds
from tests.chaos.clock import tell_time
from tests.chaos.nursery import CLOCK, Nursery
from tests.chaos.people import GaveUp, People, own_channel
from tests.chaos.playbill import SCENES
from tests.chaos.reaper import Reaper
from tests.chaos.scenes import Scene, judge_scene
from tests.chaos.script import ASKERS, Script, Trouble
from tests.chaos.stage import Stage
from tests.chaos.witness import EU, US, Due, Seen, Verdict, judge

POLL_SECONDS = 0.25
# The bots and both worlds live so many times as fast as we do: the pace of posts and leases go by their clock.
SPEED = 4.0
# In our time. Two replicas share leases of up to a minute of the world's, which one that was killed leaves behind.
PATIENCE = {1: 90.0, 2: 120.0}
# Whatever were said twice is said within this time of the last word.
SILENCE = 1.0
RULE = "approvals:\n  - when: {table: lapse-*}\n    approvers: [S0BKPADMINS]\n    expires_after: 20s\n"
FIRST_LOOK = timedelta(seconds=1.2)
COPYING = timedelta(seconds=2)
# From twenty days before the end of every copy to the leads that are left, and beyond the end.
AGES = (timedelta(days=13.5), timedelta(days=6), timedelta(days=2))


@dataclass
class Outcome:
    """What one schedule came to."""

    name: str
    seconds: float = 0.0
    kills: int = 0
    boundaries: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    requests: int = 0
    jobs: int = 0
    notices: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    log: str = ""


def play(script: Script, nursery: Nursery, database_url: str = "") -> Outcome:
    """Play a schedule on SQLite with one bot, or on this PostgreSQL database with two."""
    with tempfile.TemporaryDirectory(prefix="copy-backup-chaos-") as folder, _worlds(Path(folder)) as worlds:
        scene = SCENES.get(script.scene)
        config = CONFIG.replace("approvals:\n", RULE).replace("[us-east-1, eu-west-1]", "[us-east-1]")
        if scene:
            config = scene.config(config)
            scene.furnish(worlds)
        environ = dict(worlds.environ(poll_seconds=POLL_SECONDS, config=config))
        if database_url:
            environ["COPY_BACKUP_DATABASE_URL"] = database_url
        return _Schedule(script, worlds, Reaper(worlds, nursery, environ, 2 if database_url else 1)).play()


class _Schedule:
    def __init__(self, script: Script, worlds: LocalWorlds, reaper: Reaper) -> None:
        self._script, self._worlds, self._reaper = script, worlds, reaper
        self._seen, self._stop = Seen(worlds), Event()
        key = worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"].key_arn
        self._people = People(worlds, self._seen, PATIENCE[reaper.replicas], self._stop, str(key))
        self._scene = SCENES.get(script.scene)
        self._stage = Stage(worlds, self._seen, PATIENCE[reaper.replicas], self._stop)
        self._due = Due({story.table: story.shape for story in script.stories})
        self._ordered = 0
        self._begun = time.monotonic()

    def play(self) -> Outcome:
        for _ in range(self._script.doomed):
            self._worlds.aws.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR")
        with self._worlds.slack.workspace.changes.watched_by(self._seen.look):
            self._reaper.start()
            try:
                self._play()
            finally:
                self._stop.set()
                self._reaper.end()
        return self._outcome()

    def _play(self) -> None:
        stories = [Thread(target=self._people.play, args=(story,)) for story in self._script.stories]
        stories += [Thread(target=self._play_scene, args=(self._scene,))] if self._scene else []
        beside = [
            Thread(target=self._reaper.carry_out, args=(self._script.kills,)),
            Thread(target=self._make_trouble),
        ]
        for thread in (*stories, *beside):
            thread.start()
        for story in stories:
            story.join()
        self._reaper.retire()
        self._stop.set()
        for thread in beside:
            thread.join()
        if self._script.restarted_at_the_end:
            self._reaper.restart()
        self._fall_silent()
        if self._script.ages:
            self._age()

    def _play_scene(self, scene: Scene) -> None:
        try:
            scene.play(self._stage)
        except (GaveUp, ClientRefusal) as error:
            self._people.troubles.append(f"{scene.name}: {error}")

    def _judged(self) -> Verdict:
        return judge_scene(self._scene, self._stage) if self._scene else judge(self._seen, self._due)

    def _age(self) -> None:
        """Let the copies come to their end, and people be told of it, while the bot is killed."""
        self._reaper.resume()
        beside = Thread(target=self._reaper.carry_out, args=(self._script.late_kills,))
        beside.start()
        for number, by in enumerate(AGES, start=1):
            self._worlds.clock.advance(by)
            tell_time(self._worlds.clock, self._worlds.folder / CLOCK)
            over = number == len(AGES)
            self._due = replace(self._due, warnings=number if over else number + 1, ends=int(over))
            self._fall_silent()
        self._reaper.retire()
        beside.join()
        self._fall_silent()

    def _make_trouble(self) -> None:
        now = 0.0
        for trouble in sorted(self._script.troubles, key=lambda trouble: trouble.after):
            if self._stop.wait(trouble.after - now):
                return
            now = trouble.after
            self._order(trouble)

    def _order(self, trouble: Trouble) -> None:
        slack, aws = self._worlds.slack.faults, self._worlds.aws.world.faults
        if trouble.side == "aws":
            getattr(aws, trouble.what)(trouble.call, times=trouble.times)
        elif trouble.side == "slack":
            getattr(slack, trouble.what)(trouble.call, trouble.times)
        else:
            getattr(slack, trouble.what)()
            self._ordered += 1

    def _fall_silent(self) -> None:
        """Wait until the bot says nothing more: what it were to say twice, it has said by then.

        Warnings of the end come from a sweep of their own, after the results that the people waited for.
        """
        patience = PATIENCE[self._reaper.replicas]
        for _ in range(int(patience / SILENCE)):
            self._people.tidy(self._script.stories)
            self._stage.tidy()
            before = self._said()
            Event().wait(SILENCE)
            if self._said() == before and self._judged().is_clean:
                return

    def _said(self) -> int:
        return len([call for call in self._worlds.slack.traffic.calls() if call.name.startswith("chat.")])

    def _outcome(self) -> Outcome:
        verdict = self._judged()
        verdict.lost.extend(self._people.troubles)
        return Outcome(
            name=self._script.name,
            seconds=time.monotonic() - self._begun,
            kills=self._reaper.kills,
            boundaries=self._reaper.boundaries,
            faults=self._faults(),
            requests=len(self._seen.requests()),
            jobs=len(self._seen.jobs()),
            notices=self._seen.notices(),
            verdict=verdict,
            log="".join(path.read_text() for path in sorted(self._worlds.folder.glob("bot-*.log"))),
        )

    def _faults(self) -> int:
        """The faults that struck, by the records of those whom they struck."""
        slack = sum(_struck(exchange) for exchange in self._worlds.slack.traffic.calls())
        aws = sum(fault.hits for fault in self._worlds.aws.world.faults.ordered)
        return slack + aws + self._ordered


def _struck(exchange: Exchange) -> bool:
    return exchange.status >= 400 or exchange.error == "dropped"


@contextmanager
def _worlds(folder: Path) -> Iterator[LocalWorlds]:
    clock = WorldClock(speed=SPEED)
    with LocalWorlds(folder, clock=clock) as worlds, only_loopback(worlds.aws_environ()):
        tell_time(clock, folder / CLOCK)
        # Forms may stay open longer than Slack lets them: a busy machine is not what is tested here.
        worlds.slack.workspace.triggers.life_seconds = 20
        worlds.aws.world.job_timing(created=FIRST_LOOK, running=COPYING)
        for asker in ASKERS:
            _furnish(worlds, asker)
        yield worlds


def _furnish(worlds: LocalWorlds, asker: str) -> None:
    """A channel of their own for each, and tables whose backups end in twenty days, which is announced at once."""
    now, everybody = worlds.clock.now(), (ANNA, BEN, CHRIS, DORA, BOT_USER)
    channel = Conversation(id=own_channel(asker), name=f"team-{asker}", members=everybody, created=int(now.timestamp()))
    worlds.slack.workspace.directory.add_conversation(channel)
    for table in (f"table-{asker}", f"lapse-{asker}"):
        worlds.aws.world.create_table(PROD, US, table)
        worlds.aws.world.add_recovery_point(
            PROD, US, "daily", table, created_at=now - timedelta(days=70), lifecycle={"DeleteAfterDays": 90}
        )
