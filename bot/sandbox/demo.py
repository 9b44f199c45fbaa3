"""`copy-backup demo`: starts both local worlds and the unchanged bot, and plays a story by itself."""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.app import Bot
from bot.domain.errors import CopyBackupError
from bot.sandbox.stories import MAIN, STORIES
from bot.sandbox.story import Story, StoryEnded
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from bot.settings import load_settings


def demo(story: str = MAIN) -> int:
    """Play a story, the main job by default; 0 when all of it happened, 1 (and which step) when not."""
    with (
        _quiet_log(),
        tempfile.TemporaryDirectory(prefix="copy-backup-demo-") as folder,
        LocalWorlds(Path(folder)) as worlds,
    ):
        print(f"Local AWS on {worlds.aws.url}, local Slack on {worlds.slack.api_url}")
        with only_loopback(worlds.aws_environ()):
            try:
                return _play(worlds, STORIES[story])
            except (StoryEnded, CopyBackupError) as ended:
                print(f"\nThis did not happen: {ended}", file=sys.stderr)
                return 1


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Only errors while the story is told; afterwards the level that the caller's process had."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)


def _play(worlds: LocalWorlds, story: type[Story]) -> int:
    bot = Bot(load_settings(worlds.environ()), clock=worlds.clock)
    try:
        bot.start()
        print(f"\n{story(worlds, lambda text: print(text, flush=True)).play()}")
    finally:
        bot.close()
    return 0
