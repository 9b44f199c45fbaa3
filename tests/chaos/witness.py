"""An independent reading of what Slack and AWS saw: their own records, never the bot's database."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import Message
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.chaos.script import FORM, Shape

US, EU = "us-east-1", "eu-west-1"
# What the card says of a request, and how far along that is.
RANKS = {
    "Waiting for approval": 0,
    "Approved": 1,
    "Copying": 2,
    "Under way": 2,
    "Completed": 3,
    "Set up": 3,
    "Failed": 3,
    "Outcome not known": 3,
    "Partly done": 3,
    "Rejected": 3,
    "Cancelled": 3,
    "Lapsed": 3,
}
STATUS = re.compile(r"\*(" + "|".join(RANKS) + r")\*")
# After these a retry, which the thread tells of, begins anew.
UNFINISHED = ("Failed", "Partly done")
TURNED_DOWN = ("Rejected", "Cancelled", "Lapsed")
# The keys of what is about no request begin with their kind.
ALONE = (NoticeKind.OPS, NoticeKind.DIGEST)
DECISIONS = (NoticeKind.APPROVED, NoticeKind.REJECTED, NoticeKind.CANCELLED, NoticeKind.LAPSED)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its readers see it. `told` is what stands in the thread, by kind, oldest first."""

    id: str
    table: str
    text: str
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
        """Approved for good: not asked anew afterwards and then turned down."""
        return self.kinds[NoticeKind.APPROVED] > 0 and self.status not in TURNED_DOWN

    @property
    def failed(self) -> bool:
        return self.status in UNFINISHED

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
    # What each card says: one that was left behind in a channel that was closed says nothing new.
    _says: dict[tuple[str, str], str] = field(default_factory=dict)

    def look(self) -> None:
        """Note the statuses that cards show now; to be called at every change of the workspace."""
        for message in self._messages():
            if message.by_app and not message.is_reply and (found := STATUS.search(message.text)):
                versions, card = self.history.setdefault(_key(message).split(":")[0], []), (message.channel, message.ts)
                if self._says.get(card) != found[1] and versions[-1:] != [found[1]]:
                    versions.append(found[1])
                self._says[card] = found[1]

    def requests(self) -> list[Request]:
        """Every request; of one that has moved into another channel, as it is there, with all that was told of it."""
        found: dict[str, Request] = {}
        for root in sorted(self._roots(), key=lambda root: root.ts):
            if request := self._request(root):
                known = found.get(request.id)
                before, asked = (known.told, known.question) if known else ((), None)
                found[request.id] = replace(request, told=(*before, *request.told), question=request.question or asked)
        return list(found.values())

    def all_of(self, kind: NoticeKind) -> list[Message]:
        """Every notice of a kind, whomever it is about and wherever it stands, oldest first."""
        return sorted((one for one in self.everything() if _kind(one) is kind), key=lambda one: one.ts)

    def everything(self) -> list[Message]:
        """What the bot has posted for all to see."""
        return [one for one in self._messages(replies=True) if one.by_app and not one.ephemeral]

    def decided(self, request_id: str) -> bool:
        return any(
            request.id == request_id and any(request.kinds[kind] for kind in DECISIONS) for request in self.requests()
        )

    def told(self, request_id: str) -> list[Message]:
        """What stands in the thread of a request, oldest first."""
        return [message for request in self.requests() if request.id == request_id for _, message in request.told]

    def notices(self) -> int:
        """Everything the bot has posted for all to see."""
        return len(self.everything())

    def jobs(self) -> list[dict[str, Any]]:
        """Every copy job in AWS."""
        world = self.worlds.aws.world
        return [job for account, region in ((PROD, US), (BACKUP, EU)) for job in world.copy_jobs(account, region)]

    def _messages(self, *, replies: bool = False) -> list[Message]:
        workspace = self.worlds.slack.workspace
        look = workspace.timeline.all_in if replies else workspace.timeline.roots
        return [message for channel in workspace.directory.conversations for message in look(channel)]

    def _roots(self) -> list[Message]:
        return [message for message in self._messages() if message.by_app and not message.is_reply and _kind(message)]

    def _request(self, root: Message) -> Request | None:
        if _kind(root) is not NoticeKind.CARD:
            return None
        request_id = _key(root).split(":")[0]
        replies = self.worlds.slack.workspace.timeline.thread(root.channel, root.ts)
        told = [(kind, reply) for reply in replies if reply.ts != root.ts and (kind := _kind(reply))]
        table, status = re.search(r"(?:table|lapse)-\w+", root.text), STATUS.search(root.text)
        return Request(
            id=request_id,
            table=table[0] if table else "",
            text=root.text,
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


@dataclass(frozen=True, slots=True)
class Due:
    """What there has to be: the shape of the plan about each table, and how often each copy's end was told by now."""

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    # The backups of the stories end in twenty days, so that each copy is warned about once, at once.
    warnings: int = 1
    ends: int = 0

    def of(self, table: str) -> Shape:
        return self.shapes.get(table, FORM)


def judge(seen: Seen, due: Due | None = None) -> Verdict:
    """Hold what Slack and AWS saw against what there has to be."""
    verdict, jobs, requests, due = Verdict(), seen.jobs(), seen.requests(), due or Due()
    for table in {request.table for request in requests} | {job["ResourceName"] for job in jobs}:
        approved = sum(request.approved for request in requests if request.table == table)
        of_table = [job for job in jobs if job["ResourceName"] == table]
        # People have every copy that failed tried again.
        failed = sum(job["State"] == "FAILED" for job in of_table)
        verdict.compare(f"copy jobs of {table}", len(of_table), approved * due.of(table).copies + failed)
    for request in requests:
        _judge_request(verdict, request, [job for job in jobs if job["ResourceName"] == request.table], due)
    for job in jobs:
        _judge_job(verdict, job, [request for request in requests if request.table == job["ResourceName"]])
    _judge_cards(verdict, seen)
    return verdict


def judge_all(seen: Seen, given_up: int = 0) -> Verdict:
    """What has to hold whatever people do: nothing stands twice in a channel, every end is told, nothing goes back.

    `given_up`: so many results Slack never took, of which operators are told instead.
    """
    verdict, requests = Verdict(), seen.requests()
    for (channel, key), count in Counter((one.channel, _key(one)) for one in seen.everything() if _key(one)).items():
        verdict.compare(f"messages {key} in {channel}", count, 1)
    for request in requests:
        if not request.ended:
            verdict.lost.append(f"the end of {request.id}, whose card says {request.status}")
        if not request.question:
            verdict.lost.append(f"the question of {request.id}")
    results = Verdict()
    for job in seen.jobs():
        _judge_job(results, job, requests)
    verdict.lost += results.lost[given_up:]
    verdict.doubled += results.doubled
    _judge_cards(verdict, seen)
    return verdict


def _judge_request(verdict: Verdict, request: Request, jobs: list[dict[str, Any]], due: Due) -> None:
    kinds, shape = request.kinds, due.of(request.table)
    verdict.compare(f"cards of {request.id}", request.cards, 1)
    verdict.compare(f"questions of {request.id}", kinds[NoticeKind.ASK], 1)
    # What has changed before the start is asked anew, which the thread tells of, and then decided again.
    decided, rounds = sum(kinds[kind] for kind in DECISIONS), 1 + kinds[NoticeKind.CHANGED]
    verdict.compare(f"decisions told of {request.id}", decided, min(max(decided, 1), rounds))
    for key, count in Counter(_key(message) for _, message in request.told).items():
        verdict.compare(f"messages {key}", count, 1)
    if not request.ended:
        verdict.lost.append(f"the end of {request.id}, whose card says {request.status}")
    own = [job for job in jobs if request.naming(NoticeKind.STARTED, job["CopyJobId"])]
    failed = sum(job["State"] == "FAILED" for job in own)
    steps, copies = (shape.steps, shape.copies) if request.approved else (0, 0)
    backups = int(request.approved and shape.backs_up)
    verdict.compare(f"starts told of {request.id}", kinds[NoticeKind.STARTED], len(own) + backups)
    verdict.compare(f"completions told of {request.id}", kinds[NoticeKind.COMPLETED], steps)
    verdict.compare(f"failures told of {request.id}", kinds[NoticeKind.FAILED], failed)
    verdict.compare(f"retries told of {request.id}", kinds[NoticeKind.RETRIED], failed)
    verdict.compare(f"warnings of the end told of {request.id}", kinds[NoticeKind.EXPIRING], copies * due.warnings)
    verdict.compare(f"ends told of {request.id}", kinds[NoticeKind.EXPIRED], copies * due.ends)


def _judge_job(verdict: Verdict, job: dict[str, Any], requests: list[Request]) -> None:
    job_id, state = job["CopyJobId"], job["State"]
    if state not in ("COMPLETED", "FAILED"):
        verdict.lost.append(f"the end of copy job {job_id}, which is {state}")
        return
    result = NoticeKind.COMPLETED if state == "COMPLETED" else NoticeKind.FAILED
    verdict.compare(f"start of job {job_id}", sum(r.naming(NoticeKind.STARTED, job_id) for r in requests), 1)
    verdict.compare(f"result of job {job_id}", sum(r.naming(result, job_id) for r in requests), 1)


def _judge_cards(verdict: Verdict, seen: Seen) -> None:
    anew = {request.id: request.kinds[NoticeKind.CHANGED] for request in seen.requests()}
    for request_id, statuses in seen.history.items():
        _judge_card(verdict, request_id, statuses, anew.get(request_id, 0))


def _judge_card(verdict: Verdict, request_id: str, statuses: list[str], anew: int) -> None:
    """`anew`: how often the thread says that it was asked anew, which takes an approval back."""
    for before, after in pairwise(statuses):
        if RANKS[after] >= RANKS[before] or before in UNFINISHED:
            continue
        if (before, after) == ("Approved", "Waiting for approval") and anew:
            anew -= 1
            continue
        verdict.backwards.append(f"{request_id} went from {before} to {after}: {statuses}")


def _key(message: Message) -> str:
    payload = (message.metadata or {}).get("event_payload") or {}
    return str(payload.get("key", ""))


def _kind(message: Message) -> NoticeKind | None:
    parts = _key(message).split(":")
    try:
        return NoticeKind(parts[0] if parts[0] in ALONE else parts[1])
    except (IndexError, ValueError):
        return None
