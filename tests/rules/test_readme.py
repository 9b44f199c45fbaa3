"""The README is a promise: every command, option, variable and setting in it is checked against the code."""

import argparse
import re
import textwrap
from pathlib import Path

import pytest

from bot import cli
from bot.domain.orders import is_order, understand
from bot.settings import load_settings
from bot.settings.environment import Environment
from tests.rules.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _subcommands() -> dict[str, argparse.ArgumentParser]:
    (found,) = (action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def test_every_command_of_the_table_exists_and_none_is_missing() -> None:
    told = set(re.findall(r"^\| `copy-backup (\w+)` \|", README, re.MULTILINE))

    assert told == set(_subcommands())


def test_every_command_line_in_the_text_is_understood() -> None:
    names = set(re.findall(r"copy-backup ([a-z]+)`", README)) | set(re.findall(r"bin/copy-backup ([a-z]+)", README))

    assert names
    assert names <= set(_subcommands())


def test_every_order_that_can_be_typed_is_understood() -> None:
    orders = re.findall(r"/copy-backup (?:now |sequence )?([^`\n]* to [^`\n]*)", README)

    assert len(orders) >= 3
    for order in orders:
        assert is_order(order)
        assert understand(order).problems == (), order
        assert understand(order).table


def test_every_option_in_the_command_table_is_one_of_its_command() -> None:
    rows = re.findall(r"^\| `copy-backup (\w+)` \| (.*) \|$", README, re.MULTILINE)
    assert rows

    for name, text in rows:
        known = {option for action in _subcommands()[name]._actions for option in action.option_strings}
        assert set(re.findall(r"`(--[a-z-]+)", text)) <= known, name


def test_every_variable_is_told_and_every_told_variable_is_read() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))

    assert told == {str(field.validation_alias) for field in Environment.model_fields.values()}


def test_the_configuration_in_the_readme_is_one_that_the_bot_starts_with(tmp_path: Path) -> None:
    (block,) = re.findall(r"^ *```yaml\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    path = tmp_path / "copy-backup.yaml"
    path.write_text(textwrap.dedent(block), encoding="utf-8")

    settings = load_settings({"COPY_BACKUP_CONFIG": str(path)}, need_slack=False)

    assert [account.alias for account in settings.policy.accounts] == ["prod", "backup"]
    assert [rule.needed for rule in settings.policy.rules] == [2, 1]
    assert settings.policy.expiry_lead_days == (30, 7, 1)


def test_every_path_it_names_exists() -> None:
    paths = set(re.findall(r"`((?:bot|commands|tests|\.ci)/[\w./]*)`", README))
    assert paths

    missing = [path for path in paths if not (ROOT / path).exists()]

    assert missing == []


@pytest.mark.parametrize("extra", re.findall(r"pip install (?:-e )?'\.\[(\w+)\]'", README))
def test_every_extra_it_installs_is_declared(extra: str) -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert re.search(rf"^{extra} = \[", declared, re.MULTILINE)
