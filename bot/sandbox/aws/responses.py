"""AWS Backup's answers: each request is read, checked against the model, and handed to its operation."""

from typing import Any

from moto.backup.responses import BackupResponse
from moto.core.model import OperationModel

from bot.sandbox.aws import wire
from bot.sandbox.aws.call import BackupCall
from bot.sandbox.aws.errors import AwsError, not_in_this_emulator
from bot.sandbox.aws.operations import OPERATIONS
from bot.sandbox.aws.state import current
from bot.sandbox.aws.validation import check_input
from bot.sandbox.aws.wire import Answer

# moto's own audit reports are good enough as they are.
FROM_MOTO = {"CreateReportPlan", "DescribeReportPlan", "ListReportPlans", "DeleteReportPlan"}


class SandboxBackupResponse(BackupResponse):
    """Answer for AWS Backup in moto's place."""

    def call_action(self) -> Answer:
        operation = wire.operation_of(self)
        if operation is not None and str(operation.name) in FROM_MOTO:
            answer: Answer = super().call_action()
            return answer
        try:
            return wire.write_result(self._answer(operation))
        except AwsError as error:
            return wire.write_error(error, "rest-json")

    def _answer(self, operation: OperationModel | None) -> dict[str, Any]:
        if operation is None or str(operation.name) not in OPERATIONS:
            raise not_in_this_emulator(str(operation.name) if operation else f"{self.method} {self.path}")
        params = wire.read_params(self, operation)
        check_input(operation, params)
        state = current()
        with state.lock:
            call = BackupCall(
                state,
                self.current_account,
                self.region,
                state.caller(self.current_account, self.access_key),
                params,
                state.now(),
            )
            return OPERATIONS[str(operation.name)](call)
