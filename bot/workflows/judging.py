"""From readings to findings: each reason why a copy fails gets its judgement, or the word that it could not be seen."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.domain.backups import Account, Vault
from bot.domain.checks import keys, organization, place, point, role, vault, work
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams
from bot.domain.remedies import permit
from bot.domain.surroundings import Held, Job, Key, Organization, Permission, RegionSettings
from bot.workflows.readings import Answer, Readings, source_is_to_come

Value = TypeVar("Value")
Judge = Callable[[Value], Finding]


@dataclass(frozen=True, slots=True)
class Question:
    """What a reading asks: its finding's code, in words what it is about, the permission it needs, and where."""

    code: str
    what: str
    action: str
    account: str


@dataclass
class Judging:
    """One copy's readings, judged. `vault` is the destination as listed; None: it is not there (yet) or not seen."""

    params: CopyParams
    vault: Vault | None
    readings: Readings
    accounts: Sequence[Account]
    now: datetime
    only_new: bool = False

    def findings(self) -> tuple[Finding, ...]:
        """All findings about the surroundings; an account that cannot be entered is told once."""
        found = [
            *self._organization(),
            *self._places(),
            *self._destination(),
            *self._source(),
            *self._role(),
            *self._work(),
        ]
        return tuple(_once(found))

    def _organization(self) -> Iterator[Finding]:
        params, read = self.params, self.readings
        source, there = params.point.vault.account, params.destination.account
        manager = self._manager()
        if read.there is None:
            yield organization.one_organization(params, None, None)
            yield organization.switch(params, None, "")
        else:
            far = read.there.result()
            ask = Question("organization", "the organization", "organizations:DescribeOrganization", source)
            if isinstance(far, BackupsError):
                yield self._unseen(Question(ask.code, ask.what, ask.action, there), far)
            else:
                yield self._told(ask, read.here, lambda here: organization.one_organization(params, here, far))
            yield self._switch(manager)
        said = [one for answer in (read.copying_from, read.copying_into) for one in _seen(answer) or ()]
        yield from organization.control_policies(params, said, manager)

    def _switch(self, manager: str) -> Finding:
        """Either side may tell; a member account may not be let to."""
        answers = [answer.result() for answer in self.readings.switches]
        told = next((answer for answer in answers if isinstance(answer, bool)), None)
        error = next((answer for answer in answers if isinstance(answer, BackupsError)), None)
        if told is None and error is not None:
            account = self.params.point.vault.account
            what = "whether the organization allows copies to other accounts"
            return self._unseen(Question("cross-account", what, "backup:DescribeGlobalSettings", account), error)
        return organization.switch(self.params, told, manager)

    def _places(self) -> Iterator[Finding]:
        params, read = self.params, self.readings
        source, there = params.point.vault, params.destination
        if read.region_state is not None:
            ask = Question(
                "region-enabled",
                f"whether account {there.account} has {there.region}",
                "account:GetRegionOptStatus",
                there.account,
            )
            yield self._told(ask, read.region_state, lambda state: place.region_enabled(params, state))
        ask = Question(
            "feature", f"what AWS Backup supports in {there.region}", "backup:GetSupportedResourceTypes", there.account
        )
        yield self._told(ask, read.types, lambda types: place.feature(params, types))
        settings = "backup:DescribeRegionSettings"
        ask = Question("opt-in", f"the settings of AWS Backup in {there.region}", settings, there.account)
        yield self._told(ask, read.settings, lambda found: place.opt_in(params, found))
        ask = Question("advanced", f"the settings of AWS Backup in {source.region}", settings, source.account)
        yield self._told(ask, read.source_settings, lambda found: place.source_settings(params, found))

    def _destination(self) -> Iterator[Finding]:
        params, read, there = self.params, self.readings, self.params.destination
        if read.policy is None or read.key is None:
            vaults = _seen(read.vaults)
            if vaults is not None:
                yield vault.room_for_vault(len(vaults), there)
            return
        if self.vault is None:
            return
        what = f"the access policy of the vault {there.name}"
        ask = Question("vault-policy", what, "backup:GetBackupVaultAccessPolicy", there.account)
        yield self._told(ask, read.policy, lambda policy: vault.admits(params, policy, self._organization_id()))
        yield from self._destination_key(read.key, self.vault)
        gap = vault.air_gap(self.vault)
        if gap is not None:
            yield gap

    def _destination_key(self, answer: Answer[Key | None], destination: Vault) -> Iterator[Finding]:
        params, there = self.params, self.params.destination
        what = f"the vault {there.name}"
        error = answer.result()
        if isinstance(error, BackupsMissing):
            yield keys.missing_key("key", what, destination.key_arn or "")
            return
        ask = Question("key", f"the key of {what}", "kms:DescribeKey", there.account)
        yield self._told(ask, answer, lambda key: self._key_kind(destination, key))
        if not isinstance(error, BackupsError):
            found = keys.destination_key(params, error, self._organization_id(there.account))
            yield self._readable(found, "key", "kms:GetKeyPolicy", there.account)

    def _key_kind(self, destination: Vault, key: Key | None) -> Finding:
        """The source's list is read for it, too: it alone tells an air gap."""
        origin, listed = self.params.point.vault, self.readings.source_vaults
        found, error = keys.key_kind(self.params, _listed(listed, origin.arn), destination, key), listed.result()
        if found.level is not Level.UNSEEN or not isinstance(error, BackupsError):
            return found
        ask = Question("key-kind", f"the vault {origin.name}", "backup:ListBackupVaults", origin.account)
        return replace(found, remedy=self._remedy(ask, error))

    def _source(self) -> Iterator[Finding]:
        params, read, source = self.params, self.readings, self.params.point.vault
        if source_is_to_come(params, read):
            return
        what = f"the access policy of the source vault {source.name}"
        ask = Question("source-policy", what, "backup:GetBackupVaultAccessPolicy", source.account)
        policy = read.source_policy.result()
        if not (params.point_from_before and isinstance(policy, BackupsDenied)):
            yield self._told(
                ask, read.source_policy, lambda policy: vault.lets_go(params, policy, self._organization_id())
            )
        what = f"the source vault {source.name}"
        if isinstance(read.source_key.result(), BackupsMissing):
            listed = _listed(read.source_vaults, source.arn)
            yield keys.missing_key("source-key", what, (listed.key_arn if listed else "") or "")
            return
        ask = Question("source-key", f"the key of {what}", "kms:DescribeKey", source.account)
        yield self._told(ask, read.source_key, self._source_key)

    def _source_key(self, key: Key | None) -> Finding:
        found = keys.source_key(self.params, key, self._organization_id())
        return self._readable(found, "source-key", "kms:GetKeyPolicy", self.params.point.vault.account)

    def _role(self) -> Iterator[Finding]:
        params, read = self.params, self.readings
        account = params.point.vault.account
        if isinstance(read.role.result(), BackupsMissing):
            yield role.missing_role(params)
        else:
            ask = Question("role", "the copy role", "iam:GetRole", account)
            yield self._told(ask, read.role, lambda found: role.trust(params, found))
            ask = Question("role-permissions", "what the copy role may do", "iam:SimulatePrincipalPolicy", account)
            yield self._both(ask, read.copying_from, read.copying_into, lambda said: role.may_copy(params, said))
        bot = self._bot_role(account)
        if read.starting is None or read.passing is None or bot is None:
            yield role.own_credentials(params)
            return
        ask = Question(
            "bot-permissions",
            f"what the bot's role may do in account {account}",
            "iam:SimulatePrincipalPolicy",
            account,
        )
        yield self._both(ask, read.starting, read.passing, lambda said: role.may_start(params, bot, said))

    def _work(self) -> Iterator[Finding]:
        params, read = self.params, self.readings
        source, there = params.point.vault, params.destination
        jobs = _seen(read.jobs)
        if read.jobs is not None:
            ask = Question(
                "table-idle",
                f"the jobs of table {params.point.table_name}",
                "backup:ListCopyJobs and backup:ListBackupJobs",
                source.account,
            )
            yield self._told(ask, read.jobs, lambda found: work.jobs_of_table(params, found))
        ask = Question("quota", f"the copies at work in {source.region}", "backup:ListCopyJobs", source.account)
        yield self._told(ask, read.at_work, lambda found: work.copies_at_work(params, found))
        if read.copies is not None and self.vault is not None:
            what = f"what is in the vault {there.name} already"
            ask = Question("new-copy", what, "backup:ListRecoveryPointsByBackupVault", there.account)
            yield self._told(ask, read.copies, lambda found: self._already_there(found, jobs))
        if read.details is not None:
            yield from self._details()

    def _already_there(self, copies: Sequence[Held], jobs: Sequence[Job] | None) -> Finding:
        return work.already_there(self.params, copies, jobs, only_new=self.only_new)

    def _details(self) -> Iterator[Finding]:
        assert self.readings.details is not None
        source, details = self.params.point, self.readings.details.result()
        if isinstance(details, BackupsError):
            # That the backup itself cannot be read is told already.
            ask = Question(
                "malware", "its malware scans and tags", "backup:DescribeRecoveryPoint", source.vault.account
            )
            yield unseen(
                "malware-unseen",
                f"I could not see {ask.what}: {details.message}",
                "DescribeRecoveryPoint",
                self._scanned(ask, details),
            )
            return
        yield point.malware(source, details)
        yield self._readable(point.tags(source, details), "tags", "backup:ListTags", source.vault.account)
        yield point.tag_policy(source, details, self.params.destination.account)

    def _scanned(self, ask: Question, error: BackupsError) -> str:
        if isinstance(error, BackupsDenied):
            return f"AWS copies infected backups without a word. To have it checked before: {self._let_see(ask)}"
        return "AWS copies infected backups without a word: look again when AWS answers, or choose another backup."

    def _readable(self, finding: Finding, code: str, action: str, account: str) -> Finding:
        """The same finding with the permission to paste, where all that is missing is to be allowed to read."""
        if finding.code != f"{code}-unseen":
            return finding
        ask = Question(code if code == "tags" else f"{code}-policy", "", action, account)
        return replace(finding, remedy=f"{AT_START} To have it checked before: {self._let_see(ask)}")

    def _told(self, ask: Question, answer: Answer[Value], judge: Judge[Value]) -> Finding:
        found = answer.result()
        return self._unseen(ask, found) if isinstance(found, BackupsError) else judge(found)

    def _both(
        self,
        ask: Question,
        one: Answer[tuple[Permission, ...]],
        other: Answer[tuple[Permission, ...]],
        judge: Judge[Sequence[Permission]],
    ) -> Finding:
        first, second = one.result(), other.result()
        if isinstance(first, BackupsError):
            return self._unseen(ask, first)
        return self._told(ask, other, lambda said: judge([*first, *said])) if second else judge(first)

    def _unseen(self, ask: Question, error: BackupsError) -> Finding:
        """A reading that failed, with what would let the bot see it."""
        if isinstance(error, BackupsLockedOut):
            return unseen(
                f"account-{ask.account}-unseen",
                f"I could not look into account {ask.account}: {error.message}",
                error.operation or ask.action,
                f"{AT_START} An operator mends the bot's role there.",
            )
        return unseen(
            f"{ask.code}-unseen",
            f"I could not see {ask.what}: {error.message}",
            error.operation or ask.action,
            self._remedy(ask, error),
        )

    def _remedy(self, ask: Question, error: BackupsError) -> str:
        if isinstance(error, BackupsDenied):
            return f"{AT_START} To have it checked before: {self._let_see(ask)}"
        return AT_START

    def _let_see(self, ask: Question) -> str:
        actions = dict.fromkeys(ask.action.split(" and "), "*")
        bot = self._bot_role(ask.account)
        if bot is None:
            return f"let the bot's credentials {ask.action} in account {ask.account}."
        return permit(bot, f"See-{ask.code}", actions)

    def _bot_role(self, account: str) -> str | None:
        return next((one.role_arn for one in self.accounts if one.id == account), None)

    def _organization_id(self, account: str = "") -> str | None:
        """As `Caller` has it: "" for an account in no organization, None when that is not known."""
        far = self.readings.there if account not in ("", self.params.point.vault.account) else self.readings.here
        found = (far or self.readings.here).result()
        if isinstance(found, BackupsError):
            return None
        return found.id if found is not None else ""

    def _manager(self) -> str:
        for answer in (self.readings.here, self.readings.there):
            found = answer.result() if answer is not None else None
            if isinstance(found, Organization) and found.manager:
                return found.manager
        return ""


def from_before(params: CopyParams) -> Iterator[Finding]:
    """What an earlier step of the plan settles is not looked at; say so."""
    if params.vault_from_before:
        yield fine(
            "vault-from-before",
            f"The vault {params.destination.name} is created by an earlier step of this plan, which settles its policy "
            "and key.",
            "The plan",
        )
    if params.point_from_before:
        yield fine(
            "point-from-before",
            "The backup is made by an earlier step of this plan, and looked at when that is done.",
            "The plan",
        )


def source_settings(readings: Readings) -> RegionSettings | None:
    return _seen(readings.source_settings)


def _seen(answer: Answer[Value] | None) -> Value | None:
    """The value of a reading; None when it failed or was not asked."""
    found = answer.result() if answer is not None else None
    return None if isinstance(found, BackupsError) else found


def _listed(answer: Answer[tuple[Vault, ...]], arn: str) -> Vault | None:
    return next((one for one in _seen(answer) or () if one.ref.arn == arn), None)


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """The same word about an account that cannot be entered, once."""
    told: set[tuple[str, str]] = set()
    for finding in found:
        known = (finding.code, finding.sentence)
        if known not in told:
            told.add(known)
            yield finding
