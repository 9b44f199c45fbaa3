"""The witness of the chaos suite sees what is wrong: a suite that cannot fail would prove nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import boto3
import pytest

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import BACKUPS, Message
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import BACKUP, COPY_ROLE, PROD, LocalWorlds
from tests.chaos.scenes import Scene, judge_scene
from tests.chaos.schedule import Outcome
from tests.chaos.stage import Stage
from tests.chaos.table import table
from tests.chaos.witness import US, Seen, Verdict, judge, judge_all

TABLE = "table-anna"


class Thread:
    """Writes what a bot would have written about one request, and what it should not have."""

    def __init__(self, worlds: LocalWorlds) -> None:
        self.worlds, self.seen = worlds, Seen(worlds)
        self.root = self.post("CB-1:card:1", f"CB-1: copy {TABLE}. *Waiting for approval*")
        self.say("ask:1", "asks to copy")

    def post(self, key: str, text: str, thread_ts: str | None = None) -> Message:
        timeline = self.worlds.slack.workspace.timeline
        return timeline.post(
            Message(
                channel=BACKUPS,
                ts=timeline.new_ts(BACKUPS),
                user="UBOT",
                text=text,
                by_app=True,
                thread_ts=thread_ts,
                metadata={"event_type": "copy_backup_notice", "event_payload": {"key": key}},
            )
        )

    def say(self, key: str, text: str = "") -> None:
        self.post(f"CB-1:{key}", text, self.root.ts)

    def card_says(self, status: str) -> None:
        self.post_again(f"CB-1: copy {TABLE}. *{status}*")
        self.seen.look()

    def post_again(self, text: str) -> None:
        timeline = self.worlds.slack.workspace.timeline
        self.root = timeline.edit(replace(self.root, text=text))

    def copy(self) -> str:
        """Have AWS make one copy of the table, to its end; the id of its job."""
        world = self.worlds.aws.world
        point = next(p for p in world.state.books(PROD, US).vaults["daily"].points.values() if p.resource_name == TABLE)
        job = boto3.client("backup", region_name=US).start_copy_job(
            RecoveryPointArn=point.arn,
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=f"arn:aws:backup:eu-west-1:{BACKUP}:backup-vault:dr-vault",
            IamRoleArn=f"arn:aws:iam::{PROD}:role/{COPY_ROLE}",
        )
        self.worlds.clock.advance(timedelta(minutes=5))
        return str(job["CopyJobId"])

    def copying(self) -> str:
        """A request as it should be until its copy is under way; the id of its job."""
        self.seen.look()
        self.say("approved:ben")
        self.card_says("Approved")
        job = self.copy()
        self.say("started:token", job)
        self.card_says("Copying")
        return job

    def whole(self) -> str:
        """A request as it should be, told to its end; the id of its job."""
        job = self.copying()
        self.say("completed:token", job)
        self.say("expiring:30")
        self.card_says("Completed")
        return job


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[Thread]:
    with LocalWorlds(tmp_path) as worlds, only_loopback(worlds.aws_environ()):
        worlds.aws.world.create_table(PROD, US, TABLE)
        worlds.aws.world.add_recovery_point(PROD, US, "daily", TABLE)
        yield Thread(worlds)


def test_a_request_that_was_told_to_its_end_is_clean(thread: Thread) -> None:
    thread.whole()

    assert list(judge(thread.seen)) == []


def test_a_second_copy_job_for_one_approval_is_doubled(thread: Thread) -> None:
    thread.whole()
    thread.copy()

    assert f"copy jobs of {TABLE}: 2 instead of 1" in judge(thread.seen).doubled


def test_an_approval_without_a_copy_job_is_lost(thread: Thread) -> None:
    thread.say("approved:ben")

    verdict = judge(thread.seen)
    assert f"copy jobs of {TABLE}: 0 instead of 1" in verdict.lost
    assert "the end of CB-1, whose card says Waiting for approval" in verdict.lost


@pytest.mark.parametrize("said", ["approved:ben", "approved:chris", "completed:other", "expiring:30", "ask:2"])
def test_a_notice_that_is_said_twice_is_doubled(thread: Thread, said: str) -> None:
    job = thread.whole()
    thread.say(said, job)

    assert judge(thread.seen).doubled


def test_a_finished_job_that_nobody_was_told_of_is_lost(thread: Thread) -> None:
    thread.say("approved:ben")
    job = thread.copy()
    thread.say("started:token", job)

    assert f"result of job {job}: 0 instead of 1" in judge(thread.seen).lost


def test_a_second_card_of_a_request_is_doubled(thread: Thread) -> None:
    thread.whole()
    thread.post("CB-1:card:9", f"CB-1: copy {TABLE}. *Completed*")

    assert "cards of CB-1: 2 instead of 1" in judge(thread.seen).doubled


def test_a_card_that_goes_back_is_seen_even_when_it_comes_forward_again(thread: Thread) -> None:
    thread.whole()
    thread.card_says("Copying")
    thread.card_says("Completed")

    assert [line.split(":")[0] for line in judge(thread.seen).backwards] == ["CB-1 went from Completed to Copying"]


@pytest.mark.parametrize("told", [True, False])
def test_an_approval_may_be_taken_back_only_where_the_thread_says_why(thread: Thread, told: bool) -> None:
    thread.seen.look()
    thread.say("approved:1:ben")
    thread.card_says("Approved")
    if told:
        thread.say("changed:1")
    thread.card_says("Waiting for approval")
    thread.say("approved:2:ben")
    thread.card_says("Approved")
    job = thread.copy()
    thread.say("started:token", job)
    thread.card_says("Copying")
    thread.say("completed:token", job)
    thread.say("expiring:30")
    thread.card_says("Completed")

    verdict = judge(thread.seen)
    assert verdict.is_clean is told
    assert bool(verdict.doubled) is bool(verdict.backwards) is not told


def test_the_table_sums_up_and_shows_what_went_wrong() -> None:
    bad = Outcome(name="1/2", kills=3, faults=4, requests=2, jobs=1, notices=9)
    bad.boundaries = Counter({"after StartCopyJob": 2})
    bad.verdict = Verdict(lost=["one"], doubled=["two", "three"])

    printed = table({"SQLite": [bad, Outcome(name="1/3", kills=1_000, notices=5)]})

    assert printed.splitlines()[-1] == "| SQLite | 2 | 1,003 | 2 | 1 | 4 | 2 | 1 | 14 | 0 | 1 | 2 |"


def test_a_scene_is_clean_only_with_what_has_to_come_of_it(thread: Thread) -> None:
    thread.whole()
    stage, due = Stage(thread.worlds, thread.seen, 1, Event()), {NoticeKind.COMPLETED: 1}

    assert list(judge_scene(Scene("one copy", lambda _: None, due, jobs=1), stage)) == []
    assert judge_scene(Scene("no copy", lambda _: None, due, jobs=0), stage).doubled == ["copy jobs: 1 instead of 0"]
    more = Scene("two copies", lambda _: None, {NoticeKind.COMPLETED: 2}, jobs=2)
    assert judge_scene(more, stage).lost == ["notices completed: 1 instead of 2", "copy jobs: 1 instead of 2"]


def test_what_a_scene_counts_for_itself_is_judged(thread: Thread) -> None:
    thread.whole()
    stage = Stage(thread.worlds, thread.seen, 1, Event())

    def counts(_: Stage) -> Iterator[tuple[str, int, int]]:
        yield "days", 90, 180
        yield "links", 2, 1

    verdict = judge_scene(Scene("kept longer", lambda _: None, jobs=1, counts=counts), stage)

    assert (verdict.lost, verdict.doubled) == (["days: 90 instead of 180"], ["links: 2 instead of 1"])


@pytest.mark.parametrize("said", ["approved:ben", "completed:token", "expiring:30", "end changed:1"])
def test_in_a_scene_nothing_may_stand_twice(thread: Thread, said: str) -> None:
    job = thread.whole()
    thread.say("end changed:1")
    thread.say(said, job)

    assert any(said in line for line in judge_all(thread.seen).doubled)


def test_in_a_scene_every_end_is_told_and_no_card_goes_back(thread: Thread) -> None:
    job = thread.copying()
    thread.card_says("Approved")

    verdict = judge_all(thread.seen)

    assert verdict.lost == ["the end of CB-1, whose card says Approved", f"result of job {job}: 0 instead of 1"]
    assert verdict.backwards
    # Of a result that operators are told of instead nobody says that it was lost.
    assert judge_all(thread.seen, given_up=1).lost == ["the end of CB-1, whose card says Approved"]
