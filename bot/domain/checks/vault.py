"""Judge the vaults: the destination is there and admits the source, the source lets go."""

from collections.abc import Iterable

from bot.domain.admission import FROM, INTO
from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams, StepKind
from bot.domain.policies import Caller, Opinion, judge
from bot.domain.remedies import admit, allow, command, root_of

READ = "GetBackupVaultAccessPolicy"
MOST_VAULTS = 300


def copy_role(params: CopyParams, organization: str | None) -> Caller:
    """Who copies, for a policy: the copy role; `organization` as Caller has it."""
    return Caller(params.role_arn, params.point.vault.account, organization)


def missing_vault(params: CopyParams, others: Iterable[Vault]) -> Finding:
    """A vault that the list of its place does not name is not there, whatever a 403 would say of it."""
    place = params.destination
    key = next((vault.key_arn for vault in others if vault.key_arn and vault.kind is VaultKind.STANDARD), None)
    return Finding(
        "vault-gone",
        Level.FAIL,
        f"There is no vault {place.name} in account {place.account}, {place.region} (any more).",
        f"Choose another vault, or have this one created. {_create(params, key)}",
        f"ListBackupVaults of account {place.account}, {place.region}",
        StepKind.CREATE_VAULT,
    )


def vault_found(vault: Vault) -> Finding:
    place = vault.ref
    return fine(
        "vault",
        f"The vault {place.name} is there and {vault.state}.",
        f"ListBackupVaults of account {place.account}, {place.region}",
    )


def admits(params: CopyParams, policy: str | None, organization: str | None) -> Finding:
    """Across accounts the destination's policy has to say yes; within one it only must not say no."""
    source, place = params.point.vault, params.destination
    caller = copy_role(params, organization)
    verdict = judge(policy, caller, INTO, place.arn)
    evidence = f"{READ} of {place.arn}: {_said(policy, verdict.opinion)}"
    if verdict.opinion is Opinion.ALLOWS:
        return fine("vault-policy", f"The vault's policy lets {source.account} copy into it.", evidence)
    if verdict.opinion is Opinion.SILENT and source.account == place.account:
        return fine("vault-policy", "The vault's policy does not deny the copy.", evidence)
    statement = allow({"AWS": root_of(source.account, source.region)}, INTO)
    remedy = admit(place, policy, statement if source.account != place.account else {}, caller, INTO)
    if verdict.opinion is Opinion.UNCLEAR:
        return unseen("vault-policy-unclear", _unclear("vault", verdict.because), evidence, remedy)
    why = "denies it explicitly" if verdict.opinion is Opinion.DENIES else "does not allow it"
    return Finding(
        "vault-policy-denies",
        Level.FAIL,
        f"Account {source.account} may not copy into the vault {place.name}: its access policy {why}.",
        f"Change the policy. {remedy}",
        evidence,
        overridable=True,
    )


def lets_go(params: CopyParams, policy: str | None, organization: str | None) -> Finding:
    """The source's policy must not deny copying from it."""
    point, vault, caller = params.point, params.point.vault, copy_role(params, organization)
    verdict = judge(policy, caller, FROM, point.arn)
    evidence = f"{READ} of {vault.arn}: {_said(policy, verdict.opinion)}"
    if verdict.opinion is Opinion.UNCLEAR:
        statement = allow({"AWS": root_of(vault.account, vault.region)}, FROM)
        return unseen(
            "source-policy-unclear",
            _unclear("source vault", verdict.because),
            evidence,
            f"{AT_START} To be sure before, change the policy. "
            f"{admit(vault, policy, statement, caller, FROM, point.arn)}",
        )
    if verdict.opinion is not Opinion.DENIES:
        return fine("source-policy", "The source vault's policy does not deny the copy.", evidence)
    return Finding(
        "source-policy-denies",
        Level.FAIL,
        f"The access policy of the source vault {vault.name} denies copying from it.",
        f"Take the denying statement out. {admit(vault, policy, {}, caller, FROM, point.arn)}",
        evidence,
        overridable=True,
    )


def air_gap(vault: Vault) -> Finding | None:
    """Say what a logically air-gapped vault means, where it is one."""
    if vault.kind is not VaultKind.AIR_GAPPED:
        return None
    return Finding(
        "air-gapped",
        Level.WARN,
        f"The vault {vault.ref.name} is logically air-gapped: a copy in it cannot be deleted or changed before its "
        "end, and copying it out needs a vault with a customer managed key.",
        "Nothing needs doing if that is meant.",
        f"ListBackupVaults: {vault.kind}, {vault.min_days} to {vault.max_days} days",
    )


def room_for_vault(vaults: int, place: VaultRef) -> Finding:
    """A vault that the plan creates needs room among the account's vaults."""
    evidence = f"ListBackupVaults of account {place.account}, {place.region}: {vaults} vaults"
    if vaults < MOST_VAULTS:
        return fine("vault-room", f"The vault {place.name} is created by an earlier step.", evidence)
    return Finding(
        "too-many-vaults",
        Level.WARN,
        f"Account {place.account} has {vaults} vaults in {place.region}; without a raised quota AWS allows "
        f"{MOST_VAULTS}.",
        "Choose a vault that is there, or have the quota raised.",
        evidence,
    )


def _create(params: CopyParams, key_arn: str | None) -> str:
    place, source = params.destination, params.point.vault
    where = ["--region", place.region, "--backup-vault-name", place.name]
    if place.account == source.account:
        return f"In account {place.account} run `{command('backup', 'create-backup-vault', *where)}`."
    statement = allow({"AWS": root_of(source.account, source.region)}, INTO)
    caller = copy_role(params, None)
    policy = admit(place, None, statement, caller, INTO)
    if key_arn:
        made = command("backup", "create-backup-vault", *where, "--encryption-key-arn", key_arn)
    else:
        # A vault that takes copies of other accounts needs a customer managed key, and none is known there.
        key = command("kms", "create-key", "--region", place.region, "--query", "KeyMetadata.Arn", "--output", "text")
        made = f'{command("backup", "create-backup-vault", *where)} --encryption-key-arn "$({key})"'
    return f"In account {place.account} run `{made}`. {policy}"


def _said(policy: str | None, opinion: Opinion) -> str:
    return "there is no policy" if policy is None else f"it {_WORDS[opinion]}"


_WORDS = {
    Opinion.ALLOWS: "allows it",
    Opinion.DENIES: "denies it explicitly",
    Opinion.SILENT: "does not mention it",
    Opinion.UNCLEAR: "cannot be judged from here",
}


def _unclear(what: str, because: str) -> str:
    return f"I could not judge the access policy of the {what}: it depends on {because}."
