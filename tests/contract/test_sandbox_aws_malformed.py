"""Malformed requests to the local AWS: each is answered with a reason, none with a crash, and nothing is half done."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from bot.sandbox.aws import AwsWorld, access_key
from bot.sandbox.clock import WorldClock
from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def served(local_worlds: dict[str, tuple[AwsWorld, str | None]]) -> Trial:
    """The server alone, since botocore itself would never send what these tests send."""
    world, endpoint = local_worlds["server"]
    world.reset(WorldClock(NOON, speed=0))
    trial = Trial(world, endpoint)
    trial.two_accounts()
    return trial


def ask(
    trial: Trial,
    verb: str,
    path: str,
    body: bytes | None = None,
    *,
    service: str = "backup",
    region: str = US,
    content_type: str = "application/json",
) -> tuple[int, str]:
    """Send a raw request; give its status and the answer's text."""
    scope = f"{access_key(PROD)}/20260115/{region}/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
        "Content-Type": content_type,
    }
    request = urllib.request.Request(f"{trial.endpoint}{path}", body, headers, method=verb)
    try:
        with _OPENER.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def copy_request(trial: Trial, **members: Any) -> bytes:
    request = {
        "RecoveryPointArn": trial.backup_of(),
        "SourceBackupVaultName": "daily",
        "DestinationBackupVaultArn": trial.vaults["safe"],
        "IamRoleArn": COPY_ROLE,
    }
    return json.dumps(request | members).encode()


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"1", b"\xff\xfe", b"a=b"])
def test_a_body_that_is_no_json_object_cannot_be_read(served: Trial, body: bytes) -> None:
    status, text = ask(served, "PUT", "/copy-jobs", body)

    assert (status, json.loads(text)["Code"]) == (400, "SerializationException")
    assert served.world.copy_jobs(PROD, US) == []


@pytest.mark.parametrize(
    "members",
    [
        {"RecoveryPointArn": 5},
        {"RecoveryPointArn": ["a"]},
        {"SourceBackupVaultName": {}},
        {"IdempotencyToken": 7},
        {"Lifecycle": "x"},
        {"Lifecycle": []},
        {"Lifecycle": {"DeleteAfterDays": "many"}},
        {"Lifecycle": {"DeleteAfterDays": []}},
        {"IamRoleArn": None},
        {"IamRoleArn": ""},
    ],
)
def test_a_member_of_another_type_starts_nothing(served: Trial, members: dict[str, Any]) -> None:
    status, text = ask(served, "PUT", "/copy-jobs", copy_request(served, **members))

    assert status == 400
    assert json.loads(text)["Code"] in ("SerializationException", "MissingParameterValueException")
    assert served.world.copy_jobs(PROD, US) == []


@pytest.mark.parametrize(
    "path",
    [
        "/copy-jobs/?maxResults=many",
        "/copy-jobs/?maxResults=0",
        "/copy-jobs/?maxResults=1001",
        "/copy-jobs/?nextToken=nonsense",
        "/copy-jobs/?nextToken=WyJhIiwiYiJd",
        "/backup-vaults/?nextToken=WzFd",
        "/backup-vaults/daily/recovery-points/?nextToken=WyJhIiwiYiJd",
        "/copy-jobs/?createdBefore=tomorrow",
        "/copy-jobs/?state=NONSENSE",
        "/copy-jobs/?accountId=1",
        "/audit/copy-job-summaries?AggregationPeriod=always",
    ],
)
def test_a_question_that_cannot_be_is_refused(served: Trial, path: str) -> None:
    served.start_copy(served.backup_of())

    status, text = ask(served, "GET", path)

    assert status == 400
    assert json.loads(text)["Message"]


def test_a_date_without_a_time_is_taken_as_utc(served: Trial) -> None:
    served.start_copy(served.backup_of())

    answers = [ask(served, "GET", f"/copy-jobs/?createdBefore={day}") for day in ("2026-01-15", "2026-01-16")]

    assert [(status, len(json.loads(text)["CopyJobs"])) for status, text in answers] == [(200, 0), (200, 1)]


@pytest.mark.parametrize("path", ["/backup-vaults/%2e%2e", "/backup-vaults/aws%2Fefs", "/backup-vaults/da%00ly"])
def test_a_vaults_name_that_none_can_have_is_answered_as_an_unknown_one(served: Trial, path: str) -> None:
    assert ask(served, "GET", path)[0] == 403


def test_a_region_that_does_not_exist_knows_nobody(served: Trial) -> None:
    status, text = ask(served, "GET", "/backup-vaults/", region="nowhere-9")

    assert (status, json.loads(text)["Code"]) == (403, "UnrecognizedClientException")


def test_an_operation_nobody_has_is_told(served: Trial) -> None:
    form = "application/x-www-form-urlencoded"

    assert ask(served, "GET", "/nonsense")[0] == 501
    assert "InvalidAction" in ask(served, "POST", "/", b"Action=Nonsense", service="sts", content_type=form)[1]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"Statement": 5}',
        '{"Statement": []}',
        '{"Statement": ["x"]}',
        '{"Statement": [{"Effect": "Maybe"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": 5}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": 5, "Action": "backup:CopyIntoBackupVault"}]}',
        '{"Statement": [{"Effect": "Allow", "Action": "backup:CopyIntoBackupVault", "Condition": 5}]}',
        '{"Statement": [{"Effect": "Allow", "Action": "backup:CopyIntoBackupVault", "Condition": {"Bool": 5}}]}',
    ],
)
def test_a_policy_that_is_none_leaves_the_vaults_own_in_place(local: Trial, text: str) -> None:
    local.two_accounts()
    client = local.client(account=BACKUP, region=EU)
    before = client.get_backup_vault_access_policy(BackupVaultName="safe")["Policy"]

    with refused("InvalidParameterValueException", "Invalid policy"):
        client.put_backup_vault_access_policy(BackupVaultName="safe", Policy=text)

    assert client.get_backup_vault_access_policy(BackupVaultName="safe")["Policy"] == before


ARNS = [
    "orders",
    "arn:aws:ec2:us-east-1::snapshot/snap-1",
    f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders",
    f"arn:aws-cn:backup:cn-north-1:{PROD}:recovery-point:1",
    f"arn:aws:backup:us-east-1:{BACKUP}:recovery-point:1",
    "arn:aws:backup",
    "é" * 40,
]


@pytest.mark.parametrize("arn", ARNS)
def test_an_arn_of_something_else_is_no_recovery_point(local: Trial, arn: str) -> None:
    local.two_accounts()

    with refused("ResourceNotFoundException", "Cannot find recovery point"):
        local.start_copy(arn)
    with refused("ResourceNotFoundException", "Cannot find recovery point"):
        local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=arn)
    assert local.world.copy_jobs(PROD, US) == []
