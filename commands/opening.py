"""Opening a view: Slack takes it for three seconds after somebody typed or pressed, and once."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient

from bot.domain.errors import OutletRefused
from bot.slack.errors import DEAD_TRIGGER, crossing


def open_view(
    client: WebClient, trigger_id: str, view: Mapping[str, Any], too_late: Callable[[], object]
) -> Mapping[str, Any]:
    """Open a view and give it as Slack shows it; {} when Slack opens none any more, which `too_late` tells the person.

    Raises OutletError for everything else.
    """
    try:
        with crossing("views.open"):
            opened: Mapping[str, Any] = client.views_open(trigger_id=trigger_id, view=dict(view))["view"]
    except OutletRefused as error:
        if error.code not in DEAD_TRIGGER:
            raise
        too_late()
        return {}
    return opened
