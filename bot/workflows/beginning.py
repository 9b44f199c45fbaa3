"""Beginning a walk with what was typed after the command: every word that can be used is in its field.

What cannot be used stands, with a sentence, at the field that it was meant for, and the walk begins on the first page
that lacks something.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from bot.domain.backups import Account, VaultRef, holder_of, table_place_of
from bot.domain.drafts import FIELDS_ON, PLACE_OF, UNTIL, Draft, Form, Page, Place
from bot.domain.errors import BadInput
from bot.domain.inventory import PointEntry, TableEntry
from bot.domain.orders import KEEP, TABLE, TO, Order, Problem, Stop
from bot.domain.preflight import why_not_copyable
from bot.domain.search import words_of
from bot.domain.wishes import kept_as, meant, named_among, no_region, no_vault, quoted
from bot.workflows.walk import FRESH, PATIENCE, Walk

BACKUP, ROUTE, ACCOUNT, REGION, VAULT, NEW_VAULT = "backup", "route", "account", "region", "vault", "new_vault"
IN_PLACE = frozenset({TO, ACCOUNT, REGION, VAULT})
PAGE_OF = {name: page for page, names in FIELDS_ON.items() for name in names}
# Where none of so many can be copied, hardly an older one can.
MOST_POINTS = 1_000
MOST_NAMED = 5


@dataclass
class Understood:
    """A form in the making, and what could not be used."""

    form: Form
    problems: list[Problem] = field(default_factory=list)

    def set(self, **values: object) -> None:
        self.form = replace(self.form, **values)  # type: ignore[arg-type]  # fields of a Form

    def refuse(self, name: str, sentence: str) -> None:
        self.problems.append((name, sentence))


@dataclass
class Beginning:
    walk: Walk

    def fill(self, draft_id: str, order: Order) -> Draft | None:
        """Put an order into a draft that has just been begun; read AWS before if our picture is old."""
        self.walk.inventory.refresh_within(PATIENCE, FRESH)
        draft = self.walk.newest(draft_id)
        if draft is None:
            return None
        draft = replace(draft, form=self.form_of(order))
        refusal = None
        try:
            self.walk.check(draft, Page.RETENTION)
        except BadInput as problem:
            refusal = problem
        return self.walk.put(draft_id, first_page(draft.form, refusal))

    def form_of(self, order: Order) -> Form:
        """What an order means, as far as it can be understood."""
        read = Understood(Form(reason=order.reason))
        for name, sentence in order.problems:
            read.refuse(name, sentence)
        self._table(order.table, read)
        self._destinations(order.ways, read)
        self._keep(order, read)
        return replace(read.form, problems=tuple(read.problems))

    def _table(self, name: str, read: Understood) -> None:
        if not name:
            return
        if name.startswith("arn:") and ("recovery-point:" in name or "/backup/" in name):
            self._point(name, read)
            return
        found = self._tables(name)
        if len(found) == 1:
            read.set(table_key=found[0].key)
            self._newest(found[0], read)
        elif found:
            read.set(query=found[0].name if len({table.name for table in found}) == 1 else name)
            read.refuse(TABLE, f"There are several tables “{quoted(name)}”: {self._listed(found)}. Choose one.")
        else:
            near = self.walk.inventory.tables(name, limit=1)
            read.set(query=name if near else "")
            hint = meant(name, self.walk.inventory.names())
            read.refuse(TABLE, f"I know no table “{quoted(name)}” that has a backup.{hint} Choose one.")

    def _point(self, arn: str, read: Understood) -> None:
        """Exactly this backup; where it lies in several vaults, the one where its table is."""
        with self.walk.store.read() as tx:
            known = tx.inventory.called(arn) if arn.isascii() and arn.isprintable() else ()
        found = sorted(filter(self._is_configured, known), key=lambda entry: not _is_home(entry))
        if not found:
            read.refuse(TABLE, f"I know no backup “{quoted(arn)}”. Choose a table, then one of its backups.")
            return
        read.set(table_key=found[0].table_key, point_key=found[0].key)

    def _tables(self, name: str) -> Sequence[TableEntry]:
        """The tables that are meant: called exactly so, else in other letters, else found by these words."""
        found = self.walk.inventory.tables(name.rpartition("/")[2] if name.startswith("arn:") else name)
        exact = [table for table in found if name in (table.name, table.arn)]
        alike = [table for table in found if table.name.casefold() in words_of(name)]
        if exact or alike or name.startswith("arn:"):
            return exact or alike
        # One word that several tables hold is the name of none of them; several words may well be a search.
        return found if len(found) == 1 or " " in name else ()

    def _newest(self, table: TableEntry, read: Understood) -> None:
        """The newest backup that can be copied, where the table is if there is one; else the newest of all."""
        now = self.walk.clock.now()
        with self.walk.store.read() as tx:
            points = list(islice(tx.inventory.points(table.key), MOST_POINTS))
        here = [entry for entry in points if self._is_configured(entry)]
        able = [entry for entry in here if why_not_copyable(entry.point, now) is None]
        chosen = next(filter(_is_home, able), None) or next(iter(able), None)
        # One that cannot be copied is shown with the reason, and with what can be done.
        best = chosen or next(filter(_is_home, here), None) or next(iter(here), None)
        if best is not None:
            newer = [entry for entry in here if entry.point.created_at > best.point.created_at]
            unable = sum(entry not in able for entry in newer)
            read.set(point_key=best.key, picked=_picked(unable, len(newer) - unable) if chosen else "")

    def _destinations(self, ways: Sequence[Sequence[Stop]], read: Understood) -> None:
        routes = {route.name.casefold(): route.name for route in self.walk.policy.routes}
        if len(ways) == 1 and len(ways[0]) == 1 and ways[0][0].place.casefold() in routes:
            read.set(route=routes[ways[0][0].place.casefold()])
            return
        good: list[Place] = []
        for way in ways:
            self._destination(way, good, read, routes)
        present = read.form.present
        if good and not present.account and not any(name in IN_PLACE for name, _ in read.problems):
            # The last one is in hand; those before it were added.
            *good, last = good
            self._in_hand(last, read)
        read.set(others=tuple(good))

    def _destination(self, way: Sequence[Stop], good: list[Place], read: Understood, routes: dict[str, str]) -> None:
        """Add a destination; one that is not all right is in hand, with what is wrong about it."""
        if len(way) > 1:
            known = f" ({', '.join(routes.values())})" if routes else ""
            read.refuse(
                TO,
                f"“then” leads over several vaults; this form knows such ways as named routes only{known}. "
                "`/copy-backup sequence` takes them as you typed it.",
            )
            return
        (stop,) = way
        if stop.place.casefold() in routes:
            read.refuse(TO, f"The route {routes[stop.place.casefold()]} stands alone. Ask for the others separately.")
            return
        before = len(read.problems)
        place = self._place(stop, read)
        if len(read.problems) > before:
            if place.account or not read.form.present.account:
                self._in_hand(place, read)
        elif place.vault and all(place.where != other.where for other in good):
            good.append(place)
        elif not place.vault:
            self._in_hand(place, read)

    def _in_hand(self, place: Place, read: Understood) -> None:
        new = {NEW_VAULT: place.vault, "key_arn": place.key_arn, "making": True}
        read.set(account=place.account, region=place.region, **(new if place.new else {VAULT: place.vault}))

    def _place(self, stop: Stop, read: Understood) -> Place:
        """Account, Region and vault as far as they are known; what is not is left empty, and said.

        What stands below a wrong word stays as typed, since it may be there once that word is put right.
        """
        account_name, region_name, vault_name = _parts(stop.place)
        account = next((one for one in self.walk.policy.accounts if account_name.casefold() in _names(one)), None)
        if account is None:
            routes = [route.name for route in self.walk.policy.routes]
            hint = meant(account_name, (*routes, *(one.alias for one in self.walk.policy.accounts)))
            read.refuse(ACCOUNT, f"I know no destination “{quoted(stop.place)}”.{hint} Say {self._places()}.")
            return Place("", region_name.casefold(), vault_name, stop.new, stop.key)
        region = next((one for one in account.regions if one == region_name.casefold()), "")
        if region_name and not region:
            read.refuse(REGION, no_region(region_name, account.alias, account.regions))
            return Place(account.alias, "", vault_name, stop.new, stop.key)
        if not region and len(account.regions) == 1:
            region = account.regions[0]
        if stop.new or not vault_name:
            return Place(account.alias, region, vault_name, stop.new, stop.key)
        return Place(account.alias, region, self._vault(account, region, vault_name, read))

    def _vault(self, account: Account, region: str, name: str, read: Understood) -> str:
        """The vault called so, or the only one called so in other letters; "" where there is none."""
        with self.walk.store.read() as tx:
            names = [vault.ref.name for vault in tx.inventory.vaults(account.id, region)]
        found = named_among(name, names)
        if not found:
            read.refuse(VAULT, no_vault(name, f"{account.alias} · {region}", names))
        return found

    def _keep(self, order: Order, read: Understood) -> None:
        named = list(dict.fromkeys(stop.keep for way in order.ways for stop in way if stop.keep)) or [order.kept]
        if len(named) > 1:
            said = " and ".join(quoted(one) for one in named)
            read.refuse(
                KEEP,
                f"You said {said}, but the copies of one form are kept equally long. Choose one; "
                "`/copy-backup sequence` takes one for each.",
            )
        elif named[0]:
            try:
                read.set(**kept_as(named[0]))
            except BadInput as problem:
                read.refuse(problem.field, problem.sentence)
                if problem.field == UNTIL:
                    read.set(keep=UNTIL)

    def _listed(self, tables: Sequence[TableEntry]) -> str:
        aliases = {account.id: account.alias for account in self.walk.policy.accounts}
        named = [f"{table.name} ({aliases.get(table.account, table.account)}, {table.region})" for table in tables]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return ", ".join(named[:MOST_NAMED]) + more

    def _places(self) -> str:
        routes = ", ".join(route.name for route in self.walk.policy.routes)
        known = f", or a route: {routes}" if routes else ""
        accounts = ", ".join(account.alias for account in self.walk.policy.accounts[:MOST_NAMED])
        return f"account/Region/vault with one of the accounts {accounts}{known}"

    def _is_configured(self, entry: PointEntry) -> bool:
        return holder_of(entry.point.vault, self.walk.policy.accounts) is not None


def first_page(form: Form, refusal: BadInput | None) -> Form:
    """A form that has been checked, on the page where something is missing or wrong; else on the review.

    What was typed and is refused is said at its field; what was not typed is simply asked for.
    """
    if refusal is not None and _was_typed(form, refusal.field) and not form.problem_of(refusal.field):
        form = replace(form, problems=(*form.problems, (refusal.field, refusal.sentence)))
    fields = [name for name, _ in form.problems] + ([refusal.field] if refusal is not None else [])
    pages = [PAGE_OF.get(name, Page.DESTINATION) for name in fields] or [Page.REVIEW]
    return replace(form, page=min(pages, key=list(Page).index))


def _was_typed(form: Form, name: str) -> bool:
    """Whether a refused field holds what was typed. A backup was picked by the bot; its page says what is wrong."""
    return name != BACKUP and bool(getattr(form, {**PLACE_OF, TO: ACCOUNT}.get(name, name), ""))


def _picked(unable: int, elsewhere: int) -> str:
    """Which backup was taken, since none was named, and how many newer ones cannot be copied, or are not at home."""
    which = "the newest one where its table is" if elsewhere else "the newest one"
    said = f"You named no backup, so this is {which} that can be copied."
    some = "1 newer one cannot." if unable == 1 else f"{unable:,} newer ones cannot."
    away = "1 newer one is elsewhere." if elsewhere == 1 else f"{elsewhere:,} newer ones are elsewhere."
    return " ".join([said, *([some] if unable else []), *([away] if elsewhere else [])])


def _parts(place: str) -> tuple[str, str, str]:
    """Account, Region and vault of what was typed; the ARN of a vault says all three."""
    try:
        vault = VaultRef.from_arn(place)
    except ValueError:
        account, _, rest = place.partition("/")
        region, _, name = rest.partition("/")
        return account, region, name
    return vault.account, vault.region, vault.name


def _names(account: Account) -> tuple[str, str]:
    return account.alias.casefold(), account.id


def _is_home(entry: PointEntry) -> bool:
    return (entry.point.vault.account, entry.point.vault.region) == table_place_of(entry.point.table_arn)
