"""The scripts of .ci can be started, and the forge's workflow runs nothing but them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.rules.sources import ROOT

SCRIPTS = sorted((ROOT / ".ci").iterdir())
LONGEST_SCRIPT = 90


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_can_be_run_stops_at_the_first_error_and_stays_small(script: Path) -> None:
    text = script.read_text(encoding="utf-8")

    assert os.access(script, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -euo pipefail\n" in text
    assert text.count("\n") <= LONGEST_SCRIPT


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_valid_shell(script: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")

    checked = subprocess.run([bash, "-n", str(script)], capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_workflow_checks_nothing_that_cannot_be_checked_at_home() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))

    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]

    assert commands == [".ci/run"]
