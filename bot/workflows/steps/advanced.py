"""The step that turns the advanced features for DynamoDB backups on, in one account and Region."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import BackupsError
from bot.domain.keeping import Errand, Switches
from bot.domain.params import EnableAdvancedParams, Params
from bot.domain.preflight import Finding, Level
from bot.domain.steps import Failure, Step
from bot.workflows.steps.seeing import see
from bot.workflows.steps.work import Look, Progress, Stage

STILL_OFF = "ADVANCED_STILL_OFF"
PATIENCE = timedelta(minutes=10)


@dataclass
class EnableAdvancedStep:
    """Both maps of the settings are sent whole, with DynamoDB on: what is not sent might be taken as off."""

    switches: Switches

    def look(self, params: Params, now: datetime) -> Look:
        params = _place(params)
        what = f"settings of AWS Backup in account {params.account}, {params.region}"
        found, problem = see(lambda: self.switches.preferences(params.account, params.region), what, params.account)
        findings = [problem] if problem else [_already(params) if found and found.advanced else _for_everybody(params)]
        return Look(params, tuple(findings), {"advanced": [params.account, params.region]})

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        return params

    def start(self, step: Step, approved_by: str) -> str:
        params = _place(step.params)
        before = self.switches.preferences(params.account, params.region)
        if not before.advanced:
            errand = Errand(step.request_id, approved_by)
            self.switches.prefer(params.account, params.region, before.with_advanced(), errand)
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        params = _place(step.params)
        if self.switches.preferences(params.account, params.region).advanced:
            return Progress(Stage.DONE, "ON", facts={"detail": "Backups made from now on can be copied."})
        if now - (step.started_at or now) < PATIENCE:
            return Progress(Stage.UNDER_WAY, "OFF")
        said = "AWS took the change and still shows the advanced features as off."
        return Progress(Stage.FAILED, failure=Failure(said, STILL_OFF, _remedy(params)))

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return Failure(error.message, error.code, _remedy(_place(params)))


def _place(params: Params) -> EnableAdvancedParams:
    if not isinstance(params, EnableAdvancedParams):
        raise TypeError(f"a step that turns advanced features on was given {type(params).__name__}")
    return params


def _already(params: EnableAdvancedParams) -> Finding:
    return Finding("advanced-already", Level.PASS, f"The advanced features are on in {params.region} already.")


def _for_everybody(params: EnableAdvancedParams) -> Finding:
    return Finding(
        "advanced-for-all",
        Level.WARN,
        f"This is a setting of the whole account {params.account} in {params.region}: every later backup of a DynamoDB "
        "table there is made with the advanced features and is billed under AWS Backup. Backups that exist stay as "
        "they are.",
    )


def _remedy(params: EnableAdvancedParams) -> str:
    return (
        f"Let the bot's role in account {params.account} do backup:UpdateRegionSettings and "
        "backup:DescribeRegionSettings, or turn the advanced features for DynamoDB backups on in AWS Backup, Settings, "
        f"{params.region}; then press Try again."
    )
