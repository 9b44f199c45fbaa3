"""From Slack's payload to the form of a draft. Nothing is believed but ids; what they mean is looked up."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.drafts import Form, Page
from bot.slack.ids import ACCOUNT, BACKUP, DAYS, KEEP, REASON, REGION, TABLE, VAULT

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


# The block by which a page with fields is known.
PAGE_OF = {TABLE: Page.BACKUP, ACCOUNT: Page.DESTINATION, REASON: Page.RETENTION}


def block_of(action: str, *parents: str) -> str:
    """A block id that changes with the choice it hangs on, so that Slack drops what was chosen before."""
    return ":".join((action, *parents))


def read(view: Mapping[str, Any], form: Form) -> Form:
    """The draft's form with what the view on the screen holds; fields that are not on it stay.

    The page is the one on the screen: a submission that is delivered twice turns one page, not two.
    """
    values: Values = (view.get("state") or {}).get("values") or {}
    form = replace(form, page=next((page for block, page in PAGE_OF.items() if block in values), form.page))
    form = replace(form, table_key=_choice(values, TABLE, TABLE, form.table_key))
    form = replace(form, point_key=_choice(values, block_of(BACKUP, form.table_key), BACKUP, form.point_key))
    form = replace(form, account=_choice(values, ACCOUNT, ACCOUNT, form.account))
    form = replace(form, region=_choice(values, block_of(REGION, form.account), REGION, form.region))
    vault = block_of(VAULT, form.account, form.region)
    return replace(
        form,
        vault=_choice(values, vault, VAULT, form.vault),
        keep=_choice(values, KEEP, KEEP, form.keep),
        days=_typed(values, DAYS, form.days),
        reason=_typed(values, REASON, form.reason),
    )


def block_for(field: str, form: Form) -> str:
    """The block on which an error about a field is shown."""
    return {
        BACKUP: block_of(BACKUP, form.table_key),
        REGION: block_of(REGION, form.account),
        VAULT: block_of(VAULT, form.account, form.region),
    }.get(field, field)


def _choice(values: Values, block: str, action: str, otherwise: str) -> str:
    element = values.get(block, {}).get(action)
    if element is None:
        return otherwise
    option = element.get("selected_option") or {}
    return str(option.get("value") or "")


def _typed(values: Values, action: str, otherwise: str) -> str:
    element = values.get(action, {}).get(action)
    return otherwise if element is None else str(element.get("value") or "")
