"""A bot as it is composed in earnest, over a SQLite store full of backups; in Slack's place a stub on loopback.

Interactions are dispatched as Slack's signed bodies in this process, so that what is timed is Bolt and our listeners.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import text

from bot.app import Bot
from bot.domain.backups import Lifecycle, RecoveryPoint, Vault, VaultRef
from bot.domain.books import Store
from bot.domain.drafts import Form
from bot.domain.ports import Holdings
from bot.settings import load_settings
from bot.slack.bolt import nothing_from_the_environment
from bot.store import default_url, migrate, open_store
from bot.store.engine import make_engine
from tests.contract.fake_backups import FakeBackups
from tests.contract.store_builders import ANN, a_draft

SECRET = "bench"
ACCOUNTS = {"prod": "111111111111", "backup": "222222222222", "test": "333333333333"}
REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-1")
VAULTS = ("daily", "dr-vault")
CONFIG = (
    "channel: C0BACKUPS\naccounts:\n"
    + "".join(
        f'  {alias}:\n    id: "{number}"\n    regions: [{", ".join(REGIONS)}]\n'
        f"    copy_role_arn: arn:aws:iam::{number}:role/service-role/AWSBackupDefaultServiceRole\n"
        for alias, number in ACCOUNTS.items()
    )
    + "approvals:\n  - approvers: [U0BEN, U0CHRIS]\n    needed: 1\n"
)
NOW = datetime.now(UTC)
WORDS = ("orders", "customers", "invoices", "sessions", "events", "stock", "payments", "audit", "users", "carts")
SEEDED = 100_000


def table_name(number: int) -> str:
    return f"{WORDS[number % 10]}-{WORDS[number // 10 % 10]}-{number:05}"


def fill(url: str, points: int, tables: int) -> None:
    """Put so many points of so many tables into an empty database, evenly over nine areas."""
    migrate(url)
    store = open_store(url)
    places = [(account, region) for account in ACCOUNTS.values() for region in REGIONS]
    first = min(points, SEEDED)
    for number, (account, region) in enumerate(places):
        mine = range(number, tables, len(places))
        holdings = _holdings(account, region, mine, max(1, first // tables))
        with store.read() as tx:
            pieces = list(tx.inventory.pieces(account, region, holdings, NOW))
        for piece in pieces:
            with store.begin() as tx:
                tx.inventory.apply(piece)
    store.close()
    if points > first:
        _multiply(url, points // first)


def _holdings(account: str, region: str, tables: Sequence[int], each: int) -> Holdings:
    vault = VaultRef(account, region, VAULTS[0])
    points = (_point(vault, number, age) for number in tables for age in range(each))
    vaults = tuple(Vault(VaultRef(account, region, name)) for name in VAULTS)
    return Holdings(vaults, tuple(points))


def _point(vault: VaultRef, number: int, age: int) -> RecoveryPoint:
    name = table_name(number)
    made = NOW - timedelta(days=age, minutes=number)
    return RecoveryPoint(
        arn=f"arn:aws:backup:{vault.region}:{vault.account}:recovery-point:{number:05}-{age:05}",
        vault=vault,
        table_arn=f"arn:aws:dynamodb:{vault.region}:{vault.account}:table/{name}",
        table_name=name,
        created_at=made,
        status="COMPLETED",
        size_bytes=(number * 7919 + age * 104_729) % 99_999_999_999,
        lifecycle=Lifecycle(3650),
        delete_at=made + timedelta(days=3650),
        storage_class="WARM",
    )


def _multiply(url: str, times: int) -> None:
    """Copy every point a few times within the database: reading millions in would take the whole bench."""
    engine = make_engine(url)
    columns = "table_key, account, region, vault, created_at, cold_at, delete_at, size_bytes, status, storage_class"
    with engine.begin() as connection:
        for copy in range(1, times):
            connection.execute(
                text(
                    f"INSERT INTO points (key, digest, point, {columns}) "
                    f"SELECT key || '-{copy}', digest, point, {columns} FROM points WHERE length(key) = 24"
                )
            )
        connection.execute(text(f"UPDATE tables SET backups = backups * {times}"))
        connection.execute(text("UPDATE areas SET revision = revision + 1"))
    engine.dispose()


@contextmanager
def served_bot(folder: Path, url: str) -> Iterator[Bot]:
    """The bot on signed HTTP over this database; its sweeps do not run. AWS has the same vaults, and no backup."""
    config = folder / "copy-backup.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with slack_stub() as api:
        settings = load_settings(
            {
                "SLACK_BOT_TOKEN": "xoxb-bench",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": api,
                "COPY_BACKUP_CONFIG": str(config),
                "COPY_BACKUP_DATABASE_URL": url,
            }
        )
        backups = FakeBackups(settings.policy.accounts)
        for account, region in ((account, region) for account in ACCOUNTS.values() for region in REGIONS):
            for name in VAULTS:
                backups.add_vault(VaultRef(account, region, name))
        bot = Bot(settings, backups=backups)
        try:
            yield bot
        finally:
            bot.close()


def plain_app() -> App:
    """A Bolt app made as the bot's is, for listeners that do nothing."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-bench")

    with nothing_from_the_environment():
        return App(
            client=WebClient(),
            authorize=authorize,
            signing_secret=SECRET,
            process_before_response=True,
            token_verification_enabled=False,
        )


def store_of(url: str) -> Store:
    return open_store(url)


def add_draft(store: Store, draft_id: str, form: Form) -> None:
    """A walk under way of Ann's."""
    with store.begin() as tx:
        tx.drafts.add(replace(a_draft(draft_id), form=form, view_id="V1", view_hash="h1", timezone="Europe/Berlin"))


def payload(kind: str, **more: object) -> dict[str, Any]:
    return {
        "type": kind,
        "team": {"id": "T0HOME", "domain": "home"},
        "user": {"id": ANN.user_id, "team_id": "T0HOME", "name": "ann"},
        "api_app_id": "A0BENCH",
        "trigger_id": "1.2.3",
        **more,
    }


def dispatch(app: App, body: dict[str, Any]) -> BoltResponse:
    """Hand a signed body to Bolt as an HTTP server does."""
    raw = urlencode(body if "command" in body else {"payload": json.dumps(body)})
    moment = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=moment, body=raw)
    headers: dict[str, str | Sequence[str]] = {
        "content-type": ["application/x-www-form-urlencoded"],
        "x-slack-request-timestamp": [moment],
        "x-slack-signature": [str(signature)],
    }
    answer = app.dispatch(BoltRequest(body=raw, headers=headers))
    assert answer.status == 200, answer.body
    return answer


class _SlackStub(BaseHTTPRequestHandler):
    """Says ok to every method of the Web API, with what the bot looks for in the answer."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(
            {
                "ok": True,
                "view": {"id": "V1", "hash": "h2"},
                "ts": "1700000000.000100",
                "user": {"id": "U0BEN", "team_id": "T0HOME", "tz": "Europe/Berlin"},
                "team_id": "T0HOME",
                "channel": {"id": "C0BACKUPS", "is_member": True},
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a bench prints its figures only."""


@contextmanager
def slack_stub() -> Iterator[str]:
    """The address of a Web API that does nothing."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SlackStub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        server.server_close()


def new_url(folder: Path) -> str:
    return default_url(folder / "bench.db")


def percentile(times: Sequence[float], part: float) -> float:
    """In milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000
