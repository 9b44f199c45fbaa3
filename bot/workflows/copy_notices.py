"""What is said about a copy that is watched: in its request's thread, or, where others made it, in a channel."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.books import Tx
from bot.domain.copies import Copy
from bot.domain.notices import Manner, NewNotice, NoticeKind
from bot.workflows.announce import say

Facts = Mapping[str, object]


def say_of(tx: Tx, copy: Copy, kind: NoticeKind, now: datetime, key: str, facts: Facts, *, to: str = "") -> bool:
    """Say something about a copy, once for each key; False when it was said before, or has no place to be said."""
    facts = {
        **facts,
        "copy_arn": copy.arn,
        "vault_arn": copy.vault.arn,
        "table": copy.table_name,
        "delete_at": seconds(copy.delete_at),
        "adopted_by": copy.adopted_by.user_id if copy.adopted_by else "",
    }
    if not copy.is_adopted:
        request = tx.requests.get(copy.request_id)
        return request is not None and say(tx, request, kind, now, key=key, facts=facts, to=to)
    if not copy.channel:
        return False
    return tx.outbox.write(
        NewNotice(
            request_id="",
            kind=kind,
            dedup_key=key_of(copy, kind, key),
            channel=copy.channel,
            due_at=now,
            facts=facts,
            audience=to,
            stream=stream_of(copy),
            manner=Manner.ALONE,
        )
    )


def key_of(copy: Copy, kind: NoticeKind, key: str) -> str:
    """The key under which this is said about a copy."""
    return f"{copy.request_id or 'adopted'}:{kind}:{key}"


def stream_of(copy: Copy) -> str:
    """Whose turn a notice about an adopted copy waits for: what is said of one copy leaves in order."""
    return f"copy:{copy.arn}"


def seconds(moment: datetime | None) -> int | None:
    """A moment as facts hold it: Unix seconds."""
    return int(moment.timestamp()) if moment else None
