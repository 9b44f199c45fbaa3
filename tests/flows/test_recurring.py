"""The bot's own recurring copies: one approval with an end, runs by cron, nothing missed, nothing twice."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.requests import RequestState
from bot.domain.schedules import Schedule, ScheduleState
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.contract.store_postgres import fresh_database, server_url
from tests.flows.conftest import MakeTeam
from tests.flows.forms import Form, form
from tests.flows.house import House
from tests.flows.orders import CONFIG_WITH_ROUTES, FRANKFURT, points
from tests.flows.team import EU, US, Team

DAY = {"days": 1}


def filled(team: Team, pattern: str = "orders", cron: str = "0 3 * * *", to: str = "dr-vault") -> Form:
    sheet = form(team).begin("schedule bot", "Tables").select("Tables of", f"prod · {US}", redraws=False)
    sheet.write("Tables", pattern).pick("Copy to", to, redraws=False)
    sheet.write("Keep copies for days", "90").write("When", cron).write("Time zone", "UTC")
    return sheet.write("Reason", "Every night, for the auditors.")


def in_force(team: Team, **choices: Any) -> str:
    request_id = filled(team, **choices).reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)
    team.reads("The schedule is in force")
    return request_id


def schedule(team: Team) -> Schedule:
    with team.house.store.read() as tx:
        (found,) = tx.schedules.living()
    return found


def new_backup(team: Team, table: str = "orders") -> str:
    return team.worlds.aws.world.add_recovery_point(
        PROD, US, "daily", table, size_bytes=1024, lifecycle={"DeleteAfterDays": 90}
    )


def until_the_run(team: Team) -> None:
    """Move the clock to just after the next run is due."""
    # A run's request is written before its schedule moves on.
    team.wait(lambda: (schedule(team).next_run_at or team.clock.now()) > team.clock.now(), "the schedule to move on")
    due = schedule(team).next_run_at
    assert due is not None
    team.clock.advance(due - team.clock.now() + timedelta(minutes=1))


def run(team: Team, number: str) -> None:
    team.wait(lambda: number in team.house.request_ids(), f"the run {number}")
    team.becomes(RequestState.COMPLETED, number)


def test_a_schedule_copies_the_newest_backup_of_each_fitting_table_under_one_approval(team: Team) -> None:
    request_id = in_force(team, pattern="*o*")

    until_the_run(team)
    run(team, "CB-2")

    request = team.house.request("CB-2")
    assert sorted(step.params.table for step in request.steps) == ["customers", "invoices-2026", "orders"]
    assert [decision.actor.user_id for decision in request.decisions] == [team.ben.id]
    assert f"standing approval {request_id}" in team.text(team.question("CB-2"))
    assert team.question("CB-2").buttons == []
    assert "Run started as CB-2" in team.text(team.reads("Run started"))
    assert len(team.copies()) == 3


def test_the_persons_own_zone_is_proposed_and_the_run_is_at_their_three_in_the_morning(team: Team) -> None:
    sheet = form(team).begin("schedule bot", "Tables").select("Tables of", f"prod · {US}", redraws=False)
    sheet.write("Tables", "orders").pick("Copy to", "dr-vault", redraws=False)
    assert sheet.value("Time zone") == "Europe/Berlin"
    sheet.write("Keep copies for days", "90").write("When", "0 3 * * *").write("Reason", "Every night.")
    request_id = sheet.reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)
    due = schedule(team).next_run_at
    assert due is not None
    # Whatever the season: three at night where Anna is, not in Greenwich.
    assert due.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3)
    assert due.astimezone(UTC).hour in (1, 2)

    team.clock.advance(due - team.clock.now() - timedelta(minutes=1))
    team.quiet()
    assert team.house.request_ids() == [request_id]
    team.later(minutes=2)

    run(team, "CB-2")
    assert due <= team.house.request("CB-2").created_at <= due + timedelta(minutes=5)


def test_a_run_takes_a_named_route_and_goes_to_several_places(worlds: LocalWorlds, make_team: MakeTeam) -> None:
    """Hop by hop along the route, and beside it straight to another vault; the route's own times count."""
    # Before the bot has a first look at AWS: of what is made right after it, the form would not know yet.
    worlds.aws.world.create_vault(BACKUP, FRANKFURT, "second")
    worlds.aws.world.allow_copies_into(BACKUP, FRANKFURT, "second", PROD)
    team = make_team(config=CONFIG_WITH_ROUTES)
    sheet = filled(team, to="dr-chain").pick("Copy to", "second", redraws=False)

    review = sheet.reviewed()
    assert "backup · eu-west-1 · `dr-vault` (kept 60 days, then 20 days once the last copy is seen) → " in review.text
    assert "backup · eu-central-1 · `second`" in review.text
    request_id = review.sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.reads("The schedule is in force", "and on to backup · eu-central-1 · `dr-vault` and to backup")
    until_the_run(team)
    run(team, "CB-2")

    assert [step.kind for step in team.house.request("CB-2").steps] == ["copy", "copy", "set-retention", "copy"]
    assert len(points(team, FRANKFURT, "dr-vault")) == len(points(team, FRANKFURT, "second")) == 1
    (hop,) = points(team, EU, "dr-vault")
    assert hop.lifecycle.delete_after == 20


def test_two_ways_into_one_vault_are_refused_in_their_field(make_team: MakeTeam) -> None:
    team = make_team(config=CONFIG_WITH_ROUTES)

    sheet = filled(team, to="dr-chain").pick("Copy to", "dr-vault backup eu-west-1", redraws=False)

    assert "Two of these ways lead to the vault dr-vault" in sheet.objection()["Copy to"]


def test_every_hop_of_a_scheduled_route_needs_a_rule(make_team: MakeTeam) -> None:
    """Whoever approves a schedule approves each copy of its runs, so each is covered before anybody is asked."""
    rules = CONFIG_WITH_ROUTES.replace("  - approvers:", "  - when: {destination_region: eu-west-1}\n    approvers:")
    team = make_team(config=rules)

    filled(team, to="dr-chain").person.submit()

    form(team).reads("No approval rule covers")
    assert team.house.request_ids() == []


def test_a_backup_is_not_copied_twice_and_a_new_one_is(team: Team) -> None:
    in_force(team)
    until_the_run(team)
    run(team, "CB-2")

    until_the_run(team)
    team.reads("there was nothing new to copy")
    assert team.house.request_ids() == ["CB-1", "CB-2"]

    newer = new_backup(team)
    until_the_run(team)
    run(team, "CB-3")
    assert [job["SourceRecoveryPointArn"] for job in team.jobs()][-1] == newer


def test_the_next_run_makes_up_for_the_copy_that_failed_and_repeats_none(
    worlds: LocalWorlds, make_team: MakeTeam
) -> None:
    worlds.aws.world.create_vault(BACKUP, FRANKFURT, "second")
    worlds.aws.world.allow_copies_into(BACKUP, FRANKFURT, "second", PROD)
    team = make_team(config=CONFIG_WITH_ROUTES)
    sheet = filled(team, to="dr-vault backup eu-west-1").pick("Copy to", "second", redraws=False)
    team.ben.click(team.question(sheet.reviewed().sent(team)), "Approve")
    team.reads("The schedule is in force")
    worlds.aws.world.fail_next_copy("An internal error occurred.")
    until_the_run(team)
    team.wait(lambda: "CB-2" in team.house.request_ids(), "the run CB-2")
    team.becomes(RequestState.PARTIAL, "CB-2")
    (failed,) = [step.copy.destination for step in team.house.request("CB-2").steps if step.failure and step.copy]

    until_the_run(team)
    run(team, "CB-3")

    assert [step.copy.destination for step in team.house.request("CB-3").steps if step.copy] == [failed]
    assert len(points(team, EU, "dr-vault")) == len(points(team, FRANKFURT, "second")) == 1
    until_the_run(team)
    team.reads("there was nothing new to copy")
    assert team.house.request_ids() == ["CB-1", "CB-2", "CB-3"]


def test_missed_runs_are_made_up_for_once(team: Team) -> None:
    in_force(team)
    team.house.stop()
    team.later(days=5)

    team.house.start()
    run(team, "CB-2")

    assert "4 runs were missed before it" in team.text(team.reads("Run started as CB-2"))
    team.quiet()
    assert team.house.request_ids() == ["CB-1", "CB-2"]
    due = schedule(team).next_run_at
    assert due is not None
    assert team.clock.now() < due <= team.clock.now() + timedelta(days=1)


def test_a_run_that_falls_due_while_the_one_before_copies_is_skipped_with_words(team: Team) -> None:
    in_force(team)
    team.worlds.aws.world.hold_next_copies()
    until_the_run(team)
    team.wait(lambda: "CB-2" in team.house.request_ids(), "the first run")
    new_backup(team)

    until_the_run(team)

    assert "CB-2" in team.text(team.reads("Run skipped", "still copies"))
    team.worlds.aws.world.release_copies()
    team.becomes(RequestState.COMPLETED, "CB-2")
    assert team.house.request_ids() == ["CB-1", "CB-2"]


def test_a_schedule_is_paused_resumed_and_deleted_by_its_buttons(team: Team) -> None:
    in_force(team)
    team.anna.command("/copy-backup schedule list")
    listed = team.whispered(team.anna, "Next run")

    team.anna.click(listed, "Pause")
    team.reads("paused this schedule")
    assert schedule(team).state is ScheduleState.PAUSED
    team.later(days=3)
    team.quiet()
    assert team.house.request_ids() == ["CB-1"]

    team.anna.click(team.whispered(team.anna, "Paused."), "Resume")
    team.reads("resumed this schedule")
    assert schedule(team).state is ScheduleState.ACTIVE

    team.anna.click(team.whispered(team.anna, "Next run"), "Delete")
    team.reads("deleted this schedule")
    team.later(days=3)
    team.quiet()
    assert team.house.request_ids() == ["CB-1"]


def test_somebody_else_cannot_change_a_schedule(team: Team) -> None:
    in_force(team)
    team.dora.command("/copy-backup schedule list")

    team.dora.click(team.whispered(team.dora, "Next run"), "Pause")

    team.whispered(team.dora, "Only the person who asked")
    assert schedule(team).state is ScheduleState.ACTIVE


def test_people_are_reminded_once_before_the_approval_ends_and_then_it_ends(team: Team) -> None:
    in_force(team)
    until = schedule(team).params.until
    team.clock.advance(until - timedelta(days=6) - team.clock.now())

    team.reads("The standing approval of this schedule ends")
    team.quiet()
    assert len(team.said("The standing approval of this schedule ends")) == 1
    team.clock.advance(until + timedelta(minutes=1) - team.clock.now())
    team.reads("The standing approval has ended")
    known = team.house.request_ids()
    new_backup(team)
    team.later(days=3)
    team.quiet()
    assert team.house.request_ids() == known


def test_a_run_that_the_bot_ended_in_the_middle_of_is_made_once(team: Team) -> None:
    in_force(team)
    fault = team.worlds.slack.faults
    hold = team.worlds.aws.world.faults.throttle("StartCopyJob", times=None)
    until_the_run(team)
    team.wait(lambda: hold.hits, "a copy that does not start")
    team.house.stop()
    hold.lift()
    fault.clear()
    team.later(minutes=10)

    team.house.start()

    run(team, "CB-2")
    team.quiet()
    assert team.house.request_ids() == ["CB-1", "CB-2"]
    assert len(team.jobs()) == 1


def test_two_bots_make_a_run_once(make_team: MakeTeam) -> None:
    with fresh_database(server_url()) as url:
        team = make_team(database_url=url)
        in_force(team)
        second = House(team.worlds, http=False, database_url=url)
        second.start()
        try:
            until_the_run(team)
            run(team, "CB-2")
            team.quiet()
        finally:
            second.shut()
        assert team.house.request_ids() == ["CB-1", "CB-2"]
        assert len(team.said("Run started")) == 1
        team.house.shut()


def test_times_that_cannot_be_read_are_refused_in_their_field(team: Team) -> None:
    assert "cannot be read" in filled(team, cron="99 * * * *").objection()["When"]


def test_a_zone_that_is_none_is_refused_in_its_field(team: Team) -> None:
    assert "time zone such as" in filled(team).write("Time zone", "Mars/Phobos").objection()["Time zone"]


def test_every_mistake_is_told_at_once(team: Team) -> None:
    sheet = filled(team, pattern="or/ders", cron="61 3 * * *").write("Time zone", "Mars/Base")
    sheet.write("Approved until", "2020-01-01").write("Keep copies for days", "abc")

    told = sheet.objection()

    assert set(told) == {"Tables", "When", "Time zone", "Approved until", "Keep copies for days"}


def test_runs_every_minute_are_warned_of(team: Team) -> None:
    assert "Runs fall due every minute, more often than hourly." in filled(team, cron="* * * * *").reviewed().text


def test_an_approval_without_end_is_refused(team: Team) -> None:
    far = (datetime.now(UTC) + timedelta(days=800)).date().isoformat()

    assert "within a year" in filled(team).write("Approved until", far).objection()["Approved until"]


def test_rules_that_ask_for_more_today_stop_a_schedule_with_words(make_team: MakeTeam) -> None:
    team = make_team()
    in_force(team)
    team.house.stop()
    team.house.config = team.house.config.replace("needed: 1", "needed: 2")
    team.house.start()

    until_the_run(team)

    assert "ask for more approvals today" in team.text(team.reads("The run could not be started"))
    assert team.house.request_ids() == ["CB-1"]
