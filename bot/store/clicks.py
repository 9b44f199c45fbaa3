"""Clicks written down before they are judged, so that none is lost and none counts twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.clicks import Click
from bot.domain.requests import Verdict
from bot.store import tables
from bot.store.statements import claim, insert_once

_CLICKS = tables.clicks
_UNJUDGED = _CLICKS.c.outcome.is_(None)


class SqlClicks:
    """The ClickBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, click: Click, due_at: datetime) -> bool:
        """Write a click down; False when it was delivered before."""
        values = {
            "dedup_key": click.dedup_key,
            "request_id": click.request_id,
            "actor": click.actor,
            "verdict": click.verdict,
            "note": click.note,
            "channel": click.channel,
            "message_ts": click.message_ts,
            "at": click.at,
            "due_at": due_at,
            "round": click.round,
        }
        return insert_once(self._connection, _CLICKS, ("dedup_key",), values)

    def claim(self, now: datetime, until: datetime, limit: int, key: str | None = None) -> Sequence[Click]:
        """Claim unsettled clicks that are due (or exactly the one with this key, due or not).

        A click that somebody holds a lease on is not claimed, by key or otherwise.
        """
        meant = _CLICKS.c.due_at <= now if key is None else _CLICKS.c.dedup_key == key
        free = or_(_CLICKS.c.claimed_until.is_(None), _CLICKS.c.claimed_until <= now)
        rows = claim(
            self._connection,
            _CLICKS,
            due=(_UNJUDGED, meant, free),
            first=(_CLICKS.c.at, _CLICKS.c.dedup_key),
            limit=limit,
            lease={"claimed_until": until},
        )
        return sorted((_click_of(row) for row in rows), key=lambda click: (click.at, click.dedup_key))

    def settle(self, dedup_key: str, outcome: str) -> None:
        """Note what came of a click; the first outcome stays."""
        which = (_CLICKS.c.dedup_key == dedup_key, _UNJUDGED)
        self._connection.execute(update(_CLICKS).where(*which).values(outcome=outcome, claimed_until=None))


def _click_of(row: RowMapping) -> Click:
    return Click(
        dedup_key=row["dedup_key"],
        request_id=row["request_id"],
        actor=row["actor"],
        verdict=Verdict(row["verdict"]),
        note=row["note"],
        channel=row["channel"],
        message_ts=row["message_ts"],
        at=row["at"],
        round=row["round"],
    )
