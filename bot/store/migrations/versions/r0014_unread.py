"""Since when the job of a step could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("steps", sa.Column("unread_since", sa.DateTime(timezone=True)))
