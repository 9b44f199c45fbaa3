"""A schedule for each write boundary, before and after: the first kill is aimed at it, and something leads there."""

from dataclasses import replace

from tests.chaos.boundaries import boundaries
from tests.chaos.script import FORM, SHAPES, Ending, Kill, Script, Story, Trouble, Where, script

# So long is waited for the boundary to come; the stories are over long before, or it never comes in them.
PATIENCE = 15.0
CHAIN, NOW = SHAPES[2], SHAPES[5]
# What has to go wrong for the bot to come there at all.
TROUBLES = {
    "workflows.outbox.Relay._postpone": Trouble(0.0, "slack", "fail_before", "chat.postMessage", 2),
    "workflows.outbox.Relay._wait": Trouble(0.0, "slack", "rate_limit", "chat.postMessage", 2),
    "workflows.outbox.Relay._give_back": Trouble(0.0, "slack", "rate_limit", "chat.postMessage", 4),
    "workflows.runner.Runner._not_started": Trouble(0.0, "aws", "throttle", "StartCopyJob", 12),
}
LATE = ("workflows.expiry.",)


def targets() -> tuple[tuple[str, bool], ...]:
    """Every boundary, with whether the kill comes before its commit or after."""
    return tuple((boundary, before) for boundary in boundaries() for before in (True, False))


def aimed(seed: int, number: int) -> Script:
    """The schedule of this number whose first kill is aimed at the boundary of this number."""
    boundary, before = targets()[number % len(targets())]
    drawn, kill = script(seed, number), Kill(Where.DATABASE, (boundary,), 1, before, 0.1, patience=PATIENCE)
    late = boundary.startswith(LATE)
    return replace(
        drawn,
        name=f"{seed}/{number} at {boundary}",
        stories=_stories(),
        kills=drawn.kills[1:2] if late else (kill, *drawn.kills[1:2]),
        troubles=(TROUBLES[boundary],) if boundary in TROUBLES else drawn.troubles[:1],
        doomed=int(boundary.endswith("Endings.failed")),
        ages=late,
        late_kills=(kill,) if late else (),
    )


def _stories() -> tuple[Story, ...]:
    """The form and typed orders, contested, approved and left alone: together they come to nearly every boundary."""
    return (
        Story("anna", "table-anna", Ending.CONTESTED, 0.0, FORM, own_channel=False),
        Story("dora", "table-dora", Ending.APPROVED, 0.2, NOW, own_channel=True),
        Story("chris", "lapse-chris", Ending.LAPSED, 0.1, CHAIN, own_channel=True),
    )
