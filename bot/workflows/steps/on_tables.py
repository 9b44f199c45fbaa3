"""The kinds of step that work on tables, plans and schedules, made of their ports."""

from bot.domain.backup_plans import BackupPlans
from bot.domain.books import Store
from bot.domain.live_tables import Tables
from bot.domain.params import StepKind
from bot.domain.ports import Backups
from bot.domain.restores import Restores
from bot.domain.schedules import NextFire
from bot.workflows.steps import StepWorks
from bot.workflows.steps.change_plan import ChangePlanStep
from bot.workflows.steps.compare_table import CompareStep
from bot.workflows.steps.delete_table import DeleteTableStep
from bot.workflows.steps.recur import RecurStep
from bot.workflows.steps.restore import RestoreStep


def table_works(
    backups: Backups, restores: Restores, tables: Tables, plans: BackupPlans, store: Store, next_fire: NextFire
) -> StepWorks:
    """One work for each kind."""
    return {
        StepKind.RESTORE: RestoreStep(backups, restores, tables, store),
        StepKind.COMPARE_TABLE: CompareStep(tables, store),
        StepKind.DELETE_TABLE: DeleteTableStep(tables),
        StepKind.CHANGE_PLAN: ChangePlanStep(plans, backups),
        StepKind.RECUR: RecurStep(backups, store, next_fire),
    }
