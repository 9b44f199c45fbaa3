"""Permissions of roles in the local AWS: enforced only for roles that carry policies."""

from typing import Any

from bot.sandbox.aws import Role
from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import COPY_ROLE, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

BOT = f"arn:aws:iam::{PROD}:role/CopyBackupBot"
SESSION = f"arn:aws:sts::{PROD}:assumed-role/CopyBackupBot/copy-backup"
READ = {"Effect": "Allow", "Action": ["backup:List*", "backup:Describe*"], "Resource": "*"}
START = {"Effect": "Allow", "Action": "backup:StartCopyJob", "Resource": f"arn:aws:backup:*:{PROD}:recovery-point:*"}
PASS = {
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": COPY_ROLE,
    "Condition": {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
}


def _bot(local: Trial, *statements: dict[str, Any], service: str = "backup") -> Any:
    """Give a client of a bot role that may do just this."""
    local.two_accounts()
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    local.world.add_account(PROD, roles=[Role("CopyBackupBot", policies=[policy] if statements else [])])
    local.world.add_account(PROD, roles=["service-role/AWSBackupDefaultServiceRole"])
    answer = local.client("sts").assume_role(RoleArn=BOT, RoleSessionName="copy-backup")
    return local.client_of(answer["Credentials"], service)


def _copy(local: Trial, client: Any) -> str:
    return str(
        client.start_copy_job(
            RecoveryPointArn=local.backup_of(),
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=local.vaults["safe"],
            IamRoleArn=COPY_ROLE,
        )["CopyJobId"]
    )


def test_a_role_without_policies_may_do_everything(local: Trial) -> None:
    assert _copy(local, _bot(local))


def test_a_role_with_policies_may_do_what_they_allow(local: Trial) -> None:
    client = _bot(local, READ, START, PASS)
    assert [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]] == ["daily"]
    assert _copy(local, client)


def test_what_no_policy_allows_is_refused_in_aws_words(local: Trial) -> None:
    client = _bot(local, READ)
    text = (
        f"User: {SESSION} is not authorized to perform: backup:StartCopyJob on resource: "
        f"arn:aws:backup:{US}:{PROD}:recovery-point:"
    )
    with refused("AccessDeniedException", text, status=403):
        _copy(local, client)
    assert local.world.copy_jobs(PROD, US) == []


def test_an_explicit_denial_wins(local: Trial) -> None:
    deny = {"Effect": "Deny", "Action": "backup:StartCopyJob", "Resource": "*"}
    with refused("AccessDeniedException", "with an explicit deny", status=403):
        _copy(local, _bot(local, READ, START, PASS, deny))


def test_the_copy_role_must_be_passable(local: Trial) -> None:
    text = f"is not authorized to perform: iam:PassRole on resource: {COPY_ROLE}"
    with refused("AccessDeniedException", text, status=403):
        _copy(local, _bot(local, READ, START))


def test_what_was_denied_is_kept_and_what_was_allowed_is_not(local: Trial) -> None:
    client = _bot(local, READ)
    client.list_backup_vaults()
    with refused("AccessDeniedException", status=403):
        _copy(local, client)

    assert [(call.operation, call.account, call.caller) for call in local.world.denied] == [
        ("StartCopyJob", PROD, SESSION)
    ]


def test_a_listing_is_judged_on_every_resource(local: Trial) -> None:
    narrow = {"Effect": "Allow", "Action": "backup:ListBackupVaults", "Resource": f"arn:aws:backup:*:{PROD}:*"}
    with refused("AccessDeniedException", "backup:ListBackupVaults on resource: *", status=403):
        _bot(local, narrow).list_backup_vaults()


def test_other_services_are_held_to_the_policies_too(local: Trial) -> None:
    table = {
        "Effect": "Allow",
        "Action": "dynamodb:DescribeTable",
        "Resource": f"arn:aws:dynamodb:{US}:{PROD}:table/o*",
    }
    client = _bot(local, table, service="dynamodb")
    local.world.create_table(PROD, US, "orders")
    local.world.create_table(PROD, US, "secrets")

    assert client.describe_table(TableName="orders")["Table"]["TableName"] == "orders"
    with refused("AccessDeniedException", "dynamodb:DescribeTable", status=400):
        client.describe_table(TableName="secrets")


def test_an_attached_policy_counts_like_an_inline_one(local: Trial) -> None:
    client = _bot(local, READ)
    iam = local.client("iam")
    document = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"backup:*","Resource":"*"}}'
    arn = iam.create_policy(PolicyName="everything", PolicyDocument=document)["Policy"]["Arn"]
    with refused("AccessDeniedException"):
        client.get_backup_vault_access_policy(BackupVaultName="daily")

    iam.attach_role_policy(RoleName="CopyBackupBot", PolicyArn=arn)

    with refused("ResourceNotFoundException"):
        client.get_backup_vault_access_policy(BackupVaultName="daily")
