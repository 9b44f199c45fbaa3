"""Whatever people and AWS wrote, no mention, link or code span comes out of it, and no visible letter is lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.text import ago, code, cut, date, duration, escape, left, local, moment, ours, plain, quoted, size

HOSTILE = st.text(alphabet=st.one_of(st.sampled_from("<>&`!@#|;\n\r\u202e\u2066\u200b\x00 amplt"), st.characters()))
ENTITY = re.compile(r"&(?:amp|lt|gt);")
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00]")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(HOSTILE)
@example("<!channel> <@U0BEN> <https://evil.example|prod>")
@example("`code` & &amp; &lt;")
def test_escaped_text_can_neither_call_nor_link_nor_quote_code(text: str) -> None:
    calm = escape(text)

    assert not set("<>`") & set(calm)
    assert "&" not in ENTITY.sub("", calm)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=59), "59 days ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=729), "24 months ago"),
        (timedelta(days=730), "2 years ago"),
        (timedelta(days=36_500), "100 years ago"),
    ],
)
def test_an_age_is_told_in_one_unit(length: timedelta, words: str) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert ago(now - length, now) == words


@given(HOSTILE)
def test_marks_that_reorder_or_hide_text_are_gone(text: str) -> None:
    for calm in (escape(text), plain(text, 75), code(text), "".join(quoted(text))):
        assert not HIDDEN.search(calm)


@given(HOSTILE)
def test_a_code_span_opens_and_closes_once_and_is_never_empty(text: str) -> None:
    assert code(text).count("`") == 2
    assert len(code(text)) > 2


@given(HOSTILE, st.integers(10, 80))
@example("&" * 40, 12)
@example("", 10)
@example("\n\n", 10)
def test_a_quote_loses_no_letter_and_keeps_to_the_length(text: str, length: int) -> None:
    pieces = quoted(text, length)

    assert all(0 < len(piece) <= length for piece in pieces)
    lines = [line for piece in pieces for line in piece.split("\n")]
    assert all(line.startswith(">") for line in lines)
    shown = "".join(unescaped(line[1:]) for line in lines)
    assert shown == "".join(unescaped(escape(text)).splitlines())


@given(HOSTILE, st.integers(10, 80))
def test_a_quote_never_cuts_an_entity_in_two(text: str, length: int) -> None:
    for piece in quoted(text, length):
        assert "&" not in ENTITY.sub("", piece)


@given(HOSTILE, st.integers(3, 150))
def test_plain_text_is_one_line_within_its_length_and_never_empty(text: str, length: int) -> None:
    calm = plain(text, length)

    assert 0 < len(calm) <= length
    assert "\n" not in calm


def test_plain_text_keeps_the_tail_that_differs() -> None:
    assert plain("orders-production-2026-11-20", 15) == "orders-…6-11-20"


@given(HOSTILE, st.integers(6, 80))
@example("<" * 9, 6)
@example("&" * 9, 8)
def test_a_cut_text_keeps_to_its_length_and_cuts_no_entity(text: str, length: int) -> None:
    short = cut(escape(text), length)

    assert len(short) <= length
    assert "&" not in ENTITY.sub("", short)
    assert short == escape(text) or short.endswith("…")


@pytest.mark.parametrize(
    "mark", ["<@U0BEN>", "<!subteam^S0ADMINS>", "<#C0BACKUPS>", date(datetime(2026, 11, 22, tzinfo=UTC))]
)
def test_a_cut_leaves_no_mention_and_no_date_in_half(mark: str) -> None:
    text = f"Ask {mark} and others"

    shorts = {cut(text, length) for length in range(5, 5 + len(mark))}

    assert shorts <= {"Ask…", "Ask …"}


@given(st.integers(0, 10**18))
def test_a_size_has_at_most_three_figures_before_the_point(number: int) -> None:
    figure, unit = size(number).split()

    assert unit in ("bytes", "byte", "KB", "MB", "GB", "TB", "PB")
    assert float(figure) <= 1023 or unit == "PB"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1536, "1.5 KB"),
        (1024, "1.0 KB"),
        (1024**2 - 1, "1.0 MB"),
        (5_000_000_000, "4.7 GB"),
        (150 * 1024**3, "150 GB"),
        (None, "size unknown"),
        (-1, "size unknown"),
        ("12", "size unknown"),
        (True, "size unknown"),
    ],
)
def test_a_size_reads_well(number: object, words: str) -> None:
    assert size(number) == words


@given(st.integers(0, 10**9))
def test_a_duration_has_at_most_two_units(seconds: int) -> None:
    words = duration(seconds)

    assert words
    assert len(re.findall(r"\d+", words)) <= 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (0.4, "less than a second"),
        (59, "59 s"),
        (60, "1 min"),
        (3_661, "1 h 1 min"),
        (86_400, "1 day"),
        (200_000, "2 days 7 h"),
        (86_401, "1 day"),
        (-5, "less than a second"),
        (None, "an unknown time"),
    ],
)
def test_a_duration_reads_well(seconds: object, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("time", "words"),
    [
        # A sweep that tells it a moment late does not make 29 days of 30.
        ({"days": 29, "hours": 23, "minutes": 58}, "30 days"),
        ({"days": 5, "hours": 3, "minutes": 40}, "5 days 4 h"),
        ({"days": 1, "hours": 7, "minutes": 12}, "1 day 7 h"),
        ({"hours": 23, "minutes": 58}, "1 day"),
        ({"hours": 17, "minutes": 23}, "17 h 20 min"),
        ({"minutes": 61, "seconds": 20}, "1 h 1 min"),
        ({"seconds": 5}, "1 min"),
    ],
)
def test_the_time_that_is_left_is_as_exact_as_people_want_it(time: dict[str, int], words: str) -> None:
    now = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

    assert left(now + timedelta(**time), now) == words


def test_a_date_is_shown_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

    assert date(at) == "<!date^1795343400^{date_short} at {time}|2026-11-22 10:30 UTC>"
    assert date(at, with_time=False) == "<!date^1795343400^{date_short}|2026-11-22 10:30 UTC>"
    assert local(at, "Europe/Berlin") == "2026-11-22 11:30 CET"


@pytest.mark.parametrize("zone", ["", "Nowhere/Atlantis", "../../etc/passwd", "\x00"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert local(datetime(2026, 11, 22, 10, 30, tzinfo=UTC), zone) == "2026-11-22 10:30 UTC"


@pytest.mark.parametrize("seconds", [None, "1795343400", [], {}])
def test_a_fact_that_is_no_number_is_no_moment(seconds: object) -> None:
    assert moment(seconds) is None


def test_our_own_words_keep_their_code_and_nothing_else() -> None:
    assert ours('Add `{"Effect": "Allow"}` to <it> & go.') == 'Add `{"Effect": "Allow"}` to &lt;it&gt; &amp; go.'
    assert ours("`<!channel>`") == "`&lt;!channel&gt;`"
    assert "`" not in ours("one ` alone")
