"""How much memory a running bot takes with a large inventory, after each reading of all of it.

`python -m tests.bench.memory [--points 100000] [--readings 3]`. The local AWS and the bot with all its sweeps run in
processes of their own; in this one is a stub in Slack's place. Nothing is asserted; the target is below 200 MB at
100,000.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.inventory import IDS, REGIONS, seed
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
        print(f"{points:,} recovery points", flush=True)
        command = [sys.executable, "-m", "tests.bench.bot_alone", str(options.readings)]
        subprocess.run(command, env=environ(Path(folder), api), check=True)


def environ(folder: Path, api: str) -> dict[str, str]:
    """What a bot finds that serves HTTP and sweeps."""
    (folder / "copy-backup.yaml").write_text(CONFIG + APPROVALS, encoding="utf-8")
    return {
        **os.environ,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api,
        "COPY_BACKUP_CONFIG": str(folder / "copy-backup.yaml"),
        "COPY_BACKUP_DATABASE_URL": new_url(folder),
    }


if __name__ == "__main__":
    main()
