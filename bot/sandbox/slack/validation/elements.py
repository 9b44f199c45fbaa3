"""What each interactive element may hold, and in which blocks it may stand."""

from collections.abc import Iterator
from typing import Any

from . import compositions as c
from .problem import Problem
from .schema import Check, anything, boolean, every, exactly_one_of, integer, listed, one_of, record, string

NUMBER = r"-?[0-9]+(\.[0-9]+)?"
USER = r"[UW][A-Z0-9]+"
CHANNEL = r"[CG][A-Z0-9]+"


def _element(required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    """Make the check of an element: its own fields and those that all have."""
    return record({"type": anything, **(required or {})}, {"action_id": c.identifier, **(optional or {})})


def _picker(**optional: Check) -> Check:
    common = {"confirm": c.confirm, "focus_on_load": boolean, "placeholder": c.placeholder}
    return _element({}, {**common, **optional})


def _multi(**optional: Check) -> Check:
    return _picker(max_selected_items=integer(1), **optional)


def _typed(required: dict[str, Check] | None = None, **optional: Check) -> Check:
    common: dict[str, Check] = {
        "placeholder": c.placeholder,
        "focus_on_load": boolean,
        "dispatch_action_config": c.dispatch_action_config,
        "initial_value": string(least=0),
    }
    return _element(required, {**common, **optional})


def _initial_is_offered(element: Any, at: str) -> Iterator[Problem]:
    """An initial option must be, letter for letter, one of the options."""
    groups = element.get("option_groups") or []
    if not all(isinstance(group, dict) for group in groups):
        return
    offered = [*(element.get("options") or []), *(o for g in groups for o in g.get("options") or [])]
    single = element.get("initial_option")
    if single is not None and single not in offered:
        yield Problem("initial_option must match one of the options", f"{at}/initial_option")
    for index, one in enumerate(element.get("initial_options") or []):
        if one not in offered:
            yield Problem("initial_options must match the options", f"{at}/initial_options/{index}")


def _numbers_in_order(element: Any, at: str) -> Iterator[Problem]:
    try:
        low, high = float(element["min_value"]), float(element["max_value"])
    except (KeyError, TypeError, ValueError):
        return
    if low > high:
        yield Problem("min_value must be less than or equal to max_value", f"{at}/min_value")


_one_source = exactly_one_of("options", "option_groups")
_choices: dict[str, Check] = {"options": c.options, "option_groups": c.option_groups}
_ticks = {"confirm": c.confirm, "focus_on_load": boolean}
_button = {"value": string(2000), "confirm": c.confirm, "accessibility_label": string(75)}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        {"text": c.plain_text(75)},
        {**_button, "url": c.link, "style": c.style, "visible_to_user_ids": listed(string())},
    ),
    "icon_button": _element(
        {"icon": one_of("trash"), "text": c.plain_text(75)}, {**_button, "visible_to_user_ids": listed(string())}
    ),
    "feedback_buttons": _element({"positive_button": anything, "negative_button": anything}),
    "workflow_button": _element(
        {"text": c.plain_text(75), "workflow": anything},
        {"style": c.style, "accessibility_label": string(75)},
    ),
    "overflow": _element({"options": listed(c.overflow_option, 5)}, {"confirm": c.confirm}),
    "image": every(
        record({"type": anything, "alt_text": string(2000)}, {"image_url": c.link, "slack_file": anything}),
        c.image_source,
    ),
    "static_select": every(_picker(**_choices, initial_option=c.option), _one_source, _initial_is_offered),
    "multi_static_select": every(
        _multi(**_choices, initial_options=listed(c.option)), _one_source, _initial_is_offered
    ),
    "external_select": _picker(initial_option=c.option, min_query_length=integer()),
    "multi_external_select": _multi(initial_options=listed(c.option), min_query_length=integer()),
    "users_select": _picker(initial_user=string(pattern=USER)),
    "multi_users_select": _multi(initial_users=listed(string(pattern=USER))),
    "conversations_select": _picker(
        initial_conversation=string(),
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
        filter=c.conversation_filter,
    ),
    "multi_conversations_select": _multi(
        initial_conversations=listed(string()),
        default_to_current_conversation=boolean,
        filter=c.conversation_filter,
    ),
    "channels_select": _picker(initial_channel=string(pattern=CHANNEL), response_url_enabled=boolean),
    "multi_channels_select": _multi(initial_channels=listed(string(pattern=CHANNEL))),
    "radio_buttons": every(
        _element({"options": listed(c.marked_option, 10)}, {**_ticks, "initial_option": c.marked_option}),
        _initial_is_offered,
    ),
    "checkboxes": every(
        _element({"options": listed(c.marked_option, 10)}, {**_ticks, "initial_options": listed(c.marked_option)}),
        _initial_is_offered,
    ),
    "datepicker": _picker(initial_date=string(pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")),
    "timepicker": _picker(initial_time=string(pattern=r"([01]\d|2[0-3]):[0-5]\d"), timezone=string()),
    "datetimepicker": _element(
        {}, {"initial_date_time": integer(1_000_000_000, 9_999_999_999), "confirm": c.confirm, "focus_on_load": boolean}
    ),
    "plain_text_input": _typed(
        multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000), initial_value=string(3000, least=0)
    ),
    "number_input": every(
        _typed(
            {"is_decimal_allowed": boolean},
            initial_value=string(pattern=NUMBER),
            min_value=string(pattern=NUMBER),
            max_value=string(pattern=NUMBER),
        ),
        _numbers_in_order,
    ),
    "email_text_input": _typed(),
    "url_text_input": _typed(),
    "rich_text_input": _typed(initial_value=c.rich_text),
    "file_input": _element({}, {"filetypes": listed(string()), "max_files": integer(1, 10)}),
}

SELECTS = tuple(kind for kind in ELEMENTS if kind.endswith("_select"))
TICKED = ("radio_buttons", "checkboxes")

IN_SECTION = ("button", "workflow_button", "overflow", "image", "datepicker", "timepicker", *SELECTS, *TICKED)
IN_ACTIONS = ("button", "workflow_button", "overflow", "datepicker", "timepicker", "datetimepicker", *SELECTS, *TICKED)
IN_INPUT = (
    *("plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input"),
    *("datepicker", "timepicker", "datetimepicker"),
    *SELECTS,
    *TICKED,
)
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
