"""AWS, account by account: entered as the right one, its Regions, its copy role, its vaults, the bot's permissions."""

from collections.abc import Generator, Iterator, Sequence

from bot.aws.actions import ACTIONS, Action, On, Use, sample
from bot.aws.backups import Boto3Backups
from bot.aws.errors import NO_CREDENTIALS
from bot.aws.sessions import Patience
from bot.aws.surroundings import Boto3Surroundings
from bot.checking.lines import Line, Lines, care, fault, fine, unknown
from bot.domain.admission import FROM, INTO
from bot.domain.backups import Account, Vault, VaultRef
from bot.domain.checks.place import REGION_ON
from bot.domain.checks.role import trusts_backup
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.policies import Caller, Opinion, judge
from bot.domain.remedies import BACKUP_SERVICE

SHORT = Patience(connect_timeout=3, read_timeout=8, attempts=2, sweep_attempts=2)
SEE_IAM = "`copy-backup iam` prints the policies: "
CREDENTIALS = (
    "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where the bot runs, or give it an instance's or "
    "a task's role."
)
NEEDED = (Use.LOOK, Use.COPY)
# Of more vaults than these the policies are not read: a check is to be short.
MOST_VAULTS = 40


def check_account(account: Account, accounts: Sequence[Account]) -> Lines:
    """Everything that has to be in place in one account; nothing is changed."""
    backups = Boto3Backups(accounts, patience=SHORT)
    try:
        yield from Looking(account, accounts, backups).all()
    finally:
        backups.close()


class Looking:
    """One account, looked at by the bot's own ways in."""

    def __init__(self, account: Account, accounts: Sequence[Account], backups: Boto3Backups) -> None:
        self._account = account
        self._others = [other for other in accounts if other.id != account.id]
        self._backups = backups
        self._around = Boto3Surroundings(backups.calls)

    def all(self) -> Lines:
        entered = yield from self._identity()
        if not entered:
            return
        vaults: list[Vault] = []
        for region in self._account.regions:
            vaults += yield from self._region(region)
        yield from self._copy_role()
        yield from self._permissions()
        yield from self._switch()
        yield from self._doors(vaults)

    def _identity(self) -> Generator[Line, None, bool]:
        account = self._account
        way = f"by {account.role_arn}" if account.role_arn else "by the bot's own credentials"
        try:
            there = self._around.identity(account.id)
        except BackupsError as error:
            if error.code in NO_CREDENTIALS:
                yield fault(f"The bot has no AWS credentials to enter it with: {error.__cause__ or error}", CREDENTIALS)
                return False
            yield fault(f"It cannot be entered {way}: {error.message}", _way_in(account))
            return False
        if there != account.id:
            yield fault(
                f"Entered {way}, but that is account {there}",
                f"Correct id or role_arn of {account.alias} in the configuration.",
            )
            return False
        yield fine(f"Entered {way}")
        return True

    def _region(self, region: str) -> Generator[Line, None, tuple[Vault, ...]]:
        """Whether a Region is on and AWS Backup can be asked there; its vaults."""
        account = self._account
        try:
            state = self._around.region_state(account.id, region)
        except BackupsError as error:
            yield unknown(f"{region}: not seen whether the Region is enabled ({error.message})")
        else:
            if state not in REGION_ON:
                yield fault(f"{region}: the account has not enabled this Region ({state})", _enable(region))
                return ()
        try:
            vaults = self._backups.vaults(account.id, region)
            settings = self._around.region_settings(account.id, region)
        except BackupsError as error:
            yield fault(f"{region}: AWS Backup does not answer: {error.message}", f"{SEE_IAM}bot_role.")
            return ()
        yield fine(f"{region}: enabled, {'1 vault' if len(vaults) == 1 else f'{len(vaults)} vaults'}")
        if settings.opted_in is False:
            yield care(
                f"{region}: AWS Backup is not opted in for DynamoDB",
                "AWS Backup console, Settings, Service opt-in: DynamoDB. Copies of backups that exist work without.",
            )
        if settings.advanced is False:
            yield care(
                f"{region}: advanced features for DynamoDB backups are off, so new backups there cannot be copied",
                "AWS Backup console, Settings, or `/copy-backup now TABLE to …`, which turns them on once approved.",
            )
        return vaults

    def _copy_role(self) -> Lines:
        """The role that AWS Backup itself assumes: there, trusting, allowed."""
        arn = self._account.copy_role_arn
        try:
            role = self._around.role(arn)
        except BackupsMissing:
            yield fault(f"The copy role {arn} is not there", f"{SEE_IAM}copy_role has its trust and its policy.")
            return
        except BackupsError as error:
            yield unknown(f"The copy role {arn} could not be seen: {error.message}")
            return
        trusts = trusts_backup(role).opinion
        if trusts is Opinion.ALLOWS:
            yield fine(f"The copy role {arn} is there and trusts AWS Backup")
        elif trusts is Opinion.UNCLEAR:
            yield unknown(f"The trust policy of the copy role {arn} could not be judged")
        else:
            yield fault(
                f"The copy role {arn} does not trust {BACKUP_SERVICE}",
                f"{SEE_IAM}copy_role.trust_policy is what it needs.",
            )
        yield from self._copying(arn)

    def _copying(self, role: str) -> Lines:
        points, _ = sample(On.POINTS, self._account)
        wanted = [(FROM, points), *((INTO, sample(On.VAULTS, one)[0]) for one in (*self._others, self._account))]
        try:
            told = [one for action, arn in wanted for one in self._around.permissions(role, [action], arn)]
        except BackupsError as error:
            yield unknown(f"Not seen what the copy role may do: {error.message}")
            return
        denied = sorted({one.action for one in told if not one.allowed})
        if denied:
            yield fault(f"The copy role may not {' and '.join(denied)}", f"{SEE_IAM}copy_role.policy.")
        else:
            yield fine("The copy role may copy from here and into every account")

    def _permissions(self) -> Lines:
        """What the bot's own role may do, by IAM's simulation: what it needs always, and what only some jobs need."""
        role = self._account.role_arn
        if role is None:
            yield unknown(
                "The bot works here with its own credentials; what they may do was not simulated",
                f"{SEE_IAM}bot_credentials.",
            )
            return
        try:
            denied = [action for on in On for action in self._denied(role, on)]
        except BackupsError as error:
            yield unknown(f"Not seen what the bot's role may do: {error.message}", f"{SEE_IAM}bot_role.policy.")
            return
        needed = [action.name for action in denied if action.use in NEEDED]
        if needed:
            yield fault(f"The bot's role may not {', '.join(needed)}", f"{SEE_IAM}bot_role.policy.")
        else:
            yield fine("The bot's role may look at everything and start copies")
        for use in Use:
            lacking = [action.name for action in denied if action.use is use and use not in NEEDED]
            if lacking:
                yield care(
                    f"The bot's role may not {', '.join(lacking)}: {use} will fail here",
                    f"If it is not wanted, that is as it should be; else {SEE_IAM}bot_role.policy.",
                )

    def _denied(self, role: str, on: On) -> Iterator[Action]:
        asked = [action for action in ACTIONS if action.on is on]
        arn, context = sample(on, self._account)
        told = self._around.permissions(role, [action.name for action in asked], arn, context)
        allowed = {one.action for one in told if one.allowed}
        return (action for action in asked if action.name not in allowed)

    def _switch(self) -> Lines:
        """Whether the organization lets backups be copied to other accounts; AWS tells it to some accounts only."""
        if not self._others:
            return
        try:
            on = self._around.cross_account_backup(self._account.id, self._account.regions[0])
        except BackupsError:
            on = None
        if on is False:
            yield fault(
                "The organization does not let backups be copied to other accounts",
                "In its management account: `aws backup update-global-settings --global-settings "
                "isCrossAccountBackupEnabled=true`.",
            )
        elif on:
            yield fine("The organization lets backups be copied to other accounts")

    def _doors(self, vaults: Sequence[Vault]) -> Lines:
        """Which vaults let the copy roles of other accounts in; without any, nothing can be copied here from there."""
        for other in self._others:
            open_to, unseen = [], 0
            for vault in vaults[:MOST_VAULTS]:
                admitted = self._admits(vault.ref, other)
                open_to += [vault.ref.name] if admitted else []
                unseen += admitted is None
            if open_to:
                names = ", ".join(dict.fromkeys(open_to[:5])) + (" …" if len(open_to) > 5 else "")
                yield fine(f"Copies from {other.alias} may come into {len(open_to)} of {len(vaults)} vaults: {names}")
            elif unseen:
                yield unknown(f"Not seen which vaults let copies from {other.alias} in")
            else:
                yield care(
                    f"No vault lets copies from {other.alias} in",
                    f"If they are to come here: {SEE_IAM}vault_access_policy is the one for the vault.",
                )

    def _admits(self, vault: VaultRef, other: Account) -> bool | None:
        """None: that could not be seen."""
        try:
            policy = self._around.vault_policy(vault)
        except BackupsError:
            return None
        opinion = judge(policy, Caller(other.copy_role_arn, other.id), INTO, vault.arn).opinion
        return None if opinion is Opinion.UNCLEAR else opinion is Opinion.ALLOWS


def _way_in(account: Account) -> str:
    if account.role_arn is None:
        return CREDENTIALS
    return f"{SEE_IAM}bot_role.trust_policy for {account.role_arn}, bot.policy for what the bot runs as."


def _enable(region: str) -> str:
    return f"`aws account enable-region --region-name {region}`, which takes a while, or take it out of regions."
