"""A schedule for each write boundary, before and after: the first kill is aimed at it, and something leads there."""

from dataclasses import replace

from tests.chaos.boundaries import boundaries
from tests.chaos.playbill import SCENES
from tests.chaos.script import FORM, SHAPES, Ending, Kill, Script, Story, Trouble, Where, script, staged

# So long is waited for the boundary to come; the stories are over long before, or it never comes in them.
PATIENCE = 15.0
CHAIN, NOW = SHAPES[2], SHAPES[5]
# What has to go wrong for the bot to come there at all.
TROUBLES = {
    "workflows.outbox.Relay._postpone": Trouble(0.0, "slack", "fail_before", "chat.postMessage", 2),
    "workflows.outbox.Relay._wait": Trouble(0.0, "slack", "rate_limit", "chat.postMessage", 2),
    "workflows.runner.Runner._not_started": Trouble(0.0, "aws", "throttle", "StartCopyJob", 12),
}
LATE = ("workflows.expiry.",)
# What leads there is a scene of its own; the first name that fits counts.
SCENE_AT = {
    "workflows.adopting.": "watch what others made",
    "workflows.deciding.Deciding._object": "approve what changed",
    "workflows.deciding.Deciding._refuse": "ask again",
    "workflows.deciding.Deciding.note_refusal": "ask again",
    "workflows.expiry.Expiry._look_at_origin": "follow the source",
    "workflows.expiry.Expiry._unread": "miss the end",
    "workflows.forms.Forms._save": "decide about the end",
    "workflows.forms.Forms.send": "ask while AWS is silent",
    "workflows.inventory.Inventory._read_one": "see nothing of a place",
    "workflows.outbox.Relay._give_back": "lose the token",
    "workflows.outbox.Relay._card_first": "lose a thread",
    "workflows.refusals.Refusals.judge": "lose a thread",
    "workflows.refusals.Refusals.bury": "lose a thread",
    "workflows.refusals.Refusals.report": "lose a thread",
    "workflows.refusals.Refusals._move": "close the channel",
    "workflows.refusals.Refusals._give_up": "lose the only channel",
    "workflows.refusals.Refusals._wait": "lose the only channel",
    "workflows.routing.DigestWriter.write_due": "wait for the digest",
    "workflows.runner.Runner._held_back": "approve what changed",
    "workflows.schedules.": "run every night",
    "workflows.steps.recur.": "run every night",
    "workflows.watching.": "decide about the end",
}
SCENE_PATIENCE = 60.0
# Where nobody can lead a bot on purpose, with the reason; a kill at a random moment may still strike there.
UNAIMED = {
    "workflows.drilling.Drilling._tell": "only when an overdue drill cannot be asked for, and nobody here has drills",
    "workflows.refusals.Refusals._drop": "only when Slack refuses the whisper about a click whose listener had died",
    "workflows.outbox.Relay._take_buttons_off": "only while the message that loses its buttons is still on its way",
    "workflows.status.Status.dismiss": "only who reads the status, in private, is led to dismiss a dead letter",
    "workflows.status.Status._refused": "only when two dismiss the same, or a stranger does",
    "workflows.requests.Sending.send": "only when AWS falls silent between the review and Send request",
}
# Every so many schedules a scene is played in the place of stories.
EVERY = 8


def targets() -> tuple[tuple[str, bool], ...]:
    """Every boundary, with whether the kill comes before its commit or after."""
    return tuple((boundary, before) for boundary in boundaries() for before in (True, False))


def drawn(seed: int, number: int) -> Script:
    """The schedule of this number, for kills at random moments: stories, and now and then a scene."""
    usual, turn = script(seed, number), number // EVERY
    if number % EVERY != EVERY - 1:
        return usual
    scene = list(SCENES)[turn % len(SCENES)]
    return staged(scene, f"{usual.name} {scene}", usual.kills)


def aimed(seed: int, number: int) -> Script:
    """The schedule of this number whose first kill is aimed at the boundary of this number."""
    boundary, before = targets()[number % len(targets())]
    scene = next((name for prefix, name in SCENE_AT.items() if boundary.startswith(prefix)), "")
    patience = SCENE_PATIENCE if scene else PATIENCE
    usual, kill = script(seed, number), Kill(Where.DATABASE, (boundary,), 1, before, 0.1, patience=patience)
    if scene:
        name = f"{seed}/{number} at {boundary}"
        return staged(scene, name, (kill, *(again for again in usual.kills[1:2] if again.where is Where.CLOCK)))
    late = boundary.startswith(LATE)
    return replace(
        usual,
        name=f"{seed}/{number} at {boundary}",
        stories=_stories(),
        kills=usual.kills[1:2] if late else (kill, *usual.kills[1:2]),
        troubles=(TROUBLES[boundary],) if boundary in TROUBLES else usual.troubles[:1],
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
