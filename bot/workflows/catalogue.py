"""All tables that have backups, in memory, for searching at every keystroke; as fresh as the store."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bot.domain.backups import Account
from bot.domain.books import Store
from bot.domain.inventory import InventoryBook, TableEntry
from bot.domain.search import fold, words_of

# So many of the newest are on everybody's screen; a table called exactly like a word is put before them if it is not.
IN_SIGHT = 20

Place = tuple[str, str]


class Line(NamedTuple):
    """A table with what is searched in, folded. One word is looked for within one line of it, never across two."""

    text: str
    name: str
    entry: TableEntry


@dataclass(frozen=True, slots=True)
class Picture:
    """The tables, newest backup first, of areas in these states."""

    revisions: Mapping[Place, int] = field(default_factory=dict)
    held: Mapping[Place, Sequence[TableEntry]] = field(default_factory=dict)
    lines: Sequence[Line] = ()


class Catalogue:
    """The tables of the configured areas. Only areas that have changed are read again, by one thread at a time."""

    def __init__(self, store: Store, accounts: Iterable[Account]) -> None:
        self._store = store
        self._aliases = {account.id: account.alias for account in accounts}
        self._places = {(account.id, region) for account in accounts for region in account.regions}
        self._picture: Picture | None = None
        self._making = threading.Lock()

    def search(self, query: str, limit: int) -> list[TableEntry]:
        """Tables whose name, account (id or alias) or Region contains every word, newest backup first."""
        words, found = words_of(query), self._current().lines
        if not words:
            return [line.entry for line in found[:limit]]
        for word in words:
            found = [line for line in found if word in line.text]
        exact = [line.entry for line in found[IN_SIGHT:] if line.name in words]
        others = [line.entry for line in found[:limit] if line.entry not in exact]
        return [*exact, *others][:limit]

    def _current(self) -> Picture:
        """The picture as it has to be now; while another thread makes that one, the one before."""
        with self._store.read() as tx:
            revisions = self._revisions(tx.inventory)
        picture = self._picture
        if picture is not None and picture.revisions == revisions:
            return picture
        if not self._making.acquire(blocking=picture is None):
            return picture or Picture()
        try:
            with self._store.read() as tx:
                self._picture = self._made(self._picture or Picture(), tx.inventory)
            return self._picture
        finally:
            self._making.release()

    def _made(self, old: Picture, book: InventoryBook) -> Picture:
        revisions = self._revisions(book)
        held = {
            place: old.held[place] if old.revisions.get(place) == revision else book.held(*place)
            for place, revision in revisions.items()
        }
        entries = sorted(_merged(held.values()), key=lambda entry: (entry.name, entry.key))
        entries.sort(key=lambda entry: entry.newest, reverse=True)
        return Picture(revisions, held, [self._line(entry) for entry in entries])

    def _revisions(self, book: InventoryBook) -> Mapping[Place, int]:
        return {place: revision for place, revision in book.revisions().items() if place in self._places}

    def _line(self, entry: TableEntry) -> Line:
        alias = self._aliases.get(entry.account, "")
        return Line(fold("\n".join((entry.name, entry.account, alias, entry.region))), fold(entry.name), entry)


def _merged(held: Iterable[Sequence[TableEntry]]) -> Iterable[TableEntry]:
    """Each table once, its backups counted over all areas."""
    tables: dict[str, TableEntry] = {}
    for entry in (entry for entries in held for entry in entries):
        other = tables.get(entry.key)
        tables[entry.key] = entry if other is None else _together(entry, other)
    return tables.values()


def _together(one: TableEntry, other: TableEntry) -> TableEntry:
    return replace(one, backups=one.backups + other.backups, newest=max(one.newest, other.newest))
