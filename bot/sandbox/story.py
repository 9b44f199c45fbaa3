"""The main job as people would do it, over Slack's own protocol: ask, approve, copy, be told, be warned."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.sandbox.slack import ANNA, BACKUPS, BEN, Message, Person, View, render_message, render_view
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds

PATIENCE = 30.0
KEEP_DAYS = 90


class StoryEnded(Exception):
    """A step of the story did not happen; the text says which."""


@dataclass
class Story:
    """Plays the main job and tells what people see, as it happens."""

    worlds: LocalWorlds
    tell: Callable[[str], None]
    _seen: dict[str, str] = field(default_factory=dict)

    def play(self) -> str:
        """Play it to the end; one line that says what was copied where, under which copy job.

        Raises StoryEnded with the step that did not happen.
        """
        done = self._copied()
        job = self._job()
        with self._step(f"{KEEP_DAYS - 30} days later, 30 days before the copy expires"):
            self.worlds.clock.advance(timedelta(days=KEEP_DAYS - 30))
            self._message("AWS deletes it within")
        self._show_news()
        return self._summary(job, done)

    def _copied(self) -> Message:
        """Anna asks, Ben approves, AWS copies; the message that tells of the copy."""
        anna, ben = self.worlds.slack.person(ANNA), self.worlds.slack.person(BEN)
        with self._step("Anna types /copy-backup orders"):
            anna.command("/copy-backup orders", channel=BACKUPS)
        self._walk(anna)
        with self._step("the request appears in the channel, with its question in the thread"):
            question = self._message("asks to copy", "Approve")
        with self._step("Ben approves in the thread"):
            ben.click(question, "Approve", confirm=True)
        with self._step("the copy job starts"):
            self._message("The copy has started")
        with self._step("the copy completes"):
            return self._message("The copy has completed")

    def _walk(self, anna: Person) -> None:
        with self._step("step 1: the table and one of its backups"):
            self._page(anna, "Step 1")
            self._page_with(anna, "Backup")
            anna.choose("Backup", "")
            self._show_view(anna)
            self._next(anna, "Step 2")
        with self._step("step 2: account, Region and vault of the copy"):
            anna.fill("Account", "backup")
            self._page_with(anna, "Region")
            anna.fill("Region", "eu-west-1")
            self._page_with(anna, "Vault")
            anna.fill("Vault", "dr-vault")
            self._show_view(anna)
            self._next(anna, "Step 3")
        with self._step("step 3: how long, and why"):
            anna.fill("Keep the copy", "As the source")
            anna.fill("Reason", "Quarterly disaster recovery copy, asked for by the auditors.")
            self._show_view(anna)
            self._next(anna, "Step 4")
        with self._step("step 4: the review, and Send request"):
            anna.wait_for_modal(lambda view: view.submit_text == "Send request", timeout=PATIENCE)
            self._show_view(anna)
            anna.submit()
            anna.wait_for_modal("is sent", timeout=PATIENCE)
            self._show_view(anna)
            anna.close_modal()

    def _page(self, person: Person, text: str) -> View:
        return person.wait_for_modal(text, timeout=PATIENCE)

    def _page_with(self, person: Person, label: str) -> View:
        def shows(view: View) -> bool:
            return any((block.get("label") or {}).get("text") == label for block in view.blocks)

        return person.wait_for_modal(shows, timeout=PATIENCE)

    def _next(self, person: Person, text: str) -> None:
        result = person.submit()
        if result.errors:
            raise StoryEnded(f"the form refused: {result.errors}")
        self._page(person, text)

    def _message(self, *texts: str) -> Message:
        """Wait for a message of the thread that shows all of these texts."""
        found: list[Message] = []

        def said() -> bool:
            found[:] = [message for message in self._thread() if all(text in self._read(message) for text in texts)]
            return bool(found)

        self.worlds.slack.wait_until(said, timeout=PATIENCE)
        self._show_news()
        return found[-1]

    def _thread(self) -> list[Message]:
        channel = self.worlds.slack.channel(BACKUPS)
        roots = [message for message in channel.messages if message.thread_ts in (None, message.ts)]
        return [message for root in roots for message in channel.thread(root.ts)]

    def _read(self, message: Message) -> str:
        return render_message(message, self.worlds.slack.workspace)

    def _show_news(self) -> None:
        """Tell every message that is new, and of a changed one the lines that are."""
        above = ""
        for message in self._thread():
            text = self._read(message)
            before = self._seen.get(message.ts)
            reply = message.thread_ts not in (None, message.ts)
            if text != before:
                self._seen[message.ts] = text
                # A request's question is what stands right below its card.
                what = ("the question" if above == message.thread_ts else "an earlier message") if reply else "the card"
                self.tell(_framed(text, what, reply=reply, before=before))
            above = message.ts

    def _show_view(self, person: Person) -> None:
        if person.modal is not None:
            self.tell(_indented(render_view(person.modal, self.worlds.slack.workspace), "      │ "))

    def _job(self) -> dict[str, Any]:
        jobs = self.worlds.aws.world.copy_jobs(PROD, "us-east-1")
        if len(jobs) != 1:
            raise StoryEnded(f"AWS has {len(jobs)} copy jobs instead of one")
        return jobs[0]

    def _summary(self, job: dict[str, Any], done: Message) -> str:
        if job["State"] != "COMPLETED" or job["DestinationRecoveryPointArn"] not in done.text + str(done.blocks):
            raise StoryEnded(f"AWS reports copy job {job['CopyJobId']} as {job['State']}")
        return (
            f"Copied {job['ResourceName']} from prod (us-east-1) to {job['DestinationBackupVaultArn']} "
            f"in account {BACKUP}, under copy job {job['CopyJobId']}."
        )

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.tell(f"\n▸ {name[0].upper()}{name[1:]}")
        try:
            yield
        except StoryEnded as ended:
            raise StoryEnded(f"{name}: {ended}") from ended
        except Exception as error:
            raise StoryEnded(f"{name}: {type(error).__name__}: {error}") from error


def _framed(text: str, what: str, *, reply: bool, before: str | None) -> str:
    margin = "      ┃     " if reply else "      ┃ "
    if before is not None:
        known = set(before.splitlines())
        news = "\n".join(line for line in text.splitlines() if line not in known)
        return f"      ┃ ({what} now reads)\n{_indented(news, margin)}"
    first, _, rest = text.partition("\n")
    return f"      ┃ {'  ↳ ' if reply else ''}{first}\n{_indented(rest, margin)}"


def _indented(text: str, margin: str) -> str:
    return "\n".join(f"{margin}{line}" for line in text.splitlines())
