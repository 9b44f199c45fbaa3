"""Requests held against botocore's model: required members, patterns, enums, lengths and ranges."""

import re
from collections.abc import Callable
from typing import Any

from botocore.model import Shape
from moto.core.model import OperationModel

from bot.sandbox.aws.errors import AwsError, invalid_parameter, malformed, missing_parameter

_TYPES: dict[str, type] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
}


def check_input(operation: OperationModel, params: dict[str, Any]) -> None:
    """Raise AwsError for the first member that does not fit the model.

    Emulator decision: AWS's own texts are public only for vault names, the others are ours.
    """
    if operation.input_shape is not None:
        _check(operation.input_shape, params, "")


def _check(shape: Shape, value: Any, name: str) -> None:
    wanted = _TYPES.get(shape.type_name)
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int)):
        raise malformed(f"{name or 'The body'} is not of type {shape.type_name}.")
    checks: dict[str, Callable[[Any, Any, str], None]] = {
        "structure": _check_structure,
        "list": _check_list,
        "map": _check_map,
        "string": _check_string,
        "integer": _check_number,
        "long": _check_number,
    }
    if check := checks.get(shape.type_name):
        check(shape, value, name)


def _check_structure(shape: Any, value: dict[str, Any], name: str) -> None:
    for required in shape.required_members:
        if value.get(required) in (None, ""):
            raise missing_parameter(f"{name}.{required}".lstrip("."))
    for member, member_shape in shape.members.items():
        if value.get(member) is not None:
            _check(member_shape, value[member], f"{name}.{member}".lstrip("."))


def _check_list(shape: Any, value: list[Any], name: str) -> None:
    _check_size(shape, len(value), name)
    for item in value:
        _check(shape.member, item, name)


def _check_map(shape: Any, value: dict[str, Any], name: str) -> None:
    for key, item in value.items():
        _check(shape.key, key, name)
        _check(shape.value, item, f"{name}.{key}")


def _check_string(shape: Any, value: str, name: str) -> None:
    _check_size(shape, len(value), name)
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        raise invalid_parameter(f"{name} {value} is not valid: one of {', '.join(allowed)} is expected")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        raise _does_not_fit(name, value, pattern)


def _does_not_fit(name: str, value: str, pattern: str) -> AwsError:
    if name.endswith("BackupVaultName"):
        return invalid_parameter(f"Backup vault name {value} is not valid")
    return invalid_parameter(f"{name} {value} is not valid: it must match {pattern}")


def _check_number(shape: Any, value: int, name: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        raise invalid_parameter(f"{name} {value} is not valid: it must be between {low} and {high}")


def _check_size(shape: Any, size: int, name: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        raise invalid_parameter(f"{name} has {size} entries, between {low} and {high} are allowed")
