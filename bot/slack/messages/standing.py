"""How a question stands: who has approved, who is missing, stage by stage; what cannot be undone."""

from bot.domain import sentences
from bot.domain.deciders import stages_now
from bot.domain.irreversible import CENTURY, FOR_GOOD
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.sentences import question as words
from bot.domain.steps import TOLD, Step
from bot.slack.describe import approved_by, people, rejection
from bot.slack.plan_words import nothing_happened
from bot.slack.text import date


def decision_line(request: CopyRequest) -> str:
    """How the question stands; what came after an approval is told elsewhere."""
    given, needed = approved_by(request), request.ruling.needed_in_all
    match request.state:
        case RequestState.PENDING:
            how = words.waiting((len(given), needed), people(given), date(request.answer_by))
            return f":large_yellow_circle: *{words.WAITING}* · {how}"
        case RequestState.REJECTED:
            decision = rejection(request)
            by = f" {words.by_whom(f'<@{decision.actor.user_id}>')}" if decision else ""
            return f":no_entry: *{words.REJECTED}*{by} · {nothing_happened(request)}"
        case RequestState.CANCELLED:
            by = words.by_whom(f"<@{request.requester.user_id}>")
            return f":heavy_minus_sign: *{words.CANCELLED}* {by} · {nothing_happened(request)}"
        case RequestState.LAPSED:
            came = words.unanswered(len(given), needed, date(request.answer_by), nothing_happened(request))
            return f":zzz: *{words.LAPSED}* · {came}"
        case _:
            by = words.by_whom(people(given))
            return f":ballot_box_with_check: *{words.APPROVED}* {by}" if given else _without_approval(request)


def stage_lines(request: CopyRequest) -> str:
    """Each stage with its state, where there are several; "" where there is one."""
    stages = stages_now(request.standing, request.decisions)
    if len(stages) == 1 or request.state is not RequestState.PENDING:
        return ""
    return "\n".join(
        sentences.stage_line(number, len(stages), len(now.given), now.stage.needed, people(now.stage.approvers))
        for number, now in enumerate(stages, start=1)
    )


def review_line(request: CopyRequest) -> str:
    """Whether a break-glass is still to be looked at; "" where there was none."""
    review = request.review
    if review is None:
        return ""
    by = f"<@{review.by.user_id}>"
    if review.signed_by is None:
        return f":rotating_light: *{sentences.review_open(by)}*"
    return f":memo: {sentences.review_done(by, f'<@{review.signed_by.user_id}>')}"


def finality(step: Step) -> str:
    """The first words of the dialog about a step that cannot be undone; "" for any other."""
    told = step.shown.get(TOLD)
    final = told.get("irreversible") if isinstance(told, dict) else None
    if not isinstance(final, dict):
        return ""
    paid = {CENTURY: f"{sentences.CENTURY}.", FOR_GOOD: f"{sentences.FOR_GOOD}."}
    return paid.get(str(final.get("why")), sentences.FINAL)


def to_overrule(request: CopyRequest) -> int:
    """How many findings stand against a plan, which whoever approves it overrules."""
    told = [step.shown.get(TOLD) for step in request.steps]
    found = [one for each in told if isinstance(each, dict) for one in each.get("findings") or []]
    return sum(level == "FAIL" for level, _ in found) if request.ruling.override_findings else 0


def _without_approval(request: CopyRequest) -> str:
    review = request.review
    by = f"<@{review.by.user_id}>" if review else "nobody"
    return f":rotating_light: *{words.UNAPPROVED}* {words.by_whom(by)}"
