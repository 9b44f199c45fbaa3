"""The local Slack's Web API answers slack_sdk's own client as Slack does."""

import http.client
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import (
    ANNA,
    BACKUP_ADMINS,
    BACKUPS,
    BEN,
    BOT_USER,
    CHRIS,
    DORA,
    GENERAL,
    GUEST,
    OLD_BACKUPS,
    PARTNER,
    PARTNER_OPS,
    SECRET_OPS,
    TEAM,
    LocalSlack,
    Member,
)
from tests.contract.sandbox_slack_bots import client_of, section

METADATA = {"event_type": "copy_request", "event_payload": {"key": "CB-42:1"}}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


def error_of(call: Any, *args: Any, **kwargs: Any) -> str:
    """Return the code with which Slack refuses the call."""
    with pytest.raises(SlackApiError) as refused:
        call(*args, **kwargs)
    assert refused.value.response.status_code == 200
    return str(refused.value.response["error"])


def manifest(*scopes: str) -> dict[str, Any]:
    return {"display_information": {"name": "X"}, "oauth_config": {"scopes": {"bot": list(scopes)}}}


def raw_post(slack: LocalSlack, method: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", slack.port, timeout=5)
    connection.request("POST", f"/api/{method}", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


class TestTokens:
    def test_the_bot_is_told_who_it_is(self, client: WebClient) -> None:
        answer = client.auth_test()

        assert (answer["user_id"], answer["team_id"]) == (BOT_USER, TEAM)
        assert answer["bot_id"].startswith("B")

    def test_no_token_is_not_authed(self, slack: LocalSlack) -> None:
        assert raw_post(slack, "auth.test", {}, b"") == (200, {"ok": False, "error": "not_authed"})

    def test_a_wrong_token_is_invalid(self, slack: LocalSlack) -> None:
        assert error_of(client_of(slack, "xoxb-other").auth_test) == "invalid_auth"

    def test_each_method_takes_its_own_kind_of_token(self, slack: LocalSlack, client: WebClient) -> None:
        assert error_of(client.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
        assert error_of(client_of(slack, slack.app_token).auth_test) == "not_allowed_token_type"

    def test_a_revoked_token_is_refused(self, slack: LocalSlack, client: WebClient) -> None:
        slack.faults.token_error = "token_revoked"

        assert error_of(client.auth_test) == "token_revoked"

    def test_the_token_may_come_in_the_form(self, slack: LocalSlack) -> None:
        form = urlencode({"token": slack.bot_token}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}

        assert raw_post(slack, "auth.test", headers, form)[1]["ok"] is True


class TestScopes:
    def test_a_missing_scope_is_named_with_what_is_there(self) -> None:
        with LocalSlack(manifest("commands", "users:read")) as slack, pytest.raises(SlackApiError) as refused:
            client_of(slack).chat_postMessage(channel=BACKUPS, text="hi")

        answer = refused.value.response
        assert answer["error"] == "missing_scope"
        assert (answer["needed"], answer["provided"]) == ("chat:write", "commands,users:read")

    def test_a_granted_scope_opens_the_method_and_is_told_in_the_headers(self) -> None:
        with LocalSlack(manifest("chat:write")) as slack:
            answer = client_of(slack).chat_postMessage(channel=BACKUPS, text="hi")

        assert answer.headers["x-oauth-scopes"] == "chat:write"
        assert answer.headers["x-accepted-oauth-scopes"] == "chat:write"

    def test_the_kind_of_channel_decides_which_scope_is_needed(self) -> None:
        with LocalSlack(manifest("channels:read")) as slack:
            slack.directory.join(SECRET_OPS, BOT_USER)
            client = client_of(slack)

            assert client.conversations_info(channel=BACKUPS)["ok"]
            assert error_of(client.conversations_info, channel=SECRET_OPS) == "missing_scope"

    def test_views_and_permalinks_need_no_scope(self) -> None:
        with LocalSlack(manifest()) as slack:
            assert (
                error_of(client_of(slack).chat_getPermalink, channel=BACKUPS, message_ts="1.2") == "message_not_found"
            )

    def test_an_address_is_told_only_with_its_scope(self) -> None:
        with LocalSlack(manifest("users:read")) as without, LocalSlack(manifest("users:read", "users:read.email")) as w:
            assert "email" not in client_of(without).users_info(user=ANNA)["user"]["profile"]
            assert client_of(w).users_info(user=ANNA)["user"]["profile"]["email"] == "anna@acme.example"


class TestPosting:
    def test_a_message_is_stored_and_given_back_as_stored(self, slack: LocalSlack, client: WebClient) -> None:
        answer = client.chat_postMessage(channel=BACKUPS, text="Grüße 🌍", blocks=[section("*Grüße* 🌍")])

        [message] = slack.channel(BACKUPS).messages
        assert (message.ts, message.text, message.user) == (answer["ts"], "Grüße 🌍", BOT_USER)
        assert answer["channel"] == BACKUPS
        assert answer["message"]["blocks"] == message.blocks
        assert message.blocks[0]["block_id"]

    def test_timestamps_are_unique_in_a_channel_even_when_the_clock_stands_still(self, slack: LocalSlack) -> None:
        slack.clock.run_at(0)
        client = client_of(slack)

        stamps = [client.chat_postMessage(channel=BACKUPS, text=str(n))["ts"] for n in range(5)]

        assert stamps == sorted(set(stamps))

    def test_a_reply_stands_in_its_thread_only(self, slack: LocalSlack, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="root")["ts"]
        client.chat_postMessage(channel=BACKUPS, text="reply", thread_ts=root)

        assert [m.text for m in slack.channel(BACKUPS).messages] == ["root"]
        assert [m.text for m in slack.channel(BACKUPS).thread(root)] == ["root", "reply"]

    def test_a_broadcast_reply_stands_in_both(self, slack: LocalSlack, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="root")["ts"]
        client.chat_postMessage(channel=BACKUPS, text="done", thread_ts=root, reply_broadcast=True)

        assert [m.text for m in slack.channel(BACKUPS).messages] == ["root", "done"]

    @pytest.mark.parametrize(
        ("channel", "code"),
        [
            (GENERAL, "not_in_channel"),
            (SECRET_OPS, "channel_not_found"),
            (OLD_BACKUPS, "is_archived"),
            ("C0NOWHERE00", "channel_not_found"),
        ],
    )
    def test_where_the_bot_may_not_write_slack_says_why(self, client: WebClient, channel: str, code: str) -> None:
        assert error_of(client.chat_postMessage, channel=channel, text="hi") == code

    def test_chat_write_public_opens_public_channels(self) -> None:
        with LocalSlack(manifest("chat:write", "chat:write.public")) as slack:
            client = client_of(slack)

            assert client.chat_postMessage(channel=GENERAL, text="hi")["ok"]
            assert error_of(client.chat_postMessage, channel=SECRET_OPS, text="hi") == "channel_not_found"

    def test_a_user_id_stands_for_the_direct_message_with_the_bot(self, slack: LocalSlack, client: WebClient) -> None:
        channel = client.chat_postMessage(channel=ANNA, text="yours")["channel"]

        assert channel == client.conversations_open(users=ANNA)["channel"]["id"]
        assert [m.text for m in slack.channel(channel).messages] == ["yours"]

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({}, "no_text"),
            ({"text": ""}, "no_text"),
            ({"blocks": "no json"}, "invalid_blocks_format"),
            ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
            ({"text": "a", "thread_ts": "1.000001"}, "thread_not_found"),
            ({"text": "a", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
            ({"text": "a", "metadata": METADATA | {"event_payload": {"k": "x" * 9000}}}, "metadata_too_large"),
            (
                {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2},
                "only_one_table_allowed",
            ),
        ],
    )
    def test_a_message_that_is_no_message_is_refused(
        self, client: WebClient, arguments: dict[str, Any], code: str
    ) -> None:
        assert error_of(client.api_call, "chat.postMessage", json={"channel": BACKUPS, **arguments}) == code

    def test_a_reply_to_a_reply_is_refused(self, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="root")["ts"]
        reply = client.chat_postMessage(channel=BACKUPS, text="reply", thread_ts=root)["ts"]

        code = error_of(client.chat_postMessage, channel=BACKUPS, text="x", thread_ts=reply)

        assert code == "cannot_reply_to_message"

    def test_broken_blocks_are_refused_with_a_pointer(self, client: WebClient) -> None:
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel=BACKUPS, text="x", blocks=[section("")])

        answer = refused.value.response
        expected = "must be more than 0 characters [json-pointer:/blocks/0/text/text]"
        assert answer["error"] == "invalid_blocks"
        assert answer["errors"] == [expected]
        assert answer["response_metadata"]["messages"] == [f"[ERROR] {expected}"]

    def test_blocks_without_text_leave_a_warning(self, slack: LocalSlack, client: WebClient) -> None:
        client.api_call("chat.postMessage", json={"channel": BACKUPS, "blocks": [section("x")]})

        assert "screen readers" in slack.traffic.warnings[0]

    def test_a_missing_argument_is_named(self, client: WebClient) -> None:
        with pytest.raises(SlackApiError) as refused:
            client.api_call("chat.postMessage", json={"text": "x"})

        assert refused.value.response["error"] == "invalid_arguments"
        assert refused.value.response["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


class TestChanging:
    def test_text_alone_drops_the_blocks_and_keeps_the_metadata(self, slack: LocalSlack, client: WebClient) -> None:
        ts = client.chat_postMessage(channel=BACKUPS, text="a", blocks=[section("a")], metadata=METADATA)["ts"]

        client.chat_update(channel=BACKUPS, ts=ts, text="b")

        message = slack.channel(BACKUPS).message(ts)
        assert message is not None
        assert (message.text, message.blocks, message.metadata) == ("b", [], METADATA)

    def test_empty_metadata_removes_it(self, slack: LocalSlack, client: WebClient) -> None:
        ts = client.chat_postMessage(channel=BACKUPS, text="a", metadata=METADATA)["ts"]

        client.api_call("chat.update", json={"channel": BACKUPS, "ts": ts, "text": "b", "metadata": {}})

        assert getattr(slack.channel(BACKUPS).message(ts), "metadata", "gone") is None

    def test_only_own_messages_can_be_changed(self, slack: LocalSlack, client: WebClient) -> None:
        ts = slack.person(ANNA).say(BACKUPS, "mine").ts

        assert error_of(client.chat_update, channel=BACKUPS, ts=ts, text="x") == "cant_update_message"
        assert error_of(client.chat_delete, channel=BACKUPS, ts=ts) == "cant_delete_message"

    def test_what_is_not_there_cannot_be_changed(self, client: WebClient) -> None:
        assert error_of(client.chat_update, channel=BACKUPS, ts="1.000001", text="x") == "message_not_found"
        assert error_of(client.chat_delete, channel=BACKUPS, ts="1.000001") == "message_not_found"

    def test_an_update_takes_less_text_than_a_post(self, client: WebClient) -> None:
        ts = client.chat_postMessage(channel=BACKUPS, text="a" * 4001)["ts"]

        assert error_of(client.chat_update, channel=BACKUPS, ts=ts, text="a" * 4001) == "msg_too_long"

    def test_a_deleted_message_is_gone(self, slack: LocalSlack, client: WebClient) -> None:
        ts = client.chat_postMessage(channel=BACKUPS, text="a")["ts"]

        client.chat_delete(channel=BACKUPS, ts=ts)

        assert slack.channel(BACKUPS).messages == []


class TestEphemeral:
    def test_one_person_sees_it_until_they_reload(self, slack: LocalSlack, client: WebClient) -> None:
        client.chat_postEphemeral(channel=BACKUPS, user=BEN, text="psst")

        assert [m.text for m in slack.person(BEN).ephemerals] == ["psst"]
        assert slack.person(ANNA).ephemerals == []
        assert slack.channel(BACKUPS).messages == []
        assert [m.text for m in slack.channel(BACKUPS).as_seen_by(BEN)] == ["psst"]
        slack.person(BEN).reload()
        assert slack.person(BEN).ephemerals == []

    def test_it_cannot_be_changed_afterwards(self, client: WebClient) -> None:
        ts = client.chat_postEphemeral(channel=BACKUPS, user=BEN, text="psst")["message_ts"]

        assert error_of(client.chat_update, channel=BACKUPS, ts=ts, text="x") == "message_not_found"

    @pytest.mark.parametrize(
        ("channel", "user", "code"),
        [
            (BACKUPS, PARTNER, "user_not_in_channel"),
            (GENERAL, BEN, "not_in_channel"),
            (SECRET_OPS, BEN, "channel_not_found"),
        ],
    )
    def test_both_must_be_in_the_channel(self, client: WebClient, channel: str, user: str, code: str) -> None:
        assert error_of(client.chat_postEphemeral, channel=channel, user=user, text="x") == code


class TestReading:
    def test_metadata_is_given_back_only_on_request(self, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="a", metadata=METADATA)["ts"]

        terse = client.conversations_replies(channel=BACKUPS, ts=root)["messages"][0]
        full = client.conversations_replies(channel=BACKUPS, ts=root, include_all_metadata=True)["messages"][0]
        history = client.conversations_history(channel=BACKUPS, include_all_metadata=True)["messages"][0]

        assert terse["metadata"] == {"event_type": "copy_request"}
        assert full["metadata"] == history["metadata"] == METADATA

    def test_history_is_newest_first_and_comes_in_pages(self, slack: LocalSlack, client: WebClient) -> None:
        for n in range(5):
            client.chat_postMessage(channel=BACKUPS, text=str(n))

        first = client.conversations_history(channel=BACKUPS, limit=3)
        cursor = first["response_metadata"]["next_cursor"]
        second = client.conversations_history(channel=BACKUPS, limit=3, cursor=cursor)

        assert [m["text"] for m in first["messages"]] == ["4", "3", "2"]
        assert first["has_more"] is True
        assert [m["text"] for m in second["messages"]] == ["1", "0"]
        assert second["has_more"] is False

    def test_history_keeps_to_its_window(self, slack: LocalSlack, client: WebClient) -> None:
        stamps = []
        for n in range(3):
            stamps.append(client.chat_postMessage(channel=BACKUPS, text=str(n))["ts"])
            slack.clock.advance(timedelta(hours=1))

        after = client.conversations_history(channel=BACKUPS, oldest=stamps[0])["messages"]
        around = client.conversations_history(channel=BACKUPS, oldest=stamps[1], latest=stamps[1], inclusive=True)

        assert [m["text"] for m in after] == ["2", "1"]
        assert [m["text"] for m in around["messages"]] == ["1"]

    def test_replies_come_oldest_first_with_the_root(self, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="root")["ts"]
        for n in range(2):
            client.chat_postMessage(channel=BACKUPS, text=str(n), thread_ts=root)

        messages = client.conversations_replies(channel=BACKUPS, ts=root)["messages"]

        assert [m["text"] for m in messages] == ["root", "0", "1"]
        assert messages[0]["reply_count"] == 2
        assert error_of(client.conversations_replies, channel=BACKUPS, ts="1.000001") == "thread_not_found"

    def test_outside_a_channel_nothing_is_read(self, client: WebClient) -> None:
        assert error_of(client.conversations_history, channel=GENERAL) == "not_in_channel"

    def test_a_permalink_leads_to_the_message(self, client: WebClient) -> None:
        root = client.chat_postMessage(channel=BACKUPS, text="root")["ts"]
        reply = client.chat_postMessage(channel=BACKUPS, text="reply", thread_ts=root)["ts"]

        link = client.chat_getPermalink(channel=BACKUPS, message_ts=reply)["permalink"]

        assert link.endswith(f"/archives/{BACKUPS}/p{reply.replace('.', '')}?thread_ts={root}&cid={BACKUPS}")


class TestConversations:
    def test_a_channel_tells_what_matters_before_posting(self, client: WebClient) -> None:
        backups = client.conversations_info(channel=BACKUPS)["channel"]
        shared = client.conversations_info(channel=PARTNER_OPS)["channel"]

        assert (backups["name"], backups["is_member"], backups["is_archived"]) == ("backups", True, False)
        assert (backups["is_ext_shared"], shared["is_ext_shared"]) == (False, True)
        assert client.conversations_info(channel=OLD_BACKUPS)["channel"]["is_archived"] is True

    def test_private_channels_are_hidden_from_an_outsider(self, slack: LocalSlack, client: WebClient) -> None:
        types = "public_channel,private_channel"
        before = [c["id"] for c in client.conversations_list(types=types)["channels"]]
        slack.directory.join(SECRET_OPS, BOT_USER)
        after = [c["id"] for c in client.conversations_list(types=types)["channels"]]

        assert SECRET_OPS not in before
        assert SECRET_OPS in after

    def test_the_bot_joins_public_channels_only(self, slack: LocalSlack, client: WebClient) -> None:
        client.conversations_join(channel=GENERAL)

        assert BOT_USER in client.conversations_members(channel=GENERAL)["members"]
        assert error_of(client.conversations_join, channel=SECRET_OPS) == "channel_not_found"
        slack.directory.join(SECRET_OPS, BOT_USER)
        assert error_of(client.conversations_join, channel=SECRET_OPS) == "method_not_supported_for_channel_type"

    def test_a_direct_message_with_the_deactivated_is_refused(self, slack: LocalSlack, client: WebClient) -> None:
        slack.directory.deactivate(DORA)

        assert error_of(client.conversations_open, users=DORA) == "user_disabled"

    def test_a_reaction_is_given_once(self, client: WebClient) -> None:
        ts = client.chat_postMessage(channel=BACKUPS, text="a")["ts"]
        client.reactions_add(channel=BACKUPS, timestamp=ts, name="eyes")

        assert error_of(client.reactions_add, channel=BACKUPS, timestamp=ts, name="eyes") == "already_reacted"
        assert client.conversations_history(channel=BACKUPS)["messages"][0]["reactions"][0]["name"] == "eyes"


class TestPeople:
    def test_guests_bots_and_strangers_can_be_told_apart(self, slack: LocalSlack, client: WebClient) -> None:
        def user(user_id: str) -> dict[str, Any]:
            found: dict[str, Any] = client.users_info(user=user_id)["user"]
            return found

        slack.directory.deactivate(DORA)

        assert user(GUEST)["is_restricted"] is True
        assert user(BOT_USER)["is_bot"] is True
        assert user(DORA)["deleted"] is True
        assert user(PARTNER)["team_id"] != user(ANNA)["team_id"] == TEAM
        assert (user(BEN)["tz"], user(CHRIS)["tz_offset"]) == ("America/New_York", 9 * 3600)
        assert error_of(client.users_info, user="U0NOBODY000") == "user_not_found"

    def test_people_come_in_pages(self, slack: LocalSlack, client: WebClient) -> None:
        found: list[str] = []
        for answer in client.users_list(limit=2):
            found += [member["id"] for member in answer["members"]]

        assert found == list(slack.directory.people)

    def test_a_person_is_found_by_address(self, slack: LocalSlack, client: WebClient) -> None:
        slack.directory.add_person(
            Member(id="U0EVE000001", name="eve", real_name="Eve", team_id=TEAM, email="eve@acme.example")
        )

        assert client.users_lookupByEmail(email="eve@acme.example")["user"]["id"] == "U0EVE000001"
        assert error_of(client.users_lookupByEmail, email="no@acme.example") == "users_not_found"

    def test_a_group_tells_its_members_as_they_are_now(self, slack: LocalSlack, client: WebClient) -> None:
        assert client.usergroups_users_list(usergroup=BACKUP_ADMINS)["users"] == [BEN, CHRIS]
        slack.directory.deactivate(CHRIS)
        assert client.usergroups_users_list(usergroup=BACKUP_ADMINS)["users"] == [BEN]
        assert client.usergroups_list()["usergroups"][0]["handle"] == "backup-admins"

    def test_a_disabled_or_unknown_group_is_not_there(self, slack: LocalSlack, client: WebClient) -> None:
        slack.directory.disable_usergroup(BACKUP_ADMINS)

        assert error_of(client.usergroups_users_list, usergroup=BACKUP_ADMINS) == "no_such_subteam"
        assert client.usergroups_users_list(usergroup=BACKUP_ADMINS, include_disabled=True)["users"] == [BEN, CHRIS]
        assert error_of(client.usergroups_users_list, usergroup="S0NOBODY000") == "no_such_subteam"

    def test_a_free_plan_has_no_groups(self, slack: LocalSlack, client: WebClient) -> None:
        slack.directory.usergroups_in_plan = False

        assert error_of(client.usergroups_users_list, usergroup=BACKUP_ADMINS) == "plan_upgrade_required"

    def test_the_team_has_a_domain(self, client: WebClient) -> None:
        assert client.team_info()["team"]["domain"] == "acme"


class TestTheRest:
    def test_an_unknown_method_is_refused_loudly(self, client: WebClient, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.ERROR, "copy_backup.sandbox.slack"):
            assert error_of(client.api_call, "chat.sing") == "unknown_method"

        assert "UNKNOWN SLACK METHOD chat.sing" in caplog.text

    def test_a_workflow_step_is_completed_once(self, slack: LocalSlack, client: WebClient) -> None:
        client.functions_completeSuccess(function_execution_id="Fx1", outputs={"request": "CB-1"})
        client.functions_completeError(function_execution_id="Fx2", error="no")

        assert slack.workspace.completed_functions == {
            "Fx1": {"outputs": {"request": "CB-1"}},
            "Fx2": {"error": "no"},
        }

    def test_every_call_is_on_record(self, slack: LocalSlack, client: WebClient) -> None:
        client.chat_postMessage(channel=BACKUPS, text="a")
        error_of(client.chat_postMessage, channel=GENERAL, text="b")

        first, second = slack.traffic.calls("chat.postMessage")
        assert (first.request["text"], first.error) == ("a", None)
        assert second.error == second.answer["error"] == "not_in_channel"
