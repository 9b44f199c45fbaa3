"""`python -m tests.chaos [--schedules 1000]`: play schedules, print what came of them; exit code 1 when one went wrong.

With `--database both`, every tenth schedule has two bots on PostgreSQL: COPY_BACKUP_TEST_POSTGRES_URL names the server.
"""

import argparse
import sys

from tests.chaos.aim import targets
from tests.chaos.crew import Task, work_off
from tests.chaos.schedule import Outcome
from tests.chaos.table import all_boundaries, boundary_list, table
from tests.contract.store_postgres import server_url

DEFAULT = 20


def main() -> int:
    options = _parser().parse_args()
    outcomes: dict[str, list[Outcome]] = {}
    try:
        for task, outcome in work_off(_tasks(options), options.workers):
            outcomes.setdefault(task.database, []).append(outcome)
            _report(outcome, options)
    finally:
        print(table(outcomes))
        print(f"\nWrite boundaries, each before and after: {len(all_boundaries())} in all.")
        if options.boundaries:
            print(boundary_list([outcome for found in outcomes.values() for outcome in found]))
    return 0 if all(outcome.verdict.is_clean for found in outcomes.values() for outcome in found) else 1


def _tasks(options: argparse.Namespace) -> list[Task]:
    count = options.schedules or (len(targets()) if options.each_boundary else DEFAULT)
    numbers = range(options.first, options.first + count)
    server = "" if options.database == "sqlite" else server_url()
    every = 1 if options.database == "postgres" else options.every
    return [
        Task(options.seed, number, "" if number % every else server, options.cold, options.each_boundary)
        for number in numbers
    ]


def _report(outcome: Outcome, options: argparse.Namespace) -> None:
    if outcome.verdict.is_clean and not options.verbose:
        return
    lines = [
        f"{outcome.name}: {outcome.seconds:.0f} s, {outcome.requests} requests, {outcome.jobs} jobs, "
        f"{outcome.notices} notices, {outcome.kills} kills, {outcome.faults} faults",
        *(f"  {line}" for line in outcome.verdict),
        *([] if outcome.verdict.is_clean or not options.logs else [outcome.log]),
    ]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, help=f"how many (default {DEFAULT}; 1000 by night)")
    parser.add_argument("--each-boundary", action="store_true", help="aim one at each write boundary, before and after")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (default 0)")
    parser.add_argument("--seed", type=int, default=1, help="what the schedules are drawn from (default 1)")
    parser.add_argument("--workers", type=int, default=4, help="how many at once (default 4)")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="sqlite")
    parser.add_argument("--every", type=int, default=10, help="with both: every nth on PostgreSQL (default 10)")
    parser.add_argument("--cold", action="store_true", help="an interpreter of its own for every start of the bot")
    parser.add_argument("--boundaries", action="store_true", help="how often each write boundary was hit")
    parser.add_argument("--verbose", action="store_true", help="a line for every schedule")
    parser.add_argument("--logs", action="store_true", help="the bots' logs where something went wrong")
    return parser


if __name__ == "__main__":
    sys.exit(main())
