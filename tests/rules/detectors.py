"""What the rules of the house look for in a syntax tree; each detector yields the lines where it found something."""

import ast
import re
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef

_BANNER = re.compile(r"\s*#\s*[-=#*~_]{3,}")
_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
}


def functions(tree: ast.AST) -> Iterator[tuple[str, int, int]]:
    """Name, first line and length in lines of every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def sleeps(tree: ast.AST) -> Iterator[int]:
    """Calls and imports of time.sleep."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) == ("time", "sleep"):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time" and _imports(node, "sleep"):
            yield node.lineno


def clock_reads(tree: ast.AST) -> Iterator[int]:
    """Every way to ask the system for the time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) in _CLOCKS:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield node.lineno


def swallowed_errors(tree: ast.AST) -> Iterator[int]:
    """Handlers that catch everything and do nothing, in either spelling."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type) and all(map(_does_nothing, node.body)):
            yield node.lineno
        if isinstance(node, ast.Call) and _last_name(node.func) == "suppress" and any(map(_catches_all, node.args)):
            yield node.lineno


def patches(tree: ast.AST) -> Iterator[int]:
    """Uses of unittest.mock's patch, which shows a missing port."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "unittest.mock" and _imports(node, "patch"):
            yield node.lineno
        if isinstance(node, ast.Attribute) and _dotted(node) in {("mock", "patch"), ("mocker", "patch")}:
            yield node.lineno


def banners(text: str) -> Iterator[int]:
    """Comment lines that draw a rule across the page."""
    return (number for number, line in enumerate(text.splitlines(), 1) if _BANNER.match(line))


def _dotted(node: ast.Attribute) -> tuple[str, str]:
    return _last_name(node.value), node.attr


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _imports(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def _catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(_catches_all, caught.elts))
    return caught is None or _last_name(caught) in {"Exception", "BaseException"}


def _does_nothing(statement: ast.stmt) -> bool:
    is_remark = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_remark or isinstance(statement, ast.Pass | ast.Continue)
