"""`python -m bot.sandbox.aws`: the local AWS alone, with two accounts to copy between, until Ctrl-C."""

import argparse
import signal
import threading
from datetime import timedelta

from bot.sandbox.aws.identity import BOT_ROLE, DEFAULT_SERVICE_ROLE, access_key
from bot.sandbox.aws.server import LocalAws
from bot.sandbox.aws.world import AwsWorld

OTHER_ACCOUNT = "222222222222"
US, EU = "us-east-1", "eu-west-1"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=5000, help="loopback port (0: any free one; default 5000)")
    parser.add_argument("--empty", action="store_true", help="start without the sample accounts and backups")
    options = parser.parse_args(argv)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with LocalAws(port=options.port) as aws:
        if not options.empty:
            seed(aws.world)
        print(_greeting(aws), flush=True)
        stopped.wait()
    return 0


def seed(world: AwsWorld) -> None:
    """Put two accounts into the world, with a table, its backups, and a vault that takes copies."""
    home = world.state.home_account
    world.add_account(OTHER_ACCOUNT)
    world.create_vault(home, US, "daily")
    world.create_vault(OTHER_ACCOUNT, EU, "safe")
    world.allow_copies_into(OTHER_ACCOUNT, EU, "safe", home)
    world.create_table(home, US, "orders", [{"id": str(number), "total": number * 7} for number in range(1, 11)])
    keep = {"DeleteAfterDays": 35}
    for age in (1, 8, 15):
        made_at = world.clock.now() - timedelta(days=age)
        world.add_recovery_point(home, US, "daily", "orders", created_at=made_at, lifecycle=keep)


def _greeting(aws: LocalAws) -> str:
    home = aws.world.state.home_account
    accounts = aws.world.state.directory.accounts
    return "\n".join(
        [
            f"Local AWS on {aws.url} (Ctrl-C stops it)",
            "",
            f"export AWS_ENDPOINT_URL={aws.url}",
            f"export AWS_ACCESS_KEY_ID={access_key(home)} AWS_SECRET_ACCESS_KEY=local AWS_REGION={US}",
            "",
            *(f"account {account}  role {_role(account, BOT_ROLE)}" for account in accounts),
            f"copies run as {_role(home, DEFAULT_SERVICE_ROLE)}",
            f"time, faults and seeds: {aws.url}/_world",
        ]
    )


def _role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


if __name__ == "__main__":
    raise SystemExit(main())
