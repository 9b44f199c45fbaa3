"""Typing a slash command or choosing a shortcut: what the client refuses, what is sent, what the person then reads."""

import re
from dataclasses import dataclass

from . import payloads
from .delivery import Delivery
from .parcels import Answer, Parcel
from .payloads import Grants
from .records import Conversation, Message
from .refusals import ClientRefusal
from .responses import Responses
from .validation import validate_message
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command: the app's answer, the line of failure the person reads, the message posted by it."""

    answer: Answer
    seen: str = ""
    message: Message | None = None

    @property
    def error(self) -> str | None:
        return self.answer.error


class CommandLine:
    """Send commands and shortcuts for people."""

    def __init__(self, workspace: Workspace, delivery: Delivery, responses: Responses) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._responses = responses

    def run(self, user: str, line: str, channel: str) -> CommandResult:
        """Type a command line in a channel. Raises ClientRefusal as Slack's client would."""
        command, _, text = line.partition(" ")
        with self._workspace.changes.reading():
            there = self._place(user, command, channel)
            payload = payloads.slash_command(
                self._workspace.directory.people[user],
                there,
                command,
                self._escaped(command, text.strip()),
                self._grants(user, channel),
            )
        answer = self._delivery.deliver(Parcel("slash_commands", payload))
        return self._shown(user, command, line, channel, answer)

    def shortcut(self, user: str, callback_id: str, message: Message | None = None) -> Answer:
        """Choose a global shortcut, or a message shortcut from a message's menu."""
        wanted = "message" if message else "global"
        shortcuts = self._workspace.app.shortcuts
        if shortcuts is not None and shortcuts.get(callback_id) != wanted:
            raise ClientRefusal(f"There is no {wanted} shortcut {callback_id}.")
        if message is not None and message.ephemeral:
            raise ClientRefusal("An ephemeral message has no shortcuts.")
        person = self._workspace.directory.people[user]
        if message is None:
            payload = payloads.shortcut(person, callback_id, Grants(self._workspace.triggers.mint(user)))
        else:
            there = self._workspace.directory.conversations[message.channel]
            grants = self._grants(user, message.channel, message.ts)
            payload = payloads.message_shortcut(person, there, message, callback_id, grants)
        return self._delivery.deliver(Parcel("interactive", payload))

    def _place(self, user: str, command: str, channel: str) -> Conversation:
        commands = self._workspace.app.commands
        known = commands is None or (command in commands and self._workspace.app.grants("commands"))
        if not command.startswith("/") or not known:
            raise ClientRefusal(f"{command} is not a valid command.")
        if self._workspace.directory.is_external(user):
            raise ClientRefusal("People of other organizations can't use this workspace's commands.")
        there = self._workspace.directory.conversations[channel]
        if user not in there.members:
            raise ClientRefusal(f"{user} is not in #{there.name}.")
        if there.is_archived:
            raise ClientRefusal(f"#{there.name} is archived.")
        return there

    def _grants(self, user: str, channel: str, message_ts: str | None = None) -> Grants:
        return Grants(
            self._workspace.triggers.mint(user),
            self._workspace.response_urls.mint(user, channel, message_ts),
        )

    def _escaped(self, command: str, text: str) -> str:
        """Turn typed mentions into ids where the manifest asks for it."""
        if not (self._workspace.app.commands or {}).get(command):
            return text
        directory = self._workspace.directory

        def person(match: re.Match[str]) -> str:
            found = directory.person_named(match[1])
            return f"<@{found.id}|{found.name}>" if found else match[0]

        def channel(match: re.Match[str]) -> str:
            for there in directory.conversations.values():
                if there.name == match[1]:
                    return f"<#{there.id}|{'' if there.is_private else there.name}>"
            return match[0]

        text = re.sub(r"(https?://\S+)", r"<\1>", text)
        return re.sub(r"(?<!\S)#([\w-]+)", channel, re.sub(r"(?<!\S)@([\w.-]+)", person, text))

    def _shown(self, user: str, command: str, line: str, channel: str, answer: Answer) -> CommandResult:
        """Show the person what Slack shows: the failure, or the message in the acknowledgement."""
        if not answer.ok:
            return CommandResult(answer, f'{command} failed with the error "{answer.error}"')
        body = answer.body
        if body.get("response_type") == "in_channel":
            self._echo(user, line, channel)
        if not (body.get("text") or body.get("blocks") or body.get("attachments")):
            return CommandResult(answer)
        if validate_message(body):
            refused = Answer(ok=False, body=body, error="invalid_command_response")
            return CommandResult(refused, f'{command} failed with the error "invalid_command_response"')
        return CommandResult(answer, message=self._responses.post(user, channel, body))

    def _echo(self, user: str, line: str, channel: str) -> None:
        timeline = self._workspace.timeline
        timeline.post(Message(channel=channel, ts=timeline.new_ts(channel), user=user, text=line))
