"""The last page: what sending would mean, and sending it. Slow, so always behind a view that says so.

What is known soon is shown first, the rest when AWS has answered. Each picture belongs to one version of the draft and
builds on the view it was begun on, so that a late one never covers something newer.
"""

import logging
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Draft, DraftState, Page
from bot.domain.errors import OutletConflict, OutletError
from bot.domain.requests import CopyRequest
from bot.slack.blocks import Block
from bot.workflows.prospects import LookAhead, Prospect, look_ahead
from bot.workflows.routing import link_to
from bot.workflows.submitting import NotSendable
from commands.copy_backup.screen import page_of, put, put_after_answer
from commands.copy_backup.views.links import Threads
from commands.copy_backup.views.review import reviewed_page, screen_id, sent_note
from commands.desk import Desk
from commands.errors import sentence_for
from commands.modal import sent_text

log = logging.getLogger(__name__)

Show = Callable[[Block], str]
"""Shows a view and gives its hash; "" when the person has closed it."""


def review(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    """Run pre-flight and show the review with what it found, in the place of the view that said so."""

    def show(view: Block) -> str:
        return put_after_answer(
            client,
            desk,
            draft.id,
            view,
            external_id=external_id,
            view_id=draft.view_id,
            still=lambda: _is_current(desk, draft),
        )

    if external_id == screen_id(draft):
        _review(client, desk, draft, show)


def review_again(client: WebClient, desk: Desk, draft: Draft, seen: str | None) -> None:
    """The same for a review that is on the screen already; `seen` is its hash."""

    def show(view: Block) -> str:
        return put(client, desk, draft.id, view, view_id=draft.view_id, view_hash=seen)

    _review(client, desk, draft, show)


def send(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    """Send the request and show what became of it; what failed leaves the draft as it was, with the reason."""
    try:
        request = desk.sending.send(draft.id)
        view = sent_note(draft.id, request)
    except NotSendable:
        # The review runs pre-flight again and shows each finding with its remedy.
        view = _whole(desk, draft)
    except Exception as error:
        view = _whole(desk, draft, problem=sentence_for(error))
    shown = put_after_answer(client, desk, draft.id, view, external_id=external_id, view_id=draft.view_id)
    if not shown and "submit" not in view:
        _tell_outside(desk, draft, view)


def tell_outcome(client: WebClient, desk: Desk, draft: Draft, request: CopyRequest | None, sentence: str) -> None:
    """Tell what became of a draft whose sending a crash interrupted: in its form if that is open, else in private."""
    view = sent_note(draft.id, request) if request else page_of(desk, draft, sentence)
    try:
        if put(client, desk, draft.id, view, view_id=draft.view_id):
            return
    except OutletError as error:
        log.info("outcome_not_shown", extra={"draft": draft.id, "code": error.code})
    text = sent_text(request) if request else f"Your copy request was not sent. {sentence}"
    try:
        desk.outlet.whisper(draft.channel, draft.actor.user_id, text)
    except OutletError as error:
        log.warning("person_not_told", extra={"draft": draft.id, "code": error.code, "sentence": text})


def _review(client: WebClient, desk: Desk, draft: Draft, show: Show) -> None:
    """Both parts, each only while the draft is what was looked at."""
    try:
        if not _is_current(desk, draft):
            return
        ahead, view = _first(desk, draft)
        seen = show(view) if _is_current(desk, draft) else ""
        if ahead is None or not seen:
            return
        view = _rest(desk, draft, ahead)
        if _is_current(desk, draft):
            put(client, desk, draft.id, view, view_id=_view_of(desk, draft), view_hash=seen)
    except OutletConflict:
        # Something newer is on the screen: another look, or another page.
        log.info("review_came_late", extra={"draft": draft.id})


def _first(desk: Desk, draft: Draft) -> tuple[LookAhead | None, Block]:
    """The look that was begun, with what is known soon; no look where it could not even begin."""
    try:
        ahead = _begin(desk, draft)
        return ahead, _page(desk, draft, ahead.first())
    except Exception as error:
        return None, page_of(desk, draft, sentence_for(error))


def _rest(desk: Desk, draft: Draft, ahead: LookAhead, problem: str = "") -> Block:
    try:
        return _page(desk, draft, ahead.whole(), problem)
    except Exception as error:
        return page_of(desk, draft, problem or sentence_for(error))


def _whole(desk: Desk, draft: Draft, problem: str = "") -> Block:
    try:
        ahead = _begin(desk, draft)
    except Exception as error:
        return page_of(desk, draft, problem or sentence_for(error))
    return _rest(desk, draft, ahead, problem)


def _page(desk: Desk, draft: Draft, prospect: Prospect, problem: str = "") -> Block:
    return reviewed_page(draft, prospect, desk.names, desk.clock.now(), problem, _threads(desk, prospect))


def _threads(desk: Desk, prospect: Prospect) -> Threads:
    """Where our own copies were asked for, each request's address asked for once; one that Slack keeps is left out."""
    requests = {request.id: request for request in prospect.ours.values()}
    links = {request_id: link_to(desk.outlet, request) for request_id, request in requests.items()}
    return {outside: (request.id, links[request.id]) for outside, request in prospect.ours.items() if links[request.id]}


def _begin(desk: Desk, draft: Draft) -> LookAhead:
    """What has become impossible since it was chosen is found by the look, with its remedy.

    Raises BadInput where not even a plan can be made.
    """
    return look_ahead(desk.submitting, desk.walk.plan(draft.form, draft.timezone), draft.actor.user_id, draft.channel)


def _is_current(desk: Desk, draft: Draft) -> bool:
    """Whether this very version of the draft still waits on the review."""
    newest = desk.walk.owned(draft.id, draft.actor.user_id)
    return (newest.version, newest.state, newest.form.page) == (draft.version, DraftState.OPEN, Page.REVIEW)


def _view_of(desk: Desk, draft: Draft) -> str:
    """The view that the first part was shown in."""
    newest = desk.walk.newest(draft.id)
    return newest.view_id if newest else draft.view_id


def _tell_outside(desk: Desk, draft: Draft, view: dict[str, Any]) -> None:
    """The person closed the modal while it was being sent: say the outcome where the command was typed."""
    text = str(view["blocks"][0]["text"]["text"])
    desk.outlet.whisper(draft.channel, draft.actor.user_id, text)
