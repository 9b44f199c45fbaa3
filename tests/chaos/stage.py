"""What the people of a scene need: they act until what they see in Slack says that they were heard."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any, TypeVar

from bot.domain.notices import NoticeKind
from bot.sandbox.slack import BACKUPS, ClientRefusal, Message, Person
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.clock import tell_time
from tests.chaos.nursery import CLOCK
from tests.chaos.people import IDS, REASON, GaveUp, Screen
from tests.chaos.witness import Request, Seen
from tests.flows.forms import Form

T = TypeVar("T")

# How long a person looks for what their click does before they click again; how long for a request they typed.
HEARD, ASKED = 4.0, 12.0
PAUSE = 0.1


@dataclass
class Stage:
    """One scene's worlds as its people see them; the clock may be moved, since nothing else is played beside it."""

    worlds: LocalWorlds
    seen: Seen
    patience: float
    stop: Event
    troubles: list[str] = field(default_factory=list)
    # The requests that people mean; those that came of asking twice are cancelled.
    _wanted: set[str] = field(default_factory=set)

    def person(self, name: str) -> Person:
        return self.worlds.slack.person(IDS.get(name, name))

    def until(self, there: Callable[[], T | None], act: Callable[[], object], what: str, heard: float = HEARD) -> T:
        """Act, and act again, until something is there to be seen. Raises GaveUp."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline and not self.stop.is_set():
            if found := self.look(there, 0):
                return found
            if not _is_done(act):
                self.stop.wait(PAUSE)
                continue
            if found := self.look(there, heard):
                return found
        raise GaveUp(what)

    def look(self, there: Callable[[], T | None], seconds: float) -> T | None:
        try:
            return self.worlds.slack.wait_until(there, seconds)
        except TimeoutError:
            return None

    def wait(self, there: Callable[[], T | None], what: str) -> T:
        """Wait for something to be seen, without a hand being moved. Raises GaveUp."""
        return self.until(there, lambda: None, what)

    def later(self, **time: float) -> None:
        self.worlds.clock.advance(timedelta(**time))
        tell_time(self.worlds.clock, self.worlds.folder / CLOCK)

    def said(self, kind: NoticeKind, *words: str) -> Message | None:
        """The newest message of a kind that reads these words, in whatever channel."""
        found = [message for message in self.seen.all_of(kind) if all(word in reading(message) for word in words)]
        return found[-1] if found else None

    def whispered(self, name: str, *words: str) -> Message | None:
        found = self.person(name).ephemerals
        return next((one for one in reversed(found) if all(word in reading(one) for word in words)), None)

    def press(self, name: str, kind: NoticeKind, button: str, *words: str) -> Callable[[], bool]:
        """Press a button of the newest message of a kind that has it."""

        def act() -> bool:
            message = self.said(kind, f'"{button}"', *words)
            return message is not None and bool(self.person(name).click(message, button).ok)

        return act

    def request(self, request_id: str) -> Request:
        return next(one for one in self.seen.requests() if one.id == request_id)

    def order(self, words: str, about: str, name: str = "anna", channel: str = BACKUPS) -> str:
        """Type a complete order about a table; the id of its request, once its question stands in the thread."""
        line = f"/copy-backup {words} because {REASON}"
        return self.ask(lambda: self.person(name).command(line, channel=channel).answer.ok, about)

    def ask(self, act: Callable[[], object], about: str) -> str:
        """Do what makes a request about something; its id."""

        def there() -> str | None:
            new = (one for one in self.seen.requests() if one.id not in self._wanted and about in one.text)
            return next((one.id for one in new if one.question), None)

        found = self.until(there, act, f"a request about {about}", ASKED)
        self._wanted.add(found)
        return found

    def expect(self, request_id: str) -> None:
        """This request is meant."""
        self._wanted.add(request_id)

    def approve(self, request_id: str, name: str = "ben") -> None:
        """Approve, and once more where the question was asked anew meanwhile."""
        known = self.request(request_id).kinds[NoticeKind.APPROVED]

        def act() -> object:
            for message in reversed(self.seen.told(request_id)):
                for button in ("Approve again", "Approve"):
                    if f'"text": "{button}"' in reading(message):
                        return self.person(name).click(message, button).ok
            return False

        self.until(lambda: self.request(request_id).kinds[NoticeKind.APPROVED] > known, act, f"{request_id} approved")

    def ended(self, request_id: str) -> Request:
        return self.wait(lambda: one if (one := self.request(request_id)).ended else None, f"the end of {request_id}")

    def form(self, name: str = "anna") -> Form:
        return Form(Screen(self.worlds, http=False), self.person(name))

    def with_form(self, fill_in: Callable[[Form], Any], name: str = "anna") -> Callable[[], bool]:
        """Fill in a form from its beginning to Send request; what is left of it is closed."""

        def act() -> bool:
            person = self.person(name)
            if person.modal:
                person.close_modal(everything=True)
            try:
                form = self.form(name)
                fill_in(form)
                if form.view.submit_text == "Send request":
                    form.person.submit()
                    return True
                return False
            finally:
                if person.modal:
                    person.close_modal(everything=True)

        return act

    def tidy(self) -> None:
        """Cancel what came of asking a second time because the first looked lost."""
        for request in self.seen.requests():
            if request.undecided and request.question and request.id not in self._wanted and self._wanted:
                with suppress(ClientRefusal):
                    self.person("anna").click(request.question, "Cancel request")


def _is_done(act: Callable[[], object]) -> bool:
    """Whether a person could do what they wanted; what Slack or the bot made of it is for them to see."""
    try:
        return act() is not False
    except (ClientRefusal, GaveUp, AssertionError, TimeoutError):
        return False


def reading(message: Message) -> str:
    """All that stands in a message, its blocks as JSON."""
    return f"{message.text}\n{json.dumps(message.blocks, ensure_ascii=False)}"
