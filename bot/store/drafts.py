"""Walks under way: what a person has chosen so far."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.drafts import Draft, DraftState, Form
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import claim

_DRAFTS = tables.drafts


class SqlDrafts:
    """The DraftBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, draft: Draft) -> None:
        """Keep a new walk."""
        self._connection.execute(_DRAFTS.insert().values(**_values_of(draft)))

    def get(self, draft_id: str) -> Draft | None:
        """Read a walk; None when it is not there any more, or was written by a version that nobody here can read."""
        row = self._connection.execute(select(_DRAFTS).where(_DRAFTS.c.id == draft_id)).mappings().one_or_none()
        # A form of another version, whose choices mean nothing here: whoever walks on it has to start anew.
        return None if row is None or row["form"] is None else _draft_of(row)

    def save(self, draft_id: str, form: Form, at: datetime, version: int | None = None) -> Draft | None:
        """Keep the form of an OPEN draft (and grow its version); None when it is not OPEN, or not of this version."""
        which = [_DRAFTS.c.id == draft_id, _DRAFTS.c.state == DraftState.OPEN]
        if version is not None:
            which.append(_DRAFTS.c.version == version)
        statement = (
            update(_DRAFTS)
            .where(*which)
            .values(form=form, updated_at=at, version=_DRAFTS.c.version + 1)
            .returning(_DRAFTS)
        )
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _draft_of(row)

    def seen(self, draft_id: str, *, view_id: str, view_hash: str) -> None:
        """Remember the newest view on the person's screen; the version stays, since no choice changed."""
        statement = update(_DRAFTS).where(_DRAFTS.c.id == draft_id).values(view_id=view_id, view_hash=view_hash)
        self._connection.execute(statement)

    def move(
        self,
        draft_id: str,
        *,
        before: DraftState,
        after: DraftState,
        due_at: datetime | None = None,
        request_id: str | None = None,
    ) -> bool:
        """Compare-and-set the state and due_at (and grow the version); request_id None leaves what is known."""
        values: dict[str, object] = {"state": after, "due_at": due_at, "version": _DRAFTS.c.version + 1}
        if request_id is not None:
            values["request_id"] = number_of(request_id)
        statement = update(_DRAFTS).where(_DRAFTS.c.id == draft_id, _DRAFTS.c.state == before).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def claim_stuck(self, now: datetime, until: datetime, limit: int) -> Sequence[Draft]:
        """Claim drafts that are SENDING although their due_at has passed, the longest stuck first.

        One that nobody here can read comes with an empty form and is SENDING no more: whoever waits can be told.
        """
        rows = claim(
            self._connection,
            _DRAFTS,
            due=(_DRAFTS.c.state == DraftState.SENDING, _DRAFTS.c.due_at <= now),
            first=(_DRAFTS.c.due_at, _DRAFTS.c.id),
            limit=limit,
            lease={"due_at": until},
        )
        for row in rows:
            if row["form"] is None:
                self.move(row["id"], before=DraftState.SENDING, after=DraftState.OPEN)
        return sorted((_draft_of(row) for row in rows), key=lambda draft: (draft.updated_at, draft.id))

    def forget(self, before: datetime) -> int:
        """Delete drafts last changed before this time that are not SENDING; the number deleted."""
        which = (_DRAFTS.c.updated_at < before, _DRAFTS.c.state != DraftState.SENDING)
        return self._connection.execute(delete(_DRAFTS).where(*which)).rowcount


def _values_of(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "actor": draft.actor,
        "channel": draft.channel,
        "timezone": draft.timezone,
        "form": draft.form,
        "state": draft.state,
        "version": draft.version,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
        "view_id": draft.view_id,
        "view_hash": draft.view_hash,
        "request_id": None if draft.request_id is None else number_of(draft.request_id),
        "due_at": draft.due_at,
    }


def _draft_of(row: RowMapping) -> Draft:
    return Draft(
        id=row["id"],
        actor=row["actor"],
        channel=row["channel"],
        timezone=row["timezone"],
        form=row["form"] or Form(),
        state=DraftState(row["state"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        view_id=row["view_id"],
        view_hash=row["view_hash"],
        request_id=None if row["request_id"] is None else id_of(row["request_id"]),
        due_at=row["due_at"],
    )
