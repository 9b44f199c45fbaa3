"""Home tabs and subscribed events of the local Slack, over Socket Mode and HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import ANNA, BACKUPS, BOT_USER, GENERAL, ClientRefusal, LocalSlack
from tests.contract.sandbox_slack_bots import (
    Json,
    actions,
    bolt_app,
    button,
    client_of,
    modal,
    over_http,
    over_sockets,
    patient_slack,
    scripted_bot,
    section,
)


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}


def manifest(*events: str, home_tab: bool = True) -> Json:
    return {
        "display_information": {"name": "X"},
        "features": {"app_home": {"home_tab_enabled": home_tab}},
        "settings": {"event_subscriptions": {"bot_events": list(events)}, "interactivity": {"is_enabled": True}},
    }


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


class TestHome:
    def test_opening_the_tab_lets_the_bot_publish_it(self, slack: LocalSlack) -> None:
        app = bolt_app(slack)

        @app.event("app_home_opened")
        def publish(event: Json, client: Any) -> None:
            client.views_publish(user_id=event["user"], view=home(section("Your requests")))

        with over_http(slack, app):
            anna = slack.person(ANNA)
            assert anna.open_home() is None
            published = slack.wait_until(lambda: anna.home)

        assert published is not None
        assert published.blocks[0]["text"]["text"] == "Your requests"

    def test_the_next_opening_brings_the_published_view(self, slack: LocalSlack) -> None:
        client_of(slack).views_publish(user_id=ANNA, view=home(section("x")))
        slack.person(ANNA).open_home()
        delivery = slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))[0]

        event = delivery.request["event"]

        assert (event["tab"], event["view"]["type"], event["channel"][0]) == ("home", "home", "D")

    def test_the_hash_guards_the_tab(self, slack: LocalSlack) -> None:
        client = client_of(slack)
        first = client.views_publish(user_id=ANNA, view=home(section("1")))["view"]
        client.views_publish(user_id=ANNA, view=home(section("2")), hash=first["hash"])

        with pytest.raises(SlackApiError, match="hash_conflict"):
            client.views_publish(user_id=ANNA, view=home(section("3")), hash=first["hash"])

    def test_a_tab_that_is_off_cannot_be_published(self) -> None:
        with LocalSlack(manifest(home_tab=False)) as slack, pytest.raises(SlackApiError, match="not_enabled"):
            client_of(slack).views_publish(user_id=ANNA, view=home())

    def test_a_modal_is_no_home(self, slack: LocalSlack) -> None:
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            client_of(slack).views_publish(user_id=ANNA, view=modal(section("x")))

    def test_a_button_on_the_tab_can_open_a_modal(self, slack: LocalSlack) -> None:
        with scripted_bot(slack) as bot:
            client_of(slack).views_publish(user_id=ANNA, view=home(actions(button("New copy", "new"))))
            view = modal(section("Form"))
            bot.on(
                "block_actions",
                lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view)),
            )
            anna = slack.person(ANNA)

            anna.press("New copy", anna.home)

            assert anna.wait_for_modal("Form").type == "modal"
            assert "response_url" not in bot.bodies("block_actions")[0]


class TestEvents:
    def test_only_subscribed_events_are_sent(self) -> None:
        with LocalSlack(manifest("message.channels", "app_home_opened")) as slack:
            slack.person(ANNA).say(BACKUPS, "hello")
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))
            heard = slack.traffic.deliveries("message")

        assert {d.request["event"]["text"] for d in heard} == {"hello"}
        with LocalSlack(manifest("app_home_opened")) as slack:
            slack.person(ANNA).say(BACKUPS, "hello")
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))
            assert slack.traffic.deliveries("message") == []

    def test_a_message_is_heard_only_where_the_bot_is(self) -> None:
        with LocalSlack(manifest("message.channels", "app_home_opened")) as slack:
            slack.person(ANNA).say(GENERAL, "not for bots")
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))

            assert slack.traffic.deliveries("message") == []

    def test_over_socket_mode_a_repeated_event_says_so(self) -> None:
        with LocalSlack(ack_seconds=0.2, event_retry_seconds=(0.0,)) as slack:
            app = bolt_app(slack)
            seen: list[Any] = []

            @app.middleware
            def look(req: Any, next: Any) -> None:
                seen.append((req.headers.get("x-slack-retry-num"), req.headers.get("x-slack-retry-reason")))
                next()

            with over_sockets(slack, app):
                slack.person(ANNA).open_home()
                slack.wait_until(lambda: len(slack.traffic.deliveries("app_home_opened")) == 2)

        assert seen == [(["0"], [""]), (["1"], ["timeout"])]

    def test_writing_where_one_is_not_is_refused(self, slack: LocalSlack) -> None:
        slack.directory.leave(GENERAL, ANNA)

        with pytest.raises(ClientRefusal, match="is not in #general"):
            slack.person(ANNA).say(GENERAL, "hello")

    def test_a_workflow_step_reaches_its_listener_and_is_completed(self, slack: LocalSlack) -> None:
        app = bolt_app(slack)

        @app.function("copy_backup")
        def step(inputs: Json, complete: Any) -> None:
            complete(outputs={"table": inputs["table"]})

        with over_http(slack, app):
            execution = slack.person(ANNA).run_step("copy_backup", {"table": "orders"})
            outcome = slack.wait_until(lambda: slack.workspace.completed_functions.get(execution))

        assert json.dumps(outcome) == '{"outputs": {"table": "orders"}}'

    def test_an_invitation_is_told(self) -> None:
        with LocalSlack(manifest("member_joined_channel")) as slack:
            slack.person(ANNA).invite(GENERAL, BOT_USER)
            delivery = slack.wait_until(lambda: slack.traffic.deliveries("member_joined_channel"))[0]

            event = delivery.request["event"]

            assert (event["user"], event["channel"], event["inviter"]) == (BOT_USER, GENERAL, ANNA)
            assert slack.directory.is_member(GENERAL, BOT_USER)
