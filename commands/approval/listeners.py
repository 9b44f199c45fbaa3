"""Approve, reject, cancel, try again: the click is written down, acknowledged, then judged."""

import json
import logging
from typing import Any

from slack_sdk import WebClient

from bot.domain.clicks import Click
from bot.domain.errors import OutletError, OutletRefused
from bot.domain.people import Actor
from bot.domain.requests import Verdict
from bot.slack.blocks import Block, section, words
from bot.slack.errors import DEAD_TRIGGER, crossing
from bot.slack.ids import APPROVE, CANCEL, NOTE, REJECT, REJECT_FORM, RETRY
from bot.slack.text import escape
from commands.desk import Desk
from commands.errors import answered, kept

log = logging.getLogger(__name__)

VERDICTS = {APPROVE: Verdict.APPROVE, REJECT: Verdict.REJECT, CANCEL: Verdict.CANCEL, RETRY: Verdict.RETRY}
NOTE_LENGTH = 3_000
WAITS = "Slack does not tell me just now who may decide. I keep your click and judge it as soon as I know."
TOO_SLOW = "Slack closed the door before I could open the form. Press the button again."


class ApprovalListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def click(self, ack: Any, body: dict[str, Any]) -> None:
        """A button that decides at once."""
        kept(ack, lambda: self._write_down(_clicked(body, self._desk)))

    def judge(self, body: dict[str, Any]) -> None:
        """Judge the click; the person is told in private when it did not count."""
        click = _clicked(body, self._desk)
        # Writing it down again costs nothing, and saves a click whose first writing failed.
        answered(lambda: self._judge(click), lambda sentence: self._tell(click, sentence))

    def acknowledge(self, ack: Any) -> None:
        ack()

    def ask_reason(self, body: dict[str, Any], client: WebClient) -> None:
        """Reject asks for a reason, but only from somebody whose rejection would count."""
        click = _clicked(body, self._desk)
        answered(lambda: self._ask_reason(click, body, client), lambda sentence: self._tell(click, sentence))

    def submit_reason(self, ack: Any, body: dict[str, Any]) -> None:
        """The reason: an empty one is refused in its field, any other is written down and closes the form."""
        click = _rejected(body, self._desk)
        if not click.note:
            ack(response_action="errors", errors={NOTE: "Say why, so that the person who asked can act on it."})
            return
        kept(ack, lambda: self._write_down(click))

    def judge_reason(self, body: dict[str, Any]) -> None:
        click = _rejected(body, self._desk)
        if click.note:
            answered(lambda: self._judge(click), lambda sentence: self._tell(click, sentence))

    def _write_down(self, click: Click) -> None:
        self._desk.deciding.write_down(click)

    def _judge(self, click: Click) -> None:
        self._desk.deciding.write_down(click)
        try:
            sentence = self._desk.deciding.judge(click.dedup_key)
        except OutletError as error:
            log.warning("click_waits", extra={"request": click.request_id, "code": error.code})
            sentence = WAITS
        if sentence:
            self._tell(click, sentence)

    def _ask_reason(self, click: Click, body: dict[str, Any], client: WebClient) -> None:
        sentence = self._desk.deciding.may(click)
        if sentence:
            self._desk.deciding.note_refusal(click, sentence)
            self._tell(click, sentence)
            return
        try:
            with crossing("views.open"):
                client.views_open(trigger_id=body["trigger_id"], view=_reason_form(click))
        except OutletRefused as error:
            if error.code not in DEAD_TRIGGER:
                raise
            self._tell(click, TOO_SLOW)

    def _tell(self, click: Click, sentence: str) -> None:
        thread = self._desk.deciding.thread_of(click.request_id) or click.message_ts
        self._desk.outlet.whisper(click.channel, click.actor.user_id, sentence, thread_ts=thread)


def _reason_form(click: Click) -> Block:
    return {
        "type": "modal",
        "callback_id": REJECT_FORM,
        "private_metadata": json.dumps([click.request_id, click.channel, click.message_ts]),
        "title": words("Reject the request"),
        "submit": words("Reject"),
        "close": words("Not yet"),
        "blocks": [
            section(f"*{escape(click.request_id)}* will be rejected; nothing will be copied."),
            {
                "type": "input",
                "block_id": NOTE,
                "label": words("Reason"),
                "hint": words("The person who asked reads it in the thread."),
                "element": {
                    "type": "plain_text_input",
                    "action_id": NOTE,
                    "multiline": True,
                    "max_length": NOTE_LENGTH,
                    "focus_on_load": True,
                },
            },
        ],
    }


def _clicked(body: dict[str, Any], desk: Desk) -> Click:
    """A click on a message's button. Only ids are taken from it; what they mean is looked up."""
    action, container = body["actions"][0], body.get("container") or {}
    user = body["user"]["id"]
    message_ts = str(container.get("message_ts") or (body.get("message") or {}).get("ts") or "")
    return Click(
        dedup_key=f"{user}:{action['action_id']}:{message_ts}:{action.get('action_ts', '')}",
        request_id=str(action.get("value") or ""),
        actor=_actor(body),
        verdict=VERDICTS[action["action_id"]],
        note="",
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        message_ts=message_ts,
        at=desk.clock.now(),
    )


def _rejected(body: dict[str, Any], desk: Desk) -> Click:
    view = body["view"]
    request_id, channel, message_ts = json.loads(view["private_metadata"])
    values = (view.get("state") or {}).get("values") or {}
    return Click(
        dedup_key=f"{body['user']['id']}:{REJECT}:{view['id']}",
        request_id=request_id,
        actor=_actor(body),
        verdict=Verdict.REJECT,
        note=str(((values.get(NOTE) or {}).get(NOTE) or {}).get("value") or "").strip(),
        channel=channel,
        message_ts=message_ts,
        at=desk.clock.now(),
    )


def _actor(body: dict[str, Any]) -> Actor:
    """The clicker's own workspace: in a shared channel it is not the payload's team."""
    user, team = body["user"], body.get("team") or {}
    return Actor(user["id"], str(user.get("team_id") or team.get("id") or ""), str(user.get("name") or ""))
