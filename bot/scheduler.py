"""APScheduler wiring: one interval job per sweep, nothing else.

The job store is memory and the truth is in tables: after a restart every sweep finds what is due by itself.
(A persistent or shared store runs jobs twice, loses a killed one and can kill its own thread.)
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.domain.errors import StoreTrouble
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

# Longer than any pass may take when AWS and Slack answer only just within their time-outs.
LATE_SECONDS = 600.0
COMPLAIN_EVERY = timedelta(minutes=1)
# APScheduler reads the wall clock: set back by an hour, it would run nothing for that hour.
WATCH_SECONDS = 1.0
STEP = timedelta(seconds=2)
# Whoever had read the clock just before it was set back has written what they do by then.
MEND_AGAIN_SECONDS = 20.0

StepBack = Callable[[datetime, datetime], None]
Measured = Callable[[str, float, datetime | None], None]
CRON_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
# Changes of the clock move it by less than this.
NIGHT = timedelta(hours=3)
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class SystemClock:
    """The port `Clock`: the machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What runs every `seconds`; a sweep never overlaps itself."""

    name: str
    work: Callable[[], object]
    seconds: float


def _mend_nothing(now: datetime, before: datetime) -> None:
    """Where nothing waits for a time, nothing is to be mended."""


def _measure_nothing(sweep: str, seconds: float, at: datetime | None) -> None:
    """Where nobody measures, nothing is done about it."""


def next_fire(cron: str, timezone: str, after: datetime) -> datetime | None:
    """The first moment after `after` (aware UTC, like the answer) that five cron fields name in a time zone.

    The port `NextFire`: schedules are rows, and cron only computes when one is due. Days of the week may be numbers
    as cron has them (0 or 7 is Sunday), which APScheduler counts from Monday. Raises ValueError.
    """
    fields = cron.split()
    if len(fields) != len(CRON_FIELDS):
        raise ValueError(f"cron has {len(CRON_FIELDS)} fields: minute, hour, day, month, day of the week")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {timezone!r}") from error
    named = dict(zip(CRON_FIELDS, [*fields[:4], _days_by_name(fields[4])], strict=True))
    # Cron is about what the clock on the wall shows, so it is read without a zone; APScheduler's own reading of a zone
    # runs twice, or backwards, in the hour that comes twice.
    trigger = CronTrigger(timezone=UTC, **named)
    wall, change = _wall(after, zone), _wall(after + NIGHT, zone) - _wall(after - NIGHT, zone) != 2 * NIGHT
    if not change:
        shown = _next_shown(trigger, wall)
        return _moments(shown, zone)[0] if shown else None
    return _first_after(after, trigger, zone, twice="*" in fields[1])


def _first_after(after: datetime, trigger: CronTrigger, zone: ZoneInfo, *, twice: bool) -> datetime | None:
    """The next run near a change of the clocks; `twice`: also in the hour's repetition, since it runs every hour."""
    wall = _wall(after, zone)
    shown, found = _next_shown(trigger, wall - NIGHT), None
    while shown is not None and (found is None or shown <= wall + NIGHT):
        moments = _moments(shown, zone)
        later = [at for at in (moments if twice else moments[:1]) if at > after]
        found = min([*later, *([found] if found else [])], default=None)
        shown = _next_shown(trigger, shown)
    return found


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, as if it were UTC."""
    return at.astimezone(zone).replace(tzinfo=UTC, fold=0)


def _next_shown(trigger: CronTrigger, wall: datetime) -> datetime | None:
    at = trigger.get_next_fire_time(None, wall + timedelta(microseconds=1))
    return at.replace(tzinfo=UTC) if at else None


def _moments(shown: datetime, zone: ZoneInfo) -> list[datetime]:
    """When the clock on the wall shows this: twice when it was set back, a little later when it was set forward."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return [first, second] if second > first else [first]


def _days_by_name(field: str) -> str:
    """Cron's numbers of weekdays as names; a range such as 5-7 becomes the days it means."""

    def named(part: str) -> str:
        span, _, step = part.partition("/")
        if not re.fullmatch(r"[0-7](-[0-7])?", span):
            return part
        first, _, last = span.partition("-")
        days = range(int(first), int(last or first) + 1, int(step) if step else 1)
        if not days:
            raise ValueError(f"{span} is no range of days")
        return ",".join(WEEKDAYS[day % 7] for day in days)

    return ",".join(named(part) for part in field.split(","))


class Watchdog:
    """Notices that the clock was set back, by a clock that nobody can set."""

    def __init__(
        self,
        on_step_back: StepBack,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_step_back, self._wall, self._steady = on_step_back, wall, steady
        self._seen = wall(), steady()

    def look(self) -> None:
        """Compare both clocks. A step forward needs nothing: what is due is due."""
        (wall, steady), now = self._seen, (self._wall(), self._steady())
        self._seen = now
        expected = wall + timedelta(seconds=now[1] - steady)
        if expected - now[0] > STEP:
            log.warning(
                "clock_went_back",
                extra={
                    "seconds": round((expected - now[0]).total_seconds()),
                    "what_to_do": "nothing: leases and due times are mended and sweeps go on; look at the machine's "
                    "time synchronisation",
                },
            )
            self._on_step_back(now[0], expected)


class Sweeps:
    """Runs sweeps, tells how long ago each last succeeded, and lets a commit nudge one to run now.

    `on_step_back(now, before)` mends what waits for a time from before the clock was set back; `measured` is told of
    each run: the sweep's name, how many seconds it took, when it succeeded (None: it failed).
    """

    def __init__(
        self, clock: Clock, *, on_step_back: StepBack = _mend_nothing, measured: Measured = _measure_nothing
    ) -> None:
        self._clock = clock
        self._on_step_back, self._measured = on_step_back, measured
        self._complained: dict[str, datetime] = {}
        # What the clock showed before it was set back, and when (by the steady clock) that is mended once more.
        self._stepped: tuple[datetime, float] | None = None
        self._stopping = threading.Event()
        self._sweeps: dict[str, Sweep] = {}
        self._succeeded: dict[str, datetime] = {}
        self._again: set[str] = set()
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._scheduler: BackgroundScheduler | None = None
        # Held while the scheduler is asked for something: it waits for its jobs to end under a lock that it takes for
        # each question as well, so a sweep that nudged just then would be waited for, for ever.
        self._asking = threading.Lock()

    def start(self, sweeps: Sequence[Sweep]) -> None:
        """Start every sweep at once, then at its interval."""
        now = self._clock.now()
        self._sweeps = {sweep.name: sweep for sweep in sweeps}
        self._succeeded = dict.fromkeys(self._sweeps, now)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(max(1, 2 * len(sweeps)))},
            # APScheduler counts a run a moment longer than it takes and drops what comes meanwhile, a nudge included.
            # So it may begin a second one, which `_run` turns away while the first is at work.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        for sweep in sweeps:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[sweep],
                id=sweep.name,
                seconds=sweep.seconds,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def nudge(self, name: str) -> None:
        """Have a sweep run now; one that is running runs once more afterwards. Unknown or stopped: nothing."""
        with self._lock:
            if name in self._running:
                self._again.add(name)
                return
        self._run_now(name)

    def ages(self) -> Mapping[str, timedelta]:
        """How long ago each sweep last succeeded."""
        now = self._clock.now()
        return {name: max(timedelta(0), now - at) for name, at in self._succeeded.items()}

    def late(self) -> Sequence[str]:
        """Sweeps whose last success is so old that the process should be restarted."""
        ages = self.ages()
        return [
            name
            for name, sweep in self._sweeps.items()
            if ages[name] > timedelta(seconds=max(LATE_SECONDS, 5 * sweep.seconds))
        ]

    def stop(self) -> None:
        """Let what runs finish, start nothing more."""
        self._stopping.set()
        with self._asking:
            scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=True)

    def clock_went_back(self, now: datetime, before: datetime) -> None:
        """Mend what waits for the old time, and let sweeps run that would wait for it too; a little later once more."""
        self._stepped = before, time.monotonic() + MEND_AGAIN_SECONDS
        self._mend(now, before)

    def _mend(self, now: datetime, before: datetime) -> None:
        try:
            self._on_step_back(now, before)
        except Exception:
            log.exception("clock_not_mended")
        for name in self._sweeps:
            self._run_now(name)

    def _watch(self) -> None:
        watchdog = Watchdog(self.clock_went_back)
        while not self._stopping.wait(WATCH_SECONDS):
            watchdog.look()
            if self._stepped is not None and time.monotonic() >= self._stepped[1]:
                (before, _), self._stepped = self._stepped, None
                self._mend(self._clock.now(), before)

    def _run_now(self, name: str) -> None:
        with self._asking:
            if self._scheduler is None:
                return
            try:
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
            except JobLookupError:
                log.warning("unknown_sweep", extra={"sweep": name})

    def _run(self, sweep: Sweep) -> None:
        with self._lock:
            if sweep.name in self._running:
                return
            self._running.add(sweep.name)
        again = True
        while again:
            self._work(sweep)
            again = self._is_wanted_again(sweep.name)

    def _work(self, sweep: Sweep) -> None:
        begun = time.monotonic()
        try:
            sweep.work()
        except Exception as error:
            # The next interval tries again; the age of the last success shows that it does not work.
            self._complain(sweep.name, error)
            self._measured(sweep.name, time.monotonic() - begun, None)
            return
        self._complained.pop(sweep.name, None)
        self._succeeded[sweep.name] = now = self._clock.now()
        self._measured(sweep.name, time.monotonic() - begun, now)

    def _complain(self, name: str, error: Exception) -> None:
        """Log a failure; one that goes on is told once a minute, since some sweeps come every second."""
        now = self._clock.now()
        last = self._complained.get(name)
        if last is not None and timedelta(0) <= now - last < COMPLAIN_EVERY:
            return
        self._complained[name] = now
        if isinstance(error, StoreTrouble):
            log.error("sweep_failed", extra={"sweep": name, "reason": str(error)})
        else:
            log.error("sweep_failed", extra={"sweep": name}, exc_info=error)

    def _is_wanted_again(self, name: str) -> bool:
        """Whether somebody nudged the sweep while it ran; else its run is over."""
        with self._lock:
            if name in self._again and self._scheduler is not None:
                self._again.discard(name)
                return True
            self._running.discard(name)
            self._again.discard(name)
            return False
