"""Scenes of requests that are not simply approved: they change, lapse and are asked again; a channel is closed."""

from collections.abc import Callable, Iterator

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import BACKUPS, BOT_USER
from bot.sandbox.slack.records import Conversation
from bot.sandbox.worlds import PROD, LocalWorlds
from tests.chaos.people import own_channel
from tests.chaos.scenes import Count, Scene
from tests.chaos.stage import Stage, reading
from tests.chaos.witness import US

TO = "to backup/eu-west-1/dr-vault"
OPS = "C0OPS000001"


def change_the_source(stage: Stage, table: str, days: int) -> None:
    points = stage.worlds.aws.world.state.books(PROD, US).vaults["daily"].points
    for point in points.values():
        if point.resource_name == table:
            point.lifecycle = type(point.lifecycle)(delete_after=days)


def approve_what_changed(stage: Stage) -> None:
    """A source changes before its approval, another one between approval and start; both are approved as they are."""
    early = stage.order(f"sequence table-anna {TO} keep source", "table-anna")
    change_the_source(stage, "table-anna", 120)
    click = stage.press("ben", NoticeKind.ASK, "Approve", "table-anna")
    stage.until(lambda: stage.request(early).kinds[NoticeKind.CHANGED], click, f"{early} asked anew")
    stage.approve(early, "chris")
    late = stage.order(f"sequence table-dora {TO} keep source", "table-dora", "dora")
    hidden = stage.worlds.aws.world.faults.throttle("DescribeRecoveryPoint", times=None, account=PROD)
    stage.approve(late)
    change_the_source(stage, "table-dora", 120)
    hidden.lift()
    stage.later(minutes=6)
    stage.wait(lambda: stage.request(late).kinds[NoticeKind.CHANGED], f"{late} asked anew")
    stage.approve(late)
    for request_id in (early, late):
        stage.ended(request_id)


def ask_again(stage: Stage) -> None:
    """Nobody answers in time; the asker asks again by the button, and a bystander's click counts for nothing."""
    first = stage.order(f"sequence lapse-chris {TO} keep 90d", "lapse-chris", "chris")
    no = stage.press("dora", NoticeKind.ASK, "Approve")
    stage.until(lambda: stage.whispered("dora", "not one of the approvers"), no, "a bystander refused")
    known, form = len(stage.person("dora").ephemerals), stage.press("dora", NoticeKind.ASK, "Reject")
    stage.until(
        lambda: len(stage.person("dora").ephemerals) > known or stage.said(NoticeKind.LAPSED), form, "Reject refused"
    )
    stage.wait(lambda: stage.said(NoticeKind.LAPSED), f"{first} lapsed")
    again = stage.ask(stage.press("chris", NoticeKind.LAPSED, "Ask again"), "lapse-chris")
    stage.approve(again)
    stage.ended(again)


def close_the_channel(stage: Stage) -> None:
    """The channel of a request is archived while AWS copies: its thread goes on in the usual one, operators hear."""
    stage.worlds.aws.world.hold_next_copies(1)
    home = own_channel("anna")
    request_id = stage.order(f"sequence table-anna {TO} keep 90d", "table-anna", channel=home)
    stage.approve(request_id)
    stage.wait(lambda: stage.said(NoticeKind.STARTED), "the start")
    stage.worlds.slack.directory.archive(home)
    stage.worlds.aws.world.release_copies()
    stage.wait(lambda: stage.said(NoticeKind.COMPLETED), "the result in the usual channel")
    stage.wait(lambda: stage.said(NoticeKind.OPS), "the word to operators")
    stage.ended(request_id)


def lose_the_only_channel(stage: Stage) -> None:
    """The usual channel is archived for longer than anybody waits: what it was to be told is reported to operators.

    Once it is open again, its card tells the end.
    """
    stage.worlds.aws.world.hold_next_copies(1)
    request_id = stage.order(f"sequence table-anna {TO} keep 400d", "table-anna")
    stage.approve(request_id)
    stage.wait(lambda: stage.said(NoticeKind.STARTED), "the start")
    stage.worlds.slack.directory.archive(BACKUPS)
    stage.worlds.aws.world.release_copies()
    stage.wait(lambda: stage.said(NoticeKind.OPS, BACKUPS), "the word that the channel takes nothing")
    stage.until(lambda: stage.said(NoticeKind.OPS, request_id), an_hour_on(stage), "the word to operators")
    stage.worlds.slack.directory.archive(BACKUPS, archived=False)
    stage.until(lambda: stage.request(request_id).ended, an_hour_on(stage), f"the end of {request_id}")


def an_hour_on(stage: Stage) -> Callable[[], None]:
    return lambda: stage.later(minutes=61)


def lose_a_thread(stage: Stage) -> None:
    """Slack takes no more replies in a thread, so that the request begins anew; a notice too long is given up."""
    faults = stage.worlds.slack.faults
    request_id = stage.order(f"sequence table-anna {TO} keep 400d", "table-anna")
    stage.worlds.aws.world.hold_next_copies(1)
    faults.refuse("chat.postMessage", "thread_not_found")
    stage.approve(request_id)
    stage.wait(lambda: stage.said(NoticeKind.STARTED), "the start")
    faults.refuse("chat.postMessage", "msg_too_long")
    stage.worlds.aws.world.release_copies()
    # A bot that is killed before it has given up tries again, and Slack takes it then.
    stage.wait(lambda: stage.said(NoticeKind.OPS, request_id) or stage.said(NoticeKind.COMPLETED), "the result")
    stage.ended(request_id)


def told_in_the_usual_channel(stage: Stage) -> Iterator[Count]:
    found = stage.seen.all_of(NoticeKind.COMPLETED)
    yield "results in the usual channel", sum(one.channel == BACKUPS for one in found), 1


def told_or_given_up(stage: Stage) -> Iterator[Count]:
    """Where Slack takes the result after all, operators are not told of it, and the other way round."""
    told, reported = stage.seen.all_of(NoticeKind.COMPLETED), stage.seen.all_of(NoticeKind.OPS)
    given_up = sum(", completed, for" in reading(one) for one in reported)
    yield "results told or given up", len(told) + given_up, 1


def with_operators(config: str) -> str:
    return config + f"  ops_channel: {OPS}\n"


def operators(worlds: LocalWorlds) -> None:
    members = tuple(worlds.slack.workspace.directory.conversations[BACKUPS].members)
    channel = Conversation(id=OPS, name="ops", members=(*members, BOT_USER), created=0)
    worlds.slack.workspace.directory.add_conversation(channel)


SCENES = (
    Scene(
        "approve what changed",
        approve_what_changed,
        {NoticeKind.CHANGED: 2, NoticeKind.APPROVED: 3, NoticeKind.COMPLETED: 2, NoticeKind.STARTED: 2},
        jobs=2,
    ),
    Scene(
        "ask again",
        ask_again,
        {NoticeKind.LAPSED: 1, NoticeKind.ASKED_AGAIN: 1, NoticeKind.APPROVED: 1, NoticeKind.COMPLETED: 1},
        jobs=1,
    ),
    Scene(
        "close the channel",
        close_the_channel,
        {NoticeKind.STARTED: 1, NoticeKind.COMPLETED: 1, NoticeKind.OPS: 1},
        jobs=1,
        config=with_operators,
        furnish=operators,
        counts=told_in_the_usual_channel,
    ),
    Scene(
        "lose the only channel",
        lose_the_only_channel,
        {NoticeKind.STARTED: 1},
        jobs=1,
        config=with_operators,
        furnish=operators,
        given_up=1,
        counts=told_or_given_up,
    ),
    Scene(
        "lose a thread",
        lose_a_thread,
        {NoticeKind.APPROVED: 1, NoticeKind.STARTED: 1},
        jobs=1,
        config=with_operators,
        furnish=operators,
        given_up=1,
        counts=told_or_given_up,
    ),
)
