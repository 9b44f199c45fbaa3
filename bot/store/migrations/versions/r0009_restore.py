"""Restores, drills and schedules: how tables were, forms under way, the bot's own recurring copies."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _table_records()
    _sheets()
    _schedules()


def _table_records() -> None:
    op.create_table(
        "table_records",
        sa.Column("copy_arn", sa.Text(), nullable=False),
        sa.Column("table_arn", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("copy_arn", name="pk_table_records"),
    )
    op.create_index("ix_table_records_table_arn_taken_at", "table_records", ["table_arn", "taken_at"])


def _sheets() -> None:
    op.create_table(
        "sheets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_sheets_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sheets"),
    )
    op.create_index("ix_sheets_state_due_at", "sheets", ["state", "due_at"])


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.JSON(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("next_run_at", MOMENT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("last_run_at", MOMENT),
        sa.Column("last_requests", sa.JSON(), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["steps.id"], name="fk_schedules_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_schedules_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_state_next_run_at", "schedules", ["state", "next_run_at"])
