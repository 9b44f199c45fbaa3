"""A person at their Slack client: the way tests and the demo drive the workspace."""

import secrets
from collections.abc import Callable
from typing import Any

from .command_line import CommandLine, CommandResult
from .elements import EXTERNAL_SELECTS, Placed, options_of, placed_elements, state_of, value_of
from .entries import entered, fires_on_entry, pick_option
from .gestures import Gestures, SubmitResult, Surface
from .ids import BACKUPS, BOT_USER, TEAM, WORKFLOW_TOKEN
from .parcels import Answer
from .records import Conversation, JsonObject, Member, Message
from .refusals import ClientRefusal
from .rendering import render_view
from .views import View
from .workspace import Workspace

PRESSED = ("button", "overflow", "workflow_button", "icon_button")


class Person:
    """What one person sees and does; every method acts as a click or keystroke of theirs."""

    def __init__(self, workspace: Workspace, user_id: str, commands: CommandLine, gestures: Gestures) -> None:
        self._workspace = workspace
        self._commands = commands
        self._gestures = gestures
        self.id = user_id

    @property
    def member(self) -> Member:
        return self._workspace.directory.people[self.id]

    @property
    def modal(self) -> View | None:
        """The view on top of this person's screen."""
        return self._workspace.views.top(self.id)

    @property
    def stack(self) -> list[View]:
        return self._workspace.views.stack(self.id)

    @property
    def home(self) -> View | None:
        """The Home tab as last published for this person."""
        return self._workspace.views.home(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """The messages only this person sees, oldest first."""
        return self._workspace.timeline.ephemerals_of(self.id)

    def command(self, line: str, channel: str = BACKUPS, thread_ts: str | None = None) -> CommandResult:
        """Type a slash command and wait for the app's acknowledgement.

        Raises:
            ClientRefusal: in a thread, for an unknown command, outside the channel, from another organization.
        """
        self._refuse_deactivated()
        if thread_ts is not None:
            raise ClientRefusal(f"{line.split(maxsplit=1)[0]} is not supported in threads. Sorry!")
        return self._commands.run(self.id, line, channel)

    def shortcut(self, callback_id: str, message: Message | None = None) -> Answer:
        """Choose a shortcut: a global one, or one from a message's menu."""
        self._refuse_deactivated()
        return self._commands.shortcut(self.id, callback_id, message)

    def say(self, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message; the app hears of it if it subscribed to messages there."""
        self._refuse_deactivated()
        there = self._refuse_outsider(channel)
        timeline = self._workspace.timeline
        message = timeline.post(
            Message(channel=channel, ts=timeline.new_ts(channel), user=self.id, text=text, thread_ts=thread_ts)
        )
        if BOT_USER in there.members:
            kind = {"im": "im", "groups": "groups"}.get(there.kind, "channels")
            event = {"type": "message", "user": self.id, "text": text, "ts": message.ts, "channel": channel}
            thread = {"thread_ts": thread_ts} if thread_ts else {}
            self._workspace.announce(event | {"channel_type": kind} | thread)
        return message

    def open_home(self, tab: str = "home") -> View | None:
        """Open the app's Home (or Messages) tab; the app hears `app_home_opened` in the background."""
        self._refuse_deactivated()
        im, _ = self._workspace.directory.open_im(self.id)
        event: JsonObject = {"type": "app_home_opened", "user": self.id, "channel": im.id, "tab": tab}
        if self.home is not None and tab == "home":
            event["view"] = self.home.payload()
        self._workspace.announce(event)
        return self.home

    def invite(self, channel: str, user_id: str) -> None:
        """Invite somebody, the bot perhaps, into a channel one is in."""
        self._refuse_outsider(channel)
        self._workspace.directory.join(channel, user_id)
        event = {"type": "member_joined_channel", "user": user_id, "channel": channel, "inviter": self.id}
        self._workspace.announce(event | {"team": TEAM, "channel_type": "C"})

    def run_step(self, callback_id: str, inputs: JsonObject) -> str:
        """Run a workflow whose step is the app's function; return the id of the execution."""
        execution = f"Fx{secrets.token_hex(5).upper()}"
        event: JsonObject = {
            "type": "function_executed",
            "function": {"id": "Fn0LOCAL001", "callback_id": callback_id, "type": "app"},
            "inputs": inputs,
            "function_execution_id": execution,
            "workflow_execution_id": f"Wx{execution[2:]}",
            "bot_access_token": WORKFLOW_TOKEN,
        }
        self._workspace.announce(event)
        return execution

    def reload(self) -> None:
        """Reload the client: what only this person saw is gone."""
        self._workspace.timeline.forget_ephemerals_of(self.id)

    def wait_for_modal(self, predicate: Callable[[View], object] | str | None = None, timeout: float = 10) -> View:
        """Wait until a modal is on top that fulfils the predicate, or whose text holds the given words."""

        def there() -> View | None:
            view = self.modal
            if view is None:
                return None
            fits = (
                predicate in render_view(view) if isinstance(predicate, str) else predicate is None or predicate(view)
            )
            return view if fits else None

        found = self._workspace.changes.wait_until(there, timeout, f"a modal of {self.member.name}: {predicate}")
        assert found is not None
        return found

    def fill(self, label_or_block: str, value: Any, where: Surface | None = None) -> Answer | None:
        """Enter a value: text, number, option (by text or value), list of options, id, date; None empties.

        Returns:
            The delivery of the block_actions this fired, or None when Slack sends none.
        """
        surface, placed = self._find(label_or_block, where)
        if placed.kind in PRESSED:
            raise ClientRefusal(f"{label_or_block} is a button; use press().")
        return self._entered(surface, placed, entered(placed, value))

    def suggest(self, label_or_block: str, typed: str = "", where: Surface | None = None) -> list[JsonObject]:
        """Type into a menu and return the options offered."""
        surface, placed = self._find(label_or_block, where)
        if placed.kind not in EXTERNAL_SELECTS:
            return [o for o in options_of(placed.element) if typed.lower() in o["text"]["text"].lower()]
        return self._gestures.suggest(self.id, surface, placed, typed)

    def choose(
        self, label_or_block: str, typed: str = "", option_text: str | None = None, where: Surface | None = None
    ) -> Answer | None:
        """Type ahead in a menu, then pick an option by its text or value, the first one by default."""
        surface, placed = self._find(label_or_block, where)
        offered = self.suggest(label_or_block, typed, where)
        if not offered:
            raise ClientRefusal(f"{label_or_block}: no options for {typed!r}.")
        option = pick_option(offered, option_text, label_or_block) if option_text else offered[0]
        value: object = option
        if placed.kind.startswith("multi_"):
            values = self._gestures.values(self.id, surface)
            before = value_of(values[placed.block_id][placed.action_id])
            value = [*(before if isinstance(before, list) else []), option]
        return self._entered(surface, placed, state_of(placed.element, value))

    def pick(self, label_or_block: str, option: JsonObject | None, where: Surface | None = None) -> Answer | None:
        """Pick one of the options that a menu has offered; None takes the choice back."""
        surface, placed = self._find(label_or_block, where)
        return self._entered(surface, placed, state_of(placed.element, option))

    def press(self, button_text: str, where: Surface | None = None, *, confirm: bool = True) -> Answer:
        """Press a button (or pick an overflow entry) in the modal on top, the Home tab or a message."""
        surface = self._surface(where)
        placed, state = self._button(surface, button_text)
        if placed.element.get("confirm") and not confirm:
            return Answer(ok=True, sent=False)
        return self._gestures.act(self.id, surface, placed, state)

    def press_seen(
        self, block: JsonObject, element: JsonObject, option: JsonObject | None = None, where: Surface | None = None
    ) -> Answer:
        """Press a button as it stands on the person's screen, where it may be older than the message by now."""
        state = {"type": element["type"], "selected_option": option} if option else None
        return self._gestures.act(self.id, self._surface(where), Placed(block, element), state)

    def click(self, message: Message, button_text: str, *, confirm: bool = True) -> Answer:
        """Press a button of a message; `confirm=False` says no in its confirm dialog.

        Emulator decision: a person may press what they still see on an old version of the message.
        """
        return self.press(button_text, message, confirm=confirm)

    def submit(self) -> SubmitResult:
        """Press the modal's submit button and wait for what the app answers."""
        self._refuse_deactivated()
        return self._gestures.submit(self.id, self._top())

    def close_modal(self, *, everything: bool = False) -> Answer | None:
        """Press Cancel on the top view, or the X that closes the whole stack."""
        return self._gestures.close(self.id, everything=everything)

    def confirm_of(self, button_text: str, where: Surface | None = None) -> JsonObject | None:
        """Return the confirm dialog a button shows first, if any."""
        placed, _ = self._button(self._surface(where), button_text)
        return placed.element.get("confirm")

    def _entered(self, surface: Surface, placed: Placed, state: JsonObject) -> Answer | None:
        self._gestures.enter(self.id, surface, placed, state)
        if not fires_on_entry(placed):
            return None
        return self._gestures.act(self.id, surface, placed, state)

    def _surface(self, where: Surface | None) -> Surface:
        self._refuse_deactivated()
        if where is None:
            return self._top()
        if isinstance(where, View):
            return self._workspace.views.find(where.id) or where
        self._refuse_unseen(where)
        return where

    def _top(self) -> View:
        view = self.modal
        if view is None:
            raise ClientRefusal("No modal is open.")
        return view

    def _refuse_unseen(self, message: Message) -> None:
        if message.ephemeral_to not in (None, self.id):
            raise ClientRefusal("That message is for somebody else.")
        if not self._workspace.directory.is_member(message.channel, self.id):
            raise ClientRefusal(f"{self.id} is not in {message.channel}.")
        if self._workspace.timeline.find(message.channel, message.ts) is None:
            raise ClientRefusal("That message is gone.")

    def _refuse_outsider(self, channel: str) -> Conversation:
        there = self._workspace.directory.conversations[channel]
        if self.id not in there.members:
            raise ClientRefusal(f"{self.id} is not in #{there.name}.")
        return there

    def _refuse_deactivated(self) -> None:
        if self.member.deleted:
            raise ClientRefusal(f"{self.id} is deactivated.")

    def _find(self, name: str, where: Surface | None) -> tuple[Surface, Placed]:
        surface = self._surface(where)
        found = list(placed_elements(surface.blocks))
        for placed in found:
            if name in placed.names:
                return surface, placed
        for placed in found:
            if any(name.lower() in word.lower() for word in placed.names):
                return surface, placed
        names = [placed.names[0] for placed in found]
        raise ClientRefusal(f"Nothing here is called {name!r}; there are {names}.")

    def _button(self, surface: Surface, text: str) -> tuple[Placed, JsonObject | None]:
        seen = []
        for placed in placed_elements(surface.blocks):
            if placed.kind == "overflow":
                for option in options_of(placed.element):
                    if text in (option["text"]["text"], option.get("value")):
                        return placed, {"type": "overflow", "selected_option": option}
            elif placed.kind in PRESSED:
                seen.append(placed.element["text"]["text"])
                if text in (placed.element["text"]["text"], placed.action_id):
                    return placed, None
        raise ClientRefusal(f"There is no button {text!r}; there are {seen}.")
