"""Who may copy into a vault: its access policy with the missing ones let in, and nothing else of it touched."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

INTO, FROM = "backup:CopyIntoBackupVault", "backup:CopyFromBackupVault"
SID = "CopyBackupLetsIn"


class UnreadablePolicy(ValueError):
    """The policy that is there is not one that we could add to without harm."""


def admitting(policy: str | None, principals: Sequence[str]) -> str | None:
    """The policy (JSON text) after these ARNs of roles or accounts were let in; None when they all are already.

    Statements that are there stay as they are and in their order. Raises UnreadablePolicy for what is no policy.
    """
    document = _read(policy)
    missing = not_admitted(policy, principals)
    if not missing:
        return None
    statements = _statements(document)
    statement = {
        "Sid": _free_sid(statements),
        "Effect": "Allow",
        "Principal": {"AWS": missing},
        "Action": INTO,
        "Resource": "*",
    }
    return json.dumps({**document, "Statement": [*statements, statement]})


def not_admitted(policy: str | None, principals: Sequence[str]) -> list[str]:
    """The ARNs that no statement of the policy lets in by name, without a condition."""
    let_in = {who for statement in _statements(_read(policy)) for who in _let_in(statement)}
    return [who for who in principals if who not in let_in]


def _read(policy: str | None) -> dict[str, Any]:
    if policy is None:
        return {"Version": "2012-10-17", "Statement": []}
    try:
        document = json.loads(policy)
    except ValueError as error:
        raise UnreadablePolicy("the access policy that is there is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list | dict):
        raise UnreadablePolicy("the access policy that is there has no statements")
    return document


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return [found] if isinstance(found, dict) else list(found)


def _let_in(statement: dict[str, Any]) -> Iterable[str]:
    """Whom a statement lets in for certain; one with a condition may not, so it lets nobody in."""
    plain = statement.get("Effect") == "Allow" and not statement.get("Condition")
    if not plain or INTO.casefold() not in (action.casefold() for action in _texts(statement.get("Action"))):
        return ()
    if "*" not in _texts(statement.get("Resource")):
        return ()
    named = statement.get("Principal")
    return _texts(named.get("AWS")) if isinstance(named, dict) else ()


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _free_sid(statements: Sequence[dict[str, Any]]) -> str:
    taken = {statement.get("Sid") for statement in statements}
    numbered = (f"{SID}{number}" if number else SID for number in range(len(taken) + 1))
    return next(sid for sid in numbered if sid not in taken)
