"""A YAML file as plain data that remembers where and how each value was written, so that mistakes can be placed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.domain.errors import ConfigurationError

Where = tuple[str | int, ...]
"""The keys and list positions that lead to a value: ("approvals", 0, "needed")."""

_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_CORE + kind for kind in ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge")}
_QUOTED = re.compile(r"'(.+?)'(?![^\s,:])")
_SIGN = re.compile(r"[^\w\s]|\\.|<.*>")
_WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_TRUTH: dict[str, bool] = yaml.SafeLoader.bool_values
_KINDS = {"int": "a number", "float": "a number", "bool": "a yes or no", "timestamp": "a date"}

# Aliases of aliases can make a short file endless; no real one comes near this.
MOST_VALUES = 20_000


@dataclass(order=True, frozen=True, slots=True)
class Mistake:
    """One thing to mend; `line` counts from 1."""

    line: int
    key: str
    text: str


@dataclass(slots=True)
class Document:
    """What the file holds; `mistakes` grows while the file is judged."""

    name: str
    data: object = None
    lines: dict[Where, int] = field(default_factory=dict)
    written: dict[Where, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    nodes: int = 0

    def blame(self, where: Where, text: str) -> None:
        """Note a mistake at a value, or at the nearest thing around it that is in the file."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        self.mistakes.append(Mistake(self.lines.get(known, 1), spelled(where), text))

    def report(self) -> list[str]:
        """The mistakes, one line of text each, by line."""
        return [
            f"{self.name}:{mistake.line}: {mistake.key + ': ' if mistake.key else ''}{mistake.text}"
            for mistake in sorted(set(self.mistakes))
        ]


def read_document(path: Path) -> Document:
    """Read a file. Raises ConfigurationError when it cannot be read or is not YAML at all."""
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: not valid YAML: {_harmless(problem.problem)}") from None
    except RecursionError:
        raise ConfigurationError(
            f"{path}:1: expected accounts, approvals and notices, got lists within lists"
        ) from None
    document = Document(str(path))
    if root is not None:
        document.data = _Reading(document).value(root, ())
    return document


def spelled(where: Where) -> str:
    """Write a place as people do: approvals[0].needed."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ConfigurationError(f"{path}:{line}: expected UTF-8 text") from None
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise ConfigurationError(f"{path}:{line}: expected text, got the control character {strange.group()!r}")
    return text


def _list_as_written(node: yaml.SequenceNode) -> str:
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return "a list"
    return f"[{', '.join(item.value for item in node.value)}]"


def _harmless(problem: str | None) -> str:
    """Leave out names quoted from the file, since they may be part of a secret; signs and token names stay."""
    return _QUOTED.sub(lambda quoted: quoted[0] if _SIGN.fullmatch(quoted[1]) else "'…'", problem or "cannot be read")


@dataclass(frozen=True, slots=True)
class _Reading:
    document: Document
    above: list[yaml.Node] = field(default_factory=list)

    def value(self, node: yaml.Node, where: Where) -> object:
        self.document.lines.setdefault(where, node.start_mark.line + 1)
        self.document.nodes += 1
        if self.document.nodes > MOST_VALUES:
            raise ConfigurationError(f"{self.document.name}:1: more than {MOST_VALUES:,} values, aliases (*) included")
        if node in self.above:
            self.document.blame(where, "expected a value, got an alias (*) of something that contains it")
            return None
        self.above.append(node)
        try:
            return self._plain(node, where)
        finally:
            self.above.pop()

    def _plain(self, node: yaml.Node, where: Where) -> object:
        if node.tag not in _PLAIN_TAGS:
            self.document.blame(where, f"expected a plain value, got the tag {node.tag.replace(_CORE, '!!')}")
        if isinstance(node, yaml.MappingNode):
            self.document.written[where] = "a mapping"
            return dict(self._pairs(node, where))
        if isinstance(node, yaml.SequenceNode):
            self.document.written[where] = _list_as_written(node)
            return [self.value(item, (*where, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, where)

    def _pairs(self, node: yaml.MappingNode, where: Where) -> Iterator[tuple[str, object]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.document.blame(where, f"expected a word as key in line {line}, got a list or mapping")
                continue
            below = (*where, key.value)
            if key.value in seen:
                twice = f"written twice, the first time in line {seen[key.value]}"
                self.document.mistakes.append(Mistake(line, spelled(below), twice))
                continue
            seen[key.value] = self.document.lines[below] = line
            yield key.value, self.value(value, below)

    def _scalar(self, node: yaml.Node, where: Where) -> object:
        kind = node.tag.removeprefix(_CORE)
        if kind == "null":
            self.document.written[where] = "nothing"
            return None
        described = _KINDS.get(kind)
        self.document.written[where] = f"{node.value} ({described})" if described else f'"{node.value}"'
        if kind == "bool":
            return _TRUTH.get(node.value.lower(), node.value)
        # YAML 1.1 reads 010 as eight and 1:30 as ninety. Such a number stays text and is refused where a number is due.
        return int(node.value) if kind == "int" and _WHOLE_NUMBER.fullmatch(node.value) else node.value
