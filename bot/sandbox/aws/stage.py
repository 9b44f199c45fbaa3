"""The stage that moto is: one world at a time stands on it, and leaves moto as it found it."""

from moto.backup.models import BackupBackend, backup_backends
from moto.core.base_backend import BackendDict
from moto.organizations.models import organizations_backends

from bot.sandbox.aws import gate, neighbours
from bot.sandbox.aws.models import SandboxBackupBackend
from bot.sandbox.aws.state import WorldState, make_current, on_stage


def enter(state: WorldState) -> None:
    """Let moto serve this world from now on, beginning with nothing."""
    # Without the reset, accounts touched earlier would keep moto's own back end.
    backup_backends.backend = SandboxBackupBackend
    BackendDict.reset()
    make_current(state)
    gate.put_up()
    neighbours.open_doors()


def leave(state: WorldState) -> None:
    """Give moto back to plain `mock_aws`, unless another world has entered meanwhile."""
    if on_stage() is not state:
        return
    make_current(None)
    backup_backends.backend = BackupBackend
    BackendDict.reset()
    # moto's own reset forgets to forget who is in which organization.
    organizations_backends.master_accounts.clear()
