"""Policies are judged as AWS judges them; what cannot be judged is unclear, and never a pass."""

import json
from typing import Any

import pytest

from bot.domain.policies import Caller, Opinion, Verdict, judge

INTO = "backup:CopyIntoBackupVault"
VAULT = "arn:aws:backup:eu-west-1:222222222222:backup-vault:copies"
ROLE = "arn:aws:iam::111111111111:role/service-role/Copier"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}


def ask(*statements: dict[str, Any], organization: str | None = "o-ours") -> Verdict:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return judge(text, Caller(ROLE, "111111111111", organization), INTO, VAULT)


def allow(principal: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": INTO, "Resource": "*", **more}


def paths(*wanted: str) -> dict[str, Any]:
    return {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": list(wanted)}}


@pytest.mark.parametrize(
    ("statement", "opinion"),
    [
        (allow(), Opinion.ALLOWS),
        (allow({"AWS": "*"}), Opinion.ALLOWS),
        (allow({"AWS": "111111111111"}), Opinion.ALLOWS),
        (allow({"AWS": ["arn:aws:iam::999999999999:root", "arn:aws:iam::111111111111:root"]}), Opinion.ALLOWS),
        (allow({"AWS": ROLE}), Opinion.ALLOWS),
        (allow({"AWS": "arn:aws:iam::111111111111:role/Other"}), Opinion.SILENT),
        (allow({"AWS": "arn:aws:iam::999999999999:root"}), Opinion.SILENT),
        (allow({"Service": "backup.amazonaws.com"}), Opinion.SILENT),
        (allow({"AWS": "arn:aws:sts::111111111111:assumed-role/Copier/session"}), Opinion.UNCLEAR),
        (allow(Action="backup:copyintobackupvault"), Opinion.ALLOWS),
        (allow(Action=["backup:Copy*"]), Opinion.ALLOWS),
        (allow(Action="backup:DeleteRecoveryPoint"), Opinion.SILENT),
        (allow(Resource="arn:aws:backup:*:*:backup-vault:other"), Opinion.SILENT),
        (allow(Resource="arn:aws:backup:*:222222222222:backup-vault:[a-z]*"), Opinion.SILENT),
        (allow(Resource="arn:aws:backup:*:${aws:PrincipalAccount}:backup-vault:*"), Opinion.UNCLEAR),
        (allow(Condition=ORG), Opinion.ALLOWS),
        (allow(Condition={"StringEquals": {"AWS:principalorgid": ["o-x", "o-ours"]}}), Opinion.ALLOWS),
        (allow(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}), Opinion.SILENT),
        (allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-other"}}), Opinion.SILENT),
        (allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/service-role/Cop*"}}), Opinion.ALLOWS),
        (allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}), Opinion.UNCLEAR),
        (allow(Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), Opinion.UNCLEAR),
        (allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, **ORG}), Opinion.UNCLEAR),
        (allow(Condition={"Null": {"aws:PrincipalOrgID": "false"}}), Opinion.ALLOWS),
        (allow(Condition=paths("o-ours/*")), Opinion.ALLOWS),
        (allow(Condition=paths("o-ours/r-ab12/*")), Opinion.ALLOWS),
        (allow(Condition=paths("o-ours/r-ab12/ou-ab12-1/*")), Opinion.UNCLEAR),
        (allow(Condition=paths("o-other/*")), Opinion.SILENT),
    ],
)
def test_one_statement(statement: dict[str, Any], opinion: Opinion) -> None:
    verdict = ask(statement)

    assert verdict.opinion is opinion
    assert bool(verdict.because) == (opinion is Opinion.UNCLEAR)


@pytest.mark.parametrize(
    ("deny", "opinion"),
    [
        (allow(effect="Deny"), Opinion.DENIES),
        (allow({"AWS": "arn:aws:iam::999999999999:root"}, "Deny"), Opinion.ALLOWS),
        (allow(effect="Deny", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}), Opinion.ALLOWS),
        (allow(effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}), Opinion.UNCLEAR),
    ],
)
def test_a_deny_decides_and_one_that_is_not_known_leaves_everything_open(
    deny: dict[str, Any], opinion: Opinion
) -> None:
    assert ask(allow(), deny).opinion is opinion
    assert ask(deny, allow()).opinion is opinion


def test_not_principal_and_not_action_mean_everybody_else() -> None:
    others = {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "NotAction": "backup:Delete*", "Resource": "*"}
    nobody_else = {**others, "NotPrincipal": {"AWS": "arn:aws:iam::999999999999:root"}}

    assert ask(others).opinion is Opinion.SILENT
    assert ask(nobody_else).opinion is Opinion.ALLOWS


def test_an_organization_that_is_not_known_is_unclear_and_none_at_all_is_no() -> None:
    assert ask(allow(Condition=ORG), organization=None).opinion is Opinion.UNCLEAR
    assert ask(allow(Condition=ORG), organization="").opinion is Opinion.SILENT
    assert ask(allow(Condition=paths("o-ours/*")), organization=None).opinion is Opinion.UNCLEAR
    assert ask(allow(Condition=paths("o-ours/*")), organization="").opinion is Opinion.SILENT


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": 1}', '{"Statement": ["x"]}', "not JSON"])
def test_what_is_no_policy_is_unclear(text: str) -> None:
    assert judge(text, Caller(ROLE, "111111111111", "o-ours"), INTO, VAULT).opinion is Opinion.UNCLEAR


def test_no_policy_is_silent() -> None:
    assert judge(None, Caller(ROLE, "111111111111"), INTO, VAULT) == Verdict(Opinion.SILENT)


def test_a_service_is_admitted_by_its_name_only() -> None:
    def trusting(principal: Any) -> Opinion:
        one = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        text = json.dumps({"Statement": one})
        return judge(text, Caller("backup.amazonaws.com"), "sts:AssumeRole", ROLE).opinion

    assert trusting({"Service": ["ec2.amazonaws.com", "backup.amazonaws.com"]}) is Opinion.ALLOWS
    assert trusting({"Service": "ec2.amazonaws.com"}) is Opinion.SILENT
    assert trusting({"AWS": "*"}) is Opinion.SILENT
    assert trusting("*") is Opinion.SILENT
