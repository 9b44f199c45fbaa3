"""How soon the review shows its first findings, and all of them, when each answer of AWS takes a while.

`python -m tests.bench.review [--delay 0.1] [--walks 10]`. The bot, the local AWS and the person with the local Slack
are a process each, so that nobody times somebody else's work; every answer of every service of AWS is held back.
Nothing is asserted. The target: the first findings within 1 s when each answer takes 100 ms.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import boto3

from bot.sandbox.aws import HOME_ACCOUNT
from bot.sandbox.slack import ANNA, BACKUP_ADMINS, BACKUPS, LocalSlack
from bot.slack.manifest import manifest
from tests.bench.served_aws import ServedAws, served_aws
from tests.bench.served_bot import percentile
from tests.flows.processes import running
from tests.flows.walk import Walk

T = TypeVar("T")
OTHER = "222222222222"
CONFIG = f"""\
channel: {BACKUPS}
accounts:
  prod:
    id: "{HOME_ACCOUNT}"
    regions: [us-east-1]
    role_arn: arn:aws:iam::{HOME_ACCOUNT}:role/CopyBackupBot
    copy_role_arn: arn:aws:iam::{HOME_ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole
  backup:
    id: "{OTHER}"
    regions: [eu-west-1]
    role_arn: arn:aws:iam::{OTHER}:role/CopyBackupBot
    copy_role_arn: arn:aws:iam::{OTHER}:role/service-role/AWSBackupDefaultServiceRole
approvals:
  - approvers: [{BACKUP_ADMINS}]
    needed: 1
"""
PATIENCE = 60.0


@dataclass
class Screen:
    """What a walk needs of the house: the workspace, and waiting for what the person sees."""

    slack: LocalSlack

    @property
    def worlds(self) -> "Screen":
        return self

    def eventually(self, predicate: Callable[[], T], what: str) -> T:
        return self.slack.wait_until(predicate, PATIENCE, what)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review", description=__doc__)
    parser.add_argument("--delay", type=float, default=0.1, help="seconds that each answer of AWS takes (default 0.1)")
    parser.add_argument("--walks", type=int, default=10, help="walks, the first with a bot that asks AWS anew")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served_aws(empty=False) as aws,
        LocalSlack(manifest(), ack_seconds=PATIENCE, trigger_seconds=PATIENCE) as slack,
        running(environ(Path(folder), slack), "run", "--port", "0") as bot,
    ):
        bot.logs("ready")
        slack.wait_for_connection(timeout=PATIENCE)
        hold_back(aws, options.delay)
        single = one_call()
        print(f"one call of AWS Backup with its answer held back {options.delay * 1000:.0f} ms: {single * 1000:.0f} ms")
        times = [review(slack) for _ in range(options.walks)]
    tell(times, single)


def review(slack: LocalSlack) -> tuple[float, float]:
    """Walk to the review; the seconds from pressing its button to the first findings, and to all of them."""
    walk: Any = Walk(Screen(slack), slack.person(ANNA))  # type: ignore[arg-type]  # a screen is all that it needs
    walk.open("orders").has("Backup").backup().next().destination(vault="safe").next().keep("As the source").why(
        "Bench."
    )
    start = time.perf_counter()
    assert walk.person.submit().outcome == "updated"
    walk.reads("Checked:")
    first = time.perf_counter() - start
    walk.reviewed()
    whole = time.perf_counter() - start
    walk.person.close_modal()
    return first, whole


def tell(times: list[tuple[float, float]], single: float) -> None:
    (cold_first, cold_whole), *warm = times
    print(f"the first look of a bot that has just started: {_figures([cold_first], [cold_whole], single)}")
    if warm:
        firsts, wholes = [first for first, _ in warm], [whole for _, whole in warm]
        print(f"{len(warm)} later ones: {_figures(firsts, wholes, single)}")


def _figures(firsts: list[float], wholes: list[float], single: float) -> str:
    parts = []
    for what, times in (("first findings", firsts), ("all of them", wholes)):
        half, most = percentile(times, 0.5), percentile(times, 0.99)
        parts.append(f"{what} p50 {half:.0f} ms, p99 {most:.0f} ms ({half / 1000 / single:.1f} single calls)")
    return "; ".join(parts)


def hold_back(aws: ServedAws, seconds: float) -> None:
    """Hold every answer of every service back."""
    aws.tell("/faults", "DELETE")
    aws.tell("/faults", fault="slow", operation="*", seconds=seconds)


def one_call() -> float:
    """The seconds of a single call on a connection that is open."""
    client = boto3.client("backup", region_name="us-east-1")
    client.list_backup_vaults()
    start = time.perf_counter()
    client.list_backup_vaults()
    return time.perf_counter() - start


def environ(folder: Path, slack: LocalSlack) -> dict[str, str]:
    config = folder / "copy-backup.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "COPY_BACKUP_CONFIG": str(config),
        "COPY_BACKUP_DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "AWS_EC2_METADATA_DISABLED": "true",
        **aws,
    }


if __name__ == "__main__":
    main()
