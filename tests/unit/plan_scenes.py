"""Requests whose plan is more than one copy, in the states that people see them in."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef
from bot.domain.notices import NoticeKind
from bot.domain.params import (
    BackUpParams,
    CopyParams,
    CreateVaultParams,
    EnableAdvancedParams,
    Params,
    SetRetentionParams,
)
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.retention import Keep, Retention
from bot.domain.steps import QUEUED, Failure, Step, StepState
from tests.unit.builders import BACKUP, BEN, COPIES, MAIN, PROD, ROLE, a_decision, a_point, a_request, some_params
from tests.unit.fakes import NOW

FAR = VaultRef(BACKUP, "eu-central-1", "dr")
KEY = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TABLE = a_point().table_arn
NEW_VAULT = CreateVaultParams(COPIES, "orders", PROD, KEY, (ROLE,), "creator-1")
NO_KEY = CreateVaultParams(replace(COPIES, account=PROD), "orders", PROD)
ADVANCED = EnableAdvancedParams(PROD, "us-east-1", "orders")
NEW_BACKUP = BackUpParams(TABLE, MAIN, ROLE, Lifecycle(35), advanced_from_before=True)
EXTENSION = SetRetentionParams(a_point(vault=COPIES), Lifecycle(365))
FOR_GOOD = SetRetentionParams(a_point(vault=COPIES), Lifecycle(cold_after_days=30))


def foreseen(vault: VaultRef) -> RecoveryPoint:
    """The point that an earlier step of the plan will make."""
    return replace(a_point(vault=vault), arn="", status="CREATING")


FIRST_HOP = some_params(days=30)
SECOND_HOP = CopyParams(foreseen(COPIES), FAR, Retention(Keep.DAYS, 365), ROLE, point_from_before=True)
SHORTER = SetRetentionParams(foreseen(COPIES), Lifecycle(7), point_from_before=True, only_with=FAR)
INTO_NEW = replace(some_params(), vault_from_before=True)
OF_NEW = replace(some_params(foreseen(MAIN)), point_from_before=True)
DENIED = Failure("You are not authorized to perform this operation.", "ACCESS_DENIED", "Attach the policy.")
BY_BEN = (a_decision(BEN),)


def steps(*planned: tuple[Params, StepState]) -> tuple[Step, ...]:
    """Steps in a row, each after the one before."""
    return tuple(
        Step(
            id=number,
            request_id="CB-42",
            kind=params.kind,
            params=params,
            after=number - 1 or None,
            state=state,
            token=f"token-{number}",
            started_at=NOW if state is not StepState.WAITING else None,
            finished_at=NOW + timedelta(minutes=number) if state.is_final else None,
            failure=DENIED if state is StepState.FAILED else None,
        )
        for number, (params, state) in enumerate(planned, start=1)
    )


W, R, D, F = StepState.WAITING, StepState.RUNNING, StepState.DONE, StepState.FAILED
QUEUE = replace(steps((some_params(), W))[0], outside_state=QUEUED)

PLANS: dict[str, CopyRequest] = {
    "plan-new-vault": a_request(RequestState.PENDING, *steps((NEW_VAULT, W), (INTO_NEW, W))),
    "plan-vault-without-key": a_request(RequestState.PENDING, *steps((NO_KEY, W))),
    "plan-from-greyed-out": a_request(RequestState.PENDING, *steps((ADVANCED, W), (NEW_BACKUP, W), (OF_NEW, W))),
    "plan-backing-up": a_request(
        RequestState.RUNNING, *steps((ADVANCED, D), (NEW_BACKUP, R), (OF_NEW, W)), decisions=BY_BEN
    ),
    "plan-sequence": a_request(RequestState.PENDING, *steps((FIRST_HOP, W), (SECOND_HOP, W), (SHORTER, W))),
    "plan-second-hop-failed": a_request(
        RequestState.PARTIAL, *steps((FIRST_HOP, D), (SECOND_HOP, F), (SHORTER, W)), decisions=BY_BEN
    ),
    "plan-extension": a_request(RequestState.PENDING, *steps((EXTENSION, W))),
    "plan-for-good": a_request(RequestState.COMPLETED, *steps((FOR_GOOD, D)), decisions=BY_BEN),
    "plan-in-line": a_request(RequestState.APPROVED, QUEUE, decisions=BY_BEN),
}

BACKED_UP = {"job_id": "JOB-2", "point_arn": "arn:aws:backup:…:recovery-point:5e6f", "size_bytes": 12_900_000_000}
END = int((NOW + timedelta(days=340)).timestamp())

PLAN_NOTICES: dict[str, tuple[NoticeKind, dict[str, object]]] = {
    "plan-in-line": (NoticeKind.QUEUED, {"step": 1, "holder": "CB-41", "holder_step": 7}),
    "plan-sequence": (NoticeKind.QUEUED, {"step": 2, "holder": "CB-42", "holder_step": 1}),
    "plan-new-vault": (NoticeKind.COMPLETED, {"step": 1, "detail": f"May copy into it: {ROLE}."}),
    "plan-backing-up": (NoticeKind.COMPLETED, {"step": 2, **BACKED_UP, "seconds": 95}),
    "plan-from-greyed-out": (NoticeKind.STARTED, {"step": 2, "job_id": "JOB-2"}),
    "plan-extension": (NoticeKind.COMPLETED, {"step": 1, "delete_at": END}),
    "plan-for-good": (NoticeKind.COMPLETED, {"step": 1, "delete_at": None}),
}
