"""Tracking: what people were told of a step that runs, when it may be done; what became of a copy's warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("steps", sa.Column("stalls", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("steps", sa.Column("shown_at", sa.DateTime(timezone=True)))
    op.add_column("steps", sa.Column("expected_at", sa.DateTime(timezone=True)))
    op.add_column("steps", sa.Column("expected_from", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_copies_table_name", "copies", ["table_name"])
