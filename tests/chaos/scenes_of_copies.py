"""Scenes of copies that will end: put off, let go, extended, adopted, told of when the source's end moves."""

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import GUEST
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.chaos.scenes import Count, Scene
from tests.chaos.stage import Stage
from tests.chaos.witness import EU, US
from tests.flows.forms import Form

TABLE = "table-anna"
TO = "to backup/eu-west-1/dr-vault"
LONGER = 90
CHANGE = "change how long"
WATCHED = NoticeKind.WATCHED
# A copy that is kept as its source is ends in twenty days, of which people are told at once.
ORDER = f"sequence {TABLE} {TO} keep source"


def decide_about_the_end(stage: Stage) -> None:
    """Let it go, think better of it, put it off; a guest may do nothing of it; in the end it is kept longer.

    The copy ends with its source, so it is the last one: only who asked for it and who approves may let it go.
    """
    first = stage.order(ORDER, TABLE)
    stage.approve(first)
    stage.ended(first)
    stage.wait(lambda: stage.said(NoticeKind.EXPIRING), "the warning of the end")
    stage.worlds.slack.directory.join(stage.seen.all_of(NoticeKind.EXPIRING)[0].channel, GUEST)
    no = stage.press(GUEST, NoticeKind.EXPIRING, "Let it go")
    stage.until(lambda: stage.whispered(GUEST, "Only full members"), no, "a guest told that it is not theirs")
    known, form = len(stage.person(GUEST).ephemerals), stage.press(GUEST, NoticeKind.EXPIRING, "Extend…")
    stage.until(lambda: len(stage.person(GUEST).ephemerals) > known, form, "a guest told that the form is not theirs")
    may_not = stage.press("dora", NoticeKind.EXPIRING, "Let it go")
    stage.until(lambda: stage.whispered("dora", "last copy anywhere"), may_not, "who may not let the last copy go")
    stale = stage.said(NoticeKind.EXPIRING, '"Let it go"')
    assert stale is not None
    let_go = stage.press("ben", NoticeKind.EXPIRING, "Let it go")
    stage.until(lambda: stage.said(WATCHED, "lets the copy of"), let_go, "who let it go")
    # The button is gone by now, or is about to be; Chris has not seen that yet.
    stage.until(
        lambda: stage.whispered("chris", "let go already"),
        lambda: stage.person("chris").click(stale, "Let it go").ok,
        "too late",
    )
    again = stage.press("ben", WATCHED, "Tell us again")
    stage.until(lambda: stage.said(WATCHED, "wants to be told again"), again, "who wants to be told again")
    put_off = stage.press("chris", NoticeKind.EXPIRING, "Remind in 1 week")
    stage.until(lambda: stage.said(WATCHED, "put it off"), put_off, "who put it off")
    extend(stage)


def extend(stage: Stage) -> None:
    def fill_in(form: Form) -> None:
        stage.press("anna", NoticeKind.EXPIRING, "Extend…")()
        form.write("Days longer", str(LONGER)).write("Reason", "The audit takes longer.").reviewed()

    longer = stage.ask(stage.with_form(fill_in), CHANGE)
    stage.approve(longer)
    stage.ended(longer)
    stage.wait(lambda: stage.said(NoticeKind.END_CHANGED), "the new end")


def kept_longer(stage: Stage) -> Iterator[Count]:
    points = stage.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"].points.values()
    yield "days that the copy is kept", sum(point.lifecycle.delete_after or 0 for point in points), 90 + LONGER
    asked = [request for request in stage.seen.requests() if CHANGE in request.text]
    # Let go, told again, put off; and a link for each form that was sent.
    yield "what was decided about the copy", len(stage.seen.all_of(WATCHED)), 3 + len(asked)


def watch_what_others_made(stage: Stage) -> None:
    """The configuration adopts one copy, a person another one; both are told of, one is let go."""
    stage.wait(lambda: stage.said(NoticeKind.EXPIRING, "ledger"), "the warning about what was adopted by configuration")

    def fill_in(form: Form) -> None:
        form.type("adopt journal")
        form.reads("Adopt copies").has("Backups").person.choose("Backups", "journal dr-vault")
        form.person.submit()

    stage.until(lambda: stage.said(WATCHED, "journal"), stage.with_form(fill_in), "who adopted journal")
    stage.wait(lambda: stage.said(NoticeKind.EXPIRING, "journal"), "the warning about what a person adopted")
    let_go = stage.press("ben", NoticeKind.EXPIRING, "Let it go", "ledger")
    stage.until(lambda: stage.said(WATCHED, "lets the backup of", "ledger"), let_go, "who let the ledger go")
    stage.later(days=26)
    for table in ("ledger", "journal"):
        stage.wait(lambda table=table: stage.said(NoticeKind.EXPIRED, table), f"the end of {table}")  # type: ignore[misc]


def made_elsewhere(worlds: LocalWorlds) -> None:
    now = worlds.clock.now()
    for region, table in ((EU, "ledger"), ("eu-central-1", "journal")):
        worlds.aws.world.add_recovery_point(
            BACKUP,
            region,
            "dr-vault",
            table,
            created_at=now - timedelta(days=20),
            lifecycle={"DeleteAfterDays": 45},
        )


def adopting(config: str) -> str:
    return config + "  adopt: [{account: backup, vault: 'dr-*', table: ledger}]\n"


def follow_the_source(stage: Stage) -> None:
    """The end of a copy's source moves, and later the source is gone: people are told of both, once each."""
    first = stage.order(ORDER, TABLE)
    stage.approve(first)
    stage.ended(first)
    stage.wait(lambda: stage.said(NoticeKind.EXPIRING), "the warning of the end")
    points = stage.worlds.aws.world.state.books(PROD, US).vaults["daily"].points
    (point,) = [one for one in points.values() if one.resource_name == TABLE]
    point.lifecycle = type(point.lifecycle)(delete_after=120)
    stage.later(days=1, hours=1)
    stage.wait(lambda: len(stage.seen.all_of(NoticeKind.END_CHANGED)) == 1, "the source's new end")
    stage.worlds.aws.world.delete_recovery_point(PROD, US, "daily", point.arn)
    stage.later(days=1, hours=1)
    stage.wait(lambda: len(stage.seen.all_of(NoticeKind.END_CHANGED)) == 2, "the source gone")


def miss_the_end(stage: Stage) -> None:
    """AWS shows nobody a copy for a while; once it does, its end is told."""
    first = stage.order(ORDER, TABLE)
    stage.approve(first)
    stage.ended(first)
    stage.wait(lambda: stage.said(NoticeKind.EXPIRING), "the warning of the end")
    blind = stage.worlds.aws.world.faults.deny(BACKUP, "DescribeRecoveryPoint")
    stage.later(days=14)
    stage.wait(lambda: len(stage.seen.all_of(NoticeKind.EXPIRING)) == 2, "the second warning")
    stage.later(minutes=11)
    stage.look(lambda: blind.hits > 4, 5)
    blind.lift()
    stage.later(days=7)
    stage.wait(lambda: stage.said(NoticeKind.EXPIRED), "the end")


SCENES = (
    Scene(
        "decide about the end",
        decide_about_the_end,
        {NoticeKind.EXPIRING: 1, NoticeKind.END_CHANGED: 1, NoticeKind.COMPLETED: 2, NoticeKind.APPROVED: 2},
        jobs=1,
        counts=kept_longer,
    ),
    Scene(
        "watch what others made",
        watch_what_others_made,
        {NoticeKind.EXPIRING: 2, WATCHED: 2, NoticeKind.EXPIRED: 2},
        config=adopting,
        furnish=made_elsewhere,
    ),
    Scene(
        "follow the source",
        follow_the_source,
        {NoticeKind.EXPIRING: 1, NoticeKind.END_CHANGED: 2, NoticeKind.COMPLETED: 1},
        jobs=1,
    ),
    Scene("miss the end", miss_the_end, {NoticeKind.EXPIRING: 2, NoticeKind.EXPIRED: 1}, jobs=1),
)
