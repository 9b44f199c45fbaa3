"""All that is wrong with a form is told at once, for each field what was said first."""

import pytest

from bot.domain.errors import BadInput
from bot.domain.mistakes import all_at_once


def objects(field: str, sentence: str) -> None:
    raise BadInput(field, sentence)


def test_every_field_is_told_once_in_order() -> None:
    with pytest.raises(BadInput) as told:
        all_at_once(
            lambda: objects("cron", "No cron."),
            lambda: None,
            lambda: all_at_once(lambda: objects("days", "No days."), lambda: objects("until", "No day.")),
            lambda: objects("cron", "Something else."),
        )

    assert list(told.value.problems.items()) == [("cron", "No cron."), ("days", "No days."), ("until", "No day.")]
    assert (told.value.field, told.value.sentence) == ("cron", "No cron.")


def test_one_mistake_is_itself_and_none_is_silence() -> None:
    all_at_once(lambda: None)

    assert BadInput("days", "No days.").problems == {"days": "No days."}
