"""The step that copies a recovery point: pre-flight, start, poll."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import CopyJob, RecoveryPoint
from bot.domain.errors import BackupsError
from bot.domain.failures import explain
from bot.domain.ports import Backups, CopyOrder
from bot.domain.steps import CopyParams, Failure, Step
from bot.workflows.preflight import Look, look


@dataclass
class CopyStep:
    """Copies are made by AWS in the account and Region that own the source vault."""

    backups: Backups

    def look(self, params: CopyParams, now: datetime) -> Look:
        return look(params, self.backups, now)

    def start(self, step: Step, approved_by: str) -> str:
        """Start the copy job in its approver's name and return its id. The stored token makes repeating this safe."""
        order = CopyOrder(params=step.params, token=step.token, request_id=step.request_id, approved_by=approved_by)
        return self.backups.start_copy(order)

    def poll(self, step: Step) -> CopyJob:
        if step.external_id is None:
            raise ValueError(f"step {step.id} runs without a copy job")
        return self.backups.copy_job(step.params.point.vault, step.external_id)

    def result(self, step: Step, job: CopyJob) -> RecoveryPoint | None:
        """The copy itself, for its size and real end; None when AWS does not let us see it."""
        if job.copy_arn is None:
            return None
        try:
            return self.backups.point(step.params.destination, job.copy_arn)
        except BackupsError:
            return None


def failure_of(error: BackupsError, params: CopyParams) -> Failure:
    """A refusal at the call, in AWS's words and with what to do."""
    return Failure(error.message, error.code, explain(error.message, error.code, params))


def failure_of_job(job: CopyJob, params: CopyParams) -> Failure:
    """A job that AWS ended without success, in AWS's words and with what to do."""
    message = job.message or f"AWS ended the copy job as {job.state} without a message."
    return Failure(message, job.category or job.state, explain(job.message, job.category, params))
