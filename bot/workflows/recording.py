"""Recording how a table was set up, and what was in it, when a copy of its backup was made.

It is read from the live table soon after the copy is complete, since nothing in a recovery point tells it: a table
that changed between its backup and the copy is recorded as it is at the copy.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import table_name_of, table_place_of
from bot.domain.books import Store
from bot.domain.drills import COUNTED_BYTES, PAGES, SAMPLE
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.live_tables import Content, LiveTable, TableRecord, Tables, TableSettings
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

BATCH = 10


@dataclass
class Recording:
    store: Store
    tables: Tables
    clock: Clock

    def record_new(self) -> int:
        """Record the tables of copies that have no record yet; the number of copies looked at."""
        with self.store.read() as tx:
            waiting = tx.records.missing(BATCH)
        for copy_arn, table_arn in waiting:
            try:
                self._record(copy_arn, table_arn)
            except Exception:
                log.exception("table_not_recorded", extra={"copy": copy_arn})
        return len(waiting)

    def _record(self, copy_arn: str, table_arn: str) -> None:
        now = self.clock.now()
        try:
            record = recorded(self.tables, copy_arn, table_arn, now)
        except BackupsError as error:
            if error.retryable:
                log.warning("table_unread", extra={"table": table_arn, "code": error.code})
                return
            # Asking again would not help, and the reason is what people are told when they restore.
            settings = TableSettings(unseen={"all settings": error.message})
            record = TableRecord(copy_arn, table_arn, now, settings)
        with self.store.begin() as tx:
            tx.records.add(record)


def recorded(tables: Tables, copy_arn: str, table_arn: str, now: datetime) -> TableRecord:
    """Read a table's settings, its count and a sample. Raises BackupsError when the table cannot be read at all."""
    account, region = table_place_of(table_arn)
    name = table_name_of(table_arn)
    table = tables.table(account, region, name)
    if table is None:
        return TableRecord(copy_arn, table_arn, now, gone=True)
    try:
        settings = tables.settings(account, region, name)
    except BackupsMissing:
        return TableRecord(copy_arn, table_arn, now, gone=True)
    count, sample = _count(tables, (account, region, name), table), _sample(tables, (account, region, name))
    return TableRecord(
        copy_arn=copy_arn,
        table_arn=table_arn,
        taken_at=now,
        settings=settings,
        count=count.count if count else table.items,
        is_exact=bool(count and count.complete),
        sample=sample.digests if sample else {},
    )


def _count(tables: Tables, place: tuple[str, str, str], table: LiveTable) -> Content | None:
    if table.size_bytes > COUNTED_BYTES:
        return None
    try:
        counted = tables.content(*place, pages=PAGES, wanted=frozenset())
    except BackupsError:
        return None
    return counted if counted.complete else None


def _sample(tables: Tables, place: tuple[str, str, str]) -> Content | None:
    try:
        return tables.sample(*place, most=SAMPLE)
    except BackupsError:
        return None
