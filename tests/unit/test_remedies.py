"""The review's buttons that mend: what a press changes of the form, once, whatever was chosen and typed before."""

from typing import Any

import pytest

from bot.domain.books import Store
from bot.domain.retention import Keep
from bot.slack.ids import KEEP_DAYS, WALK
from commands.copy_backup.remedies import Remedies
from tests.unit.builders import ANNA
from tests.unit.fakes import FakeOutlet, ManualClock
from tests.unit.walk_scene import WalkScene, make_desk, make_walk_scene


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def press(scene: WalkScene, action: str, value: str) -> None:
    """Anna presses a button of the review that is on her screen."""
    view = {"id": "V1", "hash": "h1", "callback_id": WALK, "private_metadata": "draft-1"}
    body: dict[str, Any] = {
        "user": {"id": ANNA.user_id},
        "view": view,
        "actions": [{"action_id": action, "value": value}],
    }
    acknowledged: list[str] = []
    Remedies(make_desk(scene, FakeOutlet())).press(lambda: acknowledged.append("yes"), body)
    assert acknowledged == ["yes"]


def test_days_that_were_typed_before_another_choice_are_taken_by_the_button(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(keep=Keep.CENTURY, days="35"))

    press(scene, KEEP_DAYS, "35")

    assert (scene.draft().form.keep, scene.draft().form.days) == (Keep.DAYS, "35")


def test_days_that_are_taken_twice_change_nothing_more(scene: WalkScene) -> None:
    scene.begin(scene.whole_form(keep=Keep.CENTURY, days="35"))
    press(scene, KEEP_DAYS, "35")
    once = scene.draft()

    press(scene, KEEP_DAYS, "35")

    assert scene.draft() == once


@pytest.mark.parametrize(("action", "value"), [(KEEP_DAYS, "soon"), ("review.of_long_ago", "1")])
def test_a_button_that_says_nothing_known_leaves_the_form_to_the_look(
    scene: WalkScene, action: str, value: str
) -> None:
    scene.begin(scene.whole_form(keep=Keep.CENTURY, days="35"))
    before = scene.draft()

    press(scene, action, value)

    assert scene.draft() == before
