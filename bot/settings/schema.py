"""The form of copy-backup.yaml: its sections, and for every key the words that say what is expected there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, cast, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.domain.approvals import DEFAULT_ANSWER_TIME
from bot.settings.document import Where

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_ANSWER_TIME = timedelta(days=365)


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


def _duration(value: object) -> object:
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a duration")
    duration = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if duration > _LONGEST_ANSWER_TIME:
        raise ValueError("too long")
    return duration


def _different(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("repeated")
    return values


def _text(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^(?:{pattern})$")


Alias = Annotated[
    str,
    _text(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}"),
    Expected("an account's name of at most 40 letters, digits, dots, dashes and underscores"),
]
Region = Annotated[
    str, _text(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"), Expected("the name of an AWS Region such as eu-west-1")
]
RoleArn = Annotated[
    str,
    _text(r"arn:aws[a-z-]*:iam::[0-9]{12}:role(/[A-Za-z0-9_+=,.@-]+)+"),
    Expected("the ARN of a role such as arn:aws:iam::111111111111:role/CopyBackupBot"),
]
Approver = Annotated[
    str,
    _text(r"[SUW][A-Z0-9]{2,20}"),
    Expected("the id of a Slack user group (S…) or of a user (U… or W…)"),
]
NamePattern = Annotated[
    str,
    _text(r"[A-Za-z0-9_.*?-]+"),
    Expected("a name, or a pattern with * and ? such as orders-*"),
]
LeadDays = Annotated[int, Field(ge=1, le=36_500), Expected("a whole number of days, 1 or more")]


class Section(BaseModel):
    """A mapping that holds its keys and no others, each in exactly the type it asks for.

    An optional text is empty when its key is left out. No key may be written without a value.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class AccountSection(Section):
    """One AWS account."""

    id: Annotated[str, _text("[0-9]{12}"), Expected("12 digits in quotes")]
    regions: Annotated[
        list[Region],
        Field(min_length=1),
        AfterValidator(_different),
        Expected("a list of one or more different Regions such as [us-east-1, eu-west-1]"),
    ]
    role_arn: RoleArn = ""
    external_id: Annotated[
        str, _text(r"[A-Za-z0-9_+=,.@:/-]{2,1224}"), Expected("text of 2 to 1224 letters, digits and _+=,.@:/-")
    ] = ""
    copy_role_arn: RoleArn = ""


class WhenSection(Section):
    """Which requests a rule is for: the names of approvals.CopyFacts, each with a pattern."""

    source_account: NamePattern = ""
    destination_account: NamePattern = ""
    destination_region: NamePattern = ""
    table: NamePattern = ""
    action: NamePattern = ""

    def patterns(self) -> tuple[tuple[str, str], ...]:
        """The pairs of name and pattern that were written."""
        return tuple((name, pattern) for name, pattern in self if pattern)


class RuleSection(Section):
    """One rule of approval."""

    approvers: Annotated[
        list[Approver],
        Field(min_length=1),
        AfterValidator(_different),
        Expected("a list of one or more different Slack ids such as [S0BACKUPADMINS, U0BEN]"),
    ]
    when: WhenSection = WhenSection()
    needed: Annotated[int, Field(ge=1), Expected("a whole number of people, 1 or more")] = 1
    allow_self: Annotated[bool, Expected("true or false")] = False
    expires_after: Annotated[
        timedelta, BeforeValidator(_duration), Expected("a duration such as 90s, 30m, 8h or 2d, at most 365d")
    ] = DEFAULT_ANSWER_TIME


class NoticesSection(Section):
    """What is announced beyond a request's own thread."""

    expiry_lead_days: Annotated[
        list[LeadDays],
        AfterValidator(_different),
        Expected("a list of different whole numbers of days such as [30, 7, 1]"),
    ] = [30, 7, 1]


class ConfigurationFile(Section):
    """The whole file."""

    accounts: Annotated[
        dict[Alias, AccountSection],
        Field(min_length=1),
        Expected("a mapping from a name of your choice to an AWS account's id and regions"),
    ]
    approvals: Annotated[
        list[RuleSection],
        Field(min_length=1),
        Expected("a list of one or more rules such as - approvers: [S0BACKUPADMINS]"),
    ]
    channel: Annotated[
        str, _text("[CG][A-Z0-9]{2,20}"), Expected("the id of a Slack channel (C… or G…), not its name")
    ] = ""
    notices: NoticesSection = NoticesSection()


def section_at(where: Where) -> type[Section]:
    """Name the section whose key is the last part of a place in the file."""
    kind: Any = ConfigurationFile
    for part in where[:-1]:
        kind = kind.model_fields[part].annotation if _is_section(kind) else get_args(kind)[-1]
    assert _is_section(kind), where
    return cast("type[Section]", kind)


def words_for(where: Where) -> str:
    """What a key of a section expects."""
    field = section_at(where).model_fields[str(where[-1])]
    return next(part.words for part in field.metadata if isinstance(part, Expected))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
