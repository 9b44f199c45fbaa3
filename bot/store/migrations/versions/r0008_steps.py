"""Queues: one backup or copy job at a time works on a table, across all requests and replicas."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

AT_WORK = sa.text("state IN ('STARTING', 'RUNNING')")


def upgrade() -> None:
    op.add_column("steps", sa.Column("occupies", sa.Text()))
    op.create_index(
        "uq_steps_one_at_work", "steps", ["occupies"], unique=True, sqlite_where=AT_WORK, postgresql_where=AT_WORK
    )
