"""Each way a copy fails has its remedy, with the names and statements of this very copy in it."""

import json
import re
from datetime import UTC, datetime

import pytest

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.failures import BY_CATEGORY, BY_TEXT, CAUSES, translate
from bot.domain.params import CopyParams
from bot.domain.retention import Keep, Retention

ROLE = "arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole"
SOURCE = VaultRef("111111111111", "us-east-1", "daily")
AWAY = VaultRef("222222222222", "eu-west-1", "copies")
NEXT_DOOR = VaultRef("111111111111", "eu-west-1", "copies")
POINT = RecoveryPoint(
    arn="arn:aws:backup:us-east-1:111111111111:recovery-point:1a2b",
    vault=SOURCE,
    table_arn="arn:aws:dynamodb:us-east-1:111111111111:table/orders",
    table_name="orders",
    created_at=datetime(2026, 11, 1, tzinfo=UTC),
    status="COMPLETED",
)


def copy_to(destination: VaultRef, *, keep: Keep = Keep.AS_SOURCE, days: int | None = None) -> CopyParams:
    return CopyParams(POINT, destination, Retention(keep, days), ROLE)


TO_AWAY = copy_to(AWAY)


# AWS's literal, its category, and what the remedy must speak of.
ROWS = [
    (
        "Access denied: Copy job failed. Both source and destination account must be a member of the same "
        "organization.",
        "ACCESS_DENIED",
        ["111111111111", "222222222222", "same AWS organization"],
    ),
    (
        "Copy job failed. Cross-account copy feature is not enabled for the current organization.",
        "FEATURE_NOT_ENABLED",
        ["management account", "isCrossAccountBackupEnabled=true"],
    ),
    (
        "Access Denied trying to call AWS Backup service",
        "ACCESS_DENIED",
        [AWAY.arn, "backup:CopyIntoBackupVault", "arn:aws:iam::111111111111:root", ROLE],
    ),
    ("You are not authorized to perform this operation.", "ACCESS_DENIED", [ROLE, "AWSBackupServiceRolePolicy"]),
    (f"{ROLE} cannot be assumed by AWS Backup", "ACCESS_DENIED", [ROLE, "backup.amazonaws.com", "sts:AssumeRole"]),
    (
        "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed "
        "key. The contents of this vault cannot be copied. Only the contents of a Backup vault encrypted by an AWS "
        "KMS key may be copied.",
        "ACCESS_DENIED",
        [AWAY.arn, "customer managed KMS key", "222222222222", "eu-west-1"],
    ),
    ("Access denied exception while trying to list tags", "ACCESS_DENIED", [ROLE, "dynamodb:ListTagsOfResource"]),
    (
        "Given key ID is not accessible. You must have DescribeKey permissions on AWS managed CMK",
        "KMS_KEY_ERROR",
        [AWAY.arn, "kms:DescribeKey"],
    ),
    (
        "KMS key is either disabled or pending deletion or access to KMS key is denied",
        "KMS_KEY_ERROR",
        [AWAY.arn, SOURCE.arn],
    ),
    ("You must have DescribeKey permissions on AWS managed CMK", "ACCESS_DENIED", [AWAY.arn, "kms:DescribeKey"]),
    ("Given key ID does not exist", "RESOURCE_NOT_FOUND", ["key of the vault", AWAY.arn]),
    (
        "Copy job failed. The retention specified in the job is not within the range specified for the target Backup "
        "Vault.",
        "INVALID_LIFECYCLE",
        [AWAY.arn, "as long as the backup itself", "retention"],
    ),
    ("There are too many copy jobs running for resource.", "CONCURRENT_JOB", ["orders", "one backup or copy"]),
    ("Table not found.", "RESOURCE_NOT_FOUND", ["orders", "another backup"]),
    ("Recovery point arn does not exist", "RESOURCE_NOT_FOUND", [POINT.arn, "another backup"]),
    ("Could not find resource", "RESOURCE_NOT_FOUND", [POINT.arn]),
    ("Cannot find recovery point", "RESOURCE_NOT_FOUND", [POINT.arn]),
    ("The recovery point is no longer available.", "RESOURCE_NOT_FOUND", [POINT.arn]),
    (
        "Copy job from us-west-2 to us-east-1 cannot be initiated for DynamoDB resources. "
        "Feature is not supported for provided resource type.",
        "UNSUPPORTED_OPERATION",
        ["advanced features", "us-east-1", "orders"],
    ),
    ("Unsupported resource type: DynamoDB", "RESOURCE_NOT_SUPPORTED", ["Opt in", "222222222222", "eu-west-1"]),
    (
        "We are unable to copy resource tags to your backup because of an internal failure.",
        "TAG_COPY_ERROR",
        [ROLE, "tag policy"],
    ),
    ("The tag policy does not allow the value 'x' for the key 'y'", "MISCELLANEOUS", ["tag policy", ROLE]),
    ("An internal error occurred.", "FATAL_ERROR", ["AWS's side", POINT.arn]),
    ("Copy job encountered a fatal error.", "FATAL_ERROR", ["Retry once", "AWS Support"]),
    ("Something broke; contact AWS Support", "MISCELLANEOUS", ["AWS Support"]),
    ("Failed to unshare snapshot", "", [ROLE, "until the copy is done"]),
    ("Whatever it says", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED", [AWAY.arn, "air-gapped"]),
    (
        "Copy job failed. A recovery point of a logically air-gapped vault can be copied only into a vault of yours.",
        "MISCELLANEOUS",
        ["air-gapped", AWAY.arn],
    ),
    ("Copy job failed. The recovery point is in cold storage.", "INVALID_STATE", ["cold storage", "newer", "orders"]),
    ("Copy job failed. The recovery point is in state EXPIRED.", "INVALID_STATE", [POINT.arn, "not in a state"]),
    # Refusals at the call itself.
    (
        "Copy is not supported for recovery points that DynamoDB manages.",
        "InvalidRequestException",
        ["advanced features", "orders"],
    ),
    ("Copy is not supported for continuous recovery points.", "InvalidRequestException", ["snapshot", "orders"]),
    (
        "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
        "InvalidParameterValueException",
        ["36,500", "as long as the backup itself"],
    ),
    ("Insufficient privileges to perform this action.", "AccessDeniedException", [SOURCE.arn, "may describe it"]),
    (
        "User: arn:aws:sts::111111111111:assumed-role/Bot/copy-backup is not authorized to perform: "
        "backup:StartCopyJob on resource: x because no identity-based policy allows the backup:StartCopyJob action",
        "AccessDeniedException",
        ["bot's own role", "111111111111", "Try again"],
    ),
    (
        f"User: arn:aws:sts::111111111111:assumed-role/Bot/copy-backup is not authorized to perform: iam:PassRole on "
        f"resource: {ROLE}",
        "AccessDeniedException",
        ["iam:PassRole", ROLE, "iam:PassedToService"],
    ),
    *(
        (
            f"User: arn:aws:sts::111111111111:assumed-role/Bot/copy-backup is not authorized to perform: {action} on "
            f"resource: x with an explicit deny in a {kind} control policy",
            "AccessDeniedException",
            ["management account", "111111111111", "changes nothing", "Try again"],
        )
        for action in ("backup:StartCopyJob", "iam:PassRole")
        for kind in ("service", "resource")
    ),
    (
        "User: x is not authorized to perform: kms:CreateGrant on resource: y",
        "ACCESS_DENIED",
        ["kms:CreateGrant", AWAY.arn],
    ),
]


@pytest.mark.parametrize(("message", "category", "told"), ROWS)
def test_each_known_failure_has_its_remedy_with_the_real_names(message: str, category: str, told: list[str]) -> None:
    remedy = translate(message, category, TO_AWAY).remedy

    assert [words for words in told if words not in remedy] == []


@pytest.mark.parametrize("template", sorted({*dict(BY_TEXT).values(), *BY_CATEGORY.values()}))
def test_each_known_failure_has_a_cause(template: str) -> None:
    assert CAUSES[template].endswith(".")


def test_what_nobody_knows_has_no_cause_but_the_names_of_the_copy() -> None:
    told = translate("words we never saw", None, TO_AWAY)

    assert told.cause == ""
    assert told.evidence == (
        ("backup", POINT.arn),
        ("source vault", SOURCE.arn),
        ("vault", AWAY.arn),
        ("copy role", ROLE),
    )


def test_what_awss_words_name_stands_first_in_the_evidence_and_once() -> None:
    key = "1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f"
    told = translate(f"KMS key {key} is either disabled; {AWAY.arn}, arn:aws:kms:eu-west-1:1:key/x.", "", TO_AWAY)

    assert told.evidence[:3] == (("AWS names", key), ("vault", AWAY.arn), ("key", "arn:aws:kms:eu-west-1:1:key/x"))
    assert len({name for _, name in told.evidence}) == len(told.evidence)


def test_every_row_of_the_table_of_texts_is_reached_by_an_example() -> None:
    first = {
        next((fragment for fragment, _ in BY_TEXT if fragment in message.casefold()), None) for message, _, _ in ROWS
    }

    assert {fragment for fragment, _ in BY_TEXT} - first == set()


@pytest.mark.parametrize("category", sorted(BY_CATEGORY))
def test_an_unknown_text_is_explained_by_its_category(category: str) -> None:
    by_category = translate("words we never saw", category, TO_AWAY).remedy

    assert by_category != translate("words we never saw", None, TO_AWAY).remedy
    assert "$" not in by_category


@pytest.mark.parametrize(
    ("message", "category"), [(None, None), ("", ""), ("words we never saw", "MISCELLANEOUS"), ("?", "A_NEW_CATEGORY")]
)
def test_what_nobody_knows_is_said_to_be_awss_own_words_and_where_to_look(
    message: str | None, category: str | None
) -> None:
    remedy = translate(message, category, TO_AWAY).remedy

    assert "AWS's own" in remedy
    assert "CloudTrail" in remedy
    assert "111111111111, us-east-1" in remedy


@pytest.mark.parametrize(("message", "category", "told"), ROWS)
def test_upper_and_lower_case_make_no_difference(message: str, category: str, told: list[str]) -> None:
    assert translate(message.upper(), category, TO_AWAY).remedy == translate(message.lower(), category, TO_AWAY).remedy


def statement_in(remedy: str) -> dict[str, object]:
    found = re.search(r"`(\{.*\})`", remedy)
    assert found
    statement: dict[str, object] = json.loads(found[1])
    return statement


def test_the_statement_for_the_vaults_policy_can_be_pasted_as_it_is() -> None:
    remedy = translate("Access Denied trying to call AWS Backup service", "ACCESS_DENIED", TO_AWAY).remedy

    assert statement_in(remedy) == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }


def test_within_one_account_no_vault_policy_is_asked_for() -> None:
    remedy = translate("Access Denied trying to call AWS Backup service", "ACCESS_DENIED", copy_to(NEXT_DOOR)).remedy

    assert "access policy" not in remedy
    assert NEXT_DOOR.arn in remedy
    assert ROLE in remedy


def test_the_statement_names_the_partition_of_the_copy() -> None:
    china = CopyParams(
        RecoveryPoint(
            POINT.arn, VaultRef("111111111111", "cn-north-1", "daily"), "arn", "orders", POINT.created_at, "COMPLETED"
        ),
        VaultRef("222222222222", "cn-northwest-1", "copies"),
        Retention(Keep.AS_SOURCE),
        ROLE,
    )

    assert statement_in(translate("", "ACCESS_DENIED", china).remedy)["Principal"] == {
        "AWS": "arn:aws-cn:iam::111111111111:root"
    }


def test_the_statement_for_the_roles_trust_can_be_pasted_as_it_is() -> None:
    remedy = translate(f"{ROLE} cannot be assumed by AWS Backup", "ACCESS_DENIED", TO_AWAY).remedy

    assert statement_in(remedy) == {
        "Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


@pytest.mark.parametrize(
    ("keep", "days", "told"),
    [(Keep.AS_SOURCE, None, "as long as the backup itself"), (Keep.DAYS, 35, "35 days"), (Keep.CENTURY, None, "100 y")],
)
def test_a_retention_that_the_vault_refuses_is_told_as_it_was_asked_for(
    keep: Keep, days: int | None, told: str
) -> None:
    remedy = translate(
        "… not within the range specified for the target Backup Vault.", None, copy_to(AWAY, keep=keep, days=days)
    ).remedy

    assert told in remedy
