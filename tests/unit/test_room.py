"""Room for what is read side by side: small things together, two large ones at a time, and nothing waits for ever."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.workflows.room import Room

PATIENCE = 10.0


def most_together(room: Room, sizes: Sequence[int], expected: int) -> int:
    """How many of these were inside at the same time; each stays until `expected` are in, or none else comes."""
    lock, inside, most = threading.Lock(), 0, 0
    full = threading.Event()

    def stay(size: int) -> None:
        nonlocal inside, most
        with room.taken(size):
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == expected:
                    full.set()
            assert full.wait(PATIENCE)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(len(sizes)) as pool:
        list(pool.map(stay, sizes))
    return most


def test_small_things_are_inside_together() -> None:
    assert most_together(Room(100), [10] * 8, expected=8) == 8


def test_of_large_things_two_are_inside_however_large() -> None:
    assert most_together(Room(100), [1_000] * 6, expected=2) == 2


def test_a_large_thing_leaves_room_for_small_ones() -> None:
    assert most_together(Room(100), [1_000, 10, 10, 10], expected=4) == 4


def test_nothing_takes_no_room() -> None:
    room = Room(2)
    with room.taken(5), room.taken(5), room.taken(0):
        pass


def test_what_fails_gives_its_room_back() -> None:
    room = Room(2)
    for _ in range(3):
        with pytest.raises(ValueError, match="went wrong"), room.taken(5):
            raise ValueError("it went wrong")
    with room.taken(5), room.taken(5):
        pass
