"""What pre-flight found, as blocks: what would fail first, what is fine last and small.

A view holds 100 blocks. What would fail is always told; of the rest it is told how much is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.findings import Finding, Level
from bot.domain.sentences import question as words
from bot.domain.sentences import review
from bot.slack.blocks import Block, context, section
from bot.slack.folding import Steps, folded, named
from bot.slack.text import cut, escape, ours, packed
from bot.workflows.looking import Looks

MARKS = {Level.FAIL: ":x:", Level.WARN: ":warning:", Level.UNSEEN: ":grey_question:"}
WORDS = {Level.FAIL: words.WOULD_FAIL, Level.WARN: words.TAKE_CARE, Level.UNSEEN: words.NOT_SEEN}
# A copy that is there already fails nothing; it is a question of whether it is meant.
THERE = {"already-there": "There already", "under-way": "Under way already"}
FINE = ":white_check_mark: Nothing stands in the way of"
CHECKED = ":white_check_mark: *Checked:*"
LONGEST_SECTION, LONGEST_CONTEXT, LONGEST_EVIDENCE = 2_900, 1_900, 300
MOST_TOLD, MOST_CHECKED = 40, 6
# What stands before the resource in an ARN: partition, service, Region, account.
ARN_HEAD = re.compile(r"\barn:[\w-]+:[\w-]+:[\w-]*:\d*:")


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with the numbers of the steps that it is about (none: all there are) and a button that mends it.

    `link`: where to look at it, ready for the reader.
    """

    finding: Finding
    steps: Steps = ()
    button: Block | None = None
    link: str = ""


def told_of(looks: Looks) -> list[Told]:
    """The findings of all steps, each once."""
    found = folded((look.findings for look in looks), key=lambda one: (one.code, one.level, one.sentence, one.remedy))
    return [Told(finding, steps) for finding, steps in found]


def finding_blocks(told: Sequence[Told], *, is_whole: bool = True, of: str = "this copy") -> list[Block]:
    """One section for each thing to know, worst first; all that is fine together. `of`: what is looked at."""
    worth = [one for level in MARKS for one in told if one.finding.level is level]
    levels = {one.finding.level for one in worth}
    blocks = [_section(one) for one in worth[:MOST_TOLD]]
    blocks += [section(text) for text in _left_out(worth[MOST_TOLD:])]
    if is_whole and not levels:
        blocks.append(section(f"{FINE} {of}."))
    elif is_whole and levels == {Level.UNSEEN}:
        blocks.insert(0, section(f"{FINE} {of}, as far as I can see."))
    return [*blocks, *_checked([one for one in told if one.finding.level is Level.PASS])]


def overruling(number: int) -> list[Block]:
    """That so many findings may be overruled; nothing where none is."""
    return [section(f":scales: {review.may_overrule(number)}")] if number else []


def _section(told: Told) -> Block:
    block = section(_words(told))
    return {**block, "accessory": told.button} if told.button else block


def _words(told: Told) -> str:
    """Sentence, remedy, evidence; a remedy is cut before the evidence is, since commands are the longest."""
    finding = told.finding
    seen = f"\nSeen: {ours(cut(finding.evidence, LONGEST_EVIDENCE))}" if finding.evidence else ""
    more = f"\n{told.link}{seen}" if told.link else seen
    said = f"{_sentence(told)}\n{ours(finding.remedy)}".rstrip()
    return cut(said, LONGEST_SECTION - len(more)) + more


def _sentence(told: Told) -> str:
    finding = told.finding
    # What could not be seen is told in AWS's words, all else in our own.
    sentence = escape(finding.sentence) if finding.level is Level.UNSEEN else ours(finding.sentence)
    word = THERE.get(finding.code, WORDS[finding.level]) if finding.level is Level.FAIL else WORDS[finding.level]
    return f"{MARKS[finding.level]} *{named(word, told.steps)}* {sentence}"


def _left_out(told: Sequence[Told]) -> Iterator[str]:
    """What has no section of its own any more: what would fail in a sentence each, all else counted."""
    fails = [_sentence(one) for one in told if one.finding.level is Level.FAIL]
    yield from packed(fails, "\n", LONGEST_SECTION)
    left = [one for one in told if one.finding.level is not Level.FAIL]
    if left:
        counts = [(WORDS[level].lower(), sum(one.finding.level is level for one in left)) for level in MARKS]
        kinds = ", ".join(f"{number} × {word}" for word, number in counts if number)
        yield f"… and {len(left)} more ({kinds}). Ask for fewer destinations at a time to read all of them."


def _checked(told: Sequence[Told]) -> Iterator[Block]:
    """What is fine, a line each, with what was read, in as few texts as Slack takes."""
    texts = list(packed([_fine(one) for one in told], "\n", LONGEST_CONTEXT - len(CHECKED)))
    for number, text in enumerate(texts[:MOST_CHECKED]):
        yield context(text if number else f"{CHECKED}\n{text}")
    if len(texts) > MOST_CHECKED:
        yield context(":white_check_mark: … and more that is fine.")


def _fine(told: Told) -> str:
    """Of ARNs only what they name: where all is well nobody pastes them, and they would bury the sentences."""
    evidence = cut(ARN_HEAD.sub("", told.finding.evidence), 160)
    return f"• {ours(told.finding.sentence)}{f' ({ours(evidence)})' if evidence else ''}"
