"""A click on a button of a request: written down before it is judged, so that none is lost or counted twice."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.people import Actor
from bot.domain.requests import Verdict


@dataclass(frozen=True, slots=True)
class Click:
    """What a person clicked, where and when. `dedup_key` is the same for every delivery of the same click.

    `round` is the one that the button belongs to, so what the person saw.
    """

    dedup_key: str
    request_id: str
    actor: Actor
    verdict: Verdict
    note: str
    channel: str
    message_ts: str
    at: datetime
    round: int = 1
