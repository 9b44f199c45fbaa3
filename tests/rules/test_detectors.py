"""The rules of the house are only worth something if their detectors do find what they look for."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rules.detectors import banners, clock_reads, functions, patches, sleeps, swallowed_errors
from tests.rules.sources import ROOT

Detector = Callable[[ast.AST], Iterator[int]]


@pytest.mark.parametrize(
    ("detector", "code"),
    [
        (sleeps, "import time\ntime.sleep(1)"),
        (sleeps, "from time import sleep"),
        (clock_reads, "from datetime import datetime\ndatetime.now(UTC)"),
        (clock_reads, "import datetime\ndatetime.datetime.utcnow()"),
        (clock_reads, "import time\ntime.time()"),
        (clock_reads, "from time import monotonic"),
        (swallowed_errors, "try:\n    f()\nexcept Exception:\n    pass"),
        (swallowed_errors, "try:\n    f()\nexcept:\n    ..."),
        (
            swallowed_errors,
            "for x in y:\n    try:\n        f()\n    except (ValueError, BaseException):\n        continue",
        ),
        (swallowed_errors, "import contextlib\nwith contextlib.suppress(Exception):\n    f()"),
        (patches, "from unittest.mock import patch"),
        (patches, "from unittest import mock\nmock.patch('x')"),
    ],
)
def test_a_breach_is_found(detector: Detector, code: str) -> None:
    assert len(list(detector(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    ("detector", "code"),
    [
        (sleeps, "event.wait(1)"),
        (clock_reads, "clock.now()"),
        (swallowed_errors, "try:\n    f()\nexcept ValueError:\n    pass"),
        (swallowed_errors, "try:\n    f()\nexcept Exception:\n    log.exception('sweep failed')"),
        (swallowed_errors, "with suppress(KeyError):\n    f()"),
        (patches, "client.patch('/x')"),
    ],
)
def test_what_is_allowed_is_left_alone(detector: Detector, code: str) -> None:
    assert list(detector(ast.parse(code))) == []


def test_a_banner_is_found_and_a_comment_is_not() -> None:
    text = "# ---- helpers ----\nx = 1  # fine\n# A reason, in a sentence.\n#######\n"

    assert list(banners(text)) == [1, 4]


def test_a_functions_length_counts_its_first_and_last_line() -> None:
    code = "class A:\n    def f(self):\n        x = 1\n        return x\n"

    assert list(functions(ast.parse(code))) == [("f", 2, 3)]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "socket"),
        ("import socket\nsocket.socket().bind(('127.0.0.1', 0))", "socket.bind"),
        ("import sqlite3\nsqlite3.connect(':memory:')", "sqlite3.connect"),
        ("import os\nTOKEN = os.environ.get('SLACK_BOT_TOKEN')", "SLACK_BOT_TOKEN"),
        ("import os\nTOKEN = os.getenv('COPY_BACKUP_LOG')", "COPY_BACKUP_LOG"),
        ("open('left_behind', 'w')", "left_behind"),
        ("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()", "threads run on"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
    ],
)
def test_a_module_that_does_something_while_it_is_imported_is_found(code: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(code, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    command = [sys.executable, "-B", "-m", "tests.rules.quiet_imports", "noisy"]

    report = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60)

    assert report.returncode == 1
    assert report.stdout.startswith("importing noisy: ")
    assert told in report.stdout
