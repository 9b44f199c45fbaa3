"""What the environment may say, what it stands for when it says nothing, and how a mistake in it is told."""

from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.settings import load_database_url, load_settings
from bot.settings.policy import MINIMAL_EXAMPLE

BOT, APP, SECRET = "xoxb-1-hunter2", "xapp-1-hunter2", "hunter2hunter2"


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(MINIMAL_EXAMPLE, encoding="utf-8")
    return str(path)


@pytest.fixture
def environ(config: str) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "COPY_BACKUP_CONFIG": config}


def mistakes(environ: dict[str, str], *, need_slack: bool = True) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ, need_slack=need_slack)
    return str(caught.value).splitlines()


def test_what_is_left_out_has_a_default(environ: dict[str, str]) -> None:
    settings = load_settings(environ)

    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///copy-backup.sqlite3"
    assert settings.poll_seconds == settings.policy.poll_seconds == 30.0
    assert settings.log_format == "text"
    assert settings.warnings == ()


def test_what_is_said_is_taken(environ: dict[str, str]) -> None:
    settings = load_settings(
        environ
        | {
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": "http://127.0.0.1:3030/api",
            "COPY_BACKUP_DATABASE_URL": "postgresql+psycopg://bot:pw@db/backups",
            "COPY_BACKUP_POLL_SECONDS": "0.5",
            "COPY_BACKUP_LOG": "json",
        }
    )

    assert settings.slack_bot_token.get_secret_value() == BOT
    assert settings.slack_app_token is not None
    assert settings.slack_app_token.get_secret_value() == APP
    assert settings.slack_signing_secret is not None
    assert settings.slack_signing_secret.get_secret_value() == SECRET
    assert settings.slack_api_url == "http://127.0.0.1:3030/api/"
    assert settings.database_url == "postgresql+psycopg://bot:pw@db/backups"
    assert settings.policy.poll_seconds == 0.5
    assert settings.log_format == "json"


def test_the_process_environment_is_read_when_none_is_given(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COPY_BACKUP_DATABASE_URL", "sqlite:///elsewhere.sqlite3")

    assert load_settings().database_url == "sqlite:///elsewhere.sqlite3"
    assert load_database_url() == "sqlite:///elsewhere.sqlite3"


def test_an_app_token_means_socket_mode(environ: dict[str, str]) -> None:
    assert load_settings(environ).socket_mode is True


def test_without_an_app_token_a_signing_secret_means_http(config: str) -> None:
    settings = load_settings({"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SECRET, "COPY_BACKUP_CONFIG": config})

    assert settings.socket_mode is False


def test_a_variable_set_to_nothing_counts_as_not_set(environ: dict[str, str]) -> None:
    settings = load_settings(environ | {"SLACK_API_URL": "", "COPY_BACKUP_LOG": "  ", "SLACK_SIGNING_SECRET": ""})

    assert (settings.slack_api_url, settings.log_format) == ("https://slack.com/api/", "text")
    assert settings.slack_signing_secret is None


def test_the_line_end_of_a_mounted_secret_is_not_part_of_it(environ: dict[str, str]) -> None:
    settings = load_settings(environ | {"SLACK_BOT_TOKEN": f"{BOT}\n"})

    assert settings.slack_bot_token.get_secret_value() == BOT


def test_missing_slack_variables_are_all_named_at_once(config: str) -> None:
    bot, app = mistakes({"COPY_BACKUP_CONFIG": config})

    assert bot.startswith("SLACK_BOT_TOKEN: missing, expected the bot token that begins with xoxb-")
    assert app.startswith("SLACK_APP_TOKEN: missing, expected an app-level token that begins with xapp-")
    assert "SLACK_SIGNING_SECRET" in app


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-hunter2", "a bot token that begins with xoxb-, got one that begins with xapp-"),
        ("SLACK_BOT_TOKEN", "xoxp-1-hunter2", "a bot token that begins with xoxb-, got one that begins with xoxp-"),
        ("SLACK_BOT_TOKEN", "hunter2", "a bot token that begins with xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-", "a bot token that begins with xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-1 hunter2", "a bot token that begins with xoxb-"),
        ("SLACK_APP_TOKEN", BOT, "an app-level token that begins with xapp-, got one that begins with xoxb-"),
        ("SLACK_API_URL", "slack.com/api/", 'a URL such as https://slack.com/api/, got "slack.com/api/"'),
        ("SLACK_API_URL", "ftp://slack.com/", 'a URL such as https://slack.com/api/, got "ftp://slack.com/"'),
        ("SLACK_API_URL", "https:///api/", 'a URL such as https://slack.com/api/, got "https:///api/"'),
        ("SLACK_API_URL", "https://x/?q=1", 'a URL such as https://slack.com/api/, got "https://x/?q=1"'),
        ("SLACK_API_URL", "http://[::1/", 'a URL such as https://slack.com/api/, got "http://[::1/"'),
        ("COPY_BACKUP_POLL_SECONDS", "0", 'a number of seconds, more than 0 and at most 86400, got "0"'),
        ("COPY_BACKUP_POLL_SECONDS", "-1", 'a number of seconds, more than 0 and at most 86400, got "-1"'),
        ("COPY_BACKUP_POLL_SECONDS", "nan", 'a number of seconds, more than 0 and at most 86400, got "nan"'),
        ("COPY_BACKUP_POLL_SECONDS", "inf", 'a number of seconds, more than 0 and at most 86400, got "inf"'),
        ("COPY_BACKUP_POLL_SECONDS", "30s", 'a number of seconds, more than 0 and at most 86400, got "30s"'),
        ("COPY_BACKUP_LOG", "JSON", 'text or json, got "JSON"'),
    ],
)
def test_a_mistake_names_the_variable_and_what_was_expected(
    environ: dict[str, str], name: str, value: str, told: str
) -> None:
    assert mistakes(environ | {name: value}) == [f"{name}: expected {told}"]


@pytest.mark.parametrize("url", ["mysql://bot:hunter2@db/x", "postgres://bot:hunter2@db/x", "backups.sqlite3"])
def test_a_database_that_is_not_served_is_refused_without_showing_its_url(environ: dict[str, str], url: str) -> None:
    (told,) = mistakes(environ | {"COPY_BACKUP_DATABASE_URL": url})

    assert told.startswith("COPY_BACKUP_DATABASE_URL: expected sqlite:///file.sqlite3 or postgresql+psycopg://")


def test_no_mistake_and_no_repr_shows_a_secret(environ: dict[str, str]) -> None:
    url = "postgresql+psycopg://bot:hunter2@db/x"
    sound = load_settings(environ | {"SLACK_SIGNING_SECRET": SECRET, "COPY_BACKUP_DATABASE_URL": url})
    told = mistakes(
        {
            "SLACK_BOT_TOKEN": "hunter2",
            "SLACK_APP_TOKEN": "hunter2",
            "SLACK_API_URL": "ftp://bot:hunter2@slack.com/",
            "COPY_BACKUP_DATABASE_URL": "mysql://bot:hunter2@db/x",
            "COPY_BACKUP_CONFIG": environ["COPY_BACKUP_CONFIG"],
        }
    )

    assert "hunter2" not in f"{sound!r} {sound}"
    assert len(told) == 4
    assert "hunter2" not in "\n".join(told)


def test_commands_that_never_talk_to_slack_need_nothing_of_it(config: str) -> None:
    environ = {"COPY_BACKUP_CONFIG": config, "SLACK_BOT_TOKEN": "wrong", "SLACK_API_URL": "wrong"}

    settings = load_settings(environ, need_slack=False)

    assert settings.slack_bot_token.get_secret_value() == ""
    assert settings.slack_api_url == "https://slack.com/api/"


def test_the_other_variables_are_judged_even_when_slack_is_not_needed(config: str) -> None:
    environ = {"COPY_BACKUP_CONFIG": config, "COPY_BACKUP_LOG": "xml"}

    assert mistakes(environ, need_slack=False) == ['COPY_BACKUP_LOG: expected text or json, got "xml"']


def test_migrate_needs_only_the_database() -> None:
    assert load_database_url({}) == "sqlite:///copy-backup.sqlite3"
    assert (
        load_database_url({"COPY_BACKUP_DATABASE_URL": "sqlite:///x.db", "COPY_BACKUP_LOG": "xml"}) == "sqlite:///x.db"
    )
    with pytest.raises(ConfigurationError, match="COPY_BACKUP_DATABASE_URL"):
        load_database_url({"COPY_BACKUP_DATABASE_URL": "oracle://x"})


def test_a_misspelt_variable_is_warned_about(environ: dict[str, str]) -> None:
    settings = load_settings(environ | {"COPY_BACKUP_POLL_SECOND": "5", "COPY_BACKUP_TEST_POSTGRES_URL": "x"})

    assert settings.warnings == (
        "COPY_BACKUP_POLL_SECOND is not a setting and is ignored; did you mean COPY_BACKUP_POLL_SECONDS?",
    )


def test_mistakes_of_the_environment_and_of_the_file_are_told_together(environ: dict[str, str]) -> None:
    path = Path(environ["COPY_BACKUP_CONFIG"])
    path.write_text(MINIMAL_EXAMPLE + "chanel: C0BACKUPS\n", encoding="utf-8")

    told = mistakes(environ | {"SLACK_BOT_TOKEN": "wrong", "COPY_BACKUP_LOG": "xml"})

    assert [line.rpartition("/")[2].split(": ")[0] for line in told] == [
        "SLACK_BOT_TOKEN",
        "COPY_BACKUP_LOG",
        "copy-backup.yaml:7",
    ]


def test_a_missing_file_is_told_with_its_variable_and_a_minimal_example(
    environ: dict[str, str], tmp_path: Path
) -> None:
    missing = str(tmp_path / "nowhere.yaml")

    told = mistakes(environ | {"COPY_BACKUP_CONFIG": missing})

    assert told[0].startswith(f"{missing}: cannot be read (No such file or directory). COPY_BACKUP_CONFIG names")
    assert [line.removeprefix("    ") for line in told[1:]] == MINIMAL_EXAMPLE.splitlines()


def test_a_folder_in_the_place_of_the_file_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    assert "cannot be read (Is a directory)" in mistakes(environ | {"COPY_BACKUP_CONFIG": str(tmp_path)})[0]
