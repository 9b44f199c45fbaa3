"""The section `routes` of copy-backup.yaml: named ways that a copy takes, and what has to fit together in them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.domain.backups import Account, partition_of
from bot.domain.routes import HOP, MOST_HOPS, Route, WrittenHop, read_hop
from bot.settings.document import Document, Where
from bot.settings.fields import Expected, different, text_like
from bot.settings.wording import did_you_mean

RouteName = Annotated[
    str,
    text_like(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}"),
    Expected("a route's name of at most 40 letters, digits, dots, dashes and underscores"),
]
HopText = Annotated[
    str,
    text_like(HOP.pattern),
    Expected("a hop such as backup/eu-west-1/hop or backup/eu-west-1/hop keep 30d then 7d"),
]
Hops = Annotated[
    list[HopText],
    Field(min_length=1, max_length=MOST_HOPS),
    AfterValidator(different),
    Expected(f"a list of 1 to {MOST_HOPS} different hops such as [backup/eu-west-1/hop, backup/eu-central-1/dr]"),
]
Routes = Annotated[
    dict[RouteName, Hops],
    Expected("a mapping from a name of your choice to a list of hops such as dr-chain: [backup/eu-west-1/hop, …]"),
]
Raw = Mapping[str, object]


def check_routes(document: Document, routes: Raw, accounts: Mapping[str, Raw]) -> None:
    """Blame every hop that leads nowhere, or back."""
    regions = {alias: _texts(account.get("regions")) for alias, account in accounts.items()}
    for name, raw in routes.items():
        hops = [read_hop(text) for text in _texts(raw)]
        for where, text in _mistakes(hops, regions):
            document.blame(("routes", name, *where), text)


def routes_of(routes: Mapping[str, Sequence[str]], accounts: Sequence[Account]) -> tuple[Route, ...]:
    """The routes as the use cases know them; the texts are those that were found well formed."""
    ids = {account.alias: account.id for account in accounts}
    return tuple(
        Route(name, tuple(hop.at(ids[hop.account]) for text in texts if (hop := read_hop(text))))
        for name, texts in routes.items()
    )


def _mistakes(hops: Sequence[WrittenHop | None], regions: Mapping[str, list[str]]) -> Iterator[tuple[Where, str]]:
    seen: dict[tuple[str, str, str], int] = {}
    for number, hop in enumerate(hops):
        if hop is None:
            continue
        yield from (((number,), text) for text in _place_mistakes(hop, regions))
        first = seen.setdefault(hop.place, number)
        if first != number:
            place = "/".join(hop.place)
            yield (number,), f"expected a way that never comes back, but hop {first + 1} goes to {place} too"
        if hop.then_days and hop.keep_days and hop.then_days >= hop.keep_days:
            yield (number,), f"expected a shorter time after then, got {hop.then_days}d after keep {hop.keep_days}d"
        if hop.then_days and number == len(hops) - 1:
            yield (number,), "expected no then on the last hop, since nothing comes after it"
    partitions = {partition_of(hop.region) for hop in hops if hop}
    if len(partitions) > 1:
        yield (), "expected Regions of one partition, since AWS never copies between aws, aws-cn and aws-us-gov"


def _place_mistakes(hop: WrittenHop, regions: Mapping[str, list[str]]) -> Iterator[str]:
    if hop.account not in regions:
        among = ", ".join(sorted(regions))
        yield f'expected one of the accounts {among}, got "{hop.account}"{did_you_mean(hop.account, regions)}'
    elif regions[hop.account] and hop.region not in regions[hop.account]:
        among = ", ".join(regions[hop.account])
        near = did_you_mean(hop.region, regions[hop.account])
        yield f'expected a Region of the account {hop.account} ({among}), got "{hop.region}"{near}'


def _texts(raw: object) -> list[str]:
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list) else []
