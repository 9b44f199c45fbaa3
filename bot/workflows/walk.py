"""The walk: a person's choices, page after page, kept as a draft so that nothing typed is lost."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain.books import Store
from bot.domain.drafts import FIELDS_ON, PLACE_OF, Draft, DraftState, Form, Page
from bot.domain.errors import BadInput, Gone, NotAllowed, OutletError
from bot.domain.keeping import Switches
from bot.domain.people import Actor
from bot.domain.ports import Backups, Clock, People, Policy
from bot.domain.steps import Plan
from bot.workflows.ahead import with_region, with_vault
from bot.workflows.checking import Checking
from bot.workflows.choosing import Choices as Choices  # noqa: PLC0414 - it is known from here
from bot.workflows.choosing import Choosing
from bot.workflows.choosing import Chosen as Chosen  # noqa: PLC0414 - it is known from here
from bot.workflows.destinations import blank
from bot.workflows.inventory import Inventory
from bot.workflows.planning import Planning
from bot.workflows.vault_sight import VaultSight

FRESH = timedelta(seconds=30)
# A trigger lives 3 seconds; opening the form needs the rest of it.
TRIGGER_TIME = 1.5
# How long somebody looks at a loading view before an older picture is better than none.
PATIENCE = 8.0
# How long somebody waits for the vaults of a place they chose.
VAULT_TIME = 2.5
DRAFT_ID_BYTES = 12
TOO_OLD = "This form is too old to go on with. Type `/copy-backup` again."
NOT_YOURS = "This form belongs to somebody else. Type `/copy-backup` to start your own."
PAGES = tuple(Page)
Change = Callable[[Draft], Form]
Typed = Callable[[Form], Form]
"""What a page on the screen makes of the form that is kept. Unlike a form it loses nothing that was kept meanwhile."""


@dataclass
class Walk:
    store: Store
    inventory: Inventory
    backups: Backups
    people: People
    policy: Policy
    clock: Clock
    switches: Switches | None = None
    _sight: VaultSight = field(init=False)

    def __post_init__(self) -> None:
        self._sight = VaultSight(self.store, self.backups, self.clock)

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

    def keep(self, draft_id: str, user_id: str, form: Form | Typed) -> Draft:
        """Keep what was typed, dropping choices that hang on another choice that changed."""
        return _anew(lambda: self._commit(self._filled_in(draft_id, user_id, form)))

    def forward(self, draft_id: str, user_id: str, form: Form | Typed) -> Draft:
        """Keep a page and go on to the next, in one commit. Raises BadInput with the field that stands in the way."""
        return _anew(lambda: self._forward(draft_id, user_id, form))

    def _forward(self, draft_id: str, user_id: str, form: Form | Typed) -> Draft:
        draft = self._filled_in(draft_id, user_id, form)
        try:
            self.check(draft, draft.form.page)
        except BadInput:
            self._commit(draft)
            raise
        # What was said of this page's fields before it was shown is settled by now.
        settled = tuple(one for one in draft.form.problems if one[0] not in FIELDS_ON[draft.form.page])
        return self._turn(replace(draft, form=replace(draft.form, problems=settled)), 1)

    def back(self, draft_id: str, user_id: str, form: Form | Typed) -> Draft:
        """Keep a page as it is, finished or not, and go to the one before."""
        return _anew(lambda: self._turn(self._filled_in(draft_id, user_id, form), -1))

    def chosen(self, form: Form, timezone: str = "UTC") -> Chosen:
        """Resolve the keys of a form; a date is one of this time zone. What does not exist (any more) is left out."""
        return self._choosing.chosen(form, timezone)

    def choices(self, form: Form, user_id: str = "") -> Choices:
        """What the current page can offer this person."""
        return self._choosing.choices(form, user_id)

    def check(self, draft: Draft, page: Page) -> None:
        """Refuse a page that cannot be left yet. Raises BadInput."""
        self._checking.check(draft, page)

    def plan(self, form: Form, timezone: str) -> Plan:
        """The steps that a complete form asks for. Raises BadInput when it is not complete.

        A new backup's plan asks AWS for its settings; raises a retryable BackupsError when AWS does not answer.
        """
        return self._planning.plan(form, self.chosen(form, timezone))

    def put(self, draft_id: str, form: Form) -> Draft | None:
        """Keep a form that the bot has made of what was typed; None when it is being sent already, or gone."""
        return self._save(draft_id, form)

    def screen(self, draft_id: str, view_id: str, view_hash: str) -> None:
        """Remember which view the person has on the screen."""
        with self.store.begin() as tx:
            tx.drafts.seen(draft_id, view_id=view_id, view_hash=view_hash)

    def _settled(self, before: Form, after: Form) -> Form:
        """What was typed, without what hangs on a choice that changed, and with what was typed ahead of its place."""
        form, account = _consistent(before, after), self._choosing.account(after.account)
        return with_vault(before, with_region(form, account), account, self._vault_names)

    def _vault_names(self, account_id: str, region: str) -> list[str]:
        return [vault.ref.name for vault in self._choosing.vaults(account_id, region)]

    def _timezone_of(self, user_id: str) -> str:
        try:
            return self.people.person(user_id).timezone
        except OutletError:
            return "UTC"

    def _save(self, draft_id: str, form: Form, version: int | None = None) -> Draft | None:
        with self.store.begin() as tx:
            return tx.drafts.save(draft_id, form, self.clock.now(), version)

    def _turn(self, draft: Draft, by: int) -> Draft:
        position = min(max(PAGES.index(draft.form.page) + by, 0), len(PAGES) - 1)
        return self._commit(replace(draft, form=replace(draft.form, page=PAGES[position])))

    def _filled_in(self, draft_id: str, user_id: str, form: Form | Typed) -> Draft:
        """The draft with what was typed, not kept yet."""
        draft = self.owned(draft_id, user_id)
        typed = form if isinstance(form, Form) else form(draft.form)
        return replace(draft, form=self._settled(draft.form, typed))

    def _commit(self, draft: Draft) -> Draft:
        saved = self._save(draft.id, draft.form, draft.version)
        if saved is not None:
            return saved
        if self.owned(draft.id, draft.actor.user_id).state is DraftState.OPEN:
            raise _OvertakenError
        raise Gone("This request has been sent already.")

    def look(self, form: Form) -> bool:
        """Read the vaults of the place in hand as they are now, if AWS answers soon; whether there was need to."""
        return self._choosing.look(form, VAULT_TIME)

    def alter(self, draft_id: str, user_id: str, form: Form | Typed, change: Change) -> Draft:
        """Keep what is on a page, and then let a button change it, once more where the draft has changed meanwhile."""

        def changed() -> Draft:
            draft = self._filled_in(draft_id, user_id, form)
            return self._commit(replace(draft, form=change(draft)))

        return _anew(changed)

    def add_place(self, draft: Draft) -> Form:
        """The form with the destination in hand put on the list and its fields blank; or with what is wrong with it."""
        form = draft.form
        try:
            self._checking.destinations(form, self.chosen(form, draft.timezone))
        except BadInput as problem:
            return replace(form, problems=((problem.field, problem.sentence),))
        return form if form.places == form.others else blank(replace(form, others=form.places, problems=()))

    @property
    def _choosing(self) -> Choosing:
        return Choosing(self.store, self.inventory, self.policy, self.clock, self._sight)

    @property
    def _planning(self) -> Planning:
        return Planning(self.policy, self.switches, self.clock)

    @property
    def _checking(self) -> Checking:
        return Checking(self._choosing, self._planning, self.policy, self.clock)


def new_draft_id() -> str:
    """A draft's id: opaque, not to be guessed."""
    return secrets.token_urlsafe(DRAFT_ID_BYTES)


class _OvertakenError(Exception):
    """The draft that was read is not the newest one any more."""


def _anew(keep: Callable[[], Draft]) -> Draft:
    """Read and keep once more, as long as another click is faster; each time one of them has got through."""
    while True:
        try:
            return keep()
        except _OvertakenError:
            continue


def _consistent(before: Form, after: Form) -> Form:
    if after.filled != before.filled:
        # The bot itself put the values into the fields.
        return after
    if (after.table_key, after.point_key) != (before.table_key, before.point_key) and before.backup_first:
        after = replace(after, backup_first=False)
    if after.point_key != before.point_key:
        after = replace(after, picked="")
    if (after.point_key, after.places) != (before.point_key, before.places):
        # Copying again was meant for what was chosen then.
        after = replace(after, again=False)
    if after.table_key != before.table_key and after.point_key == before.point_key:
        after = replace(after, point_key="")
    if before.account and after.account != before.account and after.region == before.region:
        after = replace(after, region="")
    if (after.account, after.region) != (before.account, before.region) and after.vault == before.vault:
        # Without a place it was typed ahead, for the one that is chosen now.
        after = replace(after, vault="") if before.account and before.region else after
    return replace(after, problems=tuple(one for one in after.problems if _stands(one[0], before, after)))


def _stands(field: str, before: Form, after: Form) -> bool:
    """Whether what was said of a field still holds: it is as it was."""
    if field == "to":
        return (before.places, before.route) == (after.places, after.route)
    name = PLACE_OF.get(field, field)
    return getattr(before, name, None) == getattr(after, name, None)
