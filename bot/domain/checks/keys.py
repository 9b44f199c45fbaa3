"""Judge the keys of both vaults: there, usable, open to whoever uses them, and not AWS's own where that cannot be."""

from collections.abc import Iterable, Sequence

from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.checks.vault import copy_role
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams, CreateVaultParams, StepKind
from bot.domain.policies import Caller, Opinion, Verdict, judge
from bot.domain.remedies import account_of, command, key_commands, open_key, region_of, run_in, service_linked_role
from bot.domain.surroundings import Key

WRITES = ("kms:DescribeKey", "kms:GenerateDataKey")
READS = ("kms:DescribeKey", "kms:Decrypt")
BROUGHT_BACK = frozenset({"Disabled", "PendingDeletion"})


def writer(place: VaultRef, organization: str | None) -> Caller:
    """Who encrypts what comes into a vault: AWS Backup's service-linked role of its account."""
    return Caller(service_linked_role(place.account, place.region), place.account, organization)


def key_kind(params: CopyParams, source: Vault | None, vault: Vault, key: Key | None) -> Finding:
    """AWS's own key cannot take another account's copy, nor what comes out of an air gap; `source` None: not seen.

    The documentation contradicts itself for backups that AWS Backup manages itself, so the strict reading holds and
    approvers may overrule it.
    """
    place, origin = params.destination, params.point.vault
    evidence = f"DescribeKey of {key.arn}: {'AWS' if key.by_aws else 'customer'} managed" if key else "no key is named"
    crosses = place.account != origin.account
    leaves_gap = source is not None and source.kind is VaultKind.AIR_GAPPED
    is_awss = vault.kind is VaultKind.STANDARD and (key is None or key.by_aws)
    if is_awss and source is None and not crosses:
        return _unseen_source(params, key, evidence)
    if not (is_awss and (leaves_gap or crosses)):
        return fine("key-kind", "The destination vault's kind of key suits this copy.", evidence)
    if key is None:
        return unseen(
            "key-kind-unseen",
            f"AWS does not tell which key the vault {place.name} has. A copy from another account needs a customer "
            "managed one.",
            evidence,
            AT_START,
        )
    what = "out of a logically air-gapped vault" if leaves_gap else "from another account"
    default = ", as each vault called Default is" if place.name == "Default" else ""
    return Finding(
        "default-key",
        Level.FAIL,
        f"The vault {place.name} is encrypted with AWS's own key aws/backup{default}, and AWS takes no copy {what} "
        "into it.",
        f"A vault's key cannot be changed: choose or create a vault in account {place.account}, {place.region} that "
        "has a customer managed key.",
        evidence,
        StepKind.CREATE_VAULT,
        overridable=True,
    )


def _unseen_source(params: CopyParams, key: Key | None, evidence: str) -> Finding:
    place, origin = params.destination, params.point.vault
    has = "AWS's own key" if key is not None else "no key that AWS tells of"
    return unseen(
        "key-kind-unseen",
        f"I could not see whether the vault {origin.name} is logically air-gapped. AWS copies out of such a vault only "
        f"into one that has a customer managed key, and {place.name} has {has}.",
        f"{evidence}; ListBackupVaults of account {origin.account}, {origin.region} does not tell of {origin.name}",
        AT_START,
    )


def destination_key(params: CopyParams, key: Key | None, organization: str | None) -> Finding:
    """The copy is encrypted with the destination vault's key."""
    place = params.destination
    return _judge("key", f"the vault {place.name}", key, writer(place, organization), WRITES, place.account)


def new_vault_key(params: CreateVaultParams, key: Key) -> Finding:
    """The key that a vault is to be made with: it must do for the copies that come into it."""
    place = params.vault
    what, instead = f"the new vault {place.name}", "give another key"
    return _judge("key", what, key, writer(place, None), WRITES, place.account, instead)


def no_such_key(params: CreateVaultParams) -> Finding:
    """A vault can be made with a key that is not there, but nothing can be copied into it."""
    place = params.vault
    listed = run_in(place.account, command("kms", "list-keys", "--region", place.region))
    return Finding(
        "key-missing",
        Level.FAIL,
        f"The key of the new vault {place.name} does not exist, so nothing could be copied into it.",
        f"Give the ARN of a key that is there. {listed}",
        f"DescribeKey of {params.key_arn}",
    )


def source_key(params: CopyParams, key: Key | None, organization: str | None) -> Finding:
    """The backup is decrypted with its own vault's key; the table's key does not matter."""
    vault, caller = params.point.vault, copy_role(params, organization)
    return _judge("source-key", f"the source vault {vault.name}", key, caller, READS, vault.account)


def missing_key(code: str, what: str, key_arn: str) -> Finding:
    return Finding(
        f"{code}-missing",
        Level.FAIL,
        f"The key of {what} does not exist (any more).",
        "A vault's key cannot be changed or brought back: choose another vault.",
        f"DescribeKey of {key_arn}",
    )


def _judge(
    code: str,
    what: str,
    key: Key | None,
    caller: Caller,
    uses: Sequence[str],
    account: str,
    instead: str = "choose another vault",
) -> Finding:
    if key is None:
        return fine(code, f"The key of {what} is AWS's own and needs no permission.", "The vault names no key")
    evidence = f"DescribeKey of {key.arn}: {key.state}"
    if key.state != "Enabled":
        return _unusable(code, what, key, evidence, account, instead)
    if key.by_aws:
        return fine(code, f"The key of {what} is AWS's own and usable.", evidence)
    if key.policy is None:
        return unseen(
            f"{code}-unseen",
            f"I may not read the policy of the key of {what}: {key.policy_unseen}",
            f"{evidence}; GetKeyPolicy",
            AT_START,
        )
    return _opened(code, what, key, _in_use(caller, key.arn), uses)


def _unusable(code: str, what: str, key: Key, evidence: str, account: str, instead: str) -> Finding:
    remedy = f"{instead.capitalize()}."
    if key.state in BROUGHT_BACK:
        steps = key_commands(key.arn, key.state)
        remedy = f"Bring the key back, or {instead}. {run_in(account_of(key.arn) or account, *steps)}"
    return Finding(
        f"{code}-unusable",
        Level.FAIL,
        f"The key of {what} cannot be used: it is {key.state}.",
        remedy,
        evidence,
        overridable=True,
    )


def _opened(code: str, what: str, key: Key, caller: Caller, uses: Sequence[str]) -> Finding:
    found = {use: judge(key.policy, caller, use, key.arn) for use in uses}
    evidence = f"GetKeyPolicy of {key.arn}"
    shut = [use for use, verdict in found.items() if verdict.opinion in (Opinion.SILENT, Opinion.DENIES)]
    unclear = _first_unclear(found.values())
    if not shut and unclear is None:
        return fine(code, f"The key of {what} is enabled, and its policy lets {_name(caller)} use it.", evidence)
    remedy = open_key(key.arn, key.policy, caller, caller.account)
    if not shut and unclear is not None:
        return unseen(
            f"{code}-unclear",
            f"I could not judge the policy of the key of {what}: {unclear.because}.",
            evidence,
            f"{AT_START} To be sure before, change the policy. {remedy}",
        )
    return Finding(
        f"{code}-closed",
        Level.FAIL,
        f"The policy of the key of {what} does not let {_name(caller)} use it ({', '.join(shut)}).",
        f"Change the policy. {remedy}",
        evidence,
        overridable=True,
    )


def _in_use(caller: Caller, key_arn: str) -> Caller:
    """The same caller as KMS sees it, by way of AWS Backup: what the recommended conditions of such policies ask."""
    by_way_of = {
        "kms:ViaService": f"backup.{region_of(key_arn)}.amazonaws.com",
        "kms:GrantIsForAWSResource": "true",
        "kms:CallerAccount": caller.account,
    }
    return Caller(caller.arn, caller.account, caller.organization, by_way_of)


def _first_unclear(verdicts: Iterable[Verdict]) -> Verdict | None:
    return next((verdict for verdict in verdicts if verdict.opinion is Opinion.UNCLEAR), None)


def _name(caller: Caller) -> str:
    return f"{caller.arn.rpartition('/')[2]} of account {caller.account}"
