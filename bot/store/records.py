"""How tables were when copies of their backups were made, and what drills came of them."""

from collections.abc import Sequence

from sqlalchemy import select, true
from sqlalchemy.engine import Connection

from bot.domain.drills import DrillSeen
from bot.domain.live_tables import TableRecord
from bot.domain.params import CompareParams, CopyParams, StepKind
from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.store import tables
from bot.store.identity import id_of
from bot.store.statements import insert_once
from bot.store.steps import step_of

_RECORDS = tables.table_records


class SqlRecords:
    """The RecordBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def missing(self, limit: int) -> Sequence[tuple[str, str]]:
        """ARNs of watched copies that have no record yet, each with its table's ARN."""
        copies, steps = tables.copies, tables.steps
        statement = (
            select(copies.c.arn.label("copy_arn"), steps)
            .join(steps, steps.c.id == copies.c.step_id)
            .outerjoin(_RECORDS, _RECORDS.c.copy_arn == copies.c.arn)
            .where(copies.c.watched == true(), _RECORDS.c.copy_arn.is_(None), steps.c.kind == StepKind.COPY)
            .order_by(copies.c.arn)
            .limit(limit)
        )
        found = []
        for row in self._connection.execute(statement).mappings():
            params = step_of(row).params
            if isinstance(params, CopyParams):
                found.append((str(row["copy_arn"]), params.point.table_arn))
        return found

    def add(self, record: TableRecord) -> None:
        """Keep a record; the first one of a copy counts."""
        values = {
            "copy_arn": record.copy_arn,
            "table_arn": record.table_arn,
            "taken_at": record.taken_at,
            "gone": record.gone,
            "record": record,
        }
        insert_once(self._connection, _RECORDS, ("copy_arn",), values)

    def of_copy(self, copy_arn: str) -> TableRecord | None:
        statement = select(_RECORDS.c.record).where(_RECORDS.c.copy_arn == copy_arn)
        return self._connection.execute(statement).scalar_one_or_none()

    def newest(self, table_arn: str) -> TableRecord | None:
        """The newest record of a table that was there."""
        which = (_RECORDS.c.table_arn == table_arn, _RECORDS.c.gone != true())
        statement = select(_RECORDS.c.record).where(*which).order_by(_RECORDS.c.taken_at.desc()).limit(1)
        return self._connection.execute(statement).scalar_one_or_none()

    def drills(self) -> Sequence[DrillSeen]:
        """All drills that were ever asked for, oldest first; the comparison is what passes one."""
        requests, steps = tables.requests, tables.steps
        statement = (
            select(steps, requests.c.state.label("request_state"), requests.c.created_at.label("asked_at"))
            .join(requests, requests.c.id == steps.c.request_id)
            .where(steps.c.kind == StepKind.COMPARE_TABLE)
            .order_by(steps.c.id)
        )
        found = []
        for row in self._connection.execute(statement).mappings():
            params, passed = step_of(row).params, row["state"] == StepState.DONE
            if isinstance(params, CompareParams):
                found.append(
                    DrillSeen(
                        request_id=id_of(row["request_id"]),
                        table_arn=params.original_arn,
                        asked_at=row["asked_at"],
                        passed_at=row["finished_at"] if passed else None,
                        is_open=not RequestState(row["request_state"]).is_final,
                    )
                )
        return found
