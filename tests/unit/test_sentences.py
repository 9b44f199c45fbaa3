"""Every sentence about an approval, as agreed: constants as they are, functions with what they are usually told."""

import inspect
from collections.abc import Callable

from bot.domain import sentences
from tests.unit.golden_files import Golden

BEN, ADMINS, WHEN = "<@U0BEN>", "<!subteam^S0ADMINS>", "2026-11-22 18:30 UTC"

SAMPLES: dict[str, list[tuple[object, ...]]] = {
    "too_late": [("CB-42", state, BEN) for state in sentences.ENDED] + [("CB-42", "LAPSED")],
    "time_passed": [("CB-42",)],
    "cannot_retry": [("CB-42",)],
    "cannot_ask_again": [("CB-42",)],
    "not_your_turn": [(ADMINS,)],
    "seen_before": [("CB-42",)],
    "changed_now": [("CB-42",)],
    "would_fail": [("CB-42", "This backup is not there any more.")],
    "wrong_confirmation": [("CB-42",)],
    "groups_unread": [("no_such_subteam",)],
    "too_few": [(1, 0, True), (2, 1, False), (3, 2, True)],
    "too_few_for_all": [(3,)],
    "needed_from": [([(1, ADMINS)],), ([(1, "<!subteam^S0DBA>"), (2, ADMINS)],)],
    "given_so_far": [(BEN, 1)],
    "stage_line": [(1, 2, 1, 1, ADMINS), (2, 2, 1, 2, ADMINS)],
    "approved": [
        (BEN, "CB-42", 1, 1, False, "The copy starts now."),
        (BEN, "CB-42", 1, 2, False, "The copy starts now."),
        (BEN, "CB-42", 2, 2, True, "The restore starts now."),
    ],
    "next_stage": [(ADMINS,)],
    "rejected": [(BEN, "CB-42", "nothing was copied")],
    "cancelled": [(BEN, "CB-42", "nothing was copied")],
    "retried": [(BEN, "CB-42"), (BEN, "CB-42", "step 2 of 3 (copy it on)")],
    "lapsed": [
        ("CB-42", 0, 1, WHEN, "<@U0ANNA>", "nothing was copied"),
        ("CB-42", 1, 2, WHEN, "<@U0ANNA>", "nothing was done"),
    ],
    "asked_again": [("<@U0ANNA>", "CB-42", "CB-43")],
    "reminded": [("CB-42", BEN, 1, WHEN), ("CB-42", f"{BEN} and <@U0CHRIS>", 2, WHEN)],
    "escalated": [("CB-42", "<!subteam^S0OPS>", WHEN)],
    "changed": [("CB-42", ["A.", "B."], voided, approved) for voided, approved in ((0, 0), (1, 0), (0, 1))],
    "fails_now": [("CB-42", ["This backup is not there any more."])],
    "glass_broken": [(BEN, "CB-42", f"{ADMINS} and <@U0CHRIS>")],
    "glass_warning": [("CB-42",)],
    "review_open": [(BEN,)],
    "review_done": [(BEN, "<@U0CHRIS>")],
    "review_signed": [(BEN, "CB-42")],
    "irreversible": [
        ("air-gapped", WHEN, ""),
        ("locked", WHEN, "about $12.30"),
        ("locked", "", ""),
        ("century", WHEN, "about $5,110"),
    ],
    "mention": [("U0BEN",), ("S0ADMINS",)],
    "listed": [([],), (["U0BEN"],), (["U0BEN", "S0ADMINS", "U0CHRIS"],)],
}


def functions() -> dict[str, Callable[..., str]]:
    named = inspect.getmembers(sentences, inspect.isfunction)
    return {name: work for name, work in named if work.__module__ == sentences.__name__ and name[0] != "_"}


def said(name: str, told: tuple[object, ...]) -> str:
    """Call a function with these values, in the order of its parameters, by name where it asks for names."""
    work = functions()[name]
    by_name = dict(zip(inspect.signature(work).parameters, told, strict=False))
    kinds = inspect.signature(work).parameters
    positional = [value for key, value in by_name.items() if kinds[key].kind is not inspect.Parameter.KEYWORD_ONLY]
    return work(
        *positional, **{key: by_name[key] for key in by_name if kinds[key].kind is inspect.Parameter.KEYWORD_ONLY}
    )


def test_every_sentence_reads_as_agreed(golden: Golden) -> None:
    constants = {name: value for name, value in vars(sentences).items() if name.isupper() and isinstance(value, str)}
    made = {name: [said(name, told) for told in SAMPLES[name]] for name in functions()}

    golden.words("sentences", {**constants, **made})


def test_every_sentence_has_its_sample() -> None:
    assert set(SAMPLES) == set(functions())


def test_every_sentence_is_one_that_ends() -> None:
    for name, told in SAMPLES.items():
        for values in told:
            text = said(name, values)
            assert text.strip() == text
            assert text
