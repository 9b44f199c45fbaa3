"""How a question stands: who has approved, who is missing, stage by stage; what cannot be undone."""

from collections.abc import Iterator

from bot.domain import sentences
from bot.domain.deciders import stages_now
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.steps import TOLD, Step
from bot.slack.describe import approved_by, people, rejection
from bot.slack.text import date, escape, moment


def decision_line(request: CopyRequest) -> str:
    """How the question stands; what came after an approval is told elsewhere."""
    given, needed = approved_by(request), request.ruling.needed_in_all
    match request.state:
        case RequestState.PENDING:
            count = f" · {len(given)} of {needed} approvals" if needed > 1 else ""
            so_far = f" · approved by {people(given)}, {needed - len(given)} missing" if given else ""
            when = date(request.answer_by)
            return f":large_yellow_circle: *Waiting for approval*{count}{so_far} · answer by {when}"
        case RequestState.REJECTED:
            decision = rejection(request)
            by = f" by <@{decision.actor.user_id}>" if decision else ""
            return f":no_entry: *Rejected*{by} · nothing was copied"
        case RequestState.CANCELLED:
            return f":heavy_minus_sign: *Cancelled* by <@{request.requester.user_id}> · nothing was copied"
        case RequestState.LAPSED:
            answers = f"only {len(given)} of {needed} approvals came" if given else "nobody answered"
            return f":zzz: *Lapsed* · {answers} by {date(request.answer_by)}, so nothing was copied"
        case _:
            return f":ballot_box_with_check: *Approved* by {people(given)}" if given else _without_approval(request)


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


def warnings_of(step: Step) -> Iterator[str]:
    """What approvers must know of a step besides what it is: what cannot be undone first, then the findings."""
    told = step.shown.get(TOLD)
    if not isinstance(told, dict):
        return
    final = told.get("irreversible")
    if isinstance(final, dict):
        until = moment(final.get("until"))
        end = date(until, with_time=False) if until else ""
        yield f":warning: *{sentences.irreversible(str(final.get('why')), end, escape(str(told.get('cost') or '')))}*"
    for level, sentence in told.get("findings") or []:
        mark = {"FAIL": ":x: *This would fail:*", "UNSEEN": ":grey_question: *Not seen:*"}
        yield f"{mark.get(level, ':warning: *Take care:*')} {escape(str(sentence))}"


def _without_approval(request: CopyRequest) -> str:
    review = request.review
    by = f"<@{review.by.user_id}>" if review else "nobody"
    return f":rotating_light: *Goes ahead without approvals* by {by}"
