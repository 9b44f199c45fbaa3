"""What people do on the notice that a copy will end, by clicking: keep it longer, let it go, adopt what others made."""

from datetime import timedelta

from playwright.sync_api import expect

from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.sandbox.slack import ANNA
from bot.sandbox.worlds import BACKUP
from tests.browser.conftest import SitDown
from tests.browser.test_forms import approve, send, write
from tests.flows.orders import points
from tests.flows.team import EU, Team


def test_a_copy_is_kept_longer_from_its_notice(at_desk: SitDown, team: Team) -> None:
    team.copied("orders", keep=Keep.DAYS, days=45)
    (copy,) = team.copies()
    team.clock.advance(copy.created_at + timedelta(days=16) - team.clock.now())
    team.reads("from now")
    desk = at_desk(ANNA)
    desk.open_thread()
    desk.shoot("40-expiring")

    desk.thread.get_by_role("button", name="Keep the copy of orders longer").click()
    desk.reads("Days longer")
    write(desk, "Days longer", "none")
    write(desk, "Reason", "The audit takes longer.")
    desk.press("Review")
    desk.reads("Type a whole number of days, 1 or more.")
    desk.shoot("41-extend-refused")
    write(desk, "Days longer", "90")
    send(desk, "42-extend")
    expect(desk.thread).to_contain_text("asked to keep the copy of orders")
    desk.shoot("43-linked")
    approve(desk, "44-extend")

    team.becomes(RequestState.COMPLETED, "CB-2")
    team.reads("The end of the copy of", "has changed")
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == 135


def test_what_others_made_is_adopted_by_searching_for_it(at_desk: SitDown, team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(
        BACKUP, EU, "dr-vault", "ledger", created_at=team.clock.now(), lifecycle={"DeleteAfterDays": 45}
    )
    team.house.restart()
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup adopt ledger")
    desk.reads("Adopt copies")
    desk.choose("Backups", "ledger")
    desk.shoot("45-adopt")
    desk.press("Watch them")

    expect(desk.messages.first).to_contain_text("had me watch the backup of ledger")
    desk.type_line("/copy-backup adopt list")
    desk.page.get_by_role("button", name="Stop watching the backup of ledger").wait_for()
    desk.shoot("46-adopted")
