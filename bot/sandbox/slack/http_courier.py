"""Delivery by signed HTTP POST, as to an app without Socket Mode."""

import hashlib
import hmac
import http.client
import json
import time
from urllib.parse import urlencode, urlsplit

from .ids import SIGNING_SECRET
from .parcels import Answer, Parcel, Retry, not_dispatched, timed_out
from .records import JsonObject


class HttpCourier:
    """Post parcels to the app's request URL and read its answer within the time allowed."""

    def __init__(self, url: str, ack_seconds: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._path = parts.path or "/"
        self._ack_seconds = ack_seconds

    def deliver(self, parcel: Parcel, retry: Retry | None = None) -> Answer:
        content_type, body = encode(parcel)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            **signature(body),
        }
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": retry.reason}
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._ack_seconds)
        try:
            connection.request("POST", self._path, body, headers)
            return _read(connection.getresponse())
        except TimeoutError:
            return timed_out()
        except (OSError, http.client.HTTPException):
            return not_dispatched()
        finally:
            connection.close()


def encode(parcel: Parcel) -> tuple[str, bytes]:
    """Return the content type and body Slack uses for this kind of payload."""
    if parcel.kind == "events_api":
        return "application/json", json.dumps(parcel.payload).encode()
    form = parcel.payload if parcel.kind == "slash_commands" else {"payload": json.dumps(parcel.payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


def signature(body: bytes) -> dict[str, str]:
    """Sign a body. The timestamp is real time, also in a moved world: the app compares it with its own clock."""
    now = str(int(time.time()))
    digest = hmac.new(SIGNING_SECRET.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"}


def _read(response: http.client.HTTPResponse) -> Answer:
    text = response.read().decode("utf-8", "replace")
    if response.status != 200:
        body: JsonObject = {"no_retry": response.headers.get("X-Slack-No-Retry") == "1"}
        return Answer(ok=False, body=body, error="dispatch_failed", status=response.status)
    if response.headers.get("Content-Type", "").startswith("application/json"):
        decoded = json.loads(text) if text else {}
        return Answer(ok=True, body=decoded if isinstance(decoded, dict) else {})
    return Answer(ok=True, body={"text": text} if text else {})
