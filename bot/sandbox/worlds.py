"""Both local worlds together, furnished like a small company, and the settings that point an unchanged bot at them."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.sandbox.aws import LocalAws, Role, access_key
from bot.sandbox.clock import WorldClock
from bot.sandbox.slack import BACKUP_ADMINS, BACKUPS, LocalSlack
from bot.slack.manifest import manifest

PROD, BACKUP = "111111111111", "222222222222"
EXTERNAL_ID = "s3cr3t"
GIB = 1024**3
COPY_ROLE = "service-role/AWSBackupDefaultServiceRole"
CONFIG = f"""\
channel: {BACKUPS}
accounts:
  prod:
    id: "{PROD}"
    regions: [us-east-1, eu-west-1]
    role_arn: arn:aws:iam::{PROD}:role/CopyBackupBot
    external_id: {EXTERNAL_ID}
    copy_role_arn: arn:aws:iam::{PROD}:role/{COPY_ROLE}
  backup:
    id: "{BACKUP}"
    regions: [eu-west-1, eu-central-1]
    role_arn: arn:aws:iam::{BACKUP}:role/CopyBackupBot
    copy_role_arn: arn:aws:iam::{BACKUP}:role/{COPY_ROLE}
approvals:
  - approvers: [{BACKUP_ADMINS}]
    needed: 1
    expires_after: 8h
notices:
  expiry_lead_days: [30, 7, 1]
"""


class LocalWorlds:
    """A local AWS (accounts prod and backup) and a local Slack, on loopback, under one clock."""

    def __init__(
        self, folder: Path, *, clock: WorldClock | None = None, aws_port: int = 0, slack_port: int = 0
    ) -> None:
        self.folder = folder
        self.clock = clock or WorldClock()
        self.aws = LocalAws(self.clock, aws_port)
        self.slack = LocalSlack(manifest(), self.clock, slack_port)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.aws)
            stack.enter_context(self.slack)
            self.furnish()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def furnish(self) -> None:
        """Put accounts, vaults, tables and backups into the local AWS."""
        world, now = self.aws.world, self.clock.now()
        world.add_account(PROD, roles=[Role("CopyBackupBot", external_id=EXTERNAL_ID), COPY_ROLE])
        world.add_account(BACKUP, roles=["CopyBackupBot", COPY_ROLE])
        for account, region, name in (
            (PROD, "us-east-1", "daily"),
            (PROD, "eu-west-1", "daily"),
            (BACKUP, "eu-west-1", "dr-vault"),
            (BACKUP, "eu-central-1", "dr-vault"),
        ):
            world.create_vault(account, region, name)
            if account == BACKUP:
                world.allow_copies_into(account, region, name, PROD)
        # What is brought back from the other account comes home through this vault.
        world.allow_copies_into(PROD, "us-east-1", "daily", BACKUP)
        for number, (table, gib) in enumerate((("orders", 12), ("customers", 3), ("invoices-2026", 41))):
            world.create_table(PROD, "us-east-1", table, [{"id": f"{table}-{item}"} for item in range(5)])
            for age in (1, 2, 9):
                world.add_recovery_point(
                    PROD,
                    "us-east-1",
                    "daily",
                    table,
                    created_at=now - timedelta(days=age, hours=7 + number),
                    size_bytes=gib * GIB + age * 104_857_600,
                    lifecycle={"DeleteAfterDays": 90},
                )

        self._plan()

    def _plan(self) -> None:
        """A backup plan over the tables, as companies have it before they copy anywhere."""
        self.aws.world.create_plan(
            PROD,
            "us-east-1",
            "nightly",
            [
                {"RuleName": "daily", "TargetBackupVaultName": "daily", "Lifecycle": {"DeleteAfterDays": 90}},
                {
                    "RuleName": "monthly",
                    "TargetBackupVaultName": "daily",
                    "ScheduleExpression": "cron(0 5 1 * ? *)",
                    "Lifecycle": {"DeleteAfterDays": 365},
                },
            ],
            tables=["orders", "customers", "invoices-2026"],
        )

    def environ(self, *, http: bool = False, poll_seconds: float = 0.5, config: str = CONFIG) -> Mapping[str, str]:
        """The environment for a bot; the configuration and the database lie in this world's folder."""
        path = self.folder / "copy-backup.yaml"
        path.write_text(config, encoding="utf-8")
        slack = (
            {"SLACK_SIGNING_SECRET": self.slack.signing_secret} if http else {"SLACK_APP_TOKEN": self.slack.app_token}
        )
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            **slack,
            "SLACK_API_URL": self.slack.api_url,
            "COPY_BACKUP_CONFIG": str(path),
            "COPY_BACKUP_DATABASE_URL": f"sqlite:///{self.folder / 'copy-backup.sqlite3'}",
            "COPY_BACKUP_POLL_SECONDS": str(poll_seconds),
            **self.aws_environ(),
        }

    def aws_environ(self) -> Mapping[str, str]:
        """What botocore has to find in the environment to reach the local AWS and nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": access_key(PROD),
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
