"""Clicks written down before they are judged, so that none is lost and none counts twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection, RowMapping

from bot.domain.clicks import Click
from bot.domain.requests import Verdict
from bot.store import tables
from bot.store.statements import claim_clicks, insert_once, settle_click

_CLICKS = tables.clicks


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
        rows = claim_clicks(self._connection, _CLICKS, now, until, limit, key)
        return [_click_of(row) for row in rows]

    def settle(self, dedup_key: str, outcome: str) -> None:
        """Note what came of a click; the first outcome stays."""
        settle_click(self._connection, _CLICKS, dedup_key, outcome)


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
