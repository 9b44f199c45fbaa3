"""A local Slack workspace that speaks Slack's own protocol to an unchanged bot and refuses what Slack refuses."""

from .command_line import CommandResult
from .gestures import SubmitResult
from .ids import (
    ANNA,
    APP,
    BACKUP_ADMINS,
    BACKUPS,
    BEN,
    BOT_USER,
    CHRIS,
    DORA,
    GENERAL,
    GUEST,
    OLD_BACKUPS,
    PARTNER,
    PARTNER_OPS,
    SECRET_OPS,
    TEAM,
)
from .local_slack import LocalSlack
from .parcels import Answer
from .person import Person
from .records import Conversation, Member, Message, Usergroup
from .refusals import ClientRefusal
from .rendering import render_message, render_view
from .views import View

__all__ = [
    "ANNA",
    "APP",
    "BACKUPS",
    "BACKUP_ADMINS",
    "BEN",
    "BOT_USER",
    "CHRIS",
    "DORA",
    "GENERAL",
    "GUEST",
    "OLD_BACKUPS",
    "PARTNER",
    "PARTNER_OPS",
    "SECRET_OPS",
    "TEAM",
    "Answer",
    "ClientRefusal",
    "CommandResult",
    "Conversation",
    "LocalSlack",
    "Member",
    "Message",
    "Person",
    "SubmitResult",
    "Usergroup",
    "View",
    "render_message",
    "render_view",
]
