"""The chaos suite's table, as the README shows it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.aim import UNAIMED
from tests.chaos.boundaries import boundaries
from tests.chaos.schedule import Outcome

# Calls that change the world.
WRITING_CALLS = (
    "StartCopyJob",
    "StartBackupJob",
    "CreateBackupVault",
    "PutBackupVaultAccessPolicy",
    "chat.postMessage",
    "chat.update",
)
COLUMNS = (
    "runs",
    "kills",
    "at a write boundary",
    "boundaries hit",
    "faults",
    "requests",
    "copy jobs",
    "notices",
    "backwards",
    "lost",
    "doubled",
)


def table(outcomes: Mapping[str, Sequence[Outcome]]) -> str:
    """One line a database; the last columns have to be zero."""
    lines = [f"| | {' | '.join(COLUMNS)} |", "|---" + "|---:" * len(COLUMNS) + "|"]
    for database, found in outcomes.items():
        hits = hits_of(found)
        numbers = (
            len(found),
            sum(outcome.kills for outcome in found),
            sum(hits.values()),
            len([boundary for boundary in all_boundaries() if hits[boundary]]),
            sum(outcome.faults for outcome in found),
            sum(outcome.requests for outcome in found),
            sum(outcome.jobs for outcome in found),
            sum(outcome.notices for outcome in found),
            sum(len(outcome.verdict.backwards) for outcome in found),
            sum(len(outcome.verdict.lost) for outcome in found),
            sum(len(outcome.verdict.doubled) for outcome in found),
        )
        lines.append(f"| {database} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    return "\n".join(lines)


def all_boundaries() -> list[str]:
    """Each write of the database and each writing call, before it took effect and after."""
    return [f"{when} {name}" for name in (*boundaries(), *WRITING_CALLS) for when in ("before", "after")]


def hits_of(found: Sequence[Outcome]) -> Counter[str]:
    """How often a bot was killed at each boundary."""
    hits = sum((outcome.boundaries for outcome in found), Counter[str]())
    return Counter({boundary: hits[boundary] for boundary in all_boundaries()})


def boundary_list(found: Sequence[Outcome]) -> str:
    """One line a boundary: how often before, how often after; and why nobody is led there, where that is so."""
    hits = hits_of(found)
    names = (*boundaries(), *WRITING_CALLS)
    return "\n".join(f"{hits[f'before {name}']:6,} {hits[f'after {name}']:6,}  {_reasoned(name)}" for name in names)


def _reasoned(name: str) -> str:
    return f"{name} ({UNAIMED[name]})" if name in UNAIMED else name
