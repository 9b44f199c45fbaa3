"""What the sections of copy-backup.yaml are made of: values that say in words what is expected of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, StringConstraints, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_TIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Expected:
    """Says in `words` what a key expects, in the place of pydantic's own sentence."""

    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._judge, handler(source))

    def _judge(self, value: object, handler: Callable[[object], object]) -> object:
        try:
            return handler(value)
        except ValidationError as invalid:
            # A mistake further down has words of its own.
            if any(error["loc"] for error in invalid.errors()):
                raise
            raise PydanticCustomError("expected", "{words}", {"words": self.words}) from None


def read_duration(value: object) -> object:
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a duration")
    duration = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if duration > _LONGEST_TIME:
        raise ValueError("too long")
    return duration


def different(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("repeated")
    return values


def text_like(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^(?:{pattern})$")


Alias = Annotated[
    str,
    text_like(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}"),
    Expected("an account's name of at most 40 letters, digits, dots, dashes and underscores"),
]
Region = Annotated[
    str, text_like(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"), Expected("the name of an AWS Region such as eu-west-1")
]
RoleArn = Annotated[
    str,
    text_like(r"arn:aws[a-z-]*:iam::[0-9]{12}:role(/[A-Za-z0-9_+=,.@-]+)+"),
    Expected("the ARN of a role such as arn:aws:iam::111111111111:role/CopyBackupBot"),
]
Approver = Annotated[
    str,
    text_like(r"[SUW][A-Z0-9]{2,20}"),
    Expected("the id of a Slack user group (S…) or of a user (U… or W…)"),
]
NamePattern = Annotated[
    str,
    text_like(r"[A-Za-z0-9_.*?-]+"),
    Expected("a name, or a pattern with * and ? such as orders-*"),
]


class Section(BaseModel):
    """A mapping that holds its keys and no others, each in exactly the type it asks for.

    An optional text is empty when its key is left out. No key may be written without a value.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class StepPatterns(Section):
    """Which steps something is for: names of approvals.CopyFacts, each with a pattern."""

    source_account: NamePattern = ""
    source_region: NamePattern = ""
    destination_account: NamePattern = ""
    destination_region: NamePattern = ""
    destination_vault: NamePattern = ""
    table: NamePattern = ""
    action: NamePattern = ""
