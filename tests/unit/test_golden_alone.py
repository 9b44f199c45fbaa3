"""Messages that stand outside of a request's thread, as people read them: for operators, digests, routed outcomes."""

from typing import Any

import pytest

from bot.domain.notices import Manner, Notice, NoticeKind
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.slack.describe import Names
from bot.slack.messages import SAID_ALONE, in_words
from tests.unit.builders import ACCOUNTS, CHANNEL
from tests.unit.expiry_notices import ADOPTED
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts
from tests.unit.test_golden_messages import HOSTILE, NOTICES, REQUESTS

LINK = "https://home.slack.example/archives/C0DBA/p1700000000000001"
WORDS = in_words(Names(ACCOUNTS))


def line(number: int, **more: object) -> dict[str, object]:
    text = f":white_check_mark: Completed: `orders` for <@U0ANNA> ({number})."
    return {"request": f"CB-{number}", "kind": "completed", "text": text, "asker": "U0ANNA", "name": "Anna", **more}


def letter(number: int, **more: object) -> dict[str, object]:
    return {**line(number), "channel": "C0GONE", "error": "is_archived", **more}


ALONE: dict[str, tuple[NoticeKind, dict[str, Any]]] = {
    "refused": (NoticeKind.OPS, {"what": "refused", "channel": "C0GONE", "code": "not_in_channel"}),
    "refused-strangely": (
        NoticeKind.OPS,
        {"what": "refused", "channel": "C0GONE", "code": "channel_type_not_supported"},
    ),
    "moved": (NoticeKind.OPS, {"what": "moved", "channel": "C0GONE", "code": "is_archived", "to": "C0BACKUPS"}),
    "dead": (NoticeKind.OPS, {"what": "dead", "count": 1, "letters": [letter(42)]}),
    "dead-many": (NoticeKind.OPS, {"what": "dead", "count": 312, "letters": [letter(n) for n in range(1, 9)]}),
    "dead-hostile": (
        NoticeKind.OPS,
        {"what": "dead", "count": 1, "letters": [letter(42, error=HOSTILE, name=HOSTILE, text="&amp;" * 600)]},
    ),
    "drill": (
        NoticeKind.OPS,
        {
            "what": "drill",
            "table": "orders",
            "account": "111111111111",
            "region": "us-east-1",
            "why": "No approval rule covers a restore of orders.",
        },
    ),
    "drill-hostile": (
        NoticeKind.OPS,
        {"what": "drill", "table": HOSTILE, "account": "333333333333", "region": "us-east-1", "why": HOSTILE * 20},
    ),
    "locked-out": (
        NoticeKind.OPS,
        {"what": "locked out", "account": "111111111111", "why": "Not authorized to perform: sts:AssumeRole."},
    ),
    "locked-out-hostile": (NoticeKind.OPS, {"what": "locked out", "account": HOSTILE, "why": HOSTILE * 20}),
    "digest": (NoticeKind.DIGEST, {"count": 2, "lines": [line(41, link=LINK), line(42)]}),
    "digest-many": (
        NoticeKind.DIGEST,
        {"count": 900, "lines": [line(n, link=LINK, text="long " * 200) for n in range(1, 41)]},
    ),
    "digest-together-adopted": (
        NoticeKind.DIGEST,
        {
            "count": 6,
            "together": True,
            "lines": [{"request": "", "kind": "expiring", "text": "It ends.", "ts": ""}] * 6,
        },
    ),
    "digest-together": (
        NoticeKind.DIGEST,
        {"count": 7, "together": True, "lines": [line(n, link=LINK) for n in range(1, 8)]},
    ),
    "digest-together-failed": (
        NoticeKind.DIGEST,
        {
            "count": 58,
            "failed": 2,
            "unknown": 1,
            "together": True,
            "part": 1,
            "parts": 1,
            "left": 18,
            "lines": [line(n, kind="failed", text=f":x: Failed: `orders` ({n}).") for n in range(1, 4)]
            + [line(n) for n in range(4, 8)],
        },
    ),
    "digest-together-all-failed": (
        NoticeKind.DIGEST,
        {
            "count": 61,
            "failed": 61,
            "unknown": 0,
            "together": True,
            "part": 2,
            "parts": 2,
            "left": 0,
            "lines": [line(n, kind="failed", text=f":x: Failed: `orders` ({n}).") for n in range(41, 44)],
        },
    ),
    "digest-together-warnings": (
        NoticeKind.DIGEST,
        {"count": 8, "together": True, "warnings": 8, "lines": [line(n, link=LINK) for n in range(1, 9)]},
    ),
    "digest-together-mixed": (
        NoticeKind.DIGEST,
        {"count": 7, "together": True, "warnings": 2, "lines": [line(n, link=LINK) for n in range(1, 8)]},
    ),
    **ADOPTED,
}
ELSEWHERE: dict[str, dict[str, object]] = {
    "completed": {"link": LINK},
    "failed": {"link": LINK},
    "failed-hostile": {},
    "expiring": {"link": LINK},
    "expired": {},
}


def alone(name: str) -> Message:
    kind, facts = ALONE[name]
    return WORDS(notice(kind, facts), None)


def notice(kind: NoticeKind, facts: dict[str, object], manner: Manner = Manner.ALONE, *, again: bool = False) -> Notice:
    return Notice(1, "", 1, kind, "key", CHANNEL, "", facts, 1, False, NOW, manner=manner, may_repeat=again)


def in_manner(name: str, manner: Manner, *, again: bool = False, more: dict[str, object] | None = None) -> Message:
    kind, facts = NOTICES[name]
    request: CopyRequest = REQUESTS.get(name, REQUESTS["running"])
    return WORDS(notice(kind, {**facts, **(more or {})}, manner, again=again), request)


@pytest.mark.parametrize("name", ALONE)
def test_what_belongs_to_no_request_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(name, alone(name), "alone")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_outcome_in_another_channel_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"elsewhere-{name}", in_manner(name, Manner.ELSEWHERE, more=ELSEWHERE[name]), "alone")


@pytest.mark.parametrize("name", ["completed", "failed"])
def test_a_possible_repetition_says_so(golden: Golden, name: str) -> None:
    golden.message(f"again-{name}", in_manner(name, Manner.THREAD, again=True), "alone")


def test_each_has_its_golden_file() -> None:
    expected = set(ALONE) | {f"elsewhere-{name}" for name in ELSEWHERE} | {"again-completed", "again-failed"}

    assert agreed_names("alone") == expected
    assert {kind for kind, _ in ALONE.values()} == set(SAID_ALONE)


def test_quietly_is_the_same_without_showing_it_in_the_channel() -> None:
    loud, quiet = in_manner("completed", Manner.THREAD), in_manner("completed", Manner.QUIETLY)

    assert (loud.broadcast, quiet.broadcast) == (True, False)
    assert (loud.text, loud.blocks) == (quiet.text, quiet.blocks)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_another_channel_gets_no_buttons_and_calls_nobody(name: str) -> None:
    message = in_manner(name, Manner.ELSEWHERE)

    assert [block for block in message.blocks if block["type"] == "actions"] == []
    assert not message.broadcast
    assert "<@U0ANNA>" not in f"{message}"


def test_foreign_text_calls_nobody() -> None:
    for message in (
        alone("dead-hostile"),
        alone("drill-hostile"),
        alone("locked-out-hostile"),
        in_manner("failed-hostile", Manner.ELSEWHERE),
    ):
        marked = "".join([message.text, *marked_texts(message.blocks)])
        assert "<!channel>" not in marked
        assert "<https://evil" not in marked
        assert "<@U0BEN>" not in marked
