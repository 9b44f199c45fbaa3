"""Elements in the local Slack hold their state, speak up and type ahead as Slack's do."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.sandbox.slack import ANNA, BACKUPS, BEN, ClientRefusal, LocalSlack, Person
from tests.contract.sandbox_slack_bots import (
    Json,
    ScriptedBot,
    actions,
    button,
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


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


@pytest.fixture
def bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    with scripted_bot(slack) as running:
        yield running


@pytest.fixture
def show(slack: LocalSlack, bot: ScriptedBot) -> Callable[..., Person]:
    """Return a function that shows Anna a modal with the given blocks."""

    def open_modal(*blocks: Json) -> Person:
        view = modal(*blocks)
        bot.on(
            "slash_commands", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view))
        )
        slack.person(ANNA).command("/copy-backup")
        slack.person(ANNA).wait_for_modal()
        return slack.person(ANNA)

    return open_modal


def submitted(bot: ScriptedBot, anna: Person, block_id: str = "b") -> Json:
    """Submit the modal and return the state of the block's only element as the bot got it."""
    anna.submit()
    states: Json = bot.bodies("view_submission")[-1]["view"]["state"]["values"][block_id]
    [state] = states.values()
    return dict(state)


MENU = select("orders", "customers", "Ümläut")
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]}


class TestState:
    @pytest.mark.parametrize(
        ("element", "value", "expected"),
        [
            (text_input(), "größe 🌍", {"value": "größe 🌍"}),
            ({"type": "number_input", "is_decimal_allowed": False}, 35, {"value": "35"}),
            ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
            ({"type": "url_text_input"}, "https://a.example", {"value": "https://a.example"}),
            (MENU, "orders", {"selected_option": option("orders")}),
            (MENU, "ümläut", {"selected_option": option("Ümläut")}),
            ({**MENU, "type": "radio_buttons"}, "customers", {"selected_option": option("customers")}),
            (
                {**MENU, "type": "checkboxes"},
                ["orders", "customers"],
                {"selected_options": [option("orders"), option("customers")]},
            ),
            ({**MENU, "type": "multi_static_select"}, "orders", {"selected_options": [option("orders")]}),
            ({"type": "datepicker"}, date(2026, 11, 22), {"selected_date": "2026-11-22"}),
            ({"type": "timepicker"}, "13:45", {"selected_time": "13:45"}),
            ({"type": "datetimepicker"}, datetime(2026, 11, 22, tzinfo=UTC), {"selected_date_time": 1795305600}),
            ({"type": "users_select"}, BEN, {"selected_user": BEN}),
            ({"type": "multi_users_select"}, [ANNA, BEN], {"selected_users": [ANNA, BEN]}),
            ({"type": "conversations_select"}, BACKUPS, {"selected_conversation": BACKUPS}),
            ({"type": "channels_select"}, BACKUPS, {"selected_channel": BACKUPS}),
            ({"type": "rich_text_input", "action_id": "r"}, "hi", {"rich_text_value": RICH}),
        ],
    )
    def test_each_element_holds_its_value_under_its_own_key(
        self, bot: ScriptedBot, show: Callable[..., Person], element: Json, value: Any, expected: Json
    ) -> None:
        anna = show(input_block("b", "Label", element))

        anna.fill("Label", value)

        assert submitted(bot, anna) == {"type": element["type"], **expected}

    @pytest.mark.parametrize(
        ("element", "expected"),
        [
            (text_input(), {"value": None}),
            (MENU, {"selected_option": None}),
            ({**MENU, "type": "checkboxes"}, {"selected_options": []}),
            ({"type": "datepicker"}, {"selected_date": None}),
            ({"type": "external_select"}, {"selected_option": None}),
            ({"type": "multi_users_select"}, {"selected_users": []}),
            (text_input(initial_value="there"), {"value": "there"}),
            ({**MENU, "initial_option": option("orders")}, {"selected_option": option("orders")}),
            ({"type": "datepicker", "initial_date": "2026-01-02"}, {"selected_date": "2026-01-02"}),
        ],
    )
    def test_an_untouched_element_is_null_or_what_it_started_with(
        self, bot: ScriptedBot, show: Callable[..., Person], element: Json, expected: Json
    ) -> None:
        anna = show(input_block("b", "Label", element, optional=True))

        assert submitted(bot, anna) == {"type": element["type"], **expected}

    def test_blocks_and_elements_without_ids_get_them(self, show: Callable[..., Person]) -> None:
        anna = show({"type": "input", "label": plain("Label"), "element": {"type": "plain_text_input"}})

        view = anna.wait_for_modal()
        [(block_id, states)] = view.values.items()

        assert view.blocks[0]["block_id"] == block_id
        assert view.blocks[0]["element"]["action_id"] in states

    def test_a_menu_beside_a_section_has_a_state_too(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(section("Pick a table", block_id="b", accessory=MENU), input_block("i", "Why", text_input()))
        anna.fill("Pick a table", "orders")
        anna.fill("Why", "x")

        assert submitted(bot, anna) == {"type": "static_select", "selected_option": option("orders")}

    def test_options_in_groups_can_be_chosen(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        groups = [{"label": plain("eu"), "options": [option("orders", "1")]}]
        anna = show(input_block("b", "Label", {"type": "static_select", "action_id": "s", "option_groups": groups}))

        anna.fill("Label", "orders")

        assert submitted(bot, anna)["selected_option"]["value"] == "1"


class TestTheClientsOwnChecks:
    @pytest.mark.parametrize(
        ("element", "value", "complaint"),
        [
            (text_input(), None, "Please complete this required field."),
            (text_input(), "", "Please complete this required field."),
            (MENU, "nothing chosen", "Please complete this required field."),
            (text_input(min_length=5), "four", "Must be at least 5 characters."),
            (text_input(max_length=5), "sixsix", "Must be at most 5 characters."),
            ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number."),
            ({"type": "number_input", "is_decimal_allowed": True}, "many", "Please enter a number."),
            ({"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}, 0, "Must be 1 or more."),
            ({"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, 10, "Must be 9 or less."),
            ({"type": "email_text_input"}, "nobody", "Please enter a valid email address."),
            ({"type": "url_text_input"}, "nowhere", "Please enter a valid URL."),
        ],
    )
    def test_a_faulty_input_is_never_sent(
        self, bot: ScriptedBot, show: Callable[..., Person], element: Json, value: Any, complaint: str
    ) -> None:
        anna = show(input_block("b", "Label", element))
        if value != "nothing chosen":
            anna.fill("Label", value)

        with pytest.raises(ClientRefusal) as refused:
            anna.submit()

        assert refused.value.fields == {"b": complaint}
        assert bot.bodies("view_submission") == []

    @pytest.mark.parametrize(
        ("element", "value"),
        [
            (text_input(min_length=4, max_length=4), "four"),
            ({"type": "number_input", "is_decimal_allowed": True, "min_value": "1", "max_value": "9"}, "1"),
            ({"type": "number_input", "is_decimal_allowed": True, "min_value": "1", "max_value": "9"}, "9.0"),
            ({"type": "number_input", "is_decimal_allowed": True, "min_value": "-5"}, "-1.5"),
        ],
    )
    def test_an_input_on_the_edge_is_sent(
        self, bot: ScriptedBot, show: Callable[..., Person], element: Json, value: Any
    ) -> None:
        anna = show(input_block("b", "Label", element))
        anna.fill("Label", value)

        assert submitted(bot, anna)["value"] == value

    def test_an_optional_input_may_stay_empty(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Label", text_input(min_length=5), optional=True))

        assert submitted(bot, anna)["value"] is None

    def test_an_option_that_is_not_offered_cannot_be_chosen(self, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Label", MENU))

        with pytest.raises(ClientRefusal, match="no option 'nothing'"):
            anna.fill("Label", "nothing")

    def test_no_more_options_than_allowed_can_be_chosen(self, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Label", {**MENU, "type": "multi_static_select", "max_selected_items": 1}))

        with pytest.raises(ClientRefusal, match="at most 1"):
            anna.fill("Label", ["orders", "customers"])

    def test_what_is_not_on_the_screen_cannot_be_used(self, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Label", MENU), actions(button("Back", "back")))

        with pytest.raises(ClientRefusal, match="Nothing here is called 'Other'"):
            anna.fill("Other", "x")
        with pytest.raises(ClientRefusal, match="There is no button 'Forward'"):
            anna.press("Forward")


class TestSpeakingUp:
    def test_an_input_is_silent_unless_it_dispatches(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(input_block("quiet", "Quiet", MENU), input_block("loud", "Loud", MENU, dispatch_action=True))

        assert anna.fill("Quiet", "orders") is None
        answer = anna.fill("Loud", "orders")

        assert answer is not None
        assert answer.ok
        [body] = bot.bodies("block_actions")
        assert body["actions"][0]["block_id"] == "loud"
        assert body["actions"][0]["selected_option"] == option("orders")
        assert body["container"] == {"type": "view", "view_id": body["view"]["id"]}
        assert body["view"]["state"]["values"]["quiet"]["select"]["selected_option"] == option("orders")

    def test_elements_outside_inputs_always_speak(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(
            section("Pick", accessory=MENU), actions({**MENU, "action_id": "other", "placeholder": plain("Other")})
        )

        assert anna.fill("Pick", "orders") is not None
        assert anna.fill("Other", "customers") is not None

        chosen = [body["actions"][0]["selected_option"]["value"] for body in bot.bodies("block_actions")]
        assert chosen == ["orders", "customers"]

    @pytest.mark.parametrize(
        ("on", "multiline", "speaks"),
        [
            (None, False, True),
            (None, True, False),
            (["on_enter_pressed"], False, True),
            (["on_character_entered"], True, True),
        ],
    )
    def test_a_text_input_speaks_on_enter_or_on_characters(
        self, show: Callable[..., Person], on: list[str] | None, multiline: bool, speaks: bool
    ) -> None:
        config: Json = {"dispatch_action_config": {"trigger_actions_on": on}} if on else {}
        anna = show(input_block("b", "Label", text_input(multiline=multiline, **config), dispatch_action=True))

        assert (anna.fill("Label", "x") is not None) is speaks

    def test_emptying_an_optional_menu_is_told_as_null(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Label", MENU, dispatch_action=True, optional=True))
        anna.fill("Label", "orders")
        anna.fill("Label", None)

        assert bot.bodies("block_actions")[1]["actions"][0]["selected_option"] is None

    def test_a_button_tells_its_value(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        anna = show(actions(button("Back", "back", value="2", style="danger")))

        anna.press("Back")

        [action] = bot.bodies("block_actions")[0]["actions"]
        assert (action["type"], action["action_id"], action["value"], action["style"]) == (
            "button",
            "back",
            "2",
            "danger",
        )
        assert "action_ts" in action

    def test_a_button_with_a_link_speaks_too(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        show(actions(button("Console", "console", url="https://aws.example"))).press("Console")

        assert bot.bodies("block_actions")[0]["actions"][0]["action_id"] == "console"

    def test_an_overflow_menu_tells_what_was_picked(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        menu = {"type": "overflow", "action_id": "more", "options": [option("Retry", "r"), option("Cancel", "c")]}
        show(section("Step 1", accessory=menu)).press("Cancel")

        assert bot.bodies("block_actions")[0]["actions"][0]["selected_option"] == option("Cancel", "c")

    def test_an_unanswered_element_leaves_a_line_of_trouble_in_the_modal(
        self, slack: LocalSlack, show: Callable[..., Person]
    ) -> None:
        anna = show(actions(button("Back", "back")))
        slack.deliver_to(None)

        assert anna.press("Back").error == "dispatch_failed"
        assert "We had some trouble connecting" in str(anna.wait_for_modal().trouble)

    def test_an_app_without_interactivity_hears_nothing(self) -> None:
        manifest = {"display_information": {"name": "X"}, "oauth_config": {"scopes": {"bot": ["chat:write"]}}}
        with LocalSlack(manifest) as slack, scripted_bot(slack) as bot:
            bot.app.client.chat_postMessage(channel=BACKUPS, text="x", blocks=[actions(button("Go", "go"))])

            with pytest.raises(ClientRefusal, match="not configured to handle interactive responses"):
                slack.person(ANNA).click(slack.channel(BACKUPS).messages[0], "Go")


class TestTypeAhead:
    def test_options_are_fetched_for_what_is_typed_and_the_pick_is_sent(
        self, bot: ScriptedBot, show: Callable[..., Person]
    ) -> None:
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option(turn.body["value"] + n) for n in "12"]))
        anna = show(input_block("b", "Table", type_ahead(min_query_length=0), dispatch_action=True))

        answer = anna.choose("Table", "orders-", "orders-2")

        assert answer is not None
        [suggestion] = bot.bodies("block_suggestion")
        assert (suggestion["action_id"], suggestion["block_id"]) == ("type_ahead", "b")
        assert suggestion["view"]["callback_id"] == "form"
        assert "trigger_id" not in suggestion
        assert bot.bodies("block_actions")[0]["actions"][0]["selected_option"] == option("orders-2")
        assert submitted(bot, anna)["selected_option"] == option("orders-2")

    @pytest.mark.parametrize(("least", "typed", "asks"), [(None, "or", 0), (None, "ord", 1), (0, "", 1), (1, "", 0)])
    def test_nothing_is_fetched_before_enough_is_typed(
        self, bot: ScriptedBot, show: Callable[..., Person], least: int | None, typed: str, asks: int
    ) -> None:
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option("x")]))
        more: Json = {} if least is None else {"min_query_length": least}
        anna = show(input_block("b", "Table", type_ahead(**more)))

        offered = anna.suggest("Table", typed)

        assert len(bot.bodies("block_suggestion")) == len(offered) == asks

    def test_groups_are_offered_flat(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        groups = [{"label": plain(g), "options": [option(g + "1")]} for g in ("a", "b")]
        bot.on("block_suggestion", lambda turn: turn.ack(option_groups=groups))
        anna = show(input_block("b", "Table", type_ahead(min_query_length=0)))

        assert [o["value"] for o in anna.suggest("Table", "")] == ["a1", "b1"]

    @pytest.mark.parametrize(("count", "fine"), [(0, True), (100, True), (101, False)])
    def test_a_hundred_options_are_the_most(
        self, bot: ScriptedBot, show: Callable[..., Person], count: int, fine: bool
    ) -> None:
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option(str(n)) for n in range(count)]))
        anna = show(input_block("b", "Table", type_ahead(min_query_length=0)))

        if fine:
            assert len(anna.suggest("Table", "")) == count
        else:
            with pytest.raises(ClientRefusal, match="no more than 100 items allowed"):
                anna.suggest("Table", "")

    def test_without_an_answer_the_menu_cannot_load(self, slack: LocalSlack, show: Callable[..., Person]) -> None:
        anna = show(input_block("b", "Table", type_ahead(min_query_length=0)))
        slack.deliver_to(None)

        with pytest.raises(ClientRefusal, match="could not load options"):
            anna.suggest("Table", "")

    def test_several_picks_add_up_in_a_multi_select(self, bot: ScriptedBot, show: Callable[..., Person]) -> None:
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option("a"), option("b")]))
        anna = show(
            input_block("b", "Tables", {"type": "multi_external_select", "action_id": "m", "min_query_length": 0})
        )

        anna.choose("Tables")
        anna.choose("Tables", option_text="b")

        assert submitted(bot, anna)["selected_options"] == [option("a"), option("b")]
