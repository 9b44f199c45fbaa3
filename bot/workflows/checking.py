"""Whether a page of the walk can be left: each field judged from the store alone, later pages with those before."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.approvals import may_match
from bot.domain.backups import alias_of, holder_of, table_place_of
from bot.domain.drafts import Draft, Form, Page, Place
from bot.domain.errors import BadInput
from bot.domain.lifecycles import why_not
from bot.domain.new_vaults import judge_key, judge_name
from bot.domain.params import CopyParams, CreateVaultParams, Params, SetRetentionParams, StepKind
from bot.domain.ports import Clock, Policy
from bot.domain.preflight import judge_places, judge_vault, why_not_copyable
from bot.domain.reasons import check_reason
from bot.domain.retention import Keep, Retention
from bot.domain.routes import keeps_itself
from bot.domain.rule_facts import facts_of
from bot.domain.steps import Plan
from bot.workflows.choosing import Choosing, Chosen, Goal
from bot.workflows.lasting import Lasting, check_lasting, check_typed, said_in
from bot.workflows.planning import Planning

# What one message of a request holds with all its steps, and what people still take in.
MOST_DESTINATIONS = 5
NO_RULE = "No approval rule covers this, so nobody could approve it. Ask an operator."
NO_RULE_FOR = {
    StepKind.CREATE_VAULT: "No approval rule covers a new vault there, so nobody could approve it. Ask an operator.",
    StepKind.SET_RETENTION: "No approval rule covers a change of the source's retention. Choose another way to keep.",
}
AS_SOURCE = Retention(Keep.AS_SOURCE)


@dataclass
class Checking:
    choosing: Choosing
    planning: Planning
    policy: Policy
    clock: Clock

    def check(self, draft: Draft, page: Page) -> None:
        """Refuse a page, or one before it, that cannot be left yet. Raises BadInput."""
        form, chosen = draft.form, self.choosing.chosen(draft.form, draft.timezone)
        pages = tuple(Page)
        for each in pages[: pages.index(page) + 1]:
            if each is Page.BACKUP:
                self._backup(form, chosen)
            elif each is Page.DESTINATION:
                self.destinations(form, chosen)
            elif each is Page.RETENTION:
                self._retention(form, chosen, draft.timezone)
                check_reason(form.reason)

    def destinations(self, form: Form, chosen: Chosen) -> None:
        """Refuse destinations that cannot take a copy of the chosen backup. Raises BadInput."""
        if form.route:
            self._route(chosen)
        else:
            for place in form.others:
                _listed(place, chosen)
            if form.places != form.others:
                self._present(form, chosen)
        self._rules(self.planning.sketch(form, replace(chosen, retention=AS_SOURCE)), form)

    def _backup(self, form: Form, chosen: Chosen) -> None:
        if chosen.table is None:
            raise BadInput("table", _choose("a table", form.table_key))
        if chosen.point is None:
            raise BadInput("backup", _choose("a backup of this table", form.point_key))
        point = chosen.point.point
        if holder_of(point.vault, self.policy.accounts) is None:
            raise BadInput("backup", "This backup is where I am not configured to look any more. Choose another one.")
        if form.backup_first:
            if table_place_of(point.table_arn) != (point.vault.account, point.vault.region):
                raise BadInput("backup", "A new backup is made where the table is. Choose a backup that lies there.")
            return
        finding = why_not_copyable(point, self.clock.now())
        if finding:
            raise BadInput("backup", f"{finding.sentence} {finding.remedy}")

    def _route(self, chosen: Chosen) -> None:
        if chosen.route is None:
            raise BadInput("route", "This route is not configured any more. Choose another way.")
        if chosen.point is None:
            return
        first = judge_places(chosen.point.point, chosen.route.hops[0].vault)
        finding = first or next(filter(None, (judge_vault(goal.seen) for goal in chosen.goals if goal.seen)), None)
        if finding:
            raise BadInput("route", f"{finding.sentence} {finding.remedy}")

    def _present(self, form: Form, chosen: Chosen) -> None:
        if chosen.account is None:
            raise BadInput("account", "Choose one of the configured accounts.")
        if not chosen.region:
            raise BadInput("region", "Choose one of the account's Regions.")
        goal = next((goal for goal in chosen.goals if goal.place == form.present), None)
        if form.making:
            self._new_vault(form, chosen, goal)
        elif chosen.vault is None or chosen.point is None or goal is None:
            raise BadInput("vault", _choose("a vault", form.vault))
        field = "new_vault" if form.making else "vault"
        if goal is not None and chosen.point is not None:
            finding = judge_places(chosen.point.point, goal.ref) or (judge_vault(goal.seen) if goal.seen else None)
            if finding:
                raise BadInput(field, f"{finding.sentence} {finding.remedy}")
        if any(place.where == form.present.where for place in form.others):
            raise BadInput(field, "This destination is on the list already. Choose another one.")
        if len(form.places) > MOST_DESTINATIONS:
            raise BadInput(
                field, f"One request copies to {MOST_DESTINATIONS} places at most. Send another for the rest."
            )

    def _new_vault(self, form: Form, chosen: Chosen, goal: Goal | None) -> None:
        if goal is None or chosen.point is None:
            raise BadInput("new_vault", "Type a name for the new vault.")
        source = chosen.point.point
        params = CreateVaultParams(goal.ref, source.table_name, source.vault.account, goal.place.key_arn or None)
        name = judge_name(params)
        if name:
            raise BadInput("new_vault", f"{name.sentence} {name.remedy}")
        # For the review AWS itself is asked; our picture may still hold a vault that is gone and made anew.
        known = () if form.page is Page.REVIEW else self.choosing.vaults(goal.account.id, goal.ref.region)
        if any(vault.ref == goal.ref for vault in known):
            raise BadInput("new_vault", f"There is a vault {goal.ref.name} already. Choose that one, or another name.")
        key = judge_key(params)
        if key:
            raise BadInput("key_arn", f"{key.sentence} {key.remedy}")

    def _rules(self, plan: Plan, form: Form) -> None:
        """Refuse what no approval rule covers, as far as that is known before everything is chosen."""
        steps = [step.params for step in plan]
        facts = facts_of(steps, [False] * len(steps), self._alias)
        for step, fact in zip(steps, facts, strict=True):
            if may_match(self.policy.rules, fact) is None:
                raise BadInput(_field_of(step, form), NO_RULE_FOR.get(step.kind, NO_RULE))

    def _alias(self, account_id: str) -> str:
        return alias_of(account_id, self.policy.accounts)

    def _retention(self, form: Form, chosen: Chosen, timezone: str) -> None:
        if keeps_itself(chosen.route):
            return
        check_typed(form)
        if chosen.retention is None or chosen.point is None:
            raise BadInput(said_in(form), "Choose how long the copy is kept.")
        plan, now = self.planning.sketch(form, chosen), self.clock.now()
        if chosen.retention.keep is Keep.PERMANENT:
            self._permanent(plan, form, chosen, now)
        # What a route says of its own hops is not for the person to change; pre-flight judges it.
        copies = [
            step.params
            for step in plan
            if isinstance(step.params, CopyParams) and step.params.retention == chosen.retention
        ]
        lasting = [self._lasting(copy, chosen, several=len(copies) > 1) for copy in copies]
        check_lasting(form, lasting, timezone, now)

    def _permanent(self, plan: Plan, form: Form, chosen: Chosen, now: datetime) -> None:
        """Refuse to take the end from a source that a lock holds, or whose retention no rule lets anybody change."""
        for step in plan:
            if isinstance(step.params, SetRetentionParams) and not step.params.point_from_before:
                why = why_not(step.params, chosen.source_vault, now)
                if why:
                    raise BadInput("keep", f"{why.sentence} {why.remedy}")
        self._rules(plan, form)

    def _lasting(self, copy: CopyParams, chosen: Chosen, *, several: bool) -> Lasting:
        place = copy.destination
        name = f"{self._alias(place.account)} · {place.region} · {place.name}: " if several else ""
        return Lasting(copy, next((goal.seen for goal in chosen.goals if goal.ref == place), None), name)


def _listed(place: Place, chosen: Chosen) -> None:
    """Refuse a destination of the list that was good when it was put there, and is no more."""
    goal = next((goal for goal in chosen.goals if goal.place == place), None)
    name = f"{place.account} · {place.region} · {place.vault}"
    if goal is None:
        raise BadInput("account", f"{name} is not configured any more. Remove it from the list.")
    if goal.seen is None and not place.new:
        raise BadInput("account", f"The vault {name} is not there any more. Remove it from the list.")
    source = chosen.point.point if chosen.point else None
    finding = judge_places(source, goal.ref) if source else None
    finding = finding or (judge_vault(goal.seen) if goal.seen else None)
    if finding:
        raise BadInput("account", f"{name}: {finding.sentence} Remove it from the list.")


def _field_of(step: Params, form: Form) -> str:
    if step.kind is StepKind.SET_RETENTION and form.keep == Keep.PERMANENT:
        return "keep"
    return "route" if form.route else "new_vault" if form.making else "vault"


def _choose(what: str, chosen: str) -> str:
    return f"Choose {what}. The one you chose is not there any more." if chosen else f"Choose {what}."
