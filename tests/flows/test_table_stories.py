"""`copy-backup demo --story NAME`: each story of restores, drills, plans and schedules plays to its end."""

import pytest

from bot.cli import main
from bot.sandbox.stories import STORIES
from tests.flows.readme import promised, told


@pytest.mark.parametrize("name", [name for name in STORIES if name in ("restore", "drill", "plan", "recurring")])
def test_the_story_plays_to_its_end(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--story", name]) == 0

    printed = capsys.readouterr()
    assert "This did not happen" not in printed.err
    assert printed.out.strip().splitlines()[-1].split()[0] in ("Restored", ":stopwatch:", "Rule", "The")
    assert [line for line in promised(name) if line not in told(printed.out)] == []


def test_a_story_that_is_none_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--story", "opera"]) != 0

    assert "restore, drill, plan, recurring" in capsys.readouterr().err
