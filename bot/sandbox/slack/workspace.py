"""The whole state of the local Slack in one place, for the parts that serve it and the people who act in it."""

import logging
from collections.abc import Callable

from bot.sandbox.clock import WorldClock

from .changes import Changes
from .configuration import AppConfiguration
from .directory import Directory
from .faults import Faults
from .grants import ResponseUrls, TriggerIds
from .records import JsonObject
from .seed import furnish
from .timeline import Timeline
from .traffic import Traffic
from .views import Views

log = logging.getLogger("copy_backup.sandbox.slack")


class Workspace:
    """Hold every part of the state behind one lock, `changes`."""

    def __init__(self, app: AppConfiguration, clock: WorldClock, *, ack_seconds: float, trigger_seconds: float) -> None:
        self.app = app
        self.clock = clock
        self.ack_seconds = ack_seconds
        self.changes = Changes()
        self.directory = Directory(self.changes)
        self.timeline = Timeline(self.changes, clock.now)
        self.views = Views(self.changes, clock.now)
        self.triggers = TriggerIds(self.changes, trigger_seconds)
        self.response_urls = ResponseUrls(self.changes, clock.now)
        self.traffic = Traffic(self.changes)
        self.faults = Faults(self.changes)
        self.completed_functions: dict[str, JsonObject] = {}
        self.announce: Callable[[JsonObject], None] = lambda event: None
        """Tell the app of an event; the couriers put themselves here."""
        furnish(self.directory, created=int(clock.now().timestamp()))
