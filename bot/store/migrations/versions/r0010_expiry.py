"""Copies that people decided about (let go, put off), that others made (adopted), and whose end has moved."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
_KEPT = "arn, request_id, step_id, vault, table_name, size_bytes, created_at, delete_at, looked_at, watched"
_INDEXES = {
    "ix_copies_watched_delete_at": ["watched", "delete_at"],
    "ix_copies_watched_looked_at": ["watched", "looked_at"],
    "ix_copies_table_name": ["table_name"],
}
_CONSTRAINTS = ("pk_copies", "fk_copies_request_id", "fk_copies_step_id")
UNJUDGED = sa.text("outcome IS NULL")


def upgrade() -> None:
    # SQLite cannot let go of NOT NULL in a table that is there, so both databases get a new one.
    for name in _INDEXES:
        op.drop_index(name, "copies")
    op.rename_table("copies", "copies_before")
    if op.get_context().dialect.name == "postgresql":
        # There these names belong to the whole schema.
        for name in _CONSTRAINTS:
            op.execute(f"ALTER TABLE copies_before RENAME CONSTRAINT {name} TO {name}_before")
    _copies()
    op.execute(f"INSERT INTO copies ({_KEPT}, table_arn, channel) SELECT {_KEPT}, '', '' FROM copies_before")
    op.drop_table("copies_before")
    for name, columns in _INDEXES.items():
        op.create_index(name, "copies", columns)
    _fill()
    op.create_index("ix_copies_table_arn", "copies", ["table_arn"])
    _clicks()


def _copies() -> None:
    op.create_table(
        "copies",
        sa.Column("arn", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Integer()),
        sa.Column("step_id", sa.Integer()),
        sa.Column("vault", sa.JSON(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("table_arn", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("delete_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("looked_at", MOMENT),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("source_arn", sa.Text()),
        sa.Column("source_vault", sa.JSON()),
        sa.Column("source_delete_at", MOMENT),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("adopted_by", sa.JSON()),
        sa.Column("let_go_by", sa.JSON()),
        sa.Column("snoozed_until", MOMENT),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_copies_request_id"),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name="fk_copies_step_id"),
        sa.PrimaryKeyConstraint("arn", name="pk_copies"),
    )


def _fill() -> None:
    """What is new about copies that are watched already: their table, and that AWS has told their end."""
    copies = sa.table(
        "copies", *(sa.column(name) for name in ("arn", "step_id", "table_arn", "delete_at", "told_at", "looked_at"))
    )
    steps = sa.table("steps", sa.column("id"), sa.column("params", sa.JSON()))
    told = copies.c.delete_at.is_not(None)
    op.execute(copies.update().where(told).values(told_at=copies.c.looked_at))
    arn = steps.c.params[("point", "table_arn")].as_string()
    of_step = sa.select(arn).where(steps.c.id == copies.c.step_id).scalar_subquery()
    op.execute(copies.update().values(table_arn=sa.func.coalesce(of_step, "")))


def _clicks() -> None:
    op.create_table(
        "copy_clicks",
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("copy_arn", sa.Text(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("seen_end", MOMENT),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_ts", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("dedup_key", name="pk_copy_clicks"),
    )
    op.create_index(
        "ix_copy_clicks_unjudged", "copy_clicks", ["due_at"], sqlite_where=UNJUDGED, postgresql_where=UNJUDGED
    )
