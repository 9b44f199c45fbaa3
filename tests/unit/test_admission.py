"""Letting roles into a vault: what is there stays, what is missing is added once, what cannot be read is left alone."""

import json
from typing import Any

import pytest

from bot.domain.admission import INTO, UnreadablePolicy, admitting, not_admitted

ROLE = "arn:aws:iam::111111111111:role/Copies"
OTHER = "arn:aws:iam::333333333333:root"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "theirs", "Statement": list(statements)})


def allows(*who: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": list(who)}, "Action": INTO, "Resource": "*", **more}


def test_a_vault_without_a_policy_gets_one_that_lets_exactly_this_role_in() -> None:
    made = json.loads(admitting(None, [ROLE]) or "")

    (statement,) = made["Statement"]
    assert (statement["Principal"], statement["Action"], statement["Effect"]) == ({"AWS": [ROLE]}, INTO, "Allow")


def test_foreign_statements_stay_as_they_are_and_in_order() -> None:
    theirs = (allows(OTHER, Sid="CopyBackupLetsIn"), {"Effect": "Deny", "Principal": "*", "Action": "backup:Delete"})

    made = json.loads(admitting(policy(*theirs), [ROLE]) or "")

    assert made["Id"] == "theirs"
    assert made["Statement"][:2] == list(theirs)
    assert made["Statement"][2]["Sid"] != "CopyBackupLetsIn"


def test_who_is_let_in_already_is_not_added_again() -> None:
    assert admitting(policy(allows(ROLE, OTHER)), [ROLE]) is None
    assert admitting(admitting(None, [ROLE]), [ROLE]) is None


@pytest.mark.parametrize(
    "statement",
    [
        allows(ROLE, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        {**allows(ROLE), "Effect": "Deny"},
        {**allows(ROLE), "Action": "backup:DescribeBackupVault"},
        {**allows(ROLE), "Resource": "arn:aws:backup:eu-west-1:222222222222:backup-vault:other"},
    ],
)
def test_a_statement_that_may_not_let_in_counts_for_nothing(statement: dict[str, Any]) -> None:
    assert not_admitted(policy(statement), [ROLE]) == [ROLE]


@pytest.mark.parametrize("text", ["no json", "[]", '{"Version": "2012-10-17"}', '{"Statement": "x"}'])
def test_a_policy_that_cannot_be_read_is_not_touched(text: str) -> None:
    with pytest.raises(UnreadablePolicy):
        admitting(text, [ROLE])
