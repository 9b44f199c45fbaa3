"""The policies that are printed: all that the AWS room calls, on no more resources than it takes, for each account."""

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from bot import cli
from bot.aws.actions import ACTIONS, ENTERING, FREE, On, Use
from bot.domain.policies import Caller, Opinion, judge
from bot.iam import OPTIONAL, bot_policy, bot_trust, copy_policy, is_principal, policies, vault_policy
from bot.sandbox.worlds import CONFIG
from tests.rules.sources import sources
from tests.unit.builders import ACCOUNTS

SERVICES = (
    "backup",
    "kms",
    "iam",
    "organizations",
    "account",
    "dynamodb",
    "application-autoscaling",
    "cloudwatch",
    "sts",
)
# An inline policy of a role may have 10,240 characters, white space not counted.
LONGEST = 10_240


def called() -> Iterator[str]:
    """Every operation of AWS that is named in the AWS room, as its permission is called.

    bot.aws.calls asks by name, so what is called stands there as text; an operation's name is no other text.
    """
    models = {service: get_session().get_service_model(service) for service in SERVICES}
    for source in sources("bot/aws", "bot/checking"):
        if source.path.name == "actions.py":
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                homes = [name for name, model in models.items() if node.value in model.operation_names]
                yield from (f"{home}:{node.value}" for home in _of(homes, source.path.stem))


def _of(homes: list[str], module: str) -> list[str]:
    """An operation that two services have is the one of the module's own service."""
    if len(homes) < 2:
        return homes
    return [home for home in homes if home == ("dynamodb" if module == "live_tables" else "backup")]


def test_the_table_holds_what_is_called_and_nothing_else() -> None:
    granted = {action.name for action in ACTIONS if action.called}

    assert granted | FREE | {ENTERING} == set(called())


def test_each_permission_stands_once() -> None:
    names = [action.name for action in ACTIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.alias)
def test_no_wildcard_stands_for_an_action_and_only_unscoped_ones_are_for_everything(account: Any) -> None:
    for statement in bot_policy(account)["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] == ["*"]:
            assert all(action.on is On.ANYTHING for action in ACTIONS if action.name in statement["Action"])
        else:
            assert all(account.id in arn or ":kms:" in arn for arn in statement["Resource"])


def test_a_copy_role_may_be_passed_to_aws_backup_and_to_nobody_else() -> None:
    account = ACCOUNTS[0]
    text = json.dumps(with_principal(bot_policy(account)))

    def may(service: str, role: str = account.copy_role_arn) -> Opinion:
        caller = Caller("arn:aws:iam::111111111111:role/Bot", context={"iam:PassedToService": service})
        return judge(text, caller, "iam:PassRole", role).opinion

    assert may("backup.amazonaws.com") is Opinion.ALLOWS
    assert may("ec2.amazonaws.com") is Opinion.SILENT
    assert may("backup.amazonaws.com", "arn:aws:iam::111111111111:role/Admin") is Opinion.SILENT


def with_principal(document: dict[str, Any]) -> dict[str, Any]:
    """An identity policy as one of a resource, which names who it is for."""
    return {**document, "Statement": [{**one, "Principal": "*"} for one in document["Statement"]]}


@pytest.mark.parametrize("left_out", OPTIONAL)
def test_what_is_left_out_is_in_no_policy(left_out: Use) -> None:
    account = ACCOUNTS[0]
    gone = {left_out, Use.DRILL} if left_out is Use.RESTORE else {left_out}
    mine = {action.name for action in ACTIONS if action.use in gone}

    named = {action for one in bot_policy(account, [left_out])["Statement"] for action in one["Action"]}

    assert mine
    assert not mine & named
    assert named == {action.name for action in ACTIONS if action.use not in gone}


def test_without_restores_no_table_may_be_deleted() -> None:
    named = {action for one in bot_policy(ACCOUNTS[0], [Use.RESTORE])["Statement"] for action in one["Action"]}

    assert not {"dynamodb:DeleteTable", "dynamodb:TagResource", "backup:StartRestoreJob"} & named


def test_looking_and_copying_alone_change_nothing_else() -> None:
    named = {action for one in bot_policy(ACCOUNTS[0], OPTIONAL)["Statement"] for action in one["Action"]}

    verbs = {name.partition(":")[2] for name in named}
    assert {verb for verb in verbs if not verb.startswith(("List", "Describe", "Get", "Simulate"))} == {
        "StartCopyJob",
        "PassRole",
    }
    restoring = {
        action for one in copy_policy(ACCOUNTS[0], ACCOUNTS, OPTIONAL)["Statement"] for action in one["Action"]
    }
    assert not [action for action in restoring if action.startswith("dynamodb:")]


def test_the_external_id_is_asked_for_where_there_is_one() -> None:
    account = replace(ACCOUNTS[0], external_id="s3cr3t")

    (statement,) = bot_trust(account, "arn:aws:iam::999999999999:role/Bot")["Statement"]
    (open_one,) = bot_trust(replace(account, external_id=None), "arn:aws:iam::999999999999:role/Bot")["Statement"]

    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "s3cr3t"}}
    assert "Condition" not in open_one


def test_a_vault_lets_in_the_copy_roles_of_the_other_accounts_and_no_more() -> None:
    account, *others = ACCOUNTS
    document = vault_policy(account, ACCOUNTS)

    assert document is not None
    (statement,) = document["Statement"]
    assert statement["Principal"] == {"AWS": [other.copy_role_arn for other in others]}
    assert statement["Action"] == ["backup:CopyIntoBackupVault"]
    assert vault_policy(account, [account]) is None


def test_an_account_without_a_role_is_told_what_its_own_credentials_need() -> None:
    account = replace(ACCOUNTS[0], role_arn=None)

    printed = policies([account], principal="arn:aws:iam::111111111111:role/Bot")

    mine = printed["accounts"][account.alias]
    assert mine["bot_credentials"]["policy"] == bot_policy(account)
    assert "bot_role" not in mine
    assert "policy" not in printed["bot"]


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [("cn-north-1", "aws-cn", "amazonaws.com.cn"), ("us-gov-west-1", "aws-us-gov", "amazonaws.com")],
)
def test_other_partitions_have_their_own_arns(region: str, partition: str, suffix: str) -> None:
    account = replace(ACCOUNTS[0], regions=(region,), role_arn=None, copy_role_arn=f"arn:{partition}:iam::1:role/C")

    text = json.dumps(policies([account], principal="x"))

    assert "arn:aws:" not in text
    assert f"backup.*.{suffix}" in text


def test_fifteen_regions_fit_into_a_role() -> None:
    account = replace(ACCOUNTS[0], regions=tuple(f"ap-southeast-{number}" for number in range(15)))

    assert len(json.dumps(bot_policy(account), separators=(",", ":"))) < LONGEST


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("COPY_BACKUP_CONFIG", str(path))
    return cli.main(arguments)


def test_the_command_prints_json_and_says_what_it_could_not_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["iam"], monkeypatch, tmp_path) == 0

    out, err = capsys.readouterr()
    assert list(json.loads(out)["accounts"]) == ["prod", "backup"]
    assert "--principal" in err

    assert (
        run(
            ["iam", "--principal", "arn:aws:iam::999999999999:role/Bot", "--without", "drill,plan"],
            monkeypatch,
            tmp_path,
        )
        == 0
    )
    out, err = capsys.readouterr()
    assert "arn:aws:iam::999999999999:role/Bot" in out
    assert "UpdateBackupPlan" not in out
    assert err == ""


@pytest.mark.parametrize(
    "wrong",
    [
        "foo",
        "arn:aws:sts::999999999999:assumed-role/Bot/x",
        "arn:aws:iam::999:role/Bot",
        "arn:aws:iam::999999999999:role/",
    ],
)
def test_a_principal_that_is_none_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["iam", "--principal", wrong])

    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert "is not the ARN of a role, a user or an account" in err


@pytest.mark.parametrize("right", ["role/Bot", "role/service/Bot", "user/bot@home", "root"])
def test_a_role_a_user_and_an_account_are_principals(right: str) -> None:
    assert is_principal(f"arn:aws:iam::999999999999:{right}")
    assert is_principal(f"arn:aws-us-gov:iam::999999999999:{right}")


def test_a_word_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["iam", "--without", "restores"], monkeypatch, tmp_path) == 2

    assert "--without: expected some of" in capsys.readouterr().err
