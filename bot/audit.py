"""`copy-backup audit`: the history as a file, and whether a file or the database is what was written then."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from bot.domain.audit import Head, Line, faults, line_of
from bot.domain.errors import ConfigurationError
from bot.store import open_store, require_database

FOUND_FAULTS = 1
COLUMNS = (
    "seq",
    "at",
    "request",
    "what",
    "user",
    "workspace",
    "name",
    "before",
    "after",
    "detail",
    "prev_hash",
    "hash",
)
# A spreadsheet takes what begins so for a formula (https://owasp.org/www-community/attacks/CSV_Injection). The quote
# itself is marked too, so that reading gives back exactly what was written.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HEAD = "head"
TRUNCATED = "The file has no head, so nobody can tell whether lines are missing at its end."
OUTSIDE = (
    "Whoever can write the database can write a whole new chain: note a head (`--head`) where they cannot reach it."
)


def export(database_url: str, form: str, out: TextIO) -> int:
    """Write the whole history, oldest line first, and last where the chain ends.

    Raises ConfigurationError where there is no history to read; nothing is made or changed there.
    """
    require_database(database_url)
    store = open_store(database_url)
    try:
        with store.read() as tx:
            lines = (line_of(line) for line in tx.history.every())
            head = tx.history.head()
            _write_csv(lines, head, out) if form == "csv" else _write_jsonl(lines, head, out)
    finally:
        store.close()
    return 0


def verify_file(path: Path, known: Head | None) -> int:
    """Check an exported file; nothing but the file is needed."""
    lines, head = read_export(path)
    return _report([*faults(lines, head or known), *_against(lines, known)], lines, head or known)


def verify_database(database_url: str, known: Head | None) -> int:
    """Check the database's own history. Raises ConfigurationError where there is none."""
    require_database(database_url)
    store = open_store(database_url)
    try:
        with store.read() as tx:
            lines: list[Line] = [line_of(line) for line in tx.history.every()]
            head = tx.history.head()
    finally:
        store.close()
    return _report([*faults(lines, head), *_against(lines, known)], lines, head)


def read_head(text: str) -> Head:
    """A head as `export` and `verify` print it: 42:9f86d0…. Raises ConfigurationError."""
    length, _, digest = text.partition(":")
    if not length.isdigit() or len(digest) != 64:
        raise ConfigurationError(f"--head: expected a number of lines and a hash such as 42:9f86d0…, got {text}")
    return Head(int(length), digest)


def read_export(path: Path) -> tuple[list[Line], Head | None]:
    """Lines and head of an exported file, in either form. Raises ConfigurationError for anything else."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
        return _read_jsonl(text) if text.lstrip().startswith("{") else _read_csv(text)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: not an export of the history ({error})") from error


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write_jsonl(lines: Iterable[Line], head: Head, out: TextIO) -> None:
    for line in lines:
        out.write(f"{json.dumps(line, ensure_ascii=False)}\n")
    out.write(f"{json.dumps({_HEAD: {'length': head.length, 'hash': head.hash}})}\n")


def _write_csv(lines: Iterable[Line], head: Head, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([harmless(str(line[column])) for column in COLUMNS])
    writer.writerow([_HEAD, str(head.length), *[""] * (len(COLUMNS) - 3), head.hash])


def _read_jsonl(text: str) -> tuple[list[Line], Head | None]:
    read = [json.loads(line) for line in text.split("\n") if line.strip()]
    if not all(isinstance(one, dict) for one in read):
        raise ValueError("a line is not a JSON object")
    heads = [one[_HEAD] for one in read if _HEAD in one]
    head = Head(int(heads[-1]["length"]), str(heads[-1]["hash"])) if heads else None
    return [one for one in read if _HEAD not in one], head


def _read_csv(text: str) -> tuple[list[Line], Head | None]:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError("its first row does not name the columns")
    body = [row for row in rows[1:] if row and row[0] != _HEAD]
    heads = [row for row in rows[1:] if row and row[0] == _HEAD]
    head = Head(int(heads[-1][1]), heads[-1][-1]) if heads else None
    return [_line(row) for row in body], head


def _line(row: list[str]) -> Mapping[str, object]:
    cells = (cell[1:] if cell.startswith("'") else cell for cell in row)
    line: dict[str, object] = dict(zip(COLUMNS, cells, strict=True))
    return {**line, "seq": int(str(line["seq"]))}


def _against(lines: list[Line], known: Head | None) -> Iterator[str]:
    """A head that was noted earlier has to be one of the lines still."""
    if known is None or known.length == 0:
        return
    if known.length > len(lines):
        yield f"line {known.length}, whose hash was noted, is missing"
    elif lines[known.length - 1].get("hash") != known.hash:
        yield f"line {known.length} is not the one whose hash was noted"


def _report(found: list[str], lines: list[Line], head: Head | None) -> int:
    if found:
        told = [*dict.fromkeys(found), f"The history is NOT as it was written: {len(set(found))} faults."]
        sys.stderr.write("\n".join(told) + "\n")
        return FOUND_FAULTS
    last = head or (Head(len(lines), str(lines[-1]["hash"])) if lines else Head())
    sys.stdout.write(f"The history is as it was written: {len(lines)} lines, head {last.length}:{last.hash}\n")
    sys.stdout.write(f"{OUTSIDE if head else TRUNCATED}\n")
    return 0
