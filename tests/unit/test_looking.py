"""Looking at a whole plan: every look is under way at once, and what was asked of AWS is asked once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

import pytest

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.errors import BackupsThrottled
from bot.domain.params import Params, SetRetentionParams, StepKind
from bot.workflows.looking import begin_looking
from bot.workflows.steps.copy import CopyStep
from bot.workflows.steps.work import Look, StepWork
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import ACCOUNTS, COPIES, PROD, a_point, a_vault, some_params
from tests.unit.fakes import NOW

LONG = 20.0


@dataclass
class Meeting:
    """A kind of step whose looks end only when two of them are under way."""

    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=LONG))

    def look(self, params: Params, now: datetime) -> Look:
        self.barrier.wait()
        return Look(params, (), {})


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_looks_without_parts_are_made_side_by_side(pool: ThreadPoolExecutor) -> None:
    works = {StepKind.SET_RETENTION: cast("StepWork", Meeting())}
    plan = [SetRetentionParams(a_point(table), Lifecycle(90)) for table in ("orders", "users")]

    looking = begin_looking(plan, works, NOW, pool)

    assert [look.params for look in looking.first()] == plan
    assert looking.whole() == looking.first()
    assert looking.missing == ()


@pytest.mark.parametrize("is_pooled", [False, True])
def test_an_aws_that_is_silent_is_told_by_who_asks(pool: ThreadPoolExecutor, is_pooled: bool) -> None:
    class Silent:
        def look(self, params: Params, now: datetime) -> Look:
            raise BackupsThrottled("Rate exceeded.", code="ThrottlingException")

    works = {StepKind.SET_RETENTION: cast("StepWork", Silent())}
    plan = [SetRetentionParams(a_point(), Lifecycle(90))]

    looking = begin_looking(plan, works, NOW, pool if is_pooled else None)

    with pytest.raises(BackupsThrottled):
        looking.first()


def test_the_vault_of_the_step_before_is_asked_for_once() -> None:
    backups = FakeBackups(ACCOUNTS)
    backups.add_vault(a_vault(COPIES))
    way = VaultRef(PROD, "us-west-2", "way")
    params = replace(some_params(), point=replace(a_point(vault=way), arn=""), point_from_before=True)

    looking = begin_looking([params], {StepKind.COPY: CopyStep(backups)}, NOW)

    assert looking.first() == looking.whole()
    assert backups.calls.count(("vaults", PROD)) == 1
