"""Policy documents judged as AWS judges them, with a fourth answer: what we cannot judge, we do not guess.

Explicit deny first, then allow, else silence; a statement whose condition asks for something that we do not know makes
the answer UNCLEAR, and never a pass.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]
ROOT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?")
SESSION = re.compile(r"arn:[a-z-]+:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")
ORG_PATHS = "aws:principalorgpaths"
# An organization has one root, so these patterns take in each of its accounts.
EVERYBODY = re.compile(r"\*|[^/]+/(?:r-[a-z0-9*]+/|\*/)?\*")


class Opinion(Enum):
    """What one document says of a request."""

    ALLOWS = "allows"
    DENIES = "denies"
    SILENT = "silent"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An opinion and what it rests on: the statement that decides, or what could not be judged (`because`)."""

    opinion: Opinion
    statement: Statement | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the ARN of a role, or the name of an AWS service.

    `organization` is the id of its account's organization: "" for an account in none, None when that is not known.
    `context` holds further condition keys (lower case) that we know for this request.
    """

    arn: str
    account: str = ""
    organization: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_service(self) -> bool:
        return not self.arn.startswith("arn:")

    def known(self) -> dict[str, tuple[str, ...]]:
        """Condition keys and their values; an empty tuple is a key that the request has not."""
        found: dict[str, tuple[str, ...]] = {name.lower(): (value,) for name, value in self.context.items()}
        if self.is_service:
            return found
        found |= {"aws:principalarn": (self.arn,), "aws:principalaccount": (self.account,)}
        if self.organization is not None:
            found["aws:principalorgid"] = (self.organization,) if self.organization else ()
        return found


def judge(text: str | None, caller: Caller, action: str, resource: str) -> Verdict:
    """Judge a resource's policy (JSON text); no policy is silent."""
    if text is None:
        return Verdict(Opinion.SILENT)
    document = read(text)
    if document is None:
        return Verdict(Opinion.UNCLEAR, because="it is not a policy document that I can read")
    return _weigh([(one, _applies(one, caller, action, resource)) for one in statements(document)])


def read(text: str) -> Mapping[str, Any] | None:
    """Read a policy document; None for what is none."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), dict | list):
        return None
    return document if all(isinstance(one, dict) for one in statements(document)) else None


def statements(document: Mapping[str, Any]) -> list[Statement]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


@dataclass(frozen=True, slots=True)
class _Match:
    """Whether a statement, or a part of one, is about the request: True, False, or None with what is not known."""

    holds: bool | None
    because: str = ""


_YES, _NO = _Match(True), _Match(False)


def _weigh(found: list[tuple[Statement, _Match]]) -> Verdict:
    """A certain deny decides; an uncertain deny leaves everything open; then a certain allow, an uncertain one."""
    for effect, holds, opinion in (
        ("Deny", True, Opinion.DENIES),
        ("Deny", None, Opinion.UNCLEAR),
        ("Allow", True, Opinion.ALLOWS),
        ("Allow", None, Opinion.UNCLEAR),
    ):
        for statement, match in found:
            if statement.get("Effect") == effect and match.holds is holds:
                return Verdict(opinion, statement, match.because)
    return Verdict(Opinion.SILENT)


def _applies(statement: Statement, caller: Caller, action: str, resource: str) -> _Match:
    return _all(
        (
            _names(statement, caller),
            _covers(statement, "Action", action, fold=True),
            _covers(statement, "Resource", resource, fold=False),
            _conditions(statement.get("Condition") or {}, caller),
        )
    )


def _all(parts: Iterable[_Match]) -> _Match:
    """All have to hold: one that does not decides, else one that is not known."""
    known = list(parts)
    if any(part.holds is False for part in known):
        return _NO
    return next((part for part in known if part.holds is None), _YES)


def _any(parts: Iterable[_Match]) -> _Match:
    known = list(parts)
    if any(part.holds for part in known):
        return _YES
    return next((part for part in known if part.holds is None), _NO)


def _not(part: _Match) -> _Match:
    return part if part.holds is None else _Match(not part.holds)


def _names(statement: Statement, caller: Caller) -> _Match:
    if "NotPrincipal" in statement:
        return _not(_any(_is(who, caller) for who in _principals(statement["NotPrincipal"], caller)))
    return _any(_is(who, caller) for who in _principals(statement.get("Principal"), caller))


def _principals(named: Any, caller: Caller) -> list[str]:
    if isinstance(named, Mapping):
        return _texts(named.get("Service" if caller.is_service else "AWS"))
    # A bare "*" is everybody with an AWS account, not AWS's services.
    return [] if caller.is_service else _texts(named)


def _is(principal: str, caller: Caller) -> _Match:
    if principal == "*":
        return _YES
    if root := ROOT.fullmatch(principal):
        return _Match(root[1] == caller.account)
    session = SESSION.fullmatch(principal)
    if session and (session["account"], session["role"]) == (caller.account, caller.arn.rpartition("/")[2]):
        return _Match(None, f"the name of the role session that it names ({principal})")
    return _Match(principal == caller.arn)


def _covers(statement: Statement, member: str, value: str, *, fold: bool) -> _Match:
    if f"Not{member}" in statement:
        return _not(_any(_alike(value, pattern, fold=fold) for pattern in _texts(statement[f"Not{member}"])))
    if member not in statement:
        # A trust policy has no Resource: it speaks of the role that it belongs to.
        return _YES if member == "Resource" else _NO
    return _any(_alike(value, pattern, fold=fold) for pattern in _texts(statement[member]))


def _alike(value: str, pattern: str, *, fold: bool) -> _Match:
    if "${" in pattern:
        return _Match(None, f"the variable in {pattern}")
    return _Match(_like(value.casefold(), pattern.casefold()) if fold else _like(value, pattern))


def _like(have: str, pattern: str) -> bool:
    """Match with `*` and `?` only; a bracket is an ordinary letter in a policy."""
    return fnmatchcase(have, pattern.replace("[", "[[]"))


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda have, want: have == want,
    "StringEqualsIgnoreCase": lambda have, want: have.casefold() == want.casefold(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda have, want: have.casefold() == want.casefold(),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _conditions(conditions: Any, caller: Caller) -> _Match:
    if not isinstance(conditions, Mapping):
        return _Match(None, "its Condition")
    tests = [
        _condition(operator, key.lower(), _texts(wanted), caller)
        for operator, asked in conditions.items()
        for key, wanted in (asked.items() if isinstance(asked, Mapping) else ())
    ]
    return _all(tests)


def _condition(operator: str, key: str, wanted: list[str], caller: Caller) -> _Match:
    name = operator.removesuffix("IfExists").split(":")[-1]
    if key == ORG_PATHS and name in ("StringLike", "StringEquals"):
        return _org_path(wanted, caller)
    unknown = _Match(None, f"the condition {operator} on {key}")
    have = caller.known().get(key)
    if have is None or any("${" in want for want in wanted):
        return unknown
    if name == "Null":
        return _Match((not have) == (wanted[:1] == ["true"]))
    compare = _COMPARE.get(_NEGATED.get(name, name))
    if compare is None:
        return unknown
    if not have:
        return _Match(operator.endswith("IfExists") or operator.startswith("ForAllValues:") or name in _NEGATED)
    return _Match(any(compare(have[0], want) for want in wanted) != (name in _NEGATED))


def _org_path(wanted: list[str], caller: Caller) -> _Match:
    """A member account cannot read its own path: only the organization, with which every path begins, can be judged."""
    if caller.organization is None:
        return _Match(None, "the organization of the account")
    if not caller.organization:
        return _NO
    inside = [want for want in wanted if _like(f"{caller.organization}/", f"{want.partition('/')[0]}/")]
    if any(EVERYBODY.fullmatch(want) for want in inside):
        return _YES
    return _Match(None, "where in the organization the account sits (aws:PrincipalOrgPaths)") if inside else _NO


def _texts(value: Any) -> list[str]:
    """Read a field that policies may write as one value or as a list."""
    if value is None:
        return []
    return [_text(item) for item in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
