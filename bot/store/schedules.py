"""The bot's own recurring copies, claimed by sweeps when a run is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import false, or_, select, true, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.schedules import Arrived, Schedule, ScheduleState
from bot.domain.steps import Step, StepState
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import claim, insert_once
from bot.store.steps import step_of

_SCHEDULES = tables.schedules
# Backups that were copied longer ago than so many others are not the newest of their table any more.
_MOST_COPIED = 2_000
_BATCH = 200
_LIVING = _SCHEDULES.c.state.in_((ScheduleState.ACTIVE, ScheduleState.PAUSED))


class SqlSchedules:
    """The ScheduleBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, schedule: Schedule) -> None:
        """Keep a schedule; one with the same id stays as it is."""
        values = {
            "id": schedule.id,
            "request_id": number_of(schedule.request_id),
            "owner": schedule.owner,
            "channel": schedule.channel,
            "params": schedule.params,
            "state": schedule.state,
            "until": schedule.params.until,
            "next_run_at": schedule.next_run_at,
            "last_run_at": schedule.last_run_at,
            "last_requests": list(schedule.last_requests),
            "reminded": schedule.reminded,
        }
        insert_once(self._connection, _SCHEDULES, ("id",), values)

    def get(self, schedule_id: int) -> Schedule | None:
        statement = select(_SCHEDULES).where(_SCHEDULES.c.id == schedule_id)
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _schedule_of(row)

    def living(self) -> Sequence[Schedule]:
        """Schedules that are active or paused, oldest first."""
        return self._read(_LIVING)

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Schedule]:
        """Claim active schedules whose run is due; nobody else has them before `until`."""
        free = or_(_SCHEDULES.c.claimed_until.is_(None), _SCHEDULES.c.claimed_until <= now)
        rows = claim(
            self._connection,
            _SCHEDULES,
            due=(_SCHEDULES.c.state == ScheduleState.ACTIVE, _SCHEDULES.c.next_run_at <= now, free),
            first=(_SCHEDULES.c.next_run_at, _SCHEDULES.c.id),
            limit=limit,
            lease={"claimed_until": until},
        )
        return sorted((_schedule_of(row) for row in rows), key=lambda schedule: schedule.id)

    def advance(
        self,
        schedule_id: int,
        *,
        due: datetime,
        next_run_at: datetime | None,
        ran: tuple[str, ...] | None,
        at: datetime,
    ) -> bool:
        """Set the next run, if the one that was due is still the same; `ran`: the requests it became."""
        values: dict[str, object] = {"next_run_at": next_run_at, "claimed_until": None}
        if ran is not None:
            values |= {"last_run_at": at, "last_requests": list(ran)}
        which = (_SCHEDULES.c.id == schedule_id, _SCHEDULES.c.next_run_at == due)
        return self._connection.execute(update(_SCHEDULES).where(*which).values(**values)).rowcount == 1

    def move(
        self, schedule_id: int, *, before: ScheduleState, after: ScheduleState, next_run_at: datetime | None
    ) -> bool:
        """Compare-and-set the state."""
        which = (_SCHEDULES.c.id == schedule_id, _SCHEDULES.c.state == before)
        values = {"state": after, "next_run_at": next_run_at, "claimed_until": None}
        return self._connection.execute(update(_SCHEDULES).where(*which).values(**values)).rowcount == 1

    def copied(self, schedule_id: int) -> frozenset[Arrived]:
        """Each backup (its ARN) with each vault it has arrived in, of the latest runs at least."""
        requests, steps = tables.requests, tables.steps
        mine = requests.c.draft_id.startswith(f"schedule:{schedule_id}:", autoescape=True)
        statement = (
            select(steps)
            .join(requests, requests.c.id == steps.c.request_id)
            .where(mine, steps.c.state == StepState.DONE)
            .order_by(requests.c.id.desc(), steps.c.id)
            .execution_options(yield_per=_BATCH)
        )
        with self._connection.execute(statement) as rows:
            return _arrived(map(step_of, rows.mappings()))

    def to_remind(self, before: datetime) -> Sequence[Schedule]:
        """Active or paused schedules that end before this time and whose people were not reminded."""
        return self._read(_LIVING, _SCHEDULES.c.until <= before, _SCHEDULES.c.reminded == false())

    def reminded(self, schedule_id: int) -> bool:
        """Note that people were reminded; False when they were before."""
        which = (_SCHEDULES.c.id == schedule_id, _SCHEDULES.c.reminded == false())
        return self._connection.execute(update(_SCHEDULES).where(*which).values(reminded=true())).rowcount == 1

    def _read(self, *which: object) -> Sequence[Schedule]:
        statement = select(_SCHEDULES).where(*which).order_by(_SCHEDULES.c.id)  # type: ignore[arg-type]
        return [_schedule_of(row) for row in self._connection.execute(statement).mappings()]


def _arrived(done: Iterable[Step]) -> frozenset[Arrived]:
    """Where backups have arrived by steps that are done, each step after those that it hangs on."""
    found, sources, backups = set[Arrived](), dict[int, str](), set[str]()
    for step in done:
        copy = step.copy
        # A hop is a copy of a copy; what it stands for is what its way began with.
        source = copy.point.arn if copy and not copy.point_from_before else sources.get(step.after or 0, "")
        sources[step.id] = source
        if copy and source:
            backups.add(source)
            if len(backups) > _MOST_COPIED:
                break
            found.add((source, copy.destination))
    return frozenset(found)


def _schedule_of(row: RowMapping) -> Schedule:
    return Schedule(
        id=row["id"],
        request_id=id_of(row["request_id"]),
        owner=row["owner"],
        channel=row["channel"],
        params=row["params"],
        state=ScheduleState(row["state"]),
        next_run_at=row["next_run_at"],
        last_run_at=row["last_run_at"],
        last_requests=tuple(row["last_requests"]),
        reminded=bool(row["reminded"]),
    )
