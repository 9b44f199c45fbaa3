"""The bot at home in both local worlds: started, closed, started again, and looked at through its own tables."""

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select, text

from bot.app import Bot
from bot.aws.backups import Boto3Backups
from bot.aws.sessions import Patience
from bot.domain.drafts import DraftState
from bot.domain.notices import NoticeState
from bot.domain.ports import Clock
from bot.domain.requests import CopyRequest, Event
from bot.sandbox.worlds import CONFIG, LocalWorlds
from bot.settings import load_settings
from bot.slack.client import SLACK_TIMEOUT
from bot.store import default_url, open_store
from bot.store.engine import make_engine
from bot.store.identity import id_of, number_of
from bot.store.sql import SqlStore
from bot.store.tables import clicks, drafts, events, notices, requests

T = TypeVar("T")

# Far above what anything here takes: a machine that is busy must not fail a test.
DEADLINE = 45.0
BRISK = 0.25
# Two Regions instead of four: reading them is most of what starting a bot costs.
LEAN = CONFIG.replace("[us-east-1, eu-west-1]", "[us-east-1]").replace("[eu-west-1, eu-central-1]", "[eu-west-1]")
# One attempt of botocore's, so that an ordered failure is what the bot sees at once.
ONCE = Patience(connect_timeout=10, read_timeout=20, attempts=1, sweep_attempts=1)


@dataclass
class House:
    """A bot on Socket Mode or on signed HTTP, over SQLite in the world's folder or over the database it is given.

    `machine` is the clock of the machine that it runs on, where that is not the world's.
    """

    worlds: LocalWorlds
    http: bool = True
    config: str = LEAN
    database_url: str = ""
    patience: Patience = ONCE
    poll_seconds: float = BRISK
    machine: Clock | None = None
    slack_timeout: int = SLACK_TIMEOUT
    bot: Bot | None = None
    _opened: list[SqlStore] = field(default_factory=list)
    _engine: Engine | None = None

    @property
    def environ(self) -> dict[str, str]:
        environ = dict(self.worlds.environ(http=self.http, poll_seconds=self.poll_seconds, config=self.config))
        return environ | {"COPY_BACKUP_DATABASE_URL": self._url}

    def start(self) -> Bot:
        """Start a bot on this house's database, and have Slack deliver to it."""
        settings = load_settings(self.environ)
        backups = Boto3Backups(settings.policy.accounts, patience=self.patience)
        bot = self.bot = Bot(settings, clock=self.machine or self.worlds.clock, backups=backups)
        bot.client.timeout = self.slack_timeout
        if self.http:
            bot.listen("127.0.0.1", 0)
            self.worlds.slack.deliver_to(f"http://127.0.0.1:{bot.port}/slack/events")
        bot.start()
        return bot

    def stop(self) -> None:
        """Close the bot that runs, if one does."""
        bot, self.bot = self.bot, None
        if bot is not None:
            bot.close()

    def restart(self) -> None:
        """Close the bot and start a new one that knows nothing but the database."""
        self.stop()
        self.start()

    def shut(self) -> None:
        """Close everything that was opened here."""
        self.stop()
        for store in self._opened:
            store.close()
        if self._engine is not None:
            self._engine.dispose()

    @property
    def store(self) -> SqlStore:
        """The bot's store, opened a second time, for putting it into a state that only a crash leaves behind."""
        if not self._opened:
            self._opened.append(open_store(self._url))
        return self._opened[0]

    def request(self, request_id: str) -> CopyRequest:
        with self.store.begin() as tx:
            found = tx.requests.get(request_id)
        assert found is not None, f"there is no {request_id}"
        return found

    def request_ids(self) -> list[str]:
        with self._reading() as connection:
            return [id_of(number) for number in connection.scalars(select(requests.c.id).order_by(requests.c.id))]

    def history(self, request_id: str) -> list[Event]:
        """The request's history, oldest first."""
        which = select(events).where(events.c.request_id == number_of(request_id)).order_by(events.c.id)
        with self._reading() as connection:
            rows = connection.execute(which).mappings().all()
        return [
            Event(
                request_id, row["at"], row["what"], row["actor"], row["state_before"], row["state_after"], row["detail"]
            )
            for row in rows
        ]

    def notices(self) -> Sequence[tuple[str, str]]:
        """Kind and state of every notice, in order."""
        with self._reading() as connection:
            rows = connection.execute(select(notices.c.kind, notices.c.state).order_by(notices.c.id))
            return [(str(row.kind), str(row.state)) for row in rows]

    def draft_ids(self) -> list[str]:
        with self._reading() as connection:
            return list(connection.scalars(select(drafts.c.id).order_by(drafts.c.created_at)))

    def forget_all_but(self, names: Collection[str]) -> None:
        """Make every draft look as a version left it that knew only these fields of a form."""
        change = text("UPDATE drafts SET form = :form WHERE id = :id")
        with self._reading() as connection, connection.begin():
            for row in connection.execute(text("SELECT id, form FROM drafts")).mappings():
                known = {name: value for name, value in json.loads(row["form"]).items() if name in names}
                connection.execute(change, {"form": json.dumps(known), "id": row["id"]})

    def is_quiet(self) -> bool:
        """Whether nothing is left to be said, judged or sent."""
        unsent = (notices, notices.c.state == NoticeState.PENDING)
        unjudged = (clicks, clicks.c.outcome.is_(None))
        sending = (drafts, drafts.c.state == DraftState.SENDING)
        return not any(self._count(table, which) for table, which in (unsent, unjudged, sending))

    def eventually(self, predicate: Callable[[], T], what: str) -> T:
        """Return the predicate's first true value; it may look at Slack, at AWS and at the tables alike."""
        changes, deadline = self.worlds.slack.workspace.changes, time.monotonic() + DEADLINE
        while True:
            seen = changes.version
            found = predicate()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited {DEADLINE:.0f} s in vain for {what}"
            # Tables and AWS change without Slack hearing of it, so it is looked at again without a change, too.
            changes.wait_for_newer(seen, 0.05)

    def _count(self, table: Table, which: ColumnElement[bool]) -> int:
        with self._reading() as connection:
            return connection.scalar(select(func.count()).select_from(table).where(which)) or 0

    def _reading(self) -> Connection:
        if self._engine is None:
            self._engine = make_engine(self._url)
        return self._engine.connect()

    @property
    def _url(self) -> str:
        return self.database_url or default_url(self.worlds.folder / "copy-backup.sqlite3")
