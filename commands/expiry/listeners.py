"""Buttons of notices about copies: written down, acknowledged, then judged; two of them open a form."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from bot.domain.copies import CopyClick
from bot.domain.errors import PersonError
from bot.domain.sentences import TOO_SLOW
from bot.domain.sheets import SheetKind
from bot.workflows.extending import COPY
from bot.workflows.walk import FRESH, PATIENCE, new_draft_id
from commands.copy_backup.screen import open_loading, show
from commands.desk import Desk
from commands.errors import answered, kept
from commands.expiry.clicks import clicked
from commands.forms.screen import open_filled
from commands.subcommands import Call

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """A button that opens a form: the click, and the call that the form is opened for."""

    click: CopyClick
    call: Call


class ExpiryListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def click(self, ack: Any, body: dict[str, Any]) -> None:
        """A button that decides at once."""
        kept(ack, lambda: self._watching.write_down(clicked(body, self._desk)))

    def judge(self, body: dict[str, Any]) -> None:
        """Judge the click; the person is told in private when it did not count."""
        click = clicked(body, self._desk)
        answered(lambda: self._judge(click), lambda sentence: self._tell(click, sentence))

    def acknowledge(self, ack: Any) -> None:
        ack()

    def extend(self, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        """Extend: a small form, for whoever the rules let ask."""
        self._open(self._press(body, client, respond), self._open_extension)

    def copy_again(self, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        """Copy again: the walk, filled in."""
        self._open(self._press(body, client, respond), self._open_walk)

    @property
    def _watching(self) -> Any:
        return self._desk.copies.watching

    def _judge(self, click: CopyClick) -> None:
        # Writing it down again costs nothing, and saves a click whose first writing failed.
        self._watching.write_down(click)
        sentence = self._watching.judge(click.dedup_key)
        if sentence:
            self._tell(click, sentence)

    def _press(self, body: dict[str, Any], client: WebClient, respond: Any) -> Press:
        click = clicked(body, self._desk)

        def tell(text: str, **_: Any) -> None:
            # A list that one person sees may stand where the bot is no member, and Slack refuses whispers there.
            if (body.get("container") or {}).get("is_ephemeral"):
                respond(text=text, response_type="ephemeral", replace_original=False)
            else:
                self._tell(click, text)

        return Press(click, Call("", click.actor, click.channel, body["trigger_id"], client, tell, TOO_SLOW))

    def _open(self, press: Press, work: Callable[[Press], None]) -> None:
        def opened() -> None:
            try:
                work(press)
            except PersonError as error:
                self._watching.note_refusal(press.click, error.sentence)
                raise

        answered(opened, press.call.tell)

    def _open_extension(self, press: Press) -> None:
        copy = self._watching.admit(press.click)
        self._watching.check_asker(press.click.actor, copy)
        open_filled(self._desk, press.call, SheetKind.EXTEND, lambda: {COPY: copy.arn})

    def _open_walk(self, press: Press) -> None:
        click, client = press.click, press.call.client
        copy = self._watching.admit(click)
        draft_id = new_draft_id()
        view = open_loading(client, press.call.trigger_id, draft_id, lambda: press.call.tell(TOO_SLOW))
        if view is None:
            return
        walk = self._desk.walk
        walk.begin(draft_id, click.actor, click.channel, "", view)
        self._desk.inventory.refresh_within(PATIENCE, FRESH)
        try:
            walk.keep(draft_id, click.actor.user_id, self._desk.copies.again.form(copy))
        except PersonError as error:
            show(client, self._desk, draft_id, view[1], problem=error.sentence)
            return
        show(client, self._desk, draft_id, view[1])

    def _tell(self, click: CopyClick, sentence: str) -> None:
        thread = self._watching.thread_of(click.copy_arn)
        self._desk.outlet.whisper(click.channel, click.actor.user_id, sentence, thread_ts=thread)
