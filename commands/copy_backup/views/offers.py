"""Buttons beside a finding that mend it: they change what is asked for, and approvers decide about it as a whole."""

from dataclasses import replace
from datetime import datetime

from bot.domain.findings import Finding, Level
from bot.domain.params import CopyParams
from bot.domain.retention import objection
from bot.slack.blocks import Block, button
from bot.slack.ids import BACK_UP_FIRST, COPY_ANYWAY, KEEP_DAYS, MAKE_VAULT
from bot.workflows.looking import Looks
from bot.workflows.steps.work import Look
from commands.copy_backup.views.findings import Told, told_of
from commands.copy_backup.views.links import Threads, link_of

LABELS = {
    "already-there": (COPY_ANYWAY, "Copy again anyway"),
    "under-way": (COPY_ANYWAY, "Copy again anyway"),
    "vault-gone": (MAKE_VAULT, "Create this vault"),
    "not-advanced": (BACK_UP_FIRST, "Make a new backup first"),
}


def offered(looks: Looks, now: datetime, threads: Threads) -> list[Told]:
    """The findings of all steps, each once, with the button that mends it and where to look at it, if there are any."""
    return [
        replace(told, button=_button(told, looks, now), link=link_of(told.finding, _look(told, looks).params, threads))
        for told in told_of(looks)
    ]


def _look(told: Told, looks: Looks) -> Look:
    """The first look that found it."""
    return looks[told.steps[0] - 1 if told.steps else 0]


def _button(told: Told, looks: Looks, now: datetime) -> Block | None:
    if told.finding.level is not Level.FAIL:
        return None
    look = _look(told, looks)
    if told.finding.code in ("vault-lock", "retention-days"):
        return _days(look, now)
    known = LABELS.get(told.finding.code)
    return button(known[0], known[1], _value(told.finding, look)) if known else None


def _value(finding: Finding, look: Look) -> str:
    """What the button is about: the vault that is not there."""
    params = look.params
    if finding.code != "vault-gone" or not isinstance(params, CopyParams):
        return finding.code
    place = params.destination
    return f"{place.account}/{place.region}/{place.name}"


def _days(look: Look, now: datetime) -> Block | None:
    """The allowed number of days that is nearest to what was chosen."""
    params = look.params
    problem = objection(params.retention, params.point, look.vault, now) if isinstance(params, CopyParams) else None
    if problem is None or problem.nearest is None or problem.field == "cold":
        return None
    days = "1 day" if problem.nearest == 1 else f"{problem.nearest:,} days"
    return button(KEEP_DAYS, f"Keep it {days}", str(problem.nearest))
