"""What can be made to go wrong in the local AWS from the local Slack's page."""

from collections.abc import Sequence

from bot.sandbox.aws.faults import Fault
from bot.sandbox.aws.world import AwsWorld
from bot.sandbox.slack.page import Failure

JOB_MESSAGE = (
    "Access Denied trying to call AWS Backup service: the role needs backup:CopyIntoBackupVault on the destination."
)


def aws_failures(world: AwsWorld, shared_vaults: Sequence[tuple[str, str, str]]) -> Sequence[Failure]:
    """Return the failures of a world; `shared_vaults` (account, Region, name) are those with a policy to lose."""
    policies, throttling = _Policies(world, shared_vaults), _Throttling(world)
    return (
        Failure(
            id="aws-policy",
            group="AWS",
            label="Take the vault's policy away",
            hint="The vaults of account backup no longer let account prod copy into them.",
            order=lambda on, _text: policies.take_away() if on else policies.bring_back(),
            is_on=lambda: policies.are_away,
        ),
        Failure(
            id="aws-throttling",
            group="AWS",
            label="Throttle every call",
            hint="AWS answers “Rate exceeded” to everything until you switch it off.",
            order=lambda on, _text: throttling.start() if on else throttling.end(),
            is_on=lambda: throttling.is_on,
        ),
        Failure(
            id="aws-job",
            group="AWS",
            label="Fail the next copy job",
            hint="The next copy job runs and then fails with this message.",
            order=lambda _on, text: world.fail_next_copy(text),
            text=JOB_MESSAGE,
        ),
        Failure(
            id="aws-lost-answer",
            group="AWS",
            label="Lose the answer to StartCopyJob",
            hint="The next copy job starts, but the connection drops before the bot hears of it.",
            order=lambda _on, _text: _drop(world),
        ),
    )


class _Policies:
    """Takes the policies of vaults away, and remembers them."""

    def __init__(self, world: AwsWorld, vaults: Sequence[tuple[str, str, str]]) -> None:
        self._world = world
        self._vaults = vaults
        self._kept: dict[tuple[str, str, str], str | None] = {}

    @property
    def are_away(self) -> bool:
        return bool(self._kept)

    def take_away(self) -> None:
        with self._world.state.lock:
            for account, region, name in self._vaults:
                vault = self._world.state.books(account, region).vaults[name]
                self._kept.setdefault((account, region, name), vault.policy)
                vault.policy = None

    def bring_back(self) -> None:
        with self._world.state.lock:
            for (account, region, name), policy in self._kept.items():
                self._world.state.books(account, region).vaults[name].policy = policy
            self._kept.clear()


class _Throttling:
    def __init__(self, world: AwsWorld) -> None:
        self._world = world
        self._fault: Fault | None = None

    @property
    def is_on(self) -> bool:
        return self._fault is not None and self._fault.times != 0

    def start(self) -> None:
        if not self.is_on:
            self._fault = self._world.faults.throttle()

    def end(self) -> None:
        if self._fault is not None:
            self._fault.lift()


def _drop(world: AwsWorld) -> None:
    world.faults.lose_response("StartCopyJob")
