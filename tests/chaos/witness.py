"""An independent reading of what Slack and AWS saw: their own records, never the bot's database."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import BACKUPS, Message
from bot.sandbox.worlds import PROD, LocalWorlds

US = "us-east-1"
# What the card says of a request, and how far along that is. A retry, which the thread tells of, begins anew.
RANKS = {
    "Waiting for approval": 0,
    "Approved": 1,
    "Copying": 2,
    "Completed": 3,
    "Failed": 3,
    "Partly done": 3,
    "Rejected": 3,
    "Cancelled": 3,
    "Lapsed": 3,
}
STATUS = re.compile(r"\*(" + "|".join(RANKS) + r")\*")
DECISIONS = (NoticeKind.APPROVED, NoticeKind.REJECTED, NoticeKind.CANCELLED, NoticeKind.LAPSED)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its readers see it. `told` is what stands in the thread, by kind, oldest first."""

    id: str
    table: str
    cards: int
    status: str
    question: Message | None
    told: tuple[tuple[NoticeKind, Message], ...]

    @property
    def kinds(self) -> Counter[NoticeKind]:
        return Counter(kind for kind, _ in self.told)

    @property
    def undecided(self) -> bool:
        return RANKS[self.status] == 0

    @property
    def approved(self) -> bool:
        return self.kinds[NoticeKind.APPROVED] > 0

    @property
    def failed(self) -> bool:
        return self.status == "Failed"

    @property
    def ended(self) -> bool:
        return RANKS[self.status] == 3

    def naming(self, kind: NoticeKind, text: str) -> int:
        """How many messages of a kind name something."""
        return sum(text in json.dumps([message.text, message.blocks]) for known, message in self.told if known is kind)


@dataclass
class Seen:
    """Reads the channel; while it watches, it also keeps every version of every card."""

    worlds: LocalWorlds
    history: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> None:
        """Note the statuses that cards show now; to be called at every change of the workspace."""
        for message in self.worlds.slack.workspace.timeline.roots(BACKUPS):
            if message.by_app and not message.is_reply and (found := STATUS.search(message.text)):
                versions = self.history.setdefault(_key(message).split(":")[0], [])
                if versions[-1:] != [found[1]]:
                    versions.append(found[1])

    def requests(self) -> list[Request]:
        return [request for root in self._roots() if (request := self._request(root))]

    def decided(self, request_id: str) -> bool:
        return any(
            request.id == request_id and any(request.kinds[kind] for kind in DECISIONS) for request in self.requests()
        )

    def last_failure(self, request_id: str) -> Message | None:
        found = [request for request in self.requests() if request.id == request_id]
        failures = [message for kind, message in found[0].told if kind is NoticeKind.FAILED] if found else []
        return failures[-1] if failures else None

    def notices(self) -> int:
        """Everything the bot has posted for all to see."""
        there = self.worlds.slack.workspace.timeline.all_in(BACKUPS)
        return sum(message.by_app and not message.ephemeral for message in there)

    def jobs(self) -> list[dict[str, Any]]:
        return self.worlds.aws.world.copy_jobs(PROD, US)

    def _roots(self) -> list[Message]:
        roots = self.worlds.slack.workspace.timeline.roots(BACKUPS)
        return [message for message in roots if message.by_app and not message.is_reply and _kind(message)]

    def _request(self, root: Message) -> Request | None:
        if _kind(root) is not NoticeKind.CARD:
            return None
        request_id = _key(root).split(":")[0]
        replies = self.worlds.slack.workspace.timeline.thread(BACKUPS, root.ts)
        told = [(kind, reply) for reply in replies if reply.ts != root.ts and (kind := _kind(reply))]
        table, status = re.search(r"(?:table|lapse)-\w+", root.text), STATUS.search(root.text)
        return Request(
            id=request_id,
            table=table[0] if table else "",
            cards=sum(_key(other).startswith(f"{request_id}:card") for other in self._roots()),
            status=status[1] if status else "",
            question=next((message for kind, message in told if kind is NoticeKind.ASK), None),
            told=tuple(told),
        )


@dataclass
class Verdict:
    """What was lost, what was doubled, which cards went backwards; each with a sentence."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    backwards: list[str] = field(default_factory=list)

    def compare(self, what: str, number: int, due: int) -> None:
        """Less than what is due is lost, more is doubled."""
        if number < due:
            self.lost.append(f"{what}: {number} instead of {due}")
        if number > due:
            self.doubled.append(f"{what}: {number} instead of {due}")

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.backwards)

    def __iter__(self) -> Iterator[str]:
        yield from (f"lost: {line}" for line in self.lost)
        yield from (f"doubled: {line}" for line in self.doubled)
        yield from (f"backwards: {line}" for line in self.backwards)


def judge(seen: Seen) -> Verdict:
    """Hold what Slack and AWS saw against what there has to be."""
    verdict, jobs, requests = Verdict(), seen.jobs(), seen.requests()
    for table in {request.table for request in requests} | {job["ResourceName"] for job in jobs}:
        of_table = [request for request in requests if request.table == table]
        due = sum(
            min(1, request.kinds[NoticeKind.APPROVED]) + request.kinds[NoticeKind.RETRIED] for request in of_table
        )
        verdict.compare(f"copy jobs of {table}", sum(job["ResourceName"] == table for job in jobs), due)
    for request in requests:
        _judge_request(verdict, request, [job for job in jobs if job["ResourceName"] == request.table])
    for job in jobs:
        _judge_job(verdict, job, [request for request in requests if request.table == job["ResourceName"]])
    for request_id, statuses in seen.history.items():
        _judge_card(verdict, request_id, statuses)
    return verdict


def _judge_request(verdict: Verdict, request: Request, jobs: list[dict[str, Any]]) -> None:
    kinds = request.kinds
    verdict.compare(f"cards of {request.id}", request.cards, 1)
    verdict.compare(f"questions of {request.id}", kinds[NoticeKind.ASK], 1)
    verdict.compare(f"decisions told of {request.id}", sum(kinds[kind] for kind in DECISIONS), 1)
    for key, count in Counter(_key(message) for _, message in request.told).items():
        verdict.compare(f"messages {key}", count, 1)
    if not request.ended:
        verdict.lost.append(f"the end of {request.id}, whose card says {request.status}")
    own = [job for job in jobs if request.naming(NoticeKind.STARTED, job["CopyJobId"])]
    failed = sum(job["State"] == "FAILED" for job in own)
    verdict.compare(f"starts told of {request.id}", kinds[NoticeKind.STARTED], len(own))
    verdict.compare(f"completions told of {request.id}", kinds[NoticeKind.COMPLETED], len(own) - failed)
    verdict.compare(f"failures told of {request.id}", kinds[NoticeKind.FAILED], failed)
    # The backups of the stories end in twenty days, so that each copy is warned about once, at once.
    verdict.compare(f"warnings of the end told of {request.id}", kinds[NoticeKind.EXPIRING], len(own) - failed)


def _judge_job(verdict: Verdict, job: dict[str, Any], requests: list[Request]) -> None:
    job_id, state = job["CopyJobId"], job["State"]
    if state not in ("COMPLETED", "FAILED"):
        verdict.lost.append(f"the end of copy job {job_id}, which is {state}")
        return
    result = NoticeKind.COMPLETED if state == "COMPLETED" else NoticeKind.FAILED
    verdict.compare(f"start of job {job_id}", sum(r.naming(NoticeKind.STARTED, job_id) for r in requests), 1)
    verdict.compare(f"result of job {job_id}", sum(r.naming(result, job_id) for r in requests), 1)


def _judge_card(verdict: Verdict, request_id: str, statuses: list[str]) -> None:
    for before, after in pairwise(statuses):
        if RANKS[after] < RANKS[before] and before != "Failed":
            verdict.backwards.append(f"{request_id} went from {before} to {after}: {statuses}")


def _key(message: Message) -> str:
    payload = (message.metadata or {}).get("event_payload") or {}
    return str(payload.get("key", ""))


def _kind(message: Message) -> NoticeKind | None:
    parts = _key(message).split(":")
    try:
        return NoticeKind(parts[1])
    except (IndexError, ValueError):
        return None
