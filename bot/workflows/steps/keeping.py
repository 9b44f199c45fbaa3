"""The kinds of step that change how AWS keeps backups, put together."""

from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.keeping import Keeping
from bot.domain.live_tables import TableSight
from bot.domain.params import StepKind
from bot.domain.ports import Backups
from bot.domain.surroundings import Access
from bot.workflows.steps import StepWorks
from bot.workflows.steps.advanced import EnableAdvancedStep
from bot.workflows.steps.backup import BackUpStep
from bot.workflows.steps.retention import SetRetentionStep
from bot.workflows.steps.vault import CreateVaultStep


def keeping_works(
    backups: Backups, keeping: Keeping, access: Access, tables: TableSight, prices: Prices = LIST_PRICES
) -> StepWorks:
    """Works over one AWS Backup, with what else of AWS they look at."""
    return {
        StepKind.CREATE_VAULT: CreateVaultStep(backups, keeping, access),
        StepKind.ENABLE_ADVANCED: EnableAdvancedStep(keeping),
        StepKind.BACK_UP: BackUpStep(backups, keeping, keeping, tables, prices),
        StepKind.SET_RETENTION: SetRetentionStep(backups, keeping, prices),
    }
