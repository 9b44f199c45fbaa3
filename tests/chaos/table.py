"""The chaos suite's table, as the README shows it."""

from collections.abc import Mapping, Sequence

from tests.chaos.schedule import Outcome

COLUMNS = (
    "runs",
    "kills",
    "at a boundary",
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
        numbers = (
            len(found),
            sum(outcome.kills for outcome in found),
            sum(outcome.at_boundaries for outcome in found),
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
