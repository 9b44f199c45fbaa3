"""The tables of restores and schedules; `bot.store.tables` names them with all others."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Table, Text

from bot.domain.live_tables import TableRecord
from bot.domain.params import RecurParams
from bot.domain.people import Actor
from bot.store.codec import Moment, Record
from bot.store.metadata import metadata

# How a table was when a copy of its backup was made.
table_records = Table(
    "table_records",
    metadata,
    Column("copy_arn", Text, primary_key=True),
    Column("table_arn", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("record", Record(TableRecord), nullable=False),
    Index(None, "table_arn", "taken_at"),
)

# Forms under way that are no walk.
sheets = Table(
    "sheets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("actor", Record(Actor), nullable=False),
    Column("channel", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("view_id", Text, nullable=False),
    Column("request_id", ForeignKey("requests.id")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("due_at", Moment),
    Index(None, "state", "due_at"),
)

# The id is that of the step by which the schedule was approved.
schedules = Table(
    "schedules",
    metadata,
    Column("id", ForeignKey("steps.id"), primary_key=True, autoincrement=False),
    Column("request_id", ForeignKey("requests.id"), nullable=False),
    Column("owner", Record(Actor), nullable=False),
    Column("channel", Text, nullable=False),
    Column("params", Record(RecurParams), nullable=False),
    Column("state", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("next_run_at", Moment),
    Column("claimed_until", Moment),
    Column("last_run_at", Moment),
    Column("last_requests", JSON, nullable=False),
    Column("reminded", Boolean, nullable=False),
    Index(None, "state", "next_run_at"),
)
