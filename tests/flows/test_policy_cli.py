"""`copy-backup policy test`: which rule, who that is now, why, and whether such a request could be sent at all."""

from collections.abc import Callable

import pytest

from bot import cli
from bot.sandbox.slack import ANNA, BACKUP_ADMINS, BEN, CHRIS, DORA
from bot.sandbox.worlds import CONFIG, LocalWorlds

RULES = f"""\
approvals:
  - when: {{table: "orders-*", destination_account: backup, size: ">100GB"}}
    stages:
      - {{approvers: [{DORA}], needed: 1}}
      - {{approvers: [{BACKUP_ADMINS}], needed: 2}}
    askers: [{ANNA}]
    expires_after: 2h
    escalate: {{after: 30m, to: [{DORA}]}}
    break_glass: {{by: [{BEN}]}}
  - when: {{irreversible: true}}
    approvers: [{DORA}]
    allow_self: true
    override_findings: true
  - when: {{table: "orders*"}}
    approvers: [{BACKUP_ADMINS}]
  - when: {{table: "orders-2026"}}
    approvers: [{BEN}]
notices:
"""
HEAD = CONFIG.partition("approvals:")[0]
TO = ["--from", "prod/us-east-1", "--to", "backup/eu-west-1/dr-vault"]

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(worlds: LocalWorlds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command as an operator would; its exit code and all that it says."""

    def go(*words: str, rules: str = RULES, slack: bool = True) -> tuple[int, str]:
        config = HEAD + rules.removesuffix("notices:\n")
        for name, value in worlds.environ(config=config).items():
            monkeypatch.setenv(name, value)
        if not slack:
            monkeypatch.delenv("SLACK_BOT_TOKEN")
        code = cli.main(["policy", "test", *TO, *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return go


def test_the_rule_its_people_and_why_are_told(run: Run) -> None:
    code, said = run("--table", "orders-2026", "--size", "200GB", "--keep", "90d", "--asker", ANNA)

    assert code == 0, said
    for words in (
        "copy of orders-2026 from prod/us-east-1 to backup/eu-west-1/dr-vault",
        "approvals[0] applies (",
        "size: >100GB",
        "Answer within 2 h; without an answer it lapses.",
        "Whoever asks may not approve.",
        f"Only {ANNA} may ask.",
        f"After 30 min without an answer {DORA} may approve too.",
        f"{BEN} may go ahead without approvals (break-glass); a review stays open.",
        f"Stage 1: 1 of {DORA} must approve.",
        f"Stage 2: 2 of user group {BACKUP_ADMINS} must approve.",
        f"User {DORA} is now: {DORA} (dora)",
        f"User group {BACKUP_ADMINS} is now: {BEN} (ben), {CHRIS} (chris)",
    ):
        assert words in said, f"{words!r} is not in\n{said}"


def test_why_the_rules_before_it_do_not_match_is_told(run: Run) -> None:
    code, said = run("--table", "orders-2026", "--size", "2GB", "--keep", "90d")

    assert code == 0
    assert "approvals[0] does not match (size: >100GB)" in said
    assert "approvals[1] does not match (irreversible: true)" in said
    assert "approvals[2] applies (table: orders*)" in said


def test_what_is_not_known_takes_the_stricter_rule(run: Run) -> None:
    _, said = run("--table", "orders-2026")

    assert "size unknown (takes the stricter rule)" in said
    assert "approvals[0] applies" in said


def test_what_cannot_be_undone_may_have_a_rule_of_its_own(run: Run) -> None:
    code, said = run("--table", "customers", "--irreversible")

    assert code == 0
    assert "cannot be undone" in said
    assert "approvals[1] applies (irreversible: true)" in said
    assert "Whoever asks may approve too." in said
    assert "although pre-flight finds that it would fail" in said


LONG = f"""\
approvals:
  - when: {{retention: ">=3650d"}}
    approvers: [{DORA}]
  - approvers: [{BACKUP_ADMINS}]
notices:
"""


@pytest.mark.parametrize("keep", ["10y", "3650d", "permanent"])
def test_what_is_kept_long_may_have_a_rule_of_its_own(run: Run, keep: str) -> None:
    code, said = run("--table", "orders-2026", "--size", "2GB", "--keep", keep, rules=LONG)

    assert code == 0
    assert "approvals[0] applies (retention: >=3650d)" in said
    assert f"\n1 of {DORA} must approve." in said


def test_what_is_kept_shorter_falls_to_the_rule_behind_it(run: Run) -> None:
    code, said = run("--table", "orders-2026", "--size", "2GB", "--keep", "3649d", rules=LONG)

    assert code == 0
    assert "approvals[0] does not match (retention: >=3650d)" in said
    assert "approvals[1] applies" in said


def test_rules_that_are_never_reached_are_warned_of(run: Run) -> None:
    _, said = run("--table", "orders-2026", "--size", "2GB")

    assert "Take care: approvals[3] is never reached: approvals[2] matches everything that it does." in said
    assert "Take care: approvals[0] and approvals[1] overlap" in said
    assert "approvals[3] overlap" not in said


def test_what_no_rule_covers_could_not_be_sent(run: Run) -> None:
    code, said = run("--table", "customers", "--size", "2GB")

    assert code == 1
    assert "NOT SENDABLE: no rule matches, so nobody may approve this." in said


def test_an_asker_who_may_not_ask_is_told(run: Run) -> None:
    code, said = run("--table", "orders-2026", "--size", "200GB", "--asker", DORA)

    assert code == 1
    assert f"NOT SENDABLE: {DORA} may not ask." in said


def test_too_few_people_are_told_as_they_are_now(run: Run, worlds: LocalWorlds) -> None:
    worlds.slack.directory.set_group_members(BACKUP_ADMINS, BEN)
    code, said = run("--table", "orders-2026", "--size", "200GB")
    assert code == 1
    assert "NOT SENDABLE: 2 must approve, and 1 could." in said

    # The only approver asks, and their own word does not count.
    code, said = run("--table", "orders-2026", "--size", "2GB", "--asker", BEN)
    assert (code, "NOT SENDABLE: 1 must approve, and 0 could." in said) == (1, True)

    # Whoever is deactivated, and was never taken off the rule, could not.
    worlds.slack.directory.deactivate(DORA)
    code, said = run("--table", "customers", "--irreversible")
    assert (code, "NOT SENDABLE: 1 must approve, and 0 could." in said) == (1, True)


def test_a_group_that_slack_does_not_tell_fails_closed(run: Run, worlds: LocalWorlds) -> None:
    worlds.slack.directory.disable_usergroup(BACKUP_ADMINS)

    code, said = run("--table", "orders-2026", "--size", "2GB")

    assert code == 1
    assert "NOT SENDABLE: Slack does not say who may approve (no_such_subteam)." in said


def test_without_a_token_the_rule_is_told_and_nobody_is_resolved(run: Run) -> None:
    code, said = run("--table", "orders-2026", "--size", "2GB", slack=False)

    assert code == 0
    assert "SLACK_BOT_TOKEN is not set, so user groups are named and not resolved." in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from", "nowhere/us-east-1"], "--from: expected ACCOUNT/REGION[/VAULT] with one of prod, backup"),
        (["--from", "prod/mars-1"], "--from: prod has the Regions us-east-1, eu-west-1"),
        (["--to", "backup"], "--to: backup has the Regions"),
        (["--size", "big"], "--size: expected a size such as 200GB, got big"),
        (["--keep", "ages"], "--keep: expected a retention such as 90d"),
        (["--action", "dance"], "--action: expected one of copy"),
    ],
)
def test_a_mistake_on_the_command_line_names_its_option(run: Run, words: list[str], told: str) -> None:
    code, said = run("--table", "orders-2026", *words)

    assert code == cli.MISCONFIGURED
    assert told in said
