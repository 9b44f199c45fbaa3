"""Whether a copy is the last one anywhere, as far as is known now, and who may let such a one go."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.approvals import first_match
from bot.domain.backups import Lifecycle, RecoveryPoint, alias_of
from bot.domain.books import Tx
from bot.domain.copies import Copy, is_last, outlives
from bot.domain.errors import NotAllowed, OutletRefused
from bot.domain.people import Actor
from bot.domain.plans import plan_for_extension
from bot.domain.ports import People, Policy
from bot.domain.rule_facts import facts_of
from bot.domain.sentences import groups_unread, listed, mention
from bot.domain.steps import StepState


def is_last_anywhere(tx: Tx, copy: Copy, now: datetime) -> bool:
    """Whether nothing that is known outlives this copy of what it holds."""
    return bool(copy.table_arn) and is_last(copy, _others(tx, copy), now)


@dataclass(frozen=True, slots=True)
class Left:
    """What is known to be left of a table's backups without one copy: how many of what it held, or later; older ones.

    `older`: when the newest one was made that lacks what was written since; None: there is none.
    """

    others: int
    older: datetime | None


def what_is_left(tx: Tx, copy: Copy, now: datetime) -> Left:
    """What a table can still be restored from now that this copy is gone, whenever its end was to be."""
    gone = replace(copy, delete_at=now)
    others = {(other.vault, other.arn) for other in _others(tx, gone) if outlives(other, gone, now)}
    return Left(len(others), None if others else _newest_older(tx, gone, now))


def _newest_older(tx: Tx, gone: Copy, now: datetime) -> datetime | None:
    """When the newest backup was made that is older than what is gone, and still there."""
    ever = replace(gone, created_at=datetime.min.replace(tzinfo=UTC))
    read = (entry.point for entry in tx.inventory.made_since(gone.table_arn, ever.created_at))
    found = [next((point.created_at for point in read if outlives(point, ever, now)), None)]
    found += [other.created_at for other in tx.copies.of_table(gone.table_arn) if outlives(other, ever, now)]
    return max((made for made in found if made), default=None)


def places_unseen(tx: Tx) -> int:
    """How many places AWS did not let be read, where there may be another one."""
    return sum(1 for area in tx.inventory.areas() if area.error)


@dataclass(frozen=True, slots=True)
class LastCopies:
    """Letting the last copy go is for who asked for it, and for those who may approve what becomes of it."""

    people: People
    policy: Policy

    def check_may_go(self, actor: Actor, copy: Copy, asker: str, now: datetime) -> None:
        """Raise NotAllowed, with who may, unless this person may let the last copy go. `asker`: a user id, or ""."""
        if actor.user_id == asker:
            return
        approvers = self._approvers(copy, now)
        try:
            if actor.user_id in self.people.approvers(approvers, since=now):
                return
        except OutletRefused as error:
            raise NotAllowed(groups_unread(error.code)) from error
        raise NotAllowed(may_not(copy, asker, approvers))

    def _approvers(self, copy: Copy, now: datetime) -> tuple[str, ...]:
        """Who approves changes of this copy's end, by the rule for it as it is: users and user groups."""
        days = (copy.delete_at - copy.created_at).days if copy.delete_at else None
        steps = [step.params for step in plan_for_extension(copy, Lifecycle(days))]
        (facts,) = facts_of(steps, [False], lambda account: alias_of(account, self.policy.accounts))
        rule = first_match(self.policy.rules, facts)
        stages = rule.stages if rule else ()
        return tuple(dict.fromkeys(one for stage in stages for one in stage.approvers))


def may_not(copy: Copy, asker: str, approvers: tuple[str, ...]) -> str:
    """To whoever may not let the last copy go: who may."""
    what = copy.noun
    whose = "had it watched" if copy.is_adopted else "asked for it"
    who = [f"{mention(asker)}, who {whose},"] if asker else []
    if approvers:
        who.append(f"those who approve for it ({listed(approvers)})")
    if not who:
        return f"This is the last {what} anywhere, and no rule says who may let it go. Ask an operator."
    return f"This is the last {what} anywhere. Only {' or '.join(who)} may let it go, so your click changed nothing."


def _others(tx: Tx, copy: Copy) -> Iterator[RecoveryPoint | Copy]:
    """What is known of the same table's backups since this copy's: in AWS, and what was made a moment ago."""
    yield from (entry.point for entry in tx.inventory.made_since(copy.table_arn, copy.created_at))
    yield from tx.copies.of_table(copy.table_arn)
    yield from _copied_from(tx, copy)


def _copied_from(tx: Tx, copy: Copy) -> Iterator[RecoveryPoint]:
    """The backups that this copy's request copied, as long as the inventory cannot know of them.

    A backup made by the request is there before the inventory has read it; once that has been read after the copy,
    it is among what the inventory knows, or gone.
    """
    request = tx.requests.get(copy.request_id) if copy.request_id else None
    read = {(area.account, area.region): area.read_at for area in tx.inventory.areas()}
    for step in request.steps if request else ():
        if step.copy is None or step.state is not StepState.DONE or step.copy.point.table_arn != copy.table_arn:
            continue
        vault, there = step.copy.point.vault, step.finished_at
        last = read.get((vault.account, vault.region))
        if there is not None and (last is None or last < there):
            yield step.copy.point
