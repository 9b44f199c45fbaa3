"""The step that makes a new vault, and lets exactly those copy into it who need to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.admission import UnreadablePolicy, admitting, not_admitted
from bot.domain.backups import Vault
from bot.domain.checks.keys import new_vault_key, no_such_key
from bot.domain.errors import BackupsDenied, BackupsError, BackupsRefused, BackupsTaken
from bot.domain.keeping import Errand, NewVaults
from bot.domain.new_vaults import judge_key, judge_name, no_remedy, own_key_needed, remedy_for_vault, taken
from bot.domain.params import CreateVaultParams, Params
from bot.domain.ports import Backups
from bot.domain.preflight import Finding
from bot.domain.steps import Failure, Step
from bot.domain.surroundings import Access
from bot.workflows.steps.seeing import once, see, see_vault
from bot.workflows.steps.work import Look, Progress, Stage

TAKEN = "VAULT_TAKEN"
NOT_THERE = "VAULT_NOT_THERE"
NOT_ADMITTED = "POLICY_NOT_THERE"
# What AWS has just made may be invisible for a moment; this long it is not.
PATIENCE = timedelta(minutes=10)


@dataclass
class CreateVaultStep:
    """The vault is known as ours by the creator's id in its parameters, at every try and after every crash."""

    backups: Backups
    vaults: NewVaults
    access: Access

    def look(self, params: Params, now: datetime) -> Look:
        params = _vault(params)
        params = replace(params, creator=params.creator or str(uuid.uuid4()))
        there, problem = see_vault(self.backups, params.vault)
        found = [judge_name(params), judge_key(params) or self._key(params), problem]
        if there is not None and there.creator != params.creator:
            found.append(taken(params))
        return Look(params, once(found), _shown(params), there)

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        return params

    def start(self, step: Step, approved_by: str) -> str:
        params, errand = _vault(step.params), Errand(step.request_id, approved_by)
        try:
            self.vaults.create_vault(params.vault, params.key_arn, params.creator, errand)
        except BackupsTaken as error:
            if not self._is_ours(params):
                raise BackupsRefused(taken(params).sentence, code=TAKEN, operation=error.operation) from error
        if params.lets_in:
            self._let_in(params, errand)
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        params = _vault(step.params)
        vault = self._listed(params)
        if vault is None or vault.state == "CREATING":
            return _not_yet(step, params, vault, now)
        if vault.state != "AVAILABLE":
            return Progress(Stage.FAILED, failure=no_remedy(NOT_THERE, f"AWS reports the new vault as {vault.state}."))
        missing = self._still_outside(params)
        if missing:
            said = f"The access policy of the new vault does not let {', '.join(missing)} in, although AWS took it."
            return Progress(Stage.FAILED, failure=no_remedy(NOT_ADMITTED, said))
        return Progress(Stage.DONE, vault.state, result_arn=params.vault.arn, facts={"detail": _detail(params)})

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return Failure(error.message, error.code, remedy_for_vault(error.message, error.code, _vault(params)))

    def _key(self, params: CreateVaultParams) -> Finding | None:
        """Judge the key itself: AWS makes a vault with one that is not there, and only the copy would fail."""
        arn, place = params.key_arn, params.vault
        if arn is None:
            return None
        what = f"key of the new vault {place.name}"
        key, problem = see(lambda: self.access.key(arn, place.account), what, place.account, no_such_key(params))
        if key is None:
            return problem
        if key.by_aws and params.source_account != place.account:
            return own_key_needed(params)
        return new_vault_key(params, key)

    def _is_ours(self, params: CreateVaultParams) -> bool:
        there = self._listed(params)
        return there is not None and there.creator == params.creator

    def _listed(self, params: CreateVaultParams) -> Vault | None:
        place = params.vault
        return next((one for one in self.backups.vaults(place.account, place.region) if one.ref == place), None)

    def _let_in(self, params: CreateVaultParams, errand: Errand) -> None:
        try:
            policy = admitting(self.vaults.vault_policy(params.vault), params.lets_in)
        except UnreadablePolicy as error:
            raise BackupsRefused(str(error), code=NOT_ADMITTED, operation="GetBackupVaultAccessPolicy") from error
        if policy is not None:
            self.vaults.put_vault_policy(params.vault, policy, errand)

    def _still_outside(self, params: CreateVaultParams) -> list[str]:
        """Read back whom the policy does not let in; what may not be read is AWS's to judge when the copy starts."""
        if not params.lets_in:
            return []
        try:
            return not_admitted(self.vaults.vault_policy(params.vault), params.lets_in)
        except BackupsDenied:
            return []


def _vault(params: Params) -> CreateVaultParams:
    if not isinstance(params, CreateVaultParams):
        raise TypeError(f"a step that creates a vault was given {type(params).__name__}")
    return params


def _not_yet(step: Step, params: CreateVaultParams, vault: Vault | None, now: datetime) -> Progress:
    if now - (step.started_at or now) < PATIENCE:
        return Progress(Stage.UNDER_WAY, vault.state if vault else "CREATING")
    said = f"AWS took the new vault {params.vault.name} and does not show it as available."
    return Progress(Stage.FAILED, failure=no_remedy(NOT_THERE, said))


def _detail(params: CreateVaultParams) -> str:
    return f"May copy into it: {', '.join(params.lets_in)}." if params.lets_in else ""


def _shown(params: CreateVaultParams) -> dict[str, object]:
    return {"vault": params.vault.arn, "key": params.key_arn, "lets_in": list(params.lets_in)}
