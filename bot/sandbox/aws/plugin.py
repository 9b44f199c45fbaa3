"""Hang the local AWS into moto, where `mock_aws` and moto's server both find it."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto import mock_aws

from bot.sandbox.aws import stage
from bot.sandbox.aws.state import HOME_ACCOUNT
from bot.sandbox.aws.world import AwsWorld
from bot.sandbox.clock import WorldClock


def install(clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> AwsWorld:
    """Put the plug-in in place and give a new, empty world; moto serves only the latest one."""
    world = AwsWorld(clock, home_account=home_account)
    world.reset()
    return world


def uninstall(world: AwsWorld) -> None:
    """Leave moto as it was before the world came."""
    world.faults.clear()
    stage.leave(world.state)


@contextmanager
def in_process(clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> Iterator[AwsWorld]:
    """Run the local AWS inside this process: boto3 clients made in the block talk to it, without a socket."""
    with mock_aws():
        world = install(clock, home_account=home_account)
        try:
            yield world
        finally:
            uninstall(world)
