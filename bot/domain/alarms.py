"""Alarms that watch a table by its name, and what they look like when they watch another one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

DIMENSION = "TableName"
# CloudWatch takes no longer name of an alarm.
LONGEST_NAME = 255
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on a metric of `table`; `definition` is what makes it, in the words of CloudWatch's PutMetricAlarm."""

    name: str
    table: str
    definition: Mapping[str, object]

    def moved(self, table: str) -> str:
        """What makes the same alarm for another table, as JSON without a backtick. The old alarm keeps its name."""
        definition = {**_watching(self.definition, self.table, table), "AlarmName": self._named(table)}
        return json.dumps(definition).replace("`", "\\u0060")

    def calls_elsewhere(self, account: str, region: str) -> bool:
        """Whether it calls something of another account or Region, which may not hear it from here."""
        actions = [str(arn) for kind in _ACTIONS for arn in _listed(self.definition.get(kind))]
        return not all(f":{region}:{account}:" in arn for arn in actions)

    def _named(self, table: str) -> str:
        if table == self.table:
            return self.name
        name = self.name.replace(self.table, table) if self.table in self.name else f"{self.name}-{table}"
        return name[-LONGEST_NAME:]


def watches(value: object, table: str) -> bool:
    """Whether a definition has this table among its dimensions, at whatever depth."""
    if isinstance(value, Mapping):
        is_it = value.get("Name") == DIMENSION and value.get("Value") == table
        return is_it or any(watches(part, table) for part in value.values())
    return isinstance(value, list | tuple) and any(watches(part, table) for part in value)


def _watching(definition: Mapping[str, object], old: str, new: str) -> dict[str, object]:
    if definition.get("Name") == DIMENSION and definition.get("Value") == old:
        return {**definition, "Value": new}
    return {key: _inside(value, old, new) for key, value in definition.items()}


def _inside(value: object, old: str, new: str) -> object:
    if isinstance(value, Mapping):
        return _watching(value, old, new)
    return [_inside(part, old, new) for part in value] if isinstance(value, list | tuple) else value


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
