"""Other requests about the end of the same backup: whoever asks, or decides, is told of them first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.books import Tx
from bot.domain.findings import Finding, Level
from bot.domain.params import SetRetentionParams
from bot.domain.requests import CopyRequest
from bot.domain.sentences import changes as words
from bot.workflows.steps.work import Look

ASKED_ALREADY = "asked-already"
REQUEST = "request"


@dataclass(frozen=True, slots=True)
class AskedEnd:
    """A request that is not over, and the change of this backup's end that it asks for."""

    request: CopyRequest
    change: SetRetentionParams

    def sentence(self, called: str = "") -> str:
        """What it asks for; `called`: the request's id, ready for the reader."""
        state, longer = self.request.state, self.change.never_shorter
        return words.asked_already(called or self.request.id, self.change.end, state, is_longer=longer)


def asked_ends(tx: Tx, arn: str) -> tuple[AskedEnd, ...]:
    """What is asked for about the end of a recovery point already, oldest first."""
    requests = filter(None, map(tx.requests.get, tx.steps.asked_ends(arn)))
    return tuple(AskedEnd(request, change) for request in requests for change in _changes(request, arn))


def beside(tx: Tx, look: Look) -> Look:
    """The look at a change of a backup's end, with what is asked for already."""
    if not isinstance(look.params, SetRetentionParams) or not look.params.point.arn:
        return look
    found = [
        Finding(
            ASKED_ALREADY,
            Level.WARN,
            asked.sentence(),
            "Look at that request first: each is decided by itself.",
            links={REQUEST: asked.request.id},
        )
        for asked in asked_ends(tx, look.params.point.arn)
    ]
    return replace(look, findings=(*look.findings, *found))


def _changes(request: CopyRequest, arn: str) -> Iterator[SetRetentionParams]:
    for step in request.steps:
        if isinstance(step.params, SetRetentionParams) and step.params.point.arn == arn and not step.state.is_final:
            yield step.params
