"""The kinds of step: one module each, fulfilling `StepWork`; the runner and submitting know none of them."""

from collections.abc import Mapping

from bot.domain.params import StepKind
from bot.workflows.steps.work import StepWork

StepWorks = Mapping[StepKind, StepWork]
