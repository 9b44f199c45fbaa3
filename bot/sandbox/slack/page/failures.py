"""What can be made to go wrong from the page: Slack's own failures, and those that other worlds offer beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..faults import Faults
from ..records import JsonObject

RETRY_AFTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One entry of the menu: a switch that stays (`is_on` tells its position), or a single stroke.

    `text` is what the person may change before ordering the failure, a job's message for example.
    """

    id: str
    group: str
    label: str
    hint: str
    order: Callable[[bool, str], None]
    is_on: Callable[[], bool] | None = None
    text: str | None = None

    def shown(self) -> JsonObject:
        return {
            "id": self.id,
            "group": self.group,
            "label": self.label,
            "hint": self.hint,
            "on": self.is_on() if self.is_on else None,
            "text": self.text,
        }


def slack_failures(faults: Faults) -> Sequence[Failure]:
    """Return the failures that every local Slack offers."""

    def stroke(name: str, label: str, hint: str, act: Callable[[], None]) -> Failure:
        return Failure(id=name, group="Slack", label=label, hint=hint, order=lambda _on, _text: act())

    return (
        stroke(
            "slack-429",
            "429 on the next post",
            f"Slack answers the next chat.postMessage with 429 and Retry-After: {RETRY_AFTER}.",
            lambda: faults.rate_limit("chat.postMessage", retry_after=RETRY_AFTER),
        ),
        stroke(
            "slack-500",
            "500 after the next post",
            "The next chat.postMessage is posted, but the bot is told that it failed.",
            lambda: faults.fail_after("chat.postMessage"),
        ),
        stroke(
            "slack-socket",
            "Drop the socket",
            "Every Socket Mode connection is cut without a word; the bot has to come back by itself.",
            faults.drop_sockets,
        ),
        stroke(
            "slack-twice",
            "Deliver the next click twice",
            "The next command or click reaches the bot a second time.",
            faults.deliver_twice,
        ),
        stroke(
            "slack-slow",
            "Deliver the next click late",
            "The next command or click is held back for 4 seconds: its trigger id is dead when the bot uses it.",
            lambda: faults.delay_deliveries(4),
        ),
        stroke(
            "slack-lost-ack",
            "Lose the next answer",
            "The bot's next acknowledgement gets lost; the person reads operation_timeout after 3 seconds.",
            faults.lose_acks,
        ),
    )
