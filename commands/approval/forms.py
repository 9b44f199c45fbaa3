"""The two forms of deciding: why a request is rejected, and why one goes ahead without approvals."""

from bot.domain import sentences
from bot.domain.clicks import Click
from bot.domain.sentences import question
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
        "title": words(question.REJECT_TITLE),
        "submit": words(question.REJECT),
        "close": words(question.NOT_YET),
        "blocks": [
            section(question.will_be_rejected(escape(click.request_id))),
            _reason(question.REASON_IS_READ),
        ],
    }


def glass_form(click: Click) -> Block:
    return {
        "type": "modal",
        "callback_id": GLASS_FORM,
        "private_metadata": metadata(click),
        "title": words(question.GLASS_TITLE),
        "submit": words(question.GLASS_SUBMIT),
        "close": words(question.NOT_YET),
        "blocks": [
            section(f":rotating_light: {sentences.glass_warning(escape(click.request_id))}"),
            _reason(question.GLASS_REASON_IS_READ),
            {
                "type": "input",
                "block_id": CONFIRMATION,
                "label": words(question.type_to_confirm(click.request_id)[:2000]),
                "element": {"type": "plain_text_input", "action_id": CONFIRMATION, "max_length": 40},
            },
        ],
    }


def _reason(hint: str) -> Block:
    return {
        "type": "input",
        "block_id": NOTE,
        "label": words(question.REASON),
        "hint": words(hint),
        "element": {
            "type": "plain_text_input",
            "action_id": NOTE,
            "multiline": True,
            "max_length": NOTE_LENGTH,
            "focus_on_load": True,
        },
    }
