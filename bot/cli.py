"""The command line: `copy-backup`, which is also `python -m bot`. Each command imports only what it needs."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import ConfigurationError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DEFAULT_PORT = 3000
MISCONFIGURED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code. A mistake in the settings is told on standard error, with exit code 2."""
    options = parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except ConfigurationError as error:
        print(f"copy-backup cannot start:\n{error}", file=sys.stderr)
        return MISCONFIGURED


def parser() -> argparse.ArgumentParser:
    """Every command and option there is."""
    top = argparse.ArgumentParser(
        prog="copy-backup",
        description="Copies DynamoDB backups across Regions and accounts, from Slack, with approval in the thread.",
    )
    top.add_argument("--version", action="version", version=f"copy-backup {version('copy-backup')}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="serve (Socket Mode when SLACK_APP_TOKEN is set, else HTTP)")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    run.add_argument("--port", type=_port, default=None, help=f"port to listen on (default: {DEFAULT_PORT}; 0: any)")
    run.set_defaults(command=_run)

    demo = commands.add_parser("demo", help="play the main job by itself on a local AWS and a local Slack")
    demo.add_argument("--story", metavar="NAME", default="copy", help="another job: see README (default: %(default)s)")
    demo.set_defaults(command=_demo)

    sandbox = commands.add_parser("sandbox", help="a local AWS, a local Slack with its page and the bot, until Ctrl-C")
    sandbox.add_argument("--port", type=_port, default=0, help="the page's port (default: any free one)")
    sandbox.set_defaults(command=_sandbox)

    manifest = commands.add_parser("manifest", help="print the Slack app's manifest")
    manifest.add_argument("--http", metavar="URL", help="for HTTP instead of Socket Mode: the bot's public URL")
    manifest.set_defaults(command=_manifest)

    migrate = commands.add_parser("migrate", help="bring the database up to date (run does this too)")
    migrate.set_defaults(command=_migrate)

    _add_access(commands)
    _add_policy(commands)
    _add_audit(commands)
    return top


def _add_access(commands: "Commands") -> None:
    check = commands.add_parser("check", help="look whether everything is in place; says what to do where it is not")
    check.add_argument("--seconds", type=float, default=60.0, help="give up after this long (default: %(default)g)")
    check.set_defaults(command=_check)
    iam = commands.add_parser("iam", help="print the least-privilege policies that the configuration needs, as JSON")
    iam.add_argument(
        "--principal", type=_principal, metavar="ARN", default="", help="what the bot runs as: who may assume its roles"
    )
    iam.add_argument("--without", metavar="WORDS", default="", help="leave out, such as restore,drill,plan")
    iam.set_defaults(command=_iam)


def _add_policy(commands: "Commands") -> None:
    policy = commands.add_parser("policy", help="which rule a request falls under: policy test")
    test = policy.add_subparsers(required=True, metavar="test").add_parser("test", help="show rule, approvers and why")
    test.add_argument("--from", dest="source", metavar="ACCOUNT/REGION", required=True, help="where the backup is")
    test.add_argument("--to", dest="destination", metavar="ACCOUNT/REGION/VAULT", required=True, help="where it goes")
    test.add_argument("--table", required=True, help="the table's name")
    test.add_argument("--action", default="copy", help="the kind of step (default: %(default)s)")
    test.add_argument("--size", help="such as 200GB (default: unknown)")
    test.add_argument("--keep", help="such as 90d, 10y or permanent (default: unknown)")
    test.add_argument(
        "--irreversible",
        action="store_true",
        help="an air-gapped vault, a compliance lock, 36,500 days, a source that loses its end, a backup without one",
    )
    test.add_argument("--asker", metavar="USER", help="the Slack user id of who would ask")
    test.set_defaults(command=_policy_test)


def _add_audit(commands: "Commands") -> None:
    audit = commands.add_parser("audit", help="the history: audit export, audit verify")
    kinds = audit.add_subparsers(required=True, metavar="export|verify")
    export = kinds.add_parser("export", help="write the whole history to standard output")
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="(default: %(default)s)")
    export.set_defaults(command=_audit_export)
    verify = kinds.add_parser("verify", help="check the chain of an exported file, or of the database")
    verify.add_argument("file", nargs="?", type=Path, help="an exported file (default: the database)")
    verify.add_argument("--head", metavar="LINES:HASH", help="a head that was noted earlier and must still be there")
    verify.set_defaults(command=_audit_verify)


def _policy_test(options: argparse.Namespace) -> int:
    from bot.policy_test import policy_test
    from bot.settings import load_settings

    return policy_test(load_settings(need_slack=False), options)


def _audit_export(options: argparse.Namespace) -> int:
    from bot.audit import export
    from bot.settings import load_database_url

    return export(load_database_url(), options.format, sys.stdout)


def _audit_verify(options: argparse.Namespace) -> int:
    from bot.audit import read_head, verify_database, verify_file
    from bot.settings import load_database_url

    known = read_head(options.head) if options.head else None
    return verify_file(options.file, known) if options.file else verify_database(load_database_url(), known)


def _check(options: argparse.Namespace) -> int:
    from bot.checking import check

    return check(sys.stdout, seconds=options.seconds)


def _iam(options: argparse.Namespace) -> int:
    from bot.iam import OPTIONAL, print_policies
    from bot.settings import load_settings

    words = {word.strip() for word in options.without.split(",") if word.strip()}
    if unknown := words - set(OPTIONAL):
        raise ConfigurationError(f"--without: expected some of {', '.join(OPTIONAL)}, got {', '.join(sorted(unknown))}")
    without = [use for use in OPTIONAL if use in words]
    return print_policies(load_settings(need_slack=False), principal=options.principal, without=without)


def _run(options: argparse.Namespace) -> int:
    from bot import logs
    from bot.serving import serve
    from bot.settings import load_settings

    settings = load_settings()
    logs.set_up(settings.log_format)
    return serve(settings, host=options.host, port=options.port, default_port=DEFAULT_PORT)


def _demo(options: argparse.Namespace) -> int:
    _need_sandbox()
    from bot.sandbox.demo import demo
    from bot.sandbox.stories import STORIES

    if options.story not in STORIES:
        raise ConfigurationError(f"--story {options.story}: there are the stories {', '.join(STORIES)}.")
    return demo(options.story)


def _sandbox(options: argparse.Namespace) -> int:
    _need_sandbox()
    from bot.sandbox.play import sandbox

    return sandbox(options.port)


def _manifest(options: argparse.Namespace) -> int:
    from bot.slack.manifest import render

    print(render(options.http), end="")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from bot.settings import load_database_url
    from bot.store import migrate

    try:
        migrate(load_database_url())
    except ConfigurationError as error:
        raise ConfigurationError(f"COPY_BACKUP_DATABASE_URL: {error}") from error
    print("The database is up to date.")
    return 0


def _need_sandbox() -> None:
    try:
        import moto  # noqa: F401
        import starlette  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"The local worlds need more packages ({error.name} is missing): pip install 'copy-backup[sandbox]'"
        ) from error


def _principal(text: str) -> str:
    from bot.iam import is_principal

    if text and not is_principal(text):
        example = "arn:aws:iam::111111111111:role/CopyBackup"
        raise argparse.ArgumentTypeError(f"{text!r} is not the ARN of a role, a user or an account, such as {example}")
    return text


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)
