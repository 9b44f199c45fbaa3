"""Drills: a backup is brought back into a table of its own, held against what was recorded, and the table deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.live_tables import Content, TableRecord

# Only a table whose name begins like this, that a restore of the same request has made and that carries its tag
# is ever deleted.
PREFIX = "copy-backup-drill-"
TAG = "copy-backup:drill"
SAMPLE = 25
# A scan reads 1 MB a page, so this is some 200 MB or half a minute; what is beyond is not read, and that is said.
PAGES = 200
# Counting a table that is in use takes from the capacity of those who use it, so only a small one is counted.
COUNTED_BYTES = 16 * 1024 * 1024
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class DrillRule:
    """How often tables of a pattern are to be brought back for trial."""

    table: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class DrillSeen:
    """A drill as the requests tell it: of which table (ARN), asked when, passed when (None: not, or not yet)."""

    request_id: str
    table_arn: str
    asked_at: datetime
    passed_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was restored beside what was recorded. `missing` and `different` count items of the sample.

    `basis` says what it was held against: the record of the copy, the table as it is, or nothing.
    """

    basis: str
    expected: int | None
    is_exact: bool
    found: int
    complete: bool
    sampled: int = 0
    missing: int = 0
    different: int = 0

    @property
    def agrees(self) -> bool:
        """Whether nothing speaks against the restored table."""
        counted = self.expected is None or not self.is_exact or not self.complete or self.expected == self.found
        return counted and not self.missing and not self.different and not self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing where there should be something."""
        return self.found == 0 and bool(self.expected)

    @property
    def is_lost(self) -> bool:
        """Whether what came back has nothing in common with what was recorded."""
        return self.is_empty or (self.sampled > 0 and self.missing == self.sampled)


def compare(found: Content, record: TableRecord | None, basis: str) -> Comparison:
    """Hold a restored table's content against a record of the original."""
    if record is None:
        return Comparison(basis, None, False, found.count, found.complete)
    # What a scan did not reach is not known to be missing.
    missing = len(record.sample.keys() - found.digests.keys()) if found.complete else 0
    both = record.sample.keys() & found.digests.keys()
    different = sum(record.sample[key] != found.digests[key] for key in both)
    return Comparison(
        basis,
        record.count,
        record.is_exact,
        found.count,
        found.complete,
        sampled=len(record.sample),
        missing=missing,
        different=different,
    )


def drill_name(table: str, mark: str) -> str:
    """The name of a drill's own table; `mark` tells drills of one table apart."""
    return f"{PREFIX}{table[: LONGEST_NAME - len(PREFIX) - len(mark) - 1]}-{mark}"


def rule_for(table: str, rules: Sequence[DrillRule]) -> DrillRule | None:
    """The first rule whose pattern the table's name fits."""
    return next((rule for rule in rules if fnmatchcase(table, rule.table)), None)


def last_passed(drills: Sequence[DrillSeen], table_arn: str) -> DrillSeen | None:
    """The newest drill of a table that was passed."""
    passed = [drill for drill in drills if drill.table_arn == table_arn and drill.passed_at]
    return max(passed, key=lambda drill: drill.passed_at or drill.asked_at, default=None)


def is_overdue(drills: Sequence[DrillSeen], table_arn: str, rule: DrillRule, now: datetime) -> bool:
    """Whether a table was not brought back for longer than its rule allows; never is overdue at once."""
    last = last_passed(drills, table_arn)
    return last is None or last.passed_at is None or last.passed_at + rule.every <= now
