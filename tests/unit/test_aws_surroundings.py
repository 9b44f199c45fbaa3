"""What Boto3Surroundings makes of half an answer, and of an IAM that knows nobody: neither may pass for a fact."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.aws.calls import Calls
from bot.aws.surroundings import Boto3Surroundings
from bot.domain.backups import Account
from bot.domain.checks.keys import key_kind
from bot.domain.errors import BackupsError, BackupsMissing, BackupsRefused, BackupsUnreachable
from bot.domain.findings import Level
from tests.unit.builders import a_point, a_vault, some_params

ACCOUNT = "111111111111"
COPY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/Copies"
BOT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/CopyBackupBot"
MISSING = BackupsMissing("no such role", code="NoSuchEntity", operation="GetRole")


class Told(Calls):
    """Calls that are answered from a script: by operation and, for roles, by name."""

    def __init__(self, answers: Mapping[str, Any], role_arn: str | None = BOT_ROLE) -> None:
        self._answers = answers
        self._account = Account("prod", ACCOUNT, ("us-east-1",), COPY_ROLE, role_arn)

    def account(self, account_id: str) -> Account:
        return self._account

    def ask(
        self, account_id: str, region: str, operation: str, params: Mapping[str, object], **more: object
    ) -> Mapping[str, Any]:
        answer = self._answers[str(params.get("RoleName", operation))]
        if isinstance(answer, BackupsError):
            raise answer
        assert isinstance(answer, dict)
        return answer


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"EvalActionName": "iam:PassRole", "EvalDecision": "allowed"}],
    ],
)
def test_a_simulation_that_leaves_an_action_out_says_nothing(results: list[dict[str, str]]) -> None:
    around = Boto3Surroundings(Told({"SimulatePrincipalPolicy": {"EvaluationResults": results}}))

    with pytest.raises(BackupsUnreachable):
        around.permissions(COPY_ROLE, ["backup:CopyIntoBackupVault"], "*")


def test_an_unnamed_region_state_and_an_empty_list_of_types_say_nothing() -> None:
    around = Boto3Surroundings(Told({"GetRegionOptStatus": {}, "GetSupportedResourceTypes": {"ResourceTypes": []}}))

    with pytest.raises(BackupsUnreachable):
        around.region_state(ACCOUNT, "eu-west-1")
    with pytest.raises(BackupsUnreachable):
        around.resource_types(ACCOUNT, "eu-west-1")


def test_a_role_is_missing_where_iam_knows_the_bots_own() -> None:
    around = Boto3Surroundings(Told({"Copies": MISSING, "CopyBackupBot": {"Role": {"Arn": BOT_ROLE}}}))

    with pytest.raises(BackupsMissing):
        around.role(COPY_ROLE)


def test_an_iam_that_does_not_know_who_asks_it_cannot_call_a_role_missing() -> None:
    around = Boto3Surroundings(Told({"Copies": MISSING, "CopyBackupBot": MISSING}))

    with pytest.raises(BackupsRefused) as refused:
        around.role(COPY_ROLE)

    assert refused.value.code == "RolesUnknown"


def test_a_bot_that_may_not_read_its_own_role_believes_what_iam_says_of_another() -> None:
    denied = BackupsRefused("no", code="AccessDenied", operation="GetRole")
    around = Boto3Surroundings(Told({"Copies": MISSING, "CopyBackupBot": denied}))

    with pytest.raises(BackupsMissing):
        around.role(COPY_ROLE)


def test_a_vault_whose_key_aws_does_not_name_is_not_called_closed() -> None:
    source = a_point()

    finding = key_kind(some_params(source), a_vault(source.vault), a_vault(), None)

    assert (finding.code, finding.level) == ("key-kind-unseen", Level.UNSEEN)
