"""Words typed after the command, for the fields of the walk: how long a copy is kept, names that are nearly right."""

from collections.abc import Collection, Iterable
from datetime import date
from difflib import get_close_matches

from bot.domain.drafts import UNTIL
from bot.domain.errors import BadInput
from bot.domain.orders import EXAMPLE, KEEP, read_keep
from bot.domain.retention import Keep

MOST_MEANT = 3
# What AWS calls a table is no longer.
LONGEST_NAME = 255
_PERMANENT = frozenset({"permanent", "permanently"})
_ENDLESS = frozenset({"never", "forever", "ever", "unlimited"})


def meant(name: str, known: Iterable[str]) -> str:
    """A sentence with the known names that somebody may have meant by one that is not known; "" for none.

    It begins with a space, to stand behind the sentence that refuses the name.
    """
    names = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold()[:LONGEST_NAME], names, n=MOST_MEANT, cutoff=0.75)
    return f" Did you mean {' or '.join(names[one] for one in close)}?" if close else ""


def named_among(name: str, known: Collection[str]) -> str:
    """The known name that is meant: called exactly so, else the only one called so in other letters; "" for none."""
    alike = [one for one in known if one.casefold() == name.casefold()]
    return name if name in known else alike[0] if len(alike) == 1 else ""


def no_vault(name: str, where: str, known: Collection[str]) -> str:
    """The sentence that refuses a vault's name where no vault is called so."""
    return f"I know no vault “{quoted(name)}” in {where}.{meant(name, known)} Choose one, or have it made."


def no_region(name: str, alias: str, known: Collection[str]) -> str:
    """The sentence that refuses a Region for which an account is not configured."""
    return f"{alias} is configured for {', '.join(known)}, not for “{quoted(name)}”."


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
            f"“{quoted(text)}” is not a time: a copy never outlives what it is told. Choose 100 years, or make the "
            "source permanent too.",
        )
    if said.partition(" ")[0] == UNTIL:
        return {"keep": UNTIL, "until": _day(text.partition(" ")[2])}
    try:
        retention = read_keep(text)
    except BadInput as problem:
        said = problem.sentence.replace(EXAMPLE, f"`keep until 2027-03-01`, {EXAMPLE}")
        raise BadInput(KEEP, f"I do not understand “keep {quoted(text)}”. {said}") from problem
    return {"keep": retention.keep, "days": str(retention.days or "")}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput(
            UNTIL, f"I do not understand the date “{quoted(text)}”. Choose one, or type it as `keep until 2027-03-01`."
        ) from None


def quoted(text: str) -> str:
    """What somebody typed, as it is said back to them: the beginning, as plain text."""
    return text[:80].replace("`", "")
