"""The people of the stories, and what they read in the channel, in the thread and in private."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from bot.domain.drafts import Draft, DraftState, Form, Page
from bot.domain.inventory import PointEntry
from bot.domain.people import Actor
from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.sandbox.clock import WorldClock
from bot.sandbox.slack import (
    ANNA,
    BACKUPS,
    BEN,
    CHRIS,
    DORA,
    GUEST,
    PARTNER,
    TEAM,
    Message,
    Person,
    render_message,
)
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from bot.workflows.walk import new_draft_id
from tests.flows.house import House
from tests.flows.walk import Walk

T = TypeVar("T")

REASON = "The auditors want a copy in another account."
US, EU = "us-east-1", "eu-west-1"


@dataclass
class Team:
    """Anna asks, Ben and Chris may approve, Dora looks on, Gus is a guest, Pia is of another organization."""

    house: House

    @property
    def worlds(self) -> LocalWorlds:
        return self.house.worlds

    @property
    def clock(self) -> WorldClock:
        return self.worlds.clock

    @property
    def anna(self) -> Person:
        return self.worlds.slack.person(ANNA)

    @property
    def ben(self) -> Person:
        return self.worlds.slack.person(BEN)

    @property
    def chris(self) -> Person:
        return self.worlds.slack.person(CHRIS)

    @property
    def dora(self) -> Person:
        return self.worlds.slack.person(DORA)

    @property
    def gus(self) -> Person:
        return self.worlds.slack.person(GUEST)

    @property
    def pia(self) -> Person:
        return self.worlds.slack.person(PARTNER)

    def walk(self, person: Person | None = None) -> Walk:
        return Walk(self.house, person or self.anna)

    def prepare(
        self,
        table: str = "orders",
        *,
        keep: str = "As the source",
        days: int | None = None,
        reason: str = REASON,
        channel: str = BACKUPS,
        by: Person | None = None,
    ) -> Walk:
        """Walk up to the finished review."""
        return self.walk(by).open(table, channel).to_review(table, keep, days, reason)

    def ask(self, table: str = "orders", **choices: Any) -> str:
        """Ask for a copy by the walk; the id of the request, once its question stands in the thread."""
        known = set(self.house.request_ids())
        walk = self.prepare(table, **choices)
        walk.send()
        walk.reads("is sent")
        walk.person.close_modal()
        (request_id,) = set(self.house.request_ids()) - known
        self.question(request_id)
        return request_id

    def pending(
        self,
        table: str = "orders",
        *,
        keep: Keep = Keep.AS_SOURCE,
        days: int | None = None,
        reason: str = REASON,
        channel: str = BACKUPS,
    ) -> str:
        """A request of Anna's by the short way: a draft that a crash left half sent, which the bot then finishes."""
        form = Form(
            page=Page.REVIEW,
            account="backup",
            region=EU,
            vault="dr-vault",
            keep=keep,
            days=str(days or ""),
            reason=reason,
        )
        draft_id = self.leave_half_sent(table, form, channel)

        def sent() -> str | None:
            with self.house.store.begin() as tx:
                draft = tx.drafts.get(draft_id)
            return draft.request_id if draft else None

        request_id = self.house.eventually(sent, "the draft to be sent")
        assert request_id is not None
        self.question(request_id)
        return request_id

    def leave_half_sent(self, table: str, form: Form, channel: str = BACKUPS) -> str:
        """Put a draft of Anna's into the store whose sending was under way when the bot died; its id."""
        entry = self.house.eventually(lambda: self._point(table), f"a backup of {table} in the inventory")
        assert entry is not None
        now = self.clock.now()
        draft = Draft(
            id=new_draft_id(),
            actor=Actor(ANNA, TEAM, "anna"),
            channel=channel,
            timezone="Europe/Berlin",
            form=replace(form, table_key=entry.table_key, point_key=entry.key),
            state=DraftState.SENDING,
            version=1,
            created_at=now,
            updated_at=now,
            due_at=now,
        )
        with self.house.store.begin() as tx:
            tx.drafts.add(draft)
        return draft.id

    def approved(self, table: str = "orders", **choices: Any) -> str:
        """A request of Anna's that Ben has approved."""
        request_id = self.pending(table, **choices)
        self.ben.click(self.question(request_id), "Approve")
        return request_id

    def copied(self, table: str = "orders", **choices: Any) -> str:
        """The same, and AWS has copied."""
        request_id = self.approved(table, **choices)
        self.becomes(RequestState.COMPLETED, request_id)
        self.done()
        return request_id

    def card(self, request_id: str = "CB-1") -> Message:
        """The request's message in the channel, as it is now."""
        return self._own(request_id, "card")

    def question(self, request_id: str = "CB-1") -> Message:
        """The message in the thread that carried the buttons, as it is now."""
        return self._own(request_id, "ask")

    def reads(self, *words: str) -> Message:
        """Wait for a message in channel or thread that holds all of these words; the newest one."""

        def there() -> Message | None:
            found = [message for message in self.messages() if all(word in self.text(message) for word in words)]
            return found[-1] if found else None

        found = self.house.eventually(there, f"a message that reads {words}")
        assert found is not None
        return found

    def done(self, *words: str) -> Message:
        """Wait for the message that tells of the copy."""
        return self.reads("The copy has completed", *words)

    def card_reads(self, words: str, request_id: str = "CB-1") -> None:
        self.house.eventually(lambda: words in self.text(self.card(request_id)), f"a card that reads {words!r}")

    def question_reads(self, words: str, request_id: str = "CB-1") -> None:
        self.house.eventually(lambda: words in self.text(self.question(request_id)), f"a question that reads {words!r}")

    def messages(self, channel: str = BACKUPS) -> list[Message]:
        """All messages of the channel that everybody sees, replies included, oldest first."""
        there = self.worlds.slack.workspace.timeline.all_in(channel)
        return sorted((message for message in there if not message.ephemeral), key=lambda message: message.ts)

    def loses_its_buttons(self, message: Message) -> None:
        """Wait until a message stands there without buttons, and with all of its words."""
        channel = self.worlds.slack.channel(message.channel)

        def bare() -> bool:
            now = channel.message(message.ts)
            return now is not None and not now.buttons and now.text == message.text

        self.house.eventually(bare, f"no buttons any more at {message.text!r}")

    def said(self, words: str, channel: str = BACKUPS) -> list[Message]:
        """The messages that hold these words."""
        return [message for message in self.messages(channel) if words in self.text(message)]

    def text(self, message: Message) -> str:
        return render_message(message, self.worlds.slack.workspace)

    def whispered(self, person: Person, words: str) -> Message:
        """Wait until only this person is told these words."""

        def told() -> Message | None:
            return next((message for message in person.ephemerals if words in self.text(message)), None)

        found = self.house.eventually(told, f"{person.id} to be told {words!r}, beside {self.whispers(person)}")
        assert found is not None
        return found

    def whispers(self, person: Person) -> list[str]:
        return [self.text(message) for message in person.ephemerals]

    def quiet(self) -> None:
        """Wait until the bot has said, judged and sent all that it has in hand."""
        self.house.eventually(self.house.is_quiet, f"the bot to be done: {self.house.notices()}")

    def state(self, request_id: str = "CB-1") -> RequestState:
        return self.house.request(request_id).state

    def becomes(self, state: RequestState, request_id: str = "CB-1") -> None:
        self.house.eventually(lambda: self.state(request_id) is state, f"{request_id} to become {state}")

    def wait(self, predicate: Callable[[], T], what: str) -> T:
        return self.house.eventually(predicate, what)

    def later(self, **by: float) -> None:
        """Move the worlds' clock."""
        self.clock.advance(timedelta(**by))

    def jobs(self) -> list[dict[str, Any]]:
        """The copy jobs that AWS has where the tables are."""
        return self.worlds.aws.world.copy_jobs(PROD, US)

    def aws_calls(self, operation: str) -> Sequence[Any]:
        return [call for call in self.worlds.aws.world.calls if call.operation == operation]

    def newest_backup(self, table: str = "orders") -> str:
        """The ARN of the table's newest backup."""
        points = self.worlds.aws.world.state.books(PROD, US).vaults["daily"].points.values()
        return str(max((p for p in points if p.resource_name == table), key=lambda p: p.created_at).arn)

    def copies(self, region: str = EU) -> list[Any]:
        """The recovery points in the vault for disasters."""
        return list(self.worlds.aws.world.state.books(BACKUP, region).vaults["dr-vault"].points.values())

    def _point(self, table: str) -> PointEntry | None:
        with self.house.store.read() as tx:
            held = [entry for place in tx.inventory.revisions() for entry in tx.inventory.held(*place)]
            keys = [entry.key for entry in held if entry.name == table]
            return next(tx.inventory.points(keys[0]), None) if keys else None

    def _own(self, request_id: str, which: str) -> Message:
        def there() -> Message | None:
            with self.house.store.begin() as tx:
                request = tx.requests.get(request_id)
            ts = (request.card_ts if which == "card" else request.ask_ts) if request else None
            return self.worlds.slack.channel(request.channel).message(ts) if request and ts else None

        found = self.house.eventually(there, f"the {which} of {request_id}")
        assert found is not None
        return found
