"""From Slack's payloads to clicks. Only ids are taken from them; what they mean is looked up."""

import json
import re
from typing import Any

from bot.domain.clicks import Click
from bot.domain.requests import Verdict
from bot.slack.ids import APPROVE, ASK_AGAIN, BREAK_GLASS, CANCEL, NOTE, REJECT, RETRY, SIGN
from commands.desk import Desk
from commands.payloads import actor_of

VERDICTS = {
    APPROVE: Verdict.APPROVE,
    REJECT: Verdict.REJECT,
    CANCEL: Verdict.CANCEL,
    RETRY: Verdict.RETRY,
    BREAK_GLASS: Verdict.BREAK_GLASS,
    SIGN: Verdict.SIGN,
    ASK_AGAIN: Verdict.ASK_AGAIN,
}
# A button without a round is from the first one (or from before there were rounds).
_VALUE = re.compile(r"(?P<request>[^/]*)/(?P<round>[1-9][0-9]{0,5})")


def clicked(body: dict[str, Any], desk: Desk) -> Click:
    """A click on a message's button."""
    action, container = body["actions"][0], body.get("container") or {}
    user = body["user"]["id"]
    message_ts = str(container.get("message_ts") or (body.get("message") or {}).get("ts") or "")
    request_id, round_ = _meant(str(action.get("value") or ""))
    return Click(
        dedup_key=f"{user}:{action['action_id']}:{message_ts}:{action.get('action_ts', '')}",
        request_id=request_id,
        actor=actor_of(body),
        verdict=VERDICTS[action["action_id"]],
        note="",
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        message_ts=message_ts,
        at=desk.clock.now(),
        round=round_,
    )


def submitted(body: dict[str, Any], desk: Desk, verdict: Verdict) -> Click:
    """A form about a request, sent; it carries the click that opened it (see `is_ours`)."""
    view = body["view"]
    request_id, channel, message_ts, *more = json.loads(view["private_metadata"])
    return Click(
        dedup_key=f"{body['user']['id']}:{verdict}:{view['id']}",
        request_id=request_id,
        actor=actor_of(body),
        verdict=verdict,
        note=typed(body, NOTE),
        channel=channel,
        message_ts=message_ts,
        at=desk.clock.now(),
        round=more[0] if more else 1,
    )


def typed(body: dict[str, Any], field: str) -> str:
    """What was typed into a field of a form."""
    values = (body["view"].get("state") or {}).get("values") or {}
    return str(((values.get(field) or {}).get(field) or {}).get("value") or "").strip()


def meant_request(body: dict[str, Any]) -> str:
    """The request that a form is about."""
    return str(json.loads(body["view"]["private_metadata"])[0])


def is_ours(body: dict[str, Any]) -> bool:
    """Whether a form carries what this version writes into it; one from another version may carry anything."""
    try:
        kept = json.loads(body["view"].get("private_metadata") or "")
    except ValueError:
        return False
    if not isinstance(kept, list) or len(kept) not in (3, 4):
        return False
    return all(isinstance(one, str) for one in kept[:3]) and all(type(one) is int for one in kept[3:])


def metadata(click: Click) -> str:
    """What a form keeps of the click that opened it."""
    return json.dumps([click.request_id, click.channel, click.message_ts, click.round])


def _meant(value: str) -> tuple[str, int]:
    found = _VALUE.fullmatch(value)
    return (found["request"], int(found["round"])) if found else (value, 1)
