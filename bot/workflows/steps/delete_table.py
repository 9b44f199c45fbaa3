"""The step that ends a drill: it deletes the drill's own table, and never any other."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.drills import PREFIX, TAG
from bot.domain.errors import BackupsError, BackupsMissing, BackupsRefused
from bot.domain.keeping import Errand
from bot.domain.live_tables import Tables
from bot.domain.params import DeleteTableParams, Params
from bot.domain.steps import Failure, Step
from bot.workflows.steps.sights import only, refused
from bot.workflows.steps.work import Look, Progress, Stage

NOT_OURS = "NOT_OUR_TABLE"
REMEDY = "Let the bot's role delete the drill's table (dynamodb:DeleteTable), then press Try again."


@dataclass
class DeleteTableStep:
    """A table is only deleted when name, tag and the stored result of this request's restore all say it is ours."""

    tables: Tables

    def look(self, params: Params, now: datetime) -> Look:
        params = only(params, DeleteTableParams)
        return Look(params, (), {"table": [params.account, params.region, params.name]})

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        params = only(params, DeleteTableParams)
        made = before[0].result_arn if before else None
        return replace(params, table_arn=made) if made else params

    def start(self, step: Step, approved_by: str) -> str:
        """Delete the table, if it is there. Raises BackupsRefused when it is not this request's own."""
        params = only(step.params, DeleteTableParams)
        if not self._is_ours(step, params):
            raise BackupsRefused(
                f"{params.name} is not a table that this drill has made, so it is kept.", code=NOT_OURS
            )
        # An earlier try may have deleted it.
        with suppress(BackupsMissing):
            self.tables.delete(params.account, params.region, params.name, Errand(step.request_id, approved_by))
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        params = only(step.params, DeleteTableParams)
        if self.tables.table(params.account, params.region, params.name) is not None:
            return Progress(Stage.UNDER_WAY, "DELETING")
        return Progress(Stage.DONE, "DELETED", finished_at=now)

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return refused(error, REMEDY)

    def _is_ours(self, step: Step, params: DeleteTableParams) -> bool:
        arn = f":{params.region}:{params.account}:table/{params.name}"
        if not params.name.startswith(PREFIX) or not params.table_arn.endswith(arn):
            return False
        try:
            return self.tables.tags(params.table_arn).get(TAG) == step.request_id
        except BackupsMissing:
            return True  # Nothing is left to be deleted.
