"""`copy-backup check`: whether everything is in place, and what to do where it is not; changes nothing anywhere.

Each part is looked at in a thread of its own, and all of it ends after the seconds that were given: what has not
answered by then keeps the bot from being called ready, as does what the check stumbled over.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from bot.checking.accounts import check_account
from bot.checking.base import check_configuration, check_database
from bot.checking.lines import Line, Lines, Mark, fault
from bot.checking.workspace import check_slack
from bot.settings import Settings

FAULTY = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One heading and what is looked at under it."""

    title: str
    look: Callable[[], Lines]


def check(out: TextIO, *, seconds: float, environ: Mapping[str, str] | None = None) -> int:
    """Print what was found, part by part; 0 when the bot can run, 1 when something keeps it from that."""
    lines, settings = check_configuration(environ)
    marks = _told(out, "Configuration", lines)
    if settings is not None:
        parts = _parts(settings, slack=not any(mark is Mark.FAULT for mark in marks))
        for part, found in zip(parts, _look_at_all(parts, time.monotonic() + seconds), strict=True):
            marks += _told(out, part.title, found)
    out.write(f"\n{_sum(marks)}\n")
    return FAULTY if Mark.FAULT in marks else 0


def _parts(settings: Settings, *, slack: bool) -> list[Part]:
    accounts = settings.policy.accounts
    return [
        Part("Database", lambda: check_database(settings.database_url)),
        *([Part("Slack", lambda: check_slack(settings))] if slack else []),
        *(
            Part(
                f"AWS account {account.alias} ({account.id})",
                # A loop's variable would be the last account by the time it is looked at.
                lambda account=account: check_account(account, accounts),  # type: ignore[misc]
            )
            for account in accounts
        ),
    ]


def _look_at_all(parts: Sequence[Part], until: float) -> list[list[Line]]:
    """All parts at the same time; what they have found when the time is over, in their order."""
    told: queue.SimpleQueue[tuple[int, Line | None]] = queue.SimpleQueue()
    for number, part in enumerate(parts):
        # A thread that hangs in a call must not keep the process from ending.
        threading.Thread(target=_look, args=(number, part, told), daemon=True).start()
    found: list[list[Line]] = [[] for _ in parts]
    open_parts = set(range(len(parts)))
    while open_parts:
        try:
            number, line = told.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        if line is None:
            open_parts.discard(number)
        else:
            found[number].append(line)
    for number in open_parts:
        found[number].append(fault("The rest did not answer in time.", "Run it again with more --seconds."))
    return found


def _look(number: int, part: Part, told: "queue.SimpleQueue[tuple[int, Line | None]]") -> None:
    try:
        for line in part.look():
            told.put((number, line))
    except Exception as error:
        # A defect of the check itself: nobody knows what comes after it.
        told.put((number, fault(f"Could not go on looking: {type(error).__name__}.")))
    told.put((number, None))


def _told(out: TextIO, title: str, lines: Sequence[Line]) -> list[Mark]:
    out.write(f"{title}\n")
    for line in lines:
        out.write(f"{line}\n")
    out.flush()
    return [line.mark for line in lines]


def _sum(marks: Sequence[Mark]) -> str:
    faults, cares, unseen = (marks.count(mark) for mark in (Mark.FAULT, Mark.CARE, Mark.UNKNOWN))
    if faults:
        return f"Not ready: {faults} to mend (✗), {cares + unseen} to look at (! ?)."
    if unseen:
        care = f", {cares} to look at (!)" if cares else ""
        return f"Ready as far as could be seen: {unseen} not seen (?){care}."
    return f"Ready: nothing stands in the way; {cares} to look at (!)." if cares else "Ready: all is in place."
