"""What the listeners of notices about copies have at hand."""

from dataclasses import dataclass

from bot.domain.books import Store
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.workflows.adopting import Adopting
from bot.workflows.copying_again import CopyingAgain
from bot.workflows.extending import Extending
from bot.workflows.watching import Watching


@dataclass
class CopyDesk:
    watching: Watching
    extending: Extending
    again: CopyingAgain
    adopting: Adopting


def make_copy_desk(store: Store, people: People, policy: Policy, clock: Clock, nudge: Nudge) -> CopyDesk:
    """Put the use cases together."""
    return CopyDesk(
        watching=Watching(store, people, policy, clock, nudge),
        extending=Extending(store, clock),
        again=CopyingAgain(store, policy, clock),
        adopting=Adopting(store, policy, clock, nudge),
    )
