"""The environment variables: their names, defaults and forms. A mistake names the variable, never a secret's value."""

import math
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.errors import ConfigurationError
from bot.settings.wording import did_you_mean

LogFormat = Literal["text", "json"]

# A sweep that runs less than daily would never tell of a copy that ends tomorrow.
_LONGEST_POLL = 86_400.0
_DATABASE = re.compile(r"sqlite(\+pysqlite)?://.*|postgresql(\+psycopg)?://.+")
_TOKEN_KINDS = ("xoxb-", "xoxp-", "xoxa-", "xoxe", "xapp-", "xwfp-")


def _expected(words: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "expected {words}", {"words": words})


def _token(prefix: str, kind: str) -> AfterValidator:
    def check(token: SecretStr) -> SecretStr:
        value = token.get_secret_value()
        if value.startswith(prefix) and len(value) > len(prefix) and value.isprintable() and " " not in value:
            return token
        other = next((known for known in _TOKEN_KINDS if known != prefix and value.startswith(known)), None)
        seen = f", got one that begins with {other}" if other else ""
        raise _expected(f"{kind} that begins with {prefix}{seen}")

    return AfterValidator(check)


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        plain = False
    if not plain or re.search(r"\s", url):
        raise _expected(f'a URL such as https://slack.com/api/, got "{_without_password(url)}"')
    return url if url.endswith("/") else f"{url}/"


def _without_password(url: str) -> str:
    return re.sub(r"//[^/]*@", "//…@", url)


def _database_url(url: str) -> str:
    if not _DATABASE.fullmatch(url):
        raise _expected(
            "sqlite:///file.sqlite3 or postgresql+psycopg://user:password@host/name (the value is not shown here)"
        )
    return url


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_POLL:
        raise _expected(f'a number of seconds, more than 0 and at most {_LONGEST_POLL:.0f}, got "{text}"')
    return seconds


def _log_format(text: str) -> str:
    if text not in ("text", "json"):
        raise _expected(f'text or json, got "{text}"')
    return text


# What stands for the process's environment while one is read: tests and the local worlds hand in their own.
_given: ContextVar[Mapping[str, str | None]] = ContextVar("given")


class Environment(BaseSettings):
    """The variables, under the names that operators set; read by `_read`, from nowhere else."""

    model_config = SettingsConfigDict(
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        case_sensitive=True,
        env_ignore_empty=True,
        # A default stands for what is missing, and that is told in words of its own.
        validate_default=False,
    )

    slack_bot_token: Annotated[SecretStr, _token("xoxb-", "a bot token")] = Field(
        default=SecretStr(""), validation_alias="SLACK_BOT_TOKEN"
    )
    slack_app_token: Annotated[SecretStr, _token("xapp-", "an app-level token")] | None = Field(
        default=None, validation_alias="SLACK_APP_TOKEN"
    )
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_api_url: Annotated[str, AfterValidator(_http_url)] = Field(
        default="https://slack.com/api/", validation_alias="SLACK_API_URL"
    )
    config_path: Path = Field(default=Path("copy-backup.yaml"), validation_alias="COPY_BACKUP_CONFIG")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite:///copy-backup.sqlite3", validation_alias="COPY_BACKUP_DATABASE_URL"
    )
    poll_seconds: Annotated[float, BeforeValidator(_seconds)] = Field(
        default=30.0, validation_alias="COPY_BACKUP_POLL_SECONDS"
    )
    log_format: Annotated[LogFormat, BeforeValidator(_log_format)] = Field(
        default="text", validation_alias="COPY_BACKUP_LOG"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the environment counts, and it is the one that was handed in."""
        assert isinstance(env_settings, EnvSettingsSource)
        env_settings.env_vars = _given.get()
        return (env_settings,)


def read_environment(environ: Mapping[str, str], *, need_slack: bool) -> tuple[Environment, list[str]]:
    """Read the variables; a mistaken one is told in the list and stands at its default in what is returned."""
    given = {name: value.strip() for name, value in environ.items() if name in _variables() and value.strip()}
    wrong = _mistakes(given)
    sound = {name: value for name, value in given.items() if name not in wrong}
    if not need_slack:
        told = {name: text for name, text in wrong.items() if not name.startswith("SLACK_")}
        return _read(sound), _lines(told)
    return _read(sound), _lines(wrong | dict(_missing(given)))


def read_database_url(environ: Mapping[str, str]) -> str:
    """Read the one variable that `migrate` needs. Raises ConfigurationError."""
    name = "COPY_BACKUP_DATABASE_URL"
    environment, mistakes = read_environment({name: environ.get(name, "")}, need_slack=False)
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    return environment.database_url


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each COPY_BACKUP_ variable that nothing reads: most likely a typing mistake."""
    for name in sorted(environ):
        # The test suite has variables of its own, which a developer's shell may well hold.
        if not name.startswith("COPY_BACKUP_") or name.startswith("COPY_BACKUP_TEST_") or name in _variables():
            continue
        yield f"{name} is not a setting and is ignored{did_you_mean(name, _variables())}"


def _read(environ: Mapping[str, str]) -> Environment:
    token = _given.set(dict(environ))
    try:
        return Environment()
    finally:
        _given.reset(token)


def _variables() -> list[str]:
    return [str(field.validation_alias) for field in Environment.model_fields.values()]


def _mistakes(given: Mapping[str, str]) -> dict[str, str]:
    try:
        _read(given)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_input=False)
        return {str(error["loc"][0]): error["msg"] for error in found}
    return {}


def _missing(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if "SLACK_BOT_TOKEN" not in given:
        yield "SLACK_BOT_TOKEN", "missing, expected the bot token that begins with xoxb- (OAuth & Permissions page)"
    if "SLACK_APP_TOKEN" not in given and "SLACK_SIGNING_SECRET" not in given:
        yield (
            "SLACK_APP_TOKEN",
            "missing, expected an app-level token that begins with xapp- (Socket Mode), "
            "or SLACK_SIGNING_SECRET in its place (HTTP); both are on the Basic Information page",
        )


def _lines(mistakes: Mapping[str, str]) -> list[str]:
    return [f"{name}: {mistakes[name]}" for name in _variables() if name in mistakes]
