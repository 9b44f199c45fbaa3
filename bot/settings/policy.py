"""From copy-backup.yaml to the Policy that use cases work with; every mistake is told with its line, key and remedy."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain.backups import Account, partition_of
from bot.domain.errors import ConfigurationError
from bot.domain.ports import Policy
from bot.settings.consistency import check_consistency
from bot.settings.document import Document, Where, read_document
from bot.settings.routes import routes_of
from bot.settings.schema import AccountSection, ConfigurationFile, keys_of, section_at, words_for
from bot.settings.wording import did_you_mean

MINIMAL_EXAMPLE = """\
accounts:
  prod:
    id: "111111111111"
    regions: [eu-west-1]
approvals:
  - approvers: [S0BACKUPADMINS]
"""


def read_policy(path: Path, poll_seconds: float) -> tuple[Policy | None, list[str]]:
    """Read the file; without a Policy there is at least one mistake in the list."""
    try:
        document = read_document(path)
    except OSError as problem:
        return None, [_unreadable(path, problem)]
    except ConfigurationError as problem:
        return None, [str(problem)]
    file = _validated(document)
    check_consistency(document)
    if file is None or document.mistakes:
        return None, document.report()
    return _policy(file, poll_seconds), []


def _unreadable(path: Path, problem: OSError) -> str:
    example = "".join(f"    {line}\n" for line in MINIMAL_EXAMPLE.splitlines())
    return (
        f"{path}: cannot be read ({problem.strerror}). COPY_BACKUP_CONFIG names the configuration file "
        f"(copy-backup.yaml when it is not set); a minimal one is:\n{example}".rstrip()
    )


def _validated(document: Document) -> ConfigurationFile | None:
    try:
        return ConfigurationFile.model_validate(document.data)
    except ValidationError as invalid:
        _blame(document, invalid.errors(include_url=False, include_input=False, include_context=False))
    return None


def _blame(document: Document, errors: Iterable[ErrorDetails]) -> None:
    for error in errors:
        is_key = error["loc"][-1:] == ("[key]",)
        where = error["loc"][:-1] if is_key else error["loc"]
        if error["type"] == "missing":
            document.blame(where, f"missing, expected {words_for(where)}")
        elif error["type"] == "extra_forbidden":
            document.blame(where, _unknown_key(where))
        elif error["type"] == "expected":
            document.blame(where, f"expected {error['msg']}{'' if is_key else _got(document, where)}")
        else:
            known = ", ".join(keys_of(section_at((*where, ""))))
            document.blame(where, f"expected a mapping with the keys {known}{_got(document, where)}")


def _unknown_key(where: Where) -> str:
    known = keys_of(section_at(where))
    return f"unknown key{did_you_mean(str(where[-1]), known)} (known here: {', '.join(known)})"


def _got(document: Document, where: Where) -> str:
    if where[-1:] == ("external_id",):
        return " (the value is not shown here)"
    return f", got {document.written.get(where, 'nothing')}"


def _policy(file: ConfigurationFile, poll_seconds: float) -> Policy:
    accounts = tuple(_account(alias, section) for alias, section in file.accounts.items())
    return Policy(
        accounts=accounts,
        rules=tuple(section.rule() for section in file.approvals),
        expiry_lead_days=tuple(sorted(file.notices.expiry_lead_days, reverse=True)),
        default_channel=file.channel or None,
        poll_seconds=poll_seconds,
        allow_shared_channels=file.allow_shared_channels,
        routes=routes_of(file.routes, accounts),
        drills=tuple(section.rule() for section in file.drills),
        notices=file.notices.policy(file.channel or None),
        prices=file.prices.prices(),
    )


def _account(alias: str, section: AccountSection) -> Account:
    partition = partition_of(section.regions[0])
    return Account(
        alias=alias,
        id=section.id,
        regions=tuple(section.regions),
        copy_role_arn=section.copy_role_arn
        or f"arn:{partition}:iam::{section.id}:role/service-role/AWSBackupDefaultServiceRole",
        role_arn=section.role_arn or None,
        external_id=section.external_id or None,
    )
