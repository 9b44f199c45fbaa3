"""Mending a form by a button of the review: what stands in the way becomes another choice, and is looked at again."""

from dataclasses import replace

from bot.domain.backups import VaultRef
from bot.domain.drafts import Form, Page
from bot.domain.retention import Keep


def copy_again(form: Form) -> Form:
    """Copy once more on purpose, although a copy is there or under way."""
    return replace(form, again=True)


def back_up_first(form: Form) -> Form:
    """Make a new backup and copy that one, since the chosen one cannot be copied as it is."""
    return replace(form, backup_first=True, filled=form.filled + 1)


def turn_on(form: Form, account: str, region: str) -> Form:
    """Turn DynamoDB's advanced features on in this place (account id, Region), as the first step of the plan."""
    return replace(form, turned_on=tuple(dict.fromkeys((*form.turned_on, (account, region)))))


def other_vault(form: Form, alias: str, vault: VaultRef, key_arn: str) -> Form:
    """Make a vault with this key ("": none is known) beside one that cannot take the copy; its name is typed next."""
    known = (alias, vault.region, vault.name)
    if known not in (place.where for place in form.places):
        return form
    others = tuple(place for place in form.places if place.where != known)
    return replace(
        form,
        others=others,
        account=alias,
        region=vault.region,
        vault="",
        new_vault="",
        making=True,
        key_arn=key_arn,
        page=Page.DESTINATION,
        problems=(),
        filled=form.filled + 1,
    )


def keep_days(form: Form, days: int) -> Form:
    """Keep the copies so many days, counted from the backup's creation."""
    return replace(form, keep=Keep.DAYS, days=str(days), until="", filled=form.filled + 1)


def make_vault(form: Form, alias: str, vault: VaultRef, key_arn: str, *, needs_key: bool) -> Form:
    """Make a destination's vault on the way, with this key ("": the account's own).

    Where another account's copies need a key and none is known, the page where one is typed comes next.
    """
    page = Page.DESTINATION if needs_key and not key_arn else form.page
    known = (alias, vault.region, vault.name)
    others = tuple(
        replace(place, new=True, key_arn=key_arn) if place.where == known else place for place in form.others
    )
    if (form.account, form.region, form.vault) != known:
        return replace(form, others=others, page=page)
    return replace(
        form, vault="", new_vault=vault.name, making=True, key_arn=key_arn, page=page, filled=form.filled + 1
    )
