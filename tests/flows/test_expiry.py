"""A copy that is about to end: what people can do on the notice, what is said of it, what AWS then holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.copies import CopyClick, Wish
from bot.domain.people import Actor
from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.sandbox.aws.records import VaultLock
from bot.sandbox.slack import ANNA, BACKUPS, BEN, TEAM, Message, Person
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.forms import form
from tests.flows.house import LEAN
from tests.flows.orders import approve, points, vault
from tests.flows.team import EU, US, Team

DAYS = 45
ALL = ["Extend…", "Copy again…", "Let it go", "Remind in 1 day", "Remind in 1 week"]
ONLY_ANNA = f"{{approvers: [{BEN}], askers: [{ANNA}]}}"
SOON = "AWS deletes it within 8 hours"


def warned(team: Team) -> Message:
    """A copy of orders that is kept for 45 days, and the notice 30 days before its end."""
    team.copied("orders", keep=Keep.DAYS, days=DAYS)
    (copy,) = team.copies()
    team.clock.advance(copy.created_at + timedelta(days=DAYS - 29) - team.clock.now() - timedelta(hours=1))
    return team.reads(SOON)


def the_last(team: Team) -> Message:
    """A copy of orders of which nothing else is left, and the notice ahead of its end."""
    team.copied("orders", keep=Keep.DAYS, days=DAYS)
    delete_the_backups_of_orders(team)
    team.house.restart()
    team.later(days=20)
    return team.reads(SOON)


def delete_the_backups_of_orders(team: Team) -> None:
    for arn, point in list(vault(team, US, "daily", PROD).points.items()):
        if point.resource_name == "orders":
            team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", arn)


def now(team: Team, message: Message) -> Message:
    """A message as it stands there now."""
    found = team.worlds.slack.channel(message.channel).message(message.ts)
    assert found is not None
    return found


def becomes(team: Team, message: Message, words: str, buttons: list[str]) -> None:
    """Wait until a message has these words, and these buttons alone."""

    def there() -> bool:
        current = now(team, message)
        return words in current.text and current.buttons == buttons

    team.wait(there, f"{words!r} and {buttons} at {message.text!r}")


def later_events(team: Team, what: str) -> int:
    return sum(1 for event in team.house.history("CB-1") if event.what == what)


def extended(team: Team, notice: Message, days: str) -> str:
    """Ask to keep the copy of a notice so many days longer; the request's id."""
    team.anna.click(notice, "Extend…")
    extend = form(team)
    extend.has("Days longer").person.fill("Days longer", days)
    return extend.write("Reason", "The audit takes longer.").reviewed().sent(team)


def test_a_copy_is_kept_longer_by_a_request_that_its_notice_links_to(team: Team) -> None:
    notice = warned(team)
    (copy,) = team.copies()

    team.anna.click(notice, "Extend…")
    extend = form(team)
    assert extend.has("Days longer").value("Days longer") == "90"
    extend.write("Reason", "The audit takes longer.").reviewed()
    request_id = extend.sent(team)

    team.reads("asked to keep the copy of", "longer", request_id)
    assert team.card(request_id).ts.replace(".", "") in team.reads("asked to keep the copy of").text
    assert copy.lifecycle.delete_after == DAYS
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)
    team.reads("The end of the copy of", "has changed", "as AWS reports it")
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == DAYS + 90
    team.later(days=3)
    team.quiet()
    assert len(team.said("has changed")) == 1


def test_an_extension_that_would_shorten_by_now_is_held_with_both_dates(team: Team) -> None:
    notice = warned(team)
    (copy,) = team.copies()
    long, short = extended(team, notice, "300"), extended(team, notice, "30")
    approve(team, long)
    team.becomes(RequestState.COMPLETED, long)

    team.ben.click(team.question(short), "Approve")

    told = team.reads("cannot go ahead as things are", "shortens it by 270 days", "ask anew for a later end")
    for days in (DAYS + 300, DAYS + 30):
        end = copy.created_at + timedelta(days=days)
        assert f"{end:%b} {end.day}, {end.year}" in told.text
    assert told.buttons == []
    team.whispered(team.ben, "shortens it by 270 days")
    assert team.state(short) is RequestState.PENDING
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == DAYS + 300


def test_an_extension_that_waits_is_told_wherever_people_decide_about_the_copy(team: Team) -> None:
    notice = warned(team)
    first = extended(team, notice, "300")

    team.dora.click(notice, "Extend…")
    second = form(team, team.dora)
    second.reads(first).reads("already asks to keep this copy longer").reads("(waiting for approval)")
    second.write("Reason", "The audit takes longer.").reviewed()
    assert "Nothing stands in the way" not in second.text
    second.reads(f"{first} already asks to keep this copy longer")
    second.person.close_modal()
    team.ben.click(notice, "Let it go")

    said = team.reads("lets the copy of", "still asks to change how long it is kept")
    assert team.card(first).ts.replace(".", "") in said.text


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [
        ("Days longer", "soon", "whole number of days"),
        ("Days longer", "0", "whole number of days"),
        ("Days longer", "36500", "36,500 days at most. Choose 36,455 or less"),
    ],
)
def test_what_cannot_be_typed_into_the_form_is_told_in_its_field(team: Team, label: str, typed: str, said: str) -> None:
    notice = warned(team)
    team.anna.click(notice, "Extend…")
    extend = form(team)
    extend.has(label).person.fill(label, typed)
    extend.write("Reason", "The audit takes longer.")

    assert said in extend.objection()[label]
    assert extend.value(label) == typed
    extend.write(label, "30").reviewed()


def test_a_date_before_the_end_is_refused_and_a_later_one_taken(team: Team) -> None:
    notice = warned(team)
    team.anna.click(notice, "Extend…")
    extend = form(team)
    extend.has("Keep it")
    extend.select("Keep it", "Until a date").has("Until")
    extend.write("Reason", "The audit takes longer.")
    extend.person.fill("Until", (team.clock.now() + timedelta(days=2)).date().isoformat())
    assert "not later than the end it has now" in extend.objection()["Until"]

    extend.person.fill("Until", (team.clock.now() + timedelta(days=200)).date().isoformat())

    extend.reviewed().reads("days")


def test_nothing_in_a_locked_vault_can_be_extended_and_the_form_says_what_can_be_done(team: Team) -> None:
    notice = warned(team)
    vault(team, EU, "dr-vault").lock = VaultLock(30, 500)

    team.anna.click(notice, "Extend…")

    form(team).reads("AWS changes no retention in a locked vault").reads("it keeps a copy 30 to 500 days")


def test_whoever_lets_a_copy_go_is_named_and_nothing_more_is_said_ahead(team: Team) -> None:
    notice = warned(team)

    team.dora.click(notice, "Let it go")

    said = team.reads("lets the copy of")
    assert f"<@{team.dora.id}>" in said.text
    assert said.thread_ts == team.card().ts
    assert later_events(team, "let it go") == 1
    team.later(days=28)
    team.quiet()
    assert len(team.said(SOON)) == 1
    team.later(days=3)
    team.reads("has expired, and AWS has removed it")


def test_a_request_tells_of_its_copy_as_it_is_and_that_it_is_gone_when_it_is(team: Team) -> None:
    team.copied("orders", keep=Keep.DAYS, days=DAYS)
    (copy,) = team.copies()
    end = copy.created_at + timedelta(days=DAYS)
    team.dora.command("/copy-backup status CB-1", BACKUPS)
    told = team.text(team.whispered(team.dora, "as AWS reports it"))
    assert copy.arn in told
    assert "until about" not in told

    team.clock.advance(end - team.clock.now() + timedelta(hours=9))

    team.reads("has expired, and AWS has removed it")
    team.card_reads("the copy expired")
    assert "Completed" in team.text(team.card())
    assert team.state() is RequestState.COMPLETED
    for asked, said in (
        ("status CB-1", "Ended: The copy expired"),
        ("list", "completed, the copy expired"),
        ("history CB-1", "the copy expired, and AWS has removed it: copy in dr-vault, eu-west-1"),
    ):
        team.dora.command(f"/copy-backup {asked}", BACKUPS)
        team.whispered(team.dora, said)


def test_letting_go_can_be_undone(team: Team) -> None:
    notice = warned(team)
    team.dora.click(notice, "Let it go")
    undo = team.reads("lets the copy of")

    team.ben.click(undo, "Tell us again")

    team.reads("wants to be told again")
    team.later(days=23)
    team.reads("6 days 1 h from now")


def test_the_notice_says_who_decided_and_when_and_keeps_only_what_can_still_be_done(team: Team) -> None:
    notice = warned(team)
    team.dora.click(notice, "Let it go")
    undo = team.reads("lets the copy of")
    becomes(team, notice, f"Let go by <@{team.dora.id}>", ["Extend…", "Copy again…"])

    team.ben.click(undo, "Tell us again")
    becomes(team, notice, f"<@{team.ben.id}> wants to be told again", ALL)
    becomes(team, undo, f"<@{team.ben.id}> wants to be told again", [])

    team.anna.click(notice, "Remind in 1 week")
    becomes(team, notice, f"Put off by <@{team.anna.id}>", ["Extend…", "Copy again…", "Let it go"])
    team.later(days=30, hours=8)
    team.reads("has expired, and AWS has removed it")
    becomes(team, notice, "nothing is left to decide", [])
    team.ben.click(notice, "Let it go")
    team.whispered(team.ben, "not watched any more")
    assert len(team.said("lets the copy of")) == 1


def test_the_last_copy_goes_by_those_alone_who_may_let_it_go_once_they_have_read_that_it_is_the_last(
    team: Team,
) -> None:
    notice = the_last(team)
    sure = team.dora.confirm_of("Let it go", notice)
    assert sure is not None
    assert "This is the last copy anywhere of orders" in sure["text"]["text"]

    team.dora.click(notice, "Let it go")
    team.whispered(team.dora, "Only @Anna, who asked for it, or those who approve for it")
    team.anna.click(notice, "Let it go", confirm=False)
    team.quiet()
    assert team.said("lets the copy of") == []
    team.anna.click(notice, "Let it go")

    team.reads("lets the copy of", "the last one anywhere")
    becomes(team, notice, f"Let go by <@{team.anna.id}>", ["Extend…", "Copy again…"])


def test_what_has_become_the_last_copy_since_its_notice_is_shown_as_such_before_it_may_go(team: Team) -> None:
    notice = warned(team)
    delete_the_backups_of_orders(team)
    team.house.restart()

    team.ben.click(notice, "Let it go")

    team.whispered(team.ben, "Meanwhile this has become the last one anywhere")
    becomes(team, notice, "This is the last copy anywhere", ALL)
    assert team.said("lets the copy of") == []
    team.ben.click(now(team, notice), "Let it go")
    team.reads("lets the copy of")


def test_two_clicks_have_one_effect_and_the_second_person_is_told(team: Team) -> None:
    notice = warned(team)

    team.anna.click(notice, "Let it go")
    team.reads("lets the copy of")
    team.ben.click(notice, "Let it go")

    team.whispered(team.ben, "This copy was let go already by")
    team.quiet()
    assert len(team.said("lets the copy of")) == 1
    assert later_events(team, "let it go") == 1
    assert later_events(team, "click refused") == 1


def test_a_notice_that_was_put_off_comes_again_and_never_past_the_end(team: Team) -> None:
    notice = warned(team)

    team.anna.click(notice, "Remind in 1 week")
    team.reads("put it off")
    team.later(days=6)
    team.quiet()
    assert len(team.said(SOON)) == 1
    team.later(days=1, minutes=1)
    again = team.reads("As @Anna asked, once more")

    assert SOON in team.text(again)
    team.later(days=21, hours=12)
    assert "Remind in 1 week" not in team.text(team.reads("13 h from now"))


@pytest.mark.parametrize("who", ["gus", "pia"])
def test_guests_and_strangers_decide_nothing(team: Team, who: str) -> None:
    notice = warned(team)
    person: Person = getattr(team, who)
    team.worlds.slack.directory.join(notice.channel, person.id)

    person.click(notice, "Let it go")

    team.whispered(person, "Only full members of the workspace")
    assert team.said("lets the copy of") == []
    assert later_events(team, "click refused") == 1


def test_a_click_on_a_copy_that_is_gone_is_answered_kindly(team: Team) -> None:
    notice = warned(team)
    (copy,) = team.copies()
    team.worlds.aws.world.delete_recovery_point(BACKUP, EU, "dr-vault", copy.arn)
    team.later(days=2)
    team.reads("is gone before its end")

    team.anna.click(notice, "Extend…")
    team.whispered(team.anna, "not watched any more")
    team.ben.click(notice, "Let it go")
    team.whispered(team.ben, "not watched any more")


def test_a_copy_is_made_again_by_the_walk_filled_in_with_its_source_and_destination(team: Team) -> None:
    notice = warned(team)

    team.anna.click(notice, "Copy again…")

    walk = team.walk().on_page(3)
    walk.keep("A number of days", 200).why("It is still needed.").next().reviewed().send()
    walk.reads("is sent")
    copied = team.house.request("CB-2").steps[0].copy
    first = team.house.request("CB-1").steps[0].copy
    assert copied is not None
    assert first is not None
    assert (copied.point.arn, copied.destination) == (first.point.arn, first.destination)


def test_a_copy_made_again_that_would_end_with_the_first_is_told_so_and_whose_the_first_is(team: Team) -> None:
    notice = warned(team)

    team.anna.click(notice, "Copy again…")

    walk = team.walk().on_page(3)
    walk.keep("A number of days", DAYS).why("It is still needed.").next().reviewed()
    walk.reads("and this one would end then, too").reads("It is from").reads("CB-1")


def test_a_copy_whose_source_is_gone_is_copied_itself_to_wherever_people_choose(team: Team) -> None:
    notice = warned(team)
    team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", team.newest_backup("orders"))

    team.anna.click(notice, "Copy again…")

    assert team.walk().on_page(2).labels[0] == "Account"


def test_only_who_could_ask_may_extend(make_team: MakeTeam) -> None:
    team = make_team(config=LEAN.replace("approvals:\n", f"approvals:\n  - {ONLY_ANNA}\n", 1))
    notice = warned(team)

    team.dora.click(notice, "Extend…")
    team.whispered(team.dora, "lets only some people ask")
    assert team.dora.modal is None
    team.anna.click(notice, "Extend…")

    form(team).has("Days longer")


def test_a_click_that_died_with_the_bot_has_its_effect_when_the_bot_is_back_and_only_once(team: Team) -> None:
    notice = warned(team)
    team.quiet()
    (copy,) = team.copies()
    click = CopyClick(
        dedup_key="click-1",
        copy_arn=copy.arn,
        actor=Actor(team.ben.id, TEAM, "ben"),
        wish=Wish.LET_GO,
        seen_end=copy.created_at + timedelta(days=DAYS),
        channel=notice.channel,
        message_ts=notice.ts,
        at=team.clock.now(),
    )
    team.house.stop()
    with team.house.store.begin() as tx:
        tx.copy_clicks.add(click, team.clock.now() + timedelta(seconds=30))

    team.house.start()

    team.reads("lets the copy of")
    team.house.restart()
    team.quiet()
    assert len(team.said("lets the copy of")) == 1
    assert later_events(team, "let it go") == 1


def test_the_last_copy_anywhere_is_said_first(team: Team) -> None:
    notice = the_last(team)

    assert team.text(notice).index("This is the last copy anywhere") < team.text(notice).index(SOON)


def test_while_the_backup_is_there_it_is_not_the_last_one(team: Team) -> None:
    assert "last copy" not in team.text(warned(team))


def test_when_the_end_of_the_source_moves_it_is_said_once_in_the_thread(team: Team) -> None:
    team.copied("orders")
    arn = team.newest_backup("orders")
    source = vault(team, US, "daily", PROD).points[arn]
    source.lifecycle = replace(source.lifecycle, delete_after=300)

    team.later(days=2)

    said = team.reads("took its end from has another end")
    assert said.thread_ts == team.card().ts
    team.later(days=2)
    team.quiet()
    assert len(team.said("took its end from has another end")) == 1
