"""The store itself: transactions whose books write to one connection."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from bot.store.clicks import SqlClicks
from bot.store.copies import SqlCopies, SqlCopyClicks
from bot.store.destinations import SqlDestinations
from bot.store.drafts import SqlDrafts
from bot.store.engine import TURN, make_engine, reaching, reading_engine
from bot.store.history import SqlHistory
from bot.store.inventory import SqlInventory
from bot.store.leases import end_leases, forget_the_future, newest_note
from bot.store.line import Line, Turn
from bot.store.outbox import SqlOutbox
from bot.store.overview import SqlOverview
from bot.store.records import SqlRecords
from bot.store.requests import SqlRequests
from bot.store.rounds import SqlRounds
from bot.store.schedules import SqlSchedules
from bot.store.sheets import SqlSheets
from bot.store.steps import SqlSteps
from bot.store.trouble import crossing

log = logging.getLogger(__name__)

# Clocks of replicas differ by less; what waits for a time that is no further ahead waits no longer than that.
CLOCKS_DIFFER = timedelta(minutes=1)


class SqlTx:
    """One transaction's books."""

    def __init__(self, connection: Connection) -> None:
        self.history = SqlHistory(connection)
        self.requests = SqlRequests(connection, self.history)
        self.rounds = SqlRounds(connection)
        self.steps = SqlSteps(connection)
        self.outbox = SqlOutbox(connection)
        self.overview = SqlOverview(connection)
        self.drafts = SqlDrafts(connection)
        self.destinations = SqlDestinations(connection)
        self.clicks = SqlClicks(connection)
        self.copies = SqlCopies(connection)
        self.copy_clicks = SqlCopyClicks(connection)
        self.inventory = SqlInventory(connection)
        self.records = SqlRecords(connection)
        self.sheets = SqlSheets(connection)
        self.schedules = SqlSchedules(connection)


class SqlStore:
    """The truth, in SQLite or PostgreSQL. Safe to use from many threads; each transaction belongs to one of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = reading_engine(engine)
        self._line = Line()

    @contextmanager
    def begin(self) -> Iterator[SqlTx]:
        """Open a transaction: leaving it normally commits all of it, an exception commits nothing.

        The database hears of it with the first statement, so work done before that holds no lock.
        """
        turn = Turn(self._line)
        try:
            with crossing(), self._engine.connect().execution_options(**{TURN: turn}) as connection:
                tx = SqlTx(connection)
                yield tx
                tx.history.flush()
                connection.commit()
        finally:
            turn.end()

    @contextmanager
    def read(self) -> Iterator[SqlTx]:
        """Open a transaction that only reads: all of it as it was at one moment, without waiting for any writer."""
        with crossing(), self._reader.connect() as connection:
            yield SqlTx(connection)

    def ping(self) -> None:
        """Raise ConfigurationError when the database does not answer."""
        with reaching(self._engine), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def take_over(self, now: datetime) -> None:
        """Make due at once what a process that is gone was holding, and mend what it noted with a clock that was ahead.

        SQLite serves one process, so whatever is leased when it starts was held by one that was killed. On PostgreSQL
        other replicas may be at work, and leases run out by themselves.
        """
        with self._engine.begin() as connection:
            noted = newest_note(connection) or now
            if noted - now > CLOCKS_DIFFER:
                _warn_of_clock(noted - now)
                for statement in forget_the_future(now, noted):
                    connection.execute(statement)
            if self._engine.dialect.name == "sqlite":
                for statement in end_leases(now):
                    connection.execute(statement)

    def clock_went_back(self, now: datetime, before: datetime) -> None:
        """Make due what waits for a time that was near when the clock still showed `before`."""
        with self._engine.begin() as connection:
            for statement in forget_the_future(now, before):
                connection.execute(statement)

    def close(self) -> None:
        """Give every connection back."""
        self._reader.dispose()
        self._engine.dispose()


def open_store(url: str) -> SqlStore:
    """Build the store for a database URL; nothing is connected yet. The database must be migrated before use.

    Raises ConfigurationError for a URL that no supported database has.
    """
    return SqlStore(make_engine(url))


def _warn_of_clock(ahead: timedelta) -> None:
    log.warning(
        "clock_went_back",
        extra={
            "seconds": round(ahead.total_seconds()),
            "what_to_do": "nothing, if the time is right now: the clock was ahead before this start, and what waited "
            "for it has been made due; otherwise look at the machine's time synchronisation",
        },
    )
