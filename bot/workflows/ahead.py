"""What was typed for fields that stand below a wrong word: used, where it is there, once that word is put right."""

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.domain.backups import Account
from bot.domain.drafts import Form
from bot.domain.wishes import named_among, no_region, no_vault

Vaults = Callable[[str, str], Collection[str]]
"""The names of all vaults of an account (its id) and a Region."""


def with_region(form: Form, account: Account | None) -> Form:
    """The Region as typed ahead where the account has it, the only one where there is no other; else none."""
    if account is None or form.region in account.regions:
        return form
    if len(account.regions) == 1:
        return replace(form, region=account.regions[0])
    if not form.region:
        return form
    return _refused(replace(form, region=""), "region", no_region(form.region, account.alias, account.regions))


def with_vault(before: Form, form: Form, account: Account | None, vaults: Vaults) -> Form:
    """The vault as typed ahead where it is there, now that its account and Region are chosen; else none."""
    was_ahead = bool(before.vault) and not (before.account and before.region)
    if not was_ahead or form.vault != before.vault or form.making or account is None or not form.region:
        return form
    known = vaults(account.id, form.region)
    found = named_among(form.vault, known)
    where = f"{account.alias} · {form.region}"
    return (
        replace(form, vault=found)
        if found
        else _refused(replace(form, vault=""), "vault", no_vault(form.vault, where, known))
    )


def _refused(form: Form, field: str, sentence: str) -> Form:
    others = tuple(one for one in form.problems if one[0] != field)
    return replace(form, problems=(*others, (field, sentence)))
