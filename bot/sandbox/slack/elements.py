"""What Slack's clients know about interactive elements: which hold a state, under which key, and where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from .records import JsonObject


@dataclass(frozen=True, slots=True)
class StateKey:
    """How an element's state is spelled: its key in `state.values`, its initial field, its empty value."""

    value: str
    initial: str
    many: bool = False

    def empty(self) -> object:
        return [] if self.many else None


STATE_KEYS: dict[str, StateKey] = {
    "plain_text_input": StateKey("value", "initial_value"),
    "email_text_input": StateKey("value", "initial_value"),
    "url_text_input": StateKey("value", "initial_value"),
    "number_input": StateKey("value", "initial_value"),
    "rich_text_input": StateKey("rich_text_value", "initial_value"),
    "file_input": StateKey("files", "initial_files", many=True),
    "datepicker": StateKey("selected_date", "initial_date"),
    "timepicker": StateKey("selected_time", "initial_time"),
    "datetimepicker": StateKey("selected_date_time", "initial_date_time"),
    "radio_buttons": StateKey("selected_option", "initial_option"),
    "checkboxes": StateKey("selected_options", "initial_options", many=True),
    "static_select": StateKey("selected_option", "initial_option"),
    "external_select": StateKey("selected_option", "initial_option"),
    "users_select": StateKey("selected_user", "initial_user"),
    "conversations_select": StateKey("selected_conversation", "initial_conversation"),
    "channels_select": StateKey("selected_channel", "initial_channel"),
    "multi_static_select": StateKey("selected_options", "initial_options", many=True),
    "multi_external_select": StateKey("selected_options", "initial_options", many=True),
    "multi_users_select": StateKey("selected_users", "initial_users", many=True),
    "multi_conversations_select": StateKey("selected_conversations", "initial_conversations", many=True),
    "multi_channels_select": StateKey("selected_channels", "initial_channels", many=True),
}

INTERACTIVE = frozenset([*STATE_KEYS, "button", "overflow", "workflow_button", "icon_button", "feedback_buttons"])
TEXT_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
EXTERNAL_SELECTS = ("external_select", "multi_external_select")

Values = dict[str, dict[str, JsonObject]]
"""`state.values`: block_id → action_id → the element's state."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An element together with the block it stands in."""

    block: JsonObject
    element: JsonObject

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def address(self) -> str:
        """Return what names this element and no other of its surface."""
        return f"{self.block_id}/{self.action_id}"

    @property
    def in_input(self) -> bool:
        return bool(self.block["type"] == "input")

    @property
    def sends_actions(self) -> bool:
        """Input blocks stay silent until they are submitted, unless they ask to be heard."""
        return not self.in_input or bool(self.block.get("dispatch_action"))

    @property
    def names(self) -> list[str]:
        """Return the words by which a reader finds the element: label, own text, ids, neighbour's text."""
        texts = [self.block.get("label"), self.element.get("text"), self.element.get("placeholder")]
        if self.element is self.block.get("accessory"):
            texts.append(self.block.get("text"))
        words = [t["text"] for t in texts if isinstance(t, dict)]
        return [*words, self.block_id, self.action_id, self.address]


def placed_elements(blocks: list[JsonObject]) -> Iterator[Placed]:
    """Walk the interactive elements in reading order."""
    for block in blocks:
        for element in _elements_of(block):
            if element["type"] in INTERACTIVE:
                yield Placed(block, element)


def _elements_of(block: JsonObject) -> list[JsonObject]:
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section" and block.get("accessory"):
        return [block["accessory"]]
    if block["type"] in ("actions", "context_actions"):
        return list(block["elements"])
    return []


def state_of(element: JsonObject, value: object) -> JsonObject:
    """Spell an element's state as Slack does."""
    return {"type": element["type"], STATE_KEYS[element["type"]].value: value}


def initial_state(element: JsonObject) -> JsonObject:
    key = STATE_KEYS[element["type"]]
    return state_of(element, element.get(key.initial, key.empty()))


def value_of(state: JsonObject) -> object:
    return state.get(STATE_KEYS[state["type"]].value)


def initial_values(blocks: list[JsonObject]) -> Values:
    """Return `state.values` of blocks nobody has touched: nulls, or what `initial_…` says."""
    return carry_over([], {}, blocks)


def carry_over(old_blocks: list[JsonObject], values: Values, new_blocks: list[JsonObject]) -> Values:
    """Return the state after an update.

    What a person entered stays where block_id, action_id and element type stay, and then `initial_…` counts for
    nothing; everything else starts anew.
    """
    kept = {(p.block_id, p.action_id): p.kind for p in placed_elements(old_blocks) if p.kind in STATE_KEYS}
    result: Values = {}
    for placed in placed_elements(new_blocks):
        if placed.kind not in STATE_KEYS:
            continue
        stays = kept.get((placed.block_id, placed.action_id)) == placed.kind
        old = values.get(placed.block_id, {}).get(placed.action_id) if stays else None
        result.setdefault(placed.block_id, {})[placed.action_id] = old or initial_state(placed.element)
    return result


def options_of(element: JsonObject) -> list[JsonObject]:
    """Return an element's options, those in groups included."""
    grouped = [o for group in element.get("option_groups", []) for o in group.get("options", [])]
    return [*element.get("options", []), *grouped]
