"""What the listeners have at hand: the use cases and the few outbound things they need."""

import threading
from dataclasses import dataclass, field

from bot.domain.ports import Clock, Outlet
from bot.slack.describe import Names
from bot.workflows.deciding import Deciding
from bot.workflows.history import History
from bot.workflows.inventory import Inventory
from bot.workflows.requests import Sending
from bot.workflows.status import Status
from bot.workflows.submitting import Submitting
from bot.workflows.walk import Walk
from commands.copy_desk import CopyDesk
from commands.table_desk import TableDesk


@dataclass
class Desk:
    """`closing` is set when the bot stops: whoever waits for Slack stops waiting."""

    walk: Walk
    sending: Sending
    submitting: Submitting
    deciding: Deciding
    inventory: Inventory
    history: History
    tables: TableDesk
    copies: CopyDesk
    outlet: Outlet
    names: Names
    clock: Clock
    status: Status
    closing: threading.Event = field(default_factory=threading.Event)
