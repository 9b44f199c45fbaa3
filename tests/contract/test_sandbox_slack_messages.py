"""Messages in the local Slack are clicked, answered and refused as Slack's are."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import (
    ANNA,
    BACKUPS,
    BEN,
    DORA,
    GENERAL,
    GUEST,
    OLD_BACKUPS,
    PARTNER,
    PARTNER_OPS,
    TEAM,
    ClientRefusal,
    LocalSlack,
    Message,
)
from tests.contract.sandbox_slack_bots import (
    Json,
    ScriptedBot,
    actions,
    button,
    client_of,
    input_block,
    modal,
    option,
    patient_slack,
    plain,
    scripted_bot,
    section,
    select,
    text_input,
    type_ahead,
)

SURE = {"title": plain("Sure?"), "text": plain("It copies."), "confirm": plain("Approve"), "deny": plain("Back")}
CARD = [
    section("orders"),
    actions(button("Approve", "approve", value="CB-1", confirm=SURE), button("Reject", "reject")),
]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


@pytest.fixture
def bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    with scripted_bot(slack) as running:
        yield running


def posted(slack: LocalSlack, channel: str = BACKUPS, **more: Any) -> Message:
    ts = client_of(slack).chat_postMessage(channel=channel, text="card", blocks=CARD, **more)["ts"]
    message = slack.channel(channel).message(ts)
    assert message is not None
    return message


class TestClicks:
    def test_a_click_tells_who_where_and_what(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack, metadata={"event_type": "x", "event_payload": {"k": 1}})

        answer = slack.person(BEN).click(message, "Approve")

        [body] = bot.bodies("block_actions")
        assert answer.ok
        assert body["user"] == {"id": BEN, "username": "ben", "name": "ben", "team_id": TEAM}
        assert body["channel"] == {"id": BACKUPS, "name": "backups"}
        assert body["container"]["message_ts"] == body["message"]["ts"] == message.ts
        assert body["actions"][0]["value"] == "CB-1"
        assert body["message"]["metadata"]["event_payload"] == {"k": 1}
        assert body["trigger_id"]
        assert body["response_url"]

    def test_a_click_in_a_thread_knows_its_thread(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        root = posted(slack)
        reply = posted(slack, thread_ts=root.ts)

        slack.person(BEN).click(reply, "Approve")

        [body] = bot.bodies("block_actions")
        assert body["container"]["thread_ts"] == body["message"]["thread_ts"] == root.ts

    def test_a_confirm_dialog_can_be_declined(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        ben = slack.person(BEN)

        declined = ben.click(message, "Approve", confirm=False)

        assert (declined.sent, bot.heard) == (False, [])
        assert (ben.confirm_of("Approve", message) or {})["confirm"] == plain("Approve")
        assert ben.confirm_of("Reject", message) is None
        assert ben.click(message, "Reject", confirm=False).sent is True

    def test_a_late_click_on_an_old_version_still_arrives(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        client_of(slack).chat_update(channel=BACKUPS, ts=message.ts, text="decided", blocks=[section("decided")])

        assert slack.person(BEN).click(message, "Approve").ok
        current = slack.channel(BACKUPS).message(message.ts)
        assert current is not None
        with pytest.raises(ClientRefusal, match="There is no button"):
            slack.person(BEN).click(current, "Approve")

    def test_a_message_that_is_gone_cannot_be_clicked(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        client_of(slack).chat_delete(channel=BACKUPS, ts=message.ts)

        with pytest.raises(ClientRefusal, match="gone"):
            slack.person(BEN).click(message, "Approve")

    def test_who_is_not_in_the_channel_cannot_click(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        slack.directory.leave(BACKUPS, DORA)

        with pytest.raises(ClientRefusal, match="is not in"):
            slack.person(DORA).click(message, "Approve")

    def test_guests_and_people_of_other_organizations_can_click(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        slack.person(GUEST).click(posted(slack), "Approve")
        slack.person(PARTNER).click(posted(slack, PARTNER_OPS), "Approve")

        guest, partner = (body["user"] for body in bot.bodies("block_actions"))
        assert guest["team_id"] == TEAM
        assert partner["team_id"] != TEAM
        assert bot.bodies("block_actions")[1]["team"]["id"] == TEAM

    def test_a_deactivated_person_does_nothing(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        slack.directory.deactivate(BEN)

        with pytest.raises(ClientRefusal, match="deactivated"):
            slack.person(BEN).click(message, "Approve")

    def test_without_an_answer_the_button_shows_a_warning(self, slack: LocalSlack) -> None:
        message = posted(slack)

        answer = slack.person(BEN).click(message, "Approve")

        assert (answer.ok, answer.error) == (False, "dispatch_failed")

    def test_a_click_can_open_a_modal(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view = modal(input_block("why", "Reason", text_input()), private_metadata="CB-1")
        bot.on(
            "block_actions", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view))
        )

        slack.person(BEN).click(posted(slack), "Reject")

        assert slack.person(BEN).wait_for_modal().private_metadata == "CB-1"

    def test_elements_in_messages_keep_their_state_per_person(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        blocks = [input_block("why", "Reason", text_input()), actions(button("Send", "send"))]
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x", blocks=blocks)
        [message] = slack.channel(BACKUPS).messages

        slack.person(BEN).fill("Reason", "Ben's", message)
        slack.person(BEN).click(message, "Send")
        slack.person(DORA).click(message, "Send")

        values = [body["state"]["values"]["why"]["text"]["value"] for body in bot.bodies("block_actions")]
        assert values == ["Ben's", None]

    def test_menus_in_messages_type_ahead_and_speak(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        blocks = [
            actions(
                select("a", "b", placeholder=plain("Which")), type_ahead(min_query_length=0, placeholder=plain("Find"))
            )
        ]
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x", blocks=blocks)
        [message] = slack.channel(BACKUPS).messages
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option("found")]))
        ben = slack.person(BEN)

        ben.fill("Which", "b", message)
        ben.choose("Find", "", where=message)

        chosen = [body["actions"][0]["selected_option"]["value"] for body in bot.bodies("block_actions")]
        assert chosen == ["b", "found"]
        assert bot.bodies("block_suggestion")[0]["message"]["ts"] == message.ts


class TestCommands:
    def test_a_thread_takes_no_commands(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        with pytest.raises(ClientRefusal, match="not supported in threads"):
            slack.person(ANNA).command("/copy-backup", thread_ts=posted(slack).ts)

    @pytest.mark.parametrize(
        ("who", "where", "why"),
        [
            (PARTNER, PARTNER_OPS, "other organizations"),
            (GUEST, PARTNER_OPS, "is not in"),
            (ANNA, OLD_BACKUPS, "archived"),
        ],
    )
    def test_the_client_refuses_where_slack_does(
        self, slack: LocalSlack, bot: ScriptedBot, who: str, where: str, why: str
    ) -> None:
        with pytest.raises(ClientRefusal, match=why):
            slack.person(who).command("/copy-backup", channel=where)
        assert bot.heard == []

    def test_only_commands_of_the_manifest_exist(self) -> None:
        command = {"command": "/copy-backup", "should_escape": True}
        manifest = {
            "display_information": {"name": "X"},
            "features": {"slash_commands": [command]},
            "oauth_config": {"scopes": {"bot": ["commands"]}},
        }
        with LocalSlack(manifest) as slack, scripted_bot(slack) as bot:
            with pytest.raises(ClientRefusal, match="/other is not a valid command"):
                slack.person(ANNA).command("/other")
            slack.person(ANNA).command("/copy-backup @ben in #backups or #secret-ops see https://a.example @nobody")

        assert bot.heard[0]["text"] == (
            f"<@{BEN}|ben> in <#{BACKUPS}|backups> or <#C0SECRETOPS|> see <https://a.example> @nobody"
        )

    def test_the_projects_own_manifest_can_be_installed(self) -> None:
        with LocalSlack(Path("manifest.yaml")) as slack, scripted_bot(slack):
            assert slack.person(ANNA).command("/copy-backup").error is None
            with pytest.raises(ClientRefusal, match="not a valid command"):
                slack.person(ANNA).command("/copy-other")

    def test_a_command_works_where_the_bot_is_not(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        bot.on("slash_commands", lambda turn: (turn.ack(), turn.respond("Please invite me.")))

        slack.person(ANNA).command("/copy-backup", channel=GENERAL)

        assert [(m.channel, m.text) for m in slack.person(ANNA).ephemerals] == [(GENERAL, "Please invite me.")]

    def test_in_channel_shows_the_typed_command_to_all(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        bot.on("slash_commands", lambda turn: turn.ack(response_type="in_channel", text="All see this."))

        slack.person(ANNA).command("/copy-backup help")

        seen = [(m.user, m.text) for m in slack.channel(BACKUPS).messages]
        assert seen[0] == (ANNA, "/copy-backup help")
        assert seen[1][1] == "All see this."

    def test_invalid_blocks_in_the_answer_are_a_failure(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        bot.on("slash_commands", lambda turn: turn.ack(text="x", blocks=[section("")]))

        assert slack.person(ANNA).command("/copy-backup").error == "invalid_command_response"

    def test_a_command_may_arrive_twice(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        slack.faults.deliver_twice()

        slack.person(ANNA).command("/copy-backup")

        assert len({body["trigger_id"] for body in bot.heard}) == 1
        assert len(bot.heard) == 2


class TestShortcuts:
    def test_global_and_message_shortcuts_reach_the_bot(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        message = posted(slack)
        slack.person(ANNA).shortcut("new_copy")
        slack.person(ANNA).shortcut("copy_this", message)

        [first], [second] = bot.bodies("shortcut"), bot.bodies("message_action")
        assert ("channel" in first, "response_url" in first) == (False, False)
        assert (second["message"]["ts"], second["channel"]["id"]) == (message.ts, BACKUPS)
        assert first["trigger_id"]

    def test_ephemeral_messages_have_no_shortcuts(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        client_of(slack).chat_postEphemeral(channel=BACKUPS, user=ANNA, text="psst")

        with pytest.raises(ClientRefusal, match="no shortcuts"):
            slack.person(ANNA).shortcut("copy_this", slack.person(ANNA).ephemerals[0])


class TestResponseUrls:
    def use(self, url: str, **body: Any) -> tuple[int, Json]:
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def url(self, slack: LocalSlack, bot: ScriptedBot) -> str:
        slack.person(BEN).click(posted(slack), "Approve")
        return str(bot.bodies("block_actions")[-1]["response_url"])

    def test_it_works_five_times(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        url = self.url(slack, bot)

        statuses = [self.use(url, text=str(n))[0] for n in range(5)]

        assert statuses == [200] * 5
        assert self.use(url, text="6") == (404, {"ok": False, "error": "used_url"})
        assert [m.text for m in slack.person(BEN).ephemerals] == list("01234")

    def test_it_dies_after_thirty_minutes(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        url = self.url(slack, bot)

        slack.clock.advance(timedelta(minutes=29))
        assert self.use(url, text="in time")[0] == 200
        slack.clock.advance(timedelta(minutes=1))
        assert self.use(url, text="late") == (404, {"ok": False, "error": "expired_url"})

    def test_it_can_speak_to_all_and_into_a_thread(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        url = self.url(slack, bot)
        root = slack.channel(BACKUPS).messages[0].ts

        self.use(url, text="to all", response_type="in_channel")
        self.use(url, text="in thread", response_type="in_channel", thread_ts=root, replace_original=False)

        assert [m.text for m in slack.channel(BACKUPS).messages] == ["card", "to all"]
        assert [m.text for m in slack.channel(BACKUPS).thread(root)] == ["card", "in thread"]

    def test_it_replaces_or_deletes_the_message_it_came_from(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        url = self.url(slack, bot)

        self.use(url, text="decided", replace_original=True)
        assert [(m.text, m.blocks) for m in slack.channel(BACKUPS).messages] == [("decided", [])]
        self.use(url, delete_original=True)
        assert slack.channel(BACKUPS).messages == []

    def test_it_replaces_an_ephemeral_message_which_chat_update_cannot(
        self, slack: LocalSlack, bot: ScriptedBot
    ) -> None:
        client_of(slack).chat_postEphemeral(channel=BACKUPS, user=BEN, text="card", blocks=CARD)
        bot.on("block_actions", lambda turn: (turn.ack(), turn.respond("gone", replace_original=True)))

        slack.person(BEN).click(slack.person(BEN).ephemerals[0], "Approve")

        assert [m.text for m in slack.person(BEN).ephemerals] == ["gone"]
        assert bot.bodies("block_actions")[0]["container"]["is_ephemeral"] is True
        assert "message" not in bot.bodies("block_actions")[0]

    def test_it_refuses_what_is_no_message(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        url = self.url(slack, bot)

        assert self.use(url) == (400, {"ok": False, "error": "no_text"})
        assert self.use(url, blocks=[section("")]) == (400, {"ok": False, "error": "invalid_blocks"})
        assert self.use(url.rsplit("/", 1)[0] + "/invented", text="x")[0] == 404

    def test_another_person_sees_none_of_it(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        self.use(self.url(slack, bot), text="for Ben", blocks=CARD)

        assert slack.person(ANNA).ephemerals == []
        with pytest.raises(ClientRefusal, match="somebody else"):
            slack.person(ANNA).click(slack.person(BEN).ephemerals[0], "Approve")
