"""Drills by schedule: a table that was not brought back for too long is named by asking for its drill."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.books import Store
from bot.domain.drills import DrillRule, DrillSeen, is_overdue, last_passed, rule_for
from bot.domain.errors import BackupsLockedOut, BadInput, OutsideError, PersonError
from bot.domain.inventory import TableEntry
from bot.domain.people import Actor
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.preflight import Level
from bot.domain.sheets import Sheet, SheetKind
from bot.domain.steps import Plan
from bot.workflows.inventory import Inventory
from bot.workflows.places import key_of
from bot.workflows.refusals import tell_operators
from bot.workflows.restoring import Restoring
from bot.workflows.submitting import Submitting

log = logging.getLogger(__name__)

# Whoever let a question lapse is asked again, but not every day.
ASK_AGAIN = timedelta(days=7)
# A new table's first copy may still be on its way when it is first looked at.
BATCH = 5
# What somebody has to mend is not mended in a minute, and finding out anew asks AWS about every vault at home.
PAUSE = timedelta(minutes=30)


@dataclass
class Drilling:
    store: Store
    inventory: Inventory
    restoring: Restoring
    submitting: Submitting
    people: People
    policy: Policy
    clock: Clock
    nudge: Nudge
    _refused: dict[str, datetime] = field(default_factory=dict)

    @property
    def rules(self) -> Sequence[DrillRule]:
        return self.policy.drills

    def seen(self) -> Sequence[DrillSeen]:
        """All drills that were ever asked for."""
        with self.store.read() as tx:
            return tx.records.drills()

    def due(self, now: datetime) -> Sequence[tuple[TableEntry, bool]]:
        """The tables that are to be drilled, each with whether its drill is overdue."""
        if not self.rules:
            return []
        seen, found = self.seen(), []
        for table in self._tables():
            rule = rule_for(table.name, self.rules)
            if rule is not None:
                found.append((table, is_overdue(seen, table.arn, rule, now)))
        return found

    def unasked(self) -> Sequence[TableEntry]:
        """The tables whose drill is overdue and to be asked for now: where one stays here, nobody can be asked."""
        return [table for table, _ in self._unasked()]

    def ask_overdue(self) -> int:
        """Ask for drills that are overdue, a few at a time; the number asked for."""
        asked = 0
        for table, mine in self._unasked():
            if asked < BATCH and not self._rests(table) and self._tried(table, mine):
                asked += 1
        return asked

    def _unasked(self) -> Sequence[tuple[TableEntry, Sequence[DrillSeen]]]:
        """What is to be asked for now, each with the drills that were asked for before."""
        now, found = self.clock.now(), []
        seen = self.seen() if self.rules else ()
        for table, overdue in self.due(now):
            mine = [drill for drill in seen if drill.table_arn == table.arn]
            if overdue and self._may_ask(mine, now):
                found.append((table, mine))
        return found

    def _tried(self, table: TableEntry, mine: Sequence[DrillSeen]) -> bool:
        """Ask for one drill; False where that cannot be now, and operators know what is theirs to mend."""
        try:
            self._ask(table, mine)
        except PersonError as problem:
            log.warning("drill_not_asked", extra={"table": table.arn, "reason": problem.sentence})
            self._tell(table, mine, problem.sentence)
            return False
        except OutsideError as error:
            log.warning("drill_waits", extra={"table": table.arn, "code": error.code})
            if isinstance(error, BackupsLockedOut) or not error.retryable:
                self._tell(table, mine, error.message)
            return False
        return True

    def _rests(self, table: TableEntry) -> bool:
        """Whether this one was refused a moment ago; a clock that was set back keeps nobody waiting."""
        refused, now = self._refused.get(table.arn), self.clock.now()
        return refused is not None and timedelta(0) <= now - refused < PAUSE

    def _tell(self, table: TableEntry, mine: Sequence[DrillSeen], why: str) -> None:
        """Tell operators once of each drill that cannot be asked for: nobody would miss a question that never came."""
        self._refused[table.arn] = self.clock.now()
        facts = {"what": "drill", "table": table.name, "account": table.account, "region": table.region, "why": why}
        with self.store.begin() as tx:
            told = tell_operators(tx, self.policy, self.clock.now(), _key_of(table, mine), facts)
        if told:
            self.nudge("relay")

    def _may_ask(self, mine: Sequence[DrillSeen], now: datetime) -> bool:
        """Not while one is open, nor soon after one was turned down, failed, or found nobody."""
        if any(drill.is_open for drill in mine):
            return False
        last = max((drill.asked_at for drill in mine), default=None)
        return last is None or last + ASK_AGAIN <= now

    def _ask(self, table: TableEntry, mine: Sequence[DrillSeen]) -> None:
        channel = self.policy.default_channel
        if channel is None:
            raise BadInput("channel", "No channel is configured in which a drill could be asked for.")
        rule = rule_for(table.name, self.rules)
        last = last_passed(mine, table.arn)
        before = (
            f"was last brought back on {last.passed_at:%Y-%m-%d}"
            if last and last.passed_at
            else "was never brought back"
        )
        days = rule.every.days if rule else 0
        reason = f"Drill overdue: {table.name} {before}, and the configuration asks for it every {days} days."
        bot = self.people.myself()
        self.submitting.submit(_key_of(table, mine), bot, channel, reason, self._plan(table, bot, channel))

    def _plan(self, table: TableEntry, bot: Actor, channel: str) -> Plan:
        """The drill of the newest copy, by way of the first vault at home that nothing speaks against."""
        now = self.clock.now()
        sheet = Sheet(
            "", SheetKind.DRILL, bot, channel, "UTC", now, {"table": table.key, "mark": f"{int(now.timestamp()):x}"}
        )
        sheet = replace(sheet, answers=self.restoring.fill_drill(sheet))
        if not self.restoring.chosen(sheet).needs_copy:
            return self.restoring.drill_plan(sheet)
        account, region = self.restoring.places.place(sheet.answer("place"))
        problem: PersonError = BadInput("vault", f"There is no vault in {account.alias} ({region}) to copy back to.")
        for vault in self.restoring.places.vaults(account.id, region):
            try:
                plan = self.restoring.drill_plan(replace(sheet, answers={**sheet.answers, "vault": key_of(vault.ref)}))
            except BadInput as refused:
                problem = refused
                continue
            fatal = [one for look in self.submitting.look(plan) for one in look.findings if one.level is Level.FAIL]
            if not fatal:
                return plan
            problem = BadInput("vault", fatal[0].sentence)
        raise problem

    def _tables(self) -> Sequence[TableEntry]:
        """Every table that a configured account and Region holds backups of, once."""
        with self.store.read() as tx:
            held = [
                table
                for account, region in self.restoring.places.all()
                for table in tx.inventory.held(account.id, region)
            ]
        return list({table.key: table for table in held}.values())


def _key_of(table: TableEntry, mine: Sequence[DrillSeen]) -> str:
    """Which drill is meant: replicas that look at the same moment count the same drills, so they ask once."""
    return f"drill:{table.arn}:{len(mine)}"
