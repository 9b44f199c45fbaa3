"""What was said of a request, found without reading what was said of all others."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_notices_request_id", "notices", ["request_id"])
