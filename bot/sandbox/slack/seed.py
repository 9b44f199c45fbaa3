"""The people, group and channels every local workspace starts with."""

from . import ids
from .directory import Directory
from .records import Conversation, Member, Usergroup

STAFF = (ids.ANNA, ids.BEN, ids.CHRIS, ids.DORA)


def furnish(directory: Directory, *, created: int) -> None:
    """Fill an empty directory; `created` is the Unix time that channels carry."""
    _add_people(directory)
    directory.add_usergroup(
        Usergroup(id=ids.BACKUP_ADMINS, handle="backup-admins", name="Backup admins", users=(ids.BEN, ids.CHRIS))
    )
    _add_channels(directory, created)


def _add_people(directory: Directory) -> None:
    def person(user_id: str, name: str, real_name: str, tz: str) -> None:
        directory.add_person(
            Member(id=user_id, name=name, real_name=real_name, team_id=ids.TEAM, tz=tz, email=f"{name}@acme.example")
        )

    person(ids.ANNA, "anna", "Anna", "Europe/Berlin")
    person(ids.BEN, "ben", "Ben", "America/New_York")
    person(ids.CHRIS, "chris", "Chris", "Asia/Tokyo")
    person(ids.DORA, "dora", "Dora", "Europe/London")
    directory.add_person(
        Member(id=ids.GUEST, name="gus", real_name="Gus", team_id=ids.TEAM, tz="UTC", is_restricted=True)
    )
    directory.add_person(
        Member(id=ids.PARTNER, name="pia", real_name="Pia", team_id=ids.PARTNER_TEAM, tz="Europe/Paris")
    )
    directory.add_person(
        Member(id=ids.BOT_USER, name="copy-backup", real_name="Copy Backup", team_id=ids.TEAM, is_bot=True, tz="UTC")
    )


def _add_channels(directory: Directory, created: int) -> None:
    everyone = (*STAFF, ids.GUEST)
    for conversation in (
        Conversation(id=ids.BACKUPS, name="backups", members=(*everyone, ids.BOT_USER), created=created),
        Conversation(id=ids.GENERAL, name="general", members=everyone, created=created),
        Conversation(id=ids.SECRET_OPS, name="secret-ops", members=STAFF, is_private=True, created=created),
        Conversation(
            id=ids.OLD_BACKUPS,
            name="old-backups",
            members=(*STAFF, ids.BOT_USER),
            is_archived=True,
            created=created,
        ),
        Conversation(
            id=ids.PARTNER_OPS,
            name="partner-ops",
            members=(*STAFF, ids.PARTNER, ids.BOT_USER),
            connected_teams=(ids.PARTNER_TEAM,),
            created=created,
        ),
    ):
        directory.add_conversation(conversation)
