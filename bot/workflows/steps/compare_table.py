"""The step of a drill that holds the restored table against what was recorded of the original when it was copied."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.domain.books import Store
from bot.domain.drills import PAGES, PREFIX, TAG, Comparison, compare
from bot.domain.errors import BackupsError
from bot.domain.keeping import Errand
from bot.domain.live_tables import TableRecord, Tables
from bot.domain.params import CompareParams, Params
from bot.domain.steps import Failure, Step
from bot.workflows.recording import recorded
from bot.workflows.steps.sights import only, refused
from bot.workflows.steps.work import Look, Progress, Stage

REMEDY = "Let the bot's role read the restored table (dynamodb:Scan, dynamodb:TagResource), then press Try again."
DIFFERS = "CONTENT_DIFFERS"
# What the comparison was made with.
RECORD, LIVE, NOTHING = "record", "live", "nothing"


@dataclass
class CompareStep:
    """The first thing that is done to a drill's table is to mark it as this request's own."""

    tables: Tables
    store: Store

    def look(self, params: Params, now: datetime) -> Look:
        params = only(params, CompareParams)
        shown = {"table": [params.account, params.region, params.name], "with": [params.original_arn, params.copy_arn]}
        return Look(params, (), shown)

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        params = only(params, CompareParams)
        made = before[0].result_arn if before else None
        return replace(params, table_arn=made) if made else params

    def start(self, step: Step, approved_by: str) -> str:
        """Tag the table with the request; there is no job at AWS."""
        params = only(step.params, CompareParams)
        if not params.table_arn or not params.name.startswith(PREFIX):
            raise ValueError(f"step {step.id} has no drill's table to compare")
        self.tables.tag(params.table_arn, TAG, step.request_id, Errand(step.request_id, approved_by))
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        """Scan and compare. Raises BackupsError when the table could not be read."""
        params = only(step.params, CompareParams)
        basis, record = self._record(params, now)
        wanted = frozenset(record.sample) if record else frozenset[str]()
        found = self.tables.content(params.account, params.region, params.name, pages=PAGES, wanted=wanted)
        comparison = compare(found, record, basis)
        if comparison.is_lost:
            return Progress(Stage.FAILED, DIFFERS, failure=_lost(params, comparison))
        facts = {**_plain(comparison), "recorded_at": int(record.taken_at.timestamp()) if record else None}
        return Progress(Stage.DONE, "COMPARED", result_arn=params.table_arn, finished_at=now, facts=facts)

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return refused(error, REMEDY)

    def _record(self, params: CompareParams, now: datetime) -> tuple[str, TableRecord | None]:
        """The record of the copy; else the original as it is now; else nothing."""
        with self.store.read() as tx:
            record = tx.records.of_copy(params.copy_arn)
        if record is not None and not record.gone:
            return RECORD, record
        try:
            live = recorded(self.tables, params.copy_arn, params.original_arn, now)
        except BackupsError:
            return NOTHING, None
        return (NOTHING, None) if live.gone else (LIVE, live)


def _plain(comparison: Comparison) -> Mapping[str, object]:
    return {**asdict(comparison), "agrees": comparison.agrees}


def _lost(params: CompareParams, comparison: Comparison) -> Failure:
    return Failure(
        f"The restored table holds {comparison.found:,} items, and {comparison.missing} of the {comparison.sampled} "
        f"items of the sample are missing: it is not what was recorded ({comparison.expected or 0:,} items).",
        DIFFERS,
        f"The table {params.name} is left as it is, to be looked at. When you are done: "
        f"`aws dynamodb delete-table --table-name {params.name} --region {params.region}`",
    )
