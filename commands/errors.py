"""The one place where an error becomes an answer to a person."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from bot.domain.errors import (
    BackupsError,
    BackupsLockedOut,
    BackupsThrottled,
    OutletError,
    OutletLockedOut,
    PersonError,
    StoreFull,
    StoreTrouble,
)
from bot.domain.sentences import errors as words
from bot.slack.text import cut, escape

log = logging.getLogger(__name__)


def sentence_for(error: Exception) -> str:
    """One clear sentence for a person; what nobody foresaw gets a reference that stands in the log."""
    if isinstance(error, PersonError):
        return error.sentence
    if isinstance(error, StoreFull):
        log.error("database_full", extra={"what_to_do": str(error)})
        return words.DATABASE_FULL
    if isinstance(error, StoreTrouble):
        log.error("database_trouble", extra={"reason": str(error)})
        return words.DATABASE_SILENT
    if isinstance(error, BackupsThrottled):
        return words.AWS_BUSY
    if isinstance(error, BackupsLockedOut):
        return words.aws_locks_out(_short(error.message))
    if isinstance(error, BackupsError):
        return words.aws_refused(_short(error.message))
    if isinstance(error, OutletLockedOut):
        return words.slack_locks_out(escape(error.code))
    if isinstance(error, OutletError):
        return words.SLACK_SLOW
    reference = secrets.token_hex(4)
    log.error("listener_failed", extra={"reference": reference}, exc_info=error)
    return words.unforeseen(reference)


def answered(work: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Do slow work for a person; whatever goes wrong is told where the person is, never lost in a thread."""
    try:
        work()
    except Exception as error:
        sentence = sentence_for(error)
        try:
            tell(sentence)
        except Exception as problem:
            # Slack lets nobody be told just now; the log is the only place left.
            log.warning("person_not_told", extra={"sentence": sentence}, exc_info=problem)


def kept(ack: Any, work: Callable[[], None]) -> None:
    """Do the little work before a bare acknowledgement; what goes wrong shows in the slow work that follows."""
    try:
        work()
    except Exception as error:
        log.info("kept_nothing", extra={"sentence": sentence_for(error)})
    ack()


def acknowledged(work: Callable[[], None], answer: Callable[[str], None]) -> None:
    """Do work that acknowledges by itself; an error is acknowledged too, as `answer` puts it."""
    try:
        work()
    except Exception as error:
        answer(sentence_for(error))


def _short(message: str) -> str:
    text = cut(escape(message), 300)
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
