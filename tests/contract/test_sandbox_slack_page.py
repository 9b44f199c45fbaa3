"""The page's server: its files, who may ask for them, what can be made to go wrong from it."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from slack_sdk.errors import SlackApiError

from bot.sandbox.aws import LocalAws, access_key
from bot.sandbox.aws_failures import JOB_MESSAGE, aws_failures
from bot.sandbox.slack import ANNA, BACKUPS, LocalSlack
from bot.sandbox.slack.page.routes import FOLDER
from tests.contract.sandbox_slack_bots import client_of

ACCOUNT, REGION, VAULT = "111111111111", "eu-west-1", "dr-vault"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as running:
        running.world.add_account(ACCOUNT)
        running.world.create_vault(ACCOUNT, REGION, VAULT)
        running.world.allow_copies_into(ACCOUNT, REGION, VAULT, "222222222222")
        yield running


def ask(
    slack: LocalSlack, path: str, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", slack.port, timeout=10)
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


def menu(slack: LocalSlack) -> dict[str, Any]:
    return {failure["id"]: failure for failure in json.loads(ask(slack, "/_world/page")[2])["failures"]}


def order(slack: LocalSlack, failure: str, **wish: Any) -> int:
    return ask(slack, f"/_world/failures/{failure}", "POST", wish)[0]


def test_the_page_is_served_with_a_policy_that_lets_nothing_else_in(slack: LocalSlack) -> None:
    status, headers, text = ask(slack, "/")

    assert (status, headers.get_content_type()) == (200, "text/html")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert set(re.findall(r'(?:src|href)="([^"]+)"', text)) == {
        "/page/icon.svg",
        "/page/main.js",
        *(f"/page/{name}.css" for name in ("base", "frame", "messages", "forms", "panel")),
    }


def test_every_file_of_the_page_is_there_and_of_its_type(slack: LocalSlack) -> None:
    types = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}

    for path in FOLDER.iterdir():
        status, headers, text = ask(slack, f"/page/{path.name}")
        assert (status, headers.get_content_type(), text) == (200, types[path.suffix], path.read_text("utf-8"))


@pytest.mark.parametrize("path", ["nothing.js", "..%2froutes.py", "%2e%2e/routes.py", "routes.py"])
def test_no_other_file_is_served(slack: LocalSlack, path: str) -> None:
    assert ask(slack, f"/page/{path}")[0] == 404


def test_the_modules_say_why_they_exist_stay_small_and_import_what_is_there() -> None:
    """The rules of the house for Python hold for the page's modules, too."""
    modules = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}

    assert [name for name, text in modules.items() if not re.match(r"// [A-Z].+[.:]\n", text)] == []
    assert [name for name, text in modules.items() if text.count("\n") > 300] == []
    assert [
        name for name, text in modules.items() if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(", text)
    ] == []
    for text in modules.values():
        for names, module in re.findall(r'import \{([^}]+)\} from "\./([\w.]+)"', text):
            exported = set(re.findall(r"export (?:async )?(?:function|const|let) (\w+)", modules[module]))
            assert {name.split(" as ")[0].strip() for name in names.split(",")} <= exported


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "10.0.0.1", ""])
@pytest.mark.parametrize("path", ["/", f"/_world/screen/{ANNA}", "/api/auth.test"])
def test_a_name_that_is_rebound_to_this_machine_is_refused(slack: LocalSlack, host: str, path: str) -> None:
    status, _, text = ask(slack, path, Host=host)

    assert status == 403
    assert "Acme" not in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machines_own_names_are_served(slack: LocalSlack, host: str) -> None:
    assert ask(slack, "/", Host=f"{host}:{slack.port}")[0] == 200


def test_a_strange_page_can_change_nothing(slack: LocalSlack) -> None:
    path, body = f"/_world/people/{ANNA}/say", {"channel": BACKUPS, "text": "x"}

    strange = [ask(slack, path, "POST", body, Origin=origin)[0] for origin in ("https://evil.example", "null")]
    other_port = ask(slack, path, "POST", body, Origin="http://127.0.0.1:1")[0]
    own = ask(slack, path, "POST", body, Origin=f"http://127.0.0.1:{slack.port}")[0]

    assert (*strange, other_port, own) == (403, 403, 403, 200)
    assert [message.text for message in slack.channel(BACKUPS).messages] == ["x"]


def test_the_clock_hurries_stands_and_refuses_to_go_back(slack: LocalSlack) -> None:
    fast = json.loads(ask(slack, "/_world/clock", "POST", {"speed": 60})[2])
    back = ask(slack, "/_world/clock", "POST", {"advance_seconds": -1})[0]
    nonsense = ask(slack, "/_world/clock", "POST", {"speed": "fast"})[0]

    assert fast["speed"] == slack.clock.speed == 60
    assert (back, nonsense) == (400, 400)


def test_the_traffic_is_told_piece_by_piece(slack: LocalSlack) -> None:
    for _ in range(3):
        client_of(slack).auth_test()

    numbers = [row["number"] for row in json.loads(ask(slack, "/_world/traffic")[2])]
    later = [row["number"] for row in json.loads(ask(slack, "/_world/traffic?after=2")[2])]

    assert (numbers, later) == ([1, 2, 3], [3])


def test_failures_of_slack_are_ordered_by_name(slack: LocalSlack) -> None:
    assert order(slack, "slack-429") == 200
    assert order(slack, "earthquake") == 404

    with pytest.raises(SlackApiError, match="ratelimited"):
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x")
    order(slack, "slack-500")
    with pytest.raises(SlackApiError, match="internal_error"):
        client_of(slack).chat_postMessage(channel=BACKUPS, text="posted all the same")
    assert [message.text for message in slack.channel(BACKUPS).messages] == ["posted all the same"]


def test_failures_of_another_world_stand_first_and_tell_their_position(slack: LocalSlack, aws: LocalAws) -> None:
    slack.page.offer(*aws_failures(aws.world, [(ACCOUNT, REGION, VAULT)]))
    vault = aws.world.state.books(ACCOUNT, REGION).vaults[VAULT]
    policy = vault.policy

    assert next(iter(menu(slack).values()))["group"] == "AWS"
    assert menu(slack)["aws-policy"]["on"] is False
    order(slack, "aws-policy", on=True)
    order(slack, "aws-policy", on=True)
    assert (vault.policy, menu(slack)["aws-policy"]["on"]) == (None, True)
    order(slack, "aws-policy", on=False)

    assert (vault.policy, menu(slack)["aws-policy"]["on"]) == (policy, False)


def test_throttling_lasts_until_it_is_switched_off(slack: LocalSlack, aws: LocalAws) -> None:
    slack.page.offer(*aws_failures(aws.world, []))
    backup = boto3.client(
        "backup",
        region_name=REGION,
        endpoint_url=aws.url,
        aws_access_key_id=access_key(ACCOUNT),
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )

    order(slack, "aws-throttling", on=True)
    for _ in range(2):
        with pytest.raises(ClientError, match="Rate exceeded"):
            backup.list_backup_vaults()
    assert menu(slack)["aws-throttling"]["on"] is True
    order(slack, "aws-throttling", on=False)

    assert [vault["BackupVaultName"] for vault in backup.list_backup_vaults()["BackupVaultList"]] == [VAULT]
    assert menu(slack)["aws-throttling"]["on"] is False


def test_the_next_job_fails_with_the_message_of_ones_choice(slack: LocalSlack, aws: LocalAws) -> None:
    slack.page.offer(*aws_failures(aws.world, []))

    order(slack, "aws-job", text="The disk is full.")
    order(slack, "aws-job")

    assert [failure.message for failure in aws.world.state.orders["copy"].dooms] == ["The disk is full.", JOB_MESSAGE]
