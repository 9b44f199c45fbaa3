"""Options that the forms' selects share: places, vaults, plans."""

from collections.abc import Sequence

from bot.domain.backup_plans import PlanHead
from bot.domain.backups import Account, Vault
from bot.domain.routes import Route
from bot.slack.blocks import Block, option
from bot.slack.describe import Names
from bot.slack.text import plain
from bot.workflows.scheduling import answer_of
from bot.workflows.ways import route_answer


def place_options(places: Sequence[tuple[Account, str]]) -> list[Block]:
    return [option(plain(f"{account.alias} · {region}", 75), f"{account.id}/{region}") for account, region in places]


def vault_option(value: str, vault: Vault, names: Names) -> Block:
    ref = vault.ref
    return option(plain(f"{ref.name} · {names.account(ref.account)} · {ref.region}", 75), value)


def route_option(route: Route, names: Names) -> Block:
    """A named route, with where it leads."""
    hops = " → ".join(f"{hop.vault.name} · {names.account(hop.vault.account)}" for hop in route.hops)
    return option(plain(route.name, 75), route_answer(route), plain(hops, 75))


def plan_option(head: PlanHead, names: Names) -> Block:
    owner = " · organization's, can only be read" if head.is_read_only else ""
    return option(
        plain(head.name or head.id, 75),
        answer_of(head),
        plain(f"{names.account(head.account)} · {head.region}{owner}", 75),
    )
