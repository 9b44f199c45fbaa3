"""The history's chain: whatever is changed, taken out, moved or cut off is found, and exports are harmless."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cli
from bot.audit import FOUND_FAULTS, export, harmless, read_export, read_head, verify_database, verify_file
from bot.domain.audit import Head, chained, faults, line_of
from bot.domain.books import Store
from bot.domain.errors import ConfigurationError
from bot.domain.people import Actor
from bot.domain.requests import Event
from bot.store import default_url
from tests.unit.builders import BEN, stored_request
from tests.unit.fakes import NOW

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "|calc", 'plain, "quoted"\nsecond line', "\ud800 half")


def some_lines(number: int = 5) -> tuple[list[dict[str, object]], Head]:
    head, lines = Head(), []
    for count in range(number):
        line = chained(Event(f"CB-{count + 1}", NOW, "approve", BEN, "PENDING", "APPROVED", f"note {count}"), head)
        head = Head(line.seq, line.hash)
        lines.append(line_of(line))
    return lines, head


def test_what_nobody_touched_is_sound() -> None:
    lines, head = some_lines()

    assert list(faults(lines, head)) == []


@given(st.integers(0, 4), st.sampled_from(["at", "request", "what", "user", "name", "before", "after", "detail"]))
def test_any_edit_is_found(place: int, field: str) -> None:
    lines, head = some_lines()
    lines[place] = {**lines[place], field: "something else"}

    assert list(faults(lines, head)) == [f"line {place + 1} has been changed"]


def test_an_edit_with_a_hash_made_anew_is_found_at_the_next_line() -> None:
    lines, head = some_lines()
    forged = chained(Event("CB-2", NOW, "reject", BEN), Head(1, str(lines[0]["hash"])))
    lines[1] = line_of(forged)

    assert list(faults(lines, head)) == ["line 3 does not follow the line before it"]


@given(st.integers(0, 3))
def test_a_line_taken_out_is_found(place: int) -> None:
    lines, head = some_lines()
    del lines[place]

    assert any("missing or out of order" in fault for fault in faults(lines, head))


@given(st.permutations(range(5)))
def test_another_order_is_found(order: list[int]) -> None:
    lines, head = some_lines()

    found = list(faults([lines[place] for place in order], head))

    assert bool(found) == (order != sorted(order))


def test_lines_cut_off_are_found_by_the_head_and_only_by_it() -> None:
    lines, head = some_lines()

    assert list(faults(lines[:3], head)) == [
        "the chain ends at line 3, but its head says 5: lines are missing at the end"
    ]
    assert list(faults(lines[:3], None)) == []


@pytest.fixture
def written(store: Store, tmp_path: Path) -> str:
    """The URL of a database whose history holds what somebody evil typed."""
    request = stored_request(store)
    with store.begin() as tx:
        for text in EVIL:
            tx.requests.record(Event(request.id, NOW, "click refused", Actor("U0EVE", "T0", text), detail=text))
        tx.requests.record(Event("nonsense", NOW, "click refused", BEN, detail="forged"))
    return default_url(tmp_path / "store.db")


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_is_verified_without_anything_else(
    written: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / f"audit.{form}", io.StringIO(newline="")
    assert export(written, form, out) == 0
    path.write_text(out.getvalue(), encoding="utf-8", newline="")

    assert verify_file(path, None) == 0
    head = capsys.readouterr().out.split("head ")[1].split()[0]
    assert verify_file(path, read_head(head)) == 0
    assert verify_database(written, read_head(head)) == 0

    path.write_text(out.getvalue().replace("forged", "forgot"), encoding="utf-8", newline="")
    assert verify_file(path, None) == FOUND_FAULTS
    assert f"line {len(EVIL) + 1} has been changed" in capsys.readouterr().err


def test_both_forms_hold_the_same(written: str, tmp_path: Path) -> None:
    read = []
    for form in ("jsonl", "csv"):
        out = io.StringIO(newline="")
        export(written, form, out)
        path = tmp_path / form
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        read.append(read_export(path))

    assert read[0] == read[1]


def test_no_cell_begins_like_a_formula(written: str) -> None:
    out = io.StringIO(newline="")
    export(written, "csv", out)

    cells = [cell for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for cell in row]

    assert any("SUM(A1)" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(st.text())
def test_making_a_cell_harmless_can_be_undone(text: str) -> None:
    made = harmless(text)

    assert (made[1:] if made.startswith("'") else made) == text


def test_a_file_without_its_head_is_told_to_prove_less(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.StringIO()
    export(written, "jsonl", out)
    path = tmp_path / "cut.jsonl"
    path.write_text("".join(f"{line}\n" for line in out.getvalue().splitlines()[:4]), encoding="utf-8")

    assert verify_file(path, None) == 0
    assert "nobody can tell whether lines are missing" in capsys.readouterr().out
    whole = json.loads(out.getvalue().splitlines()[-1])["head"]
    assert verify_file(path, Head(whole["length"], whole["hash"])) == FOUND_FAULTS


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "[1, 2]", '{"head": 1}', "\x00"])
def test_what_is_no_export_is_told_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError):
        verify_file(path, None)


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("UPDATE events SET detail = 'all fine' WHERE seq = 4", "line 4 has been changed"),
        ("UPDATE events SET what = 'approve' WHERE seq = 2", "line 2 has been changed"),
        ("UPDATE events SET at = '2020-01-01 00:00:00' WHERE seq = 3", "line 3 has been changed"),
        ("DELETE FROM events WHERE seq = 5", "missing or out of order"),
        ("UPDATE events SET seq = -seq WHERE seq IN (3, 4); UPDATE events SET seq = 7 + seq WHERE seq < 0", "line 3"),
        ("DELETE FROM events WHERE seq > 6", "lines are missing at the end"),
        ("DELETE FROM events", "lines are missing at the end"),
    ],
)
def test_whatever_is_done_to_the_database_is_found(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], tampering: str, told: str
) -> None:
    assert verify_database(written, None) == 0

    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.executescript(tampering)
    connection.close()

    assert verify_database(written, None) == FOUND_FAULTS
    assert told in capsys.readouterr().err


def test_a_chain_made_anew_is_found_by_a_head_that_was_noted_and_only_by_it(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever can write the database can write a whole new history; a head that they cannot reach gives them away."""
    assert verify_database(written, None) == 0
    noted = capsys.readouterr().out.split("head ")[1].split()[0]
    lines, head = some_lines(len(EVIL) + 1)
    path = tmp_path / "forged.jsonl"
    end = {"head": {"length": head.length, "hash": head.hash}}
    path.write_text("".join(f"{json.dumps(line)}\n" for line in [*lines, end]), encoding="utf-8")

    assert cli.main(["audit", "verify", str(path)]) == 0
    assert cli.main(["audit", "verify", str(path), "--head", noted]) == FOUND_FAULTS


def test_the_commands_export_and_verify_what_they_are_told(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COPY_BACKUP_DATABASE_URL", written)

    assert cli.main(["audit", "export", "--format", "csv"]) == 0
    path = tmp_path / "history.csv"
    path.write_text(capsys.readouterr().out, encoding="utf-8", newline="")

    assert cli.main(["audit", "verify", str(path)]) == 0
    assert cli.main(["audit", "verify"]) == 0
    assert capsys.readouterr().out.count("The history is as it was written") == 2
    assert cli.main(["audit", "verify", str(path), "--head", "nonsense"]) == cli.MISCONFIGURED
    assert cli.main(["audit", "verify", str(tmp_path / "not-there.csv")]) == cli.MISCONFIGURED


@pytest.mark.parametrize("words", [["verify"], ["export"]])
@pytest.mark.parametrize("there", ["nothing", "no folder", "an empty file", "somebody else's tables"])
def test_where_no_history_is_one_sentence_says_so_and_nothing_is_written(
    words: list[str], there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ("none/store.db" if there == "no folder" else "store.db")
    if there == "an empty file":
        path.touch()
    if there == "somebody else's tables":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE theirs (id INTEGER)")
        other.close()
    before = path.read_bytes() if path.exists() else None
    monkeypatch.setenv("COPY_BACKUP_DATABASE_URL", default_url(path))

    assert cli.main(["audit", *words]) == cli.MISCONFIGURED

    said = capsys.readouterr()
    assert "there is no history in" in said.err
    assert "is COPY_BACKUP_DATABASE_URL right?" in said.err
    assert said.out == ""
    assert (path.read_bytes() if path.exists() else None) == before
    assert [one.name for one in tmp_path.iterdir()] == ([] if before is None else ["store.db"])


def test_what_is_no_database_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "store.db"
    path.write_text("not a database at all, but long enough to be read as one" * 20)
    monkeypatch.setenv("COPY_BACKUP_DATABASE_URL", default_url(path))

    assert cli.main(["audit", "verify"]) == cli.MISCONFIGURED
    assert "cannot be used" in capsys.readouterr().err
