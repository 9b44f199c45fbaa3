"""Composing schedules: a copy action of a backup plan's rule, or the bot's own recurring copies."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.backup_plans import MOST_COPIES, BackupPlans, Change, PlanHead, copies_of
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.errors import BackupsError, BadInput
from bot.domain.mistakes import all_at_once
from bot.domain.params import ChangePlanParams, RecurParams
from bot.domain.ports import Clock
from bot.domain.retention import MAX_DAYS, Keep, Retention
from bot.domain.schedules import LONGEST, NextFire
from bot.domain.sheets import Sheet
from bot.domain.steps import Plan, PlannedStep
from bot.workflows.forms import Composer
from bot.workflows.places import Places, or_none
from bot.workflows.steps.change_plan import read_only
from bot.workflows.ways import Ways

BY_PLAN, BY_BOT = "plan", "bot"
PARENTS = {"rule": ("plan",), "version": ("plan",), "document": ("plan",), "vault": ("change", "rule", "plan")}
READERS = 8
PATTERN = re.compile(r"[a-zA-Z0-9_.*?-]{1,255}")
DEFAULT_CRON = "0 3 * * *"
DEFAULT_DAYS = timedelta(days=90)


@dataclass
class Scheduling:
    places: Places
    ways: Ways
    plans: BackupPlans
    clock: Clock
    next_fire: NextFire

    def composer(self) -> Composer:
        return Composer(self.check, self.plan, self.fill, PARENTS)

    def heads(self) -> Sequence[PlanHead]:
        """All plans of all configured accounts and Regions, by name; what cannot be read is left out."""

        def read(place: tuple[str, str]) -> tuple[PlanHead, ...]:
            try:
                return self.plans.plans(*place)
            except BackupsError:
                return ()

        where = [(account.id, region) for account, region in self.places.all()]
        with ThreadPoolExecutor(READERS, thread_name_prefix="plan-reader") as pool:
            found = [head for heads in pool.map(read, where) for head in heads]
        return sorted(found, key=lambda head: (head.name, head.account, head.region))

    def fill(self, sheet: Sheet) -> Mapping[str, str]:
        """Read the chosen plan, once: what is shown of it, and later written, is that version."""
        answers = dict(sheet.answers)
        answers.setdefault("by", BY_PLAN)
        if answers["by"] == BY_PLAN:
            return self._with_plan(answers)
        answers.setdefault("cron", DEFAULT_CRON)
        answers.setdefault("timezone", sheet.timezone)
        answers.setdefault("until", (self._today(answers["timezone"]) + DEFAULT_DAYS).isoformat())
        return answers

    def check(self, sheet: Sheet) -> None:
        if sheet.answer("by") == BY_BOT:
            all_at_once(*self._fields(sheet))
            self._recur(sheet)
        else:
            self._change(sheet)

    def plan(self, sheet: Sheet) -> Plan:
        """The one step that a schedule takes to be asked for. Raises BadInput."""
        return (PlannedStep(self._recur(sheet) if sheet.answer("by") == BY_BOT else self._change(sheet)),)

    def _with_plan(self, answers: dict[str, str]) -> dict[str, str]:
        head = head_of(answers.get("plan", ""))
        if head is None or answers.get("document"):
            return answers
        try:
            plan = self.plans.plan(head)
        except BackupsError as error:
            return {**answers, "unread": error.message}
        rules = [str(rule.get("RuleName")) for rule in plan.rules]
        named = str(plan.document.get("BackupPlanName") or head.name)
        read = {"version": plan.version, "document": json.dumps(plan.document, default=str), "plan_name": named}
        only = {"rule": rules[0]} if len(rules) == 1 else {}
        return {**answers, **only, **read, "unread": ""}

    def _change(self, sheet: Sheet) -> ChangePlanParams:
        head = head_of(sheet.answer("plan"))
        if head is None:
            raise BadInput("plan", "Choose a backup plan.")
        head = PlanHead(head.account, head.region, head.id, sheet.answer("plan_name"))
        self.places.account(head.account, "plan")
        if head.is_read_only:
            finding = read_only(head.name or head.id)
            raise BadInput("plan", f"{finding.sentence} {finding.remedy}")
        if not sheet.answer("document"):
            raise BadInput("plan", f"AWS did not show this plan: {sheet.answer('unread') or 'try again.'}")
        document = document_of(sheet)
        rule = rule_of(document, sheet.answer("rule"))
        if rule is None:
            raise BadInput("rule", "Choose a rule of the plan.")
        change = _change_of(sheet)
        if change is not Change.REMOVE:
            all_at_once(lambda: self._destination(sheet, rule, change), lambda: _lifecycle(sheet))
        return ChangePlanParams(
            plan=head,
            version=sheet.answer("version"),
            document=document,
            rule=str(rule["RuleName"]),
            change=change,
            destination=self._destination(sheet, rule, change),
            lifecycle=_lifecycle(sheet) if change is not Change.REMOVE else Lifecycle(),
        )

    def _destination(self, sheet: Sheet, rule: Mapping[str, Any], change: Change) -> VaultRef:
        taken = [str(action.get("DestinationBackupVaultArn")) for action in copies_of(rule)]
        if change is not Change.ADD:
            arn = sheet.answer("vault")
            if arn not in taken:
                raise BadInput("vault", "Choose one of the rule's copies." if taken else "This rule has no copy.")
            try:
                return VaultRef.from_arn(arn)
            except ValueError as error:
                raise BadInput("vault", "This copy's vault has an ARN that I cannot read.") from error
        vault = self.places.vault(sheet.answer("vault"))
        if vault.ref.arn in taken:
            raise BadInput("vault", "The rule copies to this vault already. Choose to change that copy instead.")
        if len(taken) >= MOST_COPIES:
            raise BadInput("vault", f"The rule has {MOST_COPIES} copies already, and AWS allows no more.")
        return vault.ref

    def _fields(self, sheet: Sheet) -> Sequence[Callable[[], object]]:
        """A check of each field of the bot's own schedules by itself, so that all mistakes can be told at once."""
        source = or_none(lambda: self.places.place(sheet.answer("source")))
        home = (source[0].id, source[1]) if source else ("", "")
        return (
            lambda: self.places.place(sheet.answer("source"), "source"),
            lambda: _pattern(sheet),
            lambda: self.ways.read(sheet, home),
            lambda: _retention(sheet),
            lambda: _named_zone(sheet),
            lambda: self._check_end(self._until(sheet)),
            lambda: self._first_run(sheet),
        )

    def _recur(self, sheet: Sheet) -> RecurParams:
        account, region = self.places.place(sheet.answer("source"), "source")
        pattern = _pattern(sheet)
        ways = self.ways.read(sheet, (account.id, region))
        params = RecurParams(
            pattern=pattern,
            source=account.id,
            region=region,
            destination=ways[0][-1].vault,
            retention=_retention(sheet),
            role_arn=account.copy_role_arn,
            cron=_cron(sheet),
            timezone=_named_zone(sheet),
            until=self._until(sheet),
            ways=ways,
        )
        self._check_times(params, self._first_run(sheet))
        return params

    def _until(self, sheet: Sheet) -> datetime:
        """The end of the chosen day, in the schedule's time zone (UTC for one that there is not)."""
        zone = _zone(sheet.answer("timezone").strip()) or UTC
        try:
            day = date.fromisoformat(sheet.answer("until"))
        except ValueError as error:
            raise BadInput("until", "Choose the day on which the standing approval ends.") from error
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(self.clock.now().tzinfo)

    def _check_times(self, params: RecurParams, first: datetime | None) -> None:
        self._check_end(params.until)
        if first is None or first >= params.until:
            raise BadInput("cron", "No run would fall between now and the end of the approval.")

    def _check_end(self, until: datetime) -> None:
        now = self.clock.now()
        if not now < until <= now + LONGEST:
            raise BadInput("until", "A standing approval ends after today and within a year.")

    def _first_run(self, sheet: Sheet) -> datetime | None:
        """When the times name a run next, in UTC where the zone cannot be read: that is told of the zone."""
        zone = sheet.answer("timezone").strip()
        try:
            return self.next_fire(_cron(sheet), zone if _zone(zone) else "UTC", self.clock.now())
        except ValueError as error:
            raise BadInput("cron", f"These times cannot be read: {error}. An example: 0 3 * * 1-5") from error

    def _today(self, timezone: str) -> date:
        return self.clock.now().astimezone(_zone(timezone)).date()


def answer_of(head: PlanHead) -> str:
    """How a form's answer names a plan; the id comes last, since an organization's has strokes in it."""
    return f"{head.account}/{head.region}/{head.id}"


def head_of(answer: str) -> PlanHead | None:
    """The plan that an answer names, as far as the answer tells."""
    parts = answer.split("/", 2)
    return PlanHead(parts[0], parts[1], parts[2], "") if len(parts) == 3 else None


def document_of(sheet: Sheet) -> Mapping[str, Any]:
    """The chosen plan as it was read; nothing before that."""
    found: Mapping[str, Any] = json.loads(sheet.answer("document") or "{}")
    return found


def rule_of(document: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return next((rule for rule in document.get("Rules") or () if rule.get("RuleName") == name), None)


def _change_of(sheet: Sheet) -> Change:
    answer = sheet.answer("change") or Change.ADD
    if answer not in set(Change):
        raise BadInput("change", "Choose what to do with the rule's copies.")
    return Change(answer)


def _lifecycle(sheet: Sheet) -> Lifecycle:
    """Days and days until cold storage, as typed; nothing typed follows the backup's own lifecycle."""
    all_at_once(lambda: _number(sheet, "days"), lambda: _number(sheet, "cold"))
    days, cold = _number(sheet, "days"), _number(sheet, "cold")
    if cold is not None and (days is None or days < cold + 90):
        raise BadInput("cold", "AWS keeps a copy in cold storage for 90 days at least: type more days to keep it.")
    return Lifecycle(days, cold)


def _retention(sheet: Sheet) -> Retention:
    days = _number(sheet, "days")
    return Retention(Keep.AS_SOURCE) if days is None else Retention(Keep.DAYS, days)


def _number(sheet: Sheet, name: str) -> int | None:
    text = sheet.answer(name).strip()
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= number <= MAX_DAYS:
        raise BadInput(name, f"Type a whole number of days from 1 to {MAX_DAYS:,}, or nothing.")
    return number


def _pattern(sheet: Sheet) -> str:
    pattern = sheet.answer("pattern").strip()
    if not PATTERN.fullmatch(pattern):
        raise BadInput("pattern", "Type a table's name, or a pattern with * and ? such as orders-*.")
    return pattern


def _cron(sheet: Sheet) -> str:
    return " ".join(sheet.answer("cron").split())


def _named_zone(sheet: Sheet) -> str:
    name = sheet.answer("timezone").strip()
    if _zone(name) is None:
        raise BadInput("timezone", "Type a time zone such as Europe/Berlin.")
    return name


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
