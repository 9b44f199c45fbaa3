"""What the listeners of restores, drills and schedules have at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.backup_plans import BackupPlans
from bot.domain.books import Store
from bot.domain.keeping import Switches
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.schedules import NextFire
from bot.domain.sheets import SheetKind
from bot.workflows.drilling import Drilling
from bot.workflows.forms import Composer, Forms
from bot.workflows.inventory import Inventory
from bot.workflows.offers import Offers
from bot.workflows.ordering import Ordering
from bot.workflows.places import Places
from bot.workflows.restoring import Restoring
from bot.workflows.schedules import Schedules
from bot.workflows.scheduling import Scheduling
from bot.workflows.submitting import Submitting
from bot.workflows.ways import Ways


@dataclass
class TableDesk:
    forms: Forms
    restoring: Restoring
    scheduling: Scheduling
    schedules: Schedules
    drilling: Drilling
    ordering: Ordering
    offers: Offers


def make_table_desk(
    store: Store,
    inventory: Inventory,
    submitting: Submitting,
    people: People,
    policy: Policy,
    clock: Clock,
    nudge: Nudge,
    plans: BackupPlans,
    next_fire: NextFire,
    switches: Switches | None,
    more: Mapping[SheetKind, Composer],
) -> TableDesk:
    """Put the use cases together; `more` are forms of others."""
    places = Places(store, policy)
    restoring = Restoring(places, inventory, clock)
    scheduling = Scheduling(places, Ways(places, policy), plans, clock, next_fire)
    ordering = Ordering(store, inventory, switches, policy, clock)
    composers = {
        SheetKind.RESTORE: restoring.restores(),
        SheetKind.DRILL: restoring.drills(),
        SheetKind.SCHEDULE: scheduling.composer(),
        SheetKind.NOW: ordering.now(),
        SheetKind.SEQUENCE: ordering.sequence(),
        SheetKind.KEEP: ordering.keep(),
        **more,
    }
    return TableDesk(
        forms=Forms(store, composers, submitting, people, clock),
        restoring=restoring,
        scheduling=scheduling,
        schedules=Schedules(store, inventory, submitting, people, clock, nudge, next_fire),
        drilling=Drilling(store, inventory, restoring, submitting, people, policy, clock, nudge),
        ordering=ordering,
        offers=Offers(store, clock),
    )
