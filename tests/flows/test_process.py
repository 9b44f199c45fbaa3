"""`copy-backup` as operators meet it: it serves, says how it is, ends when told to, and refuses what it cannot use."""

import json
import re
import socket
import sqlite3
from pathlib import Path

import pytest

from bot.sandbox.worlds import CONFIG, LocalWorlds
from tests.flows.house import LEAN, House
from tests.flows.processes import Running, finished, get, running
from tests.flows.readme import not_as_shown
from tests.flows.team import Team


def port_of(bot: Running) -> int:
    found = re.search(r"port=(\d+)", bot.logs("ready"))
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("http", [False, True], ids=["socket mode", "signed http"])
def test_a_process_serves_tells_its_health_and_ends_on_sigterm(worlds: LocalWorlds, http: bool) -> None:
    team = Team(House(worlds, http=http))
    with running(team.house.environ, "run", "--port", "0") as bot:
        port = port_of(bot)
        if http:
            worlds.slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        status, body = get(f"http://127.0.0.1:{port}/readyz")
        assert (status, json.loads(body)["ready"]) == (200, True)

        team.copied("orders")
        team.quiet()

        assert bot.end() == 0
        bot.logs("stopped")
    assert "Traceback" not in bot.log
    assert_no_lock(worlds.folder / "copy-backup.sqlite3")
    team.house.shut()


def assert_no_lock(path: Path) -> None:
    """Nobody holds the database's write lock: it can be taken at once."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    finally:
        connection.close()


def test_a_second_process_goes_on_where_the_first_was_told_to_end(worlds: LocalWorlds) -> None:
    team = Team(House(worlds, http=False))
    with running(team.house.environ, "run", "--port", "0") as bot:
        bot.logs("ready")
        team.pending("orders")
        team.quiet()
        assert bot.end() == 0

    with running(team.house.environ, "run", "--port", "0") as bot:
        bot.logs("ready")
        team.ben.click(team.question(), "Approve")
        team.done()
        assert bot.end() == 0
    assert len(team.jobs()) == 1
    team.house.shut()


def test_a_process_that_is_killed_loses_nothing(worlds: LocalWorlds) -> None:
    team = Team(House(worlds, http=False))
    worlds.aws.world.hold_next_copies()
    with running(team.house.environ, "run", "--port", "0") as bot:
        bot.logs("ready")
        team.approved("orders")
        team.wait(team.jobs, "the copy job")
        bot.process.kill()
    worlds.aws.world.release_copies()
    team.later(minutes=10)

    team.house.start()

    team.done()
    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("approved CB-1")) == 1
    team.house.shut()


def test_a_mistake_in_the_configuration_is_told_with_file_line_and_key(worlds: LocalWorlds) -> None:
    environ = House(worlds, config=LEAN.replace("needed: 1", "needed: many")).environ

    ended = finished(environ, "run", "--port", "0")

    line = LEAN.splitlines().index("    needed: 1") + 1
    assert ended.returncode == 2
    assert f"copy-backup.yaml:{line}:" in ended.stderr
    assert "needed" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("hops", "told"),
    [
        (
            "[backup/eu-west-1/one, backup/eu-central-1/two, backup/eu-west-1/one]",
            "expected a way that never comes back",
        ),
        ("[nobody/eu-west-1/one]", 'expected one of the accounts backup, prod, got "nobody"'),
        ("[backup/us-west-2/one]", "expected a Region of the account backup"),
    ],
)
def test_a_route_that_leads_nowhere_or_back_is_told_with_file_line_and_key(
    worlds: LocalWorlds, hops: str, told: str
) -> None:
    config = CONFIG + f"routes:\n  fine: [backup/eu-west-1/one, backup/eu-central-1/two]\n  far: {hops}\n"

    ended = finished(House(worlds, config=config).environ, "run", "--port", "0")

    line = config.splitlines().index(f"  far: {hops}") + 1
    assert ended.returncode == 2
    assert f"copy-backup.yaml:{line}: routes.far[" in ended.stderr
    assert told in ended.stderr


def test_a_token_that_slack_does_not_accept_is_told_by_its_name_and_not_shown(worlds: LocalWorlds) -> None:
    worlds.slack.faults.token_error = "invalid_auth"
    environ = House(worlds).environ

    ended = finished(environ, "run", "--port", "0")

    assert ended.returncode == 2
    assert "SLACK_BOT_TOKEN: Slack does not accept it (invalid_auth)" in ended.stderr
    assert "install the app again there; then set SLACK_BOT_TOKEN" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert worlds.slack.bot_token not in ended.stderr


def test_a_port_that_is_taken_is_told(worlds: LocalWorlds) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = finished(House(worlds).environ, "run", "--port", str(port))

    assert ended.returncode == 2
    assert f"--port {port}: cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_cannot_be_used_is_told_without_its_password(worlds: LocalWorlds) -> None:
    house = House(worlds, database_url="postgresql://bot:s3cr3t-password@127.0.0.1:1/nothing")

    ended = finished(house.environ, "run", "--port", "0")

    assert ended.returncode == 2
    assert "127.0.0.1:1" in ended.stderr
    assert "s3cr3t-password" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_plays_the_main_job_as_the_readme_shows_it_and_names_the_copy_job_last() -> None:
    ended = finished({}, "demo")

    assert ended.returncode == 0, ended.stderr
    last = ended.stdout.strip().splitlines()[-1]
    assert re.search(r"under copy job [0-9A-F-]{36}\.$", last)
    assert "orders" in last
    assert "Traceback" not in ended.stderr
    assert not_as_shown(ended.stdout) == []
