"""The ground that the bot stands on: its settings and its database."""

from collections.abc import Mapping

from bot.checking.lines import Line, Lines, care, fault, fine
from bot.domain.errors import ConfigurationError
from bot.settings import Settings, load_settings
from bot.store.looking import look_at


def check_configuration(environ: Mapping[str, str] | None) -> tuple[list[Line], Settings | None]:
    """What is wrong in environment and file, line by line; the settings as far as they can be used."""
    try:
        settings = load_settings(environ)
    except ConfigurationError as error:
        mistakes = [fault(line, _remedy(line)) for line in str(error).splitlines()]
        return mistakes, _without_slack(environ)
    policy = settings.policy
    rules = f"{len(policy.rules)} approval rules" if len(policy.rules) != 1 else "1 approval rule"
    mode = "Socket Mode" if settings.socket_mode else "HTTP"
    lines = [fine(f"{settings.config_path}: {len(policy.accounts)} accounts, {rules}; Slack by {mode}")]
    lines += [care(warning) for warning in settings.warnings]
    if policy.default_channel is None:
        lines.append(care("No channel is configured.", "Requests are then only taken where the bot is a member."))
    return lines, settings


def check_database(url: str) -> Lines:
    """Reached, up to date, written to (nothing stays written)."""
    try:
        state = look_at(url)
    except ConfigurationError as error:
        yield fault(f"COPY_BACKUP_DATABASE_URL: {error}")
        return
    yield fine(f"{state.name} answers ({state.version})")
    if state.revision is None:
        yield care("It is empty.", "`copy-backup run` makes its tables, and so does `copy-backup migrate`.")
    elif state.is_newer:
        yield fault(
            f"It is at revision {state.revision}, which this version does not know: a newer version of Copy Backup "
            "made it.",
            "Run that version, or restore an older database.",
        )
    elif state.revision != state.newest:
        yield care(
            f"It is at revision {state.revision}, this version has {state.newest}.",
            "`copy-backup run` brings it up to date, and so does `copy-backup migrate`.",
        )
    else:
        yield fine(f"It is up to date (revision {state.revision})")
    if state.unwritable:
        yield fault(f"It cannot be written: {state.unwritable}", "Let the bot's user write there.")
    else:
        yield fine("It can be written")


def _without_slack(environ: Mapping[str, str] | None) -> Settings | None:
    """The file may be sound although Slack's variables are not: then AWS and the database can still be looked at."""
    try:
        return load_settings(environ, need_slack=False)
    except ConfigurationError:
        return None


def _remedy(mistake: str) -> str:
    if mistake.startswith("SLACK_"):
        return "`copy-backup manifest` prints the app; its tokens are on the app's pages at https://api.slack.com/apps."
    return ""
