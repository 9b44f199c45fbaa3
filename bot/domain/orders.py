"""What people type after the command to have a table copied: which one, where to, kept how long, why.

`orders to backup/eu-west-1/hop keep 30d then backup/eu-central-1/dr keep 90d, dr-chain because the auditors ask`:
commas part destinations that are reached side by side, `then` parts the hops of one way, a route's name stands for its
hops. What keeps no time of its own is kept as long as the last one that is named.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import BadInput
from bot.domain.retention import MAX_DAYS, Keep, Retention

TABLE, TO, KEEP, REASON = "table", "to", "keep", "reason"
_BECAUSE = re.compile(r"(?:^|\s)because(?:\s|$)", re.IGNORECASE)
_TIME = re.compile(r"([1-9][0-9]{0,6})(d|w|y)", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "y": 365}
_AS_SOURCE = frozenset({"source", "backup", "same"})
_CENTURY = frozenset({"100y", "century"})
EXAMPLE = "`keep 90d`, `keep 2y`, `keep 100y` or `keep source`"


@dataclass(frozen=True, slots=True)
class Stop:
    """One destination as typed: a route's name, or account/Region/vault; `new`: the vault is made, with this key."""

    place: str
    keep: str = ""
    new: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed; what is missing is empty."""

    table: str = ""
    ways: tuple[tuple[Stop, ...], ...] = ()
    reason: str = ""

    @property
    def keep(self) -> str:
        """The last time that was named, which holds for all that name none."""
        named = [stop.keep for way in self.ways for stop in way if stop.keep]
        return named[-1] if named else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the four are not there."""
        known = {TABLE: self.table, TO: self.ways, KEEP: self.keep, REASON: self.reason}
        return tuple(name for name, value in known.items() if not value)


def read_order(text: str) -> Order:
    """Read what was typed. Raises BadInput for a word that stands where none can be."""
    parts = _BECAUSE.split(text, maxsplit=1)
    words = parts[0].replace(",", " , ").split()
    table, rest = _until(words, TO)
    if len(table) > 1:
        raise BadInput(TABLE, f"Name one table, then say where it goes: `{table[0]} to …`.")
    ways = tuple(_way(way) for way in _parted(rest, ","))
    return Order("".join(table), ways, parts[1].strip() if len(parts) > 1 else "")


def read_ways(text: str, keep: str = "") -> Order:
    """Read only the destinations, with what holds for all that name no time."""
    order = read_order(f"x to {text}")
    if keep and order.ways:
        *others, last = order.ways
        *hops, end = last
        return replace(order, ways=(*others, (*hops, end if end.keep else replace(end, keep=keep))))
    return order


def ways_text(ways: Sequence[Sequence[Stop]]) -> str:
    """Destinations as they would be typed."""
    return ", ".join(" then ".join(_stop_text(stop) for stop in way) for way in ways)


def _stop_text(stop: Stop) -> str:
    parts = ("new" if stop.new and not stop.key else "", stop.place)
    more = (f"key {stop.key}" if stop.key else "", f"keep {stop.keep}" if stop.keep else "")
    return " ".join(part for part in (*parts, *more) if part)


def read_keep(text: str) -> Retention:
    """Read a time such as 90d. Raises BadInput."""
    said = text.strip().casefold()
    if said in _AS_SOURCE:
        return Retention(Keep.AS_SOURCE)
    if said in _CENTURY:
        return Retention(Keep.CENTURY)
    found = _TIME.fullmatch(said)
    days = int(found[1]) * _DAYS[found[2].lower()] if found else 0
    if not 1 <= days <= MAX_DAYS:
        raise BadInput(KEEP, f"Say how long it is kept as {EXAMPLE}; AWS keeps a copy 1 to {MAX_DAYS:,} days.")
    return Retention(Keep.DAYS, days)


def _until(words: Sequence[str], word: str) -> tuple[list[str], list[str]]:
    lowered = [one.casefold() for one in words]
    if word not in lowered:
        return list(words), []
    at = lowered.index(word)
    return list(words[:at]), list(words[at + 1 :])


def _parted(words: Sequence[str], mark: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word.casefold() == mark:
            found.append([])
        else:
            found[-1].append(word)
    return [part for part in found if part]


def _way(words: Sequence[str]) -> tuple[Stop, ...]:
    return tuple(_stop(part) for part in _parted(words, "then"))


def _stop(words: Sequence[str]) -> Stop:
    left, stop = list(words), Stop("")
    while left:
        word = left.pop(0)
        said = word.casefold()
        if said == "new":
            stop = replace(stop, new=True)
        elif said in ("keep", "key"):
            if not left:
                raise BadInput(KEEP if said == "keep" else TO, f"After `{said}` something is missing.")
            stop = replace(stop, keep=left.pop(0)) if said == "keep" else replace(stop, key=left.pop(0), new=True)
        elif not stop.place:
            stop = replace(stop, place=word)
        else:
            raise BadInput(TO, f"I do not understand “{word}” after {stop.place}. Part destinations by commas.")
    if not stop.place:
        raise BadInput(TO, "Say where it goes: account/Region/vault, or the name of a route.")
    return stop
