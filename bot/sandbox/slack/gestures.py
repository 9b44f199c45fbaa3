"""Using what the app put on the screen: pressing, choosing, typing ahead, submitting, closing."""

import logging
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from . import payloads
from .delivery import Delivery
from .elements import Placed, Values, carry_over, initial_values, value_of
from .entries import faults_before_submit
from .parcels import Answer, Parcel
from .payloads import Grants
from .records import JsonObject, Member, Message
from .refusals import ClientRefusal
from .validation import validate_options, validate_view
from .views import View, ViewRefusal
from .workspace import Workspace

log = logging.getLogger("copy_backup.sandbox.slack")

Surface: TypeAlias = View | Message
Outcome = Literal["closed", "errors", "updated", "pushed", "cleared", "trouble"]

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What a submission led to; `errors` by block_id, `view` the one now on top."""

    outcome: Outcome
    answer: Answer
    view: View | None = None
    errors: dict[str, str] = field(default_factory=dict)


class Gestures:
    """Carry out what people do with elements and modals."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._message_values: dict[tuple[str, str, str], Values] = {}

    def values(self, user: str, surface: Surface) -> Values:
        """Return the state of a surface's elements as this person left them."""
        if isinstance(surface, View):
            current = self._workspace.views.find(surface.id)
            return current.values if current else {}
        kept = self._message_values.get((user, surface.channel, surface.ts), {})
        return carry_over(surface.blocks, kept, surface.blocks) if kept else initial_values(surface.blocks)

    def enter(self, user: str, surface: Surface, placed: Placed, state: JsonObject) -> None:
        """Put a state into an element, without telling the app."""
        with self._workspace.changes.changing():
            values = self.values(user, surface)
            row = {**values.get(placed.block_id, {}), placed.action_id: state}
            new = {**values, placed.block_id: row}
            if isinstance(surface, View):
                self._workspace.views.set_values(surface.id, new)
            else:
                self._message_values[user, surface.channel, surface.ts] = new

    def act(self, user: str, surface: Surface, placed: Placed, state: JsonObject | None) -> Answer:
        """Send block_actions for an element and wait for the acknowledgement."""
        if not self._workspace.app.interactivity:
            raise ClientRefusal("This app is not configured to handle interactive responses.")
        entry = payloads.action(placed, state)
        with self._workspace.changes.reading():
            payload = self._action_payload(self._person(user), surface, entry)
        answer = self._delivery.deliver(Parcel("interactive", payload))
        if not answer.ok and isinstance(surface, View):
            self._workspace.views.show_errors(surface.id, {}, TROUBLE)
        return answer

    def _action_payload(self, person: Member, surface: Surface, entry: JsonObject) -> JsonObject:
        if isinstance(surface, View):
            view = self._workspace.views.find(surface.id)
            if view is None:
                raise ClientRefusal("That view is no longer open.")
            grants = Grants(self._workspace.triggers.mint(person.id, view.id if view.type == "modal" else None))
            return payloads.actions_in_view(person, view, entry, grants)
        there = self._workspace.directory.conversations[surface.channel]
        grants = Grants(
            self._workspace.triggers.mint(person.id),
            self._workspace.response_urls.mint(person.id, there.id, surface.ts, surface.thread_ts),
        )
        values = self.values(person.id, surface)
        return payloads.actions_in_message(person, there, surface, values, entry, grants)

    def suggest(self, user: str, surface: Surface, placed: Placed, typed: str) -> list[JsonObject]:
        """Type into an external select; return its options, none while too little is typed.

        Raises:
            ClientRefusal: when the app does not answer in time or not with valid options.
        """
        if len(typed) < placed.element.get("min_query_length", 3):
            return []
        person = self._person(user)
        if isinstance(surface, View):
            current = self._workspace.views.find(surface.id) or surface
            payload = payloads.suggestion_in_view(person, current, placed, typed)
        else:
            there = self._workspace.directory.conversations[surface.channel]
            payload = payloads.suggestion_in_message(person, there, surface, placed, typed)
        answer = self._delivery.deliver(Parcel("interactive", payload))
        problems = validate_options(answer.body) if answer.ok else []
        if not answer.ok or problems:
            raise ClientRefusal(f"{placed.names[0]}: could not load options ({answer.error or problems[0]}).")
        grouped = [o for group in answer.body.get("option_groups") or [] for o in group["options"]]
        return [*(answer.body.get("options") or []), *grouped]

    def submit(self, user: str, view: View) -> SubmitResult:
        """Press the modal's submit button. Raises ClientRefusal when the client finds fault with the inputs."""
        if view.submit_text is None:
            raise ClientRefusal(f"The modal {view.title!r} has no submit button.")
        faults = faults_before_submit(view.blocks, view.values)
        if faults:
            raise ClientRefusal(f"The modal {view.title!r} isn't complete.", faults)
        grants = Grants(self._workspace.triggers.mint(user, view.id))
        payload = payloads.view_submission(self._person(user), view, grants, self._response_urls(user, view))
        answer = self._delivery.deliver(Parcel("interactive", payload))
        with self._workspace.changes.changing():
            return self._settle(user, view, answer)

    def _response_urls(self, user: str, view: View) -> list[JsonObject]:
        """Give a response URL for each channel chosen in an input that asks for one."""
        urls = []
        for block in view.blocks:
            element = block.get("element") or {}
            if element.get("response_url_enabled"):
                chosen = value_of(view.values[block["block_id"]][element["action_id"]])
                url = self._workspace.response_urls.mint(user, str(chosen))
                entry = {"block_id": block["block_id"], "action_id": element["action_id"]}
                urls.append({**entry, "channel_id": chosen, "response_url": url})
        return urls

    def _settle(self, user: str, view: View, answer: Answer) -> SubmitResult:
        """Do what the app's answer to a submission says; what Slack can't use leaves the modal in trouble."""
        views = self._workspace.views
        if not answer.ok:
            return self._trouble(view, answer, answer.error or "")
        action = answer.body.get("response_action")
        if action is None:
            # A view the app opened meanwhile goes too: clients close what is on top when the empty answer comes.
            views.close_top(user)
            return SubmitResult("closed", answer, views.top(user))
        if action == "clear":
            views.close_all(user)
            return SubmitResult("cleared", answer)
        if action == "errors":
            return self._show_errors(view, answer)
        return self._replace(user, view, answer, action)

    def _show_errors(self, view: View, answer: Answer) -> SubmitResult:
        errors = answer.body.get("errors") or {}
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        unknown = [block_id for block_id in errors if block_id not in inputs]
        if unknown or not errors:
            return self._trouble(view, answer, f"errors for unknown input blocks: {unknown}")
        self._workspace.views.show_errors(view.id, dict(errors))
        return SubmitResult("errors", answer, self._workspace.views.find(view.id), dict(errors))

    def _replace(self, user: str, view: View, answer: Answer, action: str) -> SubmitResult:
        definition = answer.body.get("view")
        if action not in ("update", "push") or not isinstance(definition, dict):
            return self._trouble(view, answer, f"response_action {action!r} without a view")
        problems = validate_view(definition)
        if problems:
            return self._trouble(view, answer, f"an invalid view: {problems[0]}")
        try:
            if action == "push":
                return SubmitResult("pushed", answer, self._workspace.views.push(user, definition))
            return SubmitResult("updated", answer, self._workspace.views.update(view, definition))
        except ViewRefusal as refusal:
            return self._trouble(view, answer, str(refusal))

    def _trouble(self, view: View, answer: Answer, why: str) -> SubmitResult:
        log.error("The answer to the submission of %r can't be used: %s", view.title, why)
        self._workspace.views.show_errors(view.id, {}, TROUBLE)
        failed = answer if not answer.ok else Answer(ok=False, body=answer.body, error=why)
        return SubmitResult("trouble", failed, self._workspace.views.find(view.id))

    def close(self, user: str, *, everything: bool) -> Answer | None:
        """Close the top view (Cancel) or the whole stack (the X); tell the app if the view asks for it."""
        with self._workspace.changes.changing():
            views = self._workspace.views
            top = views.top(user)
            if top is None:
                raise ClientRefusal("No modal is open.")
            everything = everything or bool(top.definition["clear_on_close"])
            told = views.close_all(user)[0] if everything else views.close_top(user) or top
        if not told.definition["notify_on_close"]:
            return None
        payload = payloads.view_closed(self._person(user), told, is_cleared=everything)
        return self._delivery.deliver(Parcel("interactive", payload))

    def _person(self, user: str) -> Member:
        return self._workspace.directory.people[user]
