"""From Slack's payloads to clicks on notices about copies. Only ids are taken from them."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.copies import CopyClick, Wish
from bot.slack.ids import COPY_DROP, COPY_ONCE_MORE, EXTEND, KEEP_TELLING, LET_GO, LET_LAST_GO, SNOOZE_DAY, SNOOZE_WEEK
from commands.desk import Desk
from commands.payloads import actor_of

WISHES = {
    LET_GO: Wish.LET_GO,
    LET_LAST_GO: Wish.LET_LAST_GO,
    KEEP_TELLING: Wish.KEEP_TELLING,
    SNOOZE_DAY: Wish.DAY,
    SNOOZE_WEEK: Wish.WEEK,
    COPY_DROP: Wish.DROP,
    # These open a form, in which everything else is decided.
    EXTEND: Wish.EXTEND,
    COPY_ONCE_MORE: Wish.COPY_AGAIN,
}
_LATEST = 4_102_444_800 * 10


def clicked(body: dict[str, Any], desk: Desk) -> CopyClick:
    """A click on a button of a notice about a copy."""
    action, container, user = body["actions"][0], body.get("container") or {}, body["user"]["id"]
    message_ts = str(container.get("message_ts") or (body.get("message") or {}).get("ts") or "")
    end, _, arn = str(action.get("value") or "").partition(" ")
    return CopyClick(
        dedup_key=f"{user}:{action['action_id']}:{message_ts}:{action.get('action_ts', '')}",
        copy_arn=arn,
        actor=actor_of(body),
        wish=WISHES[action["action_id"]],
        seen_end=_moment(end),
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        message_ts=message_ts,
        at=desk.clock.now(),
    )


def _moment(seconds: str) -> datetime | None:
    number = int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 12 else 0
    return datetime.fromtimestamp(number, UTC) if 0 < number < _LATEST else None
