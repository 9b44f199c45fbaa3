"""The first page's buttons, pressed twice, late, and when nothing is left to press them for."""

from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.drafts import Draft, Form, Page
from bot.domain.errors import BadInput
from commands.copy_backup.first_page import back_up_first, refresh, show_obstacle
from commands.desk import Desk
from tests.unit.builders import ANNA, MADE, MAIN
from tests.unit.fakes import FakeOutlet, ManualClock
from tests.unit.slack_client import ScriptedClient
from tests.unit.walk_scene import WalkScene, make_desk, make_walk_scene


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


@pytest.fixture
def desk(scene: WalkScene) -> Desk:
    return make_desk(scene, FakeOutlet())


def slack(updates: int) -> ScriptedClient:
    """A Slack that takes so many updates of the view."""
    return ScriptedClient([{"ok": True, "view": {"id": "V1", "hash": f"h{number}"}} for number in range(updates)])


def chosen(scene: WalkScene, **point: object) -> Draft:
    """A draft on the first page, with a backup of this kind."""
    made = scene.backups.add_point(MAIN, "orders", created_at=MADE + timedelta(hours=1), **point)  # type: ignore[arg-type]
    scene.inventory.refresh()
    key = next(entry.key for entry in scene.inventory.points(scene.table_key) if entry.point.arn == made.arn)
    return scene.begin(Form(table_key=scene.table_key, point_key=key))


def test_a_button_that_is_delivered_twice_turns_one_page(scene: WalkScene, desk: Desk) -> None:
    draft = chosen(scene, advanced=False)
    client = slack(2)

    for _ in range(2):
        back_up_first(client, desk, draft, None)

    assert (scene.draft().form.page, scene.draft().form.backup_first) == (Page.DESTINATION, True)


def test_a_button_that_comes_late_takes_nobody_back(scene: WalkScene, desk: Desk) -> None:
    draft = chosen(scene, advanced=False)
    back_up_first(slack(1), desk, draft, None)
    scene.walk.keep("draft-1", ANNA.user_id, scene.whole_form(page=Page.RETENTION))

    back_up_first(slack(1), desk, scene.draft(), None)

    assert scene.draft().form.page is Page.RETENTION


def test_a_backup_that_is_gone_cannot_be_made_anew(scene: WalkScene, desk: Desk) -> None:
    draft = scene.begin(Form(table_key=scene.table_key, point_key="gone"))

    with pytest.raises(BadInput, match="not there any more"):
        back_up_first(slack(0), desk, draft, None)


def test_whoever_presses_twice_has_aws_read_once(scene: WalkScene, desk: Desk) -> None:
    draft, before = scene.begin(), len(scene.backups.calls)
    scene.clock.pass_(minutes=4)

    for _ in range(2):
        refresh(slack(2), desk, draft, None)
        scene.clock.pass_(seconds=1)

    assert len(scene.backups.calls) == before + 3


def test_a_page_that_was_left_is_not_read_for(scene: WalkScene, desk: Desk) -> None:
    draft = scene.begin(scene.whole_form())
    scene.clock.pass_(minutes=4)
    client, before = slack(0), len(scene.backups.calls)

    refresh(client, desk, draft, None)

    assert (client.asked, len(scene.backups.calls)) == ([], before)


@pytest.mark.parametrize(
    ("point", "told", "shown"),
    [
        ({}, False, 0),
        ({}, True, 1),
        ({"advanced": False}, False, 1),
        ({"status": "PARTIAL"}, False, 1),
    ],
)
def test_the_page_is_shown_anew_only_where_there_is_something_to_tell(
    scene: WalkScene, desk: Desk, point: dict[str, object], told: bool, shown: int
) -> None:
    draft, client = chosen(scene, **point), slack(1)
    blocks = [{"type": "section", "block_id": "obstacle"}] if told else []

    show_obstacle(client, desk, draft, {"blocks": blocks, "hash": None})

    assert len(client.asked) == shown
