"""Answers while people type in a select. Slack shows no error there: on trouble the list is empty, and logged."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from bot.domain.errors import PersonError
from bot.domain.search import matches, words_of
from bot.slack.blocks import Block
from commands.copy_backup.form import read
from commands.copy_backup.views.options import (
    SoughtPoints,
    fitting,
    label_of,
    point_option,
    table_option,
)
from commands.copy_backup.views.vaults import vault_option
from commands.desk import Desk

log = logging.getLogger(__name__)


class WalkOptions:
    """https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload"""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tables(self, ack: Any, body: dict[str, Any]) -> None:
        """Tables that match; before anything is typed, those that match what was typed after the command."""
        _answer(ack, lambda: self._tables(body))

    def backups(self, ack: Any, body: dict[str, Any]) -> None:
        """Backups of the chosen table that match every word, newest first."""
        _answer(ack, lambda: self._backups(body))

    def vaults(self, ack: Any, body: dict[str, Any]) -> None:
        """Vaults of the chosen account and Region whose name holds every word."""
        _answer(ack, lambda: self._vaults(body))

    def _tables(self, body: dict[str, Any]) -> list[Block]:
        typed = str(body.get("value") or "")
        draft = self._desk.walk.owned(body["view"]["private_metadata"], body["user"]["id"])
        query = typed if typed.strip() else draft.form.query
        found = self._desk.inventory.tables(query) or ([] if typed.strip() else self._desk.inventory.tables(""))
        return [table_option(table, self._desk.names) for table in found]

    def _backups(self, body: dict[str, Any]) -> list[Block]:
        draft = self._desk.walk.owned(body["view"]["private_metadata"], body["user"]["id"])
        _, _, table_key = str(body.get("block_id") or "").partition(":")
        names, zone, now = self._desk.names, draft.timezone, self._desk.clock.now()
        air_gapped = self._desk.inventory.air_gapped()
        found = self._desk.inventory.find_points(
            table_key or draft.form.table_key,
            str(body.get("value") or ""),
            SoughtPoints(names, zone, now, air_gapped),
        )
        return [point_option(entry, names, zone, now, air_gapped) for entry in found]

    def _vaults(self, body: dict[str, Any]) -> list[Block]:
        draft = self._desk.walk.owned(body["view"]["private_metadata"], body["user"]["id"])
        form = read(body["view"], draft.form)
        options = (vault_option(vault) for vault in self._desk.walk.choices(form).vaults)
        return _matching(options, str(body.get("value") or ""))


def _matching(options: Iterable[Block], typed: str) -> list[Block]:
    words = words_of(typed)
    return [entry for entry in options if matches(words, label_of(entry))]


def _answer(ack: Any, find: Callable[[], list[Block]]) -> None:
    try:
        found = find()
    except PersonError as error:
        log.info("options_refused", extra={"sentence": error.sentence})
        found = []
    except Exception:
        log.exception("options_failed")
        found = []
    ack(options=fitting(found))
