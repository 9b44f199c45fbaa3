"""The frame that every view of the walk shares: title, buttons, where one is."""

from collections.abc import Sequence

from bot.domain.drafts import Form
from bot.slack.blocks import Block, actions, button, context, section, words
from bot.slack.ids import BACK, CHECK_AGAIN, WALK
from bot.slack.text import cut, ours

TITLE = "Copy a backup"
PAGES = 4
# The block that tells what was typed wrong stands before its field.
WRONG = "wrong"


def page(
    draft_id: str,
    number: int,
    blocks: Sequence[Block],
    *,
    submit: str | None,
    problem: str = "",
    external_id: str = "",
    check_again: bool = False,
) -> Block:
    """A page of the walk; `problem` is shown first, above everything the person chose."""
    all_blocks: list[Block] = [
        context(f"Step {number} of {PAGES}"),
        *([section(f":warning: {cut(problem, 2900)}")] if problem else []),
        *blocks,
    ]
    if number > 1:
        buttons = [button(BACK, "Back", str(number))]
        if check_again:
            buttons.append(button(CHECK_AGAIN, "Check again", str(number)))
        all_blocks.append(actions(f"back:{number}", buttons))
    return _view(draft_id, all_blocks, submit=submit, close="Cancel", external_id=external_id)


def note(draft_id: str, text: str, *, close: str = "Close", external_id: str = "") -> Block:
    """A view that only says something."""
    return _view(draft_id, [section(text)], submit=None, close=close, external_id=external_id)


def loading(draft_id: str, text: str, external_id: str = "") -> Block:
    return note(draft_id, f":hourglass_flowing_sand: {text}", close="Cancel", external_id=external_id)


def field(
    block_id: str, label: str, element: Block, *, hint: str = "", dispatch: bool = False, optional: bool = False
) -> Block:
    """An input block; `dispatch` sends a choice at once, for what hangs on it."""
    block: Block = {"type": "input", "block_id": block_id, "label": words(label), "element": element}
    if hint:
        block["hint"] = words(hint)
    if dispatch:
        block["dispatch_action"] = True
    if optional:
        block["optional"] = True
    return block


def wrong(form: Form, name: str) -> list[Block]:
    """What was said of a field before the page was shown and cannot be used, to stand right before the field."""
    said = form.problem_of(name)
    return [section(f":warning: {ours(cut(said, 2_500))}", f"{WRONG}:{name}")] if said else []


def _view(draft_id: str, blocks: list[Block], *, submit: str | None, close: str, external_id: str) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": WALK,
        "private_metadata": draft_id,
        "title": words(TITLE),
        "close": words(close),
        "blocks": blocks,
    }
    if submit:
        view["submit"] = words(submit)
    if external_id:
        view["external_id"] = external_id
    return view
