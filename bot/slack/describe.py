"""A copy in plain words: what, from where, to where, kept how long. Messages and the review say it the same way."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.backups import Account, VaultRef
from bot.domain.requests import CopyRequest, Decision, Verdict
from bot.domain.retention import MAX_DAYS, Keep, Retention, expected_end
from bot.domain.steps import CopyParams
from bot.slack.text import code, date, escape, size

Pairs = list[tuple[str, str]]


class Names:
    """What people call the accounts."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._alias = {account.id: account.alias for account in accounts}

    def account(self, account_id: str) -> str:
        return escape(self._alias.get(account_id, account_id))

    def place(self, vault: VaultRef) -> str:
        """Account, Region and vault, as people say it."""
        return f"{self.account(vault.account)} · {vault.region} · {code(vault.name)}"


def copy_fields(params: CopyParams, names: Names) -> Pairs:
    """Name and value pairs (mrkdwn) that say all of a copy."""
    point = params.point
    return [
        ("Table", f"{code(point.table_name)}"),
        ("Backup", f"{date(point.created_at)}, {size(point.size_bytes)}"),
        ("From", names.place(point.vault)),
        ("To", names.place(params.destination)),
        ("Kept", kept(params.retention, params)),
    ]


def kept(retention: Retention, params: CopyParams) -> str:
    """How long the copy is kept, with the date it comes to (an estimate until AWS tells the real one)."""
    end = expected_end(retention, params.point)
    if retention.keep is Keep.AS_SOURCE:
        if end is None:
            return "As the source, which has no end: it is kept until somebody deletes it"
        return f"As the source: until about {date(end, with_time=False)}"
    if retention.keep is Keep.CENTURY:
        return f"100 years ({MAX_DAYS:,} days): until about {_date(end)}"
    number = "1 day" if retention.days == 1 else f"{retention.days:,} days"
    return f"{number} from the backup's creation: until about {_date(end)}"


def one_line(params: CopyParams, names: Names) -> str:
    """The copy as half a sentence: copy X from here to there."""
    return (
        f"{code(params.point.table_name)} from {names.account(params.point.vault.account)} "
        f"({params.point.vault.region}) to {names.account(params.destination.account)} "
        f"({params.destination.region}), vault {code(params.destination.name)}"
    )


def spoken(params: CopyParams, names: Names) -> str:
    """The same without marks, for plain text fields."""
    point, to = params.point, params.destination
    return (
        f"{point.table_name} from {names.account(point.vault.account)} {point.vault.region} "
        f"to {names.account(to.account)} {to.region}, vault {to.name}"
    )


def mention(user_id: str) -> str:
    """A mention of a user or of a user group, by the kind of id."""
    return f"<!subteam^{user_id}>" if user_id.startswith("S") else f"<@{user_id}>"


def people(ids: Sequence[str]) -> str:
    """Mentions in a row: A, B and C."""
    mentions = [mention(user_id) for user_id in ids]
    return " and ".join(filter(None, [", ".join(mentions[:-1]), mentions[-1]])) if mentions else "nobody"


def approved_by(request: CopyRequest) -> list[str]:
    return [decision.actor.user_id for decision in request.decisions if decision.verdict is Verdict.APPROVE]


def rejection(request: CopyRequest) -> Decision | None:
    return next((decision for decision in request.decisions if decision.verdict is Verdict.REJECT), None)


def _date(end: datetime | None) -> str:
    return date(end, with_time=False) if end else "an unknown date"
