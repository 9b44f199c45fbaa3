"""A copy that is about to end, as people meet it: told at 30, 7 and 1 days, extended by a request, the new end told."""

from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.order_stories import EU, OrderStory
from bot.sandbox.slack import ANNA, BEN
from bot.sandbox.story import PATIENCE, StoryEnded

LONGER = 90


@dataclass
class ExpiryStory(OrderStory):
    """Nobody acts on the first two notices; a day before the end Anna extends, Ben approves."""

    def play(self) -> str:
        self._copied()
        anna, ben = self.worlds.slack.person(ANNA), self.worlds.slack.person(BEN)
        (copy,) = self._points(EU, "dr-vault")
        before = copy.lifecycle.delete_after
        end = copy.created_at + timedelta(days=before)
        for days, left in ((30, "30 days"), (7, "7 days"), (1, "1 day")):
            with self._step(f"{left} before the end of the copy"):
                self.worlds.clock.advance(end - timedelta(days=days) - self.worlds.clock.now() + timedelta(minutes=1))
                self._message(f"{left} from now")
        with self._step("Anna presses Extend on the notice, and says how much longer and why"):
            anna.click(self._message("1 day from now"), "Extend…")
            self._page_with(anna, "Days longer")
            anna.fill("Days longer", str(LONGER))
            anna.fill("Reason", "The audit is not over yet.")
            self._show_view(anna)
            anna.submit()
            anna.wait_for_modal(lambda view: view.submit_text == "Send request", timeout=PATIENCE)
            self._show_view(anna)
            anna.submit()
            anna.wait_for_modal("is sent", timeout=PATIENCE)
            anna.close_modal()
        with self._step("the notice's thread links to the request, and Ben approves in the request's own"):
            self._message("asked to keep the copy of")
            ben.click(self._message("asks to", "Approve", "The audit is not over yet."), "Approve", confirm=True)
        self._told("AWS keeps it longer, and the thread of the notice tells the new end", "The end of the copy of")
        (copy,) = self._points(EU, "dr-vault")
        if copy.lifecycle.delete_after != before + LONGER:
            raise StoryEnded(f"it is kept {copy.lifecycle.delete_after} days")
        return f"{copy.arn} is kept for {copy.lifecycle.delete_after} days now, {LONGER} more than before."
