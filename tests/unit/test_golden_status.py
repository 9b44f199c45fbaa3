"""`/copy-backup status` and `list` as people read them: golden files that Slack would take."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.audit import ChainedEvent
from bot.domain.copies import Copy, CopyEnd, Made, Wish
from bot.domain.inventory import Area, TableEntry
from bot.domain.notices import DeadLetter, Notice, NoticeKind
from bot.domain.overview import ClosedChannel, Counts, Filter, Pulse, Unread
from bot.domain.people import Actor
from bot.domain.requests import Event, RequestEvent, RequestState
from bot.slack.describe import Names
from bot.slack.messages.status import health, one_request, requests
from bot.workflows.status import Health, Page, Told, filter_of
from tests.unit.builders import ACCOUNTS, ANNA, BEN, CHANNEL, COPIES, COPY_ARN, MADE, PROD
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names
from tests.unit.test_golden_messages import HOSTILE, REQUESTS

NAMES = Names(ACCOUNTS)
LINK = "https://home.slack.example/archives/C0DBA/p1700000000000001"
WELL = Health(
    now=NOW,
    pulse=Pulse({"relay": timedelta(seconds=1), "forget": timedelta(minutes=40)}),
    counts=Counts({"PENDING": 2, "COMPLETED": 31}, {"DONE": 31, "WAITING": 2}, 1, 0, None),
    closed=(),
    dead=(),
    areas=(Area(PROD, "us-east-1", NOW - timedelta(minutes=4), NOW),),
    next_end=Copy(COPY_ARN, "CB-7", 1, COPIES, "orders", 1, MADE, NOW + timedelta(days=3), NOW),
)


def letter(
    error: str, number: int = 9, *, request_id: str = "CB-9", kind: NoticeKind = NoticeKind.FAILED
) -> DeadLetter:
    at = NOW - timedelta(hours=2)
    return DeadLetter(Notice(number, request_id, number, kind, "key", "C0GONE", "", {}, 3, False, at), error)


LETTER = letter("is_archived")
TROUBLED = Health(
    now=NOW,
    pulse=Pulse({"relay": timedelta(hours=1)}, ("relay",), "token_revoked", NOW - timedelta(hours=1)),
    counts=Counts({}, {}, 120, 7, NOW - timedelta(hours=1), unknown_failures=3),
    closed=(ClosedChannel("C0GONE", "is_archived", NOW - timedelta(hours=2)),),
    dead=(
        LETTER,
        letter("msg_too_long", 8),
        letter("it cannot be put into words", 7, request_id="", kind=NoticeKind.OPS),
        letter("a_code_of_tomorrow", 6, kind=NoticeKind.GLASS),
        letter(HOSTILE, 5, request_id="", kind=NoticeKind.EXPIRED),
    ),
    areas=(Area(PROD, "us-east-1", NOW - timedelta(hours=3), NOW, HOSTILE), Area(PROD, "eu-west-1", None, NOW, "x")),
    next_end=None,
    undrilled=[TableEntry("t", f"arn:t{n}", HOSTILE if n else "orders", PROD, "us-east-1", 1, NOW) for n in range(6)],
)
ONE_LETTER = replace(WELL, counts=replace(WELL.counts, dead=1), dead=(LETTER,))
UNREAD = replace(WELL, unread=(Unread(PROD, 3, NOW - timedelta(hours=5)), Unread("999999999999", 1, None)))
STARTING = Health(NOW, Pulse(), Counts({}, {}, 0, 0, None), (), (), (), None)
HEALTHS = {"well": WELL, "troubled": TROUBLED, "starting": STARTING, "one-letter": ONE_LETTER, "unread": UNREAD}


IN_FULL = (
    "pending",
    "completed",
    "hostile",
    "completed-and-watched",
    "completed-and-expired",
    "completed-and-one-expired",
)


def told(name: str, link: str = LINK) -> Told:
    request = REQUESTS[name]
    history = [
        ChainedEvent(1, Event(request.id, NOW, "asked", ANNA, None, "PENDING"), "", ""),
        ChainedEvent(2, Event(request.id, NOW, "click refused", BEN, detail=HOSTILE * 9), "", ""),
    ]
    return Told(request, history, link)


def page(*names: str, asked: str = "", offset: int = 0, older: bool = False) -> Page:
    return Page([REQUESTS[name] for name in names], asked, offset, older)


PAGES = {
    "none": page(asked=HOSTILE),
    "none-yet": page(),
    "only": page("pending", "completed", asked="open"),
    "first": page("pending", "hostile", older=True),
    "unknown": page("unknown"),
    "ended": page("completed-and-expired", "completed-and-deleted", "completed-and-one-expired", "completed"),
    "middle": page("failed", asked="failed orders", offset=8, older=True),
}


@pytest.mark.parametrize("name", HEALTHS)
def test_the_health_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"health-{name}", health(HEALTHS[name], NAMES), "status")


@pytest.mark.parametrize("name", IN_FULL)
def test_one_request_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"request-{name}", one_request(told(name, LINK if name == "completed" else ""), NAMES), "status")


@pytest.mark.parametrize("name", PAGES)
def test_a_list_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"list-{name}", requests(PAGES[name], NAMES), "status")


def test_each_has_its_golden_file() -> None:
    expected = {f"health-{name}" for name in HEALTHS} | {f"list-{name}" for name in PAGES}

    assert agreed_names("status") == expected | {f"request-{name}" for name in IN_FULL}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", Filter()),
        ("Open", Filter((RequestState.PENDING, RequestState.APPROVED, RequestState.RUNNING))),
        ("failed orders eu", Filter((RequestState.FAILED, RequestState.PARTIAL), "", ("orders", "eu"))),
        ("mine", Filter(asker="U0ANNA")),
        ("all", Filter()),
        ("All orders", Filter(words=("orders",))),
        ("mine completed", Filter((RequestState.COMPLETED,), "U0ANNA")),
        ("Mine Lapsed rejected orders", Filter((RequestState.LAPSED, RequestState.REJECTED), "U0ANNA", ("orders",))),
        ("failed mine", Filter((RequestState.FAILED, RequestState.PARTIAL), "U0ANNA")),
    ],
)
def test_words_after_list_narrow_it(asked: str, expected: Filter) -> None:
    assert filter_of(asked, Actor("U0ANNA", "T0HOME")) == expected


@pytest.mark.parametrize(
    ("minutes", "said"),
    [((0,), "1 place, read just now"), ((4, 0), "2 places, the oldest read 4 minutes ago")],
)
def test_the_age_of_the_inventory_is_said_in_words(minutes: tuple[int, ...], said: str) -> None:
    areas = tuple(Area(PROD, f"us-east-{at}", NOW - timedelta(minutes=at), NOW) for at in minutes)

    assert f"*Inventory:* {said}\n" in str(health(replace(WELL, areas=areas), NAMES).blocks[1]["text"]["text"])  # type: ignore[index]


@pytest.mark.parametrize("asked", ["open", "mine", "failed", "orders"])
def test_an_empty_list_suggests_another_one_and_never_itself(asked: str) -> None:
    told = str(requests(page(asked=asked), NAMES).blocks)

    assert f"list {asked}" not in told
    assert "/copy-backup list all" in told


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Made(1, COPY_ARN, None, None), "AWS did not let me read the date yet"),
        (Made(1, COPY_ARN, None, NOW), "never, as AWS reports it"),
    ],
)
def test_an_end_that_is_no_date_is_told_as_the_notice_tells_it(made: Made, said: str) -> None:
    shown = one_request(Told(replace(REQUESTS["completed"], made=(made,)), (), ""), NAMES)

    assert f"*Copy:* `{COPY_ARN}`\n*Expires:* {said}" in str(shown.blocks[2]["text"]["text"])  # type: ignore[index]


LIFE = (
    Event("CB-42", NOW, "asked", ANNA, None, "PENDING"),
    Event("CB-42", NOW, RequestEvent.APPROVE, BEN, "PENDING", "APPROVED"),
    Event("CB-42", NOW, RequestEvent.START, None, "APPROVED", "RUNNING", "08BF6CC7"),
    Event("CB-42", NOW, RequestEvent.COMPLETE, None, "RUNNING", "COMPLETED"),
)
SNOOZE = Event("CB-42", NOW, Wish.WEEK, BEN, detail=f"{Wish.WEEK}: {COPY_ARN}")
REFUSED = Event("CB-42", NOW, "click refused", BEN, detail=f"{Wish.DAY}: {COPY_ARN}: {HOSTILE * 9}")


def history_of(events: Sequence[Event]) -> list[str]:
    """The lines of a request's history as `status` shows them, and what stands below them."""
    lines = [ChainedEvent(at, event, "", "") for at, event in enumerate(events, start=1)]
    blocks = one_request(Told(REQUESTS["completed"], lines, ""), NAMES).blocks
    texts = [str(block["text"]["text"] if "text" in block else block["elements"][0]["text"]) for block in blocks]  # type: ignore[index]
    first = next(at for at, text in enumerate(texts) if text.startswith("*History:*"))
    assert all(len(text) <= 3_000 for text in texts)
    return "\n".join(texts[first:-1]).split("\n")[1:]


def test_what_a_request_has_come_to_is_shown_however_much_was_clicked_meanwhile() -> None:
    end = Event("CB-42", NOW, CopyEnd.REMOVED, detail=COPY_ARN)

    *shown, more = history_of([*LIFE, *[SNOOZE, REFUSED] * 30, end])

    for words in ("asked", "approved", "started", "completed", "the copy expired"):
        assert sum(f" {words}" in line for line in shown) == 1, words
    assert sum("clicks refused" in line for line in shown) == sum("30 clicks refused" in line for line in shown) == 1
    assert "the copy expired" in shown[-1]
    assert more == "more: `/copy-backup history CB-42`"


def test_a_short_history_is_shown_whole_and_says_nothing_of_more() -> None:
    shown = history_of([*LIFE, SNOOZE, REFUSED])

    assert len(shown) == 6
    assert "more:" not in shown[-1]


def test_what_was_done_is_said_once_and_the_copy_by_where_it_is() -> None:
    request = REQUESTS["completed"]
    assert request.steps[0].result_arn == COPY_ARN

    (*_, shown) = history_of([*LIFE, SNOOZE])

    assert shown.endswith(f" put off for a week by <@{BEN.user_id}>: copy in {COPIES.name}, {COPIES.region}")


def test_the_longest_lines_of_a_history_are_shown_whole() -> None:
    longest = Event("CB-42", NOW, RequestEvent.FAIL, None, "RUNNING", "FAILED", "<&>" * 200)

    *shown, _ = history_of([*LIFE, *[longest] * 30])

    assert len({line for line in shown if "failed" in line}) == 1
    assert len(shown) == 15


def test_no_channel_is_left_out() -> None:
    assert CHANNEL in one_request(told("pending", ""), NAMES).blocks[-1]["elements"][0]["text"]  # type: ignore[index]
