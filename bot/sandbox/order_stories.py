"""New vaults, advanced features, sequences and other retentions as people would ask for them, over Slack's protocol."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import ANNA, BACKUPS, BEN, Message
from bot.sandbox.story import PATIENCE, Story, StoryEnded
from bot.sandbox.worlds import BACKUP, PROD

HOME, EU, FAR = "us-east-1", "eu-west-1", "eu-central-1"


@dataclass
class OrderStory(Story):
    """What the stories with one typed order have in common: typed, approved, carried out step by step."""

    def _ordered(self, command: str) -> str:
        """Type a complete order, approve it; the id of its request."""
        anna, ben = self.worlds.slack.person(ANNA), self.worlds.slack.person(BEN)
        with self._step(f"Anna types /copy-backup {command}"):
            anna.command(f"/copy-backup {command}", channel=BACKUPS)
            question = self._message("asks to", "Approve", "Why:", command.partition(" because ")[2])
        with self._step("Ben approves the whole plan in the thread"):
            ben.click(question, "Approve", confirm=True)
        return command

    def _told(self, step: str, *words: str) -> Message:
        with self._step(step):
            return self._message(*words)

    def _finished(self) -> None:
        """Wait until the card says that all of it is done."""
        with self._step("the card shows each step as done"):
            channel = self.worlds.slack.channel(BACKUPS)

            def done() -> bool:
                roots = [message for message in channel.messages if message.thread_ts in (None, message.ts)]
                return bool(roots) and "Completed" in self._read(roots[-1])

            self.worlds.slack.wait_until(done, timeout=PATIENCE)
        self._show_news()

    def _points(self, region: str, vault: str, account: str = BACKUP) -> list[Any]:
        self.worlds.aws.world.settle()
        return list(self.worlds.aws.world.state.books(account, region).vaults[vault].points.values())


class VaultStory(OrderStory):
    """A vault is made on the way, lets exactly the copy role in, and takes the copy."""

    def play(self) -> str:
        key = self.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"].key_arn
        self._ordered(f"sequence orders to new backup/eu-west-1/audit key {key} keep 90d because of the yearly audit.")
        self._told("the vault is made", "Done: create the vault")
        self._told("the copy completes", "The copy has completed")
        self._finished()
        (copy,) = self._points(EU, "audit")
        return f"Made the vault audit in account {BACKUP} and copied orders into it as {copy.arn}."


class AdvancedStory(OrderStory):
    """Greyed-out backups: the advanced features are turned on, a new backup is made and copied."""

    def play(self) -> str:
        self.worlds.aws.world.set_advanced(PROD, HOME, enabled=False)
        self._ordered("now orders to backup/eu-west-1/dr-vault keep 90d because the old backups cannot be copied.")
        self._told("the advanced features are on", "Done: turn on advanced features")
        self._told("the new backup is made", "Done: back up")
        self._told("and copied", "The copy has completed")
        self._finished()
        (copy,) = self._points(EU, "dr-vault")
        return f"Turned advanced features on in {HOME}, backed orders up and copied the new backup as {copy.arn}."


class SequenceStory(OrderStory):
    """Account to account, then Region to Region: the second hop starts where the first copy lies."""

    def play(self) -> str:
        self._ordered(
            "sequence orders to backup/eu-west-1/dr-vault keep 60d then backup/eu-central-1/dr-vault keep 1y "
            "because one disaster must not reach both."
        )
        self._told("the first hop completes", "The copy has completed", "eu-west-1")
        self._told("the second hop completes", "The copy has completed", "eu-central-1")
        self._finished()
        jobs = self.worlds.aws.world.copy_jobs(BACKUP, EU)
        if len(jobs) != 1 or jobs[0]["SourceRecoveryPointArn"] != self._points(EU, "dr-vault")[0].arn:
            raise StoryEnded("the second hop did not start from the first copy")
        return f"Copied orders to eu-west-1, and that copy on to {FAR}, each by the account that held it."


class ExtendStory(OrderStory):
    """A copy that is needed for longer is kept for longer, in the account that holds it."""

    def play(self) -> str:
        self._copied()
        self._ordered("keep CB-1 2y because the audit takes longer.")
        self._told("AWS keeps it longer, and shows so", "Done: change how long", "as AWS reports it")
        self._finished()
        (copy,) = self._points(EU, "dr-vault")
        if copy.lifecycle.delete_after != 730:
            raise StoryEnded(f"it is kept {copy.lifecycle.delete_after} days")
        return f"{copy.arn} is kept for 730 days now."
