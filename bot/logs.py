"""Log lines: short constants with their values in fields, as text for people or JSON for machines."""

import json
import logging
import sys
from datetime import UTC, datetime
from enum import Enum

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(style: str) -> None:
    """Send the log to standard error; `style` is text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Bolt logs the bodies of requests with a bad signature, APScheduler every run, botocore its credentials' source.
    for name in ("slack_bolt", "slack_sdk", "apscheduler", "botocore", "boto3", "urllib3", "waitress", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # What fails there is raised too, and told in our own words; that a sweep never overlaps itself is as it should be.
    for name in ("slack_bolt.RequestVerification", "botocore.credentials", "apscheduler"):
        logging.getLogger(name).setLevel(logging.ERROR)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={value!r}" for name, value in _fields(record).items())
        line = f"{_at(record)} {record.levelname:<7} {record.name} {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fixed: dict[str, object] = {
            "at": _at(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line = {**fixed, **_fields(record), **fixed}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: _bare(value) for name, value in vars(record).items() if name not in _STANDARD}


def _bare(value: object) -> object:
    """The value of an enum's member: whoever searches the log knows it by that."""
    return value.value if isinstance(value, Enum) else value


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
