"""The tables, as the code uses them; `migrations/` builds them, and a test holds the two together."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.domain.approvals import Ruling
from bot.domain.backups import RecoveryPoint, Vault
from bot.domain.drafts import Form
from bot.domain.people import Actor
from bot.domain.steps import Failure
from bot.store.codec import Legible, Moment, Prose, Record
from bot.store.expiry_tables import copies, copy_clicks
from bot.store.metadata import metadata
from bot.store.outbox_tables import limits, notices
from bot.store.restore_tables import schedules, sheets, table_records

# Of what is imported here, what others take from here.
__all__ = ["copies", "copy_clicks", "limits", "metadata", "notices", "schedules", "sheets", "table_records"]

# AUTOINCREMENT: a number is what people say and what orders notices, so SQLite must not give one out twice either.
requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", Text, nullable=False, unique=True),
    Column("requester", Record(Actor), nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("ruling", Record(Ruling), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("answer_by", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("card_ts", Text),
    Column("ask_ts", Text),
    Column("round", Integer, nullable=False, server_default="1"),
    Column("opened_at", Moment),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Column("call_at", Moment),
    Column("escalated_at", Moment),
    Index(None, "state", "answer_by"),
    Index(None, "state", "call_at"),
    sqlite_autoincrement=True,
)

# The token is unique because AWS takes two orders with one token for one copy job.
_AT_WORK = text("state IN ('STARTING', 'RUNNING')")

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("requests.id"), nullable=False),
    Column("kind", Text, nullable=False),
    # Of a record that the kind decides.
    Column("params", JSON, nullable=False),
    Column("shown", JSON, nullable=False, server_default="{}"),
    Column("after_id", ForeignKey("steps.id")),
    Column("state", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("external_id", Text),
    Column("outside_state", Text),
    Column("result_arn", Text),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("next_poll_at", Moment),
    Column("tries", Integer, nullable=False),
    Column("failure", Record(Failure)),
    # The ARN of the table that no other backup or copy job may work on meanwhile.
    Column("occupies", Text),
    Column("stalls", Integer, nullable=False, server_default="0"),
    Column("shown_at", Moment),
    Column("unread_since", Moment),
    Column("expected_at", Moment),
    Column("expected_from", Integer, nullable=False, server_default="0"),
    Index(None, "request_id"),
    Index(None, "state", "next_poll_at"),
    Index("uq_steps_one_at_work", "occupies", unique=True, sqlite_where=_AT_WORK, postgresql_where=_AT_WORK),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("requests.id"), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("actor", Record(Actor), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("note", Prose, nullable=False),
    Column("at", Moment, nullable=False),
    Column("round", Integer, nullable=False, server_default="1"),
    Column("stage", Integer, nullable=False, server_default="0"),
    UniqueConstraint("request_id", "round", "user_id"),
    sqlite_autoincrement=True,
)

# Somebody went ahead without approvals; open until it is signed.
reviews = Table(
    "reviews",
    metadata,
    Column("request_id", ForeignKey("requests.id"), primary_key=True, autoincrement=False),
    Column("by", Record(Actor), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("at", Moment, nullable=False),
    Column("signed_by", Record(Actor)),
    Column("signed_at", Moment),
)

# Only ever inserted into. `seq` has no gaps; a click on a request that is not there belongs to none.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("requests.id")),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("actor", Record(Actor)),
    Column("state_before", Text),
    Column("state_after", Text),
    Column("detail", Prose, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "request_id"),
    UniqueConstraint("seq"),
    sqlite_autoincrement=True,
)

# The end of the history's chain: one row, the last lock that a transaction takes.
chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("actor", Record(Actor), nullable=False),
    Column("channel", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("form", Legible(Form), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("view_id", Text, nullable=False),
    Column("view_hash", Text, nullable=False),
    Column("request_id", ForeignKey("requests.id")),
    Column("due_at", Moment),
    Index(None, "state", "due_at"),
    Index(None, "updated_at"),
)

# Where people had copies sent; the account by its id, since an alias is the configuration's to change.
destinations = Table(
    "destinations",
    metadata,
    Column("user_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("vault", Text, nullable=False),
    Column("used_at", Moment, nullable=False),
    PrimaryKeyConstraint("user_id", "account", "region", "vault"),
)

# A click may name a request that is not there (it is judged later), so request_id is as clicked, no foreign key.
_UNJUDGED = text("outcome IS NULL")

clicks = Table(
    "clicks",
    metadata,
    Column("dedup_key", Text, primary_key=True),
    Column("request_id", Prose, nullable=False),
    Column("actor", Record(Actor), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("note", Prose, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message_ts", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("outcome", Prose),
    Column("round", Integer, nullable=False, server_default="1"),
    Index("ix_clicks_unjudged", "due_at", sqlite_where=_UNJUDGED, postgresql_where=_UNJUDGED),
)

areas = Table(
    "areas",
    metadata,
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("read_at", Moment),
    Column("tried_at", Moment, nullable=False),
    Column("error", Prose, nullable=False),
    # Grows with every piece of a reading that is written, so that two readings never mix, and what was made of the
    # area's tables in memory can be known to be old.
    Column("revision", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("account", "region"),
)

vaults = Table(
    "vaults",
    metadata,
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("vault", Record(Vault), nullable=False),
    PrimaryKeyConstraint("account", "region", "name"),
)

# One row per DynamoDB table and area that holds backups of it, since copies lie in other accounts and Regions than
# their table: reading one area again touches only that area's rows, and two areas never wait for each other.
tables = Table(
    "tables",
    metadata,
    Column("key", Text, nullable=False),
    Column("held_account", Text, nullable=False),
    Column("held_region", Text, nullable=False),
    Column("arn", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("backups", Integer, nullable=False),
    Column("newest", Moment, nullable=False),
    PrimaryKeyConstraint("key", "held_account", "held_region"),
    Index(None, "held_account", "held_region"),
)

# `point` is all of it; the columns are what is looked for.
points = Table(
    "points",
    metadata,
    Column("key", Text, primary_key=True),
    Column("table_key", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("vault", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("cold_at", Moment),
    Column("delete_at", Moment),
    Column("size_bytes", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("storage_class", Text),
    Column("digest", Text, nullable=False),
    Column("point", Record(RecoveryPoint), nullable=False),
    Index(None, "table_key", "created_at"),
    Index(None, "account", "region"),
)
