"""A finding: one judgement of pre-flight, with what it rests on, in words for a person, and what would mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# What is true of everything that pre-flight could not see.
AT_START = "AWS will judge it when the copy starts."


class Level(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNSEEN = "could not see"


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement. `code` is a constant for tests and logs; `sentence` and `remedy` are for a person.

    `remedy` holds, between backticks, the exact commands to paste; `evidence` says what was read and where. `fix` names
    the kind of step that would mend it once approved, if there is one: the review offers it as a button.
    `overridable` tells a judgement, which approvers may overrule where their rule lets them, from what AWS cannot do.
    `links` are facts to follow: ARNs, ids of jobs.
    """

    code: str
    level: Level
    sentence: str
    remedy: str = ""
    evidence: str = ""
    fix: str = ""
    overridable: bool = False
    links: Mapping[str, str] = field(default_factory=dict)


def blocks_sending(findings: Iterable[Finding]) -> bool:
    return any(finding.level is Level.FAIL for finding in findings)


def fine(code: str, sentence: str, evidence: str) -> Finding:
    return Finding(code, Level.PASS, sentence, evidence=evidence)


def unseen(code: str, sentence: str, evidence: str, remedy: str = "") -> Finding:
    return Finding(code, Level.UNSEEN, sentence, remedy, evidence)
