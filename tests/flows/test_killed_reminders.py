"""Reminders for approval, while the bot is killed (SIGKILL) around the write and around the post of each.

Whatever the moment: each reminder that is due is said once, and the next one comes at its own time.
"""

from collections.abc import Iterator
from functools import partial

import pytest

from bot.domain.notices import NoticeKind, NoticeState
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.boundaries import boundaries
from tests.chaos.nursery import Nursery
from tests.flows.house import LEAN, House
from tests.flows.mortal import Mortal
from tests.flows.team import Team

BELL = "CB-1 still waits"
REMINDING = LEAN.replace("    expires_after: 8h\n", "    expires_after: 8h\n    remind: 30m\n", 1)
NOTED, CLAIMED, SETTLED = (
    "workflows.waiting.Waiting._call",
    "workflows.outbox.Relay._drain",
    "workflows.outbox.Relay._settle",
)
# After one gap of 30 minutes, then after gaps twice as long each: minutes since the last one, and when the bot dies.
REMINDERS = (
    (31, NOTED, True),
    (60, NOTED, False),
    (120, CLAIMED, False),
    (240, SETTLED, True),
)


@pytest.fixture
def mortal(worlds: LocalWorlds) -> Iterator[Mortal]:
    nursery, team = Nursery(), Team(House(worlds, http=False, config=REMINDING))
    yield Mortal(team, nursery)
    nursery.close()
    team.house.shut()


def test_each_reminder_is_said_once_wherever_the_bot_was_killed(mortal: Mortal) -> None:
    team = mortal.team
    mortal.start()
    team.pending("orders")
    team.quiet()

    said: list[int] = []
    for minutes, boundary, before in REMINDERS:
        mortal.dies_at(boundary, partial(mortal.later, minutes=minutes), before=before)
        mortal.start()
        # What was claimed by the dead is free again.
        mortal.later(minutes=1)
        team.wait(lambda: len(team.said(BELL)) > len(said), f"the reminder after {minutes} minutes more")
        team.quiet()
        said.append(len(team.said(BELL)))

    assert said == [1, 2, 3, 4]
    reminded = [event for event in team.house.history("CB-1") if event.what == "reminded"]
    notices = [state for kind, state in team.house.notices() if kind == NoticeKind.REMINDED]
    assert len(reminded) == len(REMINDERS)
    assert notices == [NoticeState.SENT] * len(REMINDERS)
    assert not any("may be a repetition" in team.text(message) for message in team.said(BELL))


def test_the_moments_of_death_are_writes_of_the_bot() -> None:
    assert {boundary for _, boundary, _ in REMINDERS} <= set(boundaries())
