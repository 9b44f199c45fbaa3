"""From the click on Approve to StartCopyJob, and from the end of the copy in AWS to the message in Slack.

`python -m tests.bench.latency [--rounds 20] [--poll 1]`. The bot runs in this process on signed HTTP, beside both local
worlds, so that every look at AWS costs next to nothing. Beside it, in the same run, StartCopyJob by itself. Nothing is
asserted; what a poll waits for is COPY_BACKUP_POLL_SECONDS, 30 by default.
"""

import argparse
import logging
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import boto3

from bot.sandbox.slack import BACKUPS
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import PROD, LocalWorlds
from tests.bench.running import DESTINATION, ROLE, US
from tests.bench.served_bot import percentile
from tests.flows.house import House
from tests.flows.team import Team


class Watch:
    """When the local AWS saw StartCopyJob, by the clock of this process."""

    def __init__(self, worlds: LocalWorlds) -> None:
        self.started: list[float] = []
        worlds.aws.world.state.on_call = lambda call: self._note(call.operation)

    def _note(self, operation: str) -> None:
        if operation == "StartCopyJob":
            self.started.append(time.perf_counter())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.latency", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="requests that are approved and copied (default 20)")
    parser.add_argument("--poll", type=float, default=1.0, help="COPY_BACKUP_POLL_SECONDS (default 1)")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        worlds = stack.enter_context(LocalWorlds(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        stack.enter_context(only_loopback(worlds.aws_environ()))
        worlds.aws.world.job_timing(created=timedelta(seconds=0.2), running=timedelta(seconds=0.8))
        tables = furnish(worlds, options.rounds + 1)
        house = House(worlds, poll_seconds=options.poll)
        house.start()
        measure(Team(house), tables[1:], bare(worlds, tables[0]), options.poll)
        house.shut()


def furnish(worlds: LocalWorlds, count: int) -> list[str]:
    """Tables with a backup each: one table is copied once at a time."""
    tables = [f"quick-{number:03}" for number in range(count)]
    for table in tables:
        worlds.aws.world.create_table(PROD, US, table)
        worlds.aws.world.add_recovery_point(PROD, US, "daily", table, lifecycle={"DeleteAfterDays": 400})
    return tables


def bare(worlds: LocalWorlds, table: str) -> float:
    """Seconds of a StartCopyJob by itself, on a client that has been used before."""
    points = worlds.aws.world.state.books(PROD, US).vaults["daily"].points.values()
    arn = next(point.arn for point in points if point.resource_name == table)
    client, took = boto3.client("backup", region_name=US), list[float]()
    for _ in range(10):
        start = time.perf_counter()
        client.start_copy_job(
            RecoveryPointArn=arn,
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=DESTINATION.arn,
            IamRoleArn=ROLE,
            IdempotencyToken="bare",
        )
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]


def measure(team: Team, tables: Sequence[str], start_alone: float, poll: float) -> None:
    watch, acks, starts, tellings = Watch(team.worlds), list[float](), list[float](), list[float]()
    for table in tables:
        request_id, known = team.pending(table), len(watch.started)
        clicked = time.perf_counter()
        team.ben.click(team.question(request_id), "Approve")
        acks.append(time.perf_counter() - clicked)
        team.wait(lambda known=known: len(watch.started) > known, "StartCopyJob")  # type: ignore[misc]
        starts.append(watch.started[known] - clicked)
        tellings.append(told_after(team, table))
    line("click → acknowledged", acks)
    line("click → StartCopyJob", starts, f"{percentile(starts, 0.5) / start_alone / 1000:.0f} times StartCopyJob alone")
    line("COMPLETED → message", tellings, f"{percentile(tellings, 0.5) / poll / 1000:.1f} times the poll's interval")


def told_after(team: Team, table: str) -> float:
    """Seconds from the moment that AWS names as the end of the job to the message's own."""

    def told() -> float | None:
        said = [
            message
            for message in team.said("The copy has completed")
            if table in team.text(message) and message.channel == BACKUPS
        ]
        return float(said[0].ts) if said else None

    at = team.wait(told, f"the end of the copy of {table}")
    job = next(job for job in team.jobs() if job["ResourceName"] == table)
    assert at is not None
    return at - float(job["CompletionDate"].timestamp())


def line(what: str, seconds: Sequence[float], beside: str = "") -> None:
    fifty, ninety_nine = percentile(seconds, 0.5), percentile(seconds, 0.99)
    print(f"{what:22} p50 {fifty:8.1f} ms   p99 {ninety_nine:8.1f} ms   {beside}")


if __name__ == "__main__":
    main()
