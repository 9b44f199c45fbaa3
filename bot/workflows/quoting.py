"""What a notice said, for another message that tells of it: a list of many must not fail for one of them."""

import logging

from bot.domain.notices import Notice
from bot.domain.ports import Words
from bot.domain.requests import CopyRequest

log = logging.getLogger(__name__)


def quote(words: Words, notice: Notice, request: CopyRequest | None) -> str:
    """The text of a notice; "" where it cannot be put into words, which is a defect of ours and in the log."""
    try:
        return words(notice, request).text
    except Exception:
        log.exception("notice_not_quoted", extra={"notice": notice.id, "request": notice.request_id})
        return ""
