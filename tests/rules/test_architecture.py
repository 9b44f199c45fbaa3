"""The house keeps its shape: who may import whom, how large a room may grow, what a module must not do."""

import ast
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.rules.detectors import banners, clock_reads, functions, patches, sleeps, swallowed_errors
from tests.rules.sources import ROOT, Source, sources

LONGEST_MODULE = 350
LONGEST_FUNCTION = 50
TYPICAL_FUNCTION = 12
AT_THE_TOP = re.compile(
    r"bot|commands|tests|manifest\.yaml|pyproject\.toml|README\.md|LICENSE|CHANGELOG\.md|Dockerfile|\..+"
)


def offenders(places: tuple[str, ...], detector: Callable[[ast.AST], Iterator[int]]) -> list[str]:
    return [f"{source.name}:{line}" for source in sources(*places) for line in detector(source.tree)]


def test_imports_keep_to_the_contracts() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]

    report = subprocess.run(
        [*lint, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )

    assert report.returncode == 0, report.stdout + report.stderr


def test_every_room_has_its_place_in_the_layers() -> None:
    contract = (ROOT / ".importlinter").read_text(encoding="utf-8").partition("type = layers")[2].partition("[")[0]
    named = set(re.findall(r"bot\.\w+", contract))

    rooms = {f"bot.{path.stem}" for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or list(path.glob("*.py"))}

    assert rooms - {"bot.__init__"} == named


def test_no_module_is_too_large() -> None:
    large = [source.name for source in sources("bot", "commands") if source.text.count("\n") > LONGEST_MODULE]

    assert large == []


def test_no_function_is_too_long() -> None:
    long = [
        f"{source.name}:{line} {name} ({length} lines)"
        for source in sources("bot", "commands")
        for name, line, length in functions(source.tree)
        if length > LONGEST_FUNCTION
    ]

    assert long == []


def test_a_typical_function_is_short() -> None:
    lengths = [length for source in sources("bot", "commands") for _, _, length in functions(source.tree)]

    assert statistics.median(lengths) < TYPICAL_FUNCTION


def test_every_module_begins_with_a_sentence_that_says_why_it_exists() -> None:
    silent = [source.name for source in sources("bot", "commands", "tests") if not _has_sentence(source)]

    assert silent == []


def test_nothing_waits_by_sleeping() -> None:
    assert offenders(("bot", "commands"), sleeps) == []


def test_no_error_is_swallowed() -> None:
    assert offenders(("bot", "commands"), swallowed_errors) == []


def test_rules_and_use_cases_never_ask_the_system_for_the_time() -> None:
    assert offenders(("bot/domain", "bot/workflows"), clock_reads) == []


def test_no_test_patches() -> None:
    assert offenders(("tests",), patches) == []


def test_no_banners_and_no_drawer_for_everything() -> None:
    every = list(sources("bot", "commands", "tests"))

    assert [f"{source.name}:{line}" for source in every for line in banners(source.text)] == []
    assert [source.name for source in every if source.path.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_importing_does_nothing() -> None:
    # Alembic runs this one file as a script; it is the one module that works while it is loaded.
    modules = [source.module for source in sources("bot", "commands") if not source.name.endswith("migrations/env.py")]
    # No bytecode is written, so that a file opened for writing is the module's own doing.
    command = [sys.executable, "-B", "-m", "tests.rules.quiet_imports", *modules]

    report = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)

    assert report.returncode == 0, report.stdout + report.stderr


def test_nothing_stands_at_the_top_outside_the_agreed_layout() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git checkout, so there is no telling what belongs to the repository")
    # A hook's environment may point git at another repository.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # The checkout may belong to somebody else than who runs the tests, as in a container.
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)

    top = {line.partition("/")[0] for line in listed.stdout.splitlines()}

    assert sorted(name for name in top if not AT_THE_TOP.fullmatch(name)) == []


def _has_sentence(source: Source) -> bool:
    first = (ast.get_docstring(source.tree) or "").partition("\n\n")[0]
    return first.endswith((".", "?", "!", ":")) and source.text.startswith('"""')
