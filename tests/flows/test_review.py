"""The review: first what is known soon, then all of it; what stands in the way, and the buttons that mend it."""

from collections.abc import Iterator

import pytest

from bot.domain.drafts import Page
from bot.sandbox.aws.faults import Fault, Faults
from bot.sandbox.worlds import LocalWorlds
from tests.flows.team import Team
from tests.flows.walk import Walk


@pytest.fixture
def faults(worlds: LocalWorlds) -> Iterator[Faults]:
    yield worlds.aws.world.faults
    worlds.aws.world.faults.clear()


def slow_keys(faults: Faults) -> Fault:
    """What a look needs first is quick, the keys are slow."""
    return faults.slow("kms:*", seconds=30)


def to_first_part(team: Team) -> Walk:
    """Walk on to the review, as far as it can be seen while the keys are not there."""
    walk = team.walk().open("orders").backup().next().destination().next()
    return walk.keep("As the source").why("needed").next().reads("Still looking at")


def test_what_is_known_soon_stands_there_while_the_rest_is_on_its_way(bot_over: Team) -> None:
    slow = slow_keys(bot_over.worlds.aws.world.faults)

    walk = to_first_part(bot_over)

    for words in ("dr-vault", "Estimated cost", "2 people can give one", "The backup is complete", "keys"):
        assert words in walk.text
    assert walk.view.submit_text is None
    slow.lift()
    walk.reads("Nothing stands in the way")
    assert "Still looking" not in walk.text
    assert walk.view.submit_text == "Send request"


def test_nothing_is_sent_before_everything_is_seen(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    with pytest.raises(Exception, match="submit"):
        walk.person.submit()

    slow.lift()
    walk.reviewed().send()
    walk.reads("is sent")


def test_a_late_second_part_covers_no_page_that_was_turned_meanwhile(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    walk.back()
    slow.lift()
    walk.next().reviewed()

    updates = team.worlds.slack.traffic.calls("views.update")
    assert walk.view.submit_text == "Send request"
    assert [call for call in updates if call.answer.get("error") not in (None, "hash_conflict")] == []


def test_a_late_second_part_leaves_the_page_that_one_went_back_to(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team).back()
    seen = walk.view.hash

    slow.lift()
    team.wait(lambda: team.aws_calls("GetKeyPolicy"), "the keys to be read")
    team.house.stop()

    assert "Step 3 of 4" in walk.text
    assert walk.view.hash == seen
    with team.house.store.read() as tx:
        draft = tx.drafts.get(team.house.draft_ids()[0])
    assert draft is not None
    assert draft.form.page is Page.RETENTION


def test_a_late_second_part_follows_nobody_who_has_closed_the_form(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    walk.person.close_modal()
    slow.lift()
    team.wait(lambda: team.aws_calls("GetKeyPolicy"), "the keys to be read")
    team.house.stop()

    assert team.anna.modal is None
    assert team.whispers(team.anna) == []
