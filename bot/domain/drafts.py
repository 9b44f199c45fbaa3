"""A draft: what a person has chosen so far in the walk, kept in the store so that nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Actor

UNTIL = "until"
"""A way to say how long a copy is kept that becomes a number of days: until a date (`Form.until`, YYYY-MM-DD)."""


class DraftState(StrEnum):
    OPEN = "OPEN"
    SENDING = "SENDING"
    SENT = "SENT"


class Page(StrEnum):
    """The steps of the walk, in order."""

    BACKUP = "backup"
    DESTINATION = "destination"
    RETENTION = "retention"
    REVIEW = "review"


FIELDS_ON: Mapping[Page, tuple[str, ...]] = {
    Page.BACKUP: ("table", "backup"),
    Page.DESTINATION: ("to", "route", "account", "region", "vault", "new_vault", "key_arn"),
    Page.RETENTION: ("keep", "days", "until", "cold", "reason"),
    Page.REVIEW: (),
}
# Where a field is called otherwise than its place in the form.
PLACE_OF = {"table": "table_key", "backup": "point_key"}


@dataclass(frozen=True, slots=True)
class Place:
    """A destination that was chosen: the account's alias, Region, vault; `new`: made on the way, with this key."""

    account: str
    region: str
    vault: str
    new: bool = False
    key_arn: str = ""

    @property
    def where(self) -> tuple[str, str, str]:
        return self.account, self.region, self.vault


@dataclass(frozen=True, slots=True)
class Form:
    """The choices. Keys are the inventory's short names for a table and a recovery point; `account` is an alias.

    What is typed (`new_vault`, `key_arn`, `days`, `until`, `cold`, `reason`) is kept as typed, so that going back shows
    it again even when it cannot be used. `others` are destinations that were added before the one in `account`,
    `region`, `vault`; a `route` takes the place of all of them. Below an `account` or a `region` that is still missing
    stands what was typed ahead. `making`: a new vault is asked for, though it may have no name yet; without it
    `new_vault` is only remembered. `keep` is a value of Keep, or UNTIL.
    `picked` tells which backup the bot took where none was named.
    `backup_first`: the chosen backup cannot be copied as it is, so a new one is made and copied. `turned_on`: places
    (account id, Region) where the plan turns DynamoDB's advanced features on first. `again`: a copy that is there
    already is made once more on purpose. `problems` are (field, sentence) for what was typed after the
    command and could not be used. `filled` counts how often the bot itself put values into fields: it is a part of
    their block ids, since Slack keeps what a person chose for as long as the block id stays.
    """

    page: Page = Page.BACKUP
    query: str = ""
    table_key: str = ""
    point_key: str = ""
    account: str = ""
    region: str = ""
    vault: str = ""
    new_vault: str = ""
    key_arn: str = ""
    others: tuple[Place, ...] = ()
    route: str = ""
    keep: str = ""
    days: str = ""
    until: str = ""
    cold: str = ""
    reason: str = ""
    backup_first: bool = False
    again: bool = False
    problems: tuple[tuple[str, str], ...] = ()
    filled: int = 0
    making: bool = False
    picked: str = ""
    turned_on: tuple[tuple[str, str], ...] = ()

    @property
    def present(self) -> Place:
        """The destination in hand, as far as it has been chosen."""
        name = self.new_vault.strip() if self.making else self.vault
        return Place(self.account, self.region, name, self.making, self.key_arn.strip() if self.making else "")

    @property
    def places(self) -> tuple[Place, ...]:
        """All destinations, the one in hand last; where others were added, it may have been left blank."""
        blank = not (self.account or self.region or self.vault or self.making)
        return self.others if blank and self.others else (*self.others, self.present)

    def problem_of(self, field: str) -> str:
        """What cannot be used of what was said before the page was shown; "" when there is nothing."""
        return " ".join(sentence for name, sentence in self.problems if name == field)


@dataclass(frozen=True, slots=True)
class Draft:
    """One walk of one person. `version` grows with every change; `view_hash` is the newest view we know of.

    `due_at` is set while the draft is SENDING: when it passes, a sweep finishes what a crash interrupted.
    """

    id: str
    actor: Actor
    channel: str
    timezone: str
    form: Form
    state: DraftState
    version: int
    created_at: datetime
    updated_at: datetime
    view_id: str = ""
    view_hash: str = ""
    request_id: str | None = None
    due_at: datetime | None = None
