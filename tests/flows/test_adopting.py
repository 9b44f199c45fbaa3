"""Copies made elsewhere are adopted by people or by the configuration: told of, acted on, dropped."""

from datetime import timedelta

import pytest

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import BACKUPS, GENERAL, Message
from bot.sandbox.worlds import BACKUP
from tests.flows.conftest import MakeTeam
from tests.flows.forms import form
from tests.flows.house import LEAN
from tests.flows.orders import approve, points
from tests.flows.team import EU, Team
from tests.flows.test_expiry import becomes

SOON = "AWS deletes it within 8 hours"
RULE = "  adopt: [{account: backup, vault: 'dr-*'}]\n"


def made_elsewhere(team: Team, table: str = "ledger", days: int = 45) -> str:
    """A backup in the vault for disasters that the bot has not made; its ARN."""
    return str(
        team.worlds.aws.world.add_recovery_point(
            BACKUP, EU, "dr-vault", table, created_at=team.clock.now(), lifecycle={"DeleteAfterDays": days}
        )
    )


def adopted(team: Team) -> str:
    """A copy of somebody's that Anna had adopted in the channel; its ARN."""
    arn = made_elsewhere(team)
    team.house.restart()
    team.anna.command("/copy-backup adopt ledger")
    team.walk().reads("Adopt copies").has("Backups").person.choose("Backups", "ledger dr-vault")
    assert team.anna.submit().outcome == "closed"
    team.reads("had me watch the backup of", "ledger")
    return arn


def list_of(team: Team) -> Message:
    team.anna.command("/copy-backup adopt list")
    return team.whispered(team.anna, "told in")


def test_what_people_adopt_is_told_of_where_it_was_adopted_and_can_be_extended(team: Team) -> None:
    adopted(team)

    team.later(days=16)
    notice = team.reads(SOON, "ledger")
    assert notice.channel == BACKUPS
    assert notice.thread_ts is None
    team.anna.click(notice, "Extend…")
    extend = form(team)
    extend.has("Days longer").person.fill("Days longer", "90")
    extend.write("Reason", "It is the only one.").reviewed()
    request_id = extend.sent(team)
    approve(team, request_id)

    team.reads("The end of the backup of", "ledger", "has changed")
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == 135


def test_what_was_adopted_is_let_go_and_its_end_told(team: Team) -> None:
    adopted(team)
    team.later(days=16)
    notice = team.reads(SOON, "ledger")

    team.ben.click(notice, "Let it go")

    team.reads("lets the backup of", "ledger", "the last one anywhere")
    becomes(team, notice, f"Let go by <@{team.ben.id}>", ["Extend…", "Copy again…"])
    team.later(days=31)
    team.reads("The backup of", "has expired, and AWS has removed it")
    becomes(team, notice, "nothing is left to decide", [])
    assert len(team.said(SOON)) == 1


def test_what_was_adopted_goes_as_the_last_one_by_those_alone_who_may_let_it_go(team: Team) -> None:
    adopted(team)
    team.later(days=16)
    notice = team.reads(SOON, "ledger", "This is the last backup anywhere")

    team.dora.click(notice, "Let it go")

    team.whispered(team.dora, "Only @Anna, who had it watched, or those who approve for it")
    team.anna.click(notice, "Let it go")
    team.reads("lets the backup of", "ledger")


def test_a_notice_that_waited_for_the_end_of_the_quiet_hours_has_buttons_that_count(make_team: MakeTeam) -> None:
    quiet = "  quiet: {from: '00:00', to: '23:59', zone: UTC}\n"
    team = make_team(config=LEAN + RULE + quiet)
    for days in (45, 400):
        made_elsewhere(team, days=days)
    team.house.restart()
    team.wait(lambda: _watched(team), "the adoption")
    team.later(days=16)
    team.wait(lambda: _waits(team), "the notice to wait for the end of the quiet hours")
    assert team.said(SOON) == []
    team.later(days=1)
    notice = team.reads(SOON, "ledger")

    team.dora.click(notice, "Let it go")

    team.reads("lets the backup of", "ledger")
    becomes(team, notice, f"Let go by <@{team.dora.id}>", ["Extend…", "Copy again…"])


def test_what_was_adopted_is_listed_and_dropped(team: Team) -> None:
    adopted(team)

    team.anna.click(list_of(team), "Drop")

    team.reads("had me stop watching", "ledger")
    team.anna.command("/copy-backup adopt list")
    team.whispered(team.anna, "I watch no copy that was made elsewhere")
    team.later(days=20)
    team.quiet()
    assert team.said(SOON) == []


def test_what_a_list_cannot_extend_any_more_is_told_beside_it_where_the_bot_is_no_member(team: Team) -> None:
    adopted(team)
    team.anna.command("/copy-backup adopt list", channel=GENERAL)
    elsewhere = team.whispered(team.anna, "told in")
    assert elsewhere.channel == GENERAL
    team.anna.command("/copy-backup adopt list")
    here = team.wait(lambda: [one for one in team.anna.ephemerals if one.channel == BACKUPS], "the list here")
    team.anna.click(here[0], "Drop")
    team.reads("had me stop watching", "ledger")

    team.anna.click(elsewhere, "Extend…")

    assert team.whispered(team.anna, "not watched any more").channel == GENERAL


def test_adopted_twice_it_is_told_of_once(team: Team) -> None:
    arn = adopted(team)

    team.anna.command("/copy-backup adopt ledger")

    team.walk().reads("I know none with “ledger” that has an end and that nobody watches yet")
    with team.house.store.read() as tx:
        assert [copy.arn for copy in tx.copies.adopted(10)] == [arn]


def test_a_backup_that_vanished_before_it_was_chosen_is_told_in_the_field(team: Team) -> None:
    arn = made_elsewhere(team)
    team.house.restart()
    team.anna.command("/copy-backup adopt ledger")
    team.walk().reads("Adopt copies").has("Backups").person.choose("Backups", "ledger")
    team.worlds.aws.world.delete_recovery_point(BACKUP, EU, "dr-vault", arn)
    team.house.restart()

    result = team.anna.submit()

    assert result.outcome == "errors"
    assert "is not there any more" in next(iter(result.errors.values()))


def test_guests_adopt_nothing(team: Team) -> None:
    team.gus.command("/copy-backup adopt")

    form(team, team.gus).reads("Only full members of the workspace")


@pytest.mark.parametrize("rule", [RULE, RULE.replace("}]", ", table: 'led*'}]")])
def test_what_the_configuration_names_is_watched_without_anybody_asking(make_team: MakeTeam, rule: str) -> None:
    team = make_team(config=LEAN + rule)
    made_elsewhere(team)
    team.house.restart()

    team.later(days=16)

    team.reads("Made elsewhere, watched for you", SOON, "ledger")
    team.quiet()
    assert len(team.said(SOON)) == 1


def test_what_people_drop_the_configuration_does_not_bring_back(make_team: MakeTeam) -> None:
    team = make_team(config=LEAN + RULE)
    made_elsewhere(team)
    team.house.restart()
    team.wait(lambda: _watched(team), "the adoption")
    team.anna.click(list_of(team), "Drop")
    team.reads("had me stop watching")

    team.house.restart()
    team.later(days=16)
    team.clock.advance(timedelta(minutes=5))
    team.quiet()

    assert _watched(team) == 0
    assert team.said(SOON) == []


def _waits(team: Team) -> bool:
    """Whether it is decided when the notice leaves."""
    with team.house.store.read() as tx:
        unrouted = tx.outbox.chores(team.clock.now()).unrouted
    return not unrouted and any(kind == NoticeKind.EXPIRING for kind, _ in team.house.notices())


def _watched(team: Team) -> int:
    with team.house.store.read() as tx:
        return len(tx.copies.adopted(10))
