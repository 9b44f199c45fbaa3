"""What people do on the first page besides choosing: have AWS read again, have a new backup made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Draft, DraftState, Page
from bot.workflows.choosing import Reading
from commands.copy_backup.screen import show
from commands.copy_backup.views.backup import OBSTACLE, has_obstacle
from commands.copy_backup.views.frame import WRONG
from commands.desk import Desk

# How long somebody looks at a page that says it is reading.
PATIENCE = 8.0
# Who presses twice has AWS read once.
AGAIN = timedelta(seconds=2)


def refresh(client: WebClient, desk: Desk, draft: Draft, seen: str | None) -> None:
    """Read AWS again and show what came of it, unless the person has gone on meanwhile."""
    if not _is_there(draft):
        return
    show(client, desk, draft.id, seen, reading=Reading.NOW)
    in_time = desk.inventory.refresh_within(PATIENCE, AGAIN)
    newest = desk.walk.newest(draft.id)
    if newest is not None and _is_there(newest):
        show(client, desk, draft.id, newest.view_hash, reading=Reading.NO if in_time else Reading.SLOW)


def back_up_first(client: WebClient, desk: Desk, draft: Draft, seen: str | None) -> None:
    """Go on with a new backup in the place of the chosen one. Raises BadInput when nothing is chosen any more."""
    if _is_there(draft):
        # The page is said, so that a second delivery turns no second page.
        desk.walk.forward(draft.id, draft.actor.user_id, replace(draft.form, page=Page.BACKUP, backup_first=True))
    show(client, desk, draft.id, seen)


def show_obstacle(client: WebClient, desk: Desk, draft: Draft, view: Mapping[str, Any]) -> None:
    """Tell why a backup that was just chosen cannot be copied; show nothing anew where there is nothing to tell."""
    if draft.form.page is not Page.BACKUP:
        return
    told = any(str(block.get("block_id")).startswith((OBSTACLE, WRONG)) for block in view.get("blocks", []))
    if told or has_obstacle(draft, desk.walk.chosen(draft.form)):
        show(client, desk, draft.id, view.get("hash"))


def _is_there(draft: Draft) -> bool:
    return draft.form.page is Page.BACKUP and draft.state is DraftState.OPEN
