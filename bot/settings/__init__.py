"""What the operator decided: the only reader of the environment and of copy-backup.yaml.

Both are read completely before anything is refused, so that every mistake is told at once.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bot.domain.errors import ConfigurationError
from bot.domain.ports import Policy
from bot.domain.rule_check import rule_warnings
from bot.settings.environment import LogFormat, read_database_url, read_environment, unknown_variables
from bot.settings.policy import read_policy

__all__ = ["LogFormat", "Settings", "load_database_url", "load_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decided.

    `slack_bot_token` is empty only where `need_slack=False` was asked for. `slack_api_url` ends with a slash.
    `database_url` may hold a password and is left out of the repr. `warnings` are sentences for the log.
    """

    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None
    slack_signing_secret: SecretStr | None
    slack_api_url: str
    config_path: Path
    database_url: str = field(repr=False)
    poll_seconds: float
    log_format: LogFormat
    policy: Policy = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode; otherwise it comes to us by HTTP."""
        return self.slack_app_token is not None


def load_settings(environ: Mapping[str, str] | None = None, *, need_slack: bool = True) -> Settings:
    """Read the environment (`os.environ` when None) and the configuration file that it names.

    `need_slack=False` is for commands that never talk to Slack: its variables may then be missing or wrong.
    Raises ConfigurationError that lists every mistake, one a line: the environment's first, then the file's by line.
    """
    given = os.environ if environ is None else environ
    environment, mistakes = read_environment(given, need_slack=need_slack)
    policy, more = read_policy(environment.config_path, environment.poll_seconds)
    if policy is None or mistakes:
        raise ConfigurationError("\n".join([*mistakes, *more]))
    return Settings(
        slack_bot_token=environment.slack_bot_token,
        slack_app_token=environment.slack_app_token,
        slack_signing_secret=environment.slack_signing_secret,
        slack_api_url=environment.slack_api_url,
        config_path=environment.config_path,
        database_url=environment.database_url,
        poll_seconds=environment.poll_seconds,
        log_format=environment.log_format,
        policy=policy,
        warnings=(*unknown_variables(given), *_about_rules(environment.config_path, policy)),
    )


def _about_rules(path: Path, policy: Policy) -> Iterator[str]:
    return (f"{path}: {warning}" for warning in rule_warnings(policy.rules))


def load_database_url(environ: Mapping[str, str] | None = None) -> str:
    """Read only the database's URL, for `migrate`. Raises ConfigurationError."""
    return read_database_url(os.environ if environ is None else environ)
