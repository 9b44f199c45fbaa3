"""The local Slack fails on demand as Slack and the network do."""

import threading
from collections.abc import Callable, Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler

from bot.sandbox.slack import ANNA, BACKUPS, LocalSlack
from bot.sandbox.slack.web_api.limits import RateLimits
from tests.contract.sandbox_slack_bots import client_of, patient_slack, scripted_bot


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


def posted(slack: LocalSlack) -> list[str]:
    return [m.text for m in slack.channel(BACKUPS).messages]


def test_a_rate_limit_comes_with_retry_after_and_passes(slack: LocalSlack) -> None:
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after=30)
    client = client_of(slack)

    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel=BACKUPS, text="x")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["retry-after"] == "30"
        assert refused.value.response["error"] == "ratelimited"
    assert client.chat_postMessage(channel=BACKUPS, text="x")["ok"]
    assert posted(slack) == ["x"]


def test_a_fault_strikes_its_own_method_only(slack: LocalSlack) -> None:
    slack.faults.rate_limit("chat.postMessage")

    assert client_of(slack).auth_test()["ok"]


def test_a_star_strikes_every_method(slack: LocalSlack) -> None:
    slack.faults.refuse("*", "fatal_error")

    with pytest.raises(SlackApiError, match="fatal_error"):
        client_of(slack).auth_test()


@pytest.mark.parametrize(
    ("switch", "effect"),
    [
        (lambda faults: faults.fail_before("chat.postMessage", status=503), []),
        (lambda faults: faults.fail_after("chat.postMessage", status=503), ["x"]),
    ],
)
def test_a_server_error_may_come_before_or_after_the_effect(
    slack: LocalSlack, switch: Callable[[object], None], effect: list[str]
) -> None:
    switch(slack.faults)

    with pytest.raises(SlackApiError) as refused:
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x")

    assert refused.value.response.status_code == 503
    assert posted(slack) == effect


def test_a_connection_may_break_after_the_message_was_posted(slack: LocalSlack) -> None:
    slack.faults.drop_after("chat.postMessage")

    with pytest.raises(OSError):  # noqa: PT011 - which of its kinds depends on the moment of the reset
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x")

    assert posted(slack) == ["x"]
    assert slack.traffic.calls("chat.postMessage")[0].error == "dropped"


def test_a_connection_may_break_before_anything_happened(slack: LocalSlack) -> None:
    slack.faults.drop_before("chat.postMessage")

    with pytest.raises(OSError):  # noqa: PT011
        client_of(slack).chat_postMessage(channel=BACKUPS, text="x")

    assert posted(slack) == []


def test_the_sdks_own_repeating_posts_twice(slack: LocalSlack) -> None:
    slack.faults.drop_after("chat.postMessage")
    repeating = WebClient(
        slack.bot_token, base_url=slack.api_url, retry_handlers=[ConnectionErrorRetryHandler(max_retry_count=1)]
    )

    repeating.chat_postMessage(channel=BACKUPS, text="x")

    assert posted(slack) == ["x", "x"]


def test_a_slow_answer_outlasts_a_short_patience(slack: LocalSlack) -> None:
    slack.faults.slow("chat.postMessage", seconds=5)
    hasty = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=0.2)  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        hasty.chat_postMessage(channel=BACKUPS, text="x")

    assert posted(slack) == ["x"]


def test_what_is_done_late_is_done_for_a_caller_that_has_hung_up_too(slack: LocalSlack) -> None:
    slack.faults.late("chat.postMessage", seconds=0.6)
    hasty = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=0.2)  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        hasty.chat_postMessage(channel=BACKUPS, text="x")

    assert posted(slack) == []
    slack.wait_until(lambda: posted(slack) == ["x"])


def test_a_named_error_can_be_given_once(slack: LocalSlack) -> None:
    slack.faults.refuse("usergroups.users.list", "internal_error")
    client = client_of(slack)

    with pytest.raises(SlackApiError, match="internal_error"):
        client.usergroups_users_list(usergroup="S0BKPADMINS")
    assert client.usergroups_users_list(usergroup="S0BKPADMINS")["ok"]


def test_cleared_faults_strike_no_more(slack: LocalSlack) -> None:
    slack.faults.rate_limit("auth.test", times=100)
    slack.faults.token_error = "token_revoked"

    slack.faults.clear()

    assert client_of(slack).auth_test()["ok"]


def test_twins_are_under_way_at_the_same_time(slack: LocalSlack) -> None:
    both = threading.Barrier(2, timeout=5)
    slack.faults.deliver_twice()
    with scripted_bot(slack) as bot:
        bot.on("slash_commands", lambda turn: (both.wait(), turn.ack()))

        assert slack.person(ANNA).command("/copy-backup").error is None


class TestRateLimits:
    def test_they_are_off_until_enforced(self, slack: LocalSlack) -> None:
        client = client_of(slack)
        slack.limits.enforce(users_list=2)

        assert [client.users_list()["ok"] for _ in range(2)] == [True, True]
        with pytest.raises(SlackApiError) as refused:
            client.users_list()
        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["retry-after"]) in range(1, 61)
        assert client.auth_test()["ok"]

    def test_a_tier_refills_as_the_minute_slides(self) -> None:
        seconds = [0.0]
        limits = RateLimits(now=lambda: seconds[0])
        limits.enforce()

        waits = [limits.seconds_to_wait("usergroups.users.list") for _ in range(21)]
        seconds[0] = 59.0
        nearly = limits.seconds_to_wait("usergroups.users.list")
        seconds[0] = 60.0

        assert waits == [0] * 20 + [60]
        assert nearly == 1
        assert limits.seconds_to_wait("usergroups.users.list") == 0

    @pytest.mark.parametrize(
        ("method", "allowed"),
        [("apps.connections.open", 1), ("users.list", 20), ("chat.update", 50), ("views.update", 100)],
    )
    def test_each_tier_allows_its_number_a_minute(self, method: str, allowed: int) -> None:
        limits = RateLimits(now=lambda: 0.0)
        limits.enforce()

        assert [limits.seconds_to_wait(method) == 0 for _ in range(allowed + 1)] == [True] * allowed + [False]

    def test_special_methods_have_no_number(self) -> None:
        limits = RateLimits(now=lambda: 0.0)
        limits.enforce()

        assert not any(limits.seconds_to_wait("chat.postMessage") for _ in range(500))
