"""One person's way through the forms for restores, drills and schedules, by the labels they read."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack import BACKUPS
from tests.flows.team import Team
from tests.flows.walk import Walk


class Form(Walk):
    """Everything a method waits for is something the person sees."""

    def begin(self, words: str, label: str, channel: str = BACKUPS) -> "Form":
        """Type the command and wait until the form has this field."""
        self.type(words, channel)
        self.has(label)
        return self

    def pick(self, label: str, typed: str = "", option: str | None = None, *, redraws: bool = True) -> "Form":
        """Search a select and choose; where other fields hang on it, wait until the form is shown anew."""
        self.has(label)
        if redraws:
            self._redrawn(lambda: self.person.choose(label, typed, option))
        else:
            self.person.choose(label, typed, option)
        return self

    def select(self, label: str, option: str, *, redraws: bool = True) -> "Form":
        self.has(label)
        if redraws and self.value(label) != option:
            self._redrawn(lambda: self.person.fill(label, option))
        else:
            self.person.fill(label, option)
        return self

    def write(self, label: str, text: str | None) -> "Form":
        self.has(label).person.fill(label, text)
        return self

    def reviewed(self) -> "Form":
        """Press Review and wait for what pre-flight found."""
        result = self.person.submit()
        assert result.outcome == "updated", (result.outcome, result.errors, result.answer)
        self.house.eventually(
            lambda: self.person.modal and (self.view.submit_text or "[Change]" in self.text), "the review"
        )
        return self

    def objection(self) -> Mapping[str, str]:
        """Press Review; the error under each field, by label."""
        return self.refused()

    def sent(self, team: Team) -> str:
        """Press Send request; the id of the request, once its question stands in the thread."""
        known = set(self.house.request_ids())
        assert self.view.submit_text == "Send request", self.text
        self.person.submit()
        self.reads("is sent")
        self.person.close_modal()
        (request_id,) = set(self.house.request_ids()) - known
        team.question(request_id)
        return request_id


def form(team: Team, person: Any = None) -> Form:
    return Form(team.house, person or team.anna)
