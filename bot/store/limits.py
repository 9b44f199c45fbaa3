"""What each lane to Slack lets through: holds that Slack ordered, our own pace, channels that take nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.store import tables
from bot.store.statements import insert_into

_LIMITS = tables.limits


@dataclass(frozen=True, slots=True)
class Limit:
    """One lane's limit. What was noted in our future comes from before the clock was set back, and does not count."""

    noted_at: datetime
    held_until: datetime | None = None
    paced_until: datetime | None = None
    refused_since: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and self.held_until > now and self.noted_at <= now


class Limits:
    """The limits as one transaction sees and changes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def closed(self, now: datetime) -> frozenset[str]:
        """Names of limits under which nothing may leave now."""
        names = select(_LIMITS.c.name).where(_LIMITS.c.held_until > now, _LIMITS.c.noted_at <= now)
        return frozenset(self._connection.scalars(names))

    def take(self, name: str, now: datetime) -> Limit:
        """Read a limit and keep it from other transactions until this one ends."""
        new = insert_into(self._connection, _LIMITS).values(name=name, noted_at=now, code="")
        self._connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
        row = self._connection.execute(select(_LIMITS).where(_LIMITS.c.name == name).with_for_update()).mappings().one()
        return Limit(row["noted_at"], row["held_until"], row["paced_until"], row["refused_since"])

    def spend(self, name: str, paced_until: datetime, now: datetime) -> None:
        """Note until when a limit's pace is used up."""
        self._set(name, paced_until=paced_until, noted_at=now)

    def hold(self, name: str, until: datetime, now: datetime) -> None:
        """Close a limit until a time; a longer hold stays."""
        limit = self.take(name, now)
        if not limit.is_held(now) or (limit.held_until and limit.held_until < until):
            self._set(name, held_until=until, noted_at=now)

    def refuse(self, name: str, code: str, until: datetime, now: datetime) -> None:
        """Note a refusal; the first one since something was taken is remembered."""
        limit = self.take(name, now)
        since = limit.refused_since if limit.refused_since and limit.refused_since <= now else now
        self._set(name, held_until=until, refused_since=since, code=code, noted_at=now)

    def accept(self, name: str) -> str | None:
        """Note that something was taken; the code with which nothing was until now, if that was so."""
        code: str | None = self._connection.scalar(select(_LIMITS.c.code).where(_LIMITS.c.name == name))
        self._set(name, refused_since=None, code="")
        return code

    def _set(self, name: str, **values: object) -> None:
        self._connection.execute(update(_LIMITS).where(_LIMITS.c.name == name).values(**values))
