"""Answers while people type in a form's selects. Slack shows no error there: on trouble the list is empty."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from bot.domain.errors import PersonError
from bot.domain.sheets import Sheet, SheetKind
from bot.slack.blocks import Block
from bot.workflows.places import key_of
from commands.copy_backup.views.options import fitting, point_option, table_option
from commands.desk import Desk
from commands.forms.answers import read, sheet_id_of
from commands.forms.options_of import plan_option, route_option, vault_option

log = logging.getLogger(__name__)


class FormOptions:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tables(self, ack: Any, body: dict[str, Any]) -> None:
        """Tables whose name, account or Region holds every word."""

        def find(sheet: Sheet, typed: str) -> list[Block]:
            query = typed if typed.strip() else sheet.answer("query")
            found = self._desk.inventory.tables(query) or ([] if typed.strip() else self._desk.inventory.tables(""))
            return [table_option(table, self._desk.names) for table in found]

        self._answer(ack, body, find)

    def points(self, ack: Any, body: dict[str, Any]) -> None:
        """Backups and copies of the chosen table, newest first."""

        def find(sheet: Sheet, typed: str) -> list[Block]:
            table = {**sheet.answers, **read(body["view"])}.get("table", "")
            points = self._desk.inventory.points(table) if table else ()
            now = self._desk.clock.now()
            return _matching([point_option(one, self._desk.names, sheet.timezone, now) for one in points], typed)

        self._answer(ack, body, find)

    def plans(self, ack: Any, body: dict[str, Any]) -> None:
        """Backup plans of all accounts and Regions."""

        def find(sheet: Sheet, typed: str) -> list[Block]:
            return _matching(
                [plan_option(head, self._desk.names) for head in self._desk.tables.scheduling.heads()], typed
            )

        self._answer(ack, body, find)

    def vaults(self, ack: Any, body: dict[str, Any]) -> None:
        """Vaults: of the place to restore to, or of all places a schedule may copy to."""

        def find(sheet: Sheet, typed: str) -> list[Block]:
            places = self._desk.tables.restoring.places
            place = {**sheet.answers, **read(body["view"])}.get("place", "")
            where = [(account.id, region) for account, region in places.all()]
            wanted = where if sheet.kind is SheetKind.SCHEDULE else [one for one in where if "/".join(one) == place]
            found = [vault for one in wanted for vault in places.vaults(*one)]
            return _matching([vault_option(key_of(vault.ref), vault, self._desk.names) for vault in found], typed)

        self._answer(ack, body, find)

    def ways(self, ack: Any, body: dict[str, Any]) -> None:
        """Named routes first, then every vault that a schedule may copy to."""

        def find(sheet: Sheet, typed: str) -> list[Block]:
            names, scheduling = self._desk.names, self._desk.tables.scheduling
            routes = [route_option(route, names) for route in scheduling.ways.routes()]
            where = scheduling.places.all()
            vaults = [vault for account, region in where for vault in scheduling.places.vaults(account.id, region)]
            return _matching([*routes, *(vault_option(key_of(vault.ref), vault, names) for vault in vaults)], typed)

        self._answer(ack, body, find)

    def _answer(self, ack: Any, body: dict[str, Any], find: Callable[[Sheet, str], list[Block]]) -> None:
        found: list[Block] = []
        try:
            sheet = self._desk.tables.forms.owned(sheet_id_of(body["view"]), body["user"]["id"])
            found = find(sheet, str(body.get("value") or ""))
        except PersonError as error:
            log.info("options_refused", extra={"sentence": error.sentence})
        except Exception:
            log.exception("options_failed")
        ack(options=fitting(found))


def _matching(options: Sequence[Block], typed: str) -> list[Block]:
    words = typed.lower().split()
    return [entry for entry in options if all(word in _label(entry) for word in words)]


def _label(entry: Block) -> str:
    texts = [entry.get("text"), entry.get("description")]
    return " ".join(str(text["text"]) for text in texts if isinstance(text, dict)).lower()
