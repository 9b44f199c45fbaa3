"""The kinds of step that a plan is made of."""

from enum import StrEnum


class StepKind(StrEnum):
    """Also the word by which an approval rule (`when: {action: …}`) names the kind."""

    COPY = "copy"
    CREATE_VAULT = "create-vault"
    ENABLE_ADVANCED = "enable-advanced"
    BACK_UP = "back-up"
    SET_RETENTION = "set-retention"
    RESTORE = "restore"
    COMPARE_TABLE = "compare-table"
    DELETE_TABLE = "delete-table"
    CHANGE_PLAN = "change-plan"
    RECUR = "schedule"
