"""Composing restores and drills: which copy, whether it has to be copied back first, to which table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.backups import MOMENT, Account, RecoveryPoint, is_same_backup, table_place_of
from bot.domain.drills import drill_name
from bot.domain.errors import BadInput
from bot.domain.inventory import PointEntry, TableEntry
from bot.domain.params import CompareParams, CopyParams, DeleteTableParams, RestoreParams
from bot.domain.ports import Clock
from bot.domain.preflight import COPYABLE
from bot.domain.restores import KEY_ARN, TABLE_NAME, Encryption, needs_encryption
from bot.domain.sheets import Sheet
from bot.domain.steps import Plan, PlannedStep
from bot.domain.wishes import meant
from bot.workflows.forms import QUERY, Composer, with_answers
from bot.workflows.inventory import Inventory
from bot.workflows.places import Places, copy_back, foreseen, mark, or_none

PARENTS = {"point": ("table",), "place": ("table",), "vault": ("place", "point"), "name": ("table",)}
# What to do where a copy that is to be restored from is there already, or on its way.
COPIED_BACK = {
    "already-there": "It needs no copy to be restored there: go back and choose the one in that vault as the backup.",
    "under-way": "Wait until it is there, then choose the one in that vault as the backup; it needs no other copy.",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a sheet's answers stand for, as far as they have been given and still exist.

    `there`: the same backup where it is to be restored, if it is there too.
    """

    table: TableEntry | None = None
    point: PointEntry | None = None
    account: Account | None = None
    region: str = ""
    there: PointEntry | None = None

    @property
    def needs_copy(self) -> bool:
        """Whether the backup lies elsewhere than it is to be restored: AWS restores only where a copy is."""
        if self.point is None or self.account is None:
            return False
        vault = self.point.point.vault
        return (vault.account, vault.region) != (self.account.id, self.region)


@dataclass
class Restoring:
    places: Places
    inventory: Inventory
    clock: Clock

    def restores(self) -> Composer:
        return Composer(self.check_restore, self.restore_plan, self.fill_restore, PARENTS, remedies=COPIED_BACK)

    def drills(self) -> Composer:
        return Composer(self.check_drill, self.drill_plan, self.fill_drill, PARENTS, remedies=COPIED_BACK)

    def chosen(self, sheet: Sheet) -> Chosen:
        """Resolve the answers; what does not exist (any more) is left out."""
        table = or_none(lambda: self.places.table(sheet.answer("table")))
        point = or_none(lambda: self.places.point(sheet.answer("point"), sheet.answer("table")))
        place = or_none(lambda: self.places.place(sheet.answer("place")))
        account, region = place or (None, "")
        chosen = Chosen(table, point, account, region)
        return replace(chosen, there=self._same_there(chosen)) if chosen.needs_copy else chosen

    def fill_restore(self, sheet: Sheet) -> Mapping[str, str]:
        """Choose what there is only one of, and propose a place and a name."""
        answers = self._with_table(sheet)
        table = self.chosen(_as(sheet, answers)).table
        if table is not None and not answers.get("name"):
            answers = {**answers, "name": f"{table.name[:246]}-restored"}
        return answers

    def fill_drill(self, sheet: Sheet) -> Mapping[str, str]:
        """The newest copy elsewhere is what a drill is about; its table gets a name of its own once."""
        answers = self._with_table(sheet)
        chosen = self.chosen(_as(sheet, answers))
        if chosen.table is not None and chosen.point is None:
            answers = {**answers, "point": self._newest_copy(chosen)}
        if not answers.get("mark"):
            answers = {**answers, "mark": mark()}
        return answers

    def check_restore(self, sheet: Sheet) -> None:
        self._common(sheet)
        name = sheet.answer("name").strip()
        if not TABLE_NAME.fullmatch(name):
            raise BadInput("name", "A table's name has 3 to 255 letters, digits, dots, dashes and underscores.")
        point = self.places.point(sheet.answer("point"), sheet.answer("table")).point
        _, region = self.places.place(sheet.answer("place"))
        encryption = _encryption(sheet)
        if encryption is Encryption.UNSAID and needs_encryption(point, region):
            raise BadInput(
                "encryption",
                f"The table was in {table_place_of(point.table_arn)[1]}; restored in {region}, AWS wants to be told "
                "how it is encrypted. Choose an encryption.",
            )
        if encryption is Encryption.CUSTOMER:
            _hold_key(sheet.answer("key").strip(), region)

    def check_drill(self, sheet: Sheet) -> None:
        self._common(sheet)

    def restore_plan(self, sheet: Sheet) -> Plan:
        """Copy back where that is needed, then restore. Raises BadInput."""
        encryption = _encryption(sheet)
        key = sheet.answer("key").strip() if encryption is Encryption.CUSTOMER else ""
        copy, restore = self._steps(sheet, sheet.answer("name").strip(), encryption, key, is_drill=False)
        return (*copy, PlannedStep(restore, 0 if copy else None))

    def drill_plan(self, sheet: Sheet) -> Plan:
        """Bring back, compare, delete. Raises BadInput."""
        table = self.places.table(sheet.answer("table"))
        name = drill_name(table.name, sheet.answer("mark") or mark())
        point = self.places.point(sheet.answer("point"), sheet.answer("table")).point
        _, region = self.places.place(sheet.answer("place"))
        # A drill's table lives for minutes, so DynamoDB's own key will do where AWS wants one named.
        encryption = Encryption.OWNED if needs_encryption(point, region) else Encryption.UNSAID
        copy, restore = self._steps(sheet, name, encryption, "", is_drill=True)
        account, region = restore.target
        compare = CompareParams(account, region, name, point.table_arn, point.arn)
        delete = DeleteTableParams(account, region, name, point.table_arn)
        steps = (*copy, PlannedStep(restore, 0 if copy else None))
        return (*steps, PlannedStep(compare, len(steps) - 1), PlannedStep(delete, len(steps)))

    def _steps(
        self, sheet: Sheet, name: str, encryption: Encryption, key: str, *, is_drill: bool
    ) -> tuple[tuple[PlannedStep, ...], RestoreParams]:
        chosen = self.chosen(sheet)
        if chosen.point is None or chosen.account is None:
            raise BadInput("point", "Choose a backup.")
        point, role = chosen.point.point, chosen.account.copy_role_arn
        copy: CopyParams | None = None
        if chosen.needs_copy:
            vault = self.places.vault(sheet.answer("vault"))
            owner = self.places.account(point.vault.account, "point")
            copy = copy_back(point, vault, owner.copy_role_arn, self.clock.now())
        restore = RestoreParams(
            point=foreseen(copy) if copy else point,
            name=name,
            role_arn=role,
            encryption=encryption,
            key_arn=key,
            point_from_before=copy is not None,
            copy_arn=point.arn,
            is_drill=is_drill,
        )
        return ((PlannedStep(copy),) if copy else ()), restore

    def _common(self, sheet: Sheet) -> None:
        query = sheet.answer(QUERY).strip()
        if query and not sheet.answer("table"):
            raise BadInput("table", self._not_one(query))
        self.places.table(sheet.answer("table"))
        point = self.places.point(sheet.answer("point"), sheet.answer("table")).point
        account, region = self.places.place(sheet.answer("place"))
        chosen = self.chosen(sheet)
        if not chosen.needs_copy:
            return
        if not sheet.answer("vault"):
            raise BadInput("vault", self._what_a_copy_needs(point, account, region, chosen.there))
        vault = self.places.vault(sheet.answer("vault"))
        if (vault.ref.account, vault.ref.region) != (account.id, region):
            raise BadInput("vault", f"Choose a vault of {account.alias} in {region}.")
        copy_back(point, vault, account.copy_role_arn, self.clock.now())

    def _not_one(self, query: str) -> str:
        """Why what was typed names no table."""
        said = query[:80].replace("`", "")
        if self.inventory.tables(query):
            return f"“{said}” is not the whole name of one table. Choose the one that is meant."
        return f"I know no table “{said}” that has backups.{meant(query, self.inventory.names())} Choose one."

    def _what_a_copy_needs(self, point: RecoveryPoint, account: Account, region: str, there: PointEntry | None) -> str:
        if there is not None:
            return (
                f"The same backup is in {there.point.vault.name} in {account.alias} ({region}): choose that one as the "
                "backup, and no copy is needed. To restore from this one, choose a vault, and it is copied there first."
            )
        return (
            f"There is no copy in {account.alias} ({region}): this backup is in "
            f"{self.places.account(point.vault.account, 'point').alias} ({point.vault.region}), and AWS restores "
            "only where a copy is. Choose a vault, and it is copied there first."
        )

    def _with_table(self, sheet: Sheet) -> dict[str, str]:
        """The table that was typed after the command, and where it was."""
        answers = dict(sheet.answers)
        query = answers.get(QUERY, "")
        if query and not answers.get("table"):
            found = self.inventory.tables(query)
            exact = [table for table in found if table.name.lower() == query.strip().lower()]
            meant = exact if len(exact) == 1 else found
            if len(meant) == 1:
                answers = with_answers(sheet, table=meant[0].key)
        table = self.chosen(_as(sheet, answers)).table
        if table is not None and not answers.get("place"):
            home = f"{table.account}/{table.region}"
            if or_none(lambda: self.places.place(home)):
                answers["place"] = home
        return answers

    def _same_there(self, chosen: Chosen) -> PointEntry | None:
        """The same backup in the place to restore in: a copy keeps its source's table and creation date."""
        if chosen.table is None or chosen.point is None or chosen.account is None:
            return None
        made, place = chosen.point.point.created_at, (chosen.account.id, chosen.region)
        with self.places.store.read() as tx:
            return next(
                (
                    entry
                    for entry in tx.inventory.made_since(chosen.table.arn, made - MOMENT)
                    if (entry.point.vault.account, entry.point.vault.region) == place
                    and is_same_backup(entry.point.created_at, made)
                    and entry.point.status in COPYABLE
                ),
                None,
            )

    def _newest_copy(self, chosen: Chosen) -> str:
        if chosen.table is None:
            return ""
        home = (chosen.account.id, chosen.region) if chosen.account else None
        found = self.inventory.newest(chosen.table.key, lambda place: place != home)
        found = found or self.inventory.newest(chosen.table.key, lambda _: True)
        return found.key if found else ""


def _encryption(sheet: Sheet) -> Encryption:
    answer = sheet.answer("encryption") or Encryption.UNSAID
    if answer not in set(Encryption):
        raise BadInput("encryption", "Choose an encryption.")
    return Encryption(answer)


def _hold_key(arn: str, region: str) -> None:
    """Refuse what is no key, and a key that DynamoDB could not use there."""
    key = KEY_ARN.fullmatch(arn)
    if key is None:
        raise BadInput("key", "Paste the key's ARN: arn:aws:kms:REGION:ACCOUNT:key/…")
    if key["region"] != region:
        raise BadInput(
            "key",
            f"This key is in {key['region']}; a table restored in {region} needs a key of {region}. "
            "Paste that key's ARN.",
        )


def _as(sheet: Sheet, answers: Mapping[str, str]) -> Sheet:
    return Sheet(sheet.id, sheet.kind, sheet.actor, sheet.channel, sheet.timezone, sheet.created_at, answers)
