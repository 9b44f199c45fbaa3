"""Every page of the walk, empty, chosen, in error and crowded: golden files that Slack would take."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.drafts import Draft, Form, Page
from bot.domain.inventory import Area, PointEntry, TableEntry
from bot.domain.retention import Keep, Retention
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.choosing import Choices, Chosen, Reading, retention_of, zone_of
from commands.copy_backup.views import page_view
from commands.copy_backup.views.frame import loading, note
from commands.copy_backup.views.review import sent_note
from tests.unit.builders import (
    ACCOUNTS,
    BACKUP,
    COPIES,
    PROD,
    a_draft,
    a_point,
    a_request,
    a_vault,
)
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts

NAMES = Names(ACCOUNTS)
HOSTILE = "<!channel> & `rm` <@U0BEN> \u202egnirts :a:b:"
TABLE = TableEntry("t1", "arn:aws:dynamodb:us-east-1:111111111111:table/orders", "orders", PROD, "us-east-1", 2, NOW)
POINT = PointEntry("p1", "t1", a_point())
PROBLEM = "The vault does not take copies now. Choose another one."
UNREADABLE = tuple(
    Area(account, region, None, NOW, error)
    for account, region, error in (
        (PROD, "us-east-1", "No access to the account: not authorized to perform: sts:AssumeRole"),
        (BACKUP, "eu-west-1", HOSTILE * 10),
    )
)
MANY = tuple(a_vault(VaultRef(BACKUP, "eu-west-1", f"vault-{number:03}")) for number in range(101))
FORM = Form(
    page=Page.DESTINATION,
    table_key="t1",
    point_key="p1",
    account="backup",
    region="eu-west-1",
    vault="copies",
    keep=Keep.DAYS,
    days="90",
    reason="Before the migration.",
)
ALL = Chosen(TABLE, POINT, ACCOUNTS[1], "eu-west-1", a_vault(), Retention(Keep.DAYS, 90))
HERE = Choices(
    ACCOUNTS, (a_vault(), a_vault(VaultRef(BACKUP, "eu-west-1", "second"), points=1)), age=timedelta(minutes=4)
)
NEVER_READ = Choices(ACCOUNTS, has_tables=False)
OLD_ARN = f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders/backup/01700000000000-1a2b"
# Made without the advanced features, and a copy of such a kind where its table is not.
LEGACY = replace(POINT, point=replace(a_point(), arn=OLD_ARN))
COLD_COPY = replace(POINT, point=replace(a_point(storage="COLD"), vault=COPIES))


def on(page: Page, **changes: object) -> Draft:
    return a_draft(replace(FORM, page=page, **changes))  # type: ignore[arg-type]  # fields of a Form


def shown(draft: Draft, chosen: Chosen = ALL, choices: Choices = HERE, problem: str = "") -> Block:
    return page_view(draft, chosen, choices, NAMES, problem)


def lasts(chosen: Chosen = ALL, **changes: object) -> Block:
    """The retention page with these choices, kept as long as they come to."""
    draft = on(Page.RETENTION, **changes)
    point = chosen.point.point if chosen.point else None
    return shown(draft, replace(chosen, retention=retention_of(draft.form, point, zone_of(draft.timezone))))


START = a_draft(Form())
NOTHING = Chosen()
ONE_VAULT_EACH = {
    "standard": a_vault(),
    "one-backup": a_vault(points=1),
    "locked": a_vault(least=7, most=36_500),
    "locked-at-least": a_vault(least=30),
    "locked-at-most": a_vault(most=90),
    "air-gapped": Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=7, max_days=90),
}

VIEWS: dict[str, Block] = {
    "backup-start": shown(START, NOTHING),
    "backup-none-at-all": shown(START, NOTHING, replace(HERE, has_tables=False)),
    "backup-none-readable": shown(START, NOTHING, replace(HERE, has_tables=False, problems=UNREADABLE)),
    "backup-never-read": shown(START, NOTHING, NEVER_READ),
    "backup-reading": shown(on(Page.BACKUP), choices=replace(HERE, reading=Reading.NOW)),
    "backup-reading-slowly": shown(on(Page.BACKUP), choices=replace(HERE, reading=Reading.SLOW)),
    "backup-made-without-advanced-features": shown(on(Page.BACKUP), replace(ALL, point=LEGACY)),
    "backup-made-anew-first": shown(on(Page.BACKUP, backup_first=True), replace(ALL, point=LEGACY)),
    "backup-cold-copy": shown(on(Page.BACKUP), replace(ALL, point=COLD_COPY)),
    "backup-old-picture": shown(
        START, NOTHING, replace(HERE, problems=(replace(UNREADABLE[0], read_at=NOW - timedelta(hours=2)),))
    ),
    "backup-many-unreadable": shown(START, NOTHING, replace(HERE, problems=UNREADABLE[:1] * 7)),
    "backup-typed-wrong": shown(
        a_draft(
            Form(query="ord", problems=(("table", "I know no table “<!channel>” that has a backup. Choose one."),))
        ),
        NOTHING,
        replace(HERE, matches=3),
    ),
    "backup-some-unreadable": shown(START, NOTHING, replace(HERE, problems=UNREADABLE)),
    "backup-searched": shown(a_draft(Form(query="ord")), NOTHING, replace(HERE, matches=3)),
    "backup-searched-many": shown(a_draft(Form(query="o")), NOTHING, replace(HERE, matches=100)),
    "backup-searched-in-vain": shown(a_draft(Form(query=HOSTILE)), NOTHING, replace(HERE, matches=0)),
    "backup-table-chosen": shown(on(Page.BACKUP, point_key=""), Chosen(table=TABLE)),
    "backup-gone": shown(on(Page.BACKUP), Chosen(table=TABLE)),
    "backup-only-one": shown(on(Page.BACKUP, point_key=""), Chosen(table=replace(TABLE, backups=1))),
    "backup-chosen": shown(on(Page.BACKUP)),
    "backup-without-end": shown(on(Page.BACKUP), replace(ALL, point=replace(POINT, point=a_point(keeps=None)))),
    "backup-not-copyable": shown(on(Page.BACKUP), replace(ALL, point=replace(POINT, point=a_point(storage="COLD")))),
    "backup-problem": shown(on(Page.BACKUP), problem=PROBLEM),
    "backup-hostile": shown(
        on(Page.BACKUP),
        Chosen(table=replace(TABLE, name=HOSTILE * 8), point=replace(POINT, point=a_point(HOSTILE * 8, size=-1))),
    ),
    "destination-start": shown(on(Page.DESTINATION), Chosen(TABLE, POINT)),
    "destination-backup-gone": shown(on(Page.DESTINATION), Chosen(TABLE)),
    "destination-account": shown(on(Page.DESTINATION), replace(ALL, region="", vault=None)),
    "destination-region": shown(on(Page.DESTINATION), replace(ALL, vault=None)),
    "destination-chosen": shown(on(Page.DESTINATION)),
    "destination-no-vault": shown(on(Page.DESTINATION), replace(ALL, vault=None), replace(HERE, vaults=())),
    "destination-many-vaults": shown(on(Page.DESTINATION), replace(ALL, vault=None), replace(HERE, vaults=MANY)),
    "destination-one-of-many": shown(on(Page.DESTINATION), replace(ALL, vault=MANY[7]), replace(HERE, vaults=MANY)),
    "destination-problem": shown(on(Page.DESTINATION), problem=PROBLEM),
    **{
        f"destination-vault-{name}": shown(
            on(Page.DESTINATION), replace(ALL, vault=vault), replace(HERE, vaults=(vault,))
        )
        for name, vault in ONE_VAULT_EACH.items()
    },
    "retention-start": lasts(keep="", days="", reason=""),
    "retention-as-source": lasts(keep=Keep.AS_SOURCE),
    "retention-as-source-without-end": lasts(
        replace(ALL, point=replace(POINT, point=a_point(keeps=None))), keep=Keep.AS_SOURCE
    ),
    "retention-days": lasts(),
    "retention-days-unusable": lasts(days="ninety"),
    "retention-century": lasts(keep=Keep.CENTURY),
    "retention-backup-gone": shown(on(Page.RETENTION), Chosen(TABLE)),
    "retention-problem": shown(on(Page.RETENTION), problem=PROBLEM),
    "loading": loading("draft-1", "Reading your backups…"),
    "note": note("draft-1", "This was sent already."),
    "sent": sent_note("draft-1", a_request()),
}


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.view(name, VIEWS[name])


def test_no_golden_file_speaks_of_a_view_that_is_gone() -> None:
    assert agreed_names("views") == {*VIEWS, "reject-form"}


@pytest.mark.parametrize("name", VIEWS)
def test_foreign_text_calls_nobody_and_hides_nothing(name: str) -> None:
    everything = str(VIEWS[name])

    assert "\u202e" not in everything
    assert "<!channel>" not in "".join(marked_texts(VIEWS[name]))


def test_a_choice_above_gives_what_hangs_on_it_a_new_block() -> None:
    """Slack keeps an old choice as long as the block's id stays."""
    before = _inputs(VIEWS["destination-chosen"])
    after = _inputs(shown(on(Page.DESTINATION, account="prod"), replace(ALL, account=ACCOUNTS[0], vault=None)))

    assert before[0] == after[0]
    assert not set(before[1:]) & set(after[1:])


def _inputs(view: Block) -> list[str]:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return [str(block["block_id"]) for block in blocks if block["type"] == "input"]
