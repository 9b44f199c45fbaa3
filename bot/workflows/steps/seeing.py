"""Reading what a step's pre-flight needs: the answer, or the finding that says why there is none."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from bot.domain.backups import Vault, VaultRef
from bot.domain.errors import BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.ports import Backups
from bot.domain.preflight import Finding, Level

Seen = TypeVar("Seen")
# Where AWS refuses the bot's way into an account; stale credentials are mended by asking again.
NO_WAY_IN = "AssumeRole"


def see(
    read: Callable[[], Seen], what: str, account: str, gone: Finding | None = None
) -> tuple[Seen | None, Finding | None]:
    """Read something of an account (id) in which the step has to work; `gone` is said where AWS has no such thing.

    Raises a retryable BackupsError when AWS could not be asked.
    """
    try:
        return read(), None
    except BackupsLockedOut as error:
        if error.operation != NO_WAY_IN:
            raise
        return None, locked_out(account, error)
    except BackupsError as error:
        if error.retryable:
            raise
        if gone is not None and isinstance(error, BackupsMissing):
            return None, gone
        return None, Finding(
            "unseen",
            Level.UNSEEN,
            f"The bot may not look at the {what}: {error.message}",
            "AWS will judge it when the step starts. To have it checked before, let the bot's role read it.",
        )


def locked_out(account: str, error: BackupsError) -> Finding:
    return Finding(
        "locked-out",
        Level.FAIL,
        f"The bot has to work in account {account} and cannot enter it: {error.message}",
        "An operator mends the role's trust policy, or role_arn and external_id of this account in the bot's "
        "configuration.",
    )


def see_vault(backups: Backups, ref: VaultRef) -> tuple[Vault | None, Finding | None]:
    """A vault as it is listed; no finding tells that it is simply not there."""
    what = f"vaults of account {ref.account} in {ref.region}"
    vaults, problem = see(lambda: backups.vaults(ref.account, ref.region), what, ref.account)
    return next((vault for vault in vaults or () if vault.ref == ref), None), problem


def once(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    """The findings that are there; what stands in the way of several readings is told once."""
    told: list[Finding] = []
    for finding in findings:
        if finding is not None and finding not in told:
            told.append(finding)
    return tuple(told)
