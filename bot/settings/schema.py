"""The form of copy-backup.yaml: its sections, and for every key the words that say what is expected there."""

from types import UnionType
from typing import Annotated, Any, cast, get_args

from pydantic import AfterValidator, Field

from bot.settings.approvals import RuleSection, WhenSection
from bot.settings.document import Where
from bot.settings.drills import DrillSection
from bot.settings.fields import Alias, Expected, Region, RoleArn, Section, different, text_like
from bot.settings.notices import NoticesSection
from bot.settings.prices import PricesSection, list_prices
from bot.settings.routes import Routes

__all__ = [
    "AccountSection",
    "ConfigurationFile",
    "NoticesSection",
    "RuleSection",
    "WhenSection",
    "keys_of",
    "section_at",
    "words_for",
]


class AccountSection(Section):
    """One AWS account."""

    id: Annotated[str, text_like("[0-9]{12}"), Expected("12 digits in quotes")]
    regions: Annotated[
        list[Region],
        Field(min_length=1),
        AfterValidator(different),
        Expected("a list of one or more different Regions such as [us-east-1, eu-west-1]"),
    ]
    role_arn: RoleArn = ""
    external_id: Annotated[
        str, text_like(r"[A-Za-z0-9_+=,.@:/-]{2,1224}"), Expected("text of 2 to 1224 letters, digits and _+=,.@:/-")
    ] = ""
    copy_role_arn: RoleArn = ""


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
        str, text_like("[CG][A-Z0-9]{2,20}"), Expected("the id of a Slack channel (C… or G…), not its name")
    ] = ""
    allow_shared_channels: Annotated[bool, Expected("true or false")] = False
    notices: NoticesSection = NoticesSection()
    drills: Annotated[
        list[DrillSection], Expected("a list of tables to be brought back for trial, such as - table: orders-*")
    ] = []  # noqa: RUF012  # pydantic gives each section a list of its own
    prices: PricesSection = list_prices()
    routes: Routes = {}  # noqa: RUF012  # pydantic gives each section a mapping of its own


def section_at(where: Where) -> type[Section]:
    """Name the section whose key is the last part of a place in the file."""
    kind: Any = ConfigurationFile
    for part in where[:-1]:
        kind = _plain(kind.model_fields[part].annotation if _is_section(kind) else get_args(kind)[-1])
    assert _is_section(kind), where
    return cast("type[Section]", kind)


def _plain(kind: Any) -> Any:
    """The section itself where it may also be left out."""
    return get_args(kind)[0] if isinstance(kind, UnionType) else kind


def keys_of(section: type[Section]) -> list[str]:
    """The keys of a section as they are written in the file."""
    return [field.alias or name for name, field in section.model_fields.items()]


def words_for(where: Where) -> str:
    """What a key of a section expects."""
    fields = section_at(where).model_fields
    field = next(field for name, field in fields.items() if (field.alias or name) == where[-1])
    return next(part.words for part in field.metadata if isinstance(part, Expected))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
