"""What can be done with a copy that was made: the answers with which a form about it opens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import table_place_of
from bot.domain.books import Store, Tx
from bot.domain.copies import CopyEnd, Made
from bot.domain.errors import Gone
from bot.domain.inventory import PointEntry
from bot.domain.orders import TABLE
from bot.domain.params import CopyParams
from bot.domain.ports import Clock
from bot.domain.requests import CopyRequest
from bot.domain.retention import MAX_DAYS, Keep
from bot.domain.sheets import SheetKind
from bot.domain.steps import Step
from bot.workflows.places import key_of
from bot.workflows.scheduling import BY_BOT
from bot.workflows.ways import FIELD

NOT_MADE = "I know of no such copy. Type the command instead: `/copy-backup help` shows all of them."
NOT_THERE = (
    "This copy is not there any more, or AWS does not show it to me. "
    "Type `/copy-backup restore {table}` to see what there is."
)
AGAIN = "Type `/copy-backup restore {table}` to see what there is, `/copy-backup {table}` to have it copied again."
DELETED = f"This copy was deleted before its end, so it cannot be kept longer. {AGAIN}"
EXPIRED = f"This copy has come to its end, so it cannot be kept longer. {AGAIN}"


@dataclass
class Offers:
    store: Store
    clock: Clock

    def answers(self, kind: SheetKind, request_id: str, step_id: int) -> Mapping[str, str]:
        """The answers of a form of this kind about the copy that a step has made. Raises Gone.

        What AWS has of it is taken from the inventory, which has to have been read after the copy was made.
        """
        with self.store.read() as tx:
            request = tx.requests.get(request_id)
            step = next((one for one in request.steps if one.id == step_id), None) if request else None
            if step is None or step.copy is None or step.result_arn is None:
                raise Gone(NOT_MADE)
            if request and kind is SheetKind.KEEP:
                _check_any_there(tx, request, step, self.clock.now())
            return _ANSWERS[kind](tx, step, step.copy)


def _check_any_there(tx: Tx, request: CopyRequest, step: Step, now: datetime) -> None:
    """Raise Gone, with what became of this step's copy, unless one of the request's copies can still be kept."""
    copies = [(one, one.copy) for one in (step, *request.steps) if one.copy and one.result_arn]
    problems = [_why_gone(tx, request.made_by(one), one, copy, now) for one, copy in copies]
    if copies and all(problems):
        raise Gone(about(copies[0][1].table, problems[0]))


def _why_gone(tx: Tx, made: Made | None, step: Step, copy: CopyParams, now: datetime) -> str:
    """Why there is nothing to keep, as far as it was seen: at its end, or a moment ago in AWS; "" where there is."""
    if made is not None and made.end is CopyEnd.EARLY:
        return DELETED
    if made is not None and (made.end is not None or (made.delete_at is not None and made.delete_at <= now)):
        return EXPIRED
    place = (copy.destination.account, copy.destination.region)
    read_at = next((area.read_at for area in tx.inventory.areas() if (area.account, area.region) == place), None)
    seen_since = read_at is not None and step.finished_at is not None and read_at > step.finished_at
    return DELETED if seen_since and _entry(tx, step, copy) is None else ""


def about(table: str, sentence: str) -> str:
    """A sentence with what to type, about this table."""
    return sentence.replace("{table}", table)


def _of_copy(tx: Tx, step: Step, copy: CopyParams) -> Mapping[str, str]:
    entry = _entry(tx, step, copy)
    if entry is None:
        raise Gone(about(copy.table, NOT_THERE))
    return {"table": entry.table_key, "point": entry.key}


def _entry(tx: Tx, step: Step, copy: CopyParams) -> PointEntry | None:
    place = copy.destination
    tables = [table for table in tx.inventory.held(place.account, place.region) if table.arn == copy.point.table_arn]
    points = (entry for table in tables for entry in tx.inventory.points(table.key))
    return next((entry for entry in points if entry.point.arn == step.result_arn), None)


def _of_request(tx: Tx, step: Step, copy: CopyParams) -> Mapping[str, str]:
    return {TABLE: step.request_id}


def _again_and_again(tx: Tx, step: Step, copy: CopyParams) -> Mapping[str, str]:
    """The same copy of whatever is newest: from where the table is, kept as long."""
    account, region = table_place_of(copy.point.table_arn)
    days = {Keep.DAYS: copy.retention.days, Keep.CENTURY: MAX_DAYS}.get(copy.retention.keep)
    return {
        "by": BY_BOT,
        "source": f"{account}/{region}",
        "pattern": copy.table,
        FIELD: key_of(copy.destination),
        "days": str(days or ""),
    }


_ANSWERS: Mapping[SheetKind, Callable[[Tx, Step, CopyParams], Mapping[str, str]]] = {
    SheetKind.RESTORE: _of_copy,
    SheetKind.DRILL: _of_copy,
    SheetKind.KEEP: _of_request,
    SheetKind.SCHEDULE: _again_and_again,
}
