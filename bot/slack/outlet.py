"""Posting to Slack. A post is never repeated here: the outbox decides, after a look."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from slack_sdk import WebClient

from bot.domain.errors import OutletLockedOut, OutletRefused
from bot.domain.ports import Message
from bot.slack.errors import crossing

EVENT_TYPE = "copy_backup_notice"
PAGE = 200
# What the token may not do; it may do other things. In a thread, some say, bots may not look at all.
NOT_ALLOWED = frozenset({"missing_scope", "not_allowed_token_type"})
# A look goes back only over what was posted since the notice was due, so a few pages are plenty.
MOST_PAGES = 10


class SlackOutlet:
    """The Outlet over Slack's Web API.

    `client` must not retry by itself: slack_sdk repeats a POST after a connection error, and would post twice.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def post(self, channel: str, message: Message, *, key: str, thread_ts: str | None = None) -> str:
        """https://docs.slack.dev/reference/methods/chat.postMessage"""
        arguments: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        if thread_ts and message.broadcast:
            arguments["reply_broadcast"] = True
        with crossing("chat.postMessage"):
            answer = self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_blocks(message),
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
                **arguments,
            )
        return str(answer["ts"])

    def update(self, channel: str, ts: str, message: Message) -> None:
        """https://docs.slack.dev/reference/methods/chat.update"""
        with crossing("chat.update"):
            self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=_blocks(message))

    def whisper(self, channel: str, user: str, text: str, *, thread_ts: str | None = None) -> None:
        """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
        arguments: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        with crossing("chat.postEphemeral"):
            self._client.chat_postEphemeral(channel=channel, user=user, text=text, **arguments)

    def find(self, channel: str, key: str, *, thread_ts: str | None, since: datetime) -> str | None:
        """https://docs.slack.dev/messaging/message-metadata: read back with include_all_metadata.

        Raises OutletRefused when the look itself is not allowed, or would go too far back, since then nobody can tell.
        """
        try:
            for message in self._messages(channel, thread_ts, since):
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                    return str(message["ts"])
        except OutletLockedOut as error:
            if error.code not in NOT_ALLOWED:
                raise
            raise OutletRefused(error.message, code=error.code, operation=error.operation) from error
        return None

    def link(self, channel: str, ts: str) -> str:
        """https://docs.slack.dev/reference/methods/chat.getPermalink"""
        with crossing("chat.getPermalink"):
            return str(self._client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])

    def check(self) -> None:
        """https://docs.slack.dev/reference/methods/auth.test"""
        with crossing("auth.test"):
            self._client.auth_test()

    def _messages(self, channel: str, thread_ts: str | None, since: datetime) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = self._page(channel, thread_ts, since, cursor)
            yield from answer.get("messages", [])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise OutletRefused(
            f"The message is not among the {MOST_PAGES} newest pages, and there are more.",
            code="too_far_back",
            operation="conversations.replies" if thread_ts else "conversations.history",
        )

    def _page(self, channel: str, thread_ts: str | None, since: datetime, cursor: str) -> Mapping[str, Any]:
        common: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": PAGE}
        if cursor:
            common["cursor"] = cursor
        if thread_ts:
            with crossing("conversations.replies"):
                return _data(self._client.conversations_replies(ts=thread_ts, **common))
        with crossing("conversations.history"):
            return _data(self._client.conversations_history(oldest=f"{since.timestamp():.6f}", **common))


def _blocks(message: Message) -> list[dict[str, Any]]:
    return [dict(block) for block in message.blocks]


def _data(answer: Any) -> Mapping[str, Any]:
    return answer.data if isinstance(answer.data, Mapping) else {}
