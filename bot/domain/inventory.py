"""What is known of AWS: tables, their backups, vaults, as last read; and the book in which it stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.domain.backups import RecoveryPoint, Vault, VaultRef
from bot.domain.ports import Holdings
from bot.domain.search import Span


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table that has backups; `key` is the inventory's short name for it, good for an option's value."""

    key: str
    arn: str
    name: str
    account: str
    region: str
    backups: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class PointEntry:
    key: str
    table_key: str
    point: RecoveryPoint


class PointLine(NamedTuple):
    """What a backup is found by; of many backups this is read, and only of those that are shown all of it.

    `account` and `region` are of the vault.
    """

    key: str
    account: str
    region: str
    vault: str
    created_at: datetime
    delete_at: datetime | None
    size_bytes: int
    status: str
    storage_class: str | None


@dataclass(frozen=True, slots=True)
class Area:
    """How fresh what we know of an account and Region is. `read_at`: last success; `error`: of the last attempt."""

    account: str
    region: str
    read_at: datetime | None
    tried_at: datetime
    error: str = ""


def age_of(areas: Iterable[Area], now: datetime) -> timedelta | None:
    """How old the oldest part of the picture is; None before anything was read."""
    read = [area.read_at for area in areas if area.read_at is not None]
    return max(now - min(read), timedelta()) if read else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what a reading changes, small enough for one transaction; what it holds only the book knows.

    `revision` is the area's before it: pieces of two readings never mix.
    """

    account: str
    region: str
    at: datetime
    revision: int
    change: object


class InventoryBook(Protocol):
    """What backups, tables and vaults exist, as last read from AWS."""

    def pieces(self, account: str, region: str, holdings: Holdings, at: datetime) -> Iterator[Piece]:
        """Compare what was just read with what is known; the difference, to be applied piece by piece in this order.

        After each piece the picture is right for every table that it touched; a table of which more changed than one
        piece holds is right after the last one.
        """
        ...

    def apply(self, piece: Piece) -> bool:
        """Write a piece; False when another reading was faster, and the rest of this one is void."""
        ...

    def failed(self, account: str, region: str, error: str, at: datetime) -> None:
        """Note that reading failed; what was known stays."""
        ...

    def areas(self) -> Sequence[Area]: ...

    def revisions(self) -> Mapping[tuple[str, str], int]:
        """How often each area (account id, Region) has changed; cheap enough to ask at every keystroke."""
        ...

    def held(self, account: str, region: str) -> Sequence[TableEntry]:
        """The tables that an area holds backups of, counting those only."""
        ...

    def table(self, key: str) -> TableEntry | None:
        """The table with this short name, counting its backups in all areas."""
        ...

    def points(self, table_key: str, spans: Sequence[Span] = ()) -> Iterator[PointEntry]:
        """Backups of a table, newest first, read as they are asked for.

        With `spans` only those that name a time in each of them: made, getting cold or ending then, or in a vault
        that is called so.
        """
        ...

    def lines(self, table_key: str, spans: Sequence[Span] = ()) -> Iterator[PointLine]:
        """The same backups in the same order, in brief."""
        ...

    def made_since(self, table_arn: str, since: datetime) -> Iterator[PointEntry]:
        """Backups of a table, wherever they are, that were created at this time or later, newest first."""
        ...

    def unwatched(
        self,
        after: datetime,
        words: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        vaults: Sequence[VaultRef] | None,
        limit: int,
        table: str = "*",
        areas: Sequence[tuple[str, str]] | None = None,
    ) -> Sequence[PointEntry]:
        """Backups that end after this time and were never watched or are not any more, soonest end first.

        Each word has to be in the name of the table or vault, or to mean one of its areas (account id, Region).
        `vaults` None: in all of them; `areas` None: wherever we ever looked. `table` is a pattern (fnmatch) of the
        table's name.
        """
        ...

    def entries(self, keys: Sequence[str]) -> Sequence[PointEntry]:
        """Some backups, in the order of their short names here; what is gone is left out."""
        ...

    def point(self, key: str) -> PointEntry | None: ...

    def saw_vaults(self, account: str, region: str, vaults: Sequence[Vault]) -> None:
        """Put an area's vaults, as they were listed just now, in the place of those that were known."""
        ...

    def called(self, arn: str) -> Sequence[PointEntry]:
        """The backups with this ARN, one for each vault it is in; slow, for an ARN that somebody typed."""
        ...

    def vaults(self, account: str, region: str) -> Sequence[Vault]:
        """Vaults by name."""
        ...

    def air_gapped(self) -> frozenset[VaultRef]:
        """All logically air-gapped vaults; cheap enough to ask at every keystroke."""
        ...
