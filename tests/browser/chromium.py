"""Debian's Chromium under Playwright: found on the machine, never downloaded, and told to stay on this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser with a fresh profile; without one the tests are skipped, or fail where CI is set."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=_path(), args=ARGUMENTS, env=_environ())


def _path() -> str:
    for name in NAMES:
        if found := shutil.which(name):
            return found
    reason = f"no browser on this machine (looked for {', '.join(NAMES)})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _environ() -> dict[str, str | float | bool]:
    return {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
