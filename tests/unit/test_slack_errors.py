"""The crossing to Slack, complete by test: every error of slack_sdk and of the connection below it has its meaning."""

import http.client
import inspect
import socket
import ssl
from collections.abc import Mapping
from urllib.error import HTTPError, URLError

import pytest
import slack_sdk.errors
from slack_sdk import WebClient
from slack_sdk.errors import (
    BotUserAccessError,
    SlackApiError,
    SlackClientConfigurationError,
    SlackClientError,
    SlackClientNotConnectedError,
    SlackObjectFormationError,
    SlackRequestError,
    SlackTokenRotationError,
)
from slack_sdk.web import SlackResponse

from bot.domain.errors import (
    OutletBusy,
    OutletConflict,
    OutletDoubtful,
    OutletError,
    OutletLockedOut,
    OutletRefused,
    OutletUnfinished,
)
from bot.slack.errors import (
    BUSY,
    DEAD_TRIGGER,
    DEFAULT_RETRY_AFTER,
    DOUBTFUL,
    LOCKED_OUT,
    UNREADABLE,
    crossing,
    translate,
)


def answered(
    code: object = "fatal_error", *, status: int = 200, headers: Mapping[str, str] | None = None, **more: object
) -> SlackApiError:
    """What slack_sdk raises when Slack answers that it did not work."""
    response = SlackResponse(
        client=WebClient(),
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": code, **more},
        headers=dict(headers or {}),
        status_code=status,
    )
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped


EXAMPLES: dict[type[Exception], tuple[Exception, type[OutletError], str]] = {
    SlackClientError: (SlackClientError("?"), OutletDoubtful, "no_answer"),
    BotUserAccessError: (BotUserAccessError("bot token"), OutletRefused, "request_not_sent"),
    SlackRequestError: (SlackRequestError("bad proxy"), OutletRefused, "request_not_sent"),
    SlackApiError: (answered("fatal_error"), OutletDoubtful, "fatal_error"),
    SlackTokenRotationError: (SlackTokenRotationError(answered("invalid_auth")), OutletLockedOut, "token_not_rotated"),
    SlackClientNotConnectedError: (SlackClientNotConnectedError("closed"), OutletDoubtful, "no_answer"),
    SlackObjectFormationError: (SlackObjectFormationError("too long"), OutletRefused, "request_not_sent"),
    SlackClientConfigurationError: (SlackClientConfigurationError("no"), OutletRefused, "request_not_sent"),
}
CONNECTION = [
    URLError(ConnectionRefusedError(111, "refused")),
    URLError(socket.gaierror(-2, "unknown name")),
    URLError(TimeoutError("timed out")),
    URLError(ssl.SSLError("handshake")),
    URLError(ssl.SSLCertVerificationError("self-signed")),
    URLError(OSError("Tunnel connection failed: 503")),
    HTTPError("https://slack.example", 502, "Bad Gateway", http.client.HTTPMessage(), None),
    TimeoutError("read timed out"),
    ConnectionResetError(104, "reset"),
    BrokenPipeError(32, "pipe"),
    ssl.SSLEOFError("eof"),
    OSError("no route"),
]


def raised_by(module: object, root: type[Exception]) -> set[type[Exception]]:
    return {kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, root)}


def test_every_error_of_slack_sdk_has_an_example_here() -> None:
    assert raised_by(slack_sdk.errors, SlackClientError) == set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_each_error_of_slack_sdk_has_its_meaning(kind: type[Exception]) -> None:
    error, meaning, code = EXAMPLES[kind]

    translated = translate(error, "chat.postMessage")

    assert (type(translated), translated.code, translated.operation) == (meaning, code, "chat.postMessage")


@pytest.mark.parametrize(
    ("error", "may_come_yet"),
    [
        (TimeoutError("read timed out"), True),
        (answered("fatal_error", status=504), True),
        (URLError(TimeoutError("no connection")), False),
        (ConnectionResetError(104, "reset"), False),
        (answered("fatal_error", status=503), False),
    ],
    ids=repr,
)
def test_only_what_slack_was_still_at_may_come_yet(error: Exception, may_come_yet: bool) -> None:
    assert isinstance(translate(error, "chat.postMessage"), OutletUnfinished) is may_come_yet


@pytest.mark.parametrize("error", CONNECTION, ids=repr)
def test_what_the_connection_does_leaves_a_doubt(error: Exception) -> None:
    translated = translate(error, "chat.postMessage")

    assert isinstance(translated, OutletDoubtful)
    assert translated.retryable
    assert translated.code in ("unreachable", "no_answer")
    assert translated.message


def test_every_error_of_http_client_leaves_a_doubt() -> None:
    kinds = raised_by(http.client, http.client.HTTPException)
    assert http.client.RemoteDisconnected in kinds

    for kind in kinds:
        # One of them counts the bytes it has got.
        assert isinstance(translate(kind(b""), "chat.postMessage"), OutletDoubtful)


@pytest.mark.parametrize(
    ("codes", "meaning"),
    [(BUSY, OutletBusy), (LOCKED_OUT, OutletLockedOut), (DOUBTFUL, OutletDoubtful), (DEAD_TRIGGER, OutletRefused)],
)
def test_each_group_of_codes_has_its_meaning(codes: frozenset[str], meaning: type[OutletError]) -> None:
    for code in codes:
        translated = translate(answered(code), "chat.postMessage")
        assert (type(translated), translated.code) == (meaning, code)


def test_no_code_belongs_to_two_groups() -> None:
    groups = [BUSY, LOCKED_OUT, DOUBTFUL, DEAD_TRIGGER, frozenset({"hash_conflict"})]

    assert len(frozenset().union(*groups)) == sum(map(len, groups))


def test_a_view_that_is_newer_is_a_conflict() -> None:
    assert isinstance(translate(answered("hash_conflict"), "views.update"), OutletConflict)


@pytest.mark.parametrize("code", ["channel_not_found", "invalid_blocks", "not_found", "something_new_of_2030"])
def test_an_unknown_code_is_a_refusal_under_its_own_name(code: str) -> None:
    translated = translate(answered(code), "chat.postMessage")

    assert (type(translated), translated.code, translated.retryable) == (OutletRefused, code, False)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, DEFAULT_RETRY_AFTER),
        ({}, DEFAULT_RETRY_AFTER),
    ],
)
def test_a_busy_slack_says_when_to_come_back(headers: dict[str, str], seconds: float) -> None:
    translated = translate(answered("ratelimited", status=429, headers=headers), "chat.postMessage")

    assert isinstance(translated, OutletBusy)
    assert translated.retry_after == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("code", ["invalid_auth", "whatever", "<html>Bad gateway</html>"])
def test_a_failing_server_leaves_a_doubt_whatever_it_says(status: int, code: str) -> None:
    assert isinstance(translate(answered(code, status=status), "chat.postMessage"), OutletDoubtful)


@pytest.mark.parametrize("status", [200, 403])
def test_an_answer_that_is_not_slacks_leaves_a_doubt(status: int) -> None:
    error = answered("Received a response in a non-JSON format: <!DOCTYPE html><title>Log in</title>", status=status)

    translated = translate(error, "chat.postMessage")

    assert (type(translated), translated.code) == (OutletDoubtful, UNREADABLE)
    assert "DOCTYPE" not in translated.message


@pytest.mark.parametrize("code", [None, "", "two words"])
def test_an_answer_without_a_code_leaves_a_doubt(code: object) -> None:
    translated = translate(answered(code, status=413), "views.open")

    assert (type(translated), translated.code) == (OutletDoubtful, UNREADABLE)


@pytest.mark.parametrize("error", [answered("ratelimited"), TimeoutError(), http.client.IncompleteRead(b"")])
def test_the_crossing_lets_nothing_else_through(error: Exception) -> None:
    with pytest.raises(OutletError) as caught, crossing("chat.update"):
        raise error

    assert caught.value.operation == "chat.update"
    assert caught.value.__cause__ is error


def test_a_defect_of_ours_is_not_dressed_up_as_slacks() -> None:
    with pytest.raises(KeyError), crossing("chat.update"):
        raise KeyError("ours")
