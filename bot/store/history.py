"""The history: lines are only ever added, each chained to the one before it, at the very end of a transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.audit import GENESIS, ChainedEvent, Head, chained
from bot.domain.people import Actor
from bot.domain.requests import Event
from bot.store import tables
from bot.store.codec import storable
from bot.store.identity import id_of, number_of
from bot.store.statements import insert_once

_EVENTS, _CHAIN = tables.events, tables.chain
_PAGE = 500


class SqlHistory:
    """The HistoryBook of one transaction.

    Lines wait until `flush`, which takes the chain's end as the transaction's last lock: whoever holds it waits for
    nobody any more, so that it can be part of no deadlock and is held for a moment only.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[Event] = []

    def record(self, event: Event) -> None:
        """Add a line when the transaction commits."""
        self._waiting.append(event)

    def flush(self) -> None:
        """Write the lines that wait, chained to what others have committed."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        insert_once(self._connection, _CHAIN, ("id",), {"id": 1, "length": 0, "head": GENESIS})
        head = self._head(lock=True)
        for event in waiting:
            line = chained(_as_stored(event), head)
            self._connection.execute(_EVENTS.insert().values(**_values(line)))
            head = Head(line.seq, line.hash)
        self._connection.execute(update(_CHAIN).values(length=head.length, head=head.hash))

    def head(self) -> Head:
        """Where the chain ends."""
        return self._head(lock=False)

    def newest(self, limit: int, request_id: str = "") -> Sequence[ChainedEvent]:
        """The newest lines (of one request), oldest of them first."""
        statement = select(_EVENTS).order_by(_EVENTS.c.seq.desc()).limit(limit)
        if request_id:
            statement = statement.where(_EVENTS.c.request_id == number_of(request_id))
        return [_chained_of(row) for row in self._connection.execute(statement).mappings()][::-1]

    def every(self) -> Iterator[ChainedEvent]:
        """All lines, oldest first."""
        last = 0
        while True:
            statement = select(_EVENTS).where(_EVENTS.c.seq > last).order_by(_EVENTS.c.seq).limit(_PAGE)
            rows = self._connection.execute(statement).mappings().all()
            yield from map(_chained_of, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["seq"]

    def _head(self, *, lock: bool) -> Head:
        statement = select(_CHAIN)
        row = self._connection.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
        return Head(row["length"], row["head"]) if row else Head()


def _as_stored(event: Event) -> Event:
    """The line as it can be read back: a hash over anything else would never be right again."""
    number, who = number_of(event.request_id), event.actor
    request_id = id_of(number) if number else ""
    actor = who and Actor(storable(who.user_id), storable(who.team_id), storable(who.name))
    return replace(event, request_id=request_id, actor=actor, detail=storable(event.detail))


def _values(line: ChainedEvent) -> dict[str, object]:
    event = line.event
    return {
        "seq": line.seq,
        "prev_hash": line.prev_hash,
        "hash": line.hash,
        "request_id": number_of(event.request_id) or None,
        "at": event.at,
        "what": event.what,
        "actor": event.actor,
        "state_before": event.before,
        "state_after": event.after,
        "detail": event.detail,
    }


def _chained_of(row: RowMapping) -> ChainedEvent:
    event = Event(
        request_id=id_of(row["request_id"]) if row["request_id"] else "",
        at=row["at"],
        what=row["what"],
        actor=row["actor"],
        before=row["state_before"],
        after=row["state_after"],
        detail=row["detail"],
    )
    return ChainedEvent(row["seq"], event, row["prev_hash"], row["hash"])
