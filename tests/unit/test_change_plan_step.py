"""The step that changes a backup plan: read just before it is written, written once, and read back."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.backup_plans import BackupPlan, Change, Document, PlanHead, changed, copy_to
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.errors import BackupsRefused, BackupsUnreachable
from bot.domain.params import ChangePlanParams
from bot.domain.preflight import Level
from bot.domain.steps import StepState
from bot.workflows.steps.change_plan import AGAIN, PLAN_CHANGED, REMEDY, SEE, ChangePlanStep
from bot.workflows.steps.work import Stage
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import BACKUP, BEN, COPIES
from tests.unit.fakes import NOW
from tests.unit.table_builders import DOCUMENT, PLAN, changing_plan, step_of

OLD = VaultRef(BACKUP, "eu-west-1", "old")
Edit = Callable[[dict[str, Any]], None]


@dataclass
class FakePlans:
    """Fulfils the port `BackupPlans` with one plan; `distort` is what AWS makes of a document that is written."""

    document: Document = field(default_factory=lambda: deepcopy(DOCUMENT))
    number: int = 1
    lose_next: bool = False
    distort: Edit | None = None

    def plans(self, account: str, region: str) -> tuple[PlanHead, ...]:
        return (PLAN,)

    def plan(self, head: PlanHead) -> BackupPlan:
        return BackupPlan(head, f"version-{self.number}", deepcopy(self.document))

    def update(self, head: PlanHead, document: Document, *, request_id: str, approved_by: str) -> str:
        self.save(document)
        if self.lose_next:
            self.lose_next = False
            raise BackupsUnreachable("The answer was lost.")
        return f"version-{self.number}"

    def save(self, document: Document) -> None:
        written = deepcopy(dict(document))
        if self.distort is not None:
            self.distort(written)
        self.document, self.number = written, self.number + 1

    def by_somebody(self, edit: Edit) -> None:
        """Somebody else changes the plan."""
        document = deepcopy(dict(self.document))
        edit(document)
        self.save(document)


@dataclass
class Scene:
    plans: FakePlans = field(default_factory=FakePlans)
    backups: FakeBackups = field(default_factory=FakeBackups)

    def __post_init__(self) -> None:
        self.backups.add_vault(COPIES)
        self.backups.add_vault(OLD)

    @property
    def step(self) -> ChangePlanStep:
        return ChangePlanStep(self.plans, self.backups)

    def begin(self, params: ChangePlanParams) -> None:
        self.step.start(step_of(params, state=StepState.STARTING), BEN.user_id)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def at_seven(document: dict[str, Any]) -> None:
    document["Rules"][0]["ScheduleExpression"] = "cron(0 7 ? * * *)"


def without_copies(document: dict[str, Any]) -> None:
    document["Rules"][0]["CopyActions"] = []


def kept_shorter(document: dict[str, Any]) -> None:
    for action in document["Rules"][0]["CopyActions"]:
        action["Lifecycle"] = {"DeleteAfterDays": 7}


def with_the_old_copy(document: dict[str, Any]) -> None:
    document["Rules"][0]["CopyActions"] = deepcopy(DOCUMENT["Rules"][0]["CopyActions"])  # type: ignore[index]


def test_a_plan_that_moves_between_look_and_start_is_not_written(scene: Scene) -> None:
    look = scene.step.look(changing_plan(), NOW)
    assert not [finding for finding in look.findings if finding.level is Level.FAIL]
    scene.plans.by_somebody(at_seven)
    theirs = scene.plans.plan(PLAN)

    with pytest.raises(BackupsRefused, match="Somebody has changed the backup plan nightly since people saw it") as no:
        scene.begin(changing_plan())

    assert "ScheduleExpression was cron(0 5 ? * * *) and is cron(0 7 ? * * *)" in no.value.message
    assert no.value.code == PLAN_CHANGED
    assert scene.plans.plan(PLAN) == theirs
    failure = scene.step.failure(no.value, changing_plan())
    assert (failure.category, failure.remedy) == (PLAN_CHANGED, AGAIN)


def test_a_plan_that_was_saved_again_without_a_difference_is_not_written_either(scene: Scene) -> None:
    scene.plans.by_somebody(lambda document: None)

    with pytest.raises(BackupsRefused, match="it was saved again without a difference"):
        scene.begin(changing_plan())

    assert scene.plans.number == 2


def test_what_aws_refuses_is_mended_and_tried_again(scene: Scene) -> None:
    refusal = BackupsRefused("The rule is not valid.", code="InvalidParameterValueException")

    assert scene.step.failure(refusal, changing_plan()).remedy == REMEDY


def test_a_write_whose_answer_was_lost_is_not_repeated(scene: Scene) -> None:
    scene.plans.lose_next = True
    with pytest.raises(BackupsUnreachable):
        scene.begin(changing_plan())

    scene.begin(changing_plan())

    assert scene.plans.number == 2
    assert scene.step.poll(step_of(changing_plan()), NOW).stage is Stage.DONE


CHANGES = {
    "added": changing_plan(),
    "added for as long as the backup": changing_plan(lifecycle=Lifecycle()),
    "kept differently": changing_plan(Change.CHANGE, destination=OLD),
    "removed": changing_plan(Change.REMOVE, destination=OLD),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_reads_back_as_written_is_done(scene: Scene, name: str) -> None:
    params = CHANGES[name]
    scene.begin(params)

    progress = scene.step.poll(step_of(params), NOW)

    assert (progress.stage, progress.facts["version"]) == (Stage.DONE, "version-2")
    assert scene.plans.document == changed(
        DOCUMENT, "daily", params.change, params.destination.arn, params.lifecycle
    )  # fmt: skip
    weekly = scene.plans.plan(PLAN).rule("weekly") or {}
    assert (copy_to(weekly, OLD.arn) or {})["Lifecycle"] == {"DeleteAfterDays": 90}


@pytest.mark.parametrize(
    ("name", "distort", "words"),
    [
        ("added", without_copies, f"its copy to {COPIES.arn} is gone"),
        ("added", kept_shorter, f"its copy to {COPIES.arn} was changed"),
        ("added for as long as the backup", kept_shorter, f"its copy to {COPIES.arn} was changed"),
        ("kept differently", kept_shorter, f"its copy to {OLD.arn} was changed"),
        ("kept differently", without_copies, f"its copy to {OLD.arn} is gone"),
        ("removed", with_the_old_copy, f"it copies to {OLD.arn} now"),
    ],
)
def test_a_plan_that_reads_back_differently_has_failed(scene: Scene, name: str, distort: Edit, words: str) -> None:
    params = CHANGES[name]
    scene.plans.distort = distort
    scene.begin(params)

    progress = scene.step.poll(step_of(params), NOW)

    assert progress.stage is Stage.FAILED
    assert progress.failure is not None
    assert progress.failure.message.startswith("Read back, the plan is not as written: ")
    assert words in progress.failure.message
    assert (progress.failure.category, progress.failure.remedy) == (PLAN_CHANGED, SEE)
