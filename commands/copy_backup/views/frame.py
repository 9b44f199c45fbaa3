"""The frame that every view of the walk shares: title, buttons, where one is."""

from collections.abc import Sequence

from bot.domain.drafts import Form
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import BACK, CHECK_AGAIN, WALK
from bot.slack.text import cut, ours
from commands.modal import modal, trouble

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
        *trouble(problem),
        *blocks,
    ]
    if number > 1:
        buttons = [button(BACK, "Back", str(number))]
        if check_again:
            buttons.append(button(CHECK_AGAIN, "Check again", str(number)))
        all_blocks.append(actions(f"back:{number}", buttons))
    return modal(WALK, draft_id, TITLE, all_blocks, submit=submit, external_id=external_id)


def note(draft_id: str, text: str, *, close: str = "Close", external_id: str = "") -> Block:
    """A view that only says something."""
    return modal(WALK, draft_id, TITLE, [section(text)], close=close, external_id=external_id)


def loading(draft_id: str, text: str, external_id: str = "") -> Block:
    return note(draft_id, f":hourglass_flowing_sand: {text}", close="Cancel", external_id=external_id)


def wrong(form: Form, name: str) -> list[Block]:
    """What was said of a field before the page was shown and cannot be used, to stand right before the field."""
    said = form.problem_of(name)
    return [section(f":warning: {ours(cut(said, 2_500))}", f"{WRONG}:{name}")] if said else []
