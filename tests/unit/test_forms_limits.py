"""The review of every form stays within what Slack takes, however much there is to tell."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from bot.domain.approvals import Rule, Stage
from bot.domain.cost import LIST_PRICES
from bot.domain.findings import Finding, Level
from bot.domain.params import CopyParams, Params
from bot.domain.sheets import Sheet, SheetKind
from bot.domain.shown import cost_part
from bot.sandbox.slack.validation import validate_view
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.forms import Outlook
from bot.workflows.steps.work import Look
from commands.forms.frame import review
from tests.unit.builders import ACCOUNTS, ANNA, CHANNEL, COPIES, a_vault, some_params
from tests.unit.fakes import NOW
from tests.unit.golden_files import marked_texts
from tests.unit.table_builders import changing_plan, comparing, deleting, recurring, restoring

STEPS = 11
LOCKED = replace(a_vault(), locked=True, lock_date=NOW)
# Of each destination: 70 findings of its own.
FOUND = {Level.FAIL: 20, Level.WARN: 10, Level.UNSEEN: 15, Level.PASS: 25}
CROWD = tuple(f"U0{number:09}" for number in range(300))
CROWDED = Rule(approvers=CROWD, needed=2, then=(Stage(CROWD, 2),))
# A view that is updated may have 250 KB.
MOST_BYTES = 250_000


def crowd(place: str, levels: dict[Level, int]) -> Iterator[Finding]:
    for level, number in levels.items():
        for one in range(number):
            sentence = f"Number {one} of {place}, which is told in one sentence that is as long as the longest are. "
            yield Finding(f"{level}-{one}", level, sentence * 2, "`x`" * 1_000, f"{place} " * 200)


def steps() -> tuple[Params, ...]:
    copies = tuple(some_params(destination=replace(COPIES, name=f"vault-{number}" * 5)) for number in range(5))
    return (*copies, restoring(), comparing(), deleting(), changing_plan(), recurring(), restoring(name="n" * 255))


def crowded(kind: SheetKind, destinations: int) -> Block:
    asked = steps()
    looks = tuple(
        Look(params, tuple(crowd(f"place-{number}", FOUND)), priced(params), LOCKED)
        for number, params in enumerate(asked[:destinations], start=1)
    )
    sheet = Sheet("sheet-1", kind, ANNA, CHANNEL, "Europe/Berlin", NOW, {"reason": "<" * 3_000})
    findings = tuple(finding for look in looks for finding in look.findings)
    return review(sheet, Outlook(asked, CROWDED, findings, frozenset(CROWD), CHANNEL, looks), Names(ACCOUNTS), NOW)


def priced(params: Params) -> Mapping[str, object]:
    return cost_part(params, LIST_PRICES) if isinstance(params, CopyParams) else {}


@pytest.mark.parametrize("destinations", [5, STEPS])
@pytest.mark.parametrize("kind", SheetKind)
def test_slack_takes_the_review_whatever_was_found_of_however_many_steps(kind: SheetKind, destinations: int) -> None:
    view = crowded(kind, destinations)

    assert [str(problem) for problem in validate_view(view)] == []
    assert len(json.dumps(view)) < MOST_BYTES


def test_what_would_fail_is_told_of_every_step_and_what_is_left_out_is_counted() -> None:
    texts = "\n".join(marked_texts(crowded(SheetKind.SEQUENCE, 5)))

    missing = [
        (step, one)
        for step in range(1, 6)
        for one in range(FOUND[Level.FAIL])
        if f"(step {step}):* Number {one} of place-{step}," not in texts
    ]
    assert missing == []
    assert "and 125 more (50 × take care, 75 × not seen)" in texts
