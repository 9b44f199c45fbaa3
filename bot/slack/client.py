"""The client that all calls to Slack go through."""

from slack_sdk import WebClient

# Seconds. A call that takes longer may still have its effect.
SLACK_TIMEOUT = 10


def slack_client(api_url: str, *, token: str | None) -> WebClient:
    """A client that never repeats a call by itself: the outbox decides about repeating, after a look."""
    return WebClient(token=token, base_url=api_url, timeout=SLACK_TIMEOUT, retry_handlers=[])
