"""The outbox's tables: notices on their way, and what each lane to Slack lets through."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from bot.domain.people import Actor
from bot.store.codec import Moment, Prose, Record
from bot.store.metadata import metadata

_UNSENT = text("state = 'PENDING'")
_UNROUTED = text("NOT routed")
_DEAD = text("state = 'DEAD'")
_IN_DIGEST = text("digest_at IS NOT NULL")

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("requests.id")),
    Column("stream", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dedup_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("doubtful", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("posted_ts", Text),
    Column("last_error", Prose),
    Column("manner", Text, nullable=False),
    # Whether it has been decided where and when it is said; until then it does not leave.
    Column("routed", Boolean, nullable=False),
    # The daily digest that tells of it, until it does.
    Column("digest_at", Moment),
    # Whether operators have been told that it is dead.
    Column("reported", Boolean, nullable=False),
    # Since when, and because of whom, a dead one is shown no more.
    Column("dismissed_at", Moment),
    Column("dismissed_by", Record(Actor)),
    Index("ix_notices_request_id", "request_id"),
    Index("ix_notices_unsent", "channel", "id", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
    Index("ix_notices_unsent_order", "stream", "id", sqlite_where=_UNSENT, postgresql_where=_UNSENT),
    Index("ix_notices_unrouted", "id", sqlite_where=_UNROUTED, postgresql_where=_UNROUTED),
    Index("ix_notices_dead", "id", sqlite_where=_DEAD, postgresql_where=_DEAD),
    Index("ix_notices_digest", "digest_at", sqlite_where=_IN_DIGEST, postgresql_where=_IN_DIGEST),
    sqlite_autoincrement=True,
)

# What Slack lets through a lane: told by Slack (held, refused) or by ourselves (paced). It also counts for notices
# that are not written yet. `noted_at` shows a clock that was set back since.
limits = Table(
    "limits",
    metadata,
    Column("name", Text, primary_key=True),
    Column("noted_at", Moment, nullable=False),
    Column("held_until", Moment),
    Column("paced_until", Moment),
    Column("refused_since", Moment),
    Column("code", Text, nullable=False),
)
