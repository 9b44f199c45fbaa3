"""The bot's own recurring copies: a due run becomes requests of its own, under the standing approval, once."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial

from bot.domain.approvals import Rule, ruling_of
from bot.domain.backups import RecoveryPoint
from bot.domain.books import Store, Tx
from bot.domain.deciders import stranger
from bot.domain.errors import BadInput, Gone, NotAllowed, OutsideError, PersonError, TooLate
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor
from bot.domain.plans import plan_for_run, plans_for_run
from bot.domain.ports import Clock, Nudge, People
from bot.domain.preflight import Level, why_not_copyable
from bot.domain.requests import CopyRequest, Decision, Event, RequestEvent, RequestState, Verdict, move_request
from bot.domain.schedules import REMIND_BEFORE, Arrived, NextFire, Schedule, ScheduleState, missed_runs
from bot.domain.steps import Plan
from bot.workflows.announce import say
from bot.workflows.inventory import Inventory
from bot.workflows.submitting import Submitting

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 10
# A plan of more steps is no thread that people can read, so a run over many tables becomes several requests.
MOST_STEPS = 20
FRESH = timedelta(minutes=2)
NOT_THERE = "This schedule is not there any more."


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a run found: backups to be copied, tables that have nothing new, tables that cannot be copied and why.

    `arrived`: what earlier runs have copied where to.
    """

    points: tuple[RecoveryPoint, ...]
    unchanged: tuple[str, ...]
    refused: tuple[str, ...]
    arrived: frozenset[Arrived]


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is due: when cron named it, when the next one is, how many in between nobody noticed."""

    schedule: Schedule
    due: datetime
    following: datetime | None
    now: datetime
    missed: int


@dataclass
class Schedules:
    store: Store
    inventory: Inventory
    submitting: Submitting
    people: People
    clock: Clock
    nudge: Nudge
    next_fire: NextFire

    def run_due(self) -> int:
        """Make the runs that are due; the number of schedules looked at."""
        now = self.clock.now()
        with self.store.begin() as tx:
            due = tx.schedules.claim(now, now + LEASE, BATCH)
        for schedule in due:
            try:
                self._run(schedule, now)
            except OutsideError as error:
                # The lease runs out, and the same run is tried again.
                log.warning("schedule_waits", extra={"schedule": schedule.id, "code": error.code})
            except Exception:
                log.exception("schedule_went_wrong", extra={"schedule": schedule.id})
        return len(due)

    def remind(self) -> int:
        """Say once, a week ahead, that a standing approval ends; end what is over."""
        now = self.clock.now()
        with self.store.begin() as tx:
            for schedule in tx.schedules.to_remind(now + REMIND_BEFORE):
                if tx.schedules.reminded(schedule.id):
                    self._say(tx, schedule, "ends", "ends", now)
            for schedule in tx.schedules.living():
                if schedule.params.until <= now:
                    self._end(tx, schedule, now)
        self.nudge("relay")
        return 0

    def living(self) -> Sequence[Schedule]:
        """Schedules that are active or paused."""
        with self.store.read() as tx:
            return tx.schedules.living()

    def change(self, schedule_id: int, actor: Actor, to: ScheduleState) -> Schedule:
        """Pause, resume or delete a schedule. Raises PersonError where this person may not, or it is over."""
        with self.store.read() as tx:
            schedule = tx.schedules.get(schedule_id)
            request = tx.requests.get(schedule.request_id) if schedule else None
        if schedule is None or request is None or schedule.state.is_over:
            raise Gone(NOT_THERE)
        self._check_may(actor, request)
        if schedule.state is to:
            return schedule
        return self._change(schedule, actor, to)

    def _change(self, schedule: Schedule, actor: Actor, to: ScheduleState) -> Schedule:
        now, params = self.clock.now(), schedule.params
        # Runs that fell into a pause were not missed: somebody did not want them.
        due = self.next_fire(params.cron, params.timezone, now) if to is ScheduleState.ACTIVE else None
        with self.store.begin() as tx:
            if not tx.schedules.move(schedule.id, before=schedule.state, after=to, next_run_at=due):
                raise TooLate("Somebody else has changed this schedule just now.")
            what = {ScheduleState.ACTIVE: "resumed", ScheduleState.PAUSED: "paused"}.get(to, "deleted")
            tx.requests.record(Event(schedule.request_id, now, f"schedule {what}", actor))
            facts = {"by": actor.user_id, "next_run_at": _seconds(due)}
            self._say(tx, schedule, what, f"{what}:{now.isoformat()}", now, **facts)
        self.nudge("relay")
        return replace(schedule, state=to, next_run_at=due)

    def _check_may(self, actor: Actor, request: CopyRequest) -> None:
        approvers = {approver for stage in request.ruling.stages for approver in stage.approvers}
        able = self.people.approvers(sorted(approvers)) | {request.requester.user_id}
        refusal = stranger(self.people.person(actor.user_id), self.people.home_team())
        if refusal or actor.user_id not in able:
            raise NotAllowed(refusal or "Only the person who asked for this schedule and its approvers can change it.")

    def _run(self, schedule: Schedule, now: datetime) -> None:
        due, params = schedule.next_run_at, schedule.params
        if due is None:
            return
        if due >= params.until or now >= params.until:
            with self.store.begin() as tx:
                self._end(tx, schedule, now)
            return
        missed, following = missed_runs(params, due, now, self.next_fire)
        if self._still_copies(schedule):
            self._pass(Run(schedule, due, following, now, missed), "skipped", {"before": list(schedule.last_requests)})
            return
        self.inventory.refresh_if_older_than(FRESH)
        self._submit(Run(schedule, due, following, now, missed))

    def _submit(self, run: Run) -> None:
        harvest = self._harvest(run.schedule, run.now)
        facts: dict[str, object] = {"unchanged": list(harvest.unchanged), "refused": list(harvest.refused)}
        if not harvest.points:
            self._pass(run, "nothing", facts)
            return
        made: list[str] = []
        try:
            params, accounts = run.schedule.params, self.submitting.policy.accounts
            for number, plan in plans_for_run(params, harvest.points, accounts, harvest.arrived, MOST_STEPS):
                key = f"schedule:{run.schedule.id}:{run.due.isoformat()}:{number}"
                made.append(self._request(run.schedule, key, plan))
        except PersonError as problem:
            self._pass(run, "failed", {**facts, "reason": problem.sentence}, tuple(made))
            return
        self._pass(run, "ran", facts, tuple(made))
        self.nudge("start")

    def _request(self, schedule: Schedule, key: str, plan: Plan) -> str:
        """One request of a run, approved as it is stored."""
        with self.store.read() as tx:
            standing = tx.requests.get(schedule.request_id)
        if standing is None:
            raise LookupError(f"schedule {schedule.id} belongs to no request")
        given = self._given(standing, self.submitting.rule_for(self.submitting.look(plan)))
        reason = f"Scheduled run under the standing approval {standing.id}: {standing.reason}"
        request = self.submitting.submit(
            key, schedule.owner, schedule.channel, reason, plan, partial(self._approve, standing, given)
        )
        return request.id

    def _given(self, standing: CopyRequest, rule: Rule) -> Sequence[Decision]:
        """The approvals that count today. Raises NotAllowed where today's rules ask for more than were given."""
        approvals = [decision for decision in standing.decisions if decision.verdict is Verdict.APPROVE]
        for stage in ruling_of(rule).stages:
            able = self.people.approvers(stage.approvers)
            given = {decision.actor.user_id for decision in approvals if decision.actor.user_id in able}
            if len(given) < stage.needed:
                raise NotAllowed(
                    f"The rules ask for more approvals today than the standing approval {standing.id} has: "
                    f"{stage.needed} of today's approvers, and it has {len(given)}. Ask for a new schedule."
                )
        return approvals

    def _approve(self, standing: CopyRequest, given: Sequence[Decision], tx: Tx, request: CopyRequest) -> bool:
        now = self.clock.now()
        after = move_request(RequestState.PENDING, RequestEvent.APPROVE)
        for decision in given:
            note = f"Standing approval {standing.id}"
            tx.requests.decide(request.id, replace(decision, note=note, at=now))
        if tx.requests.move(request.id, before=RequestState.PENDING, after=after, at=now):
            detail = f"standing approval {standing.id}"
            tx.requests.record(Event(request.id, now, RequestEvent.APPROVE, None, request.state, after, detail))
            for step in request.steps:
                if step.after is None:
                    tx.steps.release(step.id, now)
        return True

    def _pass(self, run: Run, what: str, facts: Mapping[str, object], ran: tuple[str, ...] | None = None) -> None:
        """Go on to the next run, and say in the schedule's thread what became of this one."""
        schedule, key = run.schedule, run.due.isoformat()
        told = {
            **facts,
            "missed": run.missed,
            "requests": list(ran or ()),
            "next_run_at": _seconds(run.following),
        }
        with self.store.begin() as tx:
            if not tx.schedules.advance(schedule.id, due=run.due, next_run_at=run.following, ran=ran, at=run.now):
                return
            self._say(tx, schedule, what, key, run.now, **told)
        self.nudge("relay")

    def _still_copies(self, schedule: Schedule) -> bool:
        with self.store.read() as tx:
            before = [tx.requests.get(request_id) for request_id in schedule.last_requests]
        return any(request is not None and not request.state.is_final for request in before)

    def _harvest(self, schedule: Schedule, now: datetime) -> Harvest:
        """The newest backup of every table that fits, unless earlier runs took that very one wherever it is to go."""
        points, unchanged, refused = [], [], []
        with self.store.read() as tx:
            arrived = tx.schedules.copied(schedule.id)
        for name, found in self._newest(schedule, now):
            if found is None:
                refused.append(f"{name}: it has no backup there that can be copied")
            elif all((found.arn, vault) in arrived for _, vault, _ in schedule.params.copies):
                unchanged.append(name)
            else:
                fatal = self._fatal(schedule, found, arrived)
                if fatal:
                    refused.append(f"{name}: {' '.join(fatal)}")
                else:
                    points.append(found)
        return Harvest(tuple(points), tuple(unchanged), tuple(refused), arrived)

    def _plan(self, schedule: Schedule, points: Sequence[RecoveryPoint], arrived: Collection[Arrived]) -> Plan:
        return plan_for_run(schedule.params, points, self.submitting.policy.accounts, arrived)

    def _fatal(self, schedule: Schedule, point: RecoveryPoint, arrived: Collection[Arrived]) -> Sequence[str]:
        """Why a backup cannot be copied as the schedule says, each reason once."""
        try:
            looks = self.submitting.look(self._plan(schedule, (point,), arrived))
        except BadInput as problem:
            return [problem.sentence]
        fails = (finding for look in looks for finding in look.findings if finding.level is Level.FAIL)
        return list(dict.fromkeys(finding.sentence for finding in fails))

    def _newest(self, schedule: Schedule, now: datetime) -> Sequence[tuple[str, RecoveryPoint | None]]:
        place, pattern = (schedule.params.source, schedule.params.region), schedule.params.pattern
        found = []
        with self.store.read() as tx:
            for table in tx.inventory.held(*place):
                if (table.account, table.region) == place and fnmatchcase(table.name, pattern):
                    points = (entry.point for entry in tx.inventory.points(table.key))
                    here = (one for one in points if (one.vault.account, one.vault.region) == place)
                    found.append((table.name, next((one for one in here if why_not_copyable(one, now) is None), None)))
        return sorted(found, key=lambda pair: pair[0])

    def _end(self, tx: Tx, schedule: Schedule, now: datetime) -> None:
        if tx.schedules.move(schedule.id, before=schedule.state, after=ScheduleState.ENDED, next_run_at=None):
            self._say(tx, schedule, "ended", "ended", now)

    def _say(self, tx: Tx, schedule: Schedule, what: str, key: str, now: datetime, **facts: object) -> None:
        request = tx.requests.get(schedule.request_id)
        if request:
            told = {"what": what, "until": _seconds(schedule.params.until), **facts}
            say(tx, request, NoticeKind.SCHEDULE, now, key=f"{schedule.id}:{key}", facts=told)


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
