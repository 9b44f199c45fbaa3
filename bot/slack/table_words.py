"""Restores, drills, changes of plans and schedules in plain words, for the review, the card and the thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.backup_plans import Change
from bot.domain.backups import Lifecycle
from bot.domain.params import ChangePlanParams, CompareParams, DeleteTableParams, RecurParams, RestoreParams
from bot.domain.restores import Encryption
from bot.domain.retention import MAX_DAYS, Keep, Retention
from bot.domain.routes import Hop
from bot.slack.names import Names, Pairs
from bot.slack.text import code, cut, date, escape, size

ENCRYPTIONS = {
    Encryption.UNSAID: "As AWS chooses: the key DynamoDB owns",
    Encryption.OWNED: "With the key DynamoDB owns",
    Encryption.MANAGED: "With the account's own key for DynamoDB (aws/dynamodb)",
    Encryption.CUSTOMER: "With a key of yours",
}


Word = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for one kind of step; its title gets what marks the names in it."""

    fields: Callable[[Any, Names], Pairs]
    one_line: Callable[[Any, Names], str]
    spoken: Callable[[Any, Names], str]
    title: Callable[[Any, Names, Word], str]


def _restore_fields(params: RestoreParams, names: Names) -> Pairs:
    key = f": {code(params.key_arn)}" if params.encryption is Encryption.CUSTOMER else ""
    return [
        ("Table", code(params.table)),
        ("Backup", f"{date(params.point.created_at)}, {size(params.point.size_bytes)}"),
        ("Restored from", names.place(params.point.vault)),
        ("To the new table", f"{code(params.name)} in {_place(*params.target, names)}"),
        ("Encryption", f"{ENCRYPTIONS[params.encryption]}{key}"),
    ]


def _restore_line(params: RestoreParams, names: Names) -> str:
    return f"restore {code(params.table)} to the new table {code(params.name)} in {_place(*params.target, names)}"


def _compare_fields(params: CompareParams, names: Names) -> Pairs:
    return [
        ("Table", f"{code(params.name)} in {_place(*params.target, names)}"),
        ("Held against", f"{code(params.table)} as it was recorded when the copy was made, else as it is now"),
    ]


def _delete_fields(params: DeleteTableParams, names: Names) -> Pairs:
    return [("Table", f"{code(params.name)} in {_place(*params.target, names)}, which this request has made itself")]


def _plan_fields(params: ChangePlanParams, names: Names) -> Pairs:
    return [
        ("Backup plan", f"{code(params.plan.name)} in {_place(params.plan.account, params.plan.region, names)}"),
        ("Rule", code(params.rule)),
        ("Change", f"{_VERBS[params.change]} {names.place(params.destination)}"),
        *([] if params.change is Change.REMOVE else [("Copies are kept", _kept(params.lifecycle))]),
        ("What changes", "\n".join(code(line) for line in diff_lines(params))),
        ("Version", code(params.version)),
    ]


def _recur_fields(params: RecurParams, names: Names) -> Pairs:
    return [
        ("Tables", f"{code(params.pattern)} in {_place(params.source, params.region, names)}"),
        ("Each time", "the newest backup of each table, unless it is copied already"),
        # Slack takes 2,000 characters of a field.
        ("To", cut("\n".join(_way(way, names) for way in params.every_way), 1_700)),
        ("Kept", _retention(params.retention)),
        ("When", f"{code(params.cron)} ({escape(params.timezone)})"),
        ("Approved until", date(_last_moment(params))),
    ]


def _last_moment(params: RecurParams) -> datetime:
    """The last minute of the day that was chosen: midnight would be read as the day after."""
    return params.until - timedelta(minutes=1)


def _way(way: Sequence[Hop], names: Names) -> str:
    """The hops of a way, each with a time of its own where it has one."""
    return " → ".join(f"{names.place(hop.vault)}{_own_time(hop)}" for hop in way)


def _line_of(way: Sequence[Hop], names: Names) -> str:
    """The same in a sentence: from hop to hop, without times."""
    return " and on to ".join(names.place(hop.vault) for hop in way)


def _own_time(hop: Hop) -> str:
    kept = f"kept {hop.keep.days:,} days" if hop.keep and hop.keep.days else ""
    then = f"{hop.then_days:,} days once the last copy is seen" if hop.then_days else ""
    told = ", then ".join(filter(None, (kept, then)))
    return f" ({told})" if told else ""


def diff_lines(params: ChangePlanParams) -> list[str]:
    """The rule's copies before and after, as a diff: what stays, what goes (-), what comes (+)."""
    rules = [rule for rule in params.document.get("Rules") or () if rule.get("RuleName") == params.rule]
    lines = [f"  {line}" for rule in rules for line in rule_lines(rule)]
    arn = params.destination.arn
    before = next((line for line in lines if line.strip().startswith(arn)), None)
    if before is not None and params.change is not Change.ADD:
        lines[lines.index(before)] = f"- {before.strip()}"
    if params.change is not Change.REMOVE:
        lines.append(f"+ {arn}, {_kept(params.lifecycle)}")
    return lines or ["  no copies"]


def rule_lines(rule: Mapping[str, Any]) -> list[str]:
    """A rule's copies, one a line."""
    return [_action(action) for action in rule.get("CopyActions") or ()]


def _action(action: Mapping[str, Any]) -> str:
    lifecycle = action.get("Lifecycle") or {}
    days = Lifecycle(lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays"))
    return f"{action.get('DestinationBackupVaultArn')}, {_kept(days)}"


def _kept(lifecycle: Lifecycle) -> str:
    days, cold = lifecycle.delete_after_days, lifecycle.cold_after_days
    kept = "as long as the backup itself" if days is None else f"{days:,} days"
    return kept if cold is None else f"{kept}, in cold storage after {cold:,} days"


def _retention(retention: Retention) -> str:
    if retention.keep is Keep.AS_SOURCE:
        return "As long as the backup itself"
    days = MAX_DAYS if retention.keep is Keep.CENTURY else retention.days or 0
    return f"{days:,} days from the backup's creation"


def _place(account: str, region: str, names: Names) -> str:
    return f"{names.account(account)} ({region})"


def _where(params: RestoreParams, names: Names) -> str:
    account, region = params.target
    return f"{names.account(account)} {region}"


def _spoken_ways(params: RecurParams, names: Names) -> str:
    ends = (way[-1].vault for way in params.every_way)
    return "; ".join(f"{names.account(end.account)} {end.region}, vault {end.name}" for end in ends)


_VERBS = {
    Change.ADD: "also copy to",
    Change.CHANGE: "keep copies differently in",
    Change.REMOVE: "copy no more to",
}
_PLAN_TITLES = {
    Change.ADD: "add a copy to",
    Change.CHANGE: "change a copy of",
    Change.REMOVE: "remove a copy from",
}


def _plan_line(params: ChangePlanParams, names: Names) -> str:
    return (
        f"have rule {code(params.rule)} of the backup plan {code(params.plan.name)} {_VERBS[params.change]} "
        f"{names.place(params.destination)}"
    )


def _recur_line(params: RecurParams, names: Names) -> str:
    return (
        f"copy the newest backup of {code(params.pattern)} from {_place(params.source, params.region, names)} to "
        f"{' and to '.join(_line_of(way, names) for way in params.every_way)} at {code(params.cron)} "
        f"({escape(params.timezone)}) until "
        f"{date(_last_moment(params), with_time=False)}"
    )


TABLE_WORDS: Mapping[type, Wording] = {
    RestoreParams: Wording(
        _restore_fields,
        _restore_line,
        lambda params, names: f"restore {params.table} to {params.name} in {_where(params, names)}",
        lambda params, names, word: (
            f"bring back {word(params.table)} in a drill" if params.is_drill else f"restore {word(params.table)}"
        ),
    ),
    CompareParams: Wording(
        _compare_fields,
        lambda params, names: f"compare {code(params.name)} with what was recorded of {code(params.table)}",
        lambda params, names: f"compare {params.name} with {params.table}",
        lambda params, names, word: f"compare {word(params.table)}",
    ),
    DeleteTableParams: Wording(
        _delete_fields,
        lambda params, names: f"delete {code(params.name)}, the drill's own table",
        lambda params, names: f"delete {params.name}",
        lambda params, names, word: f"delete {word(params.name)}",
    ),
    ChangePlanParams: Wording(
        _plan_fields,
        _plan_line,
        lambda params, names: (
            f"{params.plan.name}, rule {params.rule}: {params.change} {params.destination.name} "
            f"in {names.account(params.destination.account)} {params.destination.region}"
        ),
        lambda params, names, word: f"{_PLAN_TITLES[params.change]} plan {word(params.plan.name)}",
    ),
    RecurParams: Wording(
        _recur_fields,
        _recur_line,
        lambda params, names: f"{params.pattern} to {_spoken_ways(params, names)}, at {params.cron} {params.timezone}",
        lambda params, names, word: f"copy {word(params.pattern)} again and again",
    ),
}
