"""Asking how things are, and trouble that people and machines can read: status, list, metrics, dead letters, pauses."""

import json
import urllib.error
import urllib.request

import pytest
from sqlalchemy import event

from bot.domain.errors import ConfigurationError
from bot.domain.notices import NoticeKind
from bot.domain.requests import RequestState
from bot.domain.sentences.history import DISMISSED
from bot.sandbox.slack import BACKUPS, BOT_USER, GENERAL
from bot.workflows.announce import say
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN, House
from tests.flows.team import Team

OPERATED = LEAN.replace(
    "notices:\n",
    f"notices:\n  ops_channel: {GENERAL}\n  routes: [{{when: {{table: 'ord*'}}, channel: {GENERAL}}}]\n",
)


def read(team: Team, path: str) -> tuple[int, str]:
    assert team.house.bot is not None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{team.house.bot.port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_status_and_list_tell_the_one_who_asks_and_nobody_else(team: Team) -> None:
    team.copied("orders")

    team.dora.command("/copy-backup status", BACKUPS)
    team.whispered(team.dora, "All is well")
    team.dora.command("/copy-backup status cb-1", BACKUPS)
    told = team.text(team.whispered(team.dora, "History:"))
    assert "Completed" in told
    assert "asked" in told
    assert "Open its thread" in told
    team.dora.command("/copy-backup list ord failed", BACKUPS)
    team.whispered(team.dora, "No requests for")
    team.dora.command("/copy-backup list ord", BACKUPS)
    team.whispered(team.dora, "Requests 1 to 1")
    team.dora.command("/copy-backup status CB-99", BACKUPS)
    team.whispered(team.dora, "There is no request with this number")

    assert team.said("All is well") == []


def test_guests_are_told_nothing(team: Team) -> None:
    team.pending("orders")

    team.gus.command("/copy-backup list", BACKUPS)

    team.whispered(team.gus, "Guests cannot ask for this")


def test_the_pages_of_a_list_are_turned_in_place(team: Team) -> None:
    for _ in range(10):
        team.pending("orders")
    team.dora.command("/copy-backup list", BACKUPS)
    first = team.whispered(team.dora, "Requests 1 to 8")

    team.dora.click(first, "Older")

    team.whispered(team.dora, "Requests 9 to 10")
    assert not [text for text in team.whispers(team.dora) if "Requests 1 to 8" in text]


def test_machines_read_figures(team: Team) -> None:
    team.copied("orders")

    def counted() -> bool:
        return 'copy_backup_requests{state="COMPLETED"} 1.0' in read(team, "/metrics")[1]

    team.wait(counted, "the figures to be counted")
    told = 'copy_backup_notice_delivery_seconds_count{kind="completed"} 1.0'
    team.wait(lambda: told in read(team, "/metrics")[1], "the delivery to be measured")
    text = read(team, "/metrics")[1]
    assert "copy_backup_notices_dead 0.0" in text
    assert 'copy_backup_sweep_seconds_bucket{le="0.01",sweep="relay"}' in text


def test_a_revoked_token_shows_and_resumes_by_itself(team: Team) -> None:
    team.pending("orders")
    faults = team.worlds.slack.faults
    faults.token_error = "token_revoked"
    with team.house.store.begin() as tx:
        request = tx.requests.get("CB-1")
        assert request is not None
        say(tx, request, NoticeKind.STARTED, team.clock.now(), facts={"job_id": "JOB-1"})

    team.wait(lambda: read(team, "/readyz")[0] == 503, "the pause to show")
    team.wait(lambda: json.loads(read(team, "/readyz")[1])["queues"].get("pending") == 1, "what waits to show")
    assert "token_revoked" in json.loads(read(team, "/readyz")[1])["line"]
    faults.token_error = None

    team.clock.run_at(10)
    team.wait(lambda: json.loads(read(team, "/readyz")[1])["line"] == "ok", "the line to resume")
    team.reads("The copy has started")


def test_who_asks_while_the_token_is_revoked_reads_that_and_not_that_slack_was_slow(team: Team) -> None:
    team.worlds.slack.faults.token_error = "token_revoked"

    team.dora.command("/copy-backup status", BACKUPS)

    team.whispered(team.dora, "Slack does not accept my token (token_revoked).")


def test_a_route_announces_in_another_channel_with_a_link_and_without_buttons(make_team: MakeTeam) -> None:
    team = make_team(config=OPERATED)
    team.worlds.slack.directory.join(GENERAL, BOT_USER)

    team.copied("orders")
    team.quiet()

    (announced,) = [message for message in team.messages(GENERAL) if "The copy has completed" in team.text(message)]
    assert announced.buttons == []
    assert "the thread of CB-1" in team.text(announced)
    assert announced.thread_ts is None


def test_a_channel_that_throws_the_bot_out_is_told_to_operators_while_requests_go_on(make_team: MakeTeam) -> None:
    team = make_team(config=OPERATED.replace(f"channel: {BACKUPS}\n", ""))
    team.worlds.slack.directory.join(GENERAL, BOT_USER)
    team.pending("customers")
    question = team.question()
    team.worlds.slack.directory.leave(BACKUPS, BOT_USER)

    team.ben.click(question, "Approve")

    team.becomes(RequestState.COMPLETED)
    team.wait(
        lambda: [one for one in team.messages(GENERAL) if "takes no messages from me" in team.text(one)],
        "operators to be told",
    )
    team.dora.command("/copy-backup status", GENERAL)
    team.whispered(team.dora, "takes no messages since")
    team.worlds.slack.directory.join(BACKUPS, BOT_USER)
    team.later(minutes=3)
    team.done()
    team.quiet()


def dead_letters(team: Team, count: int) -> None:
    """So many notices of CB-1 that Slack does not take."""
    team.worlds.slack.faults.refuse("chat.postMessage", "msg_too_long", count)
    with team.house.store.begin() as tx:
        request = tx.requests.get("CB-1")
        assert request is not None
        for number in range(count):
            facts = {"job_id": f"JOB-{number}"}
            say(tx, request, NoticeKind.STARTED, team.clock.now(), key=f"{number}", facts=facts)
    told = f"copy_backup_notices_dead {count}.0"
    team.wait(lambda: told in read(team, "/metrics")[1], "the dead letters to be counted")


def test_what_could_not_be_delivered_is_told_plainly_and_dismissed_by_somebody_with_a_name(team: Team) -> None:
    team.pending("orders")
    dead_letters(team, 2)
    for person in (team.ben, team.dora):
        person.command("/copy-backup status", BACKUPS)
    seen, old = (team.whispered(person, "Not delivered") for person in (team.dora, team.ben))
    assert "Slack found the message too long (msg_too_long)" in team.text(seen).replace("`", "")
    assert "What to do: An operator reports it" in team.text(seen).replace("*", "")

    team.dora.click(seen, "Dismiss")

    team.wait(lambda: "1 notice could not be delivered" in " ".join(team.whispers(team.dora)), "one to be left")
    team.ben.click(old, "Dismiss")
    team.whispered(team.ben, "This was dismissed already by")
    team.ben.click(old, "Dismiss all 2")
    team.whispered(team.ben, "All is well")
    lines = [event for event in team.house.history("CB-1") if event.what == DISMISSED]
    assert [(event.actor and event.actor.user_id, event.detail) for event in lines] == [
        (who.id, f"started for {BACKUPS} (msg_too_long)") for who in (team.dora, team.ben)
    ]
    team.quiet()


def test_a_second_bot_on_the_same_file_refuses_to_start(team: Team) -> None:
    other = House(team.worlds)

    with pytest.raises(ConfigurationError, match="is using the database"):
        other.start()

    team.copied("orders")


def test_a_full_disk_is_said_to_the_person_and_work_goes_on_when_there_is_room(team: Team) -> None:
    team.pending("orders")
    assert team.house.bot is not None
    engine = team.house.bot._store._engine  # type: ignore[attr-defined]  # the bot's own connections
    pages = {"most": 1}
    event.listen(
        engine, "checkout", lambda connection, *_: connection.execute(f"PRAGMA max_page_count = {pages['most']}")
    )
    number = 0
    while "no space left" not in " ".join(team.whispers(team.dora)):
        team.dora.command("/copy-backup", BACKUPS)
        if team.dora.modal:
            team.dora.close_modal()
        number += 1
        assert number < 200

    pages["most"] = 1_000_000
    team.ben.click(team.question(), "Approve")

    team.done()
    assert team.state() is RequestState.COMPLETED
