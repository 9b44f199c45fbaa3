"""Modals in the local Slack open, stack, update, submit and close as Slack's do."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import ANNA, BEN, ClientRefusal, LocalSlack, View
from tests.contract.sandbox_slack_bots import (
    ScriptedBot,
    Turn,
    actions,
    button,
    client_of,
    input_block,
    modal,
    patient_slack,
    plain,
    scripted_bot,
    section,
    select,
    text_input,
)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


@pytest.fixture
def bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    with scripted_bot(slack) as running:
        yield running


FORM = modal(input_block("reason", "Reason", text_input()), actions(button("More", "more")))


def opening(view: dict[str, Any]) -> Any:
    return lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view))


def opened(slack: LocalSlack, bot: ScriptedBot, view: dict[str, Any] = FORM) -> View:
    """Let Anna type the command and the bot open this view."""
    bot.on("slash_commands", opening(view))
    slack.person(ANNA).command("/copy-backup")
    return slack.person(ANNA).wait_for_modal()


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(*args, **kwargs)
    return str(refused.value.response["error"])


class TestTriggers:
    def test_a_trigger_opens_one_view_only(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot)

        spent = bot.heard[0]["trigger_id"]

        assert refusal(client_of(slack).views_open, trigger_id=spent, view=FORM) == "exchanged_trigger_id"

    def test_a_trigger_dies_after_its_seconds(self) -> None:
        with LocalSlack(trigger_seconds=0) as slack, scripted_bot(slack) as bot:
            slack.person(ANNA).command("/copy-backup")
            trigger = bot.heard[0]["trigger_id"]

            assert refusal(client_of(slack).views_open, trigger_id=trigger, view=FORM) == "expired_trigger_id"

    def test_an_invented_trigger_is_invalid(self, slack: LocalSlack) -> None:
        assert refusal(client_of(slack).views_open, trigger_id="1.2.x", view=FORM) == "invalid_trigger_id"

    def test_a_delayed_delivery_arrives_with_a_dead_trigger(self) -> None:
        with LocalSlack(trigger_seconds=0.05) as slack, scripted_bot(slack) as bot:
            slack.faults.delay_deliveries(0.1)
            codes: list[str] = []

            def late(turn: Turn) -> None:
                turn.ack()
                codes.append(refusal(turn.client.views_open, trigger_id=turn.trigger_id, view=FORM))

            bot.on("slash_commands", late)
            slack.person(ANNA).command("/copy-backup")

        assert codes == ["expired_trigger_id"]

    def test_an_invalid_view_does_not_cost_the_trigger(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        slack.person(ANNA).command("/copy-backup")
        trigger = bot.heard[0]["trigger_id"]
        client = client_of(slack)

        assert refusal(client.views_open, trigger_id=trigger, view=modal(section(""))) == "invalid_arguments"
        assert client.views_open(trigger_id=trigger, view=FORM)["ok"]


class TestStack:
    def test_three_views_are_the_most(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        codes: list[str] = []

        def push(turn: Turn) -> None:
            turn.ack()
            try:
                turn.client.views_push(trigger_id=turn.trigger_id, view=FORM)
            except SlackApiError as refused:
                codes.append(refused.response["error"])

        bot.on("block_actions", push)
        opened(slack, bot)
        for _ in range(3):
            slack.person(ANNA).press("More")

        stack = slack.person(ANNA).stack
        assert codes == ["push_limit_reached"]
        assert len(stack) == 3
        assert {view.root_id for view in stack} == {stack[0].id}
        assert [view.previous_id for view in stack] == [None, stack[0].id, stack[1].id]

    def test_only_a_modal_can_push(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot)
        slack.person(ANNA).command("/copy-backup")
        bot.on("slash_commands", lambda turn: turn.ack())
        slack.person(ANNA).command("/copy-backup")

        code = refusal(client_of(slack).views_push, trigger_id=bot.heard[-1]["trigger_id"], view=FORM)

        assert code == "invalid_trigger_id"

    def test_each_person_has_a_screen_of_their_own(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot)

        assert slack.person(BEN).modal is None

    def test_a_new_modal_takes_the_place_of_the_old_one(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        old = opened(slack, bot)
        new = opened(slack, bot)

        assert slack.person(ANNA).stack == [new]
        assert refusal(client_of(slack).views_update, view_id=old.id, view=FORM) == "not_found"


class TestUpdate:
    def test_the_hash_changes_with_each_update_and_guards_it(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view, client = opened(slack, bot), client_of(slack)

        new = client.views_update(view_id=view.id, hash=view.hash, view=FORM)["view"]

        assert new["hash"] != view.hash
        assert refusal(client.views_update, view_id=view.id, hash=view.hash, view=FORM) == "hash_conflict"
        assert client.views_update(view_id=view.id, hash=new["hash"], view=FORM)["ok"]

    def test_a_closed_view_is_not_found(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view = opened(slack, bot)

        slack.person(ANNA).close_modal()

        assert refusal(client_of(slack).views_update, view_id=view.id, view=FORM) == "not_found"

    def test_a_view_can_be_addressed_by_its_external_id(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot, {**FORM, "external_id": "draft-1"})

        client_of(slack).views_update(external_id="draft-1", view=modal(section("loaded")))

        assert slack.person(ANNA).wait_for_modal("loaded").title == "Copy a backup"

    def test_an_external_id_is_taken_while_its_view_is_open(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        named = {**FORM, "external_id": "draft-1"}
        opened(slack, bot, named)
        slack.person(BEN).command("/copy-backup")

        calls = slack.traffic.calls("views.open")

        assert [call.error for call in calls] == [None, "duplicate_external_id"]

    def test_what_a_person_entered_stays_where_the_ids_stay(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view = opened(slack, bot)
        slack.person(ANNA).fill("Reason", "typed")

        kept = modal(input_block("reason", "Reason", text_input(initial_value="ignored")))
        client_of(slack).views_update(view_id=view.id, view=kept)

        assert slack.person(ANNA).wait_for_modal().values == {
            "reason": {"text": {"type": "plain_text_input", "value": "typed"}}
        }

    @pytest.mark.parametrize(
        "block",
        [
            input_block("reason:2", "Reason", text_input(initial_value="new")),
            input_block("reason", "Reason", text_input("text2", initial_value="new")),
        ],
    )
    def test_a_changed_id_starts_anew(self, slack: LocalSlack, bot: ScriptedBot, block: dict[str, Any]) -> None:
        view = opened(slack, bot)
        slack.person(ANNA).fill("Reason", "typed")

        client_of(slack).views_update(view_id=view.id, view=modal(block))

        [states] = slack.person(ANNA).wait_for_modal().values.values()
        assert next(iter(states.values()))["value"] == "new"

    def test_a_kept_element_of_another_kind_starts_anew(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view = opened(slack, bot)
        slack.person(ANNA).fill("Reason", "typed")

        client_of(slack).views_update(
            view_id=view.id, view=modal(input_block("reason", "Reason", select("a", action_id="text")))
        )

        state = slack.person(ANNA).wait_for_modal().values["reason"]["text"]
        assert state == {"type": "static_select", "selected_option": None}

    def test_a_modal_stays_a_modal(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        view = opened(slack, bot)

        home = {"type": "home", "blocks": [section("x")]}

        assert refusal(client_of(slack).views_update, view_id=view.id, view=home) == "invalid_arguments"


class TestSubmission:
    def test_an_empty_answer_closes_the_view(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot, {**FORM, "private_metadata": "draft 1"})
        anna = slack.person(ANNA)
        anna.fill("Reason", "Prüfung 🌍")

        result = anna.submit()

        [body] = bot.bodies("view_submission")
        assert (result.outcome, anna.modal) == ("closed", None)
        assert body["view"]["state"]["values"]["reason"]["text"]["value"] == "Prüfung 🌍"
        assert body["view"]["private_metadata"] == "draft 1"
        assert body["user"]["id"] == ANNA
        assert body["response_urls"] == []

    def test_errors_stand_under_their_inputs_until_the_next_answer(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        errors = {"reason": "Too short."}
        bot.on("view_submission", lambda turn: turn.ack(response_action="errors", errors=errors))
        opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        result = anna.submit()

        assert (result.outcome, result.errors) == ("errors", errors)
        assert anna.wait_for_modal("Too short.").errors == errors
        bot.on("view_submission", lambda turn: turn.ack())
        assert anna.submit().outcome == "closed"

    @pytest.mark.parametrize("errors", [{"nowhere": "x"}, {"buttons": "x"}, {}])
    def test_errors_for_anything_but_an_input_are_trouble(
        self, slack: LocalSlack, bot: ScriptedBot, errors: dict[str, str]
    ) -> None:
        bot.on("view_submission", lambda turn: turn.ack(response_action="errors", errors=errors))
        opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        result = anna.submit()

        assert result.outcome == "trouble"
        assert "We had some trouble connecting" in str(anna.wait_for_modal().trouble)

    def test_update_replaces_the_view_in_place(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        review = modal(section("Please review"), submit=plain("Send"))
        bot.on("view_submission", lambda turn: turn.ack(response_action="update", view=review))
        view = opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        result = anna.submit()

        assert result.outcome == "updated"
        assert result.view == anna.modal
        assert (result.view and result.view.id, result.view and result.view.submit_text) == (view.id, "Send")

    def test_push_puts_a_view_on_top_and_clear_takes_all_away(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        bot.on(
            "view_submission",
            lambda turn: turn.ack(response_action="push", view=modal(section("side"), submit=plain("Go"))),
        )
        opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        assert anna.submit().outcome == "pushed"
        assert len(anna.stack) == 2
        bot.on("view_submission", lambda turn: turn.ack(response_action="clear"))
        assert anna.submit().outcome == "cleared"
        assert anna.stack == []

    @pytest.mark.parametrize(
        "answer",
        [
            {"response_action": "update"},
            {"response_action": "update", "view": modal(section("x" * 3001))},
            {"response_action": "dance", "view": FORM},
        ],
    )
    def test_an_answer_slack_cannot_use_is_trouble(
        self, slack: LocalSlack, bot: ScriptedBot, answer: dict[str, Any]
    ) -> None:
        bot.on("view_submission", lambda turn: turn.ack(answer))
        opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        assert anna.submit().outcome == "trouble"
        assert anna.modal is not None

    def test_without_an_answer_the_modal_stays_and_can_be_submitted_again(self) -> None:
        with LocalSlack(ack_seconds=0.3) as slack, scripted_bot(slack) as bot:
            opened(slack, bot)
            anna = slack.person(ANNA)
            anna.fill("Reason", "x")
            slack.deliver_to(None)

            result = anna.submit()

            assert (result.outcome, result.answer.error) == ("trouble", "dispatch_failed")
            assert anna.modal is not None
            assert anna.modal.values["reason"]["text"]["value"] == "x"

    def test_a_view_opened_while_submitting_goes_with_the_empty_answer(
        self, slack: LocalSlack, bot: ScriptedBot
    ) -> None:
        def open_and_close(turn: Turn) -> None:
            turn.client.views_open(trigger_id=turn.trigger_id, view=modal(section("second")))
            turn.ack()

        bot.on("view_submission", open_and_close)
        opened(slack, bot)
        anna = slack.person(ANNA)
        anna.fill("Reason", "x")

        assert anna.submit().outcome == "closed"
        assert anna.modal is None

    def test_a_channel_chosen_in_a_marked_input_gives_a_response_url(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        element = {"type": "conversations_select", "action_id": "c", "response_url_enabled": True}
        opened(slack, bot, modal(input_block("where", "Channel", element)))
        anna = slack.person(ANNA)
        anna.fill("Channel", "C0BACKUPS01")
        anna.submit()

        [entry] = bot.bodies("view_submission")[0]["response_urls"]

        assert (entry["block_id"], entry["channel_id"]) == ("where", "C0BACKUPS01")
        assert entry["response_url"].startswith("http://127.0.0.1:")


class TestClosing:
    def test_nothing_is_told_unless_the_view_asks(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot)

        assert slack.person(ANNA).close_modal() is None
        assert bot.bodies("view_closed") == []

    def test_cancel_tells_of_one_view_without_its_values(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot, {**FORM, "notify_on_close": True})
        slack.person(ANNA).fill("Reason", "secret")
        slack.person(ANNA).close_modal()

        [body] = bot.bodies("view_closed")
        assert (body["is_cleared"], body["view"]["state"]["values"]) == (False, {})
        assert "trigger_id" not in body

    def test_the_x_tells_of_the_root_view(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        side = modal(section("side"))
        bot.on(
            "block_actions", lambda turn: (turn.ack(), turn.client.views_push(trigger_id=turn.trigger_id, view=side))
        )
        root = opened(slack, bot, {**FORM, "notify_on_close": True})
        slack.person(ANNA).press("More")
        slack.person(ANNA).close_modal(everything=True)

        [body] = bot.bodies("view_closed")
        assert (body["is_cleared"], body["view"]["id"]) == (True, root.id)
        assert slack.person(ANNA).stack == []

    def test_clear_on_close_takes_the_whole_stack(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        side = modal(section("side"), clear_on_close=True)
        bot.on(
            "block_actions", lambda turn: (turn.ack(), turn.client.views_push(trigger_id=turn.trigger_id, view=side))
        )
        opened(slack, bot)
        slack.person(ANNA).press("More")

        slack.person(ANNA).close_modal()

        assert slack.person(ANNA).stack == []

    def test_cancel_on_a_pushed_view_shows_the_one_below(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        bot.on(
            "block_actions", lambda turn: (turn.ack(), turn.client.views_push(trigger_id=turn.trigger_id, view=FORM))
        )
        root = opened(slack, bot)
        slack.person(ANNA).press("More")

        slack.person(ANNA).close_modal()

        assert slack.person(ANNA).modal == root

    def test_without_a_modal_there_is_nothing_to_close_or_submit(self, slack: LocalSlack) -> None:
        with pytest.raises(ClientRefusal, match="No modal is open"):
            slack.person(ANNA).close_modal()
        with pytest.raises(ClientRefusal, match="No modal is open"):
            slack.person(ANNA).submit()

    def test_a_view_without_submit_cannot_be_submitted(self, slack: LocalSlack, bot: ScriptedBot) -> None:
        opened(slack, bot, modal(section("Loading…")))

        with pytest.raises(ClientRefusal, match="no submit button"):
            slack.person(ANNA).submit()
