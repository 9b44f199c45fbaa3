"""How sessions and clients are made, shared, renewed and forgotten."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from bot.aws.backups import Boto3Backups
from bot.aws.sessions import CONNECTIONS, Patience, Purpose, Sessions
from bot.domain.backups import Account
from bot.domain.errors import BackupsLockedOut
from tests.unit.aws_wire import PROD, Asked, Reply, Wire, error

ROLE = replace(PROD, role_arn="arn:aws:iam::111111111111:role/CopyBackupBot", external_id="s3cr3t")


def sessions(*accounts: Account, session: boto3.Session | None = None) -> Sessions:
    wire = Wire(lambda _: Reply({}))
    return Sessions(accounts, region=None, session=session or wire.session, patience=Patience())


def sts_reply(expires: datetime) -> Reply:
    return Reply(
        text=f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>not-a-secret</SecretAccessKey>
        <SessionToken>not-a-token</SessionToken><Expiration>{expires.isoformat()}</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>"""
    )


def sts_refusal() -> Reply:
    return Reply(
        status=403,
        text="""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
        <Code>AccessDenied</Code><Message>not authorized: sts:AssumeRole</Message></Error></ErrorResponse>""",
    )


def test_importing_the_package_reaches_for_nothing() -> None:
    forbid = "import socket; socket.socket.connect = None; socket.getaddrinfo = None; import bot.aws.backups"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    done = subprocess.run([sys.executable, "-c", forbid], env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_client_is_made_once_per_account_region_and_purpose() -> None:
    kept = sessions(PROD)

    first = kept.client(PROD, "us-east-1", Purpose.ASK)

    assert kept.client(PROD, "us-east-1", Purpose.ASK) is first
    assert kept.client(PROD, "us-east-1", Purpose.SWEEP) is not first
    assert kept.client(PROD, "eu-west-1", Purpose.ASK) is not first


def test_many_threads_that_want_the_same_new_client_get_one() -> None:
    kept = sessions(PROD)

    with ThreadPoolExecutor(16) as threads:
        clients = list(threads.map(lambda _: kept.client(PROD, "us-east-1", Purpose.ASK), range(64)))

    assert len({id(client) for client in clients}) == 1


@pytest.mark.parametrize(("purpose", "attempts"), [(Purpose.ASK, 3), (Purpose.SWEEP, 8), (Purpose.ONCE, 1)])
def test_a_sweep_is_more_patient_than_a_person(purpose: Purpose, attempts: int) -> None:
    config = sessions(PROD).client(PROD, "us-east-1", purpose).meta.config

    assert config.retries == {"mode": "standard", "total_max_attempts": attempts}
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.max_pool_connections == CONNECTIONS


def test_calls_say_who_makes_them() -> None:
    wire = Wire(lambda _: Reply({"BackupVaultList": []}))

    wire.backups().vaults(PROD.id, "us-east-1")

    assert wire.asked[0].headers["user-agent"].endswith("copy-backup")


def test_an_account_without_a_role_is_reached_by_the_bots_own_credentials() -> None:
    wire = Wire(lambda _: Reply({"BackupVaultList": []}))

    wire.backups().vaults(PROD.id, "us-east-1")

    assert [asked.operation for asked in wire.asked] == ["ListBackupVaults"]
    assert "AKIAIOSFODNN7EXAMPLE" in wire.asked[0].headers["authorization"]


def test_a_role_is_assumed_with_its_external_id_for_an_hour_at_the_sts_of_the_accounts_region() -> None:
    wire = Wire(lambda _: sts_refusal())
    abroad = replace(ROLE, regions=("eu-west-1", "us-east-1"))

    with pytest.raises(BackupsLockedOut):
        wire.backups(abroad).vaults(PROD.id, "us-east-1")

    (asked,) = wire.asked
    assert asked.host == "sts.eu-west-1.amazonaws.com"
    assert asked.body == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": "arn:aws:iam::111111111111:role/CopyBackupBot",
        "RoleSessionName": "copy-backup",
        "DurationSeconds": "3600",
        "ExternalId": "s3cr3t",
    }


def test_no_external_id_is_sent_where_none_is_configured() -> None:
    wire = Wire(lambda _: sts_refusal())

    with pytest.raises(BackupsLockedOut):
        wire.backups(replace(ROLE, external_id=None)).vaults(PROD.id, "us-east-1")

    assert "ExternalId" not in wire.asked[0].body


def test_credentials_that_are_over_when_they_come_lock_us_out() -> None:
    wire = Wire(lambda _: sts_reply(datetime.now(UTC) - timedelta(hours=1)))

    with pytest.raises(BackupsLockedOut, match="still expired"):
        wire.backups(ROLE).vaults(PROD.id, "us-east-1")


def test_stale_credentials_are_forgotten_so_that_the_next_call_begins_anew() -> None:
    wire = Wire(lambda asked: answers.pop(0))
    answers = [error("ExpiredTokenException", status=403), Reply({"BackupVaultList": []})]
    backups = wire.backups()

    with pytest.raises(BackupsLockedOut, match=r"the account prod \(111111111111\)"):
        backups.vaults(PROD.id, "us-east-1")

    assert backups.vaults(PROD.id, "us-east-1") == ()


def test_forgetting_an_account_leaves_the_others_alone() -> None:
    other = replace(PROD, alias="backup", id="222222222222")
    kept = sessions(PROD, other)
    of_prod = kept.client(PROD, "us-east-1", Purpose.ASK)
    of_other = kept.client(other, "us-east-1", Purpose.ASK)

    kept.forget(PROD)

    assert kept.client(PROD, "us-east-1", Purpose.ASK) is not of_prod
    assert kept.client(other, "us-east-1", Purpose.ASK) is of_other


def test_a_machine_without_credentials_is_locked_out_and_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    own, assumed = PROD, replace(ROLE, id="222222222222")
    backups = Boto3Backups([own, assumed])

    for account in (own, assumed):
        with pytest.raises(BackupsLockedOut) as caught:
            backups.vaults(account.id, "us-east-1")
        assert caught.value.code == "NoCredentialsError"


def test_a_profile_that_is_not_there_is_found_out_at_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    backups = Boto3Backups([PROD])

    with pytest.raises(BackupsLockedOut, match="nobody"):
        backups.vaults(PROD.id, "us-east-1")


def test_closing_closes_every_connection_and_may_be_repeated() -> None:
    wire = Wire(lambda _: Reply({"BackupVaultList": []}))
    backups = wire.backups()
    backups.vaults(PROD.id, "us-east-1")

    backups.close()
    backups.close()

    assert len(wire.asked) == 1


def test_a_throttled_sweep_asks_again_by_itself() -> None:
    def script(_: Asked) -> Reply:
        return Reply({"BackupVaultList": []}) if len(wire.asked) > 1 else error("ThrottlingException")

    wire = Wire(script)

    held = wire.backups(patience=Patience(sweep_attempts=2)).holdings(PROD.id, "us-east-1")

    assert held.vaults == ()
    assert len(wire.asked) == 2
