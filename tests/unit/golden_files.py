"""Golden files: every view and message as JSON, so that a change of words is a visible difference."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.ports import Message
from bot.sandbox.slack.validation import validate_message, validate_view

HERE = Path(__file__).parent / "golden"
# Slack cuts a message's text beyond 40,000 characters and advises to stay below this.
LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class Golden:
    """Compares what was made with what was agreed, and with what Slack takes."""

    update: bool = False

    def view(self, name: str, view: Mapping[str, Any], folder: str = "views") -> None:
        """A view: valid for Slack, and as agreed."""
        assert [str(problem) for problem in validate_view(view)] == []
        self._compare(f"{folder}/{name}", view)

    def words(self, name: str, said: Mapping[str, Any]) -> None:
        """Sentences by name: as agreed."""
        self._compare(name, said)

    def message(self, name: str, message: Message, folder: str = "messages") -> None:
        """A message: valid for Slack, with words for screen readers, and as agreed."""
        payload = {"text": message.text, "broadcast": message.broadcast, "blocks": list(message.blocks)}
        assert [str(problem) for problem in validate_message(payload)] == []
        assert message.text.strip()
        assert len(message.text) <= LONGEST_TEXT
        self._compare(f"{folder}/{name}", payload)

    def _compare(self, name: str, made: Mapping[str, Any]) -> None:
        path = HERE / f"{name}.json"
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        assert path.is_file(), f"{path.name} is new: run `pytest tests/unit --update-golden` and read it"
        assert json.loads(json.dumps(made)) == json.loads(path.read_text(encoding="utf-8"))


def agreed_names(kind: str) -> set[str]:
    """The names of all golden files of a kind (views, messages …)."""
    return {path.stem for path in (HERE / kind).glob("*.json")}


def marked_texts(part: object) -> list[str]:
    """All texts of a payload in which Slack would read marks."""
    if isinstance(part, Mapping):
        if part.get("type") == "mrkdwn":
            return [str(part["text"])]
        return [text for value in part.values() for text in marked_texts(value)]
    return [text for value in part for text in marked_texts(value)] if isinstance(part, list | tuple) else []
