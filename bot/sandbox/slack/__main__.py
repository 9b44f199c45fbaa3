"""`python -m bot.sandbox.slack`: the local Slack by itself, until Ctrl-C."""

import argparse
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from .local_slack import LocalSlack


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=3030, help="port on 127.0.0.1 (default 3030; 0 takes a free one)")
    parser.add_argument("--manifest", type=Path, help="app manifest whose scopes, commands and events count")
    parser.add_argument("--deliver-to", metavar="URL", help="the bot's request URL; without it, Socket Mode")
    arguments = parser.parse_args(argv)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with LocalSlack(arguments.manifest, port=arguments.port) as slack:
        slack.deliver_to(arguments.deliver_to)
        print(f"{settings_of(slack)}\n# The page on which to use it: {slack.page_url}", flush=True)
        over.wait()
    return 0


def settings_of(slack: LocalSlack) -> str:
    """Return the environment a bot needs for this workspace, ready for a shell."""
    lines = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }
    return "\n".join(f"export {name}={value}" for name, value in lines.items())


if __name__ == "__main__":
    raise SystemExit(main())
