"""The composition root: settings → adapters → use cases → Bolt app and sweeps, and the way back down."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

import commands
from bot.aws.backups import Boto3Backups
from bot.aws.calls import Calls
from bot.aws.keeping import Boto3Keeping
from bot.aws.live_tables import Boto3Tables
from bot.aws.plans import Boto3Plans
from bot.aws.restores import Boto3Restores
from bot.aws.surroundings import Boto3Surroundings
from bot.domain.books import Store
from bot.domain.errors import ConfigurationError, OutletError, OutletLockedOut
from bot.domain.overview import Pulse
from bot.domain.params import StepKind
from bot.domain.ports import Backups, Clock
from bot.domain.sheets import SheetKind
from bot.http import Web, WebServer
from bot.metrics import Metrics
from bot.scheduler import Sweep, Sweeps, SystemClock, next_fire
from bot.settings import Settings
from bot.slack.bolt import nothing_from_the_environment
from bot.slack.client import slack_client
from bot.slack.describe import Names
from bot.slack.looking import app_token_refused, bot_token_refused, no_answer
from bot.slack.messages import in_words
from bot.slack.outlet import SlackOutlet
from bot.slack.people import SlackPeople
from bot.slack.sockets import hang_up
from bot.store import Sole, migrate, open_store
from bot.workflows.deciding import Deciding
from bot.workflows.expiry import Expiry
from bot.workflows.forms import Composer
from bot.workflows.history import History
from bot.workflows.inventory import Inventory
from bot.workflows.outbox import Relay
from bot.workflows.preflight import Preflight
from bot.workflows.recording import Recording
from bot.workflows.requests import Sending
from bot.workflows.routing import DigestWriter
from bot.workflows.runner import Runner
from bot.workflows.status import Status
from bot.workflows.steps import StepWorks
from bot.workflows.steps.copy import CopyStep
from bot.workflows.steps.keeping import keeping_works
from bot.workflows.steps.on_tables import table_works
from bot.workflows.submitting import Submitting
from bot.workflows.tracking import Tracker
from bot.workflows.waiting import Waiting
from bot.workflows.walk import Walk
from commands.copy_backup.review import tell_outcome
from commands.copy_desk import make_copy_desk
from commands.desk import Desk
from commands.doorway import let_in
from commands.forms.listeners import tell_outcome as tell_form_outcome
from commands.table_desk import TableDesk, make_table_desk

log = logging.getLogger(__name__)

LISTENERS = 24
# Slack's socket counts as dead after a few missed pongs; 3 s finds that in about 13 s instead of 46.
PING_SECONDS = 3
SOCKET_PATIENCE = timedelta(seconds=60)
FIRST_PICTURE = 5.0
FIRST_PICTURE_AGE = timedelta(seconds=1)
FORGET_EVERY = 3_600.0
REFRESH_EVERY = 300.0
FIGURES_EVERY = 15.0
TOKEN_EVERY = 60.0
# Room for a few looks at a time: each asks AWS some twenty questions, side by side.
READERS = 32


class Bot:
    """A bot that is built and can be started and closed, once each."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, backups: Backups | None = None) -> None:
        self._settings = settings
        self._clock: Clock = clock or SystemClock()
        try:
            self._sole = Sole(settings.database_url)
        except ConfigurationError as error:
            raise ConfigurationError(f"COPY_BACKUP_DATABASE_URL: {error}") from error
        try:
            migrate(settings.database_url)
            self._store: Store = open_store(settings.database_url)
        except ConfigurationError as error:
            self._sole.let_go()
            raise ConfigurationError(f"COPY_BACKUP_DATABASE_URL: {error}") from error
        self._metrics = Metrics(self._store, self._clock, lambda: self._relay.line.pause is not None)
        self._sweeps = Sweeps(self._clock, on_step_back=self._store.clock_went_back, measured=self._metrics.swept)
        self._backups = backups or Boto3Backups(settings.policy.accounts)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="preflight")
        self._calls = _calls_of(self._backups, settings)
        self._works: StepWorks = {
            StepKind.COPY: CopyStep(self._backups, self._make_preflight(), settings.policy.prices, self._store),
            **_other_works(self._backups, self._calls, self._store, settings),
        }
        self.client = slack_client(settings.slack_api_url, token=settings.slack_bot_token.get_secret_value())
        self._outlet = SlackOutlet(self.client)
        self._executor = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")
        self._socket: SocketModeHandler | None = None
        self._web: WebServer | None = None
        self._connected_at = self._clock.now()
        self._desk = self._make_desk()
        self._words = in_words(self._desk.names)
        told = self._metrics.delivered
        self._relay = Relay(self._store, self._outlet, self._words, settings.policy, self._clock, told)
        self._app = self._make_app()

    def listen(self, host: str, port: int) -> None:
        """Serve HTTP: health, and Slack's requests unless they come by Socket Mode. Port 0 takes a free one.

        Raises ConfigurationError when the port is taken.
        """
        app = None if self._settings.socket_mode else self._app
        try:
            self._web = WebServer(Web(self.liveness, self.readiness, app, self.exposition), host, port)
        except (OSError, ValueError) as error:
            # Waitress says ValueError for a host that no name server knows.
            reason = (
                error.strerror if isinstance(error, OSError) else f"--host {host} is not an address of this machine"
            )
            raise ConfigurationError(f"--port {port}: cannot listen on {host}:{port} ({reason}).") from error
        self._web.start()

    def start(self) -> None:
        """Let Slack in and start the sweeps. Raises ConfigurationError when Slack does not accept the tokens."""
        self._check_slack()
        # The first person to ask should not wait for the first picture of AWS; a slow AWS must not keep everybody out.
        self._desk.inventory.refresh_within(FIRST_PICTURE, FIRST_PICTURE_AGE)
        if self._settings.socket_mode:
            self._socket = self._connect()
        self._store.take_over(self._clock.now())
        self._sweeps.start(self._all_sweeps())

    @property
    def port(self) -> int | None:
        """The port that HTTP is served on, if it is."""
        return self._web.port if self._web else None

    def close(self) -> None:
        """Accept nothing more, finish what is in hand, close the store."""
        self._desk.closing.set()
        if self._socket is not None:
            hang_up(self._socket.client, self._socket.close)
        if self._web is not None:
            self._web.stop()
        self._executor.shutdown(wait=True, cancel_futures=False)
        self._sweeps.stop()
        self._relay.close()
        self._readers.shutdown(wait=True, cancel_futures=True)
        if isinstance(self._backups, Boto3Backups):
            self._backups.close()
        self._store.close()
        self._sole.let_go()

    def exposition(self) -> tuple[bytes, str]:
        """Figures for Prometheus, and their content type."""
        return self._metrics.exposition({name: age.total_seconds() for name, age in self._sweeps.ages().items()})

    def pulse(self) -> Pulse:
        """What people are told of the process."""
        pause = self._relay.line.pause
        return Pulse(
            ages=self._sweeps.ages(),
            late=tuple(self._sweeps.late()),
            paused=pause.code if pause else "",
            paused_since=pause.since if pause else None,
        )

    def liveness(self) -> tuple[bool, dict[str, object]]:
        """Whether restarting the process would help: a sweep that hangs, a socket that stays away."""
        late, slack = list(self._sweeps.late()), self._slack_state()
        return not late and slack == "ok", {"late": late, "slack": slack}

    def readiness(self) -> tuple[bool, dict[str, object]]:
        """Whether the bot can do its work now, and what each part says."""
        details: dict[str, object] = {
            "database": self._database_state(),
            "queues": self._metrics.queues(),
            "slack": self._slack_state(),
            "line": self._line_state(),
            "sweeps": {name: round(age.total_seconds(), 1) for name, age in self._sweeps.ages().items()},
            "late": list(self._sweeps.late()),
        }
        ready = details["database"] == details["slack"] == details["line"] == "ok" and not details["late"]
        return ready, {"ready": ready, **details}

    def _make_preflight(self) -> Preflight | None:
        """Backups that were given in place of boto3's have no surroundings to look at."""
        if not isinstance(self._backups, Boto3Backups):
            return None
        return Preflight(self._backups, Boto3Surroundings(self._calls), self._settings.policy.accounts, self._readers)

    def _make_desk(self) -> Desk:
        settings, store, clock = self._settings, self._store, self._clock
        people = SlackPeople(self.client, clock, shared_channels=settings.policy.allow_shared_channels)
        inventory = Inventory(store, self._backups, settings.policy, clock)
        walk = Walk(store, inventory, self._backups, people, settings.policy, clock, Boto3Keeping(self._calls))
        nudge = self._sweeps.nudge
        copies = make_copy_desk(store, people, settings.policy, clock, nudge)
        submitting = Submitting(store, self._works, people, settings.policy, clock, self._sweeps.nudge, self._readers)
        tables = self._make_tables(inventory, submitting, people, {SheetKind.EXTEND: copies.extending.composer()})
        return Desk(
            walk=walk,
            sending=Sending(store, walk, submitting, clock),
            submitting=submitting,
            deciding=Deciding(store, people, clock, self._sweeps.nudge, submitting),
            history=History(store),
            inventory=inventory,
            tables=tables,
            copies=copies,
            outlet=self._outlet,
            names=Names(settings.policy.accounts),
            clock=clock,
            status=Status(store, self._outlet, people, clock, self.pulse, tables.drilling.unasked),
        )

    def _make_tables(
        self, inventory: Inventory, submitting: Submitting, people: SlackPeople, more: Mapping[SheetKind, Composer]
    ) -> TableDesk:
        policy, clock, nudge = self._settings.policy, self._clock, self._sweeps.nudge
        aws = (Boto3Plans(self._calls), next_fire, Boto3Keeping(self._calls))
        return make_table_desk(self._store, inventory, submitting, people, policy, clock, nudge, *aws, more)

    def _make_app(self) -> App:
        secret = self._settings.slack_signing_secret
        with nothing_from_the_environment():
            app = App(
                # Asked for a token, Bolt would call auth.test before the first click, and lose it if that fails.
                client=slack_client(self._settings.slack_api_url, token=None),
                authorize=let_in(self._settings.slack_bot_token.get_secret_value()),
                signing_secret=secret.get_secret_value() if secret else "socket mode needs none",
                process_before_response=True,
                listener_executor=self._executor,
                token_verification_enabled=False,
            )
        commands.register(app, self._desk)
        return app

    def _all_sweeps(self) -> list[Sweep]:
        settings, store, clock, nudge = self._settings, self._store, self._clock, self._sweeps.nudge
        policy = settings.policy
        runner = Runner(store, self._works, policy, clock, nudge)
        watchers = {kind: work for kind, work in self._works.items() if isinstance(work, CopyStep)}
        tracker = Tracker(store, self._works, policy, clock, nudge, watchers)
        expiry = Expiry(store, self._backups, policy, clock, nudge)
        digest = DigestWriter(store, self._outlet, self._words, policy, clock)
        deciding, sending = self._desk.deciding, self._desk.sending
        waiting = Waiting(store, deciding.people, clock, nudge)
        brisk = min(1.0, policy.poll_seconds)
        calm = min(60.0, policy.poll_seconds)
        return [
            Sweep("relay", self._relay.deliver_due, brisk),
            Sweep("digest", digest.write_due, brisk),
            Sweep("token", self._relay.line.look, TOKEN_EVERY),
            Sweep("figures", self._metrics.refresh, min(FIGURES_EVERY, policy.poll_seconds)),
            Sweep("start", runner.start_due, brisk),
            Sweep("poll", tracker.poll_due, brisk),
            Sweep("clicks", deciding.judge_left_over, calm),
            Sweep("adopt", self._desk.copies.adopting.adopt_configured, calm),
            Sweep("copy-clicks", self._desk.copies.watching.judge_left_over, calm),
            Sweep("drafts", lambda: sending.finish_stuck(partial(tell_outcome, self.client, self._desk)), calm),
            Sweep("lapse", waiting.lapse_unanswered, brisk),
            Sweep("call", waiting.call_people, brisk),
            Sweep("expire", expiry.announce, calm),
            Sweep("copies", expiry.look_again, calm),
            Sweep("inventory", self._desk.inventory.refresh, REFRESH_EVERY),
            Sweep("forget", sending.forget_old, FORGET_EVERY),
            *self._table_sweeps(calm),
        ]

    def _table_sweeps(self, calm: float) -> list[Sweep]:
        tables = self._desk.tables
        recording = Recording(self._store, Boto3Tables(self._calls), self._clock)
        tell = partial(tell_form_outcome, self.client, self._desk)
        return [
            Sweep("forms", lambda: tables.forms.finish_stuck(tell), calm),
            Sweep("records", recording.record_new, calm),
            Sweep("schedules", tables.schedules.run_due, calm),
            Sweep("schedule-ends", tables.schedules.remind, calm),
            Sweep("drills", tables.drilling.ask_overdue, calm),
            Sweep("forget-forms", tables.forms.forget_old, FORGET_EVERY),
        ]

    def _check_slack(self) -> None:
        try:
            self._desk.deciding.people.home_team()
        except OutletLockedOut as error:
            raise ConfigurationError(bot_token_refused(error.code)) from error
        except OutletError as error:
            raise ConfigurationError(no_answer(self._settings.slack_api_url, error.message)) from error

    def _connect(self) -> SocketModeHandler:
        token = self._settings.slack_app_token
        handler = SocketModeHandler(self._app, token.get_secret_value() if token else "", ping_interval=PING_SECONDS)
        try:
            handler.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
        except Exception as error:
            raise ConfigurationError(app_token_refused(str(error))) from error
        return handler

    def _database_state(self) -> str:
        try:
            self._store.ping()
        except Exception as error:
            log.warning("database_silent", exc_info=error)
            return "does not answer"
        return "ok"

    def _line_state(self) -> str:
        pause = self._relay.line.pause
        return f"paused since {pause.since:%Y-%m-%dT%H:%M:%SZ}: {pause.code}" if pause else "ok"

    def _slack_state(self) -> str:
        if not self._settings.socket_mode:
            return "ok"
        if self._socket is None:
            return "not connected"
        now = self._clock.now()
        if self._socket.client.is_connected():
            self._connected_at = now
            return "ok"
        # A reconnect is routine; only a socket that stays away should take the bot out of service.
        return "ok" if now - self._connected_at < SOCKET_PATIENCE else "not connected"


def _calls_of(backups: Backups, settings: Settings) -> Calls:
    """The connections that all of AWS is asked by; backups that were given in place of boto3's have none to share."""
    return (backups if isinstance(backups, Boto3Backups) else Boto3Backups(settings.policy.accounts)).calls


def _other_works(backups: Backups, calls: Calls, store: Store, settings: Settings) -> StepWorks:
    keeping, around, tables = Boto3Keeping(calls), Boto3Surroundings(calls), Boto3Tables(calls)
    kept = keeping_works(backups, keeping, around, tables, settings.policy.prices)
    return {**kept, **table_works(backups, Boto3Restores(calls), tables, Boto3Plans(calls), store, next_fire)}
