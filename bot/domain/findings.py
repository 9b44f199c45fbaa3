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


def fatal_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What would fail."""
    return tuple(finding for finding in findings if finding.level is Level.FAIL)


def number_to_overrule(findings: Iterable[Finding], *, rule_lets: bool) -> int:
    """How many findings approvers would overrule; 0: none, or the rule or AWS does not let them.

    What AWS cannot do at all is nobody's to overrule, and neither is anything beside it.
    """
    fatal = fatal_of(findings)
    return len(fatal) if rule_lets and all(finding.overridable for finding in fatal) else 0


def can_be_asked(findings: Iterable[Finding], *, rule_lets: bool) -> bool:
    """Whether nothing found stands against asking, or only what approvers may overrule."""
    found = tuple(findings)
    return not fatal_of(found) or number_to_overrule(found, rule_lets=rule_lets) > 0


def fine(code: str, sentence: str, evidence: str) -> Finding:
    return Finding(code, Level.PASS, sentence, evidence=evidence)


def unseen(code: str, sentence: str, evidence: str, remedy: str = "") -> Finding:
    return Finding(code, Level.UNSEEN, sentence, remedy, evidence)
