"""The part of copy-backup.yaml about drills: which tables are to be brought back for trial, and how often."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from bot.domain.drills import DrillRule
from bot.settings.fields import Expected, NamePattern, Section, read_duration


class DrillSection(Section):
    """One rule of drills."""

    table: NamePattern
    every: Annotated[timedelta, BeforeValidator(read_duration), Expected("a duration such as 90d, at most 365d")]

    def rule(self) -> DrillRule:
        return DrillRule(self.table, self.every)
