"""The history as a chain: each line's hash covers the line before it, so that no change to it stays unseen."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.people import Actor
from bot.domain.requests import Event

GENESIS = "0" * 64
"""What stands for the line before the first one."""

Line = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many lines it has and the hash of the last."""

    length: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """A line of the history with its place (from 1) and hashes."""

    seq: int
    event: Event
    prev_hash: str
    hash: str


def chained(event: Event, after: Head) -> ChainedEvent:
    """The next line of a chain."""
    seq = after.length + 1
    return ChainedEvent(seq, event, after.hash, _hash(after.hash, _content(seq, event)))


def line_of(chained_event: ChainedEvent) -> dict[str, object]:
    """A line as it is exported: plain JSON values."""
    content = _content(chained_event.seq, chained_event.event)
    return {**content, "prev_hash": chained_event.prev_hash, "hash": chained_event.hash}


def faults(lines: Iterable[Line], head: Head | None) -> Iterator[str]:
    """What is wrong with exported lines, in words; nothing is wrong when nothing comes.

    `head` is where the chain is known to end. Without it, lines missing at the end cannot be told.
    """
    last = Head()
    for line in lines:
        yield from _line_faults(line, last)
        last = Head(_number(line.get("seq")), str(line.get("hash")))
    if head is None:
        return
    if head.length != last.length:
        yield f"the chain ends at line {last.length}, but its head says {head.length}: lines are missing at the end"
    elif head.hash != last.hash:
        yield f"line {last.length} is not the one that the head names"


def _line_faults(line: Line, last: Head) -> Iterator[str]:
    seq = _number(line.get("seq"))
    if seq != last.length + 1:
        yield f"line {last.length + 1} is missing or out of order: line {seq} follows line {last.length}"
    elif line.get("prev_hash") != last.hash:
        yield f"line {seq} does not follow the line before it"
    content = {key: value for key, value in line.items() if key not in ("prev_hash", "hash")}
    if _hash(str(line.get("prev_hash")), content) != line.get("hash"):
        yield f"line {seq} has been changed"


def _content(seq: int, event: Event) -> dict[str, object]:
    actor = event.actor or Actor("", "", "")
    return {
        "seq": seq,
        "at": _moment(event.at),
        "request": event.request_id,
        "what": str(event.what),
        "user": actor.user_id,
        "workspace": actor.team_id,
        "name": actor.name,
        "before": str(event.before or ""),
        "after": str(event.after or ""),
        "detail": event.detail,
    }


def _hash(previous: str, content: Mapping[str, object]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _number(seq: object) -> int:
    return seq if isinstance(seq, int) and not isinstance(seq, bool) else 0
