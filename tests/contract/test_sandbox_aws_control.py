"""The local AWS from outside: its JSON door, its start from a shell, many backups at once, its events."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from bot.sandbox.aws import LocalAws, in_process
from bot.sandbox.clock import WorldClock
from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

# No proxy of the environment may stand between a test and its own loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def served(local_worlds: dict[str, tuple[Any, str | None]]) -> Iterator[Trial]:
    world, endpoint = local_worlds["server"]
    world.reset(WorldClock(NOON, speed=0))
    yield Trial(world, endpoint)
    world.faults.clear()


def _ask(url: str | None, verb: str, path: str, body: object = None, kind: str = "application/json") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_world{path}", data, {"Content-Type": kind}, method=verb)
    with _OPENER.open(request, timeout=20) as answer:
        return json.loads(answer.read())


def _refusal(url: str | None, verb: str, path: str, body: object = None, kind: str = "application/json") -> Any:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _ask(url, verb, path, body, kind)
    return caught.value.code, json.loads(caught.value.read())


def test_a_world_can_be_built_and_played_over_http(served: Trial) -> None:
    url = served.endpoint
    _ask(url, "POST", "/accounts", {"account_id": BACKUP})
    _ask(url, "POST", "/vaults", {"account": PROD, "region": US, "name": "daily"})
    safe = _ask(url, "POST", "/vaults", {"account": BACKUP, "region": EU, "name": "safe"})["result"]
    _ask(url, "POST", "/vaults/admit", {"account": BACKUP, "region": EU, "vault": "safe", "from_account": PROD})
    _ask(url, "POST", "/tables", {"account": PROD, "region": US, "name": "orders", "items": [{"id": "1"}]})
    where = {"account": PROD, "region": US, "vault": "daily", "table": "orders"}
    point = _ask(url, "POST", "/points", where | {"created_at": "2026-01-05T12:00:00"})["result"]
    _ask(url, "POST", "/timing", {"created_seconds": 60, "running_seconds_per_gb": 60})
    served.vaults["safe"] = safe
    job_id = served.start_copy(point)

    moved = _ask(url, "POST", "/clock", {"advance_seconds": 150})

    [job] = _ask(url, "GET", f"/copies?account={PROD}&region={US}")["result"]
    assert moved["now"] == "2026-01-15T12:02:30+00:00"
    assert (job["CopyJobId"], job["State"], job["CreationDate"]) == (job_id, "COMPLETED", NOON.isoformat())
    assert served.copies()[0]["CreationDate"] == NOON - timedelta(days=10)


def test_a_copy_ends_by_itself_in_a_world_that_runs_fast(served: Trial) -> None:
    served.two_accounts()
    point = served.backup_of()
    _ask(served.endpoint, "POST", "/timing", {"created_seconds": 3600, "running_seconds_per_gb": 3600})
    job_id = served.start_copy(point)
    backup = served.client()
    assert backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]["State"] == "CREATED"

    _ask(served.endpoint, "POST", "/clock", {"speed": 100_000})

    ended = time.monotonic() + 20
    while (job := backup.describe_copy_job(CopyJobId=job_id)["CopyJob"])["State"] != "COMPLETED":
        assert time.monotonic() < ended, job
    assert job["CompletionDate"] - job["CreationDate"] >= timedelta(hours=1)


def test_faults_are_switched_over_http(served: Trial) -> None:
    fault = _ask(served.endpoint, "POST", "/faults", {"fault": "throttle", "operation": "ListBackupVaults"})
    with refused("ThrottlingException"):
        served.client().list_backup_vaults()
    seen = _ask(served.endpoint, "GET", "")

    _ask(served.endpoint, "DELETE", "/faults")

    assert served.client().list_backup_vaults()["BackupVaultList"] == []
    assert fault["operation"] == "ListBackupVaults"
    assert [active["hits"] for active in seen["faults"]] == [1]
    assert seen["accounts"] == {PROD: "o-local"}


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ({"fault": "throttle"}, "ThrottlingException", 400),
        ({"fault": "fail"}, "ServiceUnavailableException", 500),
        ({"fault": "fail", "code": "InternalFailure", "status": 503}, "InternalFailure", 503),
        ({"fault": "fail", "code": "LimitExceededException", "status": 400}, "LimitExceededException", 400),
        (
            {"fault": "fail", "code": "InvalidParameterValueException", "status": 400},
            "InvalidParameterValueException",
            400,
        ),
        ({"fault": "expire_token"}, "ExpiredTokenException", 403),
        ({"fault": "deny", "account": PROD}, "AccessDeniedException", 403),
    ],
)
def test_an_error_ordered_over_http_is_what_the_next_call_is_answered(
    served: Trial, fault: dict[str, object], code: str, status: int
) -> None:
    ordered = _ask(served.endpoint, "POST", "/faults", {"operation": "ListBackupVaults", **fault})

    with refused(code, status=status):
        served.client().list_backup_vaults()

    assert ordered["hits"] == 0
    assert served.client().list_copy_jobs()["CopyJobs"] == []


@pytest.mark.parametrize("fault", ["lose_request", "lose_response"])
def test_a_connection_ordered_over_http_to_break_breaks_once(served: Trial, fault: str) -> None:
    _ask(served.endpoint, "POST", "/faults", {"fault": fault, "operation": "ListBackupVaults"})

    with pytest.raises(ConnectionClosedError):
        served.client().list_backup_vaults()

    assert served.client().list_backup_vaults()["BackupVaultList"] == []


def test_quotas_regions_and_points_are_shaped_over_http(served: Trial) -> None:
    served.two_accounts()
    point = served.backup_of()
    url, where = served.endpoint, {"account": PROD, "region": US, "vault": "daily", "arn": point}

    _ask(url, "POST", "/quotas", {"copies_per_destination_region": 1})
    _ask(url, "POST", "/points/scans", where | {"findings": ["MALWARE"]})
    _ask(url, "POST", "/points/undeletable", where)
    described = served.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
    _ask(url, "POST", "/regions", {"account": PROD, "region": US, "enabled": False})

    assert _ask(url, "GET", "")["quotas"]["copies_per_destination_region"] == 1
    assert described["ScanResults"][0]["Findings"] == ["MALWARE"]
    with refused("UnrecognizedClientException", status=403):
        served.client().list_backup_vaults()


def test_an_organizations_policies_are_set_and_taken_off_over_http(served: Trial) -> None:
    served.two_accounts()
    point, url = served.world.add_recovery_point(BACKUP, EU, "safe", "orders"), served.endpoint
    denial = {"Statement": [{"Effect": "Deny", "Action": "backup:ListBackupVaults", "Resource": "*"}]}
    team = {"tag_value": {"@@assign": ["checkout"]}, "enforced_for": {"@@assign": ["backup:recovery-point"]}}
    client = served.client(account=BACKUP, region=EU)

    _ask(url, "POST", "/control-policies", {"account": BACKUP, "policy": denial})
    _ask(url, "POST", "/tag-policies", {"account": BACKUP, "policy": {"tags": {"team": team}}})

    with refused("AccessDeniedException", "with an explicit deny in a service control policy", status=403):
        client.list_backup_vaults()
    with refused("InvalidParameterValueException", "tag policy"):
        client.tag_resource(ResourceArn=point, Tags={"team": "nobody"})
    _ask(url, "POST", "/control-policies", {"account": BACKUP, "policy": None})
    _ask(url, "POST", "/tag-policies", {"account": BACKUP, "policy": None})
    assert client.list_backup_vaults()["BackupVaultList"]
    client.tag_resource(ResourceArn=point, Tags={"team": "nobody"})


def test_calls_are_read_over_http(served: Trial) -> None:
    served.client().list_backup_vaults(MaxResults=5)
    served.client().list_copy_jobs()

    calls = _ask(served.endpoint, "GET", "/calls?since=1")["calls"]

    assert [(call["operation"], call["outcome"]) for call in calls] == [("ListCopyJobs", "OK")]


def test_a_reset_over_http_empties_the_world(served: Trial) -> None:
    served.two_accounts()
    _ask(served.endpoint, "POST", "/reset", {})
    assert served.client().list_backup_vaults()["BackupVaultList"] == []


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("POST", "/nothing", {}, 404),
        ("POST", "/vaults", {"account": PROD}, 400),
        ("POST", "/vaults", ["a"], 400),
        ("POST", "/clock", {"advance_seconds": -1}, 400),
        ("POST", "/control-policies", {"account": PROD, "policy": {"Statement": "no"}}, 400),
        ("POST", "/tag-policies", {"account": PROD, "policy": {"tags": "no"}}, 400),
        ("POST", "/faults", {"fault": "clear"}, 400),
        ("POST", "/points", {"account": PROD, "region": US, "vault": "none", "table": "orders"}, 400),
    ],
)
def test_a_wrong_word_at_the_door_is_answered_with_a_reason(
    served: Trial, verb: str, path: str, body: object, status: int
) -> None:
    code, answer = _refusal(served.endpoint, verb, path, body)
    assert code == status
    assert answer["error"]


def test_a_form_of_some_web_page_moves_nothing(served: Trial) -> None:
    code, _ = _refusal(served.endpoint, "POST", "/clock", {"advance_seconds": 60}, "text/plain")
    assert code == 415
    assert served.clock.now() == NOON


def test_a_running_server_can_be_stopped_and_started_again() -> None:
    server = LocalAws(home_account=BACKUP)
    urls = []
    for _ in range(2):
        with server:
            urls.append(server.url)
            assert _ask(server.url, "GET", "")["home_account"] == BACKUP
            stranger = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x", "SessionToken": "x"}
            sts = Trial(server.world, server.url).client_of(stranger, "sts")
            assert sts.get_caller_identity()["Account"] == BACKUP
        with pytest.raises(RuntimeError):
            _ = server.url
    assert all(url.startswith("http://127.0.0.1:") for url in urls)


def test_many_may_be_the_first_and_the_start_itself_is_no_call() -> None:
    with LocalAws() as server:
        assert server.world.calls == []
        client = Trial(server.world, server.url).client()
        with ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(lambda _: client.list_backup_vaults(), range(24)))

        assert [answer["BackupVaultList"] for answer in answers] == [[]] * 24
        assert len(server.world.calls) == 24


def test_it_starts_from_a_shell_and_stops_on_interrupt() -> None:
    command = [sys.executable, "-m", "bot.sandbox.aws", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = _lines_until(process, "time, faults and seeds")
        url = next(line for line in lines if line.startswith("export AWS_ENDPOINT_URL=")).split("=", 1)[1]
        trial = Trial(None, url)  # type: ignore[arg-type]
        points = trial.client().list_recovery_points_by_backup_vault(BackupVaultName="daily")["RecoveryPoints"]
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert len(points) == 3
        assert any(f"AWS_ACCESS_KEY_ID=AKIALOCA{PROD}" in line for line in lines)
    finally:
        process.kill()
        process.wait(timeout=20)


def _lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """Read what the process prints until a line begins with `last`; after half a minute it is ended."""
    assert process.stdout is not None
    lines: list[str] = []
    watchdog = threading.Timer(30, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith(last):
                return lines
    finally:
        watchdog.cancel()
    raise AssertionError(f"only this was printed: {lines}")


def test_a_hundred_thousand_backups_are_there_at_once_and_found_in_pages(served: Trial) -> None:
    served.two_accounts()
    tables = [f"table-{number}" for number in range(50)]
    served.world.add_recovery_points(PROD, US, "daily", tables, count=100_000, every=timedelta(seconds=1))
    client = served.client()

    first = client.list_recovery_points_by_backup_vault(BackupVaultName="daily", MaxResults=1000)
    second = client.list_recovery_points_by_backup_vault(
        BackupVaultName="daily", MaxResults=1000, NextToken=first["NextToken"]
    )

    assert client.describe_backup_vault(BackupVaultName="daily")["NumberOfRecoveryPoints"] == 100_000
    assert len(client.list_protected_resources()["Results"]) == 50
    assert first["RecoveryPoints"][0]["CreationDate"] == NOON
    assert second["RecoveryPoints"][0]["CreationDate"] == NOON - timedelta(seconds=1000)


def test_events_follow_a_job_with_awss_own_traps(local: Trial) -> None:
    local.two_accounts()
    job = local.copy(local.backup_of(size_bytes=77))

    created, running, completed = local.world.events_after()

    assert [event["detail"]["state"] for event in (created, running, completed)] == ["CREATED", "RUNNING", "COMPLETED"]
    assert "copyJobId" not in created["detail"]
    assert running["detail"]["copyJobId"] == job["CopyJobId"]
    assert running["detail"]["destinationRecoveryPointArn"] == {}
    assert completed["detail"]["destinationRecoveryPointArn"] == job["DestinationRecoveryPointArn"]
    assert completed["resources"] == [job["SourceRecoveryPointArn"]]
    assert (completed["source"], completed["detail-type"]) == ("aws.backup", "Copy Job State Change")
    assert (completed["account"], completed["region"]) == (PROD, US)


def test_the_event_of_a_failed_job_says_why(local: Trial) -> None:
    local.two_accounts()
    local.world.fail_next_copy("An internal error occurred.")
    local.copy(local.backup_of())

    event = local.world.events_after(2)[0]

    assert (event["detail"]["state"], event["detail"]["statusMessage"]) == ("FAILED", "An internal error occurred.")


def test_moto_is_its_own_again_when_the_world_is_gone() -> None:
    with mock_aws():
        with in_process() as world:
            world.add_account(BACKUP)
        client = boto3.client("backup", region_name=US)
        identity = boto3.client("sts", region_name=US).get_caller_identity()
        with refused("ResourceNotFoundException", "nowhere"):
            client.describe_backup_vault(BackupVaultName="nowhere")

    assert identity["Account"] == DEFAULT_ACCOUNT_ID
    assert world.calls == []
