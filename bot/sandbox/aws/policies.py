"""Policy documents read as AWS reads them: principals, actions, resources, conditions, explicit deny first."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

Context = Mapping[str, tuple[str, ...]]


def like(have: str, want: str) -> bool:
    """Match with `*` and `?` only; a bracket is an ordinary letter in a policy."""
    return fnmatchcase(have, want.replace("[", "[[]"))


# AWS has more operators. Emulator decision: a policy that uses one of the others is refused when it is
# stored, so that no test passes on a condition that was silently ignored.
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda have, want: have == want,
    "StringEqualsIgnoreCase": lambda have, want: have.casefold() == want.casefold(),
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda have, want: have.casefold() == want.casefold(),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


class Verdict(Enum):
    """What one document says of a request."""

    ALLOWED = "allowed"
    DENIED = "explicitly denied"
    SILENT = "not mentioned"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the ARN of a role or user, its account, the organization and the path it sits in."""

    arn: str
    account: str
    organization: str | None = None
    organization_path: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def context(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {"aws:principalarn": (self.arn,), "aws:principalaccount": (self.account,)}
        if self.organization:
            found["aws:principalorgid"] = (self.organization,)
        if self.organization_path:
            found["aws:principalorgpaths"] = (self.organization_path,)
        return found | {name.lower(): (value,) for name, value in self.extra.items()}


def evaluate(document: Mapping[str, Any], caller: Caller, action: str, resource: str) -> Verdict:
    """Judge one resource policy: a matching Deny wins, then a matching Allow, else it is silent."""
    return _judge(document, caller, action, resource, needs_principal=True)


def evaluate_identity(document: Mapping[str, Any], caller: Caller, action: str, resource: str) -> Verdict:
    """Judge one identity policy, whose principal is whoever it is attached to."""
    return _judge(document, caller, action, resource, needs_principal=False)


def parse(text: str) -> dict[str, Any]:
    """Read a policy's JSON. Raises ValueError, with the reason, for what the emulator cannot judge."""
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), (dict, list)):
        raise ValueError("a policy is a JSON object with a Statement")
    if not document["Statement"] or not all(isinstance(statement, dict) for statement in statements(document)):
        raise ValueError("a policy has statements, each a JSON object")
    for statement in statements(document):
        _check_statement(statement)
    return document


def admitting(text: str | None, account: str, action: str) -> str:
    """Write a policy, or one from scratch, with one more statement: another account may do this."""
    document: dict[str, Any] = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    may = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": action, "Resource": "*"}
    document["Statement"].append(may)
    return json.dumps(document)


def _check_statement(statement: Mapping[str, Any]) -> None:
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("a statement's Effect is Allow or Deny")
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if not _is_text(statement.get(name, "")):
            raise ValueError(f"{name} is a string or a list of strings")
    for name in ("Principal", "NotPrincipal"):
        named = statement.get(name, "")
        if not (all(map(_is_text, named.values())) if isinstance(named, dict) else isinstance(named, str)):
            raise ValueError(f"{name} is a string or an object of strings")
    _check_condition(statement.get("Condition", {}))


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict) or not all(isinstance(tests, dict) for tests in condition.values()):
        raise ValueError("a Condition is an object of operators, each an object of keys")
    for operator in condition:
        if _plain(operator) not in _COMPARE and _plain(operator) not in _NEGATED | {"Null": ""}:
            raise ValueError(f"the condition operator {operator} is not in this emulator")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def as_list(value: Any) -> list[str]:
    """Read a field that policies may write as one string or as a list."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def principals(statement: Mapping[str, Any]) -> list[str]:
    """List the AWS principals a statement names; `*` stands for everybody."""
    named = statement.get("Principal")
    if isinstance(named, Mapping):
        return as_list(named.get("AWS")) + as_list(named.get("Service"))
    return as_list(named)


def _judge(
    document: Mapping[str, Any], caller: Caller, action: str, resource: str, *, needs_principal: bool
) -> Verdict:
    effects = {
        statement["Effect"]
        for statement in statements(document)
        if (not needs_principal or _names(statement, caller))
        and _covers(statement, "Action", action, fold=True)
        and _covers(statement, "Resource", resource, fold=False)
        and _conditions_hold(statement.get("Condition", {}), caller.context())
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.SILENT


def _names(statement: Mapping[str, Any], caller: Caller) -> bool:
    if "NotPrincipal" in statement:
        others = principals({"Principal": statement["NotPrincipal"]})
        return not any(_is(caller, principal) for principal in others)
    return any(_is(caller, principal) for principal in principals(statement))


def _is(caller: Caller, principal: str) -> bool:
    account_root = re.fullmatch(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?", principal)
    if account_root:
        return account_root[1] == caller.account
    # `*` stands for all accounts and their people, not for AWS's services.
    return principal == caller.arn or (principal == "*" and caller.arn.startswith("arn:"))


def _covers(statement: Mapping[str, Any], field_name: str, value: str, *, fold: bool) -> bool:
    if f"Not{field_name}" in statement:
        return not _any_like(value, as_list(statement[f"Not{field_name}"]), fold=fold)
    # A trust policy has no Resource: it speaks of the role it is attached to.
    return field_name not in statement or _any_like(value, as_list(statement[field_name]), fold=fold)


def _any_like(value: str, patterns: Iterable[str], *, fold: bool) -> bool:
    if fold:
        return any(like(value.casefold(), pattern.casefold()) for pattern in patterns)
    return any(like(value, pattern) for pattern in patterns)


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    return all(
        _condition_holds(operator, context.get(key.lower(), ()), as_list(wanted))
        for operator, tests in conditions.items()
        for key, wanted in tests.items()
    )


def _condition_holds(operator: str, have: tuple[str, ...], wanted: list[str]) -> bool:
    name = _plain(operator)
    if name == "Null":
        return (not have) == (wanted[0].lower() == "true")
    if not have:
        return operator.endswith("IfExists") or operator.startswith("ForAllValues:") or name in _NEGATED
    compare = _COMPARE[_NEGATED.get(name, name)]
    matches = [any(compare(value, want) for want in wanted) != (name in _NEGATED) for value in have]
    return all(matches) if operator.startswith("ForAllValues:") else any(matches)


@lru_cache
def _plain(operator: str) -> str:
    return operator.removesuffix("IfExists").split(":")[-1]
