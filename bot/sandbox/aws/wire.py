"""Requests and errors on the wire: read by moto's parsers, written in each service's own protocol."""

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

from bot.sandbox.aws.errors import AwsError, malformed

Answer = tuple[int, dict[str, Any], str | bytes]

# The same refusal has another name, and at times another status, in each protocol.
_QUERY_NAMES = {
    "ThrottlingException": "Throttling",
    "ExpiredTokenException": "ExpiredToken",
    "UnrecognizedClientException": "InvalidClientTokenId",
}
_ERROR_CODE = re.compile(r'"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)</Code>')


def operation_of(response: BaseResponse) -> OperationModel | None:
    """Find the operation a request is for, or None when no route of the service matches."""
    name = response._get_action()
    model = get_service_model(response.boto3_service_name)
    return model.operation_model(name) if name in model.operation_names else None


def read_params(response: BaseResponse, operation: OperationModel) -> dict[str, Any]:
    """Read a request's members under the model's names; timestamps come out aware."""
    request, protocol = response.normalized_request, protocol_of(response)
    if protocol in ("json", "rest-json"):
        _check_json(request.data)
    parser = PROTOCOL_PARSERS[protocol](operation, timestamp_parser=_aware, map_type=dict)
    try:
        parsed: dict[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": response.uri_match,
            }
        )
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
        # moto's parser takes the types for granted, and each wrong one trips it in another way.
        raise malformed("A member is not of its type.") from error
    return parsed


def _check_json(body: bytes) -> None:
    try:
        read = json.loads(body) if body else {}
    except ValueError as error:
        raise malformed("The body is not JSON.") from error
    if not isinstance(read, dict):
        raise malformed("The body is not a JSON object.")


def protocol_of(response: BaseResponse) -> str:
    return str(response.determine_response_protocol(get_service_model(response.boto3_service_name)))


def write_result(result: dict[str, Any]) -> Answer:
    """Write an AWS Backup answer, whose members all travel in the body under the model's own names.

    moto's serializer does the same from the model, but takes half a second for a thousand recovery points.
    """
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
    return 200, headers, json.dumps(result, default=_epoch)


def write_error(error: AwsError, protocol: str) -> Answer:
    """Write an error as the service's protocol has it."""
    if protocol in ("query", "ec2"):
        return _query_error(error)
    name = f"{error.code}Exception" if error.code == "AccessDenied" else error.code
    if protocol == "json":
        # The JSON services answer 400 for what the REST ones call forbidden.
        body: dict[str, Any] = {"__type": name, "message": error.message}
        return min(error.status, 400) if error.status < 500 else error.status, _headers(name), json.dumps(body)
    detail = name if error.detail == error.code else error.detail
    body = {"Code": detail, "Message": error.message, "Type": "Client", "Context": "", **error.members}
    return error.status, _headers(name), json.dumps(body)


def error_code(status: int, headers: dict[str, Any], body: str | bytes) -> str:
    """Read the error code back out of an answer, `OK` when it is none."""
    if status < 400:
        return "OK"
    named = {key.lower(): value for key, value in headers.items()}.get("x-amzn-errortype")
    if named:
        return str(named)
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    found = _ERROR_CODE.search(text)
    return (found[1] or found[2]) if found else str(status)


def _query_error(error: AwsError) -> Answer:
    code = _QUERY_NAMES.get(error.code, error.code)
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml", "x-amzn-RequestId": str(uuid.uuid4())}, body


def _headers(name: str) -> dict[str, Any]:
    return {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": name,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }


def _epoch(value: datetime) -> float:
    """Write a moment as AWS does, in seconds with three decimals."""
    return int(value.timestamp() * 1000) / 1000


def _aware(value: str) -> datetime:
    parsed: datetime = parse_timestamp(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
