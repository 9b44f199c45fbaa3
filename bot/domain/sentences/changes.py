"""What is not as it was shown: one sentence for each part of the world that an approval binds to."""

from datetime import datetime

SOURCE_END = "The end of the source backup has changed since it was shown."
KEPT_BACKUP = "The backup that this is about has changed since it was shown."
SOURCE = "The source backup has changed since it was shown."
COST = "What this copy costs has changed since it was shown."
VAULT_POLICY = "The access policy of the destination vault has changed since it was shown."
SOURCE_POLICY = "The access policy of the source vault has changed since it was shown."
KEY = "The key of the destination vault, or its policy, has changed since it was shown."
SOURCE_KEY = "The key of the source vault, or its policy, has changed since it was shown."
ORGANIZATION = "The organization of the source account has changed since it was shown."
DESTINATION_ORGANIZATION = "The organization of the destination account has changed since it was shown."
CROSS_ACCOUNT = "The organization's switch for copies to other accounts has changed since it was shown."
ROLE_TRUST = "The trust policy of the copy role has changed since it was shown."
COPIED = "A copy of this backup has been made since it was shown; approve again if another one is meant."
OTHER = "The destination vault, or what the bot can see of it, has changed since it was shown."
FAILS_NOW = "Something that would make it fail has come up since it was shown."


def new_end(now: datetime | None, asked: datetime | None, days_lost: int) -> str:
    """The end that is to be changed is another one; `days_lost`: by how many days the change now shortens it."""
    found = f"it is kept {until(now)} now, and this would keep it {until(asked)}"
    return f"The end of this backup has changed since it was shown: {found}{_shortening(days_lost)}."


def shortens(days: int) -> str:
    """The first words of the dialog about a change that lets a backup end sooner."""
    return f"THIS SHORTENS IT BY {_count(days).upper()}."


def would_shorten(now: datetime | None, asked: datetime | None, days_lost: int) -> str:
    """Why what was asked for to keep a backup longer is not done any more."""
    return (
        f"This was asked for to keep it longer, and it asks for less than it is kept already: it is kept {until(now)}, "
        f"and this would keep it {until(asked)}{_shortening(days_lost)}."
    )


def until(end: datetime | None) -> str:
    """An end as a day."""
    return f"until about {day(end)}" if end else "without an end"


def day(end: datetime) -> str:
    """For text in which Slack shows no dates of each reader's own: theirs may be the day before or after."""
    return f"{end:%b} {end.day}, {end.year} (UTC)"


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days:,} days"


def _shortening(days: int) -> str:
    return f", which shortens it by {_count(days)}" if days else ""


def asked_already(request: str, end: datetime | None, state: str, *, is_longer: bool) -> str:
    """Another request about the same backup is not over; `is_longer`: it was asked for to keep it longer."""
    asks = "keep this copy longer" if is_longer else "change how long this copy is kept"
    when = {"PENDING": "waiting for approval", "APPROVED": "approved, not done yet"}.get(state, "under way")
    return f"{request} already asks to {asks}, {until(end)} ({when})."


def still_asked(request: str) -> str:
    """Beside the news that somebody lets a copy go."""
    return f"{request} still asks to change how long it is kept: cancel or reject that, if it is not wanted any more."
