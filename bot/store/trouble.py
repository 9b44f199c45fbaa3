"""The one crossing where a database that cannot do its work becomes our error; a defect stays what it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from bot.domain.errors import StoreFull, StoreTrouble

# https://www.sqlite.org/rescode.html: FULL, and IOERR_WRITE, which a quota makes of it.
_SQLITE_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE"}
_SQLITE_TROUBLE = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_CANTOPEN"}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full; classes of connections and of shutdown.
_POSTGRES_FULL = "53100"
_POSTGRES_TROUBLE = ("08", "53", "57P", "25006")

FULL = (
    "the database has no space left: make room on its disk (or raise its limit). Nothing was half written, and the bot "
    "goes on by itself when there is room"
)


@contextmanager
def crossing() -> Iterator[None]:
    """Let what a database cannot do come out as StoreTrouble."""
    try:
        yield
    except DBAPIError as error:
        code = _code(error)
        if code in _SQLITE_FULL or code == _POSTGRES_FULL:
            raise StoreFull(FULL) from error
        if error.connection_invalidated or _is_trouble(code):
            reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
            raise StoreTrouble(f"the database does not do its work: {reason}") from error
        raise


def _code(error: DBAPIError) -> str:
    """SQLite's or PostgreSQL's name for what happened."""
    found = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return str(found or "")


def _is_trouble(code: str) -> bool:
    return any(code.startswith(name) for name in _SQLITE_TROUBLE) or code.startswith(_POSTGRES_TROUBLE)
