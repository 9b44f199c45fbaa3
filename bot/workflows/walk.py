"""The walk: a person's choices, page after page, kept as a draft so that nothing typed is lost."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.approvals import CopyFacts, Rule, may_match
from bot.domain.backups import Account, Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.drafts import Draft, DraftState, Form, Page, Place
from bot.domain.errors import BadInput, Gone, NotAllowed, OutletError
from bot.domain.inventory import Area, PointEntry, TableEntry
from bot.domain.params import CopyParams
from bot.domain.people import Actor
from bot.domain.ports import Backups, Clock, People, Policy
from bot.domain.preflight import judge_places, judge_retention, judge_vault, why_not_copyable
from bot.domain.retention import Keep, Retention
from bot.domain.steps import Plan, PlannedStep
from bot.workflows.inventory import Inventory
from bot.workflows.recent import recent_places

REASON_LENGTH = 3_000
FRESH = timedelta(seconds=30)
# A trigger lives 3 seconds; opening the form needs the rest of it.
TRIGGER_TIME = 1.5
# How long somebody looks at a loading view before an older picture is better than none.
PATIENCE = 8.0
DRAFT_ID_BYTES = 12
TOO_OLD = "This form is too old to go on with. Type `/copy-backup` again."
NOT_YOURS = "This form belongs to somebody else. Type `/copy-backup` to start your own."
PAGES = tuple(Page)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a draft's keys stand for, as far as they have been chosen and still exist."""

    table: TableEntry | None = None
    point: PointEntry | None = None
    account: Account | None = None
    region: str = ""
    vault: Vault | None = None
    retention: Retention | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page can offer beside what was chosen; `recent`: where this person sent copies, the last one first."""

    accounts: tuple[Account, ...] = ()
    vaults: tuple[Vault, ...] = ()
    problems: tuple[Area, ...] = ()
    has_tables: bool = True
    matches: int = 0
    recent: tuple[Place, ...] = ()


@dataclass
class Walk:
    store: Store
    inventory: Inventory
    backups: Backups
    people: People
    policy: Policy
    clock: Clock

    def begin(self, draft_id: str, actor: Actor, channel: str, query: str, view: tuple[str, str]) -> Draft:
        """Start a draft behind a view (its id and hash) that is on the person's screen already."""
        now = self.clock.now()
        draft = Draft(
            id=draft_id,
            actor=actor,
            channel=channel,
            timezone=self._timezone_of(actor.user_id),
            form=Form(query=query),
            state=DraftState.OPEN,
            version=1,
            created_at=now,
            updated_at=now,
            view_id=view[0],
            view_hash=view[1],
        )
        with self.store.begin() as tx:
            tx.drafts.add(draft)
        return draft

    def is_known(self, query: str) -> bool:
        """Whether a word after the command can be a table; looks at AWS again before it says no."""
        if self.inventory.tables(query, limit=1):
            return True
        self.inventory.refresh_within(TRIGGER_TIME, FRESH)
        # Where nothing at all could be read yet nobody can say no; the form tells what stands in the way.
        return bool(self.inventory.tables(query, limit=1)) or not self.inventory.tables("", limit=1)

    def fill(self, draft_id: str) -> Draft | None:
        """Make the first page worth showing: read AWS if our picture is old, pick the one table that is meant."""
        self.inventory.refresh_within(PATIENCE, FRESH)
        with self.store.begin() as tx:
            draft = tx.drafts.get(draft_id)
        if draft is None or draft.form.table_key or not draft.form.query:
            return draft
        found = self.inventory.tables(draft.form.query)
        exact = [table for table in found if table.name.lower() == draft.form.query.strip().lower()]
        meant = exact if len(exact) == 1 else found
        return self._save(draft_id, replace(draft.form, table_key=meant[0].key)) if len(meant) == 1 else draft

    def owned(self, draft_id: str, user_id: str) -> Draft:
        """The draft, if it is there and this person's. Raises Gone or NotAllowed."""
        with self.store.read() as tx:
            draft = tx.drafts.get(draft_id)
        if draft is None:
            raise Gone(TOO_OLD)
        if draft.actor.user_id != user_id:
            raise NotAllowed(NOT_YOURS)
        return draft

    def newest(self, draft_id: str) -> Draft | None:
        """The draft as it is now, for showing it again to whoever owned it a moment ago."""
        with self.store.read() as tx:
            return tx.drafts.get(draft_id)

    def keep(self, draft_id: str, user_id: str, form: Form) -> Draft:
        """Keep what was typed, dropping choices that hang on another choice that changed."""
        draft = self.owned(draft_id, user_id)
        saved = self._save(draft_id, self._with_only_region(_consistent(draft.form, form)))
        if saved is None:
            raise Gone("This request has been sent already.")
        return saved

    def forward(self, draft_id: str, user_id: str, form: Form) -> Draft:
        """Keep a page and go on to the next. Raises BadInput with the field that stands in the way."""
        draft = self.keep(draft_id, user_id, form)
        self.check(draft, draft.form.page)
        return self._turn(draft, 1)

    def back(self, draft_id: str, user_id: str, form: Form) -> Draft:
        """Keep a page as it is, finished or not, and go to the one before."""
        return self._turn(self.keep(draft_id, user_id, form), -1)

    def chosen(self, form: Form) -> Chosen:
        """Resolve the keys of a form. What does not exist (any more) is left out."""
        account = next((one for one in self.policy.accounts if one.alias == form.account), None)
        with self.store.read() as tx:
            table = tx.inventory.table(form.table_key) if form.table_key else None
            point = tx.inventory.point(form.point_key) if form.point_key else None
            vaults = tx.inventory.vaults(account.id, form.region) if account and form.region else ()
        chosen = Chosen(
            table=table,
            point=point if point and point.table_key == form.table_key else None,
            account=account,
            region=form.region if account and form.region in account.regions else "",
            vault=next((vault for vault in vaults if vault.ref.name == form.vault), None),
            retention=_retention(form),
        )
        return replace(chosen, rule=self._rule(chosen))

    def choices(self, form: Form, user_id: str = "") -> Choices:
        """What the current page can offer this person."""
        account = next((one for one in self.policy.accounts if one.alias == form.account), None)
        with self.store.read() as tx:
            vaults = tx.inventory.vaults(account.id, form.region) if account and form.region else ()
            point = tx.inventory.point(form.point_key) if form.point_key else None
            recent = recent_places(tx, user_id, self.policy.accounts) if user_id else ()
        source = point.point.vault if point else None
        return Choices(
            accounts=self.policy.accounts,
            vaults=tuple(v for v in vaults if v.ref != source and v.kind is not VaultKind.RESTORE_ACCESS),
            problems=tuple(self.inventory.problems()),
            has_tables=bool(self.inventory.tables("", limit=1)),
            matches=len(self.inventory.tables(form.query)) if form.query else 0,
            recent=recent,
        )

    def check(self, draft: Draft, page: Page) -> None:
        """Refuse a page that cannot be left yet. Raises BadInput."""
        checks = {
            Page.BACKUP: self._check_backup,
            Page.DESTINATION: self._check_destination,
            Page.RETENTION: self._check_retention,
        }
        for each in PAGES[: PAGES.index(page) + 1]:
            if each in checks:
                checks[each](draft.form, self.chosen(draft.form))

    def params(self, form: Form) -> CopyParams:
        """The copy that a complete form asks for. Raises BadInput when it is not complete."""
        chosen = self.chosen(form)
        if chosen.point is None:
            raise BadInput("backup", "This backup is not there any more. Choose another one.")
        if chosen.account is None or not chosen.region or chosen.retention is None or not form.vault:
            raise BadInput("vault", "Choose where the copy goes.")
        source = self.account_of(chosen.point.point.vault)
        return CopyParams(
            point=chosen.point.point,
            destination=VaultRef(chosen.account.id, chosen.region, form.vault),
            retention=chosen.retention,
            role_arn=source.copy_role_arn,
        )

    def plan(self, form: Form) -> Plan:
        """The steps that a complete form asks for. Raises BadInput when it is not complete."""
        return (PlannedStep(self.params(form)),)

    def account_of(self, vault: VaultRef) -> Account:
        """The configured account that holds a vault. Raises BadInput when the configuration dropped it."""
        for account in self.policy.accounts:
            if account.id == vault.account:
                return account
        raise BadInput("backup", "The account of this backup is not configured any more. Choose another one.")

    def screen(self, draft_id: str, view_id: str, view_hash: str) -> None:
        """Remember which view the person has on the screen."""
        with self.store.begin() as tx:
            tx.drafts.seen(draft_id, view_id=view_id, view_hash=view_hash)

    def _with_only_region(self, form: Form) -> Form:
        """Choose the Region where there is only one to choose."""
        account = next((one for one in self.policy.accounts if one.alias == form.account), None)
        if account is None or form.region or len(account.regions) != 1:
            return form
        return replace(form, region=account.regions[0])

    def _timezone_of(self, user_id: str) -> str:
        try:
            return self.people.person(user_id).timezone
        except OutletError:
            return "UTC"

    def _save(self, draft_id: str, form: Form) -> Draft | None:
        with self.store.begin() as tx:
            return tx.drafts.save(draft_id, form, self.clock.now())

    def _turn(self, draft: Draft, by: int) -> Draft:
        position = min(max(PAGES.index(draft.form.page) + by, 0), len(PAGES) - 1)
        turned = self._save(draft.id, replace(draft.form, page=PAGES[position]))
        if turned is None:
            raise Gone("This request has been sent already.")
        return turned

    def _rule(self, chosen: Chosen) -> Rule | None:
        if not (chosen.point and chosen.account and chosen.region):
            return None
        return may_match(self.policy.rules, self.facts(chosen.point, chosen.account, chosen.region))

    def facts(self, point: PointEntry, account: Account, region: str) -> CopyFacts:
        """What the approval rules look at."""
        return CopyFacts(
            source_account=self.account_of(point.point.vault).alias,
            source_region=point.point.vault.region,
            destination_account=account.alias,
            destination_region=region,
            table=point.point.table_name,
        )

    def _check_backup(self, form: Form, chosen: Chosen) -> None:
        if chosen.table is None:
            raise BadInput("table", _choose("a table", form.table_key))
        if chosen.point is None:
            raise BadInput("backup", _choose("a backup of this table", form.point_key))
        finding = why_not_copyable(chosen.point.point, self.clock.now())
        if finding:
            raise BadInput("backup", f"{finding.sentence} {finding.remedy}")

    def _check_destination(self, form: Form, chosen: Chosen) -> None:
        if chosen.account is None:
            raise BadInput("account", "Choose one of the configured accounts.")
        if not chosen.region:
            raise BadInput("region", "Choose one of the account's Regions.")
        if chosen.vault is None or chosen.point is None:
            raise BadInput("vault", _choose("a vault", form.vault))
        finding = judge_places(chosen.point.point, chosen.vault.ref) or judge_vault(chosen.vault)
        if finding:
            raise BadInput("vault", f"{finding.sentence} {finding.remedy}")
        if chosen.rule is None:
            raise BadInput("vault", "No approval rule covers this copy, so nobody could approve it. Ask an operator.")

    def _check_retention(self, form: Form, chosen: Chosen) -> None:
        if form.keep not in set(Keep):
            raise BadInput("keep", "Choose how long the copy is kept.")
        if chosen.retention is None or chosen.point is None:
            raise BadInput("days", "Type a whole number of days.")
        finding = judge_retention(chosen.retention, chosen.point.point, chosen.vault, self.clock.now())
        if finding:
            field = "days" if chosen.retention.keep is Keep.DAYS else "keep"
            raise BadInput(field, finding.sentence)
        if not any(sign.isprintable() and not sign.isspace() for sign in form.reason):
            raise BadInput("reason", "Say why, so that the approvers can decide.")
        if len(form.reason) > REASON_LENGTH:
            raise BadInput("reason", f"Use {REASON_LENGTH:,} characters at most; these are {len(form.reason):,}.")


def new_draft_id() -> str:
    """A draft's id: opaque, not to be guessed."""
    return secrets.token_urlsafe(DRAFT_ID_BYTES)


def _choose(what: str, chosen: str) -> str:
    return f"Choose {what}. The one you chose is not there any more." if chosen else f"Choose {what}."


def _consistent(before: Form, after: Form) -> Form:
    if after.table_key != before.table_key and after.point_key == before.point_key:
        after = replace(after, point_key="")
    if after.account != before.account and after.region == before.region:
        after = replace(after, region="")
    if (after.account, after.region) != (before.account, before.region) and after.vault == before.vault:
        after = replace(after, vault="")
    return after


def _retention(form: Form) -> Retention | None:
    if form.keep == Keep.DAYS:
        text = form.days.strip()
        return Retention(Keep.DAYS, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else None
    return Retention(Keep(form.keep)) if form.keep in set(Keep) else None
