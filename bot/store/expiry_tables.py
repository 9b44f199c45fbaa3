"""The tables of copies that are watched until they end, and of what people click about them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, text

from bot.domain.backups import VaultRef
from bot.domain.people import Actor
from bot.store.codec import Moment, Prose, Record
from bot.store.metadata import metadata

# A copy that others made belongs to no request; then `channel` is where its notices go.
copies = Table(
    "copies",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("request_id", ForeignKey("requests.id")),
    Column("step_id", ForeignKey("steps.id")),
    Column("vault", Record(VaultRef), nullable=False),
    Column("table_name", Text, nullable=False),
    Column("table_arn", Text, nullable=False),
    Column("size_bytes", BigInteger),
    Column("created_at", Moment, nullable=False),
    Column("delete_at", Moment),
    # When AWS last told its end; looked_at is when AWS was last asked, with success or without.
    Column("told_at", Moment),
    Column("looked_at", Moment),
    Column("watched", Boolean, nullable=False),
    # The backup that it took its end from.
    Column("source_arn", Text),
    Column("source_vault", Record(VaultRef)),
    Column("source_delete_at", Moment),
    Column("channel", Text, nullable=False),
    Column("adopted_by", Record(Actor)),
    Column("let_go_by", Record(Actor)),
    Column("snoozed_until", Moment),
    # When and how it was seen to have come to its end; of one that was only dropped neither.
    Column("ended_at", Moment),
    Column("ended_how", Text),
    Index(None, "watched", "delete_at"),
    Index(None, "watched", "looked_at"),
    Index(None, "table_name"),
    Index(None, "table_arn"),
)

_UNJUDGED = text("outcome IS NULL")

copy_clicks = Table(
    "copy_clicks",
    metadata,
    Column("dedup_key", Text, primary_key=True),
    Column("copy_arn", Prose, nullable=False),
    Column("actor", Record(Actor), nullable=False),
    Column("wish", Text, nullable=False),
    Column("seen_end", Moment),
    Column("channel", Text, nullable=False),
    Column("message_ts", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("outcome", Prose),
    Index("ix_copy_clicks_unjudged", "due_at", sqlite_where=_UNJUDGED, postgresql_where=_UNJUDGED),
)
