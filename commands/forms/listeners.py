"""What people do in a form. Each listener writes its row, acknowledges, and leaves the rest to slow work."""

from typing import Any

from slack_sdk import WebClient

from bot.domain.errors import BadInput, OutletError, PersonError, StoreTrouble
from bot.domain.requests import CopyRequest
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block
from bot.workflows.submitting import NotSendable
from commands.desk import Desk
from commands.errors import acknowledged, answered, kept, sentence_for
from commands.forms import frame
from commands.forms.answers import block_on, is_on, read, sheet_id_of
from commands.forms.screen import form_view, log, open_filled, put, put_after_answer, review_view
from commands.modal import sent_text, with_trouble
from commands.payloads import pressed

# What the acknowledging half of a listener tells the slow half, in Bolt's context.
SCREEN = "forms_screen"


class FormListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def acknowledge(self, ack: Any) -> None:
        ack()

    def choose(self, ack: Any, body: dict[str, Any]) -> None:
        """A choice on which something else hangs: keep it."""

        def work() -> None:
            self._keep(body)

        kept(ack, work)

    def redraw(self, body: dict[str, Any], client: WebClient) -> None:
        """Show the form as it is now."""
        view = body["view"]

        def work() -> None:
            sheet = self._desk.tables.forms.filled(self._owned(body))
            put(client, self._desk, form_view(self._desk, sheet), view_id=view["id"], seen=view.get("hash"))

        answered(work, lambda sentence: self._say(client, body, sentence))

    def submit(self, ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
        """The form's own button: the field in error, or a view that says that pre-flight is on its way."""

        def work() -> None:
            view = body["view"]
            sheet = self._keep(body)
            try:
                self._desk.tables.forms.check(sheet)
            except BadInput as problem:
                self._object(ack, sheet, view, problem)
                return
            external_id = f"{sheet.id}.{view.get('hash', '')}"[:255]
            context[SCREEN] = external_id
            _answer(ack, frame.loading(sheet, "Looking at everything as it is now…", external_id))

        acknowledged(work, lambda sentence: ack(response_action="update", view=_plain_note(body["view"], sentence)))

    def after_submit(self, body: dict[str, Any], client: WebClient, context: dict[str, Any]) -> None:
        """Pre-flight, in the place of the view that said so."""
        external_id = context.get(SCREEN)
        if not external_id:
            return

        def work() -> None:
            sheet = self._owned(body)
            view = review_view(self._desk, sheet)
            put_after_answer(client, self._desk, view, external_id=external_id, view_id=sheet.view_id)

        answered(work, lambda sentence: self._say(client, body, sentence))

    def send(self, ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
        """Send request: the row comes first."""

        def work() -> None:
            sheet = self._owned(body)
            if not self._desk.tables.forms.claim(sheet):
                _answer(ack, frame.note(sheet, ":hourglass_flowing_sand: This is sent already, or about to be."))
                return
            external_id = f"{sheet.id}.sending"
            context[SCREEN] = external_id
            _answer(ack, frame.loading(sheet, "Checking once more and sending…", external_id))

        acknowledged(work, lambda sentence: ack(response_action="update", view=_plain_note(body["view"], sentence)))

    def after_send(self, body: dict[str, Any], client: WebClient, context: dict[str, Any]) -> None:
        """Send it, and show what became of it; what failed leaves the form as it was, with the reason."""
        external_id = context.get(SCREEN)
        if not external_id:
            return

        def work() -> None:
            sheet = self._owned(body)
            view, text = _sent(self._desk, sheet)
            shown = put_after_answer(client, self._desk, view, external_id=external_id, view_id=sheet.view_id)
            if not shown:
                self._desk.outlet.whisper(sheet.channel, sheet.actor.user_id, text)

        answered(work, lambda sentence: self._say(client, body, sentence))

    def look(self, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        """Look at it: the review of an order that was typed as a whole and is not sent unseen."""

        def work() -> None:
            sheet = self._desk.tables.forms.owned(str(body["actions"][0].get("value") or ""), body["user"]["id"])
            open_filled(self._desk, pressed(body, client, respond), sheet.kind, lambda: sheet.answers, review_view)

        answered(work, lambda said: respond(text=said, response_type="ephemeral", replace_original=False))

    def _object(self, ack: Any, sheet: Sheet, view: dict[str, Any], problem: BadInput) -> None:
        """Each error in its field; where none of the fields is on the screen, the form is shown with the first."""
        here = {block_on(view, name): said for name, said in problem.problems.items() if is_on(view, name)}
        if here:
            ack(response_action="errors", errors=here)
            return
        _answer(ack, form_view(self._desk, self._desk.tables.forms.filled(sheet), problem.sentence))

    def _keep(self, body: dict[str, Any]) -> Sheet:
        return self._desk.tables.forms.keep(self._owned(body), read(body["view"]))

    def _owned(self, body: dict[str, Any]) -> Sheet:
        return self._desk.tables.forms.owned(sheet_id_of(body["view"]), body["user"]["id"])

    def _say(self, client: WebClient, body: dict[str, Any], sentence: str) -> None:
        view = body["view"]
        try:
            shown = form_view(self._desk, self._owned(body), sentence)
        except PersonError:
            shown = _plain_note(view, sentence)
        except StoreTrouble:
            shown = with_trouble(view, sentence)
        put(client, self._desk, shown, view_id=view["id"])


def tell_outcome(client: WebClient, desk: Desk, sheet: Sheet, request: CopyRequest | None, sentence: str) -> None:
    """Tell what became of a form whose sending a crash interrupted: in it if it is open, else in private."""
    text = sent_text(request) if request else f"Your request was not sent. {sentence}"
    view = frame.note(sheet, text, close="Done") if request else form_view(desk, sheet, sentence)
    try:
        if sheet.view_id and put(client, desk, view, view_id=sheet.view_id):
            return
    except OutletError as error:
        log.info("outcome_not_shown", extra={"sheet": sheet.id, "code": error.code})
    try:
        desk.outlet.whisper(sheet.channel, sheet.actor.user_id, text)
    except OutletError as error:
        log.warning("person_not_told", extra={"sheet": sheet.id, "code": error.code})


def _sent(desk: Desk, sheet: Sheet) -> tuple[Block, str]:
    """The view, and the words for whoever closed it."""
    try:
        text = sent_text(desk.tables.forms.send(sheet.id))
        return frame.note(sheet, text, close="Done"), text
    except NotSendable as error:
        # The review runs pre-flight again and shows each finding with its remedy.
        return review_view(desk, sheet), f"Your request was not sent. {error.sentence}"
    except Exception as error:
        sentence = sentence_for(error)
        return review_view(desk, sheet, sentence), f"Your request was not sent. {sentence}"


def _plain_note(view: dict[str, Any], sentence: str) -> Block:
    """A note in the place of a view whose sheet is not there (or not this person's)."""
    kept_members = ("type", "callback_id", "private_metadata", "title")
    blocks: list[Block] = [{"type": "section", "text": {"type": "mrkdwn", "text": sentence, "verbatim": True}}]
    return {**{member: view[member] for member in kept_members}, "blocks": blocks}


def _answer(ack: Any, view: Block) -> None:
    ack(response_action="update", view=view)
