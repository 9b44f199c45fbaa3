"""What is said about a copy that is watched: in its request's thread, or, where others made it, in a channel."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.approvals import CopyFacts
from bot.domain.backups import VaultRef, table_place_of
from bot.domain.books import Tx
from bot.domain.copies import Copy
from bot.domain.notices import Manner, NewNotice, Notice, NoticeKind

Facts = Mapping[str, object]


def say_of(
    tx: Tx,
    copy: Copy,
    kind: NoticeKind,
    now: datetime,
    key: str,
    facts: Facts,
    *,
    to: str = "",
    not_before: datetime | None = None,
) -> bool:
    """Say something about a copy, once for each key; False when it was said before, or has no place to be said."""
    facts = {
        **facts,
        "copy_arn": copy.arn,
        "vault_arn": copy.vault.arn,
        "table": copy.table_name,
        "table_arn": copy.table_arn,
        "delete_at": seconds(copy.delete_at),
        "adopted_by": copy.adopted_by.user_id if copy.adopted_by else "",
        "noun": copy.noun,
    }
    request = tx.requests.get(copy.request_id) if copy.request_id else None
    channel = request.channel if request else copy.channel
    if not channel:
        return False
    return tx.outbox.write(
        NewNotice(
            request_id=copy.request_id,
            kind=kind,
            dedup_key=key_of(copy, kind, key),
            channel=channel,
            due_at=now,
            facts=facts,
            audience=to,
            stream="" if request else stream_of(copy),
            manner=Manner.THREAD if request else Manner.ALONE,
            not_before=not_before,
        )
    )


def answer_notices(
    tx: Tx,
    copy: Copy,
    how: str,
    now: datetime,
    key: str,
    *,
    by: str = "",
    end: datetime | None = None,
    facts: Facts | None = None,
) -> None:
    """Show on what was said about a copy's end what has been decided, by whom and when; its buttons go accordingly.

    `end`: only notices of this end; None: those of every end. `key` tells apart what may be decided again.
    """
    answer = {"how": how, "by": by, "at": seconds(now), **(facts or {})}
    for told in _asking(tx, copy, NoticeKind.EXPIRING):
        if end is None or told.facts.get("delete_at") == seconds(end):
            _answer(tx, copy, told, answer, now, f":{key}")


def answer_undoing(tx: Tx, copy: Copy, how: str, now: datetime, *, by: str = "") -> None:
    """Take *Tell us again* off what said that a copy was let go; once for each, since it is never offered anew."""
    for told in _asking(tx, copy, NoticeKind.WATCHED):
        _answer(tx, copy, told, {"how": how, "by": by, "at": seconds(now)}, now, "")


def _asking(tx: Tx, copy: Copy, kind: NoticeKind) -> list[Notice]:
    """What was said about a copy with buttons."""
    if copy.is_adopted:
        found = tx.outbox.said_in(stream_of(copy), (kind,))
    else:
        found = tx.outbox.said_of(copy.request_id, (kind,))
    return [told for told in found if told.asks and told.facts.get("copy_arn") == copy.arn]


def _answer(tx: Tx, copy: Copy, told: Notice, answer: Facts, now: datetime, key: str) -> None:
    tx.outbox.write(
        NewNotice(
            request_id=copy.request_id,
            kind=NoticeKind.ANSWERED,
            dedup_key=f"{told.dedup_key}:answered{key}",
            channel=told.channel,
            due_at=now,
            facts={"told": told.dedup_key, "answered": dict(answer)},
            # Nothing that is said has to wait for it, and the last answer is the one that stays.
            stream=f"{told.dedup_key}:answered",
            manner=Manner.ALONE if copy.is_adopted else Manner.THREAD,
        )
    )


def facts_about(facts: Facts, alias: Mapping[str, str]) -> CopyFacts:
    """What routes look at, of a notice about a copy that others made."""
    try:
        vault, table = VaultRef.from_arn(str(facts.get("vault_arn"))), str(facts.get("table_arn"))
        account, region = table_place_of(table) if table else (vault.account, vault.region)
    except ValueError:
        return CopyFacts("", "", "", str(facts.get("table", "")))
    return CopyFacts(
        source_account=alias.get(account, account),
        source_region=region,
        destination_account=alias.get(vault.account, vault.account),
        destination_region=vault.region,
        destination_vault=vault.name,
        table=str(facts.get("table", "")),
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
