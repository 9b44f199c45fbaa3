"""Scenes of a world that does not answer: a token that is not taken, an AWS that shows nothing, quiet hours."""

from datetime import UTC, datetime, timedelta

from bot.domain.notices import NoticeKind
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.chaos.scenes import Scene
from tests.chaos.stage import Stage

TABLE = "table-anna"
ORDER = f"sequence {TABLE} to backup/eu-west-1/dr-vault keep 400d"
TOLD_ONCE = {NoticeKind.APPROVED: 1, NoticeKind.STARTED: 1, NoticeKind.COMPLETED: 1}


def lose_the_token(stage: Stage) -> None:
    """Slack takes the token no more for a moment: nothing is burned, and all is said once it is taken again."""
    request_id = stage.order(ORDER, TABLE)
    stage.worlds.slack.faults.refuse("chat.postMessage", "invalid_auth", 3)
    stage.approve(request_id)
    stage.later(minutes=5)
    stage.ended(request_id)


def ask_while_aws_is_silent(stage: Stage) -> None:
    """An order that AWS does not answer becomes no request; typed again later, it is one."""
    silent = stage.worlds.aws.world.faults.throttle("DescribeRecoveryPoint", times=None, account=PROD)
    person = stage.person("anna")
    line = f"/copy-backup {ORDER} because of the auditors"
    known = len(person.ephemerals)
    stage.until(lambda: len(person.ephemerals) > known, lambda: person.command(line).answer.ok, "what became of it")
    silent.lift()
    request_id = stage.order(ORDER, TABLE)
    stage.approve(request_id)
    stage.ended(request_id)


def see_nothing_of_a_place(stage: Stage) -> None:
    """One account's vaults cannot be listed when the bot starts; once they can, people ask as ever."""
    faults = stage.worlds.aws.world.faults
    stage.wait(lambda: any(fault.hits for fault in faults.ordered), "a place that cannot be read")
    faults.clear()
    stage.later(minutes=20)
    request_id = stage.order(ORDER, TABLE)
    stage.approve(request_id)
    stage.ended(request_id)


def hidden(worlds: LocalWorlds) -> None:
    worlds.aws.world.faults.deny(BACKUP, "ListBackupVaults")


def wait_for_the_digest(stage: Stage) -> None:
    """What comes to a good end in quiet hours is told in the thread at once, and to all in the digest after them."""
    request_id = stage.order(ORDER, TABLE)
    stage.approve(request_id)
    stage.ended(request_id)
    stage.later(hours=4)
    stage.wait(lambda: stage.said(NoticeKind.DIGEST, request_id), "the digest")


def quiet_now(config: str) -> str:
    """Quiet hours from an hour ago until in two hours, and a digest an hour after them."""
    now = datetime.now(UTC)
    begins, ends, at = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 2, 3))
    quiet = f'{{from: "{begins}", to: "{ends}", zone: UTC}}'
    return config + f'  quiet: {quiet}\n  digest: {{at: "{at}", zone: UTC}}\n'


SCENES = (
    Scene("lose the token", lose_the_token, TOLD_ONCE, jobs=1),
    Scene("ask while AWS is silent", ask_while_aws_is_silent, TOLD_ONCE, jobs=1),
    Scene("see nothing of a place", see_nothing_of_a_place, TOLD_ONCE, jobs=1, furnish=hidden),
    Scene("wait for the digest", wait_for_the_digest, {**TOLD_ONCE, NoticeKind.DIGEST: 1}, jobs=1, config=quiet_now),
)
