"""Dismissing what could not be delivered: who may, what the history says of it, and that nothing is dismissed twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.errors import NotAllowed, TooLate
from bot.domain.notices import NoticeKind
from bot.domain.overview import Pulse
from bot.domain.people import Actor
from bot.domain.requests import Event
from bot.domain.sentences.history import DISMISSED
from bot.workflows.status import Status
from tests.unit.builders import BEN, CHANNEL, CHRIS, stored_request, write_notice
from tests.unit.fakes import NOW, FakeOutlet, FakePeople, ManualClock


@pytest.fixture
def people() -> FakePeople:
    return FakePeople()


@pytest.fixture
def status(store: Store, clock: ManualClock, people: FakePeople) -> Status:
    request = stored_request(store)
    for number in range(3):
        write_notice(store, request, NoticeKind.APPROVED, f"k{number}")
    with store.begin() as tx:
        tx.outbox.bury_channel(CHANNEL, "is_archived", before=NOW, again=NOW + timedelta(hours=1))
    return Status(store, FakeOutlet(), people, clock, Pulse, tuple)


def ids(status: Status) -> list[int]:
    return [letter.notice.id for letter in status.health(BEN).dead]


def lines(store: Store, request_id: str = "") -> list[Event]:
    with store.read() as tx:
        events = [line.event for line in tx.history.newest(20, request_id)]
    return [event for event in events if event.what in (DISMISSED, "click refused")]


def test_one_is_dismissed_and_the_history_of_its_request_says_by_whom(status: Status, store: Store) -> None:
    newest, *rest = ids(status)

    assert status.dismiss(BEN, newest, newest) == 1

    assert ids(status) == rest
    assert status.health(BEN).counts.dead == 2
    (line,) = lines(store, "CB-1")
    assert (line.actor, line.detail) == (BEN, f"approved for {CHANNEL} (is_archived)")


def test_all_that_were_shown_are_dismissed_at_once_in_one_line(status: Status, store: Store) -> None:
    assert status.dismiss(BEN, 1, ids(status)[0]) == 3

    assert (ids(status), status.health(BEN).counts.dead) == ([], 0)
    assert len(lines(store, "CB-1")) == 1


def test_who_comes_second_is_told_who_was_first(status: Status, store: Store) -> None:
    newest = ids(status)[0]
    status.dismiss(BEN, newest, newest)

    with pytest.raises(TooLate, match="dismissed already by <@U0BEN>"):
        status.dismiss(CHRIS, newest, newest)

    assert [(line.what, line.actor) for line in lines(store)][-1] == ("click refused", CHRIS)


@pytest.mark.parametrize("who", ["guest", "outsider"])
def test_whoever_may_not_see_the_status_dismisses_nothing(
    status: Status, store: Store, people: FakePeople, who: str
) -> None:
    newest, actor = ids(status)[0], CHRIS
    if who == "guest":
        people.known[CHRIS.user_id] = replace(people.person(CHRIS.user_id), is_guest=True)
    else:
        actor = Actor(CHRIS.user_id, "T0ELSE", "Chris")

    with pytest.raises(NotAllowed):
        status.dismiss(actor, newest, newest)

    assert len(ids(status)) == 3
    assert [(line.what, line.actor) for line in lines(store)] == [("click refused", actor)]
