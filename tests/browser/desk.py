"""A person at the page: what they read, type and click, by the words that stand on it."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from bot.sandbox.slack import BACKUPS, LocalSlack

# The browser itself logs every answer above 399; a 409 is the workspace saying what a client would not let one do.
REFUSED = "the server responded with a status of 409"


@dataclass
class Desk:
    """One window with the page in it."""

    page: Page
    slack: LocalSlack
    shots: Path | None = None
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._watch)

    def sit_down(self, user: str, place: str = BACKUPS) -> "Desk":
        """Open the page as this person, in this channel."""
        self.page.goto(f"{self.slack.page_url}#/{user}/{place}")
        expect(self.page.locator(".frame")).to_be_visible()
        return self

    @property
    def composer(self) -> Locator:
        return self.page.locator(".channel .composer textarea")

    @property
    def modal(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def thread(self) -> Locator:
        return self.page.locator(".thread")

    @property
    def panel(self) -> Locator:
        return self.page.locator(".panel")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".channel .message")

    def type_line(self, line: str) -> None:
        """Write a line where one writes messages, and send it."""
        self.composer.fill(line)
        self.composer.press("Enter")

    def act_as(self, name: str) -> None:
        row = self.page.locator(".person", has_text=name)
        row.click()
        expect(row).to_have_attribute("aria-pressed", "true")

    def choose(self, label: str, option: str, typed: str = "") -> None:
        """Open a menu of the modal, type in it, click an option."""
        menu = self.modal.get_by_role("combobox", name=label, exact=True)
        menu.click()
        if typed:
            menu.press_sequentially(typed)
        self.modal.get_by_role("option", name=option).first.click()
        expect(self.modal.get_by_role("listbox")).to_have_count(0)

    def press(self, button: str) -> None:
        """Press a button of the modal."""
        self.modal.get_by_role("button", name=button, exact=True).click()

    def reads(self, words: str) -> None:
        """Wait until the modal shows these words."""
        expect(self.modal).to_contain_text(words)

    def open_thread(self) -> None:
        self.page.locator(".channel .thread-link").last.click()
        expect(self.thread).to_be_visible()

    def confirm(self, button: str) -> None:
        """Press a button of the confirm dialog."""
        self.page.get_by_role("alertdialog").get_by_role("button", name=button, exact=True).click()

    def order(self, failure: str) -> None:
        """Order a failure from the panel."""
        self.panel.locator(".failure", has_text=failure).get_by_role("button").or_(
            self.panel.locator(".failure", has_text=failure).get_by_role("switch")
        ).click()

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Press Tab (with Shift: back) until the target has the focus."""
        expect(target).to_be_visible()
        for _ in range(80):
            if target.count() and target.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab never leads to {target}")

    def shoot(self, name: str) -> None:
        """Write a picture of the window, if pictures are wanted."""
        if self.shots is not None:
            self.page.screenshot(path=self.shots / f"{name}.png")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and REFUSED not in message.text:
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.slack.page_url).netloc:
            self.strangers.append(request.url)
