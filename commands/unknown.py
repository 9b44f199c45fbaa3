"""What no other listener knows: mostly buttons and forms from before an upgrade. Acknowledged, told, logged."""

import logging
import re
from typing import Any

from slack_bolt import App

from bot.slack.blocks import section, words

log = logging.getLogger(__name__)

ANYTHING = re.compile(".*")
OLD = "This belongs to an older version of me and does nothing any more. Type `/copy-backup` to start anew."


def register(app: App) -> None:
    """Register the catch-alls; they must come last, since Bolt runs the first listener that matches."""
    app.action(ANYTHING)(ack=_acknowledge, lazy=[_tell])
    app.view(ANYTHING)(_answer_form)
    app.options(ANYTHING)(_answer_options)


def _acknowledge(ack: Any) -> None:
    ack()


def _tell(body: dict[str, Any], respond: Any) -> None:
    actions = [action.get("action_id") for action in body.get("actions", [])]
    log.warning("unknown_action", extra={"actions": actions})
    if body.get("response_url"):
        respond(text=OLD, response_type="ephemeral", replace_original=False)


def _answer_form(ack: Any, body: dict[str, Any]) -> None:
    log.warning("unknown_form", extra={"callback_id": body["view"].get("callback_id")})
    view = {"type": "modal", "title": words("Copy Backup"), "close": words("Close"), "blocks": [section(OLD)]}
    ack(response_action="update", view=view)


def _answer_options(ack: Any, body: dict[str, Any]) -> None:
    log.warning("unknown_options", extra={"action_id": body.get("action_id")})
    ack(options=[])
