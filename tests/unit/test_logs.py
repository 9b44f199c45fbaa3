"""Log lines: a constant and its fields, for people and for machines, each on one line and never with a secret."""

import json
import logging
import sys
from collections.abc import Iterator
from enum import Enum

import pytest
from pydantic import SecretStr

from bot.domain.notices import NoticeKind
from bot.logs import JsonLines, TextLines, set_up
from tests.unit.fakes import NOW

TOKEN = "xoxb-1-2-abcdef"


def record(message: str = "copy_started", *, error: Exception | None = None, **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "bot.workflows.runner", "levelno": logging.WARNING, "levelname": "WARNING", "msg": message, **fields}
    )
    made.created = NOW.timestamp()
    if error is not None:
        made.exc_info = (type(error), error, error.__traceback__)
    return made


def as_json(line: logging.LogRecord) -> dict[str, object]:
    text = JsonLines().format(line)
    assert "\n" not in text
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def test_text_for_people() -> None:
    assert TextLines().format(record(request="CB-42", tries=3)) == (
        "2026-11-22T10:30:00.000+00:00 WARNING bot.workflows.runner copy_started request='CB-42' tries=3"
    )


class Mood(Enum):
    GOOD = "good"


@pytest.mark.parametrize("kind", [NoticeKind.APPROVED, Mood.GOOD])
def test_of_a_choice_its_value_is_logged(kind: Enum) -> None:
    line = record(kind=kind)

    assert TextLines().format(line).endswith(f" kind={kind.value!r}")
    assert as_json(line)["kind"] == kind.value


def test_json_for_machines() -> None:
    assert as_json(record(request="CB-42", tries=3)) == {
        "at": "2026-11-22T10:30:00.000+00:00",
        "level": "WARNING",
        "logger": "bot.workflows.runner",
        "message": "copy_started",
        "request": "CB-42",
        "tries": 3,
    }


def test_an_error_comes_with_its_traceback() -> None:
    error = ValueError("no such thing")

    assert "ValueError: no such thing" in TextLines().format(record(error=error))
    assert "ValueError: no such thing" in str(as_json(record(error=error))["traceback"])


def test_a_field_cannot_forge_a_line() -> None:
    forged = "x\n2026-11-22T10:30:00.000+00:00 INFO    bot approved"

    assert "\n" not in TextLines().format(record(reason=forged))
    assert as_json(record(reason=forged))["reason"] == forged


def test_a_field_cannot_take_the_place_of_what_every_line_has() -> None:
    line = as_json(record(at="never", level="none", logger="nobody"))

    assert (line["at"], line["level"], line["logger"]) == (
        "2026-11-22T10:30:00.000+00:00",
        "WARNING",
        "bot.workflows.runner",
    )


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert as_json(record(when=NOW, what={1}))["when"] == "2026-11-22 10:30:00+00:00"


def test_a_secret_is_never_written() -> None:
    line = record(token=SecretStr(TOKEN))

    assert TOKEN not in TextLines().format(line) + JsonLines().format(line)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    names = [name for name in logging.root.manager.loggerDict if isinstance(logging.getLogger(name), logging.Logger)]
    before = {name: logging.getLogger(name).level for name in names}
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(before.get(name, logging.NOTSET))


@pytest.mark.usefixtures("restored_logging")
@pytest.mark.parametrize(("style", "kind"), [("text", TextLines), ("json", JsonLines)])
def test_the_style_is_chosen_and_everything_goes_to_standard_error(style: str, kind: type[logging.Formatter]) -> None:
    set_up(style)

    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    assert handler.stream is sys.stderr
    assert isinstance(handler.formatter, kind)


@pytest.mark.usefixtures("restored_logging")
def test_vendors_that_log_bodies_and_credentials_are_quiet() -> None:
    set_up("text")

    for name in ("slack_bolt", "slack_sdk", "botocore", "urllib3", "apscheduler.executors.default"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    assert not logging.getLogger("slack_bolt.RequestVerification").isEnabledFor(logging.WARNING)
    assert logging.getLogger("bot.workflows.runner").isEnabledFor(logging.INFO)
