"""The one gate every AWS request passes, whatever its service: account, faults, AssumeRole, the record of calls."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ConnectionClosedError
from botocore.model import OperationNotFoundError
from moto.backup.models import backup_backends
from moto.core.responses import ActionResult, BaseResponse

from bot.sandbox.aws import faults, identity, neighbours, permissions, wire
from bot.sandbox.aws.errors import AwsError, malformed, region_not_enabled
from bot.sandbox.aws.progress import settle
from bot.sandbox.aws.state import ApiCall, WorldState, on_stage
from bot.sandbox.aws.wire import Answer

DROPPED = "connection dropped"
_stock_dispatch: Callable[..., Any] | None = None


def put_up() -> None:
    """Stand in moto's dispatch. moto has no hook that sees every request both in-process and as a server."""
    global _stock_dispatch  # noqa: PLW0603 - moto's dispatch is one per process
    if _stock_dispatch is None:
        _stock_dispatch = BaseResponse._dispatch
        BaseResponse._dispatch = _dispatch  # type: ignore[method-assign,assignment]


def _dispatch(response: BaseResponse, request: Any, full_url: str | None = None, headers: Any = None) -> Answer:
    state = on_stage()
    if state is None:
        assert _stock_dispatch is not None
        answer: Answer = _stock_dispatch(response, request, full_url, headers)
        return answer
    try:
        response.setup_class(request, full_url, headers)
    except OperationNotFoundError as unknown:
        return wire.write_error(AwsError("InvalidAction", f"Could not find operation {unknown}."), "query")
    except UnicodeDecodeError:
        return wire.write_error(malformed("The body is not UTF-8."), "rest-json")
    return Passage(response, state).go()


class Passage:
    """One request on its way through."""

    def __init__(self, response: BaseResponse, state: WorldState) -> None:
        self.response = response
        self.state = state
        response.current_account = identity.account_of(response, state.home_account)
        self.account = response.current_account
        self.region = response.region
        self.service = str(response.service_name)
        self.caller = identity.caller_arn(self.account, response.access_key)
        self.model = wire.operation_of(response)
        self.operation = str(self.model.name) if self.model else "an unknown operation"
        self.params: dict[str, Any] = {}

    def go(self) -> Answer:
        struck = self.state.faults.strike(self.service, self.operation, self.account, self.region)
        faults.hold_back(struck)
        try:
            self.params = wire.read_params(self.response, self.model) if self.model else {}
            if faults.any_of(struck, "lose request"):
                self._drop()
            faults.refuse(struck, caller=self.caller, action=f"{self.service}:{self.operation}")
            self._check()
            # Whatever service reads, it finds the world at its present: a restored table, for one.
            settle(self.state)
            answer = self._answer()
        except AwsError as error:
            answer = wire.write_error(error, wire.protocol_of(self.response))
        if faults.any_of(struck, "lose response"):
            self._drop()
        self._record(wire.error_code(*answer))
        return answer

    def _answer(self) -> Answer:
        neighbour = neighbours.OPERATIONS.get((self.service, self.operation))
        if neighbour is None:
            neighbours.offer_managed_policy(self.account, self.operation, self.params)
            answered: Answer = self.response.call_action()
            return answered
        with self.state.lock:
            result = neighbour(self.state, self.account, self.params)
        written: Answer = self.response.serialized(ActionResult(result))
        return written

    def _check(self) -> None:
        permissions.check(
            identity.role_of_session(self.account, self.response.access_key),
            self.state.caller(self.account, self.response.access_key),
            self.service,
            self.operation,
            self.params,
            region=self.region,
            governance=self.state.governance,
        )
        if (self.account, self.region) in self.state.closed_regions or not self._is_region():
            raise region_not_enabled()
        if self.service == "organizations":
            self.state.directory.check(self.account, self.operation)
        if self.service == "sts" and self.operation == "AssumeRole":
            identity.check_assume_role(self.state.directory, self.caller, self.account, self.params)

    def _is_region(self) -> bool:
        return self.service != "backup" or self.region in backup_backends[self.account].regions

    def _drop(self) -> None:
        self._record(DROPPED)
        # In-process botocore takes this for the network's own error; the server turns it into a real one.
        raise ConnectionClosedError(endpoint_url=self.response.uri)

    def _record(self, outcome: str) -> None:
        seen = partial(ApiCall, self.state.now(), self.account, self.region, self.service, self.operation)
        call = seen(self.params, outcome, self.caller)
        self.state.calls.append(call)
        self.state.on_call(call)
