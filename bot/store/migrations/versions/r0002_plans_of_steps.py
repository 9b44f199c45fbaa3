"""Plans: steps of several kinds, with what people were shown of each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("steps", sa.Column("shown", sa.JSON(), nullable=False, server_default="{}"))
