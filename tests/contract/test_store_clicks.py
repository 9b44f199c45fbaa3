"""What the click book promises."""

from dataclasses import replace

from bot.domain.books import Store
from bot.domain.clicks import Click
from tests.contract.store_builders import NOW, a_click, after


def written(store: Store, *clicks: Click, due: float = 0) -> None:
    with store.begin() as tx:
        for click in clicks:
            assert tx.clicks.add(click, after(due))


def claimed(store: Store, *, seconds: float = 0, limit: int = 10, key: str | None = None) -> list[Click]:
    with store.begin() as tx:
        return list(tx.clicks.claim(after(seconds), after(seconds + 30), limit, key))


def test_a_click_comes_back_as_it_was_written_down(store: Store) -> None:
    written(store, a_click())

    assert claimed(store) == [a_click()]


def test_a_click_that_is_delivered_twice_is_written_once(store: Store) -> None:
    written(store, a_click())

    with store.begin() as tx:
        assert not tx.clicks.add(replace(a_click(), note="again"), NOW)
        # The refused click leaves the transaction usable.
        assert tx.clicks.add(a_click("click-2", at=after(1)), NOW)

    assert claimed(store) == [a_click(), a_click("click-2", at=after(1))]


def test_a_settled_click_is_neither_claimed_nor_written_again(store: Store) -> None:
    written(store, a_click())

    with store.begin() as tx:
        tx.clicks.settle("click-1", "counted")
        assert not tx.clicks.add(a_click(), NOW)

    assert claimed(store, seconds=1000) == []
    assert claimed(store, seconds=1000, key="click-1") == []


def test_a_click_is_claimed_when_it_is_due(store: Store) -> None:
    written(store, a_click(), due=10)

    assert claimed(store, seconds=9) == []
    assert claimed(store, seconds=10) == [a_click()]


def test_a_click_is_claimed_by_its_key_before_it_is_due(store: Store) -> None:
    written(store, a_click("click-1"), a_click("click-2"), due=10)

    assert claimed(store, key="click-2") == [a_click("click-2")]
    assert claimed(store, key="click-3") == []


def test_a_click_that_is_being_judged_is_nobody_elses_until_the_lease_runs_out(store: Store) -> None:
    written(store, a_click())
    claimed(store)

    assert claimed(store, seconds=29) == []
    assert claimed(store, seconds=29, key="click-1") == []
    assert claimed(store, seconds=30, key="click-1") == [a_click()]


def test_the_oldest_clicks_are_judged_first(store: Store) -> None:
    written(store, a_click("late", at=after(3)), a_click("early", at=after(1)), a_click("middle", at=after(2)))

    assert [click.dedup_key for click in claimed(store, limit=2)] == ["early", "middle"]
    assert [click.dedup_key for click in claimed(store, limit=2)] == ["late"]


def test_a_click_on_a_request_that_is_not_there_is_written_down_too(store: Store) -> None:
    written(store, replace(a_click(), request_id="CB-404"))

    assert claimed(store)[0].request_id == "CB-404"
