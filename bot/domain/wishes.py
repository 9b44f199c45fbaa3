"""How long somebody wants a copy kept, as typed after the command, for the fields of the walk."""

from datetime import date

from bot.domain.drafts import UNTIL
from bot.domain.errors import BadInput
from bot.domain.orders import KEEP, read_keep
from bot.domain.retention import Keep

_PERMANENT = frozenset({"permanent", "permanently"})
_ENDLESS = frozenset({"never", "forever", "ever", "unlimited"})


def kept_as(text: str) -> dict[str, str]:
    """The fields of a form (keep, days, until) that a time such as `90d` or `until 2027-03-01` comes to.

    Raises BadInput, on keep or until, with what was typed.
    """
    said = text.strip().casefold()
    if said in _PERMANENT:
        return {"keep": Keep.PERMANENT}
    if said in _ENDLESS:
        raise BadInput(
            KEEP,
            f"“{_typed(text)}” is not a time: a copy never outlives what it is told. Choose 100 years, or make the "
            "source permanent too.",
        )
    if said.partition(" ")[0] == UNTIL:
        return {"keep": UNTIL, "until": _day(text.partition(" ")[2])}
    try:
        retention = read_keep(text)
    except BadInput as problem:
        raise BadInput(KEEP, f"I do not understand “keep {_typed(text)}”. {problem.sentence}") from problem
    return {"keep": retention.keep, "days": str(retention.days or "")}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput(
            UNTIL, f"I do not understand the date “{_typed(text)}”. Choose one, or type it as `keep until 2027-03-01`."
        ) from None


def _typed(text: str) -> str:
    return text[:80].replace("`", "")
