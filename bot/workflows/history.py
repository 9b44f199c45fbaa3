"""Reading the history: what happened to a request, or what happened lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.audit import ChainedEvent
from bot.domain.books import Store
from bot.domain.requests import Event, RequestEvent
from bot.domain.steps import Step


@dataclass
class History:
    store: Store

    def newest(self, limit: int, request_id: str = "") -> Sequence[ChainedEvent]:
        """The newest lines (of one request), oldest of them first; none for a request that is not there."""
        with self.store.read() as tx:
            if request_id and tx.requests.get(request_id) is None:
                return ()
            return tx.history.newest(limit, request_id)

    def steps_of(self, lines: Sequence[ChainedEvent]) -> Mapping[str, Sequence[Step]]:
        """The steps of each request of which the lines name a job or a copy, by the request's id."""
        started = {line.event.request_id for line in lines if _names_a_step(line.event)}
        with self.store.read() as tx:
            found = {request_id: tx.requests.get(request_id) for request_id in started if request_id}
        return {request_id: request.steps for request_id, request in found.items() if request}


def _names_a_step(event: Event) -> bool:
    return event.what == RequestEvent.START or "arn:" in event.detail
