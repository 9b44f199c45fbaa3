"""Approval: rounds and stages, reviews, calls to approvers, and the history as a chain of hashes."""

import sqlalchemy as sa
from alembic import op

from bot.domain.audit import Head, chained
from bot.domain.people import Actor
from bot.domain.requests import Event
from bot.store.codec import Moment

revision = "0003"
down_revision = "0002"

# Copying a table for SQLite, Alembic does not see that its numbers are never given out twice.
_AS_BEFORE = {"sqlite_autoincrement": True}


def upgrade() -> None:
    _add_to_requests()
    _add_to_decisions()
    op.add_column("clicks", sa.Column("round", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "reviews",
        sa.Column("request_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("by", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.JSON(none_as_null=True)),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("request_id", name="pk_reviews"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_reviews_request_id"),
    )
    _chain_the_history()


def _add_to_requests() -> None:
    for column in (
        sa.Column("round", sa.Integer, nullable=False, server_default="1"),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
        sa.Column("call_at", sa.DateTime(timezone=True)),
        sa.Column("escalated_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("requests", column)
    op.create_index("ix_requests_state_call_at", "requests", ["state", "call_at"])
    op.execute("UPDATE requests SET opened_at = created_at")


def _add_to_decisions() -> None:
    with op.batch_alter_table("decisions", table_kwargs=_AS_BEFORE) as table:
        table.add_column(sa.Column("round", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("stage", sa.Integer, nullable=False, server_default="0"))
        table.drop_constraint("uq_decisions_request_id_user_id", type_="unique")
        table.create_unique_constraint("uq_decisions_request_id_round_user_id", ["request_id", "round", "user_id"])


def _chain_the_history() -> None:
    """Lines from before get their hashes here: they are as trustworthy as the database was until now."""
    with op.batch_alter_table("events", table_kwargs=_AS_BEFORE) as table:
        table.alter_column("request_id", existing_type=sa.Integer, nullable=True)
        table.add_column(sa.Column("seq", sa.BigInteger))
        table.add_column(sa.Column("prev_hash", sa.Text))
        table.add_column(sa.Column("hash", sa.Text))
    head = _backfill(op.get_bind())
    with op.batch_alter_table("events", table_kwargs=_AS_BEFORE) as table:
        table.alter_column("seq", existing_type=sa.BigInteger, nullable=False)
        table.alter_column("prev_hash", existing_type=sa.Text, nullable=False)
        table.alter_column("hash", existing_type=sa.Text, nullable=False)
        table.create_unique_constraint("uq_events_seq", ["seq"])
    chain = op.create_table(
        "chain",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain"),
    )
    op.bulk_insert(chain, [{"id": 1, "length": head.length, "head": head.hash}])


def _backfill(connection: sa.Connection) -> Head:
    events = sa.table(
        "events",
        sa.column("id", sa.Integer),
        sa.column("request_id", sa.Integer),
        sa.column("at", Moment),
        sa.column("what", sa.Text),
        sa.column("actor", sa.JSON(none_as_null=True)),
        sa.column("state_before", sa.Text),
        sa.column("state_after", sa.Text),
        sa.column("detail", sa.Text),
        sa.column("seq", sa.BigInteger),
        sa.column("prev_hash", sa.Text),
        sa.column("hash", sa.Text),
    )
    head = Head()
    for row in connection.execute(sa.select(events).order_by(events.c.id)).mappings().all():
        line = chained(_event_of(row), head)
        values = {"seq": line.seq, "prev_hash": line.prev_hash, "hash": line.hash}
        connection.execute(events.update().where(events.c.id == row["id"]).values(**values))
        head = Head(line.seq, line.hash)
    return head


def _event_of(row: sa.RowMapping) -> Event:
    return Event(
        request_id=f"CB-{row['request_id']}",
        at=row["at"],
        what=row["what"],
        actor=Actor(**row["actor"]) if row["actor"] else None,
        before=row["state_before"],
        after=row["state_after"],
        detail=row["detail"],
    )
