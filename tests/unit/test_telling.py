"""What a step keeps of its look for the question in the thread: what nobody can take back, with until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.backups import Vault
from bot.domain.irreversible import AIR_GAPPED, CENTURY, LOCKED
from bot.domain.params import CopyParams
from bot.domain.preflight import Finding, Level
from bot.domain.retention import Keep
from bot.domain.steps import TOLD
from bot.workflows.steps.work import Look
from bot.workflows.telling import shown_of
from tests.unit.builders import a_vault, an_air_gapped_vault, some_params
from tests.unit.fakes import NOW

DAYS_30 = some_params(keep=Keep.DAYS, days=30)
HUNDRED_YEARS = some_params(keep=Keep.CENTURY)
MADE = DAYS_30.point.created_at
COMPLIANCE = replace(a_vault(), locked=True, lock_date=NOW + timedelta(days=3))
GOVERNANCE = replace(a_vault(), locked=True)


def told(params: CopyParams, vault: Vault | None, *findings: Finding) -> dict[str, object]:
    kept = shown_of(Look(params, findings, {"cost": "as before"}, vault))
    assert kept["cost"] == "as before"
    said = kept[TOLD]
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize(
    ("params", "vault", "why", "days"),
    [
        (DAYS_30, COMPLIANCE, LOCKED, 30),
        (DAYS_30, an_air_gapped_vault(), AIR_GAPPED, 30),
        (HUNDRED_YEARS, a_vault(), CENTURY, 36_500),
        (HUNDRED_YEARS, COMPLIANCE, LOCKED, 36_500),
    ],
)
def test_what_cannot_be_taken_back_is_kept_with_its_end(params: CopyParams, vault: Vault, why: str, days: int) -> None:
    until = int((MADE + timedelta(days=days)).timestamp())

    assert told(params, vault)["irreversible"] == {"why": why, "until": until, "days": None}


@pytest.mark.parametrize("vault", [None, a_vault(), GOVERNANCE])
def test_what_can_be_taken_back_is_not_said_to_be_final(vault: Vault | None) -> None:
    assert told(DAYS_30, vault)["irreversible"] is None


def test_findings_are_kept_but_for_what_is_fine() -> None:
    found = (Finding("a", Level.PASS, "Fine."), Finding("b", Level.UNSEEN, "Dark."), Finding("c", Level.FAIL, "No."))

    assert told(DAYS_30, a_vault(), *found)["findings"] == [["UNSEEN", "Dark."], ["FAIL", "No."]]
