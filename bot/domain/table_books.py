"""The books of restores, drills and schedules, as the use cases see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.drills import DrillSeen
from bot.domain.live_tables import TableRecord
from bot.domain.schedules import Arrived, Schedule, ScheduleState
from bot.domain.sheets import Sheet, SheetState


class RecordBook(Protocol):
    """How tables were set up, and what was in them, when copies of their backups were made."""

    def missing(self, limit: int) -> Sequence[tuple[str, str]]:
        """ARNs of copies that have no record yet, each with its table's ARN."""
        ...

    def add(self, record: TableRecord) -> None:
        """Keep a record; the first one of a copy counts."""
        ...

    def of_copy(self, copy_arn: str) -> TableRecord | None: ...

    def newest(self, table_arn: str) -> TableRecord | None:
        """The newest record of a table that was there."""
        ...

    def drills(self) -> Sequence[DrillSeen]:
        """All drills that were ever asked for, oldest first."""
        ...


class SheetBook(Protocol):
    """Forms under way that are no walk."""

    def add(self, sheet: Sheet) -> bool:
        """Keep a new sheet; False when one with its id is there."""
        ...

    def get(self, sheet_id: str) -> Sheet | None: ...

    def save(self, sheet_id: str, answers: Mapping[str, str], at: datetime) -> Sheet | None:
        """Keep the answers of an OPEN sheet; None when it is not OPEN any more."""
        ...

    def move(
        self,
        sheet_id: str,
        *,
        before: SheetState,
        after: SheetState,
        due_at: datetime | None = None,
        request_id: str | None = None,
    ) -> bool:
        """Compare-and-set the state."""
        ...

    def claim_stuck(self, now: datetime, until: datetime, limit: int) -> Sequence[Sheet]:
        """Claim sheets that are SENDING although their due_at has passed."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete sheets last changed before this time that are not SENDING; the number deleted."""
        ...


class ScheduleBook(Protocol):
    """The bot's own recurring copies."""

    def add(self, schedule: Schedule) -> None:
        """Keep a schedule; one with the same id stays as it is, so that a step may start twice."""
        ...

    def get(self, schedule_id: int) -> Schedule | None: ...

    def living(self) -> Sequence[Schedule]:
        """Schedules that are active or paused, oldest first."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Schedule]:
        """Claim active schedules whose run is due; nobody else has them before `until`."""
        ...

    def advance(
        self,
        schedule_id: int,
        *,
        due: datetime,
        next_run_at: datetime | None,
        ran: tuple[str, ...] | None,
        at: datetime,
    ) -> bool:
        """Set the next run, if the one that was due is still the same; `ran`: the requests it became."""
        ...

    def move(
        self, schedule_id: int, *, before: ScheduleState, after: ScheduleState, next_run_at: datetime | None
    ) -> bool:
        """Compare-and-set the state."""
        ...

    def copied(self, schedule_id: int) -> frozenset[Arrived]:
        """What runs of a schedule have copied where to: each backup (its ARN) with each vault it has arrived in."""
        ...

    def to_remind(self, before: datetime) -> Sequence[Schedule]:
        """Active or paused schedules that end before this time and whose people were not reminded."""
        ...

    def reminded(self, schedule_id: int) -> bool:
        """Note that people were reminded; False when they were before."""
        ...
