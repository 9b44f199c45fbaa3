"""Putting a form on a person's screen: opened at once, updated when its answers are known, looked for when it moved."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.domain.errors import OutletBusy, OutletConflict, OutletDoubtful, OutletRefused, PersonError
from bot.domain.sheets import Sheet, SheetKind
from bot.slack.blocks import Block
from bot.slack.errors import crossing
from bot.workflows.asked_ends import REQUEST
from bot.workflows.forms import Outlook, new_sheet_id
from bot.workflows.routing import linked
from commands.desk import Desk
from commands.errors import sentence_for
from commands.forms import frame
from commands.forms.kinds import blocks_of
from commands.opening import open_view
from commands.subcommands import Call

log = logging.getLogger(__name__)

# A view that answers a submission exists only once Slack has read the acknowledgement: look for it a few times.
WAITS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5)
PAUSES = (0.5, 2.0)
# How long somebody looks at a loading view before an older picture is better than none.
PATIENCE = 5.0
# These forms are rare, and whoever restores wants to see the copy of a minute ago.
FRESH = timedelta(seconds=1)


def open_form(desk: Desk, call: Call, kind: SheetKind, **answers: str) -> None:
    """Open a small view at once, within the trigger's three seconds, then the form."""
    open_filled(desk, call, kind, lambda: answers, typed_view)


def open_filled(
    desk: Desk,
    call: Call,
    kind: SheetKind,
    answers: Callable[[], Mapping[str, str]],
    shown: Callable[[Desk, Sheet], Block] | None = None,
    too_late: Callable[[], object] | None = None,
) -> None:
    """The same with answers that are known only once AWS has been read; a PersonError of theirs is shown instead.

    `shown`: the view that follows, the form if it is left out. `too_late` tells where Slack opens no view any more.
    """
    sheet_id = new_sheet_id()
    empty = Sheet(sheet_id, kind, call.actor, call.channel, "UTC", desk.clock.now())
    view = frame.loading(empty, "One moment…")
    opened = open_view(call.client, call.trigger_id, view, too_late or (lambda: call.tell(call.too_slow)))
    if not opened:
        return
    desk.inventory.refresh_within(PATIENCE, FRESH)
    try:
        given = answers()
    except PersonError as problem:
        put(call.client, desk, frame.note(empty, problem.sentence), view_id=str(opened["id"]))
        return
    sheet = desk.tables.forms.begin(kind, call.actor, call.channel, str(opened["id"]), sheet_id, **given)
    put(call.client, desk, (shown or form_view)(desk, sheet), view_id=sheet.view_id)


def form_view(desk: Desk, sheet: Sheet, problem: str = "") -> Block:
    """The form as it is now."""
    return frame.form(sheet, blocks_of(desk, sheet), problem)


def typed_view(desk: Desk, sheet: Sheet) -> Block:
    """The form with what cannot be of what was typed after the command, each right at its field."""
    return frame.form(sheet, blocks_of(desk, sheet), wrong=desk.tables.forms.wrong(sheet))


def review_view(desk: Desk, sheet: Sheet, problem: str = "") -> Block:
    """The review; what keeps it from being made is told in the form."""
    try:
        outlook = desk.tables.forms.outlook(sheet)
    except Exception as error:
        return form_view(desk, sheet, problem or sentence_for(error))
    return frame.review(sheet, outlook, desk.names, desk.clock.now(), problem, _links(desk, outlook))


def _links(desk: Desk, outlook: Outlook) -> Mapping[str, str]:
    """The requests that findings are about, by id, each linked to its thread."""
    ids = {finding.links[REQUEST] for finding in outlook.findings if REQUEST in finding.links}
    with desk.tables.forms.store.read() as tx:
        requests = [request for request in map(tx.requests.get, sorted(ids)) if request]
    return {request.id: linked(desk.outlet, request) for request in requests}


def put(client: WebClient, desk: Desk, view: Mapping[str, Any], *, view_id: str, seen: str | None = None) -> bool:
    """Update a view; False when the person has closed it, or something newer stands there."""
    arguments: dict[str, Any] = {"hash": seen} if seen else {}
    try:
        _patiently(desk, client, {"view_id": view_id, "view": dict(view), **arguments})
    except OutletConflict:
        # The newer view's own listener shows what comes of it.
        return False
    except OutletRefused as error:
        if error.code != "not_found":
            raise
        return False
    return True


def put_after_answer(client: WebClient, desk: Desk, view: Mapping[str, Any], *, external_id: str, view_id: str) -> bool:
    """Update the view that answered a submission, as soon as Slack shows it; False when the person closed it."""
    for wait in WAITS:
        if desk.closing.wait(wait):
            break
        try:
            _patiently(desk, client, {"external_id": external_id, "view": dict(view)})
        except OutletRefused as error:
            if error.code != "not_found":
                raise
            continue
        return True
    return put(client, desk, view, view_id=view_id)


def _patiently(desk: Desk, client: WebClient, arguments: Mapping[str, Any]) -> None:
    """Update; repeat what Slack was too busy for, since the person sits in front of it."""
    for pause in PAUSES:
        try:
            with crossing("views.update"):
                client.views_update(**arguments)
            return
        except (OutletBusy, OutletDoubtful) as error:
            log.info("view_update_repeated", extra={"code": error.code})
        if desk.closing.wait(pause):
            break
    with crossing("views.update"):
        client.views_update(**arguments)
