"""The same message said in another manner: in another channel, without showing it in the channel, for a second time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.slack.blocks import Block, context, section
from bot.slack.text import escape

MAYBE_AGAIN = "This may be a repetition: Slack did not tell me whether it took the first one."


def said(text: str) -> Message:
    """A sentence, and nothing else."""
    return Message(text=text, blocks=(section(text),))


def without_buttons(message: Message) -> Message:
    """To be read only: buttons count in one place."""
    return replace(message, blocks=tuple(block for block in message.blocks if block.get("type") != "actions"))


def quietly(message: Message) -> Message:
    """In its thread only."""
    return replace(message, broadcast=False)


def maybe_again(message: Message) -> Message:
    """Marked as what may have been said before."""
    return replace(
        message,
        text=f"{message.text}\n({MAYBE_AGAIN})",
        blocks=(*message.blocks, context(f":twisted_rightwards_arrows: {MAYBE_AGAIN}")) if message.blocks else (),
    )


def elsewhere(message: Message, request: CopyRequest, link: str) -> Message:
    """As an announcement in another channel: no buttons, which count only in the thread, and nobody is called."""
    where = f"<{link}|the thread of {request.id}>" if link else f"the thread of {request.id} in <#{request.channel}>"
    asker, name = request.requester.user_id, request.requester.name
    blocks = [block for block in message.blocks if block.get("type") != "actions"]
    named = message.text if request.id in message.text else f"{request.id}: {message.text}"
    return Message(
        text=unmentioned(named, asker, name),
        blocks=(
            *(cast("Block", _each_text(block, asker, name)) for block in blocks),
            context(f"Questions, decisions and buttons are in {where}."),
        ),
    )


def unmentioned(text: str, user_id: str, name: str) -> str:
    """A person's name in the place of a mention, which would call them."""
    return text.replace(f"<@{user_id}>", escape(name) or "the person who asked") if user_id else text


def _each_text(part: object, user_id: str, name: str) -> object:
    if isinstance(part, Mapping):
        return {key: _each_text(value, user_id, name) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_each_text(value, user_id, name) for value in part]
    return unmentioned(part, user_id, name) if isinstance(part, str) else part
