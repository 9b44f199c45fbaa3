"""The two forms of deciding: why a request is rejected, and why one goes ahead without approvals."""

from collections.abc import Sequence

from bot.domain import sentences
from bot.domain.clicks import Click
from bot.domain.sentences import question
from bot.slack.blocks import Block, section
from bot.slack.ids import CONFIRMATION, GLASS_FORM, NOTE, REJECT_FORM
from bot.slack.text import escape
from commands.approval.clicks import metadata
from commands.modal import field, modal

NOTE_LENGTH = 3_000


def reason_form(click: Click) -> Block:
    blocks = [section(question.will_be_rejected(escape(click.request_id))), _reason(question.REASON_IS_READ)]
    return _form(REJECT_FORM, click, question.REJECT_TITLE, blocks, question.REJECT)


def glass_form(click: Click) -> Block:
    typed: Block = {"type": "plain_text_input", "action_id": CONFIRMATION, "max_length": 40}
    blocks = [
        section(f":rotating_light: {sentences.glass_warning(escape(click.request_id))}"),
        _reason(question.GLASS_REASON_IS_READ),
        field(CONFIRMATION, question.type_to_confirm(click.request_id)[:2000], typed),
    ]
    return _form(GLASS_FORM, click, question.GLASS_TITLE, blocks, question.GLASS_SUBMIT)


def _form(callback_id: str, click: Click, title: str, blocks: Sequence[Block], submit: str) -> Block:
    return modal(callback_id, metadata(click), title, blocks, submit=submit, close=question.NOT_YET)


def _reason(hint: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": NOTE,
        "multiline": True,
        "max_length": NOTE_LENGTH,
        "focus_on_load": True,
    }
    return field(NOTE, question.REASON, element, hint=hint)
