"""Bolt is built from what is passed to it, whatever stands in the environment."""

import os

import pytest

from bot.slack.bolt import READ_BY_BOLT, nothing_from_the_environment


def test_what_bolt_would_read_is_out_of_its_sight_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in READ_BY_BOLT:
        monkeypatch.setenv(name, "from the environment")

    with nothing_from_the_environment():
        assert not set(READ_BY_BOLT) & set(os.environ)

    assert {os.environ[name] for name in READ_BY_BOLT} == {"from the environment"}


def test_a_variable_that_is_not_set_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_CLIENT_ID", raising=False)

    with nothing_from_the_environment():
        pass

    assert "SLACK_CLIENT_ID" not in os.environ
