"""What is said about a copy that is watched: in its request's thread, or, where others made it, in a channel."""

from collections.abc import Mapping, Sequence
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
    since: datetime | None = None,
    but: str = "",
) -> None:
    """Show on what was said about a copy's end what has been decided, by whom and when; its buttons go accordingly.

    `end`: only notices of this end; None: those of every end. `key` tells apart what may be decided again. `since`:
    when it came to be so, if that was before now. `but`: the key of the one notice that is left as it is.
    """
    answer = {"how": how, "by": by, "at": seconds(since or now), **(facts or {})}
    for told in _asking(tx, copy, NoticeKind.EXPIRING):
        if told.dedup_key != but and (end is None or told.facts.get("delete_at") == seconds(end)):
            _answer(tx, copy, told, answer, now, f":{key}")


def answer_end(tx: Tx, copy: Copy, now: datetime) -> None:
    """Take all buttons off what was said about a copy's end, as soon as it has come, and date that by the end.

    Said at the end, and once more when the copy is gone: that is the same thing, so it is shown once.
    """
    since = min(copy.delete_at or now, now)
    answer_notices(tx, copy, "over", now, f"over:{seconds(copy.delete_at)}", since=since)
    answer_undoing(tx, copy, "over", now, since=since)


def askers_of(tx: Tx, copy: Copy, until: datetime) -> list[str]:
    """Who asked to be reminded of a copy at this time, by user id, the first one first."""
    said = (told.facts for told in _said(tx, copy, NoticeKind.WATCHED) if told.facts.get("copy_arn") == copy.arn)
    wanted = (facts for facts in said if facts.get("what") == "snoozed" and facts.get("until") == seconds(until))
    return list(dict.fromkeys(str(facts.get("by")) for facts in wanted if facts.get("by")))


def answer_undoing(tx: Tx, copy: Copy, how: str, now: datetime, *, by: str = "", since: datetime | None = None) -> None:
    """Take *Tell us again* off what said that a copy was let go; once for each, since it is never offered anew."""
    for told in _asking(tx, copy, NoticeKind.WATCHED):
        _answer(tx, copy, told, {"how": how, "by": by, "at": seconds(since or now)}, now, "")


def _asking(tx: Tx, copy: Copy, kind: NoticeKind) -> list[Notice]:
    """What was said about a copy with buttons."""
    return [told for told in _said(tx, copy, kind) if told.asks and told.facts.get("copy_arn") == copy.arn]


def _said(tx: Tx, copy: Copy, kind: NoticeKind) -> Sequence[Notice]:
    """What was said where a copy is spoken of, of whichever copy."""
    if copy.is_adopted:
        return tx.outbox.said_in(stream_of(copy), (kind,))
    return tx.outbox.said_of(copy.request_id, (kind,))


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
