"""Putting a draft's present page on the person's screen, whatever happened there meanwhile."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Draft
from bot.domain.errors import OutletBusy, OutletConflict, OutletDoubtful, OutletRefused, PersonError, StoreTrouble
from bot.slack.blocks import Block
from bot.slack.errors import crossing
from bot.workflows.choosing import Reading
from commands.copy_backup.views import page_view
from commands.copy_backup.views.frame import loading, note
from commands.desk import Desk
from commands.modal import with_trouble
from commands.opening import open_view

log = logging.getLogger(__name__)

# A view that answers a submission exists only once Slack has read the acknowledgement: look for it a few times.
WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5)
TRIES = 3
# Between repeated updates, in seconds; Slack may ask for more, but nobody looks at a loading view for long.
PAUSES = (0.5, 2.0)
LONGEST_PAUSE = 5.0


def open_loading(
    client: WebClient, trigger_id: str, draft_id: str, too_late: Callable[[], object]
) -> tuple[str, str] | None:
    """Open a small view at once, within the trigger's 3 seconds; its id and hash, None where it was `too_late`."""
    view = open_view(client, trigger_id, loading(draft_id, "Reading your backups…"), too_late)
    return (view["id"], view["hash"]) if view else None


def page_of(desk: Desk, draft: Draft, problem: str = "", reading: Reading = Reading.NO) -> Block:
    """The view of the draft's present page, from the store alone."""
    choices = replace(desk.walk.choices(draft.form, draft.actor.user_id), reading=reading)
    return page_view(draft, desk.walk.chosen(draft.form, draft.timezone), choices, desk.names, problem)


def show(
    client: WebClient,
    desk: Desk,
    draft_id: str,
    seen_hash: str | None,
    problem: str = "",
    reading: Reading = Reading.NO,
) -> None:
    """Show the newest state of a draft, without ever covering something newer than what we render."""
    for _ in range(TRIES):
        draft = desk.walk.newest(draft_id)
        if draft is None or not draft.view_id:
            return
        try:
            view = page_of(desk, draft, problem, reading)
            put(client, desk, draft_id, view, view_id=draft.view_id, view_hash=seen_hash)
        except OutletConflict:
            # Somebody (mostly ourselves) showed something newer: read again and build on that.
            newest = desk.walk.newest(draft_id)
            known = newest.view_hash if newest else None
            seen_hash = known if known != seen_hash else None
            continue
        return
    log.warning("view_kept_changing", extra={"draft": draft_id})


def put(
    client: WebClient,
    desk: Desk,
    draft_id: str,
    view: Mapping[str, Any],
    *,
    view_id: str,
    view_hash: str | None = None,
) -> str:
    """Update a view and give its new hash; "" when the person has closed it, which is nobody's fault.

    Raises OutletConflict when `view_hash` is given and something newer is on the screen.
    """
    arguments: dict[str, Any] = {"hash": view_hash} if view_hash else {}

    def update() -> Any:
        with crossing("views.update"):
            return client.views_update(view_id=view_id, view=dict(view), **arguments)["view"]

    try:
        answer = _patiently(desk, update)
    except OutletRefused as error:
        if error.code == "not_found":
            return ""
        raise
    desk.walk.screen(draft_id, answer["id"], answer["hash"])
    return str(answer["hash"])


def _patiently(desk: Desk, update: Callable[[], Any]) -> Any:
    """Repeat an update that Slack was too busy for: it is safe to repeat, and the person sits in front of it."""
    for shortest in PAUSES:
        pause = shortest
        try:
            return update()
        except OutletBusy as error:
            pause = max(shortest, min(error.retry_after, LONGEST_PAUSE))
        except OutletDoubtful as error:
            log.info("view_update_repeated", extra={"code": error.code})
        if desk.closing.wait(pause):
            break
    return update()


def _always() -> bool:
    return True


def put_after_answer(
    client: WebClient,
    desk: Desk,
    draft_id: str,
    view: Mapping[str, Any],
    *,
    external_id: str,
    view_id: str,
    still: Callable[[], bool] = _always,
) -> str:
    """Update the view that answered a submission, as soon as Slack shows it; its hash, "" when the person closed it.

    Nothing is shown any more once `still` says no: the person has gone on to another page meanwhile.
    """

    def update() -> Any:
        with crossing("views.update"):
            return client.views_update(external_id=external_id, view=dict(view))["view"]

    for wait in (0.0, *WAITS):
        if desk.closing.wait(wait):
            break
        if not still():
            return ""
        try:
            answer = _patiently(desk, update)
        except OutletRefused as error:
            if error.code != "not_found":
                raise
            continue
        desk.walk.screen(draft_id, answer["id"], answer["hash"])
        return str(answer["hash"])
    return put(client, desk, draft_id, view, view_id=view_id) if still() else ""


def say_in_view(client: WebClient, desk: Desk, view: Mapping[str, Any], sentence: str) -> None:
    """Say what went wrong in the form that is open, above what the person chose.

    A form that names a draft of another screen, somebody else's mostly, is only told: nothing is shown elsewhere.
    """
    try:
        draft = desk.walk.newest(view["private_metadata"])
        if draft is None or draft.view_id not in ("", view["id"]):
            put_note(client, view, sentence)
        else:
            show(client, desk, view["private_metadata"], None, problem=sentence)
    except PersonError:
        put_note(client, view, sentence)
    except StoreTrouble:
        put_above(client, view, sentence)


def put_above(client: WebClient, view: Mapping[str, Any], sentence: str) -> None:
    """Put a sentence above the form as Slack sent it, where the database tells nothing about it."""
    with crossing("views.update"):
        client.views_update(view_id=view["id"], view=with_trouble(view, sentence))


def put_note(client: WebClient, view: Mapping[str, Any], sentence: str) -> None:
    """Put a sentence in the place of the form that is open."""
    with crossing("views.update"):
        client.views_update(view_id=view["id"], view=note(view["private_metadata"], sentence))
