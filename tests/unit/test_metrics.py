"""What machines see: figures in a registry of the bot's own, counted by a sweep and never by a scrape."""

import re

from bot.domain.books import Store
from bot.domain.notices import NoticeKind
from bot.metrics import Metrics
from tests.unit.builders import stored_request, write_notice
from tests.unit.fakes import NOW, ManualClock


def figures(metrics: Metrics, **ages: float) -> dict[str, float]:
    text, kind = metrics.exposition(ages)
    assert kind.startswith("text/plain")
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_tables_are_counted_by_the_sweep(store: Store, clock: ManualClock) -> None:
    metrics = Metrics(store, clock, lambda: False)
    request = stored_request(store, approved=True)
    for key in ("a", "b"):
        write_notice(store, request, NoticeKind.STARTED, key)
    clock.pass_(seconds=30)
    assert "copy_backup_notices_pending" in figures(metrics)
    assert figures(metrics)["copy_backup_notices_pending"] == 0

    metrics.refresh()

    seen = figures(metrics)
    assert seen["copy_backup_notices_pending"] == 2
    assert seen["copy_backup_notices_oldest_seconds"] == 30
    assert seen["copy_backup_notices_dead"] == 0
    assert seen['copy_backup_requests{state="APPROVED"}'] == 1
    assert seen['copy_backup_requests{state="PENDING"}'] == 0
    assert seen['copy_backup_steps{state="WAITING"}'] == 1
    assert seen["copy_backup_unknown_failures_total"] == 0


def test_sweeps_and_deliveries_are_measured(store: Store, clock: ManualClock) -> None:
    metrics = Metrics(store, clock, lambda: True)
    metrics.swept("relay", 0.2, NOW)
    metrics.swept("relay", 0.3, None)
    metrics.delivered(NoticeKind.COMPLETED, 1.5)

    seen = figures(metrics, relay=4.5)

    assert seen['copy_backup_sweep_seconds_count{sweep="relay"}'] == 2
    assert seen['copy_backup_sweep_failures_total{sweep="relay"}'] == 1
    assert seen['copy_backup_sweep_last_success_timestamp{sweep="relay"}'] == NOW.timestamp()
    assert seen['copy_backup_sweep_lag_seconds{sweep="relay"}'] == 4.5
    assert seen['copy_backup_notice_delivery_seconds_sum{kind="completed"}'] == 1.5
    assert seen["copy_backup_line_paused"] == 1


def test_two_bots_in_one_process_have_figures_of_their_own(store: Store, clock: ManualClock) -> None:
    one, two = Metrics(store, clock, lambda: False), Metrics(store, clock, lambda: False)
    one.delivered(NoticeKind.FAILED, 1)

    assert not [name for name in figures(two) if re.search("delivery_seconds_count", name)]
