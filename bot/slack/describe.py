"""A plan in plain words: what, from where, to where, kept how long. Messages and the review say it the same way."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.backups import Lifecycle
from bot.domain.params import (
    BackUpParams,
    CopyParams,
    CreateVaultParams,
    EnableAdvancedParams,
    Params,
    RestoreParams,
    SetRetentionParams,
)
from bot.domain.requests import CopyRequest, Decision, Verdict
from bot.domain.retention import MAX_DAYS, Keep, Retention, expected_end
from bot.domain.sentences.changes import until
from bot.slack.names import Names as Names  # noqa: PLC0414 - it is known from here
from bot.slack.names import Pairs
from bot.slack.table_words import TABLE_WORDS, Word, Wording
from bot.slack.text import code, date, size


def plan_lines(steps: Sequence[Params], names: Names) -> list[str]:
    """A plan as paragraphs (mrkdwn), one for each step, numbered where there are several."""
    return paragraphs(steps, [step_fields(step, names) for step in steps], names)


def paragraphs(steps: Sequence[Params], pairs: Sequence[Pairs], names: Names) -> list[str]:
    """The same with other fields than those of the plan."""
    paragraphs = ["\n".join(f"*{name}:* {value}" for name, value in fields) for fields in pairs]
    if len(steps) == 1:
        return paragraphs
    return [
        f"*Step {number} of {len(steps)}: {one_line(step, names)}*\n{paragraph}"
        for number, (step, paragraph) in enumerate(zip(steps, paragraphs, strict=True), start=1)
    ]


def step_fields(params: Params, names: Names) -> Pairs:
    """Name and value pairs (mrkdwn) that say all of a step."""
    return _wording(params).fields(params, names)


def one_line(params: Params, names: Names) -> str:
    """A step as half a sentence that begins with what is done: copy X from here to there."""
    return _wording(params).one_line(params, names)


def title(steps: Sequence[Params], names: Names, word: Word = str) -> str:
    """What a request is about, in a few words; `word` marks the names in it: `code` where it is not plain text."""
    restores = [step for step in steps if isinstance(step, RestoreParams)]
    heads: Sequence[Params] = restores or [step for step in steps if isinstance(step, CopyParams)] or steps
    last = heads[-1]
    more = f" and {len(heads) - 1} more" if len(heads) > 1 else ""
    return _wording(last).title(last, names, word) + more


def copy_fields(params: CopyParams, names: Names) -> Pairs:
    """Name and value pairs (mrkdwn) that say all of a copy."""
    point = params.point
    new = " (new)" if params.vault_from_before else ""
    fields = [
        ("Table", f"{code(point.table_name)}"),
        ("Backup", _which(params)),
        ("From", names.place(point.vault)),
        ("To", f"{names.place(params.destination)}{new}"),
        ("Kept", kept(params.retention, params)),
    ]
    # Further hops are made by another account's role than the first, which everybody knows.
    return [*fields, ("By", code(params.role_arn))] if params.point_from_before else fields


def _which(params: CopyParams | SetRetentionParams) -> str:
    """The backup; one that the plan makes first has no size and date yet."""
    point = params.point
    if params.point_from_before and not point.arn:
        return "the one that an earlier step of this plan makes"
    return f"{date(point.created_at)}, {size(point.size_bytes)}"


def kept(retention: Retention, params: CopyParams) -> str:
    """How long the copy is kept, with the date it comes to (an estimate until AWS tells the real one)."""
    return f"{_until(retention, params)}{_cold(retention)}"


def kept_as_asked(retention: Retention) -> str:
    """How long a copy was to be kept, without the date, which AWS has told by now."""
    return f"{_asked(retention)}{_cold(retention)}"


def end_as_told(end: datetime | None, *, known: bool) -> str:
    """When a copy expires; `known`: AWS has told."""
    if end:
        return f"{date(end)}, as AWS reports it"
    if known:
        return "never, as AWS reports it: it stays until somebody deletes it"
    return "AWS did not let me read the date yet; I keep looking"


def _cold(retention: Retention) -> str:
    return "" if retention.cold_days is None else f"; in cold storage after {_days(retention.cold_days)}"


def _until(retention: Retention, params: CopyParams) -> str:
    end = expected_end(retention, params.point)
    if retention.keep is Keep.PERMANENT:
        return f"{_asked(retention)}: until somebody deletes it"
    if retention.keep is Keep.AS_SOURCE:
        if end is None:
            return f"{_asked(retention)}, which has no end: it is kept until somebody deletes it"
        return f"{_asked(retention)}: until about {date(end, with_time=False)}"
    return f"{_asked(retention)}: until about {_date(end)}"


def _asked(retention: Retention) -> str:
    if retention.keep is Keep.PERMANENT:
        return "Without an end, as the source by then"
    if retention.keep is Keep.AS_SOURCE:
        return "As the source"
    if retention.keep is Keep.CENTURY:
        return f"100 years ({MAX_DAYS:,} days)"
    return f"{_days(retention.days or 0)} from the backup's creation"


def copy_line(params: CopyParams, names: Names) -> str:
    """The copy as what follows the word: X from here to there."""
    return (
        f"{code(params.point.table_name)} from {names.account(params.point.vault.account)} "
        f"({params.point.vault.region}) to {names.account(params.destination.account)} "
        f"({params.destination.region}), vault {code(params.destination.name)}"
    )


def spoken(params: Params, names: Names) -> str:
    """One step without marks, for plain text fields."""
    return _wording(params).spoken(params, names)


def mention(user_id: str) -> str:
    """A mention of a user or of a user group, by the kind of id."""
    return f"<!subteam^{user_id}>" if user_id.startswith("S") else f"<@{user_id}>"


def people(ids: Sequence[str]) -> str:
    """Mentions in a row: A, B and C."""
    mentions = [mention(user_id) for user_id in ids]
    return " and ".join(filter(None, [", ".join(mentions[:-1]), mentions[-1]])) if mentions else "nobody"


def approved_by(request: CopyRequest) -> list[str]:
    return [decision.actor.user_id for decision in request.decisions if decision.verdict is Verdict.APPROVE]


def rejection(request: CopyRequest) -> Decision | None:
    return next((decision for decision in request.decisions if decision.verdict is Verdict.REJECT), None)


def _date(end: datetime | None) -> str:
    return date(end, with_time=False) if end else "an unknown date"


def _wording(params: Params) -> Wording:
    return _WORDINGS[type(params)]


def _spoken_copy(params: CopyParams, names: Names) -> str:
    point, to = params.point, params.destination
    return (
        f"{point.table_name} from {names.account(point.vault.account)} {point.vault.region} "
        f"to {names.account(to.account)} {to.region}, vault {to.name}"
    )


def _vault_fields(params: CreateVaultParams, names: Names) -> Pairs:
    key = code(params.key_arn) if params.key_arn else "the account's own key for AWS Backup (aws/backup)"
    lets_in = ", ".join(code(principal) for principal in params.lets_in) or "nobody from another account"
    return [("New vault", names.place(params.vault)), ("Key", key), ("May copy into it", lets_in)]


def _back_up_fields(params: BackUpParams, names: Names) -> Pairs:
    return [
        ("Table", code(params.table)),
        ("Into", names.place(params.vault)),
        ("Kept", lifecycle_words(params.lifecycle)),
    ]


def _retention_fields(params: SetRetentionParams, names: Names) -> Pairs:
    point = params.point
    before = f"until about {date(point.delete_at, with_time=False)}" if point.delete_at else "without an end"
    last = params.only_with
    only = [("Only once", f"the last copy is seen complete in {names.place(last)}")] if last else []
    return [
        ("Table", code(params.table)),
        ("Backup", _which(params)),
        ("In", names.place(point.vault)),
        *([] if params.point_from_before else [("Kept until now", before)]),
        ("Kept from now on", lifecycle_words(params.lifecycle, None if params.point_from_before else point.created_at)),
        *only,
    ]


def _advanced_fields(params: EnableAdvancedParams, names: Names) -> Pairs:
    return [
        ("Account", names.account(params.account)),
        ("Region", params.region),
        ("What it changes", "every later backup of a DynamoDB table there; backups that exist stay as they are"),
    ]


def _how_long(lifecycle: Lifecycle) -> str:
    days = lifecycle.delete_after_days
    return "kept for good" if days is None else f"kept {_days(days)}"


def _instead(params: SetRetentionParams) -> str:
    """Both ends, for plain text; nothing where one is not known before an earlier step is done."""
    if params.point_from_before:
        return ""
    new = f", {until(params.end)}," if params.end else ""
    return f"{new} instead of {until(params.point.delete_at)}"


def lifecycle_words(lifecycle: Lifecycle, created_at: datetime | None = None) -> str:
    """A lifecycle in words; days count from the backup's creation, and come to a day where that is known."""
    days = lifecycle.delete_after_days
    until = "for good, until somebody deletes it" if days is None else f"{_days(days)} from its creation"
    if days is not None and created_at is not None:
        until = f"{until}: until about {date(created_at + timedelta(days=days), with_time=False)}"
    cold = lifecycle.cold_after_days
    return until if cold is None else f"{until}; in cold storage after {_days(cold)}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


_WORDINGS: Mapping[type, Wording] = {
    **TABLE_WORDS,
    CopyParams: Wording(
        copy_fields,
        lambda params, names: f"copy {copy_line(params, names)}",
        _spoken_copy,
        lambda params, names, word: f"copy {word(params.table)} to {names.account(params.destination.account)}",
    ),
    CreateVaultParams: Wording(
        _vault_fields,
        lambda params, names: f"create the vault {names.place(params.vault)}",
        lambda params, names: f"new vault {params.vault.name} in {names.account(params.vault.account)}",
        lambda params, names, word: f"create vault {word(params.vault.name)}",
    ),
    EnableAdvancedParams: Wording(
        _advanced_fields,
        lambda params, names: (
            f"turn on advanced features for DynamoDB backups in {names.account(params.account)} ({params.region})"
        ),
        lambda params, names: f"advanced DynamoDB backups in {names.account(params.account)} {params.region}",
        lambda params, names, word: f"turn on advanced backups in {names.account(params.account)}",
    ),
    BackUpParams: Wording(
        _back_up_fields,
        lambda params, names: f"back up {code(params.table)} into {names.place(params.vault)}",
        lambda params, names: (
            f"new backup of {params.table} into {names.account(params.vault.account)}, vault {params.vault.name}"
        ),
        lambda params, names, word: f"back up {word(params.table)}",
    ),
    SetRetentionParams: Wording(
        _retention_fields,
        lambda params, names: (
            f"change how long the backup of {code(params.table)} in {names.place(params.point.vault)} is kept"
        ),
        lambda params, names: (
            f"backup of {params.table} in {names.account(params.point.vault.account)}, vault "
            f"{params.point.vault.name}, {_how_long(params.lifecycle)}{_instead(params)}"
        ),
        lambda params, names, word: f"change the retention of a backup of {word(params.table)}",
    ),
}
