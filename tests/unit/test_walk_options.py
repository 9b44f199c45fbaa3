"""Options of the selects: as many as one frame of Slack's socket can carry, whatever letters they hold."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.inventory import PointEntry, TableEntry
from bot.sandbox.slack.validation import validate_options
from bot.slack.blocks import Block, option
from bot.slack.describe import Names
from bot.slack.text import plain
from commands.copy_backup.views.options import (
    MOST,
    MOST_BYTES,
    SoughtPoints,
    fitting,
    point_option,
    table_option,
)
from commands.copy_backup.views.vaults import vault_option
from tests.unit.builders import ACCOUNTS, BACKUP, PROD, a_point, a_vault
from tests.unit.fakes import NOW

# Slack closes the socket on a larger acknowledgement.
FRAME = 20_480
NAMES = Names(ACCOUNTS)
MADE_THEN = "2026-11-20 04:00 CET · 2 days ago"
NOT, UNADVANCED = "cannot be copied", "made without advanced features"
COLD_OR_WARM = (f"{NOT}: in cold storage", "warm")


def frame(options: list[Block]) -> int:
    """The bytes of the acknowledgement that carries these options over the socket."""
    envelope = {"envelope_id": "12345678-1234-1234-1234-123456789012", "payload": {"options": options}}
    return len(json.dumps(envelope).encode())


def full(letter: str, count: int = MOST) -> list[Block]:
    """Options as long as Slack allows, of one letter."""
    return [option(letter * 75, f"key-{number:04}" + "k" * 28, letter * 75) for number in range(count)]


@pytest.mark.parametrize("letter", ["x", "ö", "漢", "🎉", '"', "\\", "&"])
def test_the_worst_options_fit_into_one_frame(letter: str) -> None:
    kept = fitting(full(letter))

    assert 0 < len(kept) < MOST
    assert frame(kept) < MOST_BYTES < FRAME


@given(st.lists(st.text(min_size=1, max_size=75), max_size=130))
def test_any_options_fit_and_the_first_ones_are_kept(labels: list[str]) -> None:
    options = [option(plain(label, 75), str(number), plain(label, 75)) for number, label in enumerate(labels)]

    kept = fitting(options)

    assert kept == options[: len(kept)]
    assert len(kept) <= MOST
    assert frame(kept) < MOST_BYTES
    assert [str(problem) for problem in validate_options({"options": kept})] == []


def test_short_options_are_all_kept_up_to_slacks_number() -> None:
    assert len(fitting([option("x", str(number)) for number in range(250)])) == MOST


def test_no_options_are_no_trouble() -> None:
    assert fitting([]) == []


def words_of(entry: Block) -> tuple[str, str]:
    text, description = entry["text"], entry["description"]
    assert isinstance(text, dict)
    assert isinstance(description, dict)
    return text["text"], description["text"]


@pytest.mark.parametrize(("backups", "count"), [(1, "1 backup"), (2, "2 backups"), (1_234, "1,234 backups")])
def test_a_table_tells_where_it_is_and_how_many_backups_it_has(backups: int, count: str) -> None:
    table = TableEntry("t1", "arn", "orders", PROD, "us-east-1", backups, NOW)

    assert words_of(table_option(table, NAMES)) == ("orders", f"prod · us-east-1 · {count}")


@pytest.mark.parametrize(
    ("point", "label", "detail"),
    [
        (a_point(), f"{MADE_THEN} · 4.7 GB · until 2026-12-25", "warm"),
        (a_point(keeps=None), f"{MADE_THEN} · 4.7 GB · no end", "warm"),
        (a_point(size=0), f"{MADE_THEN} · 0 bytes · until 2026-12-25", "warm"),
        (a_point(storage=None), f"{MADE_THEN} · 4.7 GB · until 2026-12-25", "warm"),
        (a_point(storage="COLD"), f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25", f"{NOT}: in cold storage"),
        (a_point(status="CREATING"), f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · warm", f"{NOT}: still being made"),
        (a_point(status="PARTIAL"), f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · warm", f"{NOT}: not complete"),
        (a_point(status="EXPIRED"), f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · warm", f"{NOT}: expired"),
        (
            replace(a_point(), delete_at=NOW + timedelta(hours=1)),
            f"⊘ {MADE_THEN} · 4.7 GB · until 2026-11-22 · warm",
            f"{NOT}: about to expire",
        ),
        (a_point(keeps=1), f"⊘ {MADE_THEN} · 4.7 GB · until 2026-11-21 · warm", f"{NOT}: expired"),
        (
            replace(a_point(), arn=a_point().arn.replace("recovery-point:", "recovery-point:continuous:")),
            f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · warm",
            f"{NOT}: a continuous backup",
        ),
        (
            replace(a_point(storage=None, status="EXPIRED"), cold_at=NOW - timedelta(days=1)),
            f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · cold",
            f"{NOT}: expired",
        ),
        (
            replace(a_point(), arn="arn:old"),
            f"⊘ {MADE_THEN} · 4.7 GB · until 2026-12-25 · warm",
            f"{NOT}: {UNADVANCED}",
        ),
    ],
)
def test_a_backup_tells_when_how_big_and_what_hinders(point: RecoveryPoint, label: str, detail: str) -> None:
    assert words_of(point_option(PointEntry("p1", "t1", point), NAMES, "Europe/Berlin", NOW)) == (
        label,
        f"{detail} · prod · us-east-1 · main",
    )


def test_an_air_gapped_vault_is_said_and_found() -> None:
    entry = PointEntry("p1", "t1", a_point())
    there = frozenset({entry.point.vault})

    assert words_of(point_option(entry, NAMES, "UTC", NOW, there))[1] == "warm, air-gapped · prod · us-east-1 · main"
    assert "air-gapped" in SoughtPoints(NAMES, "UTC", NOW, there).whole(entry)
    assert "air-gapped" in SoughtPoints(NAMES, "UTC", NOW).phrases


@pytest.mark.parametrize("change", [{"arn": "arn:old"}, {"status": "STOPPED"}, {"storage_class": "COLD"}, {}])
def test_the_longest_names_hide_neither_the_reason_nor_the_end(change: dict[str, str]) -> None:
    names = Names([replace(ACCOUNTS[0], alias="p" * 40)])
    long = a_point(vault=VaultRef(PROD, "ap-southeast-4", "v" * 50), made=NOW - timedelta(minutes=59), size=1_023)
    point = replace(long, **change)  # type: ignore[arg-type]  # fields of a RecoveryPoint

    label, detail = words_of(point_option(PointEntry("p1", "t1", point), names, "Pacific/Chatham", NOW))

    assert label.removeprefix("⊘ ") == "2026-11-22 23:16 +1345 · 59 minutes ago · 1023 bytes · until 2026-12-27"
    assert detail.split(" · ")[0] in {f"{NOT}: {UNADVANCED}", f"{NOT}: stopped before it was complete", *COLD_OR_WARM}
    assert len(detail) == 75
    assert "…" in detail


def test_a_long_name_keeps_the_tail_that_differs() -> None:
    vault = a_vault(VaultRef(BACKUP, "eu-west-1", "v" * 49 + "1"))
    table = TableEntry("t1", "arn", "t" * 254 + "1", PROD, "us-east-1", 1, NOW)

    assert words_of(vault_option(vault))[0].endswith("v1")
    assert words_of(table_option(table, NAMES))[0].endswith("t1")
    assert len(words_of(table_option(table, NAMES))[0]) == 75


def test_the_value_of_an_option_is_a_key_and_never_an_arn() -> None:
    late = NOW + timedelta(days=1)

    assert table_option(TableEntry("t1", "arn", "orders", PROD, "us-east-1", 1, late), NAMES)["value"] == "t1"
    assert point_option(PointEntry("p1", "t1", a_point()), NAMES, "UTC", NOW)["value"] == "p1"
