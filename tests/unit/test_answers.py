"""The one place where an error becomes an answer: each of ours has its words, and none tells a secret."""

import logging
import re

import pytest

from bot.domain import errors as tree
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsTaken,
    BackupsThrottled,
    BackupsUnreachable,
    BadInput,
    ConfigurationError,
    CopyBackupError,
    Gone,
    IllegalMove,
    NotAllowed,
    OutletBusy,
    OutletConflict,
    OutletDoubtful,
    OutletError,
    OutletLockedOut,
    OutletRefused,
    OutletUnfinished,
    OutsideError,
    PersonError,
    StoreFull,
    StoreTrouble,
    TooLate,
)
from bot.domain.sentences.errors import DATABASE_FULL, SLACK_SLOW
from commands.errors import acknowledged, answered, kept, sentence_for

OURS = "Choose a vault."
AWS = "AWS did not do what I asked: User is not allowed. Nothing was changed; try again in a moment."
UNFORESEEN = "Something went wrong on my side"

ANSWERS: dict[type[Exception], tuple[Exception, str]] = {
    CopyBackupError: (CopyBackupError("secret detail"), UNFORESEEN),
    PersonError: (PersonError(OURS), OURS),
    BadInput: (BadInput("vault", OURS), OURS),
    NotAllowed: (NotAllowed(OURS), OURS),
    TooLate: (TooLate(OURS), OURS),
    Gone: (Gone(OURS), OURS),
    IllegalMove: (IllegalMove("a request in DONE cannot start"), UNFORESEEN),
    ConfigurationError: (ConfigurationError("copy-backup.yaml:3: secret detail"), UNFORESEEN),
    OutsideError: (OutsideError("secret detail"), UNFORESEEN),
    BackupsError: (BackupsError("User is not allowed"), AWS),
    BackupsThrottled: (
        BackupsThrottled("Rate exceeded"),
        "AWS is asked too often just now. Nothing was changed; try again in a minute.",
    ),
    BackupsUnreachable: (BackupsUnreachable("User is not allowed."), AWS),
    BackupsLockedOut: (
        BackupsLockedOut("Expired token"),
        "AWS does not let me in: Expired token. Nothing was changed; an operator has to mend this.",
    ),
    BackupsDenied: (BackupsDenied("User is not allowed"), AWS),
    BackupsMissing: (BackupsMissing("User is not allowed"), AWS),
    BackupsRefused: (BackupsRefused("User is not allowed"), AWS),
    BackupsTaken: (BackupsTaken("User is not allowed"), AWS),
    OutletError: (OutletError("x"), SLACK_SLOW),
    OutletBusy: (OutletBusy("x", retry_after=3), SLACK_SLOW),
    OutletDoubtful: (OutletDoubtful("x"), SLACK_SLOW),
    OutletUnfinished: (OutletUnfinished("x"), SLACK_SLOW),
    OutletLockedOut: (
        OutletLockedOut("x", code="token_revoked"),
        "Slack does not accept my token (token_revoked). Nothing was changed; an operator has to install my "
        "app again and start me with its new token.",
    ),
    OutletConflict: (OutletConflict("x"), SLACK_SLOW),
    OutletRefused: (OutletRefused("x"), SLACK_SLOW),
    StoreTrouble: (
        StoreTrouble("secret detail"),
        "My database does not answer just now. Nothing was changed; try again in a moment.",
    ),
    StoreFull: (StoreFull("secret detail"), DATABASE_FULL),
    KeyError: (KeyError("secret detail"), UNFORESEEN),
}


def test_every_error_of_ours_has_an_answer_here() -> None:
    ours = {kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, CopyBackupError)}

    assert ours <= set(ANSWERS)


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_each_error_has_its_words(kind: type[Exception]) -> None:
    error, words = ANSWERS[kind]

    sentence = sentence_for(error)

    assert sentence == words if words != UNFORESEEN else sentence.startswith(words)
    assert "secret detail" not in sentence


def test_what_nobody_foresaw_gets_a_reference_that_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sentence = sentence_for(KeyError("x"))

    found = re.search(r"in the log as ([0-9a-f]{8})\.$", sentence)
    assert found is not None
    (line,) = caplog.records
    assert vars(line)["reference"] == found[1]
    assert line.exc_info is not None


def test_the_words_of_aws_are_made_harmless_and_short() -> None:
    sentence = sentence_for(BackupsRefused("<!channel> " + "x" * 5_000))

    assert "&lt;!channel&gt;" in sentence
    assert len(sentence) < 500


def test_an_error_of_slow_work_is_told_to_the_person() -> None:
    told: list[str] = []

    def work() -> None:
        raise Gone(OURS)

    answered(work, told.append)

    assert told == [OURS]


@pytest.mark.parametrize("problem", [OutletDoubtful("time-out"), RuntimeError("a defect")])
def test_what_cannot_be_told_is_logged(caplog: pytest.LogCaptureFixture, problem: Exception) -> None:
    def work() -> None:
        raise Gone(OURS)

    def tell(sentence: str) -> None:
        raise problem

    answered(work, tell)

    assert [vars(line)["sentence"] for line in caplog.records if line.message == "person_not_told"] == [OURS]


def test_work_that_goes_well_tells_nothing() -> None:
    told: list[str] = []

    answered(lambda: None, told.append)
    acknowledged(lambda: None, told.append)

    assert told == []


def test_an_acknowledgement_never_fails_with_the_work_before_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    acks: list[str] = []

    def work() -> None:
        raise RuntimeError("a defect")

    kept(lambda: acks.append("ack"), work)

    assert acks == ["ack"]
    assert "kept_nothing" in caplog.messages


def test_an_error_is_acknowledged_too() -> None:
    answers: list[str] = []

    def work() -> None:
        raise BadInput("vault", OURS)

    acknowledged(work, answers.append)

    assert answers == [OURS]
