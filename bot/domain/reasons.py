"""The reason that a request is asked for with: what approvers are told, so it has to say something, and fit."""

from bot.domain.errors import BadInput

REASON = "reason"
# Also what a form's field of several lines takes.
REASON_LENGTH = 3_000


def check_reason(reason: str) -> None:
    """Raise BadInput, at the reason's field, for one that says nothing or is longer than REASON_LENGTH characters."""
    if not any(sign.isprintable() and not sign.isspace() for sign in reason):
        raise BadInput(REASON, "Say why, so that the approvers can decide.")
    if len(reason) > REASON_LENGTH:
        raise BadInput(REASON, f"Use {REASON_LENGTH:,} characters at most; these are {len(reason):,}.")
