"""Named routes: the hops that a copy takes one after the other, written down by the operator once."""

import re
from dataclasses import dataclass

from bot.domain.backups import VaultRef
from bot.domain.retention import Keep, Retention

HOP = re.compile(
    r"(?P<account>[A-Za-z0-9][A-Za-z0-9_.-]{0,39})/(?P<region>[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})/"
    r"(?P<vault>[a-zA-Z0-9_-]{2,50})"
    r"(?: +keep +(?P<keep>[1-9][0-9]{0,4})d)?(?: +then +(?P<then>[1-9][0-9]{0,4})d)?"
)
MOST_HOPS = 8


@dataclass(frozen=True, slots=True)
class Hop:
    """One copy on the way. `keep` None: kept as the person who asks says.

    `then_days`: once the last copy is seen in its vault, this one is kept so many days only.
    """

    vault: VaultRef
    keep: Retention | None = None
    then_days: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class WrittenHop:
    """A hop as people write it: `backup/eu-west-1/hop keep 30d then 7d`."""

    account: str
    region: str
    vault: str
    keep_days: int | None = None
    then_days: int | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        return self.account, self.region, self.vault

    def at(self, account_id: str) -> Hop:
        """The hop, in the account of this id."""
        keep = Retention(Keep.DAYS, self.keep_days) if self.keep_days else None
        return Hop(VaultRef(account_id, self.region, self.vault), keep, self.then_days)


def read_hop(text: str) -> WrittenHop | None:
    """Read a hop; None for what is none."""
    found = HOP.fullmatch(text.strip())
    if found is None:
        return None
    keep, then = (int(found[name]) if found[name] else None for name in ("keep", "then"))
    return WrittenHop(found["account"], found["region"], found["vault"], keep, then)


def keeps_itself(route: Route | None) -> bool:
    """Whether a route says of each of its hops how long it keeps."""
    return route is not None and all(hop.keep for hop in route.hops)
