"""The people of a schedule: they ask, decide and try again until what they see in Slack says that they were heard."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Event, RLock, Thread
from typing import TypeVar

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import ANNA, BACKUPS, BEN, CHRIS, DORA, ClientRefusal, Message, Person
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.script import Ending, Story
from tests.chaos.witness import Seen
from tests.flows.house import House
from tests.flows.walk import Walk

T = TypeVar("T")

IDS = {"anna": ANNA, "ben": BEN, "chris": CHRIS, "dora": DORA}
REASON = "The auditors want a copy in another account."
# How long a person looks at a form that does not move, and at a thread that does not answer, before they act again.
FORM_PATIENCE, SENT_PATIENCE, ANSWER_PATIENCE = 6.0, 15.0, 15.0
PAUSE = timedelta(milliseconds=200)


class GaveUp(Exception):
    """A person was not heard in time; the text says what they wanted."""


def own_channel(asker: str) -> str:
    """The id of a person's own channel."""
    return f"C0TEAM{asker.upper()}"


def channel_of(story: Story) -> str:
    """Where the request is asked for: in the channel of all, or in the asker's own."""
    return own_channel(story.asker) if story.own_channel else BACKUPS


@dataclass
class Screen(House):
    """What the walk needs, with a person's patience instead of a test's."""

    def eventually(self, predicate: Callable[[], T], what: str) -> T:
        try:
            return self.worlds.slack.wait_until(predicate, FORM_PATIENCE, what)
        except TimeoutError as error:
            raise GaveUp(str(error)) from error


@dataclass
class People:
    """Plays one story, in a thread of its own, up to the end that Slack shows."""

    worlds: LocalWorlds
    seen: Seen
    patience: float
    stop: Event
    key_arn: str = ""
    troubles: list[str] = field(default_factory=list)
    # The requests that people mean to decide about; those that came of asking twice are not among them.
    _wanted: set[str] = field(default_factory=set)
    # A person has one screen: of two forms on it, only the upper one can be filled in.
    _screens: dict[str, RLock] = field(default_factory=lambda: defaultdict(RLock))

    def play(self, story: Story) -> None:
        """Ask, answer, and see it through; what people were not heard about is kept in `troubles`."""
        try:
            self.stop.wait(story.after)
            request_id = self._ask(story)
            self._wanted.add(request_id)
            self._answer(story, request_id)
            self._see_through(story)
        except GaveUp as error:
            self.troubles.append(f"{story.table}: {error}")

    def tidy(self, stories: Sequence[Story]) -> None:
        """Cancel what came of asking a second time because the first looked lost: its asker wants one copy only.

        Which one counts was settled when the first was decided.
        """
        askers = {story.table: story.asker for story in stories if story.ending is not Ending.LAPSED}
        for request in self.seen.requests():
            if request.undecided and request.question and request.table in askers and request.id not in self._wanted:
                self._click(request.id, askers[request.table], "Cancel request")

    def _person(self, name: str) -> Person:
        return self.worlds.slack.person(IDS[name])

    def _ask(self, story: Story) -> str:
        """Ask until the question stands in the channel; whoever saw no sign of it asks again."""
        person, deadline = self._person(story.asker), time.monotonic() + self.patience
        while time.monotonic() < deadline:
            sent = self._type(story, person) if story.shape.words else self._fill_in(story, person)
            if found := self._asked(story, SENT_PATIENCE if sent else PAUSE.total_seconds()):
                return found
        raise GaveUp("the request never appeared")

    def _type(self, story: Story, person: Person) -> bool:
        """Type a complete order; whether it was heard."""
        words = story.shape.words.format(table=story.table, key=self.key_arn)
        try:
            return person.command(f"/copy-backup {words} because {REASON}", channel=channel_of(story)).answer.ok
        except ClientRefusal:
            return False

    def _fill_in(self, story: Story, person: Person) -> bool:
        """Walk through the form; whether Send request was pressed."""
        with self._screens[person.id]:
            try:
                walk = Walk(Screen(self.worlds, http=False), person).open(story.table, channel_of(story))
                walk.to_review(story.table, "As the source", None, REASON).send()
            except (GaveUp, ClientRefusal, AssertionError):
                return False
            finally:
                if person.modal:
                    person.close_modal(everything=True)
        return True

    def _asked(self, story: Story, patience: float) -> str | None:
        def there() -> str | None:
            asked = [request for request in self.seen.requests() if request.table == story.table and request.question]
            return asked[0].id if asked else None

        return self._look(there, patience)

    def _answer(self, story: Story, request_id: str) -> None:
        match story.ending:
            case Ending.APPROVED:
                self._until_decided(story, request_id, lambda: self._click(request_id, "ben", "Approve"))
            case Ending.APPROVED_TWICE:
                both = (("ben", "Approve"), ("chris", "Approve"))
                self._until_decided(story, request_id, lambda: self._at_once(request_id, both))
            case Ending.CONTESTED:
                self._until_decided(story, request_id, lambda: self._contest(request_id))
            case Ending.REJECTED:
                self._until_decided(story, request_id, lambda: self._reject(request_id, "ben"))
            case Ending.CANCELLED:
                self._until_decided(story, request_id, lambda: self._click(request_id, story.asker, "Cancel request"))
            case Ending.LAPSED:
                pass

    def _until_decided(self, story: Story, request_id: str, act: Callable[[], bool]) -> None:
        """Act until the thread tells a decision. Who was acknowledged waits a while for it before they act again."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            heard = act()
            if self._look(lambda: self.seen.decided(request_id), ANSWER_PATIENCE if heard else 0.3):
                return
        raise GaveUp(f"{request_id} was never decided ({story.ending})")

    def _click(self, request_id: str, who: str, button: str) -> bool:
        question = self._question(request_id)
        try:
            return question is not None and self._person(who).click(question, button).ok
        except ClientRefusal:
            # The button is gone, or the bot does not answer.
            return False

    def _at_once(self, request_id: str, clicks: tuple[tuple[str, str], ...]) -> bool:
        return self._side_by_side([lambda who=who, b=b: self._click(request_id, who, b) for who, b in clicks])  # type: ignore[misc]

    def _contest(self, request_id: str) -> bool:
        return self._side_by_side(
            [lambda: self._click(request_id, "ben", "Approve"), lambda: self._reject(request_id, "chris")]
        )

    def _side_by_side(self, acts: list[Callable[[], bool]]) -> bool:
        barrier, heard = Barrier(len(acts)), []

        def run(act: Callable[[], bool]) -> None:
            barrier.wait()
            heard.append(act())

        threads = [Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return any(heard)

    def _reject(self, request_id: str, who: str) -> bool:
        with self._screens[IDS[who]]:
            return self._click(request_id, who, "Reject") and self._fill_in_why(self._person(who))

    def _fill_in_why(self, person: Person) -> bool:
        try:
            person.wait_for_modal("Reject the request", timeout=FORM_PATIENCE)
            person.fill("Reason", "Use last week's copy instead.")
            return person.submit().outcome == "closed"
        except (TimeoutError, ClientRefusal):
            return False
        finally:
            if person.modal:
                person.close_modal(everything=True)

    def _see_through(self, story: Story) -> None:
        """Wait until every request about the table has come to an end; a failed copy is tried again, once."""
        deadline, tried = time.monotonic() + self.patience, set[tuple[str, int]]()
        while time.monotonic() < deadline:
            open_ones = [request for request in self.seen.requests() if request.table == story.table]
            for request in open_ones:
                failure = (request.id, request.kinds[NoticeKind.FAILED])
                if request.failed and failure not in tried and self._try_again(request.id):
                    tried.add(failure)
            self.tidy([story])
            if open_ones and all(request.ended and (not request.failed) for request in open_ones):
                return
            for request in open_ones:
                if request.undecided and request.id in self._wanted and story.ending is not Ending.LAPSED:
                    # Asked anew, because what was approved had changed before it began.
                    self._click(request.id, "ben", "Approve")
            self.stop.wait(PAUSE.total_seconds())
        states = {request.id: request.status for request in self.seen.requests() if request.table == story.table}
        raise GaveUp(f"never came to an end: {states}")

    def _try_again(self, request_id: str) -> bool:
        """Press the newest button that offers it."""
        for message in reversed(self.seen.told(request_id)):
            if "Try again" in json.dumps(message.blocks):
                try:
                    return self._person("ben").click(message, "Try again").ok
                except ClientRefusal:
                    return False
        return False

    def _question(self, request_id: str) -> Message | None:
        found = [request.question for request in self.seen.requests() if request.id == request_id]
        return found[0] if found else None

    def _look(self, predicate: Callable[[], T], patience: float) -> T | None:
        try:
            return self.worlds.slack.wait_until(predicate, patience)
        except TimeoutError:
            return None
