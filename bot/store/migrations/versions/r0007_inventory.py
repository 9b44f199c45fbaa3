"""The inventory: areas count their changes, backups can be found by their dates and vault.

What was read so far is dropped; the bot reads it again when it starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for table in ("areas", "vaults"):
        op.execute(sa.table(table).delete())
    for table in ("tables", "points"):
        op.drop_table(table)
    op.add_column("areas", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    _tables()
    _points()


def _tables() -> None:
    op.create_table(
        "tables",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("held_account", sa.Text(), nullable=False),
        sa.Column("held_region", sa.Text(), nullable=False),
        sa.Column("arn", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("backups", sa.Integer(), nullable=False),
        sa.Column("newest", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "held_account", "held_region", name="pk_tables"),
    )
    op.create_index("ix_tables_held_account_held_region", "tables", ["held_account", "held_region"])


def _points() -> None:
    op.create_table(
        "points",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("table_key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("vault", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cold_at", sa.DateTime(timezone=True)),
        sa.Column("delete_at", sa.DateTime(timezone=True)),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("storage_class", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("point", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_points"),
    )
    op.create_index("ix_points_account_region", "points", ["account", "region"])
    op.create_index("ix_points_table_key_created_at", "points", ["table_key", "created_at"])
