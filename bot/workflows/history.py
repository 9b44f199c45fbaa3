"""Reading the history: what happened to a request, or what happened lately."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.audit import ChainedEvent
from bot.domain.books import Store


@dataclass
class History:
    store: Store

    def newest(self, limit: int, request_id: str = "") -> Sequence[ChainedEvent]:
        """The newest lines (of one request), oldest of them first; none for a request that is not there."""
        with self.store.read() as tx:
            if request_id and tx.requests.get(request_id) is None:
                return ()
            return tx.history.newest(limit, request_id)
