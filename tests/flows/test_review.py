"""The review: first what is known soon, then all of it; what stands in the way, and the buttons that mend it."""

from collections.abc import Iterator

import pytest

from bot.domain.drafts import Page
from bot.domain.requests import RequestState
from bot.sandbox.aws.faults import Fault, Faults
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN
from tests.flows.team import EU, US, Team
from tests.flows.walk import Walk


@pytest.fixture
def faults(worlds: LocalWorlds) -> Iterator[Faults]:
    yield worlds.aws.world.faults
    worlds.aws.world.faults.clear()


def slow_keys(faults: Faults) -> Fault:
    """What a look needs first is quick, the keys are slow."""
    return faults.slow("kms:*", seconds=30)


def to_first_part(team: Team) -> Walk:
    """Walk on to the review, as far as it can be seen while the keys are not there."""
    walk = team.walk().open("orders").backup().next().destination().next()
    return walk.keep("As the source").why("needed").next().reads("Still looking at")


def test_what_is_known_soon_stands_there_while_the_rest_is_on_its_way(bot_over: Team) -> None:
    slow = slow_keys(bot_over.worlds.aws.world.faults)

    walk = to_first_part(bot_over)

    for words in ("dr-vault", "Estimated cost", "2 people can give one", "The backup is complete", "keys"):
        assert words in walk.text
    assert walk.view.submit_text is None
    slow.lift()
    walk.reads("Nothing stands in the way")
    assert "Still looking" not in walk.text
    assert walk.view.submit_text == "Send request"


def test_nothing_is_sent_before_everything_is_seen(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    with pytest.raises(Exception, match="submit"):
        walk.person.submit()

    slow.lift()
    walk.reviewed().send()
    walk.reads("is sent")


def test_a_late_second_part_covers_no_page_that_was_turned_meanwhile(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    walk.back()
    slow.lift()
    walk.next().reviewed()

    updates = team.worlds.slack.traffic.calls("views.update")
    assert walk.view.submit_text == "Send request"
    assert [call for call in updates if call.answer.get("error") not in (None, "hash_conflict")] == []


def test_a_late_second_part_leaves_the_page_that_one_went_back_to(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team).back()
    seen = walk.view.hash

    slow.lift()
    team.wait(lambda: team.aws_calls("GetKeyPolicy"), "the keys to be read")
    team.house.stop()

    assert "Step 3 of 4" in walk.text
    assert walk.view.hash == seen
    with team.house.store.read() as tx:
        draft = tx.drafts.get(team.house.draft_ids()[0])
    assert draft is not None
    assert draft.form.page is Page.RETENTION


def test_a_late_first_part_leaves_the_page_that_one_went_back_to(team: Team, faults: Faults) -> None:
    slow = faults.slow("DescribeRecoveryPoint", seconds=30)
    walk = team.walk().open("orders").backup().next().destination().next()
    walk.keep("As the source").why("needed").next().reads("Looking at the backup").back()
    seen = walk.view.hash

    slow.lift()
    team.house.stop()

    assert "Step 3 of 4" in walk.text
    assert walk.view.hash == seen


def test_a_late_second_part_follows_nobody_who_has_closed_the_form(team: Team, faults: Faults) -> None:
    slow = slow_keys(faults)
    walk = to_first_part(team)

    walk.person.close_modal()
    slow.lift()
    team.wait(lambda: team.aws_calls("GetKeyPolicy"), "the keys to be read")
    team.house.stop()

    assert team.anna.modal is None
    assert team.whispers(team.anna) == []


def test_a_copy_that_is_there_is_linked_and_copied_again_on_purpose_only(team: Team) -> None:
    first = team.copied("orders")

    walk = team.prepare("orders")

    assert "There already" in walk.text
    assert f"It is from {first}" in walk.text or f"|{first}>" in str(walk.view.blocks)
    assert walk.view.submit_text is None
    walk.person.press("Copy again anyway")
    walk.reads("Take care").reviewed().send()
    walk.reads("is sent").person.close_modal()
    team.question_reads("is in dr-vault already", "CB-2")
    team.ben.click(team.question("CB-2"), "Approve")
    team.becomes(RequestState.COMPLETED, "CB-2")
    assert len(team.copies()) == 2


def test_a_copy_that_is_under_way_is_linked_before_a_second_one_is_asked_for(team: Team) -> None:
    team.worlds.aws.world.hold_next_copies()
    first = team.approved("orders")
    team.becomes(RequestState.RUNNING, first)

    walk = team.prepare("orders")

    assert "Under way already" in walk.text
    assert f"|{first}>" in str(walk.view.blocks)
    assert walk.view.submit_text is None
    team.worlds.aws.world.release_copies()


def test_a_copy_that_was_made_meanwhile_is_told_and_approved_again(team: Team) -> None:
    first, second = team.pending("orders"), team.pending("orders")
    team.ben.click(team.question(first), "Approve")
    team.becomes(RequestState.COMPLETED, first)

    team.ben.click(team.question(second), "Approve")

    team.reads(f"{second} has changed since it was asked for", "A copy of this backup has been made")
    assert team.state(second) is RequestState.PENDING
    team.question_reads("is in dr-vault already", second)
    team.ben.click(team.question(second), "Approve")
    team.becomes(RequestState.COMPLETED, second)


def test_what_approvers_may_overrule_can_be_sent_and_is_told_them(make_team: MakeTeam) -> None:
    team = make_team(config=LEAN.replace("    needed: 1\n", "    needed: 1\n    override_findings: true\n"))
    shut(team)

    walk = team.prepare("orders")

    assert walk.view.submit_text == "Send with 1 to overrule"
    assert "lets approvers overrule" in walk.text
    walk.send()
    walk.reads("is sent").person.close_modal()
    team.question_reads("This would fail: Account 111111111111 may not copy into the vault")


def test_what_nobody_may_overrule_is_not_sent_until_it_is_mended(team: Team) -> None:
    shut(team)
    walk = team.prepare("orders")
    assert "put-backup-vault-access-policy" in walk.text
    assert walk.view.submit_text is None

    team.worlds.aws.world.allow_copies_into(BACKUP, EU, "dr-vault", PROD)
    walk.person.press("Check again")

    walk.reads("Nothing stands in the way")
    assert walk.view.submit_text == "Send request"


def test_a_vault_that_vanished_is_made_by_the_button_beside_its_finding(team: Team) -> None:
    world = team.worlds.aws.world
    world.create_vault(PROD, US, "weekly")
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next().destination("prod", US, "weekly").next()
    world.delete_vault(PROD, US, "weekly")
    walk.keep("As the source").why("needed").next().reviewed()
    assert "There is no vault weekly" in walk.text

    walk.person.press("Create this vault")

    walk.reads("Step 1 of 2: create the vault").reviewed().send()
    walk.reads("is sent").person.close_modal()
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)
    assert len(world.state.books(PROD, US).vaults["weekly"].points) == 1


def test_the_vault_of_another_account_gets_the_key_of_its_neighbour(team: Team) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, EU, "weekly")
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next().destination(vault="weekly").next()
    world.delete_vault(BACKUP, EU, "weekly")
    walk.keep("As the source").why("needed").next().reviewed()

    walk.person.press("Create this vault")

    walk.reads("Step 1 of 2: create the vault").reviewed().send()
    walk.reads("is sent").person.close_modal()
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)


@pytest.mark.parametrize("off", [False, True], ids=["features on", "features off"])
def test_a_backup_that_went_cold_meanwhile_is_made_anew_by_the_button_beside_its_finding(
    team: Team, *, off: bool
) -> None:
    world = team.worlds.aws.world
    daily = world.state.books(PROD, US).vaults["daily"].points
    world.set_advanced(PROD, US, enabled=not off)
    walk = team.walk().open("orders").backup().next().destination().next()
    before, chosen = set(daily), daily[team.newest_backup()]
    chosen.storage_class = "COLD"
    walk.keep("As the source").why("needed").next().reviewed()
    assert "This backup is in cold storage" in walk.text
    assert walk.view.submit_text is None

    walk.person.press("Make a new backup first")

    walk.reads("Step 1 of 3: turn on advanced" if off else "Step 1 of 2: back up").reviewed()
    assert "[Make a new backup first]" not in walk.text
    walk.send()
    walk.reads("is sent").person.close_modal()
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)
    (new,) = set(daily) - before
    (copy,) = team.aws_calls("StartCopyJob")
    assert copy.params["RecoveryPointArn"] == new
    assert len(team.copies()) == 1


@pytest.mark.parametrize(
    ("account", "region", "told"),
    [(PROD, US, "Advanced features are off"), (BACKUP, EU, "DynamoDB is not opted in in AWS Backup")],
)
def test_a_setting_that_is_off_is_turned_on_first_by_the_button_beside_its_finding(
    team: Team, account: str, region: str, told: str
) -> None:
    books = team.worlds.aws.world.state.books(account, region)
    (books.management if account == PROD else books.opt_in)["DynamoDB"] = False
    walk = team.prepare("orders")
    assert told in walk.text

    walk.person.press("Turn it on first")

    walk.reads("Step 1 of 2: turn on advanced features").reviewed()
    assert (told in walk.text, "[Turn it on first]" in walk.text) == (False, False)
    walk.send()
    walk.reads("is sent").person.close_modal()
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)
    assert (books.opt_in["DynamoDB"], books.management["DynamoDB"], len(team.copies())) == (True, True, 1)


def test_a_vault_with_aws_s_own_key_is_left_for_one_that_is_made_beside_it(team: Team) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, EU, "weekly", key="default")
    world.allow_copies_into(BACKUP, EU, "weekly", PROD)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next().destination(vault="weekly").next()
    walk.keep("As the source").why("needed").next().reviewed()
    assert "AWS's own key aws/backup" in walk.text

    walk.person.press("Create another vault")

    walk.on_page(2).has("Name of the new vault")
    assert walk.value("KMS key of the new vault") == world.state.books(BACKUP, EU).vaults["dr-vault"].key_arn
    walk.write("Name of the new vault", "audit").next().next().reviewed().send()
    walk.reads("is sent").person.close_modal()
    team.ben.click(team.question(), "Approve")
    team.becomes(RequestState.COMPLETED)
    books = world.state.books(BACKUP, EU)
    assert (len(books.vaults["audit"].points), len(books.vaults["weekly"].points)) == (1, 0)


def test_the_nearest_retention_is_taken_by_a_button(team: Team) -> None:
    world = team.worlds.aws.world
    walk = team.walk().open("orders").backup().next().destination().next()
    world.delete_vault(BACKUP, EU, "dr-vault")
    world.create_vault(BACKUP, EU, "dr-vault", lock=(7, 30))
    world.allow_copies_into(BACKUP, EU, "dr-vault", PROD)
    walk.keep("A number of days", 45).why("needed").next().reviewed()
    assert "at most 30 days; this choice comes to 45 days" in walk.text

    walk.person.press("Keep it 30 days")

    walk.reads("30 days from the backup's creation").reviewed()
    assert walk.view.submit_text == "Send request"


def shut(team: Team) -> None:
    """Nobody is let into the vault for disasters any more."""
    books = team.worlds.aws.world.state.books(BACKUP, EU)
    books.vaults["dr-vault"].policy = None
