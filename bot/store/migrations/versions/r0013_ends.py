"""How watched copies came to their end, so that their request can tell; dead letters that somebody has dismissed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
_COPIES = sa.table("copies", *(sa.column(name) for name in ("arn", "request_id", "watched", "ended_at", "ended_how")))
_NOTICES = sa.table("notices", sa.column("dedup_key"), sa.column("created_at", MOMENT), sa.column("facts", sa.JSON()))


def upgrade() -> None:
    op.add_column("copies", sa.Column("ended_at", MOMENT))
    op.add_column("copies", sa.Column("ended_how", sa.Text()))
    op.add_column("notices", sa.Column("dismissed_at", MOMENT))
    op.add_column("notices", sa.Column("dismissed_by", sa.JSON()))
    _fill()


def _fill() -> None:
    """What has ended already, by what was said of it then."""
    bind = op.get_bind()
    ended = sa.select(_COPIES.c.arn, _COPIES.c.request_id)
    known = ended.where(_COPIES.c.watched == sa.false(), _COPIES.c.request_id.is_not(None))
    for arn, number in bind.execute(known).all():
        key = f"CB-{number}:expired:{arn}"
        said = bind.execute(
            sa.select(_NOTICES.c.created_at, _NOTICES.c.facts).where(_NOTICES.c.dedup_key == key)
        ).first()
        if said is not None:
            values = {"ended_at": said.created_at, "ended_how": _how(said.facts)}
            bind.execute(_COPIES.update().where(_COPIES.c.arn == arn).values(**values))


def _how(facts: dict[str, Any]) -> str:
    if facts.get("early"):
        return "copy gone early"
    if facts.get("undeletable"):
        return "copy not deleted"
    return "copy end not seen" if facts.get("unseen") else "copy expired"
