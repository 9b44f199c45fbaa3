"""Buttons beside a finding that mend it: they change what is asked for, and approvers decide about it as a whole.

A finding's `fix` names the step that would mend it; two more buttons change the choice itself and need no step.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.drafts import Form
from bot.domain.findings import Finding, Level
from bot.domain.new_backups import can_be_made_anew
from bot.domain.params import CopyParams, StepKind
from bot.domain.retention import objection
from bot.slack.blocks import Block, button
from bot.slack.ids import BACK_UP_FIRST, COPY_ANYWAY, KEEP_DAYS, MAKE_VAULT, OTHER_VAULT, TURN_ON
from bot.workflows.looking import Looks
from bot.workflows.steps.work import Look
from commands.copy_backup.views.findings import THERE, Told, told_of
from commands.copy_backup.views.links import Threads, link_of


def offered(looks: Looks, now: datetime, threads: Threads, form: Form) -> list[Told]:
    """The findings of all steps, each once, with the button that mends it and where to look at it, if there are any."""
    return [
        replace(
            told, button=_button(told, looks, now, form), link=link_of(told.finding, _look(told, looks).params, threads)
        )
        for told in told_of(looks)
    ]


def _look(told: Told, looks: Looks) -> Look:
    """The first look that found it."""
    return looks[told.steps[0] - 1 if told.steps else 0]


def _button(told: Told, looks: Looks, now: datetime, form: Form) -> Block | None:
    finding, look = told.finding, _look(told, looks)
    if finding.level is Level.FAIL and finding.code in THERE:
        return button(COPY_ANYWAY, "Copy again anyway", finding.code)
    make = STEPS.get(finding.fix)
    if make is not None and isinstance(look.params, CopyParams):
        return make(finding, look.params, form)
    return _days(finding, look, now) if finding.level is Level.FAIL else None


def _vault(finding: Finding, params: CopyParams, form: Form) -> Block | None:
    """The vault that is not there, or another for one that cannot take the copy; those of a route are fixed."""
    if form.route:
        return None
    place = params.destination
    value = f"{place.account}/{place.region}/{place.name}"
    if finding.code == "vault-gone":
        return button(MAKE_VAULT, "Create this vault", value)
    return button(OTHER_VAULT, "Create another vault", value)


def _advanced(finding: Finding, params: CopyParams, form: Form) -> Block | None:
    """A setting that is off is turned on first; a backup that was made without it is made anew as well."""
    if finding.level is Level.FAIL:
        return _new_backup(finding, params, form)
    vault = params.point.vault if finding.code == "advanced-off" else params.destination
    return button(TURN_ON, "Turn it on first", f"{vault.account}/{vault.region}")


def _new_backup(finding: Finding, params: CopyParams, form: Form) -> Block | None:
    """A backup that cannot be copied is made anew, where its table is."""
    if form.backup_first or not can_be_made_anew(finding, params.point):
        return None
    return button(BACK_UP_FIRST, "Make a new backup first", finding.code)


STEPS: Mapping[str, Callable[[Finding, CopyParams, Form], Block | None]] = {
    StepKind.CREATE_VAULT: _vault,
    StepKind.ENABLE_ADVANCED: _advanced,
    StepKind.BACK_UP: _new_backup,
}


def _days(finding: Finding, look: Look, now: datetime) -> Block | None:
    """The allowed number of days that is nearest to what was chosen, beside the finding that objects to it."""
    params = look.params
    problem = objection(params.retention, params.point, look.vault, now) if isinstance(params, CopyParams) else None
    if problem is None or problem.code != finding.code or problem.nearest is None or problem.field == "cold":
        return None
    days = "1 day" if problem.nearest == 1 else f"{problem.nearest:,} days"
    return button(KEEP_DAYS, f"Keep it {days}", str(problem.nearest))
