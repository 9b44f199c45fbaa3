"""What the README says that a story tells, beside what it told: day, time, ids and seconds are another each time."""

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BULLET = re.compile(r"^- \*\*.+?\*\* \(`(?P<name>[a-z]+)`\)", re.MULTILINE)
BLOCK = re.compile(r"^ *```\n(?P<lines>.*?)^ *```$", re.MULTILINE | re.DOTALL)
DEMO = re.compile(r"^## What the demo shows$.*?^```text\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"
ANOTHER_EACH_TIME = {
    "DAY at TIME": r"[A-Z][a-z]{2} \d{1,2}, \d{4} at \d{1,2}:\d{2} [AP]M",
    "DAY": r"[A-Z][a-z]{2} \d{1,2}, \d{4}",
    "· CLOCK": r"· \d{2}:\d{2}$",
    "SOME TIME": r"less than a second|\b\d+ s\b",
    "drill-orders-ID": r"drill-orders-[0-9a-f]+",
}


def promised(story: str) -> list[str]:
    """The lines that README shows of a story, without what changes; at least one."""
    text = README.read_text(encoding="utf-8")
    bullets = list(BULLET.finditer(text))
    at = [bullet["name"] for bullet in bullets].index(story)
    end = bullets[at + 1].start() if at + 1 < len(bullets) else text.index("\n## ", bullets[at].end())
    lines = [line for block in BLOCK.finditer(text, bullets[at].end(), end) for line in block["lines"].splitlines()]
    assert lines, f"README shows no line of the story {story}"
    return [_plain(line) for line in lines]


def told(out: str) -> set[str]:
    """The lines that a story printed, without the frame and what changes."""
    return {_plain(line) for line in out.splitlines()}


def not_as_shown(out: str) -> list[str]:
    """The parts of README's look at the demo that the demo did not print so, line after line, frames included.

    README leaves lines out between the parts (…); what it shows of the demo has to come in its order.
    """
    block = DEMO.search(README.read_text(encoding="utf-8"))
    assert block, "README shows nothing of the demo"
    parts = [part.strip("\n") for part in _timeless(block["lines"]).split(f"\n{LEFT_OUT}\n") if part.strip()]
    rest, missing = f"\n{_timeless(out)}\n", []
    for part in parts:
        before, found, after = rest.partition(f"\n{part}\n")
        rest = f"\n{after}" if found else before
        missing += [] if found else [part]
    return missing


def _timeless(text: str) -> str:
    return "\n".join(_without_what_changes(line.rstrip()) for line in text.splitlines()) + "\n"


def _plain(line: str) -> str:
    # A quotation's mark and a command's fence would end the block that README shows the line in.
    line = line.strip().removeprefix("┃").strip().removeprefix("↳").strip().removeprefix(">").replace("```", "")
    return _without_what_changes(line)


def _without_what_changes(line: str) -> str:
    for name, pattern in ANOTHER_EACH_TIME.items():
        line = re.sub(pattern, name, line)
    return line
