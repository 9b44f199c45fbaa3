"""One bot for one SQLite file: the second is refused with the reason, and any end of the first lets the next one in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.store import Sole, default_url

HOLDER = """
import sys
from bot.store import Sole, default_url
sole = Sole(default_url(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_one_is_refused_and_reads_who_is_there_and_what_to_do(tmp_path: Path) -> None:
    url = default_url(tmp_path / "bot.db")
    first = Sole(url)

    with pytest.raises(ConfigurationError) as refusal:
        Sole(url)

    assert f"another bot (process {os.getpid()}) is using the database" in str(refusal.value)
    assert "PostgreSQL" in str(refusal.value)
    first.let_go()
    first.let_go()
    Sole(url).let_go()


def test_a_second_name_of_the_file_leads_to_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "bot.db")
    first = Sole(default_url(tmp_path / "bot.db"))

    with pytest.raises(ConfigurationError, match=f"process {os.getpid()}"):
        Sole(default_url(tmp_path / "other.db"))

    first.let_go()


def test_another_file_is_another_database(tmp_path: Path) -> None:
    one, two = Sole(default_url(tmp_path / "one.db")), Sole(default_url(tmp_path / "two.db"))

    one.let_go()
    two.let_go()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(ConfigurationError, match=f"process {holder.pid}"):
        Sole(default_url(path))

    holder.kill()
    holder.communicate()

    Sole(default_url(path)).let_go()


def test_a_server_takes_as_many_as_come() -> None:
    url = "postgresql://user:secret@127.0.0.1:5432/database"

    Sole(url)
    Sole(url).let_go()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="needs a folder to write in"):
        Sole(default_url(tmp_path / "missing" / "bot.db"))
