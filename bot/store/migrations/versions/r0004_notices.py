"""Notices beside those of a request (routed, for operators, in a digest) and what each lane to Slack lets through."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_PARTIAL = {
    "ix_notices_unsent": (["channel", "id"], "state = 'PENDING'"),
    "ix_notices_unsent_order": (["stream", "id"], "state = 'PENDING'"),
    "ix_notices_unrouted": (["id"], "NOT routed"),
    "ix_notices_dead": (["id"], "state = 'DEAD'"),
    "ix_notices_digest": (["digest_at"], "digest_at IS NOT NULL"),
}
_KEPT = (
    "id, request_id, kind, dedup_key, channel, audience, facts, state, attempts, doubtful, created_at, due_at, "
    "claimed_until, posted_ts, last_error"
)


def upgrade() -> None:
    # SQLite cannot let go of NOT NULL in a table that is there, so both databases get a new one.
    op.drop_index("ix_notices_unsent", "notices")
    op.drop_index("ix_notices_unsent_order", "notices")
    op.rename_table("notices", "notices_before")
    if op.get_context().dialect.name == "postgresql":
        # There these names belong to the whole schema.
        for name in ("pk_notices", "uq_notices_dedup_key", "fk_notices_request_id"):
            op.execute(f"ALTER TABLE notices_before RENAME CONSTRAINT {name} TO {name}_before")
    _notices()
    op.execute(
        f"INSERT INTO notices ({_KEPT}, stream, manner, routed, reported) "
        f"SELECT {_KEPT}, 'CB-' || request_id, 'thread', TRUE, FALSE FROM notices_before"
    )
    op.drop_table("notices_before")
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('notices', 'id'), "
            "coalesce((SELECT max(id) FROM notices), 0) + 1, false)"
        )
    for name, (columns, where) in _PARTIAL.items():
        op.create_index(name, "notices", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.drop_table("holds")
    _limits()


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer()),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("posted_ts", sa.Text()),
        sa.Column("last_error", sa.Text()),
        sa.Column("manner", sa.Text(), nullable=False),
        sa.Column("routed", sa.Boolean(), nullable=False),
        sa.Column("digest_at", sa.DateTime(timezone=True)),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_notices_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("dedup_key", name="uq_notices_dedup_key"),
        sqlite_autoincrement=True,
    )


def _limits() -> None:
    op.create_table(
        "limits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("paced_until", sa.DateTime(timezone=True)),
        sa.Column("refused_since", sa.DateTime(timezone=True)),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_limits"),
    )
