"""One AWS Backup call as an operation sees it: who, where, when, with what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.aws.books import Books
from bot.sandbox.aws.errors import insufficient_privileges, point_not_found
from bot.sandbox.aws.policies import Caller
from bot.sandbox.aws.records import RecoveryPoint, Vault
from bot.sandbox.aws.state import WorldState

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BackupCall:
    """A checked request. `now` is fixed for the whole call."""

    state: WorldState
    account: str
    region: str
    caller: Caller
    params: Mapping[str, Any]
    now: datetime

    @property
    def books(self) -> Books:
        return self.state.books(self.account, self.region)

    def vault(self, member: str = "BackupVaultName") -> Vault:
        """Find the vault a request names. Raises AwsError with AWS's answer for an unknown one."""
        vault = self.books.vaults.get(self.params[member])
        foreign = self.params.get("BackupVaultAccountId", self.account) != self.account
        # BackupVaultAccountId works only for vaults shared through RAM, which the emulator has not.
        if vault is None or foreign:
            raise insufficient_privileges()
        return vault

    def point(self) -> RecoveryPoint:
        """Find the recovery point a request names in the vault it names."""
        point = self.vault().points.get(self.params["RecoveryPointArn"])
        if point is None:
            raise point_not_found()
        return point


def without_none(result: Mapping[str, Any]) -> Result:
    """Leave out what AWS leaves out."""
    return {name: value for name, value in result.items() if value is not None}
