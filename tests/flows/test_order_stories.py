"""`copy-backup demo --story NAME`: each story of vaults, new backups, sequences and retention plays to its end."""

import pytest

from bot.cli import main


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

    told = capsys.readouterr()
    assert "This did not happen" not in told.err
    assert told.out.strip().splitlines()[-1].startswith(end)
