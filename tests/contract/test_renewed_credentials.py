"""A role's credentials that come to their end in the middle of the work are renewed by botocore itself, unnoticed.

The local AWS gives an hour, as AWS does; here a server of a few lines gives what is about to end.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.aws.backups import Boto3Backups
from bot.domain.backups import Account

ROLE = Account(
    "prod", "111111111111", ("us-east-1",), "arn:aws:iam::111111111111:role/Copies", "arn:aws:iam::1:role/Bot"
)
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>not-a-secret</SecretAccessKey><SessionToken>not-a-token</SessionToken>
<Expiration>{end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


@dataclass
class Doors:
    """STS and AWS Backup: each role session lives as long as the next of `lives`; `signed` are the keys of calls."""

    lives: list[timedelta]
    assumed: int = 0
    signed: list[str] = field(default_factory=list)

    def assume(self) -> str:
        self.assumed += 1
        end = datetime.now(UTC) + self.lives[self.assumed - 1]
        return ASSUMED.format(key=f"ASIA{self.assumed}", end=end.isoformat())

    def vaults(self, authorization: str) -> str:
        self.signed.append(authorization.partition("Credential=")[2].partition("/")[0])
        return '{"BackupVaultList": []}'


@contextmanager
def serving(doors: Doors) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(doors.assume())

        def do_GET(self) -> None:
            self._answer(doors.vaults(self.headers["Authorization"]))

        def _answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    return monkeypatch


def test_credentials_that_are_about_to_end_are_renewed_once_and_the_call_goes_out_with_the_new_ones(
    keys: pytest.MonkeyPatch,
) -> None:
    doors = Doors([timedelta(minutes=5), timedelta(hours=1)])
    with serving(doors) as url:
        keys.setenv("AWS_ENDPOINT_URL", url)
        backups = Boto3Backups([ROLE])
        for _ in range(3):
            assert backups.vaults(ROLE.id, "us-east-1") == ()
        backups.close()

    assert doors.signed == ["ASIA1", "ASIA2", "ASIA2"]
    assert doors.assumed == 2


def test_credentials_that_last_are_kept(keys: pytest.MonkeyPatch) -> None:
    doors = Doors([timedelta(hours=1)])
    with serving(doors) as url:
        keys.setenv("AWS_ENDPOINT_URL", url)
        backups = Boto3Backups([ROLE])
        for _ in range(3):
            backups.vaults(ROLE.id, "us-east-1")
        backups.close()

    assert doors.signed == ["ASIA1"] * 3
