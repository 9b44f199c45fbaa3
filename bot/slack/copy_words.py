"""What notices about a watched copy share: what it is called, where it lies, its dates, the value of its buttons."""

from collections.abc import Mapping

from bot.domain.backups import VaultRef
from bot.slack.names import Names
from bot.slack.text import code, date, moment

Facts = Mapping[str, object]


def noun(facts: Facts) -> str:
    """What people call it: a table's own backup that others made is no copy."""
    return "backup" if facts.get("noun") == "backup" else "copy"


def where(facts: Facts, names: Names) -> str:
    """Its table and its vault."""
    return f"{code(str(facts.get('table')))} in {names.place(VaultRef.from_arn(str(facts.get('vault_arn'))))}"


def called(facts: Facts, names: Names) -> str:
    """All of it, as part of a sentence."""
    return f"the {noun(facts)} of {where(facts, names)}"


def account(facts: Facts, names: Names) -> str:
    return names.account(VaultRef.from_arn(str(facts.get("vault_arn"))).account)


def region(facts: Facts) -> str:
    return VaultRef.from_arn(str(facts.get("vault_arn"))).region


def end_of(facts: Facts, name: str = "delete_at") -> str:
    """An end as people read it."""
    end = moment(facts.get(name))
    return date(end) if end else "never"


def by(facts: Facts) -> str:
    found = facts.get("by")
    return f"<@{found}>" if found else "The configuration"


def value(facts: Facts) -> str:
    """What a button means: this copy, with the end that people saw."""
    return f"{facts.get('delete_at') or 0} {facts.get('copy_arn')}"


def block_id(what: str, facts: Facts) -> str:
    return f"{what}:{facts.get('delete_at')}:{facts.get('copy_arn')}"[:255]
