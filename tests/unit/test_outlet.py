"""Looking for what may have been posted: page by page, as far as it makes sense, and saying so when nobody may look."""

from typing import Any

import pytest

from bot.domain.errors import OutletLockedOut, OutletRefused
from bot.domain.ports import Message
from bot.slack.outlet import EVENT_TYPE, MOST_PAGES, SlackOutlet
from tests.unit.fakes import NOW
from tests.unit.slack_client import ScriptedClient


def message(key: str, ts: str, *, kind: str = EVENT_TYPE) -> dict[str, Any]:
    return {"ts": ts, "text": "x", "metadata": {"event_type": kind, "event_payload": {"key": key}}}


def page(*messages: dict[str, Any], more: str = "") -> dict[str, Any]:
    return {"ok": True, "messages": list(messages), "response_metadata": {"next_cursor": more}}


def find(client: ScriptedClient, thread_ts: str | None = "1.1") -> str | None:
    return SlackOutlet(client).find("C1", "wanted", thread_ts=thread_ts, since=NOW)


def test_our_message_is_found_by_its_key() -> None:
    others: list[dict[str, Any]] = [
        {"ts": "1.1"},
        {"ts": "1.2", "metadata": {}},
        message("another", "1.3"),
        message("wanted", "1.4", kind="x"),
    ]

    assert find(ScriptedClient([page(*others, message("wanted", "1.5"))])) == "1.5"


def test_it_is_looked_for_on_every_page_until_it_is_found() -> None:
    client = ScriptedClient([page(more="a"), page(more="b"), page(message("wanted", "1.9"), more="c"), page()])

    assert find(client) == "1.9"
    assert [arguments.get("cursor") for _, arguments in client.asked] == [None, "a", "b"]


def test_what_is_not_there_is_not_found() -> None:
    assert find(ScriptedClient([page(message("another", "1.3"))])) is None


def test_the_look_stops_after_a_few_pages_and_then_nobody_can_tell() -> None:
    client = ScriptedClient([page(more="more")] * (MOST_PAGES + 5))

    with pytest.raises(OutletRefused) as refusal:
        find(client)

    assert refusal.value.code == "too_far_back"
    assert len(client.asked) == MOST_PAGES


def test_a_look_that_ends_with_its_last_page_is_sure() -> None:
    assert find(ScriptedClient([*[page(more="more")] * (MOST_PAGES - 1), page()])) is None


def test_a_reply_is_looked_for_in_its_thread_and_a_root_message_in_the_channel() -> None:
    client = ScriptedClient([page(), page()])

    find(client, thread_ts="1.1")
    find(client, thread_ts=None)

    (replies, in_thread), (history, in_channel) = client.asked
    assert (replies, in_thread["ts"]) == ("conversations.replies", "1.1")
    assert (history, in_channel["oldest"]) == ("conversations.history", f"{NOW.timestamp():.6f}")
    assert {bool(one["include_all_metadata"]) for one in (in_thread, in_channel)} == {True}


@pytest.mark.parametrize("code", ["missing_scope", "not_allowed_token_type", "no_permission", "ekm_access_denied"])
def test_without_permission_to_look_nobody_can_tell(code: str) -> None:
    with pytest.raises(OutletRefused) as refusal:
        find(ScriptedClient(error=code))

    assert refusal.value.code == code


def test_a_dead_token_is_no_answer_either_way() -> None:
    with pytest.raises(OutletLockedOut):
        find(ScriptedClient(error="token_revoked"))


def test_a_post_carries_its_key_and_nothing_is_unfurled() -> None:
    client = ScriptedClient([{"ok": True, "ts": "1.7"}])
    words = Message("text", ({"type": "divider"},), broadcast=True)

    assert SlackOutlet(client).post("C1", words, key="k", thread_ts="1.1") == "1.7"

    method, arguments = client.asked[0]
    assert (method, arguments["reply_broadcast"], arguments["thread_ts"]) == ("chat.postMessage", True, "1.1")
    assert arguments["metadata"] == {"event_type": EVENT_TYPE, "event_payload": {"key": "k"}}
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)


def test_a_root_message_is_never_broadcast() -> None:
    client = ScriptedClient([{"ok": True, "ts": "1.7"}])

    SlackOutlet(client).post("C1", Message("text", (), broadcast=True), key="k")

    assert "reply_broadcast" not in client.asked[0][1]
