"""A wire without a network: botocore works as ever up to the socket, and a script answers in AWS's place."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse

from bot.aws.backups import Boto3Backups
from bot.aws.sessions import Patience
from bot.domain.backups import Account

ONCE = Patience(connect_timeout=1, read_timeout=1, attempts=1, sweep_attempts=1)
PROD = Account(
    alias="prod",
    id="111111111111",
    regions=("us-east-1",),
    copy_role_arn="arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole",
)


@dataclass(frozen=True)
class Asked:
    """A request as it would have left; `query` and `body` hold what AWS would read."""

    operation: str
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer: a JSON body, or raw text where that is the point."""

    body: Any = None
    status: int = 200
    text: str | None = None


def error(code: str, message: str = "because", status: int = 400, **members: Any) -> Reply:
    """An error as the rest-json protocol tells it."""
    return Reply({"__type": code, "message": message, **members}, status)


Script = Callable[[Asked], Reply | Exception]


class Wire:
    """Answers what `script` says; `asked` holds the requests, in order."""

    def __init__(self, script: Script, **credentials: str) -> None:
        self._script = script
        self.asked: list[Asked] = []
        core = botocore.session.Session()
        core.register_component("data_loader", _loader())
        core.register("before-send.*.*", self._answer)
        keys = credentials or {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "not-a-secret"}
        self.session = boto3.Session(botocore_session=core, region_name="us-east-1", **keys)

    def backups(self, *accounts: Account, patience: Patience = ONCE) -> Boto3Backups:
        """The adapter at this end of the wire."""
        return Boto3Backups(accounts or (PROD,), session=self.session, patience=patience)

    def of(self, operation: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.operation == operation]

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        asked = _read(request, event_name.rpartition(".")[2])
        self.asked.append(asked)
        reply = self._script(asked)
        if isinstance(reply, Exception):
            raise reply
        text = reply.text if reply.text is not None else json.dumps(reply.body)
        return AWSResponse(request.url, reply.status, _Headers(reply.body), _Raw(text))


@cache
def _loader() -> Any:
    """Reading AWS's service model is most of the work of making a session, so that tests share it."""
    return botocore.session.Session().get_component("data_loader")


class _Headers(dict[str, str]):
    """Response headers, with the error's name where rest-json has it."""

    def __init__(self, body: Any) -> None:
        super().__init__({"content-type": "application/json"})
        if isinstance(body, dict) and "__type" in body:
            self["x-amzn-errortype"] = str(body["__type"])


class _Raw:
    """The stream botocore reads an answer from."""

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self) -> list[bytes]:
        return [self._text.encode()]


def _read(request: Any, operation: str) -> Asked:
    url = urlsplit(request.url)
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    return Asked(
        operation=operation,
        method=request.method,
        host=url.netloc,
        path=unquote(url.path),
        query=_single(parse_qs(url.query)),
        body=json.loads(body) if body.startswith("{") else _single(parse_qs(body)),
        headers={
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        },
    )


def _single(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: given[0] for name, given in values.items()}
