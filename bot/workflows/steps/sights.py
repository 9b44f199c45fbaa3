"""What the steps on tables and plans have in common: reading what may not be seen, refusing the wrong parameters."""

from collections.abc import Callable
from typing import TypeVar

from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.params import Params
from bot.domain.preflight import Finding, Level
from bot.domain.steps import Failure

Seen = TypeVar("Seen")
Kind = TypeVar("Kind")


def see(
    read: Callable[[], Seen], what: str, code: str, gone: Finding | None = None
) -> tuple[Seen | None, list[Finding]]:
    """What AWS shows, or a finding that says why it does not. Raises a retryable BackupsError."""
    try:
        return read(), []
    except BackupsMissing as error:
        return None, [gone or _unseen(code, what, error)]
    except (BackupsDenied, BackupsLockedOut) as error:
        return None, [_unseen(code, what, error)]
    except BackupsError as error:
        if error.retryable:
            raise
        return None, [_unseen(code, what, error)]


def only(params: Params, kind: type[Kind]) -> Kind:
    """The parameters, which have to be of this kind."""
    if not isinstance(params, kind):
        raise TypeError(f"a step for {kind.__name__} was given {type(params).__name__}")
    return params


def refused(error: BackupsError, remedy: str) -> Failure:
    """A refusal in AWS's words."""
    return Failure(error.message, error.code, remedy)


def bound(findings: list[Finding]) -> list[str]:
    """What of the findings an approval binds to: warnings come and go with the clock."""
    return sorted(finding.code for finding in findings if finding.level is not Level.WARN)


def _unseen(code: str, what: str, error: BackupsError) -> Finding:
    return Finding(
        code,
        Level.UNSEEN,
        f"The bot could not see {what}: {error.message}",
        "AWS will judge it when the step starts. To have it checked before, let the bot's role read it.",
    )
