"""Words after the slash command that mean something of their own: `/copy-backup status`, and so on.

Each family of commands brings its own (`SUBCOMMANDS` in its package); `commands.register` hands them to the listener
of the slash command, which answers every other word with the walk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from bot.domain.people import Actor
from bot.domain.sentences import TYPE_AGAIN
from commands.desk import Desk


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a subcommand. `text` is what stands after the word, as typed; `respond` answers that person only.

    `too_slow`: what that person is told when Slack opens no form any more; a button says another sentence than a word.

    It is slow work, after the acknowledgement: `trigger_id` opens a view within three seconds of the typing.
    """

    text: str
    actor: Actor
    channel: str
    trigger_id: str
    client: WebClient
    respond: Callable[..., Any]
    too_slow: str = TYPE_AGAIN

    def tell(self, text: str, **more: Any) -> None:
        """Answer in the channel, seen by that person only."""
        self.respond(text=text, response_type="ephemeral", **more)


@dataclass(frozen=True, slots=True)
class Subcommand:
    """`usage` is a line of the help, from the word on: "status` shows …" (the backtick ends what is typed).

    `answer` raises what goes wrong; the slash command tells the person.
    """

    word: str
    usage: str
    answer: Callable[[Desk, Call], None]
