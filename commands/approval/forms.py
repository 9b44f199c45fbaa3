"""The two forms of deciding: why a request is rejected, and why one goes ahead without approvals."""

from bot.domain import sentences
from bot.domain.clicks import Click
from bot.slack.blocks import Block, section, words
from bot.slack.ids import CONFIRMATION, GLASS_FORM, NOTE, REJECT_FORM
from bot.slack.text import escape
from commands.approval.clicks import metadata

NOTE_LENGTH = 3_000


def reason_form(click: Click) -> Block:
    return {
        "type": "modal",
        "callback_id": REJECT_FORM,
        "private_metadata": metadata(click),
        "title": words("Reject the request"),
        "submit": words("Reject"),
        "close": words("Not yet"),
        "blocks": [
            section(f"*{escape(click.request_id)}* will be rejected; nothing will be copied."),
            _reason("The person who asked reads it in the thread."),
        ],
    }


def glass_form(click: Click) -> Block:
    return {
        "type": "modal",
        "callback_id": GLASS_FORM,
        "private_metadata": metadata(click),
        "title": words("Break glass"),
        "submit": words("Go ahead"),
        "close": words("Not yet"),
        "blocks": [
            section(f":rotating_light: {sentences.glass_warning(escape(click.request_id))}"),
            _reason("Everybody who is passed over reads it in the thread."),
            {
                "type": "input",
                "block_id": CONFIRMATION,
                "label": words(f"Type {click.request_id} to confirm"[:2000]),
                "element": {"type": "plain_text_input", "action_id": CONFIRMATION, "max_length": 40},
            },
        ],
    }


def _reason(hint: str) -> Block:
    return {
        "type": "input",
        "block_id": NOTE,
        "label": words("Reason"),
        "hint": words(hint),
        "element": {
            "type": "plain_text_input",
            "action_id": NOTE,
            "multiline": True,
            "max_length": NOTE_LENGTH,
            "focus_on_load": True,
        },
    }
