"""The one crossing where slack_sdk's errors become ours.

Codes: https://docs.slack.dev/reference/methods (each method's error list); the groups follow what a caller can do.
"""

import logging
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import (
    BotUserAccessError,
    SlackApiError,
    SlackClientConfigurationError,
    SlackClientError,
    SlackObjectFormationError,
    SlackRequestError,
    SlackTokenRotationError,
)

from bot.domain.errors import (
    OutletBusy,
    OutletConflict,
    OutletDoubtful,
    OutletError,
    OutletLockedOut,
    OutletRefused,
    OutletUnfinished,
)

log = logging.getLogger(__name__)

DEFAULT_RETRY_AFTER = 30.0
BUSY = frozenset({"ratelimited", "rate_limited"})
LOCKED_OUT = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "not_allowed_token_type",
        "org_login_required",
    }
)
# What stands between us and Slack did not want to wait any longer, as we ourselves may not want to.
GATEWAY_TIMEOUT = 504
# The effect may have happened although Slack reports a failure.
DOUBTFUL = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"})
# Slack spells a used or dead trigger in two ways (method pages and guide).
DEAD_TRIGGER = frozenset(
    {"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged", "invalid_trigger_id"}
)
# slack_sdk itself saw that the call could not be made; making it again would end the same way.
NEVER_SENT = (BotUserAccessError, SlackClientConfigurationError, SlackObjectFormationError, SlackRequestError)
CODE = re.compile(r"[a-z0-9_.]+")
# In the place of a code slack_sdk puts the beginning of an answer that is no JSON: a proxy's page, or half a body.
UNREADABLE = "unreadable_answer"


@contextmanager
def crossing(operation: str) -> Iterator[None]:
    """Let whatever slack_sdk raises inside come out as an OutletError."""
    try:
        yield
    except (SlackClientError, OSError, HTTPException) as error:
        raise translate(error, operation) from error


def translate(error: Exception, operation: str) -> OutletError:
    """Turn an error of slack_sdk (or of the connection below it) into ours."""
    if isinstance(error, SlackApiError):
        return _answered(error, operation)
    if isinstance(error, SlackTokenRotationError):
        return OutletLockedOut(str(error), code="token_not_rotated", operation=operation)
    if isinstance(error, NEVER_SENT):
        return OutletRefused(str(error), code="request_not_sent", operation=operation)
    if isinstance(error, URLError) and isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
        # Nothing was sent, but that helps no caller: trying again after a look is right as well.
        return OutletDoubtful(str(error), code="unreachable", operation=operation)
    # A time-out while connecting comes as a URLError: nothing was sent. This one came while the answer was waited for.
    kind = OutletUnfinished if isinstance(error, TimeoutError) else OutletDoubtful
    return kind(str(error) or type(error).__name__, code="no_answer", operation=operation)


def _answered(error: SlackApiError, operation: str) -> OutletError:
    response: Any = error.response
    status = getattr(response, "status_code", 200)
    code = _code(response)
    text = f"Slack answered {code} to {operation}"
    if status == 429 or code in BUSY:
        return OutletBusy(text, retry_after=_retry_after(response), code=code, operation=operation)
    if status == GATEWAY_TIMEOUT:
        return OutletUnfinished(text, code=code, operation=operation)
    if status >= 500 or code in DOUBTFUL or code == UNREADABLE:
        return OutletDoubtful(text, code=code, operation=operation)
    kind = _KINDS.get(code)
    if kind is not None:
        return kind(text, code, operation)
    log.info("slack_refused", extra={"code": code, "operation": operation, "detail": _messages(response)})
    return OutletRefused(text, code=code, operation=operation)


def _locked_out(text: str, code: str, operation: str) -> OutletError:
    return OutletLockedOut(text, code=code, operation=operation)


def _conflict(text: str, code: str, operation: str) -> OutletError:
    return OutletConflict(text, code=code, operation=operation)


_KINDS: dict[str, Callable[[str, str, str], OutletError]] = {
    **dict.fromkeys(LOCKED_OUT, _locked_out),
    "hash_conflict": _conflict,
}


def _code(response: Any) -> str:
    try:
        code = str(response["error"])
    except (KeyError, TypeError, ValueError):
        return f"http_{getattr(response, 'status_code', 'unknown')}"
    return code if CODE.fullmatch(code) else UNREADABLE


def _retry_after(response: Any) -> float:
    headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return DEFAULT_RETRY_AFTER


def _messages(response: Any) -> object:
    try:
        return response["response_metadata"]["messages"]
    except (KeyError, TypeError, ValueError):
        return None
