"""Who is who in Slack: as fresh as a click needs, as seldom as Slack wants, closed when Slack is silent."""

from typing import Any, cast

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.domain.errors import OutletBusy, OutletRefused
from bot.slack.people import SlackPeople
from tests.unit.fakes import HOME, ManualClock


class FakeSlack:
    """The few methods that are asked, with a count of the asking."""

    def __init__(self) -> None:
        self.members = ["U0BEN", "U0CHRIS"]
        self.gone: set[str] = set()
        self.calls: list[str] = []
        self.busy: str | None = None
        self.shared = False

    def usergroups_users_list(self, *, usergroup: str) -> dict[str, Any]:
        self._enter("usergroups.users.list")
        return {"users": list(self.members)}

    def users_info(self, *, user: str) -> dict[str, Any]:
        self._enter("users.info")
        if user in self.gone:
            raise refused("user_not_found", 200)
        return {"user": {"id": user, "team_id": HOME, "deleted": user == "U0OLD"}}

    def conversations_info(self, *, channel: str) -> dict[str, Any]:
        return {"channel": {"is_member": True, "is_ext_shared": self.shared}}

    def auth_test(self) -> dict[str, Any]:
        return {"user_id": "U0BOT", "team_id": HOME}

    def _enter(self, method: str) -> None:
        self.calls.append(method)
        if self.busy == method:
            raise refused("ratelimited", 429)


def refused(code: str, status: int) -> SlackApiError:
    answer = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data={"ok": False, "error": code},
        headers={"Retry-After": "20"},
        status_code=status,
    )
    return SlackApiError(code, answer)  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack()


def people_of(slack: FakeSlack, clock: ManualClock, **more: bool) -> SlackPeople:
    return SlackPeople(cast("WebClient", slack), clock, **more)


def test_a_click_never_counts_on_an_older_list(slack: FakeSlack, clock: ManualClock) -> None:
    people = people_of(slack, clock)
    assert "U0BEN" in people.approvers(["S0ADMINS"], since=clock.now())
    slack.members = ["U0CHRIS"]
    clock.pass_(seconds=1)

    assert people.approvers(["S0ADMINS", "U0DORA"], since=clock.now()) == {"U0CHRIS", "U0DORA"}


def test_a_list_that_was_read_after_the_click_is_shared(slack: FakeSlack, clock: ManualClock) -> None:
    people, clicked_at = people_of(slack, clock), clock.now()
    clock.pass_(seconds=1)

    for _ in range(50):
        people.approvers(["S0ADMINS"], since=clicked_at)

    assert slack.calls == ["usergroups.users.list"]


def test_what_is_only_shown_may_be_half_a_minute_old(slack: FakeSlack, clock: ManualClock) -> None:
    people = people_of(slack, clock)

    for seconds in (0, 29, 1):
        clock.pass_(seconds=seconds)
        people.approvers(["S0ADMINS"])

    assert len(slack.calls) == 2


def test_while_slack_wants_to_be_left_alone_nobody_asks_and_nobody_is_an_approver(
    slack: FakeSlack, clock: ManualClock
) -> None:
    people = people_of(slack, clock)
    slack.busy = "usergroups.users.list"
    for _ in range(5):
        with pytest.raises(OutletBusy):
            people.approvers(["S0ADMINS"], since=clock.now())
    assert len(slack.calls) == 1

    slack.busy = None
    clock.pass_(seconds=21)
    assert people.approvers(["S0ADMINS"], since=clock.now()) == {"U0BEN", "U0CHRIS"}


def test_people_are_known_for_a_while_and_who_is_gone_is_left_out(slack: FakeSlack, clock: ManualClock) -> None:
    people = people_of(slack, clock)
    slack.gone = {"U0GONE"}

    for _ in range(3):
        found = people.persons(["U0BEN", "U0OLD", "U0GONE"])

    assert set(found) == {"U0BEN", "U0OLD"}
    assert found["U0OLD"].is_deactivated
    assert len(slack.calls) == 3
    with pytest.raises(OutletRefused):
        people.person("U0GONE")


@pytest.mark.parametrize(
    ("shared", "allowed", "posts"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_a_channel_shared_with_others_is_no_place_unless_the_operator_says_so(
    slack: FakeSlack, clock: ManualClock, shared: bool, allowed: bool, posts: bool
) -> None:
    slack.shared = shared

    assert people_of(slack, clock, shared_channels=allowed).can_post_to("C0X") is posts
