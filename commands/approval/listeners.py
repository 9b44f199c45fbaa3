"""Approve, reject, cancel, try again, break glass, sign, ask again: written down, acknowledged, then judged."""

import logging
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from bot.domain import sentences
from bot.domain.clicks import Click
from bot.domain.errors import OutletError
from bot.domain.requests import Verdict
from bot.slack.blocks import Block
from bot.slack.ids import CONFIRMATION, NOTE
from commands.approval.clicks import clicked, is_ours, meant_request, submitted, typed
from commands.approval.forms import glass_form, reason_form
from commands.desk import Desk
from commands.errors import answered, kept
from commands.opening import open_view
from commands.unknown import answer_old_form

log = logging.getLogger(__name__)


class ApprovalListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def click(self, ack: Any, body: dict[str, Any]) -> None:
        """A button that decides at once."""
        kept(ack, lambda: self._write_down(clicked(body, self._desk)))

    def judge(self, body: dict[str, Any]) -> None:
        """Judge the click; the person is told in private when it did not count."""
        self._answer(clicked(body, self._desk))

    def acknowledge(self, ack: Any) -> None:
        ack()

    def ask_reason(self, body: dict[str, Any], client: WebClient) -> None:
        """Reject asks for a reason, but only from somebody whose rejection would count."""
        self._open(body, client, reason_form)

    def ask_confirmation(self, body: dict[str, Any], client: WebClient) -> None:
        """Break-glass asks for a reason and the request's id, from somebody who may do it."""
        self._open(body, client, glass_form)

    def submit_reason(self, ack: Any, body: dict[str, Any]) -> None:
        """The reason: an empty one is refused in its field, any other is written down and closes the form."""
        self._submit(ack, body, Verdict.REJECT)

    def judge_reason(self, body: dict[str, Any]) -> None:
        self._judge_form(body, Verdict.REJECT)

    def submit_confirmation(self, ack: Any, body: dict[str, Any]) -> None:
        """Reason and id: what is missing or mistyped is told in its field, all else closes the form."""
        self._submit(ack, body, Verdict.BREAK_GLASS)

    def judge_confirmation(self, body: dict[str, Any]) -> None:
        self._judge_form(body, Verdict.BREAK_GLASS)

    def _submit(self, ack: Any, body: dict[str, Any], verdict: Verdict) -> None:
        if not is_ours(body):
            answer_old_form(ack, body)
            return
        mistakes = _mistakes(body, verdict)
        if mistakes:
            ack(response_action="errors", errors=mistakes)
            return
        kept(ack, lambda: self._write_down(submitted(body, self._desk, verdict)))

    def _judge_form(self, body: dict[str, Any], verdict: Verdict) -> None:
        if is_ours(body) and not _mistakes(body, verdict):
            self._answer(submitted(body, self._desk, verdict))

    def _write_down(self, click: Click) -> None:
        self._desk.deciding.write_down(click)

    def _answer(self, click: Click) -> None:
        # Writing it down again costs nothing, and saves a click whose first writing failed.
        answered(lambda: self._judge(click), lambda sentence: self._tell(click, sentence))

    def _judge(self, click: Click) -> None:
        self._desk.deciding.write_down(click)
        try:
            sentence = self._desk.deciding.judge(click.dedup_key)
        except OutletError as error:
            log.warning("click_waits", extra={"request": click.request_id, "code": error.code})
            sentence = sentences.WAITS
        if sentence:
            self._tell(click, sentence)

    def _open(self, body: dict[str, Any], client: WebClient, form: Callable[[Click], Block]) -> None:
        click = clicked(body, self._desk)
        answered(lambda: self._open_form(click, body, client, form), lambda sentence: self._tell(click, sentence))

    def _open_form(self, click: Click, body: dict[str, Any], client: WebClient, form: Callable[[Click], Block]) -> None:
        sentence = self._desk.deciding.may(click)
        if sentence:
            self._desk.deciding.note_refusal(click, sentence)
            self._tell(click, sentence)
            return
        open_view(client, body["trigger_id"], form(click), lambda: self._tell(click, sentences.TOO_SLOW))

    def _tell(self, click: Click, sentence: str) -> None:
        thread = self._desk.deciding.thread_of(click.request_id) or click.message_ts
        self._desk.outlet.whisper(click.channel, click.actor.user_id, sentence, thread_ts=thread)


def _mistakes(body: dict[str, Any], verdict: Verdict) -> dict[str, str]:
    """What a form's fields hold that cannot be, by field."""
    mistakes: dict[str, str] = {}
    if not typed(body, NOTE):
        glass = verdict is Verdict.BREAK_GLASS
        mistakes[NOTE] = sentences.NO_GLASS_REASON if glass else sentences.NO_REASON
    if verdict is Verdict.BREAK_GLASS:
        request_id = meant_request(body)
        if typed(body, CONFIRMATION).casefold() != request_id.casefold():
            mistakes[CONFIRMATION] = sentences.wrong_confirmation(request_id)
    return mistakes
