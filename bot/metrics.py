"""What machines see: Prometheus figures in a registry of the bot's own, refreshed by a sweep and not by the scrape."""

from collections.abc import Callable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.domain.books import Store
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock
from bot.domain.requests import RequestState
from bot.domain.steps import StepState

# Deliveries take a tenth of a second when all is well, and an hour where a channel has to let the bot in again.
DELIVERY_SECONDS = (0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
SWEEP_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)


class Metrics:
    """Figures of one bot. `paused` tells whether the line to Slack is."""

    def __init__(self, store: Store, clock: Clock, paused: Callable[[], bool]) -> None:
        self._store, self._clock, self._paused = store, clock, paused
        self._queues: dict[str, float] = {}
        self._registry = registry = CollectorRegistry(auto_describe=True)
        self._sweep_seconds = Histogram(
            "copy_backup_sweep_seconds",
            "How long a sweep ran.",
            ["sweep"],
            registry=registry,
            buckets=SWEEP_SECONDS,
        )
        self._sweep_failures = Counter(
            "copy_backup_sweep_failures", "Runs of a sweep that failed.", ["sweep"], registry=registry
        )
        self._sweep_success = Gauge(
            "copy_backup_sweep_last_success_timestamp",
            "Unix time of a sweep's last success.",
            ["sweep"],
            registry=registry,
        )
        self._sweep_lag = Gauge(
            "copy_backup_sweep_lag_seconds", "Seconds since a sweep's last success.", ["sweep"], registry=registry
        )
        self._delivery = Histogram(
            "copy_backup_notice_delivery_seconds",
            "From the moment that a notice was due until Slack had it.",
            ["kind"],
            registry=registry,
            buckets=DELIVERY_SECONDS,
        )
        self._pending = Gauge("copy_backup_notices_pending", "Notices that wait to be said.", registry=registry)
        self._oldest = Gauge(
            "copy_backup_notices_oldest_seconds", "Age of the oldest notice that may leave.", registry=registry
        )
        self._dead = Gauge(
            "copy_backup_notices_dead",
            "Notices that could not be delivered, and that nobody has dismissed.",
            registry=registry,
        )
        self._line = Gauge(
            "copy_backup_line_paused", "1 while Slack does not accept the token, else 0.", registry=registry
        )
        self._requests = Gauge("copy_backup_requests", "Requests by state.", ["state"], registry=registry)
        self._steps = Gauge("copy_backup_steps", "Steps by state.", ["state"], registry=registry)
        self._unknown = Gauge(
            "copy_backup_unknown_failures_total",
            "Failed steps whose message the bot could not translate.",
            registry=registry,
        )

    def swept(self, sweep: str, seconds: float, at: datetime | None) -> None:
        """Note a run of a sweep; `at` is when it succeeded, None when it failed."""
        self._sweep_seconds.labels(sweep).observe(seconds)
        if at is None:
            self._sweep_failures.labels(sweep).inc()
        else:
            self._sweep_success.labels(sweep).set(at.timestamp())

    def delivered(self, kind: NoticeKind, seconds: float) -> None:
        """Note a delivery."""
        self._delivery.labels(kind.value).observe(max(0.0, seconds))

    def refresh(self) -> None:
        """Count what the tables hold: once for every scrape there may be until the next time."""
        now = self._clock.now()
        with self._store.read() as tx:
            counts = tx.overview.counts(now)
        waiting = (now - counts.waiting_since).total_seconds() if counts.waiting_since else 0
        self._pending.set(counts.pending)
        self._dead.set(counts.dead)
        self._oldest.set(waiting)
        self._queues = {"pending": counts.pending, "oldest_seconds": round(waiting, 1), "dead": counts.dead}
        self._unknown.set(counts.unknown_failures)
        _set_all(self._requests, counts.requests, [state.value for state in RequestState])
        _set_all(self._steps, counts.steps, [state.value for state in StepState])

    def queues(self) -> Mapping[str, float]:
        """How many notices wait and since how many seconds, and how many are dead, as last counted."""
        return self._queues

    def exposition(self, ages: Mapping[str, float]) -> tuple[bytes, str]:
        """The figures as Prometheus reads them, and their content type; `ages` of sweeps in seconds."""
        for sweep, seconds in ages.items():
            self._sweep_lag.labels(sweep).set(seconds)
        self._line.set(1 if self._paused() else 0)
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def _set_all(gauge: Gauge, counts: Mapping[str, int], states: list[str]) -> None:
    for state in states:
        gauge.labels(state).set(counts.get(state, 0))
