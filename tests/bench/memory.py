"""How much memory a running bot takes with a large inventory, after each reading of all of it.

`python -m tests.bench.memory [--points 100000] [--readings 3]`. The local AWS runs in a process of its own; in this one
are the bot with all its sweeps and a stub in Slack's place. Nothing is asserted; the target is below 200 MB at 100,000.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bot.app import Bot
from bot.settings import load_settings
from tests.bench.inventory import IDS, REGIONS, seed
from tests.bench.options import memory, peak
from tests.bench.served_aws import served_aws
from tests.bench.served_bot import SECRET, new_url, slack_stub

CONFIG = "channel: C0BACKUPS\naccounts:\n" + "".join(
    f'  account-{number[0]}:\n    id: "{number}"\n    regions: [{", ".join(REGIONS)}]\n'
    f"    role_arn: arn:aws:iam::{number}:role/CopyBackupBot\n"
    f"    copy_role_arn: arn:aws:iam::{number}:role/service-role/AWSBackupDefaultServiceRole\n"
    for number in IDS
)
APPROVALS = "approvals:\n  - approvers: [U0BEN]\n    needed: 1\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--points", type=int, default=100_000, help="recovery points in all (default 100000)")
    parser.add_argument("--readings", type=int, default=3, help="readings of the whole inventory (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served_aws() as aws, slack_stub() as api:
        points = seed(aws, options.points, vaults=5)
        (Path(folder) / "copy-backup.yaml").write_text(CONFIG + APPROVALS, encoding="utf-8")
        bot = started(Path(folder), api)
        print(f"{points:,} recovery points; the first picture is being read: {memory():.0f} MB", flush=True)
        for number in range(options.readings):
            start = time.perf_counter()
            bot._desk.inventory.refresh()
            seconds = time.perf_counter() - start
            print(
                f"reading {number + 1}: {seconds:5.1f} s, {memory():.0f} MB resident, {peak():.0f} MB at most",
                flush=True,
            )
        print(f"{len(bot._desk.inventory.tables(''))} tables in the first list: {memory():.0f} MB resident")
        bot.close()


def started(folder: Path, api: str) -> Bot:
    """A bot that serves HTTP and sweeps, as `copy-backup run` starts it."""
    settings = load_settings(
        {
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": api,
            "COPY_BACKUP_CONFIG": str(folder / "copy-backup.yaml"),
            "COPY_BACKUP_DATABASE_URL": new_url(folder),
        }
    )
    bot = Bot(settings)
    bot.listen("127.0.0.1", 0)
    bot.start()
    return bot


if __name__ == "__main__":
    main()
