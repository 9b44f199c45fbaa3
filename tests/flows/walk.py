"""One person's walk through the modal, page by page, by the labels they read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import BACKUPS, ClientRefusal, CommandResult, Person, SubmitResult, View, render_view
from tests.flows.house import House

PAGES = 4


@dataclass
class Walk:
    """Everything a method waits for is something the person sees."""

    house: House
    person: Person

    def open(self, words: str = "", channel: str = BACKUPS) -> "Walk":
        """Type the command and wait for the first page."""
        self.type(words, channel)
        return self.on_page(1)

    def type(self, words: str = "", channel: str = BACKUPS) -> CommandResult:
        return self.person.command(f"/copy-backup {words}".strip(), channel=channel)

    @property
    def view(self) -> View:
        assert self.person.modal is not None, "no modal is open"
        return self.person.modal

    @property
    def text(self) -> str:
        """What the person reads."""
        return render_view(self.view, self.house.worlds.slack.workspace)

    @property
    def labels(self) -> list[str]:
        return [block["label"]["text"] for block in self.view.blocks if block["type"] == "input"]

    def block(self, label: str) -> str:
        """The block id behind a label."""
        return next(
            str(block["block_id"]) for block in self.view.blocks if (block.get("label") or {}).get("text") == label
        )

    def value(self, label: str) -> str:
        """What a field holds: the text of a chosen option, or what was typed; "" when it is empty."""
        block = next(block for block in self.view.blocks if (block.get("label") or {}).get("text") == label)
        state = self.view.values[block["block_id"]][block["element"]["action_id"]]
        if "selected_options" in state:
            return ", ".join(str(option["text"]["text"]) for option in state["selected_options"] or ())
        option = state.get("selected_option")
        return str(option["text"]["text"]) if option else str(state.get("value") or "")

    def reads(self, words: str) -> "Walk":
        """Wait until these words are on the screen."""
        self.house.eventually(lambda: self.person.modal and words in self.text, f"a modal that reads {words!r}")
        return self

    def on_page(self, number: int) -> "Walk":
        return self.reads(f"Step {number} of {PAGES}")

    def has(self, label: str) -> "Walk":
        self.house.eventually(lambda: self.person.modal and label in self.labels, f"a field {label!r}")
        return self

    def table(self, typed: str, option: str | None = None) -> "Walk":
        """Search a table and choose it; its backups appear."""
        return self._redrawn(lambda: self.person.choose("Table", typed, option)).has("Backup")

    def backup(self, typed: str = "", option: str | None = None) -> "Walk":
        """Choose a backup, the newest one by default."""
        self.has("Backup").person.choose("Backup", typed, option)
        return self

    def account(self, alias: str) -> "Walk":
        return self._redrawn(lambda: self.person.fill("Account", alias)).has("Region")

    def region(self, name: str) -> "Walk":
        return self._redrawn(lambda: self.person.fill("Region", name))

    def vault(self, name: str) -> "Walk":
        self.has("Vault").person.fill("Vault", name)
        return self

    def destination(self, account: str = "backup", region: str = "eu-west-1", vault: str = "dr-vault") -> "Walk":
        return self.account(account).region(region).vault(vault)

    def press(self, button: str) -> "Walk":
        """Press a button of the page, after which it is shown anew."""
        return self._redrawn(lambda: self.person.press(button))

    def write(self, label: str, text: str | None) -> "Walk":
        self.has(label).person.fill(label, text)
        return self

    def date(self, day: str) -> "Walk":
        """Pick a date; what it comes to is shown then."""
        return self._redrawn(lambda: self.person.fill("Until", day))

    def complete(self) -> bool:
        """Whether Slack itself lets the page be submitted."""
        try:
            self.person.submit()
        except ClientRefusal:
            return False
        return True

    def choose_route(self, option: str) -> "Walk":
        return self._redrawn(lambda: self.person.fill("Route", option))

    def recall(self, option: str) -> "Walk":
        """Choose one of the last destinations."""
        return self._redrawn(lambda: self.person.fill("Where you copied last", option)).has("Vault")

    def options(self, label: str) -> list[dict[str, Any]]:
        """What a select offers that has its options in the view."""
        block = next(block for block in self.view.blocks if (block.get("label") or {}).get("text") == label)
        return list(block["element"]["options"])

    def gone(self, words: str) -> "Walk":
        """Wait until these words are not on the screen any more."""
        self.house.eventually(lambda: self.person.modal and words not in self.text, f"a modal without {words!r}")
        return self

    def keep(self, how: str, days: int | str | None = None) -> "Walk":
        self._redrawn(lambda: self.person.fill("Keep the copy", how))
        if days is not None:
            self.has("Days").person.fill("Days", str(days))
        return self

    def why(self, reason: str | None) -> "Walk":
        self.person.fill("Reason", reason)
        return self

    def next(self) -> "Walk":
        """Press the page's own button and wait for the next page."""
        number = next(number for number in range(1, PAGES) if f"Step {number} of" in self.text)
        result = self.person.submit()
        assert result.outcome == "updated", (result.outcome, result.errors, result.answer)
        return self.on_page(number + 1)

    def back(self) -> "Walk":
        number = next(number for number in range(2, PAGES + 1) if f"Step {number} of" in self.text)
        self.person.press("Back")
        return self.on_page(number - 1)

    def refused(self) -> Mapping[str, str]:
        """Press the page's own button; the error under each field, by label."""
        result = self.person.submit()
        assert result.outcome == "errors", (result.outcome, result.answer)
        labels = {block["block_id"]: (block.get("label") or {}).get("text", "") for block in self.view.blocks}
        return {labels[block]: sentence for block, sentence in result.errors.items()}

    def reviewed(self) -> "Walk":
        """Wait until pre-flight has answered, whatever it said."""
        self.house.eventually(
            lambda: self.person.modal and (self.view.submit_text or "[Check again]" in self.text), "the finished review"
        )
        return self

    def send(self) -> SubmitResult:
        """Press Send request, without waiting for what becomes of it."""
        return self.reviewed().person.submit()

    def to_review(self, table: str, keep: str, days: int | None, reason: str) -> "Walk":
        """The whole walk, from a first page that has the table chosen already, to a finished review."""
        self.has("Backup").backup().next()
        self.destination().next()
        return self.keep(keep, days).why(reason).next().reviewed()

    def _redrawn(self, choose: Callable[[], object]) -> "Walk":
        """Do something after which the bot shows the page anew, and wait until it did."""
        before = self.view.hash
        choose()
        self.house.eventually(lambda: self.person.modal and self.view.hash != before, "the page to be shown anew")
        return self
