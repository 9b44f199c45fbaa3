"""What has to fit together in copy-backup.yaml, beyond the form of each value.

The plain data is looked at, and only what is well formed in it: a mistake of form neither hides another mistake
nor is told twice.
"""

import re
from collections.abc import Iterator, Mapping

from bot.domain.backups import partition_of
from bot.domain.params import StepKind
from bot.settings.document import Document, Where
from bot.settings.notices import notice_mistakes
from bot.settings.routes import check_routes
from bot.settings.schema import words_for
from bot.settings.wording import did_you_mean

Raw = Mapping[str, object]

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_ROLE_ARN = re.compile(r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):role/.+")


def check_consistency(document: Document) -> None:
    """Blame every place that contradicts another one."""
    data = _mapping(document.data)
    accounts = {alias: _mapping(raw) for alias, raw in _mapping(data.get("accounts")).items()}
    _check_ids(document, accounts)
    check_routes(document, _mapping(data.get("routes")), accounts)
    for alias, account in accounts.items():
        for key, text in _account_mistakes(account):
            document.blame(("accounts", alias, key), text)
    known = {
        "source_account": sorted(accounts),
        "source_region": (
            regions := sorted({one for account in accounts.values() for one in _texts(account, "regions")})
        ),
        "destination_account": sorted(accounts),
        "destination_region": regions,
        "action": sorted(kind.value for kind in StepKind),
    }
    for where, text in notice_mistakes(data):
        document.blame(where, text)
    routes = _mapping(data.get("notices")).get("routes")
    for index, raw in enumerate(routes if isinstance(routes, list) else []):
        for where, text in _name_mistakes(_mapping(raw), known):
            document.blame(("notices", "routes", index, *where), text)
    adopt = _mapping(data.get("notices")).get("adopt")
    for index, raw in enumerate(adopt if isinstance(adopt, list) else []):
        named = {"when": {"source_account": _mapping(raw).get("account")}}
        for _, text in _name_mistakes(named, known):
            document.blame(("notices", "adopt", index, "account"), text)
    rules = data.get("approvals")
    for index, raw in enumerate(rules if isinstance(rules, list) else []):
        for where, text in _rule_mistakes(_mapping(raw), known):
            document.blame(("approvals", index, *where), text)


def _check_ids(document: Document, accounts: Mapping[str, Raw]) -> None:
    owners: dict[str, str] = {}
    for alias, account in accounts.items():
        for number in _id(account):
            owner = owners.setdefault(number, alias)
            if owner != alias:
                document.blame(
                    ("accounts", alias, "id"), f"expected an id of its own, but accounts.{owner} has {number} too"
                )


def _account_mistakes(account: Raw) -> Iterator[tuple[str, str]]:
    partitions = {partition_of(region) for region in _texts(account, "regions")}
    if len(partitions) > 1:
        yield "regions", "expected Regions of one partition, since an account lives in one (aws, aws-cn or aws-us-gov)"
    for key in ("role_arn", "copy_role_arn"):
        arn = account.get(key)
        found = _ROLE_ARN.fullmatch(arn) if isinstance(arn, str) else None
        if found is None:
            continue
        # Both roles are used inside this account: ours to call AWS Backup there, the other by AWS Backup itself.
        if any(found["account"] != number for number in _id(account)):
            yield key, f"expected a role of this account ({account['id']}), got {arn}"
        if len(partitions) == 1 and found["partition"] not in partitions:
            yield key, f"expected an ARN that begins with arn:{min(partitions)}: as the Regions do, got {arn}"
    if "external_id" in account and "role_arn" not in account:
        yield "external_id", "expected only together with role_arn, since it is told when that role is assumed"


def _name_mistakes(rule: Raw, known: Mapping[str, list[str]]) -> Iterator[tuple[Where, str]]:
    for name, pattern in _mapping(rule.get("when")).items():
        # A misspelt name would never match, and the request would fall through to a rule that may ask for less.
        if name in known and isinstance(pattern, str) and not _matchable(pattern, known[name]):
            among = ", ".join(known[name])
            near = did_you_mean(pattern, known[name])
            yield ("when", name), f'expected one of {among}, or a pattern with *, got "{pattern}"{near}'


def _rule_mistakes(rule: Raw, known: Mapping[str, list[str]]) -> Iterator[tuple[Where, str]]:
    yield from _name_mistakes(rule, known)
    yield from _stage_mistakes(rule)
    for where, stage in [((), rule), *((("stages", number), one) for number, one in enumerate(_stages(rule)))]:
        yield from _needed_mistakes(where, stage)


def _stage_mistakes(rule: Raw) -> Iterator[tuple[Where, str]]:
    if "approvers" not in rule and "stages" not in rule:
        yield ("approvers",), f"missing, expected {words_for(('approvals', 0, 'approvers'))}"
    if "stages" in rule:
        for key in ("approvers", "needed"):
            if key in rule:
                yield (key,), "expected in each stage, since the rule has stages"


def _needed_mistakes(where: Where, stage: Raw) -> Iterator[tuple[Where, str]]:
    people, needed = _texts(stage, "approvers"), stage.get("needed")
    has_group = any(approver.startswith("S") for approver in people)
    if people and not has_group and isinstance(needed, int) and needed > len(people):
        yield (
            (*where, "needed"),
            f"expected at most {len(people)}, since the rule names no more people and no group, got {needed}",
        )


def _stages(rule: Raw) -> list[Raw]:
    raw = rule.get("stages")
    return [_mapping(stage) for stage in raw] if isinstance(raw, list) else []


def _matchable(pattern: str, names: list[str]) -> bool:
    return not names or pattern in names or "*" in pattern or "?" in pattern


def _mapping(raw: object) -> Raw:
    return raw if isinstance(raw, dict) else {}


def _texts(section: Raw, key: str) -> list[str]:
    raw = section.get(key)
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list) else []


def _id(account: Raw) -> list[str]:
    """The account's id, or nothing where it is not one."""
    raw = account.get("id")
    return [raw] if isinstance(raw, str) and _ACCOUNT_ID.fullmatch(raw) else []
