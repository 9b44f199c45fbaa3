"""`/copy-backup`: help, or the walk."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot.domain.drafts import Page
from bot.domain.orders import Order, is_order, understand
from bot.domain.people import Actor
from bot.domain.wishes import meant
from bot.slack.ids import COMMAND
from bot.slack.text import cut, escape
from bot.workflows.beginning import Beginning
from bot.workflows.walk import new_draft_id
from commands.copy_backup.review import review_again
from commands.copy_backup.screen import open_loading, show
from commands.desk import Desk
from commands.errors import answered
from commands.subcommands import Call, Subcommand

HELP = frozenset({"help", "-h", "--help", "?"})
# What a table's name, an account's alias or a Region may hold; anything else after the command is no search.
SEARCHABLE = re.compile(r"[\w.\-\s]{1,255}", re.ASCII)
# With should_escape Slack writes what looks like a link as one, and a table may well be called orders.eu.
LINK = re.compile(r"<(?:https?://|mailto:)([^|<>]*?)/?(?:\|([^<>]*))?>")
_USAGE = (
    f"*`{COMMAND}`* copies a DynamoDB backup to another vault, Region or account, after colleagues have approved it.\n"
    f"• `{COMMAND}` opens the walk: choose a table and one of its backups, a destination, how long the copy is kept, "
    "and say why.\n"
    f"• `{COMMAND} orders` opens it with the table search filled in.\n"
    f"• `{COMMAND} orders to backup/eu-west-1/dr-vault keep 90d because audit` opens it at the review, with the newest "
    "backup that can be copied. Whatever you leave out is asked for; several destinations are parted by commas, a "
    "route's name stands for its hops, and `keep` takes `90d`, `2y`, `100y`, `source` or `until 2027-03-01`. A table "
    'that is called like a word of mine goes into quotes: `"list" to …`.\n'
    "{subcommands}"
    f"• `{COMMAND} help` shows this.\n"
    "The request appears in this channel (or in the usual one, where I am not a member); it is approved or rejected "
    "in its thread, where I also tell what became of the copy and when it is about to expire."
)
TOO_SLOW = f"Slack closed the door before I could open the form. Type `{COMMAND}` again."


class SlashCommand:
    """The listener of the slash command; it works in every channel, member or not."""

    def __init__(self, desk: Desk, subcommands: Sequence[Subcommand] = ()) -> None:
        self._desk = desk
        self._subcommands = {subcommand.word: subcommand for subcommand in subcommands}

    def acknowledge(self, ack: Any, body: dict[str, Any]) -> None:
        """Answer what needs nothing but words; the rest is slow work."""
        text = typed(body)
        if text.lower() in HELP:
            ack(text=self.usage(), response_type="ephemeral")
        elif self._is_unknown(text):
            ack(text=self._unknown(text), response_type="ephemeral")
        else:
            ack()

    def open(self, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        """Open the walk. A word that matches no table is answered with what the command knows."""
        text = typed(body)
        subcommand = self._subcommand(text)
        if text.lower() in HELP or self._is_unknown(text):
            return

        def work() -> None:
            if subcommand is None:
                self._open(body, client, text, respond)
            else:
                subcommand.answer(self._desk, _call(body, client, text, respond))

        answered(work, lambda sentence: respond(text=sentence, response_type="ephemeral"))

    def usage(self) -> str:
        """What can be typed."""
        lines = (f"• `{COMMAND} {subcommand.usage}\n" for subcommand in self._subcommands.values())
        return _USAGE.replace("{subcommands}", "".join(lines))

    def _subcommand(self, text: str) -> Subcommand | None:
        return self._subcommands.get(_first_word(text).lower())

    def _is_unknown(self, text: str) -> bool:
        """Whether this can be neither a subcommand nor an order nor words to search tables by."""
        if not text or self._subcommand(text) is not None:
            return False
        return not is_order(text) and not SEARCHABLE.fullmatch(text)

    def _unknown(self, text: str) -> str:
        hint = meant(_first_word(text), (*self._subcommands, "help"))
        return (
            f"I know no table whose name contains “{escape(cut(text, 100))}”, and no command of that name.{hint} "
            f"Type `{COMMAND}` to look through all backups.\n\n{self.usage()}"
        )

    def _open(self, body: dict[str, Any], client: WebClient, text: str, respond: Any) -> None:
        order = understand(text) if is_order(text) else None
        if text and order is None and not self._desk.walk.is_known(text):
            respond(text=self._unknown(text), response_type="ephemeral")
            return
        draft_id = new_draft_id()
        late = partial(respond, text=TOO_SLOW, response_type="ephemeral")
        view = open_loading(client, body["trigger_id"], draft_id, late)
        if view is None:
            return
        self._desk.walk.begin(draft_id, _actor(body), body["channel_id"], "" if order else text, view)
        if order is None:
            self._desk.walk.fill(draft_id)
            show(client, self._desk, draft_id, view[1])
        else:
            self._begin_with(client, draft_id, order, view[1])

    def _begin_with(self, client: WebClient, draft_id: str, order: Order, seen: str) -> None:
        """Show the first page that lacks something, or the review with all that it says."""
        Beginning(self._desk.walk).fill(draft_id, order)
        show(client, self._desk, draft_id, seen)
        draft = self._desk.walk.newest(draft_id)
        if draft is not None and draft.form.page is Page.REVIEW:
            review_again(client, self._desk, draft, draft.view_hash)


def typed(body: Mapping[str, Any]) -> str:
    """What the person typed after the command, before Slack made links and entities of it.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    text = LINK.sub(lambda link: link[2] or link[1], str(body.get("text") or ""))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text else ""


def _actor(body: Mapping[str, Any]) -> Actor:
    return Actor(body["user_id"], body.get("team_id") or "", body.get("user_name") or "")


def _call(body: Mapping[str, Any], client: WebClient, text: str, respond: Any) -> Call:
    rest = text[len(_first_word(text)) :].strip()
    return Call(rest, _actor(body), body["channel_id"], body["trigger_id"], client, respond)
