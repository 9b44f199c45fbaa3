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
KEYWORDS = frozenset({TO, KEEP})
_BECAUSE = re.compile(r"(?:^|\s)because[:,]?(?:\s|$)", re.IGNORECASE)
# Keyboards and word processors make these of a quote; what stands in quotes is a name, whatever it reads like.
_QUOTES = "\"'\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
_WORDS = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}](?=[\s,]|$)|(,)|([^\s,]+)")
_TIME = re.compile(r"([1-9][0-9]{0,6})(d|w|y)", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "y": 365}
_UNITS = {"day": "d", "days": "d", "week": "w", "weeks": "w", "year": "y", "years": "y", "d": "d", "w": "w", "y": "y"}
_FILLERS = frozenset({"for", "as", "the"})
_UNTIL = "until"
_AS_SOURCE = frozenset({"source", "backup", "same"})
_CENTURY = frozenset({"100y", "century"})
EXAMPLE = "`keep 90d`, `keep 12w`, `keep 2y`, `keep 100y` or `keep source`"
ENDS = "Say `90d`, `12w`, `2y` or `100y` from the backup's creation, or `forever` to take its end away."
FOR_EVER = frozenset({"forever", "for ever", "for good", "permanent", "permanently", "never"})
Problem = tuple[str, str]


class Quoted(str):
    """A word that stood in quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """One destination as typed: a route's name, or account/Region/vault; `new`: the vault is made, with this key."""

    place: str
    keep: str = ""
    new: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed; what is missing is empty. `kept`: a time that was named without a destination.

    `problems`: (one of the four, sentence) for words that stand where none can be; what is beside them was read.
    """

    table: str = ""
    ways: tuple[tuple[Stop, ...], ...] = ()
    reason: str = ""
    kept: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def keep(self) -> str:
        """The last time that was named, which holds for all that name none."""
        named = [stop.keep for way in self.ways for stop in way if stop.keep]
        return named[-1] if named else self.kept

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the four are not there."""
        known = {TABLE: self.table, TO: self.ways, KEEP: self.keep, REASON: self.reason}
        return tuple(name for name, value in known.items() if not value)


def is_order(text: str) -> bool:
    """Whether more was typed than words to search tables by."""
    if _BECAUSE.search(text):
        return True
    words = _words(text)
    is_named = len(words) > 1 and (KEYWORDS & {_said(word) for word in words} or any("/" in word for word in words[1:]))
    return bool(is_named) or any(isinstance(word, Quoted) for word in words) or text.startswith("arn:")


def read_order(text: str) -> Order:
    """Read what was typed. Raises BadInput for a word that stands where none can be."""
    order = understand(text)
    if " " in order.table:
        first = order.table.partition(" ")[0]
        raise BadInput(TABLE, f"Name one table, then say where it goes: `{first} to …`.")
    if order.problems:
        raise BadInput(*order.problems[0])
    return order


def understand(text: str) -> Order:
    """Read as much of what was typed as can be understood. A table of several words is one to be searched."""
    parts = _BECAUSE.split(text, maxsplit=1)
    head, rest = _at_destination(_words(parts[0]))
    problems: list[Problem] = []
    table, kept = _head(head, problems)
    ways = tuple(filter(None, (_way(way, problems) for way in _parted(rest, ","))))
    ways = _ending(ways, kept)
    lost = next((stop.keep for way in ways for stop in way if not stop.place and stop.keep), "")
    return Order(
        table=table,
        ways=tuple(way for way in ways if all(stop.place for stop in way)),
        reason=parts[1].strip() if len(parts) > 1 else "",
        kept=kept or lost,
        problems=tuple(problems),
    )


def read_ways(text: str, keep: str = "") -> Order:
    """Read only the destinations, with what holds for all that name no time."""
    order = read_order(f"x to {text}")
    return replace(order, ways=_ending(order.ways, keep))


def _ending(ways: tuple[tuple[Stop, ...], ...], keep: str) -> tuple[tuple[Stop, ...], ...]:
    """Give the last destination the time that holds for all that name none, unless it has one of its own."""
    if not keep or not ways or ways[-1][-1].keep:
        return ways
    *others, (*hops, end) = ways
    return (*others, (*hops, replace(end, keep=keep)))


def ways_text(ways: Sequence[Sequence[Stop]]) -> str:
    """Destinations as they would be typed."""
    return ", ".join(" then ".join(_stop_text(stop) for stop in way) for way in ways)


def places_text(order: Order) -> str:
    """The destinations as they would be typed beside the time for all that name none, which they do not repeat."""
    usual = order.keep
    return ways_text([[replace(stop, keep="") if stop.keep == usual else stop for stop in way] for way in order.ways])


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


def read_end(text: str) -> Retention:
    """Read how long a copy that exists is kept from now on; PERMANENT: it loses its end. Raises BadInput."""
    said = text.strip().casefold()
    if said in FOR_EVER:
        return Retention(Keep.PERMANENT)
    if said in _AS_SOURCE:
        raise BadInput(KEEP, f"A copy that exists has an end of its own and follows no source any more. {ENDS}")
    try:
        return read_keep(text)
    except BadInput as problem:
        raise BadInput(KEEP, f"{ENDS} AWS keeps a copy 1 to {MAX_DAYS:,} days, or without an end.") from problem


def _words(text: str) -> list[str]:
    found = _WORDS.finditer(text)
    return [Quoted(one[1].strip()) if one[1] else one[2] or one[3].strip(_QUOTES) or one[3] for one in found]


def _said(word: str) -> str:
    """A word as a keyword is compared with it."""
    return "" if isinstance(word, Quoted) else word.casefold()


def _at_destination(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before the destinations, and they; a place may follow the table without the word for it."""
    said = [_said(word) for word in words]
    # A table may be called so, too.
    start = 1 if said[:2] == [TO, TO] else 0
    if TO in said[start:]:
        at = said.index(TO, start)
        return list(words[:at]), list(words[at + 1 :])
    place = next((at for at, word in enumerate(words) if at and "/" in word and not word.startswith("arn:")), None)
    return (list(words), []) if place is None else (list(words[:place]), list(words[place:]))


def _head(words: Sequence[str], problems: list[Problem]) -> tuple[str, str]:
    """The table and the time that stand before the destinations."""
    left, table, kept = list(words), list[str](), ""
    while left:
        word = left.pop(0)
        if table and _said(word) == KEEP:
            kept = _time(left, problems)
        elif _said(word) != ",":
            table.append(word)
    return " ".join(table), kept


def _time(left: list[str], problems: list[Problem]) -> str:
    """Take what follows `keep`: 90d, 90 days, until 2027-03-01."""
    while left and _said(left[0]) in _FILLERS:
        left.pop(0)
    if not left:
        problems.append((KEEP, f"After `keep` something is missing. Say {EXAMPLE}."))
        return ""
    word = left.pop(0)
    if _said(word) == _UNTIL:
        return f"{_UNTIL} {left.pop(0)}" if left else _UNTIL
    unit = _UNITS.get(_said(left[0])) if left else None
    if unit and word.isascii() and word.isdigit():
        left.pop(0)
        return f"{word}{unit}"
    return word


def _parted(words: Sequence[str], mark: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if _said(word) == mark:
            found.append([])
        else:
            found[-1].append(word)
    return [part for part in found if part]


def _way(words: Sequence[str], problems: list[Problem]) -> tuple[Stop, ...]:
    return tuple(_stop(part, problems) for part in _parted(words, "then"))


def _stop(words: Sequence[str], problems: list[Problem]) -> Stop:
    left, stop, strange = list(words), Stop(""), list[str]()
    while left:
        word = left.pop(0)
        said = _said(word)
        if said == "new":
            stop = replace(stop, new=True)
        elif said == KEEP:
            stop = replace(stop, keep=_time(left, problems))
        elif said == "key":
            if left:
                stop = replace(stop, key=left.pop(0), new=True)
            else:
                problems.append((TO, "After `key` something is missing."))
        elif not stop.place:
            stop = replace(stop, place=word)
        else:
            strange.append(word)
    if not stop.place:
        problems.append((TO, "Say where it goes: account/Region/vault, or the name of a route."))
    if strange:
        what = " ".join(strange)[:80].replace("`", "")
        advice = "Part destinations by commas, and write `because` before the reason."
        if any(_said(word) in (_UNTIL, *_UNITS) or _TIME.fullmatch(_said(word)) for word in strange):
            advice = "How long it is kept comes after `keep`: `keep 45d`, `keep until 2027-03-01`."
        problems.append((TO, f"I do not understand “{what}” after {stop.place}. {advice}"))
    return stop
