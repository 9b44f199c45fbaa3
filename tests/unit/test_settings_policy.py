"""What copy-backup.yaml becomes: accounts, rules, leads, with every default that is left out."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from bot.domain.approvals import CopyFacts, Rule
from bot.domain.backups import Account
from bot.domain.cost import LIST_PRICES, Prices, Rates
from bot.domain.ports import Policy
from bot.settings.policy import MINIMAL_EXAMPLE, read_policy
from bot.settings.schema import WhenSection

WHOLE = """\
channel: C0BACKUPS
accounts:
  prod:
    id: "111111111111"
    regions: [us-east-1, eu-west-1]
    role_arn: arn:aws:iam::111111111111:role/CopyBackupBot
    external_id: s3cr3t
    copy_role_arn: arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole
  backup:
    id: "222222222222"
    regions: [eu-west-1]
    role_arn: arn:aws:iam::222222222222:role/CopyBackupBot
    copy_role_arn: arn:aws:iam::222222222222:role/team/Copies
approvals:
  - when: {destination_account: backup, table: "orders-*"}
    approvers: [S0BACKUPADMINS, U0BEN]
    needed: 2
    allow_self: false
    expires_after: 8h
  - approvers: [S0BACKUPADMINS]
    needed: 1
notices:
  expiry_lead_days: [1, 30, 7]
"""


def read(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(text, encoding="utf-8")
    policy, mistakes = read_policy(path, 30.0)
    assert mistakes == []
    assert policy is not None
    return policy


def test_the_whole_file_becomes_the_policy(tmp_path: Path) -> None:
    actual = read(tmp_path, WHOLE)

    assert actual == Policy(
        accounts=(
            Account(
                alias="prod",
                id="111111111111",
                regions=("us-east-1", "eu-west-1"),
                role_arn="arn:aws:iam::111111111111:role/CopyBackupBot",
                external_id="s3cr3t",
                copy_role_arn="arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole",
            ),
            Account(
                alias="backup",
                id="222222222222",
                regions=("eu-west-1",),
                role_arn="arn:aws:iam::222222222222:role/CopyBackupBot",
                copy_role_arn="arn:aws:iam::222222222222:role/team/Copies",
            ),
        ),
        rules=(
            Rule(
                approvers=("S0BACKUPADMINS", "U0BEN"),
                needed=2,
                allow_self=False,
                expires_after=timedelta(hours=8),
                when=(("destination_account", "backup"), ("table", "orders-*")),
            ),
            Rule(approvers=("S0BACKUPADMINS",), needed=1),
        ),
        expiry_lead_days=(30, 7, 1),
        default_channel="C0BACKUPS",
        poll_seconds=30.0,
    )


def test_what_the_minimal_file_leaves_out_has_defaults(tmp_path: Path) -> None:
    actual = read(tmp_path, MINIMAL_EXAMPLE)

    assert actual == Policy(
        accounts=(
            Account(
                alias="prod",
                id="111111111111",
                regions=("eu-west-1",),
                copy_role_arn="arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole",
                role_arn=None,
                external_id=None,
            ),
        ),
        rules=(Rule(approvers=("S0BACKUPADMINS",), needed=1, allow_self=False, expires_after=timedelta(hours=24)),),
        expiry_lead_days=(30, 7, 1),
        default_channel=None,
        poll_seconds=30.0,
    )


def test_without_prices_of_ones_own_the_list_prices_hold(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL_EXAMPLE).prices == LIST_PRICES


def test_prices_of_ones_own_take_the_place_of_the_list_prices(tmp_path: Path) -> None:
    prices = """\
prices:
  as_of: 2026-11-01
  currency: EUR
  usual: {warm: 0.095, cold: 0.03, transfer: 0}
  regions:
    eu-west-1: {warm: 1, cold: "0.05", transfer: 0.02}
"""

    assert read(tmp_path, MINIMAL_EXAMPLE + prices).prices == Prices(
        date(2026, 11, 1),
        "EUR",
        Rates(Decimal("0.095"), Decimal("0.03"), Decimal(0)),
        {"eu-west-1": Rates(Decimal(1), Decimal("0.05"), Decimal("0.02"))},
    )


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_default_copy_role_lies_in_the_regions_partition(tmp_path: Path, region: str, partition: str) -> None:
    (account,) = read(tmp_path, MINIMAL_EXAMPLE.replace("eu-west-1", region)).accounts

    expected = f"arn:{partition}:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole"
    assert account.copy_role_arn == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("8h", timedelta(hours=8)),
        ("2d", timedelta(days=2)),
        ("365d", timedelta(days=365)),
    ],
)
def test_a_duration_is_a_number_and_its_unit(tmp_path: Path, written: str, expected: timedelta) -> None:
    (rule,) = read(tmp_path, MINIMAL_EXAMPLE + f"    expires_after: {written}\n").rules

    assert rule.expires_after == expected


def test_rules_keep_their_order_since_the_first_match_decides(tmp_path: Path) -> None:
    text = MINIMAL_EXAMPLE + "  - approvers: [U0ANN]\n  - approvers: [W0BEN]\n"

    assert [rule.approvers for rule in read(tmp_path, text).rules] == [("S0BACKUPADMINS",), ("U0ANN",), ("W0BEN",)]


def test_a_rule_asks_about_exactly_what_the_domain_knows() -> None:
    assert set(WhenSection.model_fields) == {fact.name for fact in dataclasses.fields(CopyFacts)}


def test_a_rule_that_is_read_matches_what_it_says(tmp_path: Path) -> None:
    (rule,) = read(
        tmp_path,
        MINIMAL_EXAMPLE
        + '    when: {source_account: pr*, destination_region: eu-*, table: "orders-?", action: copy}\n',
    ).rules
    facts = CopyFacts(
        source_account="prod", destination_account="prod", destination_region="eu-west-1", table="orders-1"
    )

    assert rule.matches(facts)
    assert not rule.matches(dataclasses.replace(facts, table="orders-10"))


def test_guests_may_approve_only_where_the_rule_says_so(tmp_path: Path) -> None:
    text = WHOLE.replace("    allow_self: false\n", "    allow_guests: true\n")

    assert [rule.allow_guests for rule in read(tmp_path, text).rules] == [True, False]


def test_no_leads_at_all_is_a_choice(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL_EXAMPLE + "notices: {expiry_lead_days: []}\n").expiry_lead_days == ()


def test_anchors_save_typing(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        dedent("""\
            accounts:
              prod: {id: "111111111111", regions: &both [eu-west-1, us-east-1]}
              backup: {id: "222222222222", regions: *both}
            approvals:
              - approvers: [S0BACKUPADMINS]
            """),
    )

    assert [account.regions for account in policy.accounts] == [("eu-west-1", "us-east-1")] * 2
