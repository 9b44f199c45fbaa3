"""What people do in the walk. Each listener writes its row, acknowledges, and leaves the rest to slow work."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Draft, Page
from bot.domain.errors import BadInput
from bot.slack.blocks import Block
from bot.slack.ids import BACK
from commands.copy_backup.first_page import back_up_first, refresh, show_obstacle
from commands.copy_backup.form import block_for, read
from commands.copy_backup.review import review, review_again, send
from commands.copy_backup.screen import page_of, put_after_answer, say_in_view, show
from commands.copy_backup.views.frame import loading, note
from commands.copy_backup.views.options import MOST_BYTES
from commands.copy_backup.views.review import screen_id
from commands.desk import Desk
from commands.errors import acknowledged, answered, kept

# What the acknowledging half of a listener tells the slow half, in Bolt's context.
TASK = "copy_backup_task"
SCREEN = "copy_backup_screen"


class WalkListeners:
    """Choices and buttons inside the modal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def choose(self, ack: Any, body: dict[str, Any]) -> None:
        """A choice on which something else hangs: keep it."""
        kept(ack, lambda: self._keep(body))

    def go_back(self, ack: Any, body: dict[str, Any]) -> None:
        """Back: keep what is on the page, finished or not, and turn the page."""
        kept(ack, lambda: self._turn_back(body))

    def redraw(self, body: dict[str, Any], client: WebClient) -> None:
        """Show the page as it is now."""

        def work(draft: Draft, seen: str | None) -> None:
            if draft.form.page is Page.DESTINATION:
                self._desk.walk.look(draft.form)
            show(client, self._desk, draft.id, seen)

        self._with_draft(body, client, work)

    def acknowledge(self, ack: Any) -> None:
        ack()

    def check_again(self, body: dict[str, Any], client: WebClient) -> None:
        """Run pre-flight again for the review that is on the screen."""
        self._with_draft(body, client, lambda draft, seen: review_again(client, self._desk, draft, seen))

    def refresh(self, body: dict[str, Any], client: WebClient) -> None:
        """Read AWS again."""
        self._with_draft(body, client, lambda draft, seen: refresh(client, self._desk, draft, seen))

    def back_up_first(self, body: dict[str, Any], client: WebClient) -> None:
        """Have a new backup made, since the chosen one cannot be copied."""
        self._with_draft(body, client, lambda draft, seen: back_up_first(client, self._desk, draft, seen))

    def show_obstacle(self, body: dict[str, Any], client: WebClient) -> None:
        """Tell what stands in the way of the backup that was just chosen."""
        self._with_draft(body, client, lambda draft, _: show_obstacle(client, self._desk, draft, body["view"]))

    def _with_draft(self, body: dict[str, Any], client: WebClient, do: Callable[[Draft, str | None], None]) -> None:
        """Slow work on the draft behind a view, whose hash is told; what goes wrong is said in the view."""
        view = body["view"]

        def work() -> None:
            do(self._desk.walk.owned(view["private_metadata"], body["user"]["id"]), view.get("hash"))

        answered(work, lambda sentence: say_in_view(client, self._desk, view, sentence))

    def submit(self, ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
        """A page's own button: the next page, or the field in error; the last page sends."""

        def work() -> None:
            view = body["view"]
            draft = self._desk.walk.owned(view["private_metadata"], body["user"]["id"])
            if _is_review(view):
                self._send(ack, draft, context)
            else:
                self._forward(ack, draft, view, context)

        acknowledged(work, lambda sentence: _answer_view(ack, note(body["view"]["private_metadata"], sentence)))

    def after_submit(self, body: dict[str, Any], client: WebClient, context: dict[str, Any]) -> None:
        """The slow part of a submission: pre-flight, sending, or a page too large for an acknowledgement."""
        task, external_id = context.get(TASK), context.get(SCREEN, "")
        if task is None:
            return

        def work() -> None:
            draft = self._desk.walk.owned(body["view"]["private_metadata"], body["user"]["id"])
            TASKS[task](client, self._desk, draft, external_id)

        answered(work, lambda sentence: say_in_view(client, self._desk, body["view"], sentence))

    def _forward(self, ack: Any, draft: Draft, view: dict[str, Any], context: dict[str, Any]) -> None:
        form = read(view, draft.form)
        try:
            turned = self._desk.walk.forward(draft.id, draft.actor.user_id, partial(read, view))
        except BadInput as problem:
            ack(response_action="errors", errors={_block_on(view, problem.field, draft.form, form): problem.sentence})
            return
        if turned.form.page is Page.REVIEW:
            context.update({TASK: "review", SCREEN: screen_id(turned)})
        elif turned.form.page is Page.DESTINATION:
            context.update({TASK: "vaults", SCREEN: screen_id(turned)})
        found_by = {"external_id": context[SCREEN]} if SCREEN in context else {}
        self._answer(ack, turned, {**page_of(self._desk, turned), **found_by}, context)

    def _answer(self, ack: Any, draft: Draft, view: Block, context: dict[str, Any]) -> None:
        """Acknowledge with the next view; one that no acknowledgement can carry comes right after it."""
        if len(json.dumps(view)) > MOST_BYTES:
            context.update({TASK: "show", SCREEN: screen_id(draft)})
            view = loading(draft.id, "One moment…", screen_id(draft))
        _answer_view(ack, view)

    def _send(self, ack: Any, draft: Draft, context: dict[str, Any]) -> None:
        if not self._desk.sending.claim(draft.id, draft.actor.user_id):
            _answer_view(ack, note(draft.id, _already(draft)))
            return
        external_id = f"{screen_id(draft)}.sending"
        context.update({TASK: "send", SCREEN: external_id})
        _answer_view(ack, loading(draft.id, "Checking once more and sending…", external_id))

    def _keep(self, body: dict[str, Any]) -> None:
        view, user = body["view"], body["user"]["id"]
        draft = self._desk.walk.owned(view["private_metadata"], user)
        self._desk.walk.keep(draft.id, user, partial(read, view))

    def _turn_back(self, body: dict[str, Any]) -> None:
        view, user = body["view"], body["user"]["id"]
        draft = self._desk.walk.owned(view["private_metadata"], user)
        if draft.form.page is not Page.BACKUP and _was_pressed_on(body, draft):
            self._desk.walk.back(draft.id, user, partial(read, view))


def _show_late(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    put_after_answer(client, desk, draft.id, page_of(desk, draft), external_id=external_id, view_id=draft.view_id)


def _show_vaults(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    """A page that came with a place chosen already shows that place's vaults as they are now."""
    if external_id != screen_id(draft) or not desk.walk.look(draft.form):
        # The person has gone on meanwhile, or the page shows all that there is.
        return

    def still() -> bool:
        newest = desk.walk.newest(draft.id)
        return newest is not None and screen_id(newest) == external_id

    page = page_of(desk, draft)
    put_after_answer(client, desk, draft.id, page, external_id=external_id, view_id=draft.view_id, still=still)


TASKS: dict[str, Callable[[WebClient, Desk, Draft, str], None]] = {
    "review": review,
    "send": send,
    "show": _show_late,
    "vaults": _show_vaults,
}


def _answer_view(ack: Any, view: Block) -> None:
    ack(response_action="update", view=view)


def _is_review(view: dict[str, Any]) -> bool:
    """Whether the submitted view is the review: the only page without an input."""
    return not any(block.get("type") == "input" for block in view.get("blocks", []))


def _was_pressed_on(body: dict[str, Any], draft: Draft) -> bool:
    """Whether Back was pressed on the page the draft is on, so that a second delivery turns no second page."""
    pressed = next((action.get("value") for action in body.get("actions", []) if action["action_id"] == BACK), None)
    return pressed == str(list(Page).index(draft.form.page) + 1)


def _block_on(view: dict[str, Any], field: str, before: Any, form: Any) -> str:
    """The block on the screen that an error about a field belongs to; Slack refuses errors for other blocks."""
    on_screen = [str(block["block_id"]) for block in view.get("blocks", []) if block.get("type") == "input"]
    wanted = {block_for(field, form), block_for(field, before)}
    return next((block for block in on_screen if block in wanted), on_screen[-1])


def _already(draft: Draft) -> str:
    if draft.request_id:
        return f":white_check_mark: This was sent already, as *{draft.request_id}*."
    return ":hourglass_flowing_sand: This is being sent already. Its thread will appear in a moment."
