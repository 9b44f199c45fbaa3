"""From Slack's payload to the form of a draft. Nothing is believed but ids; what they mean is looked up."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.drafts import Form, Page, Place
from bot.slack.ids import (
    ACCOUNT,
    BACKUP,
    COLD,
    DAYS,
    KEEP,
    KEY_ARN,
    NEW_VAULT,
    REASON,
    REGION,
    ROUTE,
    TABLE,
    UNTIL,
    VAULT,
)

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]

# The block by which a page with fields is known.
PAGE_OF = {TABLE: Page.BACKUP, ROUTE: Page.DESTINATION, ACCOUNT: Page.DESTINATION, REASON: Page.RETENTION}
# The option by which somebody says that no route is meant; no route can be called so.
NO_ROUTE = "-"
# On which choices a field hangs, so that its block is another one as soon as they change.
PARENTS: Mapping[str, tuple[str, ...]] = {
    BACKUP: ("table_key",),
    REGION: ("account",),
    VAULT: ("account", "region"),
    NEW_VAULT: ("account", "region"),
    KEY_ARN: ("account", "region"),
}
# The fields into which the bot itself may put a value that stands in the place of what a person chose.
FILLED = frozenset({ROUTE, ACCOUNT, REGION, VAULT, NEW_VAULT, KEY_ARN, KEEP, DAYS, UNTIL, COLD})


def block_of(action: str, *parents: str) -> str:
    """A block id that changes with the choice it hangs on, so that Slack drops what was chosen before."""
    return ":".join((action, *parents))


def block_for(field: str, form: Form) -> str:
    """The block of a field, on which its error is shown.

    It carries a counter once the bot has put values into fields: Slack would go on showing what was there before.
    """
    parents = [str(getattr(form, parent)) for parent in PARENTS.get(field, ())]
    count = [f"f{form.filled}"] if form.filled and field in FILLED else []
    return block_of(field, *parents, *count)


def read(view: Mapping[str, Any], form: Form) -> Form:
    """The draft's form with what the view on the screen holds; fields that are not on it stay.

    The page is the one on the screen: a submission that is delivered twice turns one page, not two.
    """
    values: Values = (view.get("state") or {}).get("values") or {}
    names = {block.partition(":")[0] for block in values}
    form = replace(form, page=next((page for block, page in PAGE_OF.items() if block in names), form.page))
    form = replace(form, table_key=_choice(values, TABLE, form, form.table_key))
    form = replace(form, point_key=_choice(values, BACKUP, form, form.point_key))
    route = _choice(values, ROUTE, form, form.route)
    form = replace(form, route="" if route == NO_ROUTE else route)
    form = replace(form, account=_choice(values, ACCOUNT, form, form.account))
    form = replace(form, region=_choice(values, REGION, form, form.region))
    return replace(
        form,
        vault=_choice(values, VAULT, form, form.vault),
        new_vault=_typed(values, NEW_VAULT, form, form.new_vault),
        key_arn=_typed(values, KEY_ARN, form, form.key_arn),
        keep=_choice(values, KEEP, form, form.keep),
        days=_typed(values, DAYS, form, form.days),
        until=_dated(values, UNTIL, form, form.until),
        cold=_typed(values, COLD, form, form.cold),
        reason=_typed(values, REASON, form, form.reason),
    )


def place_value(place: Place) -> str:
    """How a button or an option names a destination."""
    return "/".join(place.where)


def where_of(value: str) -> tuple[str, ...]:
    """Account, Region and vault of such a name; nothing for the destination in hand."""
    return tuple(value.split("/", 2)) if value else ()


def _element(values: Values, field: str, form: Form) -> Mapping[str, Any] | None:
    return values.get(block_for(field, form), {}).get(field)


def _choice(values: Values, field: str, form: Form, otherwise: str) -> str:
    element = _element(values, field, form)
    if element is None:
        return otherwise
    # What no option of ours is called names nothing, and could not even be looked for in every database.
    value = str((element.get("selected_option") or {}).get("value") or "")
    return value if value.isprintable() else ""


def _typed(values: Values, field: str, form: Form, otherwise: str) -> str:
    element = _element(values, field, form)
    return otherwise if element is None else str(element.get("value") or "")


def _dated(values: Values, field: str, form: Form, otherwise: str) -> str:
    element = _element(values, field, form)
    return otherwise if element is None else str(element.get("selected_date") or "")
