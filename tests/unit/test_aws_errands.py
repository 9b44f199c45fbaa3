"""How a person's errand is named to AWS, and how briefly its clients are kept."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.aws.errands import KEPT, KEPT_SECONDS, LONGEST_NAME, Errands, session_name
from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.params import CopyParams
from bot.domain.ports import CopyOrder
from bot.domain.retention import Keep, Retention

ALLOWED = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
DAILY = VaultRef("111111111111", "us-east-1", "daily")


def order(request_id: str, approved_by: str) -> CopyOrder:
    point = RecoveryPoint("arn", DAILY, "table", "orders", datetime(2026, 11, 1, tzinfo=UTC), "COMPLETED")
    params = CopyParams(point, DAILY, Retention(Keep.AS_SOURCE), "role")
    return CopyOrder(params, token="token-1", request_id=request_id, approved_by=approved_by)


@pytest.mark.parametrize(
    ("request_id", "approved_by", "name"),
    [
        ("CB-42", "U0BEN", "CB-42-U0BEN"),
        ("CB-42", "", "CB-42"),
        ("CB-42", "U0 BÉN/../x", "CB-42-U0-B-N-..-x"),
        ("CB-42", "U" * 100, ("CB-42-" + "U" * 100)[:LONGEST_NAME]),
        ("4", "", "4-"),
        ("", "", "--"),
    ],
)
def test_a_session_is_named_within_awss_limits(request_id: str, approved_by: str, name: str) -> None:
    named = session_name(order(request_id, approved_by))

    assert named == name
    assert ALLOWED.fullmatch(named)


@dataclass
class Client:
    key: str
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class Watch:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def client(errands: Errands, key: str) -> Client:
    made: Client = errands.client((key,), lambda: Client(key))
    return made


def test_an_errand_keeps_its_client_for_a_while_only() -> None:
    watch = Watch()
    errands = Errands(watch)
    first = client(errands, "CB-1")

    watch.now = KEPT_SECONDS - 1
    assert client(errands, "CB-1") is first

    watch.now = KEPT_SECONDS
    assert client(errands, "CB-1") is not first


def test_no_more_errands_are_kept_than_a_few() -> None:
    errands = Errands(Watch())
    clients = [client(errands, f"CB-{number}") for number in range(KEPT + 1)]

    assert client(errands, f"CB-{KEPT}") is clients[-1]
    assert client(errands, "CB-0") is not clients[0]


def test_a_client_that_is_let_go_may_still_be_in_use_and_is_not_closed() -> None:
    errands = Errands(Watch())
    clients = [client(errands, f"CB-{number}") for number in range(KEPT + 1)]

    assert not clients[0].closed


def test_forgetting_an_account_leaves_the_errands_of_others() -> None:
    errands = Errands(Watch())
    here = errands.client(("111111111111", "CB-1"), lambda: Client("here"))
    there = errands.client(("222222222222", "CB-1"), lambda: Client("there"))

    errands.forget("111111111111")

    assert errands.client(("111111111111", "CB-1"), lambda: Client("anew")) is not here
    assert errands.client(("222222222222", "CB-1"), lambda: Client("anew")) is there


def test_closing_closes_what_is_kept() -> None:
    errands = Errands(Watch())
    kept = client(errands, "CB-1")

    errands.close()

    assert kept.closed
