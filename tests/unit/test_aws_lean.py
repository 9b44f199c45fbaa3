"""The quick way to read a page of recovery points gives what botocore's own parser gives."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.lean import PAGES, moment, read_pages_leanly
from tests.unit.aws_wire import Reply, Wire

WHERE = {"BackupVaultName": "daily"}
POINT: dict[str, Any] = {
    "RecoveryPointArn": "arn:aws:backup:us-east-1:111111111111:recovery-point:1",
    "ResourceArn": "arn:aws:dynamodb:us-east-1:111111111111:table/orders",
    "CreationDate": 1_764_150_000.123,
    "Status": "COMPLETED",
    "BackupSizeInBytes": 5_000_000_000,
    "IsEncrypted": True,
    "EncryptionKeyArn": None,
    "Lifecycle": {"DeleteAfterDays": 35, "DeleteAfterEvent": None},
    "CalculatedLifecycle": {"DeleteAt": 1_767_174_000, "MoveToColdStorageAt": None},
    "CreatedBy": {"BackupPlanId": "plan-1", "BackupRuleId": "rule-1"},
    "StorageClass": "WARM",
}

maybe = st.none()
dates = st.one_of(maybe, st.integers(0, 4_000_000_000), st.floats(0, 4e9), st.just("2026-11-22T10:30:00Z"))
points = st.fixed_dictionaries(
    {"RecoveryPointArn": st.text()},
    optional={
        "CreationDate": dates,
        "CompletionDate": dates,
        "LastRestoreTime": dates,
        "Status": maybe | st.sampled_from(["COMPLETED", "NEW_ONE"]),
        "BackupSizeInBytes": maybe | st.integers(0, 2**60),
        "Lifecycle": maybe | st.fixed_dictionaries({}, optional={"DeleteAfterDays": maybe | st.integers(-1, 36_500)}),
        "CalculatedLifecycle": maybe | st.fixed_dictionaries({}, optional={"DeleteAt": dates}),
        "IsEncrypted": maybe | st.booleans(),
    },
)


class Ends:
    """Two clients at the ends of one wire: one reads leanly, the other as botocore does."""

    def __init__(self) -> None:
        self.reply = Reply({})
        make = Wire(lambda _: self.reply).session.client
        self.lean, self.whole = make("backup"), make("backup")
        read_pages_leanly(self.lean)


@pytest.fixture(scope="module")
def ends() -> Ends:
    return Ends()


def both(ends: Ends, reply: Reply) -> tuple[Any, Any]:
    ends.reply = reply
    return tuple(read(client) for client in (ends.lean, ends.whole))


def read(client: Any) -> Any:
    try:
        answer = client.list_recovery_points_by_backup_vault(**WHERE)
    except Exception as error:
        return type(error).__name__
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def without_nothing(answer: Any) -> Any:
    """Members of members that are null are as good as missing to whoever reads them by `get`."""
    if isinstance(answer, dict):
        return {name: without_nothing(value) for name, value in answer.items() if value is not None}
    return [without_nothing(value) for value in answer] if isinstance(answer, list) else answer


@given(st.lists(points, max_size=4), st.none() | st.text(min_size=1))
def test_a_page_is_read_as_botocore_reads_it(ends: Ends, items: list[Any], token: str | None) -> None:
    lean, whole = both(ends, Reply({"RecoveryPoints": items, "NextToken": token}))

    assert without_nothing(lean) == without_nothing(whole)


def test_dates_are_dates_and_what_is_null_is_left_out(ends: Ends) -> None:
    lean, _ = both(ends, Reply({"RecoveryPoints": [POINT]}))

    (point,) = lean["RecoveryPoints"]
    assert point["CreationDate"] == datetime(2025, 11, 26, 9, 40, 0, 123_000, UTC)
    assert point["CalculatedLifecycle"] == {"DeleteAt": datetime(2025, 12, 31, 9, 40, tzinfo=UTC)}
    assert "EncryptionKeyArn" not in point


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"__type": "AccessDeniedException", "message": "no"}, 403),
        Reply({"__type": "ThrottlingException", "message": "slow"}, 400),
        Reply(text="<html>proxy</html>"),
        Reply(text=""),
        Reply(text="[]"),
        Reply({}),
        Reply({"RecoveryPoints": None}),
        Reply({"RecoveryPoints": [], "NextToken": "more"}),
        Reply({"RecoveryPoints": "many"}),
        Reply({"RecoveryPoints": [POINT, None]}),
        Reply({"RecoveryPoints": [{"CreationDate": "yesterday, or so"}]}),
        Reply({"RecoveryPoints": [{"CalculatedLifecycle": "soon"}]}),
    ],
)
def test_what_is_no_page_is_left_to_botocore(ends: Ends, reply: Reply) -> None:
    lean, whole = both(ends, reply)

    assert without_nothing(lean) == without_nothing(whole)


def test_it_is_the_lean_reading_that_these_tests_saw(ends: Ends) -> None:
    # A botocore that stops saying `before-parse` would make every test above compare its parser with itself.
    said: dict[str, Any] = {}

    def listen(customized_response_dict: dict[str, Any], **_: Any) -> None:
        said.update(json.loads(json.dumps(customized_response_dict, default=str)))

    ends.lean.meta.events.register_last(PAGES, listen)
    both(ends, Reply({"RecoveryPoints": [POINT]}))
    ends.lean.meta.events.unregister(PAGES, listen)

    assert said["RecoveryPoints"][0]["Status"] == "COMPLETED"


def test_a_moment_is_read_from_a_number_and_from_a_text() -> None:
    assert moment(1_764_150_000) == moment("2025-11-26T09:40:00Z") == datetime(2025, 11, 26, 9, 40, tzinfo=UTC)
