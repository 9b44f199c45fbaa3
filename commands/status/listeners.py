"""`/copy-backup status`, `/copy-backup list` and the list's buttons: answers for the person who asks only."""

import re
from typing import Any

from bot.domain.errors import BadInput
from bot.domain.ports import Message
from bot.slack.ids import COMMAND
from bot.slack.messages.status import health, one_request, requests
from bot.slack.text import cut, escape
from commands.desk import Desk
from commands.errors import answered
from commands.payloads import actor_of
from commands.subcommands import Call

# People leave out the letters, write them small, or add a sign.
NUMBER = re.compile(r"#?(?:CB-?)?([1-9][0-9]{0,8})", re.IGNORECASE)
LONGEST_SEARCH = 255
# A notice's, as its column takes it.
ID = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def answer_status(desk: Desk, call: Call) -> None:
    """How the bot is, or one request."""
    if not call.text:
        _tell(call, health(desk.status.health(call.actor), desk.names))
        return
    number = NUMBER.fullmatch(call.text)
    if number is None:
        text = escape(cut(call.text, 60))
        raise BadInput("text", f"“{text}” is no request: type `{COMMAND} status CB-42`, or `{COMMAND} status` alone.")
    _tell(call, one_request(desk.status.request(call.actor, f"CB-{number[1]}"), desk.names))


def answer_list(desk: Desk, call: Call) -> None:
    """The first page of a list."""
    asked = " ".join(call.text[:LONGEST_SEARCH].split())
    _tell(call, requests(desk.status.requests(call.actor, asked), desk.names))


class StatusListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def acknowledge(self, ack: Any) -> None:
        ack()

    def turn(self, body: dict[str, Any], respond: Any) -> None:
        """Show another page in the place of this one."""
        answered(
            lambda: self._turn(body, respond),
            lambda sentence: respond(text=sentence, response_type="ephemeral", replace_original=False),
        )

    def dismiss(self, body: dict[str, Any], respond: Any) -> None:
        """Dismiss one dead letter, or all that were there, and show how things are now; a refusal beside it."""

        def work() -> None:
            first, _, last = str(body["actions"][0].get("value") or "").partition("-")
            actor, status = actor_of(body), self._desk.status
            if ID.fullmatch(first) and ID.fullmatch(last):
                status.dismiss(actor, int(first), int(last))
            message = health(status.health(actor), self._desk.names)
            respond(text=message.text, blocks=_blocks(message), response_type="ephemeral", replace_original=True)

        answered(work, lambda sentence: respond(text=sentence, response_type="ephemeral", replace_original=False))

    def _turn(self, body: dict[str, Any], respond: Any) -> None:
        offset, _, asked = str(body["actions"][0].get("value") or "").partition(" ")
        page = self._desk.status.requests(actor_of(body), asked, int(offset) if offset.isdecimal() else 0)
        message = requests(page, self._desk.names)
        respond(text=message.text, blocks=_blocks(message), response_type="ephemeral", replace_original=True)


def _tell(call: Call, message: Message) -> None:
    call.tell(message.text, blocks=_blocks(message))


def _blocks(message: Message) -> list[dict[str, Any]]:
    return [dict(block) for block in message.blocks]
