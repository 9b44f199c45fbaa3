"""The pages of destination and retention with all that can be chosen there: golden files that Slack would take."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.drafts import UNTIL, Form, Page, Place
from bot.domain.inventory import PointEntry
from bot.domain.retention import Keep, Retention
from bot.domain.routes import Hop, Route
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.choosing import Choices, Chosen, Goal, Permanence, retention_of, zone_of
from bot.workflows.vault_sight import Sight
from commands.copy_backup.views import page_view
from tests.unit.builders import ACCOUNTS, BACKUP, COPIES, MADE, MAIN, PROD, ROLE, a_draft, a_point, a_vault
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts

NAMES = Names(ACCOUNTS)
HOSTILE = "<!channel> & `rm` <@U0BEN> \u202egnirts"
KEY = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1a2b"
PLACE, SECOND = Place("backup", "eu-west-1", "copies"), Place("prod", "eu-west-1", "second")
NEW = Place("backup", "eu-west-1", "audit", new=True, key_arn=KEY)
POINT = PointEntry("p1", "t1", a_point())
GOAL = Goal(PLACE, ACCOUNTS[1], COPIES, a_vault())
LOCKED = replace(GOAL, seen=replace(a_vault(least=7, most=365), lock_date=NOW, own_key=True))
AIR_GAPPED = replace(GOAL, seen=Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=7, max_days=90, own_key=False))
ROUTE = Route("dr-chain", (Hop(COPIES, Retention(Keep.DAYS, 60), 20), Hop(VaultRef(PROD, "eu-west-1", "far"))))
SURE = Route("sure", tuple(replace(hop, keep=Retention(Keep.DAYS, 30)) for hop in ROUTE.hops))
CHOSEN = Chosen(
    point=POINT,
    account=ACCOUNTS[1],
    region="eu-west-1",
    vault=a_vault(),
    goals=(GOAL,),
    role_arn=ROLE,
)
NONE = replace(CHOSEN, account=None, region="", vault=None)
HERE = Choices(ACCOUNTS, (a_vault(), LOCKED.seen or a_vault()), sight=Sight(NOW), permanence=Permanence(possible=True))
ROUTES = replace(HERE, routes=(ROUTE, replace(ROUTE, name="x" * 40)))


def goes(chosen: Chosen = CHOSEN, choices: Choices = HERE, **changes: object) -> Block:
    """The destination page with these choices in the form."""
    form = Form(Page.DESTINATION, table_key="t1", point_key="p1", account="backup", region="eu-west-1", vault="copies")
    return page_view(a_draft(_with(form, changes)), chosen, choices, NAMES)


def lasts(chosen: Chosen = CHOSEN, choices: Choices = HERE, **changes: object) -> Block:
    """The retention page with these choices in the form, kept as long as they come to."""
    form = Form(Page.RETENTION, table_key="t1", point_key="p1", keep=Keep.DAYS, days="90", reason="Because.")
    draft = a_draft(_with(form, changes))
    point = chosen.point.point if chosen.point else None
    kept = replace(chosen, retention=retention_of(draft.form, point, zone_of(draft.timezone)))
    return page_view(draft, kept, choices, NAMES)


def _with(form: Form, changes: dict[str, object]) -> Form:
    return replace(form, **changes)  # type: ignore[arg-type]  # fields of a Form


BLANK: dict[str, Any] = {"account": "", "region": "", "vault": ""}
PROBLEMS: dict[str, Any] = {
    "problems": tuple((name, f"{name}: {HOSTILE}") for name in ("to", "route", "account", "region", "vault"))
}
NAMELESS: dict[str, Any] = {"problems": (("new_vault", "Taken."), ("key_arn", "No key."))}
LATE: dict[str, Any] = {
    "problems": tuple((name, f"{name} is wrong.") for name in ("keep", "days", "until", "cold", "reason"))
}
AT_HOME = replace(CHOSEN, account=ACCOUNTS[0])
WITHOUT_END = replace(CHOSEN, point=replace(POINT, point=a_point(keeps=None)))

VIEWS: dict[str, Block] = {
    "destination-listed": goes(NONE, others=(PLACE, SECOND), filled=2, **BLANK),
    "destination-listed-and-one-begun": goes(others=(NEW,), filled=1),
    "destination-listed-hostile": goes(NONE, others=(Place(HOSTILE, "eu-west-1", HOSTILE),), **BLANK),
    "destination-as-many-as-there-may-be": goes(others=(PLACE, SECOND, NEW, replace(SECOND, vault="third"))),
    "destination-of-a-new-backup": goes(backup_first=True),
    "destination-recent": goes(NONE, replace(HERE, recent=(PLACE, SECOND)), **BLANK),
    "destination-routes": goes(NONE, ROUTES, **BLANK),
    "destination-route-chosen": goes(replace(NONE, route=ROUTE), ROUTES, route="dr-chain", others=(SECOND,)),
    "destination-new-vault": goes(replace(CHOSEN, vault=None), making=True, vault=""),
    "destination-new-vault-named": goes(
        replace(CHOSEN, vault=None), making=True, new_vault="audit", key_arn=KEY, vault=""
    ),
    "destination-new-vault-at-home": goes(AT_HOME, making=True, vault="", account="prod"),
    "destination-new-vault-refused": goes(CHOSEN, making=True, vault="", new_vault="x" * 60, **NAMELESS),
    "destination-vault-locked": goes(replace(CHOSEN, vault=LOCKED.seen)),
    "destination-vaults-silent": goes(choices=replace(HERE, sight=Sight(NOW - timedelta(minutes=7), "Rate exceeded"))),
    "destination-vaults-never-seen": goes(
        replace(CHOSEN, vault=None), replace(HERE, vaults=(), sight=Sight(None, HOSTILE)), vault=""
    ),
    "destination-vaults-of-long-ago": goes(choices=replace(HERE, sight=Sight(NOW - timedelta(hours=3)))),
    "destination-problems": goes(**PROBLEMS),
    "retention-until": lasts(keep=UNTIL, until="2027-02-28"),
    "retention-until-one-day": lasts(keep=UNTIL, until="2026-11-21"),
    "retention-until-nothing": lasts(keep=UNTIL),
    "retention-cold": lasts(cold="30", days="120"),
    "retention-century-priced": lasts(keep=Keep.CENTURY),
    "retention-permanent": lasts(keep=Keep.PERMANENT),
    "retention-cannot-be-permanent": lasts(
        choices=replace(HERE, permanence=Permanence(False, "It is locked.")), keep=Keep.AS_SOURCE
    ),
    "retention-of-a-source-without-end": lasts(
        WITHOUT_END, replace(HERE, permanence=Permanence()), keep=Keep.AS_SOURCE
    ),
    "retention-locked": lasts(replace(CHOSEN, goals=(LOCKED, replace(GOAL, seen=a_vault(MAIN, least=30))))),
    "retention-air-gapped": lasts(replace(CHOSEN, goals=(AIR_GAPPED,))),
    "retention-of-a-route": lasts(replace(CHOSEN, route=ROUTE)),
    "retention-of-a-route-that-keeps-itself": lasts(replace(CHOSEN, route=SURE)),
    "retention-of-a-new-backup": lasts(backup_first=True, keep=Keep.AS_SOURCE),
    "retention-of-a-new-backup-without-end": lasts(WITHOUT_END, backup_first=True, keep=Keep.AS_SOURCE),
    "retention-of-a-permanent-new-backup": lasts(backup_first=True, keep=Keep.PERMANENT),
    "retention-days-filled": lasts(filled=3),
    "retention-problems": lasts(keep=UNTIL, until="2027-02-30", **LATE),
}


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.view(name, VIEWS[name], "places")


def test_no_golden_file_speaks_of_a_view_that_is_gone() -> None:
    assert agreed_names("places") == set(VIEWS)


@pytest.mark.parametrize("name", VIEWS)
def test_foreign_text_calls_nobody_and_hides_nothing(name: str) -> None:
    assert "\u202e" not in str(VIEWS[name])
    assert "<!channel>" not in "".join(marked_texts(VIEWS[name]))


@pytest.mark.parametrize("name", VIEWS)
def test_every_page_has_a_field_by_which_it_is_known(name: str) -> None:
    """A page without an input would be taken for the review, and sent."""
    blocks = VIEWS[name]["blocks"]
    assert isinstance(blocks, list)
    assert any(block["type"] == "input" for block in blocks)


def test_what_the_bot_puts_into_a_field_comes_in_a_new_block() -> None:
    """Slack shows what a person chose for as long as the block's id stays."""
    before, after = _ids(goes()), _ids(goes(filled=1))

    assert not before & after
    assert _ids(goes(filled=1)) == after


def test_the_word_never_is_not_on_offer() -> None:
    assert MADE < NOW
    assert not any("never" in str(view).lower() for name, view in VIEWS.items() if name.startswith("retention"))


def _ids(view: Block) -> set[str]:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return {str(block["block_id"]) for block in blocks if block["type"] == "input"}
