"""Hang the local AWS Backup into moto, where `mock_aws` and moto's server both find it."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto import mock_aws
from moto.backup.models import backup_backends

from bot.sandbox.aws import gate
from bot.sandbox.aws.models import SandboxBackupBackend
from bot.sandbox.aws.state import HOME_ACCOUNT
from bot.sandbox.aws.world import AwsWorld
from bot.sandbox.clock import WorldClock


def install(clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> AwsWorld:
    """Put the plug-in in place and give a new, empty world; moto can serve only the latest one."""
    # Without clear(), accounts touched earlier would keep moto's own back end.
    backup_backends.backend = SandboxBackupBackend
    backup_backends.clear()
    world = AwsWorld(clock, home_account=home_account)
    gate.put_up()
    world.reset()
    return world


@contextmanager
def in_process(clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> Iterator[AwsWorld]:
    """Run the local AWS inside this process: boto3 clients made in the block talk to it, without a socket."""
    with mock_aws():
        yield install(clock, home_account=home_account)
