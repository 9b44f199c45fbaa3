"""Paste what a remedy says: its commands are read as a shell and the AWS CLI read them, and carried out by boto3."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from botocore import xform_name

Client = Callable[[str, str, str], Any]
"""Makes a client: account id, Region, service."""

_PLACE = re.compile(r"In account (?P<account>\d{12}) run (?P<commands>`[^`]+`(?:, then `[^`]+`)*)")
_SUBSTITUTION = re.compile(r'"\$\((?P<command>.+)\)"')
GLOBAL_REGION = "us-east-1"


def commands_in(remedy: str) -> Iterator[tuple[str, str]]:
    """The account to be in and the command to run there, in order."""
    for place in _PLACE.finditer(remedy):
        for command in re.findall(r"`([^`]+)`", place["commands"]):
            yield place["account"], command


def paste(remedy: str, client: Client) -> int:
    """Run every command of a remedy; the number of commands run."""
    commands = list(commands_in(remedy))
    for account, command in commands:
        run(command, account, client)
    return len(commands)


def run(command: str, account: str, client: Client) -> str:
    """Run one command of the AWS CLI as somebody in an account; what it would print."""
    inner = _SUBSTITUTION.search(command)
    if inner:
        printed = run(inner["command"], account, client)
        command = command.replace(inner[0], shlex.quote(printed))
    program, service, operation, *rest = shlex.split(command)
    assert program == "aws"
    options = dict(zip((name.removeprefix("--") for name in rest[::2]), rest[1::2], strict=True))
    query, region = options.pop("query", ""), options.pop("region", GLOBAL_REGION)
    options.pop("output", None)
    asked = client(account, region, service)
    model = asked.meta.service_model
    name = next(known for known in model.operation_names if xform_name(known, "-") == operation)
    members = model.operation_model(name).input_shape.members
    known = {xform_name(member, "-"): (member, shape) for member, shape in members.items()}
    given = {known[option][0]: _value(text, known[option][1]) for option, text in options.items()}
    answer = getattr(asked, xform_name(name))(**given)
    for part in query.split(".") if query else ():
        answer = answer[part]
    return str(answer)


def _value(text: str, shape: Any) -> Any:
    """A value as the CLI reads it: JSON, its shorthand `key=value`, or the text itself."""
    if shape.type_name == "map" and not text.startswith("{"):
        pairs = dict(pair.split("=", 1) for pair in text.split(","))
        return {key: _value(value, shape.value) for key, value in pairs.items()}
    if shape.type_name in ("map", "structure", "list"):
        return json.loads(text)
    if shape.type_name == "boolean":
        return {"true": True, "false": False}[text]
    return int(text) if shape.type_name in ("integer", "long") else text
