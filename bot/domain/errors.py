"""The tree of errors: what a person can mend, what the outside did, what the operator must set right.

CopyBackupError
├── PersonError                 a person reads `sentence`; nothing was done
│   ├── BadInput                a field of a form (`field`) holds something that cannot be
│   ├── NotAllowed              this person may not do this
│   ├── TooLate                 somebody or something else decided first
│   └── Gone                    the thing the click or form speaks of is not there
├── IllegalMove                 a transition that the table does not know: a defect, not a person's mistake
├── ConfigurationError          the operator reads it and mends the named place
├── StoreTrouble                the database cannot do its work now; nothing was half written
│   └── StoreFull               there is no space left
└── OutsideError                a call to the world did not do what was asked (`retryable` is known)
    ├── BackupsError            AWS
    │   ├── BackupsThrottled    asked too often; safe to ask again
    │   ├── BackupsUnreachable  time-out, reset, 5xx: the call may have taken effect; safe to repeat (our token)
    │   ├── BackupsLockedOut    credentials missing or expired, role cannot be assumed
    │   ├── BackupsDenied       not allowed, or (for a vault) not there: AWS does not tell the two apart
    │   ├── BackupsMissing      the recovery point or job is not there
    │   └── BackupsRefused      AWS read the request and said no
    │       └── BackupsTaken    the name is somebody's already
    └── OutletError             Slack
        ├── OutletBusy          429: nothing was posted; `retry_after` seconds
        ├── OutletDoubtful      reset, 5xx: it may have been posted
        │   └── OutletUnfinished    time-out: we hung up while Slack was still at it, so it may be posted yet
        ├── OutletLockedOut     the token is not accepted; nothing was posted
        ├── OutletConflict      the view is newer than the one we knew (hash_conflict)
        └── OutletRefused       Slack said no for a reason (`code`) that repeating does not change
"""

from collections.abc import Mapping


class CopyBackupError(Exception):
    """Root of everything this service raises on purpose."""


class PersonError(CopyBackupError):
    """A person can mend this; `sentence` says how, in words made for them."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(PersonError):
    """A field of a form holds something that cannot be; `field` is the form's name for it.

    `problems`: what is to be said of each field in the way, this one first; more than one where all were looked at.
    """

    def __init__(self, field: str, sentence: str, others: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        self.problems: Mapping[str, str] = {field: sentence, **(others or {})}


class NotAllowed(PersonError):
    """This person may not do this."""


class TooLate(PersonError):
    """Somebody or something else decided first."""


class Gone(PersonError):
    """The thing the click or form speaks of is not there."""


class IllegalMove(CopyBackupError):
    """A transition that the table does not know."""


class ConfigurationError(CopyBackupError):
    """The operator's settings cannot be used; the text names the place and what was expected."""


class StoreTrouble(CopyBackupError):
    """The database cannot do its work now; nothing was half written, and the same work may succeed later."""


class StoreFull(StoreTrouble):
    """The database has no space left."""


class OutsideError(CopyBackupError):
    """A call to the world did not do what was asked.

    `retryable` says whether the same call, later and unchanged, may succeed; `code` is the vendor's own name for
    what happened (a constant, for logs), the text is the vendor's sentence.
    """

    retryable = False

    def __init__(self, message: str, *, code: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.operation = operation


class BackupsError(OutsideError):
    """AWS did not do what was asked."""


class BackupsThrottled(BackupsError):
    """Asked too often; nothing happened."""

    retryable = True


class BackupsUnreachable(BackupsError):
    """Time-out, reset or 5xx: the call may have taken effect; the stored token makes repeating it safe."""

    retryable = True


class BackupsLockedOut(BackupsError):
    """Credentials are missing or expired, or the account's role cannot be assumed.

    Retryable: an operator mends it without touching the request.
    """

    retryable = True


class BackupsDenied(BackupsError):
    """Not allowed, or a vault that does not exist: AWS answers both with the same 403."""


class BackupsMissing(BackupsError):
    """The recovery point or job is not there."""


class BackupsRefused(BackupsError):
    """AWS read the request and said no."""


class BackupsTaken(BackupsRefused):
    """The name is taken: by somebody else, or by us at an earlier try."""


class OutletError(OutsideError):
    """Slack did not do what was asked."""


class OutletBusy(OutletError):
    """429: nothing was posted; come back after `retry_after` seconds."""

    retryable = True

    def __init__(self, message: str, *, retry_after: float, code: str = "", operation: str = "") -> None:
        super().__init__(message, code=code, operation=operation)
        self.retry_after = retry_after


class OutletDoubtful(OutletError):
    """Reset or 5xx: it may have been posted; look before repeating."""

    retryable = True


class OutletUnfinished(OutletDoubtful):
    """Time-out: we hung up while Slack was still at it, so it may be posted yet; look only some time later."""


class OutletLockedOut(OutletError):
    """The token is not accepted or lacks a scope; nothing was posted, an operator must act."""

    retryable = True


class OutletConflict(OutletError):
    """The view on the person's screen is newer than the one we knew."""


class OutletRefused(OutletError):
    """Slack said no for a reason that repeating does not change."""
