"""Why a copy failed, in people's words, and what AWS's own words name as evidence."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# AWS names keys by id or by ARN, and everything else by ARN.
_NAMED = re.compile(
    r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:[^\s,;'\"`<>()\[\]]+"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Translation:
    """A failure in people's words. `cause` is "" where nobody knows it; `evidence` are names, each with what it is."""

    cause: str
    evidence: tuple[tuple[str, str], ...]
    remedy: str


def named_in(message: str, known: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What AWS's words name: ARNs and ids, each with what it is to this copy (`known` maps names to that)."""
    found = (name.rstrip(".:") for name in _NAMED.findall(message))
    return tuple((known.get(name, _kind_of(name)), name) for name in list(dict.fromkeys(found))[:MOST_NAMED])


def evidence(of_copy: Iterable[tuple[str, str]], named: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """First what AWS names, then what the copy was about; each name once."""
    by_name: dict[str, str] = {}
    for what, name in (*named, *of_copy):
        if name:
            by_name.setdefault(name, what)
    return tuple((what, name) for name, what in by_name.items())


def _kind_of(name: str) -> str:
    if not name.startswith("arn:"):
        return "AWS names"
    service, rest = name.split(":", 5)[2], name.split(":", 5)[-1]
    if service == "kms":
        return "key"
    if service in ("iam", "sts"):
        return "role"
    return {"recovery-point": "backup", "backup-vault": "vault"}.get(rest.partition(":")[0], "AWS names")
