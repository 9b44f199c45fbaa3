"""What no other listener knows: mostly buttons and forms from before an upgrade. Acknowledged, told, logged."""

import logging
import re
from typing import Any

from slack_bolt import App

from bot.domain.sentences import errors as told
from bot.slack.blocks import Block, section, words

log = logging.getLogger(__name__)

ANYTHING = re.compile(".*")


def register(app: App) -> None:
    """Register the catch-alls; they must come last, since Bolt runs the first listener that matches."""
    app.action(ANYTHING)(ack=_acknowledge, lazy=[_tell])
    app.view(ANYTHING)(answer_old_form)
    app.options(ANYTHING)(_answer_options)


def _acknowledge(ack: Any) -> None:
    ack()


def _tell(body: dict[str, Any], respond: Any) -> None:
    actions = [action.get("action_id") for action in body.get("actions", [])]
    log.warning("unknown_action", extra={"actions": actions})
    if body.get("response_url"):
        of_message = (body.get("container") or {}).get("type") == "message"
        sentence = told.OLD_BUTTON if of_message else told.OLD_VERSION
        respond(text=sentence, response_type="ephemeral", replace_original=False)


def answer_old_form(ack: Any, body: dict[str, Any]) -> None:
    """Say in the form itself that nothing can be made of it."""
    log.warning("unknown_form", extra={"callback_id": body["view"].get("callback_id")})
    ack(response_action="update", view=old_form())


def old_form() -> Block:
    return {
        "type": "modal",
        "title": words(told.OLD_TITLE),
        "close": words(told.CLOSE),
        "blocks": [section(told.OLD_VERSION)],
    }


def _answer_options(ack: Any, body: dict[str, Any]) -> None:
    log.warning("unknown_options", extra={"action_id": body.get("action_id")})
    ack(options=[])
