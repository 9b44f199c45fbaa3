"""`copy-backup sandbox`: a local AWS, a local Slack and the bot, for trying things out until Ctrl-C."""

import logging
import signal
import tempfile
import threading
from pathlib import Path
from types import FrameType

from bot import logs
from bot.app import Bot
from bot.domain.errors import ConfigurationError
from bot.sandbox.aws_failures import aws_failures
from bot.sandbox.slack.page import GuideStep
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import BACKUP, LocalWorlds
from bot.settings import load_settings

POLL_SECONDS = 2
SHARED_VAULTS = ((BACKUP, "eu-west-1", "dr-vault"), (BACKUP, "eu-central-1", "dr-vault"))

# The words are those of the bot's messages, which stay however a message is laid out.
GUIDE = (
    GuideStep(
        "As Anna, type `/copy-backup` in #backups, press Enter, and go through the form: table, backup, destination "
        "(account backup has the vaults for copies), retention, reason.",
        ("asks to copy",),
    ),
    GuideStep("Act as Ben, open the thread of the request and press Approve.", ("ballot_box_with_check",)),
    GuideStep(
        "Watch the thread: the copy starts, and completes a few seconds later.",
        ("The copy has completed", "The copy is done"),
    ),
    GuideStep(
        "In the panel World, move time on by 30 days, twice or more, until the thread says that the copy ends soon.",
        ("alarm_clock",),
    ),
)


def sandbox(port: int = 0) -> int:
    """Serve both worlds and the bot until SIGINT or SIGTERM; everything it wrote is deleted afterwards.

    The page is on this port of 127.0.0.1; 0 takes a free one.
    """
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    logs.set_up("text")
    # How the socket comes and goes is no news here, and the first line to read is the page's address.
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="copy-backup-sandbox-") as folder, _worlds(Path(folder), port) as worlds:
        furnish_page(worlds)
        _serve(worlds, stop)
    return 0


def furnish_page(worlds: LocalWorlds) -> None:
    """Put the local AWS's failures on the page, and what to do there."""
    worlds.slack.page.offer(*aws_failures(worlds.aws.world, SHARED_VAULTS))
    worlds.slack.page.guide(*GUIDE)


def _worlds(folder: Path, port: int) -> LocalWorlds:
    try:
        return LocalWorlds(folder, slack_port=port)
    except OSError as error:
        raise ConfigurationError(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.") from error


def _serve(worlds: LocalWorlds, stop: threading.Event) -> None:
    with only_loopback(worlds.aws_environ()):
        bot = Bot(load_settings(worlds.environ(poll_seconds=POLL_SECONDS)), clock=worlds.clock)
        try:
            bot.start()
            print(_welcome(worlds), flush=True)
            stop.wait()
        finally:
            bot.close()


def _welcome(worlds: LocalWorlds) -> str:
    exports = "\n".join(f"  export {name}={value}" for name, value in worlds.environ(poll_seconds=POLL_SECONDS).items())
    return f"""\
Open {worlds.slack.page_url} in a browser: the page says what to do.

The sandbox is up: a local AWS (accounts prod and backup), a local Slack (#backups, Anna, Ben, Chris …) and the bot.

  Slack's Web API:  {worlds.slack.api_url}
  AWS:              {worlds.aws.url}   (for any boto3 or the AWS command line, with the variables below)

{exports}

Ctrl-C stops everything and deletes what was written."""
