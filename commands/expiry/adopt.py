"""`/copy-backup adopt`: have copies that were made elsewhere watched, see which are, and drop them again."""

import json
import logging
from collections.abc import Sequence
from typing import Any

from bot.domain.copies import Copy
from bot.domain.errors import BadInput, PersonError
from bot.domain.inventory import PointEntry
from bot.slack.blocks import Block, actions, button, confirm, context, option, section, words
from bot.slack.describe import Names
from bot.slack.ids import ADOPT_FORM, ADOPT_POINTS, COMMAND, COPY_DROP, EXTEND
from bot.slack.text import code, cut, date, escape, local, plain, size
from bot.workflows.adopting import FIELD, MOST_LISTED
from commands.copy_backup.views.options import fitting
from commands.desk import Desk
from commands.errors import acknowledged, answered, kept, sentence_for
from commands.expiry.clicks import clicked
from commands.forms.screen import put
from commands.modal import field, modal
from commands.opening import open_view
from commands.payloads import actor_of
from commands.subcommands import Call, Subcommand

log = logging.getLogger(__name__)

LIST = "list"
TITLE = "Adopt copies"
MOST_AT_ONCE = 10
LONGEST_QUERY = 200
NONE = f"I watch no copy that was made elsewhere. `{COMMAND} adopt` lets you choose some."
NOTHING = f"I know no other backup with an end that nobody watches. `{COMMAND} adopt list` shows what is adopted."


def adopt(desk: Desk, call: Call) -> None:
    """Open the form, or list what is adopted."""
    if call.text.strip().lower() == LIST:
        desk.copies.watching.check_member(call.actor)
        text, blocks = listing(desk.copies.adopting.listed(), desk.names)
        call.tell(text, blocks=blocks)
        return
    # Who asks, where notices go and what there is are all read from elsewhere, and a trigger lives for three seconds.
    loading = _said(":hourglass_flowing_sand: One moment…", close="Cancel")
    opened = open_view(call.client, call.trigger_id, loading, lambda: call.tell(call.too_slow))
    if opened:
        put(call.client, desk, _first_view(desk, call), view_id=str(opened["id"]))


def _first_view(desk: Desk, call: Call) -> Block:
    """The form, or why there is none."""
    query = call.text.strip()[:LONGEST_QUERY]
    try:
        desk.copies.watching.check_member(call.actor)
        channel = desk.submitting.channel_for(call.channel)
        zone = desk.copies.watching.people.person(call.actor.user_id).timezone
        if desk.copies.adopting.find(query):
            return adopt_form(channel, query, zone)
    except Exception as error:
        return _said(sentence_for(error))
    return _said(_none_with(query) if query else NOTHING)


def _said(text: str, close: str = "Close") -> Block:
    return modal(ADOPT_FORM, "", TITLE, [section(text)], close=close)


def _none_with(query: str) -> str:
    """That a search finds nothing, which says nothing about the rest."""
    return (
        f"I know none with “{escape(query)}” that has an end and that nobody watches yet. `{COMMAND} adopt` without a "
        f"word shows all, `{COMMAND} adopt list` what is adopted."
    )


def adopt_form(channel: str, query: str, zone: str) -> Block:
    """The form: which backups, and where their notices go."""
    select: Block = {
        "type": "multi_external_select",
        "action_id": ADOPT_POINTS,
        "min_query_length": 0,
        "max_selected_items": MOST_AT_ONCE,
        "placeholder": words("Search by table, vault or account"),
    }
    blocks = [
        section(
            "Backups and copies that I did not make, but that have an end: you are told ahead of it, as of my own."
        ),
        field(FIELD, "Backups", select),
        context(f"Their notices go to <#{channel}>. `{COMMAND} adopt list` shows them, and lets you drop them."),
    ]
    metadata = json.dumps([channel, query, zone])
    return modal(ADOPT_FORM, metadata, TITLE, blocks, submit="Watch them")


def listing(copies: Sequence[Copy], names: Names) -> tuple[str, list[Block]]:
    """Text and blocks of the list."""
    if not copies:
        return NONE, [section(NONE)]
    blocks: list[Block] = []
    for copy in copies[:MOST_LISTED]:
        blocks += [section(_line(copy, names)), actions(f"adopted:{copy.arn}"[:255], [_extend(copy), _drop(copy)])]
    if len(copies) > MOST_LISTED:
        blocks.append(section("… and more, which end later."))
    return f"Adopted: {len(copies[:MOST_LISTED])}", blocks


def point_option(entry: PointEntry, names: Names, timezone: str) -> Block:
    """One backup: table and end; place and size below."""
    point, end = entry.point, entry.point.delete_at
    ends = f" · ends {local(end, timezone)}" if end else ""
    place = f"{names.account(point.vault.account)} · {point.vault.region} · {point.vault.name}"
    return option(
        plain(f"{plain(point.table_name, 40)}{ends}", 75), entry.key, plain(f"{place} · {size(point.size_bytes)}", 75)
    )


class AdoptListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def options(self, ack: Any, body: dict[str, Any]) -> None:
        """Backups that match; before anything is typed, those that match what was typed after the command."""
        found: list[Block] = []
        try:
            _, query, zone = json.loads(body["view"]["private_metadata"])
            entries = self._desk.copies.adopting.find(str(body.get("value") or "").strip() or query)
            found = [point_option(entry, self._desk.names, zone) for entry in entries]
        except PersonError as error:
            log.info("options_refused", extra={"sentence": error.sentence})
        except Exception:
            log.exception("options_failed")
        ack(options=fitting(found))

    def submit(self, ack: Any, body: dict[str, Any]) -> None:
        """Watch what was chosen: its rows are written, then it is acknowledged; what cannot be is told in the field."""

        def work() -> None:
            try:
                channel, *_ = json.loads(body["view"]["private_metadata"])
                self._desk.copies.adopting.adopt(actor_of(body), channel, _chosen(body["view"]))
            except BadInput as problem:
                ack(response_action="errors", errors={FIELD: problem.sentence})
                return
            ack()

        acknowledged(work, lambda sentence: ack(response_action="errors", errors={FIELD: sentence}))

    def keep_drop(self, ack: Any, body: dict[str, Any]) -> None:
        """Drop: the click is kept before the acknowledgement."""

        def work() -> None:
            self._desk.copies.watching.write_down(clicked(body, self._desk))

        kept(ack, work)

    def drop(self, body: dict[str, Any], respond: Any) -> None:
        """Drop, and show the list as it is now; a refusal is told beside the list."""

        def work() -> None:
            click = clicked(body, self._desk)
            self._desk.copies.watching.write_down(click)
            sentence = self._desk.copies.watching.judge(click.dedup_key)
            if sentence:
                respond(text=sentence, response_type="ephemeral", replace_original=False)
            text, blocks = listing(self._desk.copies.adopting.listed(), self._desk.names)
            respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)

        answered(work, lambda sentence: respond(text=sentence, response_type="ephemeral", replace_original=False))


def _line(copy: Copy, names: Names) -> str:
    end = f"ends {date(copy.delete_at)}" if copy.delete_at else "has no end"
    by = f"adopted by <@{copy.adopted_by.user_id}>" if copy.adopted_by else "adopted by the configuration"
    return cut(f"{code(copy.table_name)} in {names.place(copy.vault)} {end} · {by} · told in <#{copy.channel}>", 2_900)


def _extend(copy: Copy) -> Block:
    spoken = f"Keep the {copy.noun} of {copy.table_name} longer"
    return button(EXTEND, "Extend…", _value(copy), spoken=spoken)


def _value(copy: Copy) -> str:
    return f"{int(copy.delete_at.timestamp()) if copy.delete_at else 0} {copy.arn}"


def _drop(copy: Copy) -> Block:
    sure = confirm(
        "Stop watching it?", f"Nobody is told ahead of its end any more. The {copy.noun} itself stays.", "Drop", "Keep"
    )
    spoken = f"Stop watching the {copy.noun} of {copy.table_name}"
    return button(COPY_DROP, "Drop", _value(copy), confirm=sure, spoken=spoken)


def _chosen(view: dict[str, Any]) -> list[str]:
    element = ((view.get("state") or {}).get("values") or {}).get(FIELD, {}).get(ADOPT_POINTS) or {}
    return [str(one.get("value") or "") for one in element.get("selected_options") or []][:MOST_AT_ONCE]


ADOPT = Subcommand(
    "adopt",
    "adopt` has copies watched that were made elsewhere (in the console, by backup plans); `adopt orders` searches, "
    "`adopt list` shows them and drops them.",
    adopt,
)
