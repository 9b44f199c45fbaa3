"""Destinations as people read them: the list that was put together, the last ones, named routes, and in words."""

from collections.abc import Sequence

from bot.domain.backups import Account, VaultRef
from bot.domain.drafts import Draft, Form, Place
from bot.domain.routes import Hop, Route
from bot.slack.blocks import Block, button, context, option, section, words
from bot.slack.describe import Names
from bot.slack.ids import DROP_PLACE, RECENT, ROUTE
from bot.slack.text import code, escape, plain
from bot.workflows.choosing import Choices, Chosen
from commands.copy_backup.form import NO_ROUTE, block_for, place_value
from commands.modal import field

MOST_ROUTES = 99


def kind_of(source: VaultRef, place: VaultRef) -> str:
    """Which of the four kinds of copy this is."""
    if source.account == place.account:
        same = source.region == place.region
        return "Another vault of the same account and Region" if same else "Another Region of the same account"
    return "Another account in the same Region" if source.region == place.region else "Another account and Region"


def listed(form: Form, chosen: Chosen, accounts: Sequence[Account]) -> list[Block]:
    """The destinations that were added before, each with a button that takes it off the list."""
    if not form.others:
        return []
    return [
        section("*The copy goes to:*"),
        *(_listed(number, place, chosen, accounts) for number, place in enumerate(form.others, start=1)),
        context("Choose a further destination below, or leave it empty and go on."),
    ]


def recent_blocks(draft: Draft, choices: Choices) -> list[Block]:
    """Where this person sent copies before."""
    if not choices.recent:
        return []
    select: Block = {
        "type": "static_select",
        "action_id": RECENT,
        "placeholder": words("Choose one of them"),
        "options": [option(plain(_name(place), 75), place_value(place)) for place in choices.recent],
    }
    block = section("*Where you copied last*", block_for(RECENT, draft.form) + f":{draft.form.filled}")
    return [{**block, "accessory": select}]


def route_field(form: Form, choices: Choices) -> list[Block]:
    """The routes of the configuration, where it has some."""
    if not choices.routes:
        return []
    none = option("No route", NO_ROUTE, "Choose account, Region and vault below")
    options = [none, *(_route_option(route, choices.accounts) for route in choices.routes[:MOST_ROUTES])]
    initial = next((one for one in options if one["value"] == form.route), none)
    select: Block = {
        "type": "static_select",
        "action_id": ROUTE,
        "placeholder": words("Choose a route"),
        "options": options,
        "initial_option": initial,
    }
    return [field(block_for(ROUTE, form), "Route", select, dispatch=True)]


def route_blocks(form: Form, route: Route, names: Names) -> list[Block]:
    """What the chosen route does."""
    lines = [f"{number}. {hop_line(hop, names, 'on the next page')}" for number, hop in enumerate(route.hops, start=1)]
    blocks = [section("\n".join([f"*{escape(route.name)}* copies in {_hops(len(lines))}:", *lines]))]
    if form.others:
        blocks.append(context("A route goes alone: the destinations that you added before are left out."))
    return blocks


def hop_line(hop: Hop, names: Names, where: str) -> str:
    """A hop with how long it keeps (mrkdwn); `where`: the person still has to say it there."""
    kept = f"kept {_days(hop.keep.days)}" if hop.keep and hop.keep.days else f"kept as you choose {where}"
    then = f", then {_days(hop.then_days)} once the last copy is seen" if hop.then_days else ""
    return f"{names.place(hop.vault)}: {kept}{then}"


def _listed(number: int, place: Place, chosen: Chosen, accounts: Sequence[Account]) -> Block:
    where = f"{number}. {escape(plain(place.account, 75))} · {place.region} · {code(place.vault)}"
    new = " (new vault)" if place.new else ""
    account = next((one.id for one in accounts if one.alias == place.account), "")
    source = chosen.point.point.vault if chosen.point else None
    kind = f"\n{kind_of(source, VaultRef(account, place.region, place.vault))}" if source and account else ""
    remove = button(DROP_PLACE, "Remove", place_value(place), spoken=f"Remove {_name(place)}")
    return {**section(f"{where}{new}{kind}"), "accessory": remove}


def _name(place: Place) -> str:
    return f"{place.account} · {place.region} · {place.vault}"


def _route_option(route: Route, accounts: Sequence[Account]) -> Block:
    aliases = {account.id: account.alias for account in accounts}
    hops = [
        f"{aliases.get(hop.vault.account, hop.vault.account)}/{hop.vault.region}/{hop.vault.name}" for hop in route.hops
    ]
    return option(plain(f"{route.name}: {' → '.join(hops)}", 75), route.name, plain(_hops(len(hops)), 75))


def _hops(number: int) -> str:
    return "one hop" if number == 1 else f"{number} hops, one after the other"


def _days(number: int | None) -> str:
    return "1 day" if number == 1 else f"{number or 0:,} days"
