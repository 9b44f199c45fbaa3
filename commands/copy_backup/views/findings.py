"""What pre-flight found, as blocks: what would fail first, what is fine last and small."""

from collections.abc import Iterator, Sequence

from bot.domain.findings import Finding, Level
from bot.slack.blocks import Block, context, section
from bot.slack.text import cut, escape, ours

MARKS = {
    Level.FAIL: ":x: *This would fail:*",
    Level.WARN: ":warning: *Take care:*",
    Level.UNSEEN: ":grey_question: *Not seen:*",
}
FINE = ":white_check_mark: Nothing stands in the way of this copy."
SO_FAR_FINE = ":white_check_mark: Nothing stands in the way of this copy, as far as I can see."
CHECKED = ":white_check_mark: *Checked:*"
LONGEST_SECTION, LONGEST_CONTEXT = 2_900, 1_900


def finding_blocks(findings: Sequence[Finding]) -> list[Block]:
    """One section for each thing to know, worst first; all that is fine together."""
    worth = [finding for level in MARKS for finding in findings if finding.level is level]
    levels = {finding.level for finding in worth}
    blocks = [section(_told(finding)) for finding in worth]
    if not levels:
        blocks.append(section(FINE))
    elif levels == {Level.UNSEEN}:
        blocks.insert(0, section(SO_FAR_FINE))
    return [*blocks, *(context(text) for text in _checked(findings))]


def _told(finding: Finding) -> str:
    # What could not be seen is told in AWS's words, all else in our own.
    sentence = escape(finding.sentence) if finding.level is Level.UNSEEN else ours(finding.sentence)
    return cut(f"{MARKS[finding.level]} {sentence}\n{ours(finding.remedy)}".rstrip(), LONGEST_SECTION)


def _checked(findings: Sequence[Finding]) -> Iterator[str]:
    """The sentences of what is fine, in as few texts as Slack takes."""
    text = ""
    for finding in findings:
        if finding.level is not Level.PASS:
            continue
        sentence = ours(finding.sentence)
        if text and len(text) + len(sentence) > LONGEST_CONTEXT:
            yield text
            text = ""
        text = f"{text} {sentence}" if text else f"{CHECKED} {sentence}"
    if text:
        yield text
