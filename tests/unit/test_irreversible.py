"""What nobody can take back: an air-gapped vault, a lock that nobody can take off, 36,500 days; and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.aws import parse
from bot.domain.backups import Lifecycle, Vault
from bot.domain.irreversible import irreversible
from bot.domain.params import BackUpParams, EnableAdvancedParams
from bot.domain.plans import Leg, plan_for_chains
from bot.domain.retention import Keep, Retention
from bot.workflows.preflight import shown
from tests.unit.builders import ACCOUNTS, COPIES, a_point, a_vault, an_air_gapped_vault, some_params
from tests.unit.fakes import NOW

GOVERNED = a_vault(least=7)
COMPLIANT = replace(GOVERNED, lock_date=NOW - timedelta(days=30))
IN_GRACE = replace(GOVERNED, lock_date=NOW + timedelta(days=2))


@pytest.mark.parametrize(
    ("vault", "why"),
    [
        (None, None),
        (a_vault(), None),
        (GOVERNED, None),
        (COMPLIANT, "locked"),
        (IN_GRACE, "locked"),
        (replace(COMPLIANT, locked=False), None),
        (an_air_gapped_vault(), "air-gapped"),
    ],
)
def test_only_what_nobody_can_delete_is_irreversible(vault: Vault | None, why: str | None) -> None:
    found = irreversible(some_params(days=90), vault)

    assert (found.why if found else None) == why
    if found:
        assert found.until == a_point().created_at + timedelta(days=90)


def test_a_century_is_irreversible_even_in_an_open_vault() -> None:
    found = irreversible(some_params(keep=Keep.CENTURY), a_vault())

    assert found is not None
    assert (found.why, found.until) == ("century", a_point().created_at + timedelta(days=36_500))


def test_a_century_at_the_end_of_a_route_has_its_date_too() -> None:
    route = (Leg(COPIES, Retention(Keep.DAYS, 30)), Leg(replace(COPIES, name="dr"), Retention(Keep.CENTURY)))
    _, last = plan_for_chains(a_point(), (route,), ACCOUNTS)

    found = irreversible(last.params, a_vault())

    assert found is not None
    assert (found.why, found.until) == ("century", a_point().created_at + timedelta(days=36_500))


@pytest.mark.parametrize(("days", "why"), [(None, "for-good"), (36_500, "century"), (35, None)])
def test_a_new_backup_without_an_end_is_told_as_a_source_that_loses_its_end(days: int | None, why: str | None) -> None:
    back_up = BackUpParams(a_point().table_arn, COPIES, "arn:aws:iam::111111111111:role/Copy", Lifecycle(days))

    found = irreversible(back_up, a_vault())

    assert (found.why if found else None) == why


def test_a_century_in_a_locked_vault_is_first_of_all_locked() -> None:
    found = irreversible(some_params(keep=Keep.CENTURY), COMPLIANT)

    assert found is not None
    assert found.why == "locked"


def test_a_backup_that_is_not_made_yet_counts_its_days() -> None:
    back_up = BackUpParams(a_point().table_arn, COPIES, "arn:aws:iam::111111111111:role/Copy", Lifecycle(35))

    found = irreversible(back_up, COMPLIANT)

    assert found is not None
    assert (found.why, found.until, found.days) == ("locked", None, 35)


def test_what_puts_nothing_into_the_vault_can_be_undone() -> None:
    assert irreversible(EnableAdvancedParams("111111111111", "eu-west-1", "orders"), COMPLIANT) is None


def test_a_lock_that_became_a_compliance_lock_is_another_vault_to_who_approved() -> None:
    params = some_params()

    before, now = (shown(params, vault, (), {}) for vault in (GOVERNED, COMPLIANT))

    assert before["vault"] != now["vault"]


@pytest.mark.parametrize(("date", "read"), [({}, None), ({"LockDate": NOW}, NOW)])
def test_the_date_of_a_lock_is_read_as_aws_tells_it(date: dict[str, object], read: object) -> None:
    told = {"BackupVaultName": "copies", "Locked": True, "MinRetentionDays": 7, **date}

    vault = parse.vault(told, COPIES.account, COPIES.region)

    assert vault is not None
    assert (vault.locked, vault.lock_date) == (True, read)
