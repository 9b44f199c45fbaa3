"""The last page: what sending would mean, and sending it. Slow, so always behind a view that says so."""

import logging
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Draft, DraftState, Page
from bot.domain.errors import OutletError, PersonError
from bot.domain.preflight import Finding, Level
from bot.domain.requests import CopyRequest
from bot.slack.blocks import Block
from bot.slack.costs import cost_lines, priced
from bot.workflows.submitting import NotSendable
from commands.copy_backup.screen import page_of, put, put_after_answer
from commands.copy_backup.views.review import Prospect, reviewed_page, sent_note, sent_text
from commands.desk import Desk
from commands.errors import sentence_for

log = logging.getLogger(__name__)


def review(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    """Run pre-flight and show the review with what it found, in the place of the view that said so."""

    def show(view: Block) -> None:
        put_after_answer(client, desk, draft.id, view, external_id=external_id, view_id=draft.view_id)

    _review(desk, draft, show)


def review_again(client: WebClient, desk: Desk, draft: Draft, seen: str | None) -> None:
    """The same for a review that is on the screen already; `seen` is its hash."""

    def show(view: Block) -> None:
        put(client, desk, draft.id, view, view_id=draft.view_id, view_hash=seen)

    _review(desk, draft, show)


def send(client: WebClient, desk: Desk, draft: Draft, external_id: str) -> None:
    """Send the request and show what became of it; what failed leaves the draft as it was, with the reason."""
    try:
        request = desk.sending.send(draft.id)
        view = sent_note(draft.id, request)
    except NotSendable:
        # The review runs pre-flight again and shows each finding with its remedy.
        view = _review_view(desk, draft)
    except Exception as error:
        view = _review_view(desk, draft, problem=sentence_for(error))
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


def _review(desk: Desk, draft: Draft, show: Callable[[Block], None]) -> None:
    if draft.form.page is not Page.REVIEW:
        return
    view = _review_view(desk, draft)
    newest = desk.walk.owned(draft.id, draft.actor.user_id)
    if newest.form.page is Page.REVIEW and newest.state is DraftState.OPEN:
        show(view)


def _review_view(desk: Desk, draft: Draft, problem: str = "") -> Block:
    try:
        prospect = _prospect(desk, draft)
    except Exception as error:
        return page_of(desk, draft, problem or sentence_for(error))
    return reviewed_page(draft, prospect, desk.names, problem)


def _prospect(desk: Desk, draft: Draft) -> Prospect:
    """What sending would mean. Raises BadInput when the form has become impossible, OutsideError when AWS is silent."""
    desk.walk.check(draft, Page.RETENTION)
    plan = desk.walk.plan(draft.form, draft.timezone)
    looks = desk.submitting.look(plan)
    rule = desk.submitting.rule_for(looks)
    findings: list[Finding] = [finding for look in looks for finding in look.findings]
    deciders: frozenset[str] = frozenset()
    channel = ""
    try:
        deciders = desk.submitting.deciders(draft.actor.user_id, rule)
        channel = desk.submitting.channel_for(draft.channel)
    except PersonError as error:
        findings.append(Finding("not-askable", Level.FAIL, error.sentence))
    costs = cost_lines(priced(looks), desk.clock.now())
    return Prospect(tuple(look.params for look in looks), rule, tuple(findings), deciders, channel, costs)


def _tell_outside(desk: Desk, draft: Draft, view: dict[str, Any]) -> None:
    """The person closed the modal while it was being sent: say the outcome where the command was typed."""
    text = str(view["blocks"][0]["text"]["text"])
    desk.outlet.whisper(draft.channel, draft.actor.user_id, text)
