"""Forms under way that are no walk: what a person has answered so far."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.sheets import Sheet, SheetKind, SheetState
from bot.store import tables
from bot.store.codec import storable
from bot.store.identity import id_of, number_of
from bot.store.statements import claim, insert_once

_SHEETS = tables.sheets


class SqlSheets:
    """The SheetBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, sheet: Sheet) -> bool:
        """Keep a new sheet; False when one with its id is there."""
        values = {
            "id": sheet.id,
            "kind": sheet.kind,
            "actor": sheet.actor,
            "channel": sheet.channel,
            "timezone": sheet.timezone,
            "answers": _storable(sheet.answers),
            "state": sheet.state,
            "view_id": sheet.view_id,
            "request_id": None if sheet.request_id is None else number_of(sheet.request_id),
            "created_at": sheet.created_at,
            "updated_at": sheet.created_at,
            "due_at": sheet.due_at,
        }
        return insert_once(self._connection, _SHEETS, ("id",), values)

    def get(self, sheet_id: str) -> Sheet | None:
        row = self._connection.execute(select(_SHEETS).where(_SHEETS.c.id == sheet_id)).mappings().one_or_none()
        return None if row is None else _sheet_of(row)

    def save(self, sheet_id: str, answers: Mapping[str, str], at: datetime) -> Sheet | None:
        """Keep the answers of an OPEN sheet; None when it is not OPEN any more."""
        statement = (
            update(_SHEETS)
            .where(_SHEETS.c.id == sheet_id, _SHEETS.c.state == SheetState.OPEN)
            .values(answers=_storable(answers), updated_at=at)
            .returning(_SHEETS)
        )
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _sheet_of(row)

    def move(
        self,
        sheet_id: str,
        *,
        before: SheetState,
        after: SheetState,
        due_at: datetime | None = None,
        request_id: str | None = None,
    ) -> bool:
        """Compare-and-set the state and due_at; request_id None leaves what is known."""
        values: dict[str, object] = {"state": after, "due_at": due_at}
        if request_id is not None:
            values["request_id"] = number_of(request_id)
        statement = update(_SHEETS).where(_SHEETS.c.id == sheet_id, _SHEETS.c.state == before).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def claim_stuck(self, now: datetime, until: datetime, limit: int) -> Sequence[Sheet]:
        """Claim sheets that are SENDING although their due_at has passed, the longest stuck first."""
        rows = claim(
            self._connection,
            _SHEETS,
            due=(_SHEETS.c.state == SheetState.SENDING, _SHEETS.c.due_at <= now),
            first=(_SHEETS.c.due_at, _SHEETS.c.id),
            limit=limit,
            lease={"due_at": until},
        )
        return sorted((_sheet_of(row) for row in rows), key=lambda sheet: (sheet.created_at, sheet.id))

    def forget(self, before: datetime) -> int:
        """Delete sheets last changed before this time that are not SENDING; the number deleted."""
        which = (_SHEETS.c.updated_at < before, _SHEETS.c.state != SheetState.SENDING)
        return self._connection.execute(delete(_SHEETS).where(*which)).rowcount


def _storable(answers: Mapping[str, str]) -> dict[str, str]:
    return {name: storable(value) for name, value in answers.items()}


def _sheet_of(row: RowMapping) -> Sheet:
    return Sheet(
        id=row["id"],
        kind=SheetKind(row["kind"]),
        actor=row["actor"],
        channel=row["channel"],
        timezone=row["timezone"],
        created_at=row["created_at"],
        answers=row["answers"],
        state=SheetState(row["state"]),
        view_id=row["view_id"],
        request_id=None if row["request_id"] is None else id_of(row["request_id"]),
        due_at=row["due_at"],
    )
