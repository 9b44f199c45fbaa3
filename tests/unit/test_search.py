"""Words and dates: what may be skipped because of a date that was typed is never something that matches."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.search import fold, matches, spans_of, words_of
from bot.slack.text import local

ZONES = ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/Santiago"]
moments = st.integers(-2_000_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(moments, st.sampled_from(ZONES), st.integers(4, 10))
def test_a_date_that_a_label_holds_is_within_the_time_it_means(made: datetime, zone: str, length: int) -> None:
    label = local(made, zone)
    word = label[:length]

    for span in spans_of([word], []):
        assert span.start <= made < span.end
    assert len(spans_of([word], [])) == 1


@given(moments, st.sampled_from(ZONES), st.from_regex(r"(19|20)\d\d(-\d{0,2}(-\d{0,2})?)?", fullmatch=True))
def test_whatever_lies_outside_the_time_of_a_word_does_not_show_it(made: datetime, zone: str, word: str) -> None:
    shown = word in fold(local(made, zone))

    assert all(span.start <= made < span.end for span in spans_of([word], [])) or not shown


@pytest.mark.parametrize(
    "word", ["202", "1023", "26-11", "11-20", "04:00", "gb", "0000-", "9999-12", "2026-1-1", "٢٠٢٦-11"]
)
def test_a_word_that_need_not_be_the_beginning_of_a_date_excludes_nothing(word: str) -> None:
    assert spans_of([word], []) == []


def test_a_date_within_a_name_excludes_nothing() -> None:
    assert spans_of(["2026-11"], ["prod", "Archive-2026-11"]) == []
    assert len(spans_of(["2026-11"], ["prod"])) == 1


def test_a_day_means_little_more_than_a_day() -> None:
    (span,) = spans_of(["2026-11-20"], [])

    assert span.start == datetime(2026, 11, 19, tzinfo=UTC)
    assert span.end == datetime(2026, 11, 22, tzinfo=UTC)


@given(st.text(), st.text())
def test_folding_makes_case_disappear(one: str, other: str) -> None:
    assert fold(one) == fold(fold(one)) or not one.isascii()
    assert matches(words_of(one), fold(f"{other} {one}"))


def test_zones_are_real() -> None:
    assert [ZoneInfo(zone).key for zone in ZONES] == ZONES
