"""The forms for restores, drills and schedules, empty, chosen and in error: golden files that Slack would take."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.approvals import Rule
from bot.domain.backups import Vault, VaultRef
from bot.domain.copies import Copy, adopted
from bot.domain.cost import LIST_PRICES
from bot.domain.inventory import PointEntry, TableEntry
from bot.domain.preflight import Finding, Level
from bot.domain.restores import Encryption
from bot.domain.retention import Keep
from bot.domain.routes import Route
from bot.domain.schedules import Schedule, ScheduleState
from bot.domain.sheets import Sheet, SheetKind
from bot.domain.shown import cost_part
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.forms import Outlook
from bot.workflows.restoring import Chosen
from bot.workflows.scheduling import BY_BOT, answer_of
from bot.workflows.steps.work import Look
from commands.expiry.adopt import adopt_form, point_option
from commands.expiry.adopt import listing as adopted_listing
from commands.forms.drill_fields import drill_blocks
from commands.forms.extend_fields import extend_blocks
from commands.forms.frame import form, loading, note, review
from commands.forms.restore_fields import Offer, restore_blocks
from commands.forms.schedule_fields import SchedulePage, schedule_blocks
from commands.modal import sent_text
from commands.schedule.listing import listing
from tests.unit.builders import (
    ACCOUNTS,
    ANNA,
    BACKUP,
    CHANNEL,
    COPIES,
    COPY_ARN,
    PROD,
    a_point,
    a_request,
    a_vault,
    some_params,
)
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names
from tests.unit.table_builders import (
    BACK,
    DOCUMENT,
    PLAN,
    WAY,
    a_drill,
    along_ways,
    changing_plan,
    copying_back,
    recurring,
    restoring,
)

FOLDER = "forms"
NAMES = Names(ACCOUNTS)
PLACES = tuple((account, region) for account in ACCOUNTS for region in account.regions)
TABLE = TableEntry("t1", f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders", "orders", PROD, "us-east-1", 2, NOW)
COPY = PointEntry("p1", "t1", a_point(vault=COPIES))
HOME = f"{PROD}/us-east-1"
ABROAD = f"{BACKUP}/eu-west-1"
RULE = Rule(approvers=("S0ADMINS",))
OVERRIDING = replace(RULE, override_findings=True)
HOSTILE = "<!channel> `x` <https://evil.example|prod>"


def sheet(kind: SheetKind, **answers: Any) -> Sheet:
    return Sheet("sheet-1", kind, ANNA, CHANNEL, "Europe/Berlin", NOW, {"reason": "It was lost.", **answers})


def offer(chosen: Chosen, vault: VaultRef | None = None) -> Offer:
    return Offer(chosen, PLACES, "Europe/Berlin", NOW, a_vault(vault) if vault else None)


def restore(chosen: Chosen, to: VaultRef | None = None, problem: str = "", **answers: Any) -> Block:
    asked = sheet(SheetKind.RESTORE, **answers)
    return form(asked, restore_blocks(asked, offer(chosen, to), NAMES), problem)


def drill(chosen: Chosen, vault: VaultRef | None = None, **answers: Any) -> Block:
    asked = sheet(SheetKind.DRILL, **answers)
    return form(asked, drill_blocks(asked, offer(chosen, vault), NAMES))


def extend(
    locked: str = "", end: datetime | None = NOW + timedelta(days=20), already: tuple[str, ...] = (), **answers: Any
) -> Block:
    asked = sheet(SheetKind.EXTEND, **answers)
    copy = Copy(COPY_ARN, "CB-7", 1, COPIES, "orders", 1, NOW, end, NOW)
    return form(asked, extend_blocks(asked, copy, NAMES, locked, already))


def schedule(vault: VaultRef | None = None, ways: tuple[Any, ...] = (), **answers: Any) -> Block:
    asked = sheet(SheetKind.SCHEDULE, **answers)
    page = SchedulePage(PLACES, a_vault(vault) if vault else None, ways)
    return form(asked, schedule_blocks(asked, page, NAMES))


def priced(vault: Vault) -> Outlook:
    """A copy that costs something: kept 90 days in a locked vault, else 100 years."""
    params = some_params(keep=Keep.DAYS, days=90) if vault.locked else some_params(keep=Keep.CENTURY)
    look = Look(params, (), cost_part(params, LIST_PRICES), vault)
    return replace(OUTLOOK, steps=(params,), looks=(look,))


LOST = Chosen(TABLE, COPY, ACCOUNTS[0], "us-east-1")
CHOSEN: dict[str, Any] = {"table": "t1", "point": "p1", "place": HOME, "name": "orders-restored"}
READ: dict[str, Any] = {
    "plan": answer_of(PLAN),
    "plan_name": "nightly",
    "version": "v1",
    "document": json.dumps(DOCUMENT),
}
STRANGE: dict[str, Any] = {**READ, "rule": "daily", "change": "change"}
OWNED = replace(PLAN, id="orgs/o-1/plan-1")
DR_CHAIN = Route("dr-chain", WAY)
BOT: dict[str, Any] = {
    "by": BY_BOT,
    "source": HOME,
    "pattern": "orders-*",
    "cron": "0 3 * * *",
    "timezone": "Europe/Berlin",
}
OUTLOOK = Outlook((copying_back(), restoring()), RULE, (), frozenset({"U0BEN"}), CHANNEL)
LOCKED = replace(a_vault(), locked=True, lock_date=NOW + timedelta(days=3))
FATAL = Finding("table-exists", Level.FAIL, "There is a table `orders-restored` already.", "Choose another name.")
UNSEEN = Finding("table-unseen", Level.UNSEEN, f"The bot could not see it: {HOSTILE}")

VIEWS: dict[str, Block] = {
    "extend-start": extend(days="90"),
    "adopt": adopt_form(CHANNEL, "orders", "Europe/Berlin"),
    "extend-until": extend(how="until", until="2027-03-01"),
    "extend-century": extend(how="century"),
    "extend-locked": extend("The vault copies is locked, and AWS changes no retention in a locked vault.", days="30"),
    "extend-without-end": extend(end=None),
    "extend-asked-already": extend(already=("<https://home.example/CB-12|CB-12> already asks to keep it longer.",)),
    "restore-start": restore(Chosen()),
    "restore-here": restore(replace(LOST, point=PointEntry("p2", "t1", a_point())), **CHOSEN),
    "restore-copied-back": restore(LOST, BACK, **CHOSEN, vault=f"{PROD}/us-east-1/copy-back"),
    "restore-from-a-copy-though-there": restore(replace(LOST, there=PointEntry("p2", "t1", a_point())), **CHOSEN),
    "restore-abroad": restore(Chosen(TABLE, COPY, ACCOUNTS[1], "eu-west-1"), **{**CHOSEN, "place": ABROAD}),
    "restore-own-key": restore(LOST, **CHOSEN, encryption=Encryption.CUSTOMER),
    "restore-problem": restore(LOST, None, f"It cannot be: {HOSTILE}".replace("<", "&lt;"), **CHOSEN),
    "drill-start": drill(Chosen()),
    "drill-chosen": drill(LOST, BACK, **CHOSEN),
    "drill-from-a-copy-though-there": drill(replace(LOST, there=PointEntry("p2", "t1", a_point())), BACK, **CHOSEN),
    "schedule-start": schedule(),
    "schedule-plan": schedule(**READ),
    "schedule-rule": schedule(COPIES, **READ, rule="daily", days="90"),
    "schedule-change": schedule(**STRANGE),
    "schedule-remove": schedule(**{**STRANGE, "change": "remove"}),
    "schedule-organization": schedule(plan=answer_of(OWNED), plan_name="central"),
    "schedule-unread": schedule(plan=answer_of(PLAN), unread=HOSTILE),
    "schedule-bot": schedule(ways=(("a", a_vault(COPIES)),), **BOT, until="2027-02-01", days="90"),
    "schedule-bot-several": schedule(ways=(("route:dr-chain", DR_CHAIN), ("a", a_vault(COPIES))), **BOT),
    "review-restore": review(sheet(SheetKind.RESTORE), OUTLOOK, NAMES, NOW),
    "review-refused": review(sheet(SheetKind.RESTORE), replace(OUTLOOK, findings=(FATAL, UNSEEN)), NAMES, NOW),
    "review-to-overrule": review(
        sheet(SheetKind.NOW),
        replace(OUTLOOK, rule=OVERRIDING, findings=(replace(FATAL, overridable=True),)),
        NAMES,
        NOW,
    ),
    "review-not-to-be-overruled": review(
        sheet(SheetKind.NOW),
        replace(OUTLOOK, rule=OVERRIDING, findings=(replace(FATAL, overridable=True), FATAL)),
        NAMES,
        NOW,
    ),
    "review-locked": review(sheet(SheetKind.NOW), priced(LOCKED), NAMES, NOW),
    "review-century": review(sheet(SheetKind.SEQUENCE), priced(a_vault()), NAMES, NOW),
    "review-problem": review(sheet(SheetKind.RESTORE), OUTLOOK, NAMES, NOW, "AWS did not answer."),
    "review-drill": review(
        sheet(SheetKind.DRILL), replace(OUTLOOK, steps=tuple(step.params for step in a_drill())), NAMES, NOW
    ),
    "review-plan": review(sheet(SheetKind.SCHEDULE), replace(OUTLOOK, steps=(changing_plan(),)), NAMES, NOW),
    "review-recurring": review(sheet(SheetKind.SCHEDULE), replace(OUTLOOK, steps=(recurring(),)), NAMES, NOW),
    "review-recurring-ways": review(sheet(SheetKind.SCHEDULE), replace(OUTLOOK, steps=(along_ways(),)), NAMES, NOW),
    "loading": loading(sheet(SheetKind.DRILL), "One moment…", "external-1"),
    "sent": note(sheet(SheetKind.RESTORE), sent_text(a_request()), close="Done"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_each_form_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.view(name, VIEWS[name], FOLDER)


def test_every_golden_file_is_still_meant() -> None:
    assert agreed_names(FOLDER) == set(VIEWS)


def test_only_what_can_be_done_has_a_button_to_send_it() -> None:
    sendable = {name for name, view in VIEWS.items() if "Send request" in str(view.get("submit"))}

    assert "Send with 1 to overrule" in str(VIEWS["review-to-overrule"].get("submit"))
    assert sendable == {name for name in VIEWS if name.startswith("review-")} - {
        "review-refused",
        "review-problem",
        "review-to-overrule",
        "review-not-to-be-overruled",
    }


def test_the_list_of_adopted_copies_names_who_adopted_them_and_drops_each() -> None:
    copy = replace(adopted(a_point(vault=COPIES), CHANNEL, ANNA, NOW), delete_at=NOW)
    many = [copy, replace(copy, arn="arn:2", adopted_by=None, delete_at=None)]

    _, blocks = adopted_listing(many, NAMES)

    texts = [str(block["text"]) for block in blocks if block["type"] == "section"]
    assert ["adopted by <@U0ANNA>" in texts[0], "adopted by the configuration" in texts[1]] == [True, True]
    assert [block["type"] for block in blocks] == ["section", "actions"] * 2
    assert len(adopted_listing([copy] * 30, NAMES)[1]) <= 50


def test_an_option_for_adopting_fits_whatever_the_names_are() -> None:
    point = a_point("t" * 255, vault=replace(COPIES, name="v" * 50))

    entry = json.loads(json.dumps(point_option(PointEntry("k" * 24, "t", point), NAMES, "America/Argentina/Ushuaia")))

    assert "ends 2026" in entry["text"]["text"]
    assert max(len(entry["text"]["text"]), len(entry["description"]["text"]), len(entry["value"])) <= 75


def test_the_list_of_schedules_offers_what_each_state_allows() -> None:
    active = Schedule(1, "CB-1", ANNA, CHANNEL, recurring(), ScheduleState.ACTIVE, NOW)
    paused = replace(active, id=2, state=ScheduleState.PAUSED, next_run_at=None)

    _, blocks = listing([active, paused], NAMES)

    rows = [json.loads(json.dumps(block))["elements"] for block in blocks if block["type"] == "actions"]
    labels = [[button["text"]["text"] for button in row] for row in rows]
    assert labels == [["Pause", "Delete"], ["Resume", "Delete"]]
    assert "There is no schedule" in listing([], NAMES)[0]
