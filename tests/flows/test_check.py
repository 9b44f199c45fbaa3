"""`copy-backup check`: sees what is missing in either world, says what to do, tells no secret, ends in time."""

import io
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.checking import check
from bot.iam import bot_policy
from bot.sandbox.aws import Role
from bot.sandbox.aws.identity import create_role
from bot.sandbox.slack import BACKUP_ADMINS, BACKUPS, BOT_USER
from bot.sandbox.worlds import BACKUP, CONFIG, COPY_ROLE, EXTERNAL_ID, PROD, LocalWorlds
from bot.settings import load_settings
from bot.store import migrate
from tests.contract.store_postgres import fresh_database, server_url
from tests.flows.team import EU, US

PATIENT = 45.0


@dataclass
class Checked:
    code: int
    text: str

    def tells(self, mark: str, words: str) -> bool:
        return any(line.strip().startswith(mark) and words in line for line in self.text.splitlines())


def checked(
    worlds: LocalWorlds,
    *,
    config: str = CONFIG,
    seconds: float = PATIENT,
    environ: Mapping[str, str] | None = None,
    http: bool = False,
) -> Checked:
    out = io.StringIO()
    given = {**worlds.environ(config=config, http=http), **(environ or {})}
    code = check(out, seconds=seconds, environ=given)
    return Checked(code, out.getvalue())


def test_where_all_is_in_place_it_says_so_and_ends_with_0(worlds: LocalWorlds) -> None:
    migrate(worlds.environ()["COPY_BACKUP_DATABASE_URL"])
    before = {path: path.read_bytes() for path in worlds.folder.glob("*.sqlite3")}

    found = checked(worlds)

    assert found.code == 0
    assert found.text.endswith("Ready: all is in place.\n")
    for words in ("It is up to date", "all 8 scopes", "the bot is in #backups", "1 of 2 people must approve"):
        assert found.tells("✓", words)
    for words in ("Entered by arn:aws:iam::111111111111:role/CopyBackupBot", "us-east-1: enabled, 1 vault"):
        assert found.tells("✓", words)
    assert found.tells("✓", "Copies from prod may come into 2 of 2 vaults: dr-vault")
    # Nothing was changed anywhere: no call of either world that is not a question.
    asked = {call.operation for call in worlds.aws.world.calls}
    assert not {name for name in asked if name.startswith(("Start", "Create", "Put", "Update", "Delete", "Tag"))}
    assert {path: path.read_bytes() for path in worlds.folder.glob("*.sqlite3")} == before


def test_a_database_that_is_not_made_yet_is_not_made_by_looking(worlds: LocalWorlds) -> None:
    found = checked(worlds)

    assert found.tells("!", "It is empty.")
    assert found.code == 0
    assert list(worlds.folder.glob("*.sqlite3")) == []


def test_no_secret_is_told(worlds: LocalWorlds) -> None:
    secrets = {
        worlds.slack.bot_token,
        worlds.slack.app_token,
        worlds.slack.signing_secret,
        EXTERNAL_ID,
        "hunter2-of-the-database",
    }
    broken = CONFIG.replace(f"external_id: {EXTERNAL_ID}", "external_id: another-s3cr3t")
    url = "postgresql://bot:hunter2-of-the-database@127.0.0.1:9/copies"

    told = [
        checked(worlds),
        checked(worlds, http=True),
        checked(worlds, config=broken, environ={"COPY_BACKUP_DATABASE_URL": url}),
        checked(worlds, environ={"SLACK_BOT_TOKEN": "xoxb-hunter2-of-the-database"}),
        checked(worlds, environ={"SLACK_BOT_TOKEN": "hunter2-of-the-database"}),
    ]

    for found in told:
        assert not {secret for secret in secrets if secret in found.text}
        assert "another-s3cr3t" not in found.text
    assert [found.code for found in told] == [0, 0, 1, 1, 1]


def test_a_mistake_in_the_file_is_told_with_its_line_and_nothing_else_is_looked_at(worlds: LocalWorlds) -> None:
    found = checked(worlds, config=CONFIG.replace("needed: 1", "needed: none"))

    assert found.code == 1
    assert found.tells("✗", "copy-backup.yaml:")
    assert "AWS account" not in found.text


def test_rules_that_are_never_reached_are_warned_of(worlds: LocalWorlds) -> None:
    more = f"  - approvers: [{BACKUP_ADMINS}]\n    when: {{table: orders}}\n"

    found = checked(worlds, config=CONFIG.replace("notices:", more + "notices:"))

    assert found.tells("!", "approvals[1] is never reached")
    assert found.code == 0


def test_the_channel_of_what_is_adopted_is_looked_at(worlds: LocalWorlds) -> None:
    rules = "adopt: [{account: backup}, {account: backup, vault: dr-vault, channel: C0NOSUCH01}]"

    found = checked(worlds, config=CONFIG.replace("notices:", f"notices:\n  {rules}"))

    assert found.code == 1
    assert found.tells("✗", "notices.adopt[1]: Slack does not show C0NOSUCH01 (channel_not_found)")
    assert "notices.adopt[0]" not in found.text


def test_without_slack_aws_and_the_database_are_looked_at_all_the_same(worlds: LocalWorlds) -> None:
    found = checked(worlds, environ={"SLACK_BOT_TOKEN": ""})

    assert found.code == 1
    assert found.tells("✗", "SLACK_BOT_TOKEN: missing")
    assert found.tells("✓", "Entered by")


Break = Callable[[LocalWorlds], None]


def takes_a_scope_away(worlds: LocalWorlds) -> None:
    workspace = worlds.slack.workspace
    workspace.app = replace(workspace.app, scopes=frozenset(workspace.app.scopes or ()) - {"usergroups:read"})


def revokes_the_token(worlds: LocalWorlds) -> None:
    worlds.slack.faults.token_error = "token_revoked"


def empties_the_group(worlds: LocalWorlds) -> None:
    worlds.slack.directory.set_group_members(BACKUP_ADMINS)


def lets_nobody_into_the_vaults(worlds: LocalWorlds) -> None:
    for books in worlds.aws.world.state.all_books():
        for vault in books.vaults.values():
            vault.policy = None


def gives_less_to_the_bot(worlds: LocalWorlds, *lacking: str) -> None:
    account = load_settings(worlds.environ()).policy.accounts[1]
    policy = bot_policy(account)
    for statement in policy["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one not in lacking] or ["backup:Nothing"]
    create_role(BACKUP, Role("CopyBackupBot", policies=[policy]))


def forbids_copying(worlds: LocalWorlds) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "backup:*", "Resource": "*"}]}
    create_role(PROD, Role(COPY_ROLE, policies=[policy]))


@pytest.mark.parametrize(
    ("breaking", "mark", "told", "remedy"),
    [
        (revokes_the_token, "✗", "does not accept the bot token (token_revoked)", "OAuth & Permissions"),
        (takes_a_scope_away, "✗", "The token lacks the scopes usergroups:read", "install the app again"),
        (lambda worlds: worlds.slack.faults.disable_socket_mode(), "✗", "Slack opens no socket", "connections:write"),
        (lambda worlds: worlds.slack.directory.leave(BACKUPS, BOT_USER), "✗", "is not in #backups", "/invite"),
        (lambda worlds: worlds.slack.directory.archive(BACKUPS), "✗", "#backups is archived", "another channel"),
        (empties_the_group, "✗", "1 of S0BKPADMINS must approve, and 0 could", "user group"),
        (
            lambda worlds: create_role(BACKUP, Role("CopyBackupBot", trusted=("arn:aws:iam::999999999999:root",))),
            "✗",
            "It cannot be entered by arn:aws:iam::222222222222:role/CopyBackupBot",
            "bot_role.trust_policy",
        ),
        (
            lambda worlds: worlds.aws.world.set_region_enabled(BACKUP, EU, enabled=False),
            "✗",
            "eu-west-1: the account has not enabled this Region",
            "aws account enable-region --region-name eu-west-1",
        ),
        (
            lambda worlds: worlds.aws.world.set_advanced(PROD, US, enabled=False),
            "!",
            "us-east-1: advanced features for DynamoDB backups are off",
            "/copy-backup now",
        ),
        (
            lambda worlds: create_role(PROD, Role(COPY_ROLE, services=())),
            "✗",
            "does not trust backup.amazonaws.com",
            "copy_role.trust_policy",
        ),
        (
            lambda worlds: worlds.aws.world.set_cross_account_backup(False),
            "✗",
            "The organization does not let backups be copied to other accounts",
            "isCrossAccountBackupEnabled=true",
        ),
        (forbids_copying, "✗", "The copy role may not backup:CopyFromBackupVault", "copy_role.policy"),
        (lets_nobody_into_the_vaults, "!", "No vault lets copies from prod in", "vault_access_policy"),
        (
            lambda worlds: gives_less_to_the_bot(worlds, "backup:StartCopyJob", "backup:ListTags"),
            "✗",
            "The bot's role may not backup:ListTags, backup:StartCopyJob",
            "bot_role.policy",
        ),
        (
            lambda worlds: gives_less_to_the_bot(worlds, "dynamodb:DeleteTable"),
            "!",
            "may not dynamodb:DeleteTable: drill will fail here",
            "as it should be",
        ),
        (
            lambda worlds: worlds.aws.world.faults.deny(PROD, "SimulatePrincipalPolicy"),
            "?",
            "Not seen what the bot's role may do",
            "bot_role.policy",
        ),
        (
            lambda worlds: worlds.aws.world.faults.deny(PROD, "ListBackupVaults"),
            "✗",
            "us-east-1: AWS Backup does not answer",
            "bot_role",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    worlds: LocalWorlds, breaking: Break, mark: str, told: str, remedy: str
) -> None:
    breaking(worlds)

    found = checked(worlds)

    assert found.tells(mark, told), found.text
    assert remedy in found.text
    assert found.code == (1 if mark == "✗" else 0), found.text
    assert ("Not ready" in found.text) == (mark == "✗")
    assert ("nothing stands in the way" in found.text) == (mark == "!")
    assert ("Ready as far as could be seen: " in found.text) == (mark == "?")


def test_a_role_of_another_account_is_found_out(worlds: LocalWorlds) -> None:
    config = CONFIG.replace(f"    role_arn: arn:aws:iam::{BACKUP}:role/CopyBackupBot\n", "")

    found = checked(worlds, config=config)

    assert found.code == 1
    assert found.tells("✗", "Entered by the bot's own credentials, but that is account 111111111111")


def test_a_wrong_external_id_is_found_out(worlds: LocalWorlds) -> None:
    found = checked(worlds, config=CONFIG.replace(f"external_id: {EXTERNAL_ID}", "external_id: other"))

    assert found.tells("✗", f"It cannot be entered by arn:aws:iam::{PROD}:role/CopyBackupBot")


def test_a_bot_without_credentials_is_told_to_get_some_and_not_to_change_its_role(
    worlds: LocalWorlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "nosuch")

    found = checked(worlds)

    assert found.code == 1
    assert found.tells("✗", "The bot has no AWS credentials to enter it with: The config profile (nosuch)")
    assert "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID" in found.text
    assert "cannot be entered" not in found.text


def test_an_aws_that_hangs_costs_no_more_than_the_seconds_given(worlds: LocalWorlds) -> None:
    slow = worlds.aws.world.faults.slow(seconds=30)
    begun = time.monotonic()

    found = checked(worlds, seconds=4)

    took = time.monotonic() - begun
    slow.lift()
    assert took < 15
    assert found.tells("✗", "The rest did not answer in time.")
    assert (found.code, "Not ready: " in found.text) == (1, True)
    assert found.tells("✓", "The bot is @copy-backup")


def test_a_database_that_hangs_is_no_ready(worlds: LocalWorlds) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://bot:secret@127.0.0.1:{mute.getsockname()[1]}/copies"
        found = checked(worlds, seconds=6, environ={"COPY_BACKUP_DATABASE_URL": url})

    assert found.code == 1
    assert found.tells("✗", "The rest did not answer in time.")


def test_a_check_that_stumbles_is_no_ready(worlds: LocalWorlds) -> None:
    url = worlds.environ()["COPY_BACKUP_DATABASE_URL"]
    migrate(url)

    found = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": f"{url}?timeout=soon"})

    assert found.code == 1
    assert found.tells("✗", "Could not go on looking: ")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////no/such/folder/copies.sqlite3", "the folder /no/such/folder is not there"),
        ("postgresql://bot:secret@127.0.0.1:9/copies", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(worlds: LocalWorlds, url: str, told: str) -> None:
    found = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": url})

    assert found.tells("✗", "COPY_BACKUP_DATABASE_URL")
    assert told in found.text
    assert "secret" not in found.text


def test_a_database_of_postgresql_is_looked_at_too(worlds: LocalWorlds) -> None:
    with fresh_database(server_url()) as url:
        empty = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": url})
        migrate(url)
        made = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": url})

    assert empty.tells("!", "It is empty.")
    assert made.tells("✓", "(PostgreSQL ")
    assert made.tells("✓", "It is up to date")
    assert (empty.code, made.code) == (0, 0)


def test_a_database_of_a_newer_version_is_told_as_the_bot_would_refuse_it(worlds: LocalWorlds, tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite3"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    found = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": f"sqlite:///{path}"})

    assert found.code == 1
    assert found.tells("✗", "It is at revision 9999, which this version does not know")
    assert "Run that version, or restore an older database." in found.text


def test_a_file_that_is_no_database_is_told(worlds: LocalWorlds, tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("Dear all, this is no database. " * 100)

    found = checked(worlds, environ={"COPY_BACKUP_DATABASE_URL": f"sqlite:///{path}"})

    assert found.code == 1
    assert found.tells("✗", "file is not a database")
