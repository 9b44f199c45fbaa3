"""Restores, drills, changed plans and recurring copies as people would do them, over Slack's own protocol."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from bot.sandbox.slack import ANNA, BACKUPS, BEN, Message, Person, View
from bot.sandbox.story import PATIENCE, Story, StoryEnded
from bot.sandbox.worlds import BACKUP, PROD

HOME = "us-east-1"
TABLE = "orders"
RESTORED = "orders-back"
PLAN_VAULT = f"arn:aws:backup:eu-west-1:{BACKUP}:backup-vault:dr-vault"


@dataclass
class FormStory(Story):
    """What the stories with one form have in common."""

    @property
    def anna(self) -> Person:
        return self.worlds.slack.person(ANNA)

    def _opened(self, command: str, label: str) -> None:
        with self._step(f"Anna types {command}"):
            self.anna.command(command, channel=BACKUPS)
            self._page_with(self.anna, label)

    def _sent(self, review: str) -> None:
        """Review, read it, send."""
        with self._step("the review, and Send request"):
            result = self.anna.submit()
            if result.errors:
                raise StoryEnded(f"the form refused: {result.errors}")
            self._page(self.anna, review)
            self.anna.wait_for_modal(lambda view: view.submit_text == "Send request", timeout=PATIENCE)
            self._show_view(self.anna)
            self.anna.submit()
            self.anna.wait_for_modal("is sent", timeout=PATIENCE)
            self.anna.close_modal()

    def _approved(self, asks: str) -> None:
        with self._step("the question stands in the thread, and Ben approves"):
            question = self._message(asks, "Approve")
            self.worlds.slack.person(BEN).click(question, "Approve", confirm=True)

    def _told(self, step: str, *words: str) -> Message:
        with self._step(step):
            return self._message(*words)

    def _redrawn(self, work: Callable[[], object]) -> None:
        """A choice after which the form is shown anew."""
        before = self.anna.modal.hash if self.anna.modal else ""
        work()

        def is_new(view: View) -> bool:
            return bool(view.hash != before)

        self.anna.wait_for_modal(is_new, timeout=PATIENCE)

    def _tables(self) -> dict[str, Any]:
        return dict(dynamodb_backends[PROD][HOME].tables)

    def _items(self, name: str) -> list[Any]:
        return sorted((item.to_json()["Attributes"] for item in self._tables()[name].all_items()), key=str)


class RestoreStory(FormStory):
    """A table is lost; its copy in the other account is copied back and restored."""

    def play(self) -> str:
        table = self._tables()[TABLE]
        table.tags = [{"Key": "team", "Value": "checkout"}]
        table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
        self._copied()
        self._recorded()
        before = self._items(TABLE)
        with self._step("somebody deletes the table orders"):
            dynamodb_backends[PROD][HOME].delete_table(TABLE)
        self._opened("/copy-backup restore orders", "Backup or copy")
        with self._step("the copy in the other account, a vault to copy it back to, a new name"):
            self._redrawn(lambda: self.anna.choose("Backup or copy", "backup"))
            self._page_with(self.anna, "Copy it first to")
            self.anna.choose("Copy it first to", "daily")
            self.anna.fill("New table", RESTORED)
            self.anna.fill("Reason", "Somebody deleted the table.")
            self._show_view(self.anna)
        self._sent("Step 1 of 2")
        self._approved("asks to restore")
        self._told("the copy comes back", "The copy has completed", "to prod")
        self._told("the table is back", "is back as")
        self._show_news()
        if self._items(RESTORED) != before:
            raise StoryEnded(f"{RESTORED} does not hold what {TABLE} held")
        return f"Restored {TABLE} as {RESTORED}: {len(before)} items, equal to those it had."

    def _recorded(self) -> None:
        """Wait until the bot has read how the table is set up: the scan for its sample comes last."""
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while not any(call.operation == "Scan" for call in self.worlds.aws.world.calls):
            if time.monotonic() > deadline:
                raise StoryEnded("the table's settings were not recorded")
            pause.wait(0.1)
        # What was read is being written down.
        pause.wait(1.0)


class DrillStory(FormStory):
    """A copy is brought back for trial, compared, and its table deleted again."""

    def play(self) -> str:
        self._copied()
        self._opened("/copy-backup drill orders", "Copy it first to")
        with self._step("a vault to copy it back to"):
            self.anna.choose("Copy it first to", "daily")
            self.anna.fill("Reason", "The auditors want to see that a restore works.")
            self._show_view(self.anna)
        self._sent("Step 1 of 4")
        self._approved("asks to bring back")
        self._told("what was restored is compared", "Compared: it agrees")
        done = self._told("the drill's own table is deleted, and the time it took told", "Drill passed")
        self._show_news()
        left = [name for name in self._tables() if name.startswith("copy-backup-drill-")]
        if left:
            raise StoryEnded(f"{left[0]} is still there")
        return next(line.strip() for line in self._read(done).splitlines() if "Drill passed" in line)


class PlanStory(FormStory):
    """A backup plan's rule gets a copy action."""

    def play(self) -> str:
        self._opened("/copy-backup schedule", "Backup plan")
        with self._step("the plan, its rule, the vault to copy to"):
            self._redrawn(lambda: self.anna.choose("Backup plan", "nightly"))
            self._page_with(self.anna, "Rule")
            self._redrawn(lambda: self.anna.fill("Rule", "daily"))
            self._page_with(self.anna, "Copy to")
            self.anna.choose("Copy to", "dr-vault", "dr-vault · backup · eu-west-1")
            self.anna.fill("Keep copies for days", "365")
            self.anna.fill("Reason", "Every night's backup belongs into the other account too.")
            self._show_view(self.anna)
        self._sent("What changes")
        self._approved("asks to add a copy")
        self._told("the plan is written and read back", "The backup plan is changed")
        self._show_news()
        plans = self.worlds.aws.world.state.books(PROD, HOME).plans.values()
        (rule,) = (rule for plan in plans for rule in plan.current.document["Rules"] if rule["RuleName"] == "daily")
        if [copy["DestinationBackupVaultArn"] for copy in rule.get("CopyActions", [])] != [PLAN_VAULT]:
            raise StoryEnded(f"the rule copies to {rule.get('CopyActions')}")
        return f"Rule daily of the plan nightly copies to {PLAN_VAULT} from now on."


class RecurringStory(FormStory):
    """The bot copies the newest backups every night, under one approval with an end."""

    def play(self) -> str:
        self._opened("/copy-backup schedule bot", "Tables")
        with self._step("which tables, where to, when, until when"):
            self.anna.fill("Tables of", "prod · us-east-1")
            self.anna.fill("Tables", "*o*")
            self.anna.choose("Copy to", "dr-vault", "dr-vault · backup · eu-west-1")
            self.anna.fill("Keep copies for days", "90")
            self.anna.fill("Reason", "Every night, for the auditors.")
            self._show_view(self.anna)
        self._sent("Approved until")
        self._approved("asks to copy")
        self._told("the schedule is in force", "The schedule is in force")
        with self._step("a night later the first run is made by itself"):
            self.worlds.clock.advance(timedelta(days=1))
            self._message("Run started as CB-2")
            self._message("The copy has completed")
        self._show_news()
        return "The run CB-2 was approved by the standing approval CB-1, and AWS copied."
