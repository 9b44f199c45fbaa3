"""Views and messages are judged by Slack's limits, on both sides of each."""

import copy
from typing import Any

import pytest

from bot.sandbox.slack.validation import validate_message, validate_options, validate_view
from tests.contract.sandbox_slack_bots import (
    Json,
    actions,
    button,
    input_block,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
    type_ahead,
)


def of_characters(length: int) -> str:
    return "x" * length


def message(*blocks: Json) -> list[str]:
    return [str(problem) for problem in validate_message({"blocks": list(blocks)})]


def view(*blocks: Json, **more: Any) -> list[str]:
    return [str(problem) for problem in validate_view(modal(*blocks, **more))]


def home(*blocks: Json, **more: Any) -> list[str]:
    return [str(problem) for problem in validate_view({"type": "home", "blocks": list(blocks), **more})]


def confirm(**sizes: int) -> Json:
    return {
        "title": plain(of_characters(sizes.get("title", 1))),
        "text": plain(of_characters(sizes.get("text", 1))),
        "confirm": plain(of_characters(sizes.get("confirm", 1))),
        "deny": plain(of_characters(sizes.get("deny", 1))),
    }


def grouped(groups: int, options: int = 1) -> Json:
    group = {"label": plain("g"), "options": [option("o")] * options}
    return {"type": "static_select", "action_id": "s", "option_groups": [group] * groups}


def rows(count: int, cells: int = 1) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * count}


LENGTHS: list[tuple[str, int, Any]] = [
    ("header", 150, lambda n: {"type": "header", "text": plain(of_characters(n))}),
    ("section text", 3000, lambda n: section(of_characters(n))),
    ("section field", 2000, lambda n: {"type": "section", "fields": [plain(of_characters(n))]}),
    ("block_id", 255, lambda n: section("x", block_id=of_characters(n))),
    ("action_id", 255, lambda n: actions(button("x", of_characters(n)))),
    ("button text", 75, lambda n: actions(button(of_characters(n), "a"))),
    ("button value", 2000, lambda n: actions(button("x", "a", value=of_characters(n)))),
    ("button url", 3000, lambda n: actions(button("x", "a", url=of_characters(n)))),
    ("accessibility_label", 75, lambda n: actions(button("x", "a", accessibility_label=of_characters(n)))),
    ("option text", 75, lambda n: section("x", accessory=select(of_characters(n)))),
    (
        "option value",
        150,
        lambda n: section("x", accessory={**select(), "options": [option("x", of_characters(n))]}),
    ),
    (
        "option description",
        75,
        lambda n: section(
            "x", accessory={**select(), "options": [{**option("x"), "description": plain(of_characters(n))}]}
        ),
    ),
    ("placeholder", 150, lambda n: section("x", accessory=select("x", placeholder=plain(of_characters(n))))),
    ("confirm title", 100, lambda n: actions(button("x", "a", confirm=confirm(title=n)))),
    ("confirm text", 300, lambda n: actions(button("x", "a", confirm=confirm(text=n)))),
    ("confirm yes", 30, lambda n: actions(button("x", "a", confirm=confirm(confirm=n)))),
    ("confirm no", 30, lambda n: actions(button("x", "a", confirm=confirm(deny=n)))),
    ("image alt_text", 2000, lambda n: {"type": "image", "image_url": "https://x", "alt_text": of_characters(n)}),
    ("image_url", 3000, lambda n: {"type": "image", "image_url": of_characters(n), "alt_text": "x"}),
    ("input label", 2000, lambda n: input_block("b", of_characters(n), text_input())),
    ("input hint", 2000, lambda n: input_block("b", "x", text_input(), hint=plain(of_characters(n)))),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": of_characters(n)}),
    ("card title", 150, lambda n: {"type": "card", "title": plain(of_characters(n))}),
    ("card body", 200, lambda n: {"type": "card", "body": plain(of_characters(n))}),
]


class TestLengths:
    @pytest.mark.parametrize(("what", "most", "block"), LENGTHS, ids=[row[0] for row in LENGTHS])
    def test_a_text_may_be_as_long_as_the_limit_and_no_longer(self, what: str, most: int, block: Any) -> None:
        assert message(block(most)) == []

        [problem] = message(block(most + 1))

        assert problem.startswith(f"must be less than {most + 1} characters [json-pointer:/blocks/0/")

    @pytest.mark.parametrize(
        "block",
        [
            section(""),
            {"type": "header", "text": plain("")},
            actions(button("", "a")),
            section("x", accessory={**select(), "options": [{"text": plain("x"), "value": ""}]}),
        ],
    )
    def test_an_empty_text_is_refused(self, block: Json) -> None:
        assert [p.split(" [")[0] for p in message(block)] == ["must be more than 0 characters"]

    @pytest.mark.parametrize(
        ("field", "most"), [("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)]
    )
    def test_a_views_own_strings_have_limits(self, field: str, most: int) -> None:
        assert view(section("x"), **{field: of_characters(most)}) == []
        assert view(section("x"), **{field: of_characters(most + 1)}) == [
            f"must be less than {most + 1} characters [json-pointer:/{field}]"
        ]

    @pytest.mark.parametrize("field", ["title", "submit", "close"])
    def test_title_and_buttons_of_a_modal_have_24_characters(self, field: str) -> None:
        assert view(section("x"), **{field: plain(of_characters(24))} if field != "title" else {}) == []
        over = {**modal(section("x")), field: plain(of_characters(25))}
        assert [str(p) for p in validate_view(over)] == [
            f"must be less than 25 characters [json-pointer:/{field}/text]"
        ]


COUNTS: list[tuple[str, int, Any]] = [
    ("actions elements", 25, lambda n: actions(*[button("x", str(i)) for i in range(n)])),
    ("context elements", 10, lambda n: {"type": "context", "elements": [plain("x")] * n}),
    ("section fields", 10, lambda n: {"type": "section", "fields": [plain("x")] * n}),
    ("select options", 100, lambda n: section("x", accessory=select(*["x"] * n))),
    ("select groups", 100, lambda n: section("x", accessory=grouped(n))),
    ("options of a group", 100, lambda n: section("x", accessory=grouped(1, n))),
    ("radio buttons", 10, lambda n: section("x", accessory={**select(*["x"] * n), "type": "radio_buttons"})),
    ("checkboxes", 10, lambda n: section("x", accessory={**select(*["x"] * n), "type": "checkboxes"})),
    ("overflow options", 5, lambda n: section("x", accessory={**select(*["x"] * n), "type": "overflow"})),
    ("table rows", 100, rows),
    ("table cells", 20, lambda n: rows(1, n)),
    ("cards", 10, lambda n: {"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * n}),
]


class TestCounts:
    @pytest.mark.parametrize(("what", "most", "block"), COUNTS, ids=[row[0] for row in COUNTS])
    def test_a_list_may_be_as_long_as_the_limit_and_no_longer(self, what: str, most: int, block: Any) -> None:
        assert message(block(most)) == []
        assert any(f"no more than {most} items allowed" in problem for problem in message(block(most + 1)))

    def test_a_message_has_fifty_blocks_and_a_view_a_hundred(self) -> None:
        assert message(*[section("x")] * 50) == []
        assert message(*[section("x")] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
        assert view(*[section("x")] * 100) == []
        assert view(*[section("x")] * 101) == ["no more than 100 items allowed [json-pointer:/blocks]"]
        assert home(*[section("x")] * 101) == ["no more than 100 items allowed [json-pointer:/blocks]"]

    def test_a_type_ahead_answer_has_a_hundred_options_or_none(self) -> None:
        assert validate_options({"options": []}) == []
        assert validate_options({"options": [option("x")] * 100}) == []
        assert len(validate_options({"options": [option("x")] * 101})) == 1
        assert len(validate_options({})) == 1

    def test_a_view_has_250_kilobytes(self) -> None:
        heavy = modal(*[section(of_characters(3000))] * 90)

        [problem] = validate_view(heavy)

        assert problem.error == "view_too_large"

    def test_one_table_a_message(self) -> None:
        [problem] = validate_message({"blocks": [rows(1), rows(1)]})

        assert problem.error == "only_one_table_allowed"

    def test_markdown_is_counted_over_all_its_blocks(self) -> None:
        half = {"type": "markdown", "text": of_characters(6000)}

        assert message(half, half) == []
        assert len(message(half, half, {"type": "markdown", "text": "x"})) == 1

    def test_blocks_in_attachments_count_too(self) -> None:
        [problem] = validate_message({"attachments": [{"blocks": [section("")]}]})

        assert problem.pointer == "/attachments/0/blocks/0/text/text"
        assert validate_message({"attachments": [{}] * 101})[0].error == "too_many_attachments"


MESSAGE_ONLY: list[Json] = [
    rows(1),
    {"type": "markdown", "text": "x"},
    {"type": "plan", "title": "x"},
    {"type": "task_card", "task_id": "1", "title": "x"},
    {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}]},
]
EVERYWHERE: list[Json] = [
    section("x"),
    actions(button("x", "a")),
    {"type": "divider"},
    {"type": "header", "text": plain("x")},
    {"type": "context", "elements": [plain("x")]},
    {"type": "image", "image_url": "https://x", "alt_text": "x"},
    {"type": "rich_text", "elements": []},
    input_block("b", "x", text_input()),
]


class TestSurfaces:
    @pytest.mark.parametrize("block", EVERYWHERE, ids=lambda block: block["type"])
    def test_the_common_blocks_stand_everywhere(self, block: Json) -> None:
        assert message(block) == view(block) == home(block) == []

    @pytest.mark.parametrize("block", MESSAGE_ONLY, ids=lambda block: block["type"])
    def test_some_blocks_stand_in_messages_only(self, block: Json) -> None:
        assert message(block) == []
        expected = [f"unsupported type: {block['type']} [json-pointer:/blocks/0/type]"]
        assert view(block) == home(block) == expected

    def test_an_alert_stands_in_modals_only(self) -> None:
        alert = {"type": "alert", "text": plain("Careful."), "level": "warning"}

        assert view(alert) == []
        assert message(alert) == home(alert) == ["unsupported type: alert [json-pointer:/blocks/0/type]"]

    def test_a_home_tab_has_no_title(self) -> None:
        assert home(title=plain("x")) == ["invalid additional property: title [json-pointer:/]"]

    def test_a_modal_needs_a_title_and_with_inputs_a_submit(self) -> None:
        without_title = {"type": "modal", "blocks": []}
        without_submit = {**modal(input_block("b", "x", text_input())), "submit": None}

        assert [str(p) for p in validate_view(without_title)] == ["missing required field: title [json-pointer:/]"]
        assert [str(p) for p in validate_view(without_submit)] == ["missing required field: submit [json-pointer:/]"]

    def test_a_view_is_a_modal_or_a_home(self) -> None:
        assert (
            str(validate_view({"type": "window", "blocks": []})[0]) == "unsupported type: window [json-pointer:/type]"
        )
        assert str(validate_view({"blocks": []})[0]) == "missing required field: type [json-pointer:/]"


class TestElements:
    @pytest.mark.parametrize(
        ("element", "in_section", "in_actions", "in_input"),
        [
            (button("x", "a"), True, True, False),
            (select("x"), True, True, True),
            ({**select("x"), "type": "overflow"}, True, True, False),
            ({**select("x"), "type": "checkboxes"}, True, True, True),
            ({"type": "datepicker"}, True, True, True),
            ({"type": "datetimepicker"}, False, True, True),
            (text_input(), False, False, True),
            ({"type": "number_input", "is_decimal_allowed": True}, False, False, True),
            ({"type": "rich_text_input"}, False, False, True),
            ({"type": "image", "image_url": "https://x", "alt_text": "x"}, True, False, False),
        ],
    )
    def test_each_element_has_its_places(
        self, element: Json, in_section: bool, in_actions: bool, in_input: bool
    ) -> None:
        assert (message(section("x", accessory=element)) == []) is in_section
        assert (message(actions(element)) == []) is in_actions
        assert (message(input_block("b", "x", element)) == []) is in_input

    @pytest.mark.parametrize(
        "element",
        [
            {"type": "number_input"},
            {"type": "number_input", "is_decimal_allowed": True, "min_value": 1},
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "3", "max_value": "2"},
            text_input(min_length=-1),
            text_input(max_length=0),
            text_input(max_length=3001),
            text_input(dispatch_action_config={"trigger_actions_on": ["on_blur"]}),
            {"type": "datepicker", "initial_date": "22.11.2026"},
            {"type": "timepicker", "initial_time": "25:00"},
            {"type": "datetimepicker", "initial_date_time": 1},
            {"type": "users_select", "initial_user": "ben"},
            {"type": "multi_static_select", "options": [option("x")], "max_selected_items": 0},
            {"type": "static_select"},
            {"type": "static_select", "options": []},
            {**select("x"), "option_groups": []},
            select("x", initial_option=option("y")),
            {**select("x"), "type": "checkboxes", "initial_options": [option("y")]},
            {**select("x"), "options": [{**option("x"), "url": "https://x"}]},
            {**select("x"), "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}]},
            type_ahead(options=[option("x")]),
            {"type": "file_input", "max_files": 11},
            {"type": "sparkline"},
        ],
    )
    def test_a_wrong_element_is_refused(self, element: Json) -> None:
        assert message(input_block("b", "x", element)) != []

    @pytest.mark.parametrize(
        "element",
        [
            text_input(min_length=0, max_length=3000, multiline=True),
            {"type": "datetimepicker", "initial_date_time": 1795305600},
            {
                "type": "conversations_select",
                "filter": {"include": ["public"]},
                "default_to_current_conversation": True,
            },
            {
                **select("x"),
                "type": "radio_buttons",
                "options": [{"text": {"type": "mrkdwn", "text": "*x*"}, "value": "x"}],
            },
            select("x", initial_option=option("x")),
            type_ahead(min_query_length=0, initial_option=option("x")),
        ],
    )
    def test_a_right_element_passes(self, element: Json) -> None:
        assert message(input_block("b", "x", element)) == []

    def test_button_styles_are_primary_and_danger(self) -> None:
        assert message(actions(button("x", "a", style="primary"), button("x", "b", style="danger"))) == []
        assert message(actions(button("x", "a", style="green"))) != []


class TestStructure:
    def test_block_ids_differ_within_a_payload(self) -> None:
        assert view(section("x", block_id="b"), section("y", block_id="b")) == [
            "block_id b already exists [json-pointer:/blocks/1/block_id]"
        ]

    def test_an_unknown_property_is_refused(self) -> None:
        assert message(section("x", colour="red")) == ["invalid additional property: colour [json-pointer:/blocks/0]"]

    def test_a_missing_property_is_named(self) -> None:
        assert message({"type": "header"}) == ["missing required field: text [json-pointer:/blocks/0]"]
        assert message({"text": plain("x")}) == ["missing required field: type [json-pointer:/blocks/0]"]

    def test_a_section_has_text_or_fields(self) -> None:
        assert message({"type": "section"}) == ["must define either `text` or `fields` [json-pointer:/blocks/0]"]

    def test_a_header_takes_plain_text_only(self) -> None:
        assert message({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}) == [
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"
        ]

    def test_one_element_of_a_view_has_the_focus(self) -> None:
        focused = [input_block(str(n), "x", text_input(focus_on_load=True)) for n in range(2)]

        assert view(focused[0]) == []
        assert view(*focused) == [
            "only one element may have focus_on_load [json-pointer:/blocks/1/element/focus_on_load]"
        ]

    def test_response_urls_come_from_modal_inputs_only(self) -> None:
        chooser = {"type": "conversations_select", "response_url_enabled": True}

        assert view(input_block("b", "x", chooser)) == []
        assert view(actions(chooser)) != []

    def test_a_file_input_does_not_dispatch(self) -> None:
        assert view(input_block("b", "x", {"type": "file_input"}, dispatch_action=True)) != []

    def test_rich_text_is_looked_into(self) -> None:
        def rich(leaf: Json) -> Json:
            return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [leaf]}]}

        assert message(rich({"type": "text", "text": "x", "style": {"bold": True}})) == []
        assert message(rich({"type": "date", "timestamp": 1, "format": "{date}"})) == []
        assert message(rich({"type": "text", "text": "x", "style": {"blink": True}})) != []
        assert message(rich({"type": "song"})) != []

    @pytest.mark.parametrize(
        "junk", [None, 1, "x", [], {"type": 3}, {"type": "section", "text": []}, {"type": "input", "element": 1}]
    )
    def test_junk_is_refused_and_never_breaks_the_judge(self, junk: Any) -> None:
        assert message(junk) != []
        assert view(junk) != [] if isinstance(junk, dict) else True

    def test_judging_changes_nothing(self) -> None:
        payload = modal(section("x"), input_block("b", "x", select("a")))
        before = copy.deepcopy(payload)

        validate_view(payload)

        assert payload == before
