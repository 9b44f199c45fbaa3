"""Every sentence about an approval, as agreed: constants as they are, functions with what they are usually told.

The golden file is the whole of what people can read about approving; no module of approval has a sentence of its own.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType

import pytest

from bot.domain import sentences
from bot.domain.copies import CopyEnd
from bot.domain.kinds import StepKind
from bot.domain.requests import RequestEvent
from bot.domain.sentences import changes, errors, history, plans, question, review
from tests.rules.sources import Source, sources
from tests.unit.golden_files import Golden

BEN, ADMINS, WHEN = "<@U0BEN>", "<!subteam^S0ADMINS>", "2026-11-22 18:30 UTC"
NEAR, FAR = datetime(2027, 3, 25, 9, tzinfo=UTC), datetime(2027, 12, 20, 9, tzinfo=UTC)
MODULES: dict[str, ModuleType] = {
    "said": sentences,
    "question": question,
    "changes": changes,
    "errors": errors,
    "review": review,
    "plans": plans,
    "history": history,
}

# Where people decide about a request, or read how it stands: all of its words come from bot/domain/sentences.
APPROVAL = (
    "commands/approval",
    "commands/errors.py",
    "commands/unknown.py",
    "bot/workflows/deciding.py",
    "bot/workflows/decisions.py",
    "bot/workflows/rounds.py",
    "bot/workflows/asking.py",
    "bot/workflows/admission.py",
    "bot/workflows/waiting.py",
    "bot/workflows/submitting.py",
    "bot/workflows/refusals.py",
    "bot/domain/approvals.py",
    "bot/domain/deciders.py",
    "bot/domain/shown.py",
    "bot/slack/messages/ask.py",
    "bot/slack/messages/card.py",
    "bot/slack/messages/decisions.py",
    "bot/slack/messages/standing.py",
    "bot/slack/messages/warned.py",
    "bot/slack/history_words.py",
    "bot/slack/plan_words.py",
    "commands/copy_backup/views/asked.py",
    "commands/copy_backup/views/review.py",
)
# Names of events in the history, which auditors search for; they are data, not words for a person.
EVENTS = {"click refused", "approved by one", "review signed", "asked again"}

SAMPLES: dict[str, list[tuple[object, ...]]] = {
    "type_again_to_see": [(sentences.NOT_UNSEEN_FINAL,), (sentences.NOT_UNSEEN_OVERRULED,)],
    "too_late": [("CB-42", state, BEN) for state in sentences.ENDED] + [("CB-42", "APPROVED"), ("CB-42", "")],
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
    "escalated": [
        ("CB-42", "<!subteam^S0OPS>", WHEN),
        ("CB-42", "<!subteam^S0OPS>", WHEN, 1),
        ("CB-42", "<!subteam^S0OPS>", WHEN, 2),
    ],
    "changed": [("CB-42", ["A.", "B."], voided, approved) for voided, approved in ((0, 0), (1, 0), (0, 1))],
    "new_end": [(FAR, NEAR, 270), (NEAR, FAR, 0), (NEAR, None, 0)],
    "shortens": [(270,), (1,)],
    "would_shorten": [(FAR, NEAR, 270), (None, NEAR, 0)],
    "until": [(NEAR,), (None,)],
    "day": [(NEAR,)],
    "asked_already": [("CB-12", NEAR, "PENDING", True), ("CB-12", None, "APPROVED", False)],
    "still_asked": [("CB-12",)],
    "fails_now": [("CB-42", ["This backup is not there any more."])],
    "glass_broken": [(BEN, "CB-42", f"{ADMINS} and <@U0CHRIS>")],
    "glass_warning": [("CB-42",)],
    "review_open": [(BEN,)],
    "review_done": [(BEN, "<@U0CHRIS>")],
    "review_signed": [(BEN, "CB-42")],
    "buttons_stay": [("CB-42",)],
    "guest_may_not": [(ADMINS,)],
    "irreversible": [
        ("air-gapped", WHEN, ""),
        ("locked", WHEN, "about 12.30 USD"),
        ("locked", "", ""),
        ("locked", "", "about 12.30 USD a year", 2_555),
        ("century", WHEN, "about 5,110 USD"),
        ("century", "", "about 5,110 USD"),
        ("for-good", "", "about 0.47 USD a month, 5.61 USD a year"),
    ],
    "history_of": [("CB-42",), ("",)],
    "history_ends": [(17, "9f86d081884c7d65")],
    "mention": [("U0BEN",), ("S0ADMINS",)],
    "listed": [([],), (["U0BEN"],), (["U0BEN", "S0ADMINS", "U0CHRIS"],)],
    "asks": [("<@U0ANNA>", "copy orders to backup")],
    "asked_by": [("CB-42", "<@U0ANNA>", "copy orders to backup")],
    "kept": [("90 days from the backup's creation",)],
    "answer_by": [(WHEN, "nothing is copied")],
    "cancel_effect": [("nothing is copied",)],
    "failed_at": [("step 2 of 3", "Access denied."), ("", "Access denied.")],
    "warns": [(question.NOT_SEEN, ""), (question.TAKE_CARE, "steps 1–3")],
    "of_steps": [([2],), ([1, 2],), ([1, 2, 3],), ([1, 3, 4, 5, 7, 8],)],
    "and_more": [(3,)],
    "overrules": [(1,), (3,)],
    "against": [(1,), (3,)],
    "job_of": [(StepKind.COPY,), (StepKind.RESTORE,), (StepKind.CREATE_VAULT,), (None,)],
    "spoken": [
        (button, "CB-42")
        for button in (
            question.APPROVE,
            question.APPROVE_AGAIN,
            question.REJECT,
            question.CANCEL,
            question.BREAK_GLASS,
            question.SIGN,
            question.ASK_AGAIN,
        )
    ],
    "really": [("Approve", "CB-42"), ("Cancel", "CB-42")],
    "effect": [
        (0, "orders to backup", True, ""),
        (1, "orders to backup", True, ""),
        (2, "orders to backup", True, ""),
        (1, "orders to backup", False, ""),
        (0, "orders to backup", False, sentences.FINAL),
        (0, "*-eu to backup", False, "", True),
    ],
    "waiting": [((0, 1), "nobody", WHEN), ((1, 2), BEN, WHEN)],
    "by_whom": [(BEN,)],
    "unanswered": [(0, 1, WHEN, "nothing was copied"), (1, 2, WHEN, "nothing was done")],
    "at_work_since": [(WHEN,), ("",), (WHEN, True)],
    "done_at": [(WHEN,), ("",)],
    "put_in_force": [(WHEN,), ("",)],
    "finished_at": [(WHEN,), ("",)],
    "seen_at": [(WHEN,)],
    "copy_ended": [(end, WHEN) for end in CopyEnd],
    "copies_ended": [(1, 3), (2, 2)],
    "running_since": [(WHEN, "5 min"), (WHEN, "")],
    "aws_is_at": [(f"since {WHEN}", True, True), (f"since {WHEN}", True, False), (f"since {WHEN}", False, False)],
    "done_by_about": [(WHEN, 1), (WHEN, 4)],
    "unread": [(WHEN, "since 10:30", True), (WHEN, "since 10:30", False), ("", "since 10:30", False)],
    "past_estimate": [(1,), (4,)],
    "will_be_rejected": [("CB-42",)],
    "type_to_confirm": [("CB-42",)],
    "aws_locks_out": [("Expired token.",)],
    "slack_locks_out": [("token_revoked",), ("",)],
    "aws_refused": [("User is not allowed.",)],
    "unforeseen": [("0a1b2c3d",)],
    "when_there": [("the price of the copy",), (review.THE_REST,)],
    "may_overrule": [(1,), (3,)],
    "send": [(0,), (2,)],
    "cannot_approve": [([review.unable(BEN, sentences.DEACTIVATED), review.empty(ADMINS), question.and_more(3)],)],
    "unable": [(BEN, sentences.GUEST)],
    "empty": [(ADMINS,)],
    "who_is_asked": [
        ([(1, ADMINS, 3)], "8 h", False, "<#C0OPS>"),
        ([(2, ADMINS, 1)], "8 h", True, "<#C0OPS>"),
        ([(1, ADMINS, None)], "1 day", False, ""),
        ([(1, "<!subteam^S0DBA>", 0), (2, ADMINS, 4)], "8 h", True, "<#C0OPS>"),
    ],
    "starts": [*((kind, 1, True) for kind in StepKind), (StepKind.COPY, 3, True), (StepKind.CREATE_VAULT, 3, False)],
    "nothing_came": [(True,), (False,)],
    "nothing_comes": [(True,), (False,)],
    "place": [(2, 3)],
    "done": [
        *((event,) for event in (*RequestEvent, *CopyEnd)),
        ("approved by one",),
        ("review signed",),
        ("vault watched",),
    ],
    "started": [
        (0, None, ""),
        (2, StepKind.CREATE_VAULT, ""),
        *((0, kind, "`0a1b-2c3d`") for kind in (StepKind.COPY, StepKind.BACK_UP, StepKind.RESTORE, None)),
        (2, StepKind.COPY, "`0a1b-2c3d`"),
    ],
    "goes_on": [("Access denied.",)],
    "was_reminded": [(BEN,)],
    "was_called": [("<!subteam^S0OPS>",)],
    "copy_there": [("dr-vault", "eu-west-1")],
    "copy_called": [("9c8d7e6f",)],
    "were_refused": [(7, f" by {BEN}: approve: No.")],
    "was_asked_again": [("CB-43",)],
    "in_a_row": [([],), ([BEN],), ([BEN, "<@U0CHRIS>", ADMINS],)],
}


def functions(module: ModuleType) -> dict[str, Callable[..., str]]:
    named = inspect.getmembers(module, inspect.isfunction)
    return {name: work for name, work in named if work.__module__ == module.__name__ and name[0] != "_"}


def every_function() -> dict[str, Callable[..., str]]:
    return {name: work for module in MODULES.values() for name, work in functions(module).items()}


def said(work: Callable[..., str], told: tuple[object, ...]) -> str:
    """Call a function with these values, in the order of its parameters, by name where it asks for names."""
    kinds = inspect.signature(work).parameters
    by_name = dict(zip(kinds, told, strict=False))
    only_named = {key for key in by_name if kinds[key].kind is inspect.Parameter.KEYWORD_ONLY}
    positional = [value for key, value in by_name.items() if key not in only_named]
    return work(*positional, **{key: by_name[key] for key in only_named})


def constants(module: ModuleType) -> dict[str, str]:
    return {name: value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def test_every_sentence_reads_as_agreed(golden: Golden) -> None:
    golden.words(
        "sentences",
        {
            place: {
                **constants(module),
                **{name: [said(work, told) for told in SAMPLES[name]] for name, work in functions(module).items()},
            }
            for place, module in MODULES.items()
        },
    )


def test_every_sentence_has_its_sample() -> None:
    assert set(SAMPLES) == set(every_function())
    assert sum(len(functions(module)) for module in MODULES.values()) == len(SAMPLES)


def test_every_sentence_is_one_that_ends() -> None:
    made = [said(every_function()[name], values) for name, told in SAMPLES.items() for values in told]
    for text in [*made, *(text for module in MODULES.values() for text in constants(module).values())]:
        assert text.strip() == text
        assert text


def test_every_file_of_sentences_is_in_the_golden_file() -> None:
    files = {source.module for source in sources("bot/domain/sentences")}

    assert files == {module.__name__ for module in MODULES.values()}


def test_no_module_of_approval_has_a_sentence_of_its_own() -> None:
    found = [f"{source.name}:{line} {text!r}" for source in sources(*APPROVAL) for line, text in literals(source)]

    assert found == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('raise NotAllowed("You may not do this.")', ["You may not do this."]),
        ('section(f"*{who}* asks to copy {what}.")', ["* asks to copy "]),
        ('log.warning("click_waits", extra={"what_to_do": "invite the bot again"})', []),
        ('tx.requests.record(Event(1, now, "click refused", actor))', []),
        ('def work():\n    """Say what is so."""\n    return "CB-1"', []),
        ('sep = ", then "', []),
    ],
)
def test_the_detector_sees_sentences_and_nothing_else(code: str, found: list[str]) -> None:
    assert [text for _, text in _literals(ast.parse(code))] == found


def literals(source: Source) -> Iterator[tuple[int, str]]:
    """Line and text of each piece of prose that stands in the code itself."""
    yield from _literals(source.tree)


def _literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    skipped = {id(node) for ignored in _not_for_people(tree) for node in ast.walk(ignored)}
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, ast.Constant) and _is_prose(node.value):
            yield node.lineno, str(node.value)


def _is_prose(value: object) -> bool:
    return isinstance(value, str) and value not in EVENTS and bool(re.search(r"[A-Za-z]{2,}[,;:.]? [a-z]{2,}", value))


def _not_for_people(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, and what is written into the log."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or _is_log_call(node):
            yield node


def _is_log_call(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log"
