"""The section `notices:`: where and when outcomes are announced beyond a request's own thread."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from bot.domain.copies import AdoptRule
from bot.domain.notices import NoticeKind
from bot.domain.routing import Digest, NoticePolicy, Quiet, Route
from bot.settings.document import Where
from bot.settings.fields import Expected, NamePattern, Section, StepPatterns, different, text_like

Outcome = Annotated[
    Literal["completed", "failed", "expiring", "expired"], Expected("one of completed, failed, expiring, expired")
]


def _clock(value: object) -> object:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a time of day")
    return time(int(found[1]), int(found[2]))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not a time zone") from error
    return name


LeadDays = Annotated[int, Field(ge=1, le=36_500), Expected("a whole number of days, 1 or more")]
Channel = Annotated[
    str, text_like("[CG][A-Z0-9]{2,20}"), Expected("the id of a Slack channel (C… or G…), not its name")
]
TimeOfDay = Annotated[time, BeforeValidator(_clock), Expected('a time of day in quotes such as "22:00"')]
Zone = Annotated[str, AfterValidator(_zone), Expected("the name of a time zone such as Europe/Berlin or UTC")]


class RouteSection(Section):
    """One more channel in which outcomes are announced."""

    channel: Channel
    when: StepPatterns = StepPatterns()
    about: Annotated[
        list[Outcome],
        Field(min_length=1),
        AfterValidator(different),
        Expected("a list of one or more different outcomes such as [failed, expiring]"),
    ] = ["completed", "failed", "expiring", "expired"]  # noqa: RUF012  # pydantic gives each section a list of its own
    instead: Annotated[bool, Expected("true or false")] = False

    def route(self) -> Route:
        """The route as use cases know it."""
        return Route(
            channel=self.channel,
            when=tuple((name, pattern) for name, pattern in self.when if pattern),
            about=tuple(NoticeKind(outcome) for outcome in self.about),
            instead=self.instead,
        )


class QuietSection(Section):
    """Hours in which only what cannot wait is said."""

    begins: Annotated[TimeOfDay, Field(alias="from")]
    ends: Annotated[TimeOfDay, Field(alias="to")]
    zone: Zone


class DigestSection(Section):
    """One message a day about what could wait."""

    at: TimeOfDay
    zone: Zone
    channel: Channel = ""


class AdoptSection(Section):
    """Copies made elsewhere that are watched until they end."""

    account: NamePattern
    vault: NamePattern = "*"
    table: NamePattern = "*"
    channel: Channel = ""

    def rule(self) -> AdoptRule:
        """The rule as use cases know it."""
        return AdoptRule(self.account, self.vault, self.table, self.channel or None)


class NoticesSection(Section):
    """What is announced beyond a request's own thread."""

    expiry_lead_days: Annotated[
        list[LeadDays],
        AfterValidator(different),
        Expected("a list of different whole numbers of days such as [30, 7, 1]"),
    ] = [30, 7, 1]  # noqa: RUF012  # pydantic gives each section a list of its own
    ops_channel: Channel = ""
    routes: Annotated[
        list[RouteSection], Expected("a list of routes such as - {when: {table: orders-*}, channel: C0ORDERS}")
    ] = []  # noqa: RUF012  # pydantic gives each section a list of its own
    quiet: Annotated[
        QuietSection | None, Expected('a mapping such as {from: "22:00", to: "07:00", zone: Europe/Berlin}')
    ] = None
    digest: Annotated[
        DigestSection | None, Expected('a mapping such as {at: "09:00", zone: Europe/Berlin, channel: C0BACKUPS}')
    ] = None

    adopt: Annotated[
        list[AdoptSection], Expected("a list of copies made elsewhere such as - {account: backup, vault: dr-*}")
    ] = []  # noqa: RUF012  # pydantic gives each section a list of its own

    def policy(self, default_channel: str | None) -> NoticePolicy:
        """The operator's decisions as use cases know them."""
        quiet, digest = self.quiet, self.digest
        channel = (digest.channel if digest else "") or default_channel
        return NoticePolicy(
            ops_channel=self.ops_channel or None,
            routes=tuple(route.route() for route in self.routes),
            quiet=Quiet(quiet.begins, quiet.ends, quiet.zone) if quiet else None,
            adopt=tuple(section.rule() for section in self.adopt),
            digest=Digest(digest.at, digest.zone, channel) if digest and channel else None,
        )


def notice_mistakes(data: Mapping[str, object]) -> Iterator[tuple[Where, str]]:
    """What does not fit together in the section, in plain data of which only what is well formed is looked at."""
    notices = data.get("notices")
    section = notices if isinstance(notices, dict) else {}
    quiet, digest = section.get("quiet"), section.get("digest")
    if isinstance(quiet, dict) and quiet.get("from") and quiet.get("from") == quiet.get("to"):
        yield ("notices", "quiet", "to"), "expected another time than from, since the quiet hours would have no length"
    adopt = section.get("adopt")
    for index, raw in enumerate(adopt if isinstance(adopt, list) else []):
        if isinstance(raw, dict) and not raw.get("channel") and not data.get("channel"):
            missing = "missing, expected the id of a Slack channel (C… or G…), since the file names no usual one"
            yield ("notices", "adopt", index, "channel"), missing
    if isinstance(digest, dict) and not digest.get("channel") and not data.get("channel"):
        missing = "missing, expected the id of a Slack channel (C… or G…), since the file names no usual one"
        yield ("notices", "digest", "channel"), missing
