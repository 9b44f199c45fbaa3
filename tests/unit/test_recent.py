"""Where a person sent copies before is offered first: what was sent, not what was chosen, and only what is there."""

import pytest

from bot.domain.backups import VaultRef
from bot.domain.books import Store
from bot.domain.drafts import Form, Place
from bot.workflows.recent import MOST_RECENT
from tests.unit.builders import ANNA, BACKUP, BEN, COPIES, PROD
from tests.unit.fakes import ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene

OURS = Place("backup", "eu-west-1", "copies")


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def recent(scene: WalkScene, user_id: str = ANNA.user_id) -> tuple[Place, ...]:
    return scene.walk.choices(Form(), user_id).recent


def sent(scene: WalkScene, draft_id: str = "draft-1", **changes: object) -> None:
    scene.begin(scene.whole_form(**changes), draft_id)
    assert scene.sending.claim(draft_id, ANNA.user_id)
    scene.sending.send(draft_id)


def used(scene: WalkScene, *vaults: VaultRef) -> None:
    with scene.store.begin() as tx:
        tx.destinations.used(ANNA.user_id, vaults, scene.clock.now())


def test_what_was_sent_is_offered_to_who_sent_it(scene: WalkScene) -> None:
    sent(scene)

    assert (recent(scene), recent(scene, BEN.user_id)) == ((OURS,), ())


def test_what_was_only_chosen_is_not_offered(scene: WalkScene) -> None:
    scene.begin(scene.whole_form())

    assert recent(scene) == ()


def test_the_last_one_comes_first(scene: WalkScene) -> None:
    used(scene, VaultRef(PROD, "us-east-1", "main"))
    scene.clock.pass_(minutes=1)
    sent(scene)

    assert recent(scene) == (OURS, Place("prod", "us-east-1", "main"))


@pytest.mark.parametrize(
    "gone",
    [
        VaultRef("999999999999", "eu-west-1", "copies"),
        VaultRef(BACKUP, "ap-south-1", "copies"),
        VaultRef(BACKUP, "eu-west-1", "dropped"),
    ],
)
def test_what_is_configured_no_more_or_gone_is_not_offered(scene: WalkScene, gone: VaultRef) -> None:
    used(scene, gone, COPIES)

    assert recent(scene) == (OURS,)


def test_a_vault_of_an_area_that_was_never_read_is_offered(scene: WalkScene) -> None:
    used(scene, VaultRef(PROD, "eu-west-1", "unread"))

    assert recent(scene) == (Place("prod", "eu-west-1", "unread"),)


def test_so_many_are_offered_and_no_more(scene: WalkScene) -> None:
    used(scene, *(VaultRef(PROD, "eu-west-1", f"vault-{number}") for number in range(9)))

    assert len(recent(scene)) == MOST_RECENT
