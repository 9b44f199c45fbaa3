"""From the choices of a walk to a plan: destinations side by side, new vaults, a route, a new backup, a new end."""

from dataclasses import dataclass, replace

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.drafts import Form
from bot.domain.errors import BackupsError, BadInput
from bot.domain.keeping import Switches
from bot.domain.params import CopyParams
from bot.domain.plans import Chain, Leg, plan_for_chains, plan_for_new_backup, plan_for_permanent, plan_with_settings
from bot.domain.ports import Clock, Policy
from bot.domain.retention import Keep, Retention
from bot.domain.steps import Plan, PlannedStep
from bot.workflows.choosing import Chosen


@dataclass
class Planning:
    """`switches` tells whether new backups could be copied at all; None: the plan makes sure of it."""

    policy: Policy
    switches: Switches | None
    clock: Clock

    def plan(self, form: Form, chosen: Chosen) -> Plan:
        """The steps that a complete form asks for; for a new backup AWS may be asked. Raises BadInput."""
        vault = chosen.point.point.vault if chosen.point else None
        advanced = bool(form.backup_first and vault and self._is_advanced(vault))
        return plan_with_settings(self._plan(form, chosen, advanced=advanced), form.turned_on)

    def sketch(self, form: Form, chosen: Chosen) -> Plan:
        """The same without asking AWS, for judging a form while somebody fills it in."""
        return plan_with_settings(self._plan(form, chosen, advanced=False), form.turned_on)

    def _plan(self, form: Form, chosen: Chosen, *, advanced: bool) -> Plan:
        if chosen.point is None:
            raise BadInput("backup", "This backup is not there any more. Choose another one.")
        point, accounts = chosen.point.point, self.policy.accounts
        chains = _chains(form, chosen)
        permanent = chosen.retention is not None and chosen.retention.keep is Keep.PERMANENT
        if form.backup_first:
            # A new backup that is to be kept for good is made so, and nothing has to be changed later.
            kept = Lifecycle(None, point.lifecycle.cold_after_days) if permanent else point.lifecycle
            like = replace(point, lifecycle=kept)
            return plan_for_new_backup(like, chains, accounts, self.clock.now(), advanced=advanced)
        plan = (plan_for_permanent if permanent else plan_for_chains)(point, chains, accounts)
        return plan if form.again else tuple(map(_only_new, plan))

    def _is_advanced(self, place: VaultRef) -> bool:
        return is_advanced(self.switches, place)


def is_advanced(switches: Switches | None, place: VaultRef) -> bool:
    """Whether new backups can be copied. What cannot be seen counts as off: turning on what is on changes nothing."""
    if switches is None:
        return False
    try:
        return switches.preferences(place.account, place.region).advanced
    except BackupsError as error:
        if error.retryable:
            raise
        return False


def _chains(form: Form, chosen: Chosen) -> tuple[Chain, ...]:
    if chosen.route is not None:
        legs = [Leg(hop.vault, hop.keep or _chosen(chosen), hop.then_days) for hop in chosen.route.hops]
        return (tuple(legs),)
    if form.route or len(chosen.goals) != len(form.places):
        raise BadInput("vault", "Choose where the copy goes.")
    retention = _chosen(chosen)
    return tuple(
        (Leg(goal.ref, retention, new_vault=goal.place.new, key_arn=goal.place.key_arn or None),)
        for goal in chosen.goals
    )


def _only_new(step: PlannedStep) -> PlannedStep:
    """A copy that is there already is made once more on purpose only."""
    params = step.params
    return replace(step, params=replace(params, only_new=True)) if isinstance(params, CopyParams) else step


def _chosen(chosen: Chosen) -> Retention:
    if chosen.retention is None:
        raise BadInput("keep", "Choose how long the copy is kept.")
    return chosen.retention
