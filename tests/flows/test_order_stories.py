"""`copy-backup demo --story NAME`: each story of vaults, new backups, sequences and retention plays to its end."""

import pytest

from bot.cli import main
from tests.flows.readme import promised, told


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("vault", "Made"),
        ("advanced", "Turned"),
        ("sequence", "Copied"),
        ("extend", "arn:aws:backup:"),
        ("expiry", "arn:aws:backup:"),
    ],
)
def test_the_story_plays_to_its_end(name: str, end: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--story", name]) == 0

    printed = capsys.readouterr()
    assert "This did not happen" not in printed.err
    assert printed.out.strip().splitlines()[-1].startswith(end)
    if name != "expiry":
        assert [line for line in promised(name) if line not in told(printed.out)] == []
