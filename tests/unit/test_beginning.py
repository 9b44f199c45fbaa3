"""What is typed after the command, in the fields of the walk: all that can be used, and why the rest cannot."""

from dataclasses import replace

import pytest

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.books import Store
from bot.domain.drafts import UNTIL, Form, Page, Place
from bot.domain.orders import is_order, understand
from bot.domain.retention import Keep
from bot.domain.routes import Hop, Route
from bot.workflows.beginning import Beginning
from tests.unit.builders import ANNA, BACKUP, CHANNEL, COPIES, MADE, MAIN, PROD, a_vault
from tests.unit.fakes import ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene

TO = "to backup/eu-west-1/copies"
WHOLE = f"orders {TO} keep 90d because audit"
HOME = VaultRef(PROD, "eu-west-1", "eu")
PICKED = "You named no backup, so this is the newest one that can be copied."
CHAIN = Route("dr-chain", (Hop(COPIES),))


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    scene = make_walk_scene(store, clock)
    scene.walk.policy = replace(scene.walk.policy, routes=(CHAIN,))
    scene.backups.add_vault(a_vault(HOME))
    scene.inventory.refresh()
    return scene


def begun(scene: WalkScene, text: str) -> Form:
    """The form of a walk that was begun with these words."""
    assert is_order(text), text
    scene.walk.begin("draft-1", ANNA, CHANNEL, "", ("V1", "h1"))
    draft = Beginning(scene.walk).fill("draft-1", understand(text))
    assert draft is not None
    assert draft == scene.draft()
    return draft.form


def refused(scene: WalkScene, text: str) -> tuple[Page, str, str]:
    """The page, the field and the sentence that one wrong word leads to."""
    form = begun(scene, text)
    ((field, sentence),) = form.problems
    return form.page, field, sentence


def whole(scene: WalkScene, **changes: object) -> Form:
    return replace(scene.whole_form(reason="audit", picked=PICKED), **changes)  # type: ignore[arg-type]  # fields of a Form


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        "ORDERS TO BACKUP/EU-WEST-1/Copies KEEP 90D BECAUSE audit",
        f"“orders” {TO} keep 90d because audit",
        f"'orders' {TO} keep 90d because audit",
        f"«orders» {TO} keep 90d because: audit",
        f"orders {TO} keep 90 days because audit",
        f"orders {TO} keep for 90d because   audit  ",
        f"orders keep 90d {TO} because audit",
        "orders backup/eu-west-1/copies keep 90d because audit",
        f"orders to {BACKUP}/eu-west-1/copies keep 90d because audit",
        f"orders to {COPIES.arn} keep 90d because audit",
        f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders {TO} keep 90d because audit",
        f"orders {TO}, backup/eu-west-1/copies keep 90d because audit",
        f"ord {TO} keep 90d because audit",
        f"prod orders {TO} keep 90d because audit",
    ],
)
def test_whoever_says_all_stands_before_the_review(scene: WalkScene, text: str) -> None:
    assert begun(scene, text) == whole(scene)


def test_the_newest_backup_that_can_be_copied_is_meant(scene: WalkScene) -> None:
    scene.backups.add_point(MAIN, "orders", created_at=scene.clock.now(), status="CREATING")
    scene.inventory.refresh()

    form = begun(scene, WHOLE)

    assert form == whole(scene, point_key=point_key(scene, scene.point), picked=f"{PICKED} 1 newer one cannot.")


def test_a_backup_where_its_table_is_comes_before_a_newer_copy(scene: WalkScene) -> None:
    copy = replace(scene.point, arn=f"{scene.point.arn}-copy", vault=COPIES, created_at=scene.clock.now())
    scene.backups.put(copy)
    scene.inventory.refresh()

    form = begun(scene, WHOLE)

    assert form.point_key == point_key(scene, scene.point)
    assert form.picked == (
        "You named no backup, so this is the newest one where its table is that can be copied. "
        "1 newer one is elsewhere."
    )


def test_the_arn_of_a_backup_means_exactly_that_one(scene: WalkScene) -> None:
    scene.backups.add_point(MAIN, "orders", created_at=scene.clock.now())
    scene.inventory.refresh()

    assert begun(scene, WHOLE.replace("orders", scene.point.arn)).point_key == point_key(scene, scene.point)


def test_where_no_backup_can_be_copied_the_first_page_shows_the_newest_one(scene: WalkScene) -> None:
    scene.backups.change_point(scene.point.arn, status="PARTIAL")
    scene.inventory.refresh()

    form = begun(scene, WHOLE)

    assert form == whole(scene, page=Page.BACKUP, picked="")


def test_a_route_goes_by_its_name(scene: WalkScene) -> None:
    form = begun(scene, "orders to DR-Chain keep 90d because audit")

    assert form == whole(scene, route="dr-chain", account="", region="", vault="")


def test_several_destinations_are_a_list_and_the_last_one_is_in_hand(scene: WalkScene) -> None:
    form = begun(scene, "orders to prod/eu-west-1/eu, backup/eu-west-1/copies keep 90d because audit")

    assert form == whole(scene, others=(Place("prod", "eu-west-1", "eu"),))


def test_a_new_vault_is_one_that_is_made(scene: WalkScene) -> None:
    key = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1"
    form = begun(scene, f"orders to new backup/eu-west-1/fresh key {key} keep 90d because audit")

    assert (form.new_vault, form.key_arn, form.vault, form.page) == ("fresh", key, "", Page.REVIEW)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("source", (Keep.AS_SOURCE, "", "")),
        ("as the source", (Keep.AS_SOURCE, "", "")),
        ("2y", (Keep.DAYS, "730", "")),
        ("2 years", (Keep.DAYS, "730", "")),
        ("100y", (Keep.CENTURY, "", "")),
        ("until 2027-03-01", (UNTIL, "", "2027-03-01")),
    ],
)
def test_each_way_to_keep_is_understood(scene: WalkScene, said: str, fields: tuple[str, str, str]) -> None:
    form = begun(scene, f"orders {TO} keep {said} because audit")

    assert (form.keep, form.days, form.until) == fields
    assert (form.page, form.problems) == (Page.REVIEW, ())


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (f"to {'backup/eu-west-1/copies'} keep 90d because audit", Page.BACKUP),
        ("orders keep 90d because audit", Page.DESTINATION),
        ("orders to backup keep 90d because audit", Page.DESTINATION),
        ("orders to prod/eu-west-1 keep 90d because audit", Page.DESTINATION),
        (f"orders {TO} because audit", Page.RETENTION),
        (f"orders {TO} keep 90d", Page.RETENTION),
        (f"orders {TO}", Page.RETENTION),
        ("orders because audit", Page.DESTINATION),
    ],
)
def test_what_is_missing_is_asked_for_without_a_word_of_blame(scene: WalkScene, text: str, page: Page) -> None:
    form = begun(scene, text)

    assert (form.page, form.problems) == (page, ())
    assert form.reason == ("audit" if "because" in text else "")
    assert form.table_key == (scene.table_key if "orders" in text else "")
    assert form.days == ("90" if "keep" in text else "")


@pytest.mark.parametrize(
    ("text", "page", "field", "words"),
    [
        ("ordres to {to}", Page.BACKUP, "table", "that has a backup. Did you mean orders? Choose one."),
        ('"list" to {to}', Page.BACKUP, "table", "no table “list”"),
        ("arn:aws:backup:us-east-1:111111111111:recovery-point:x to {to}", Page.BACKUP, "table", "I know no backup"),
        ("orders to nowhere/eu-west-1/copies {rest}", Page.DESTINATION, "account", "accounts prod, backup, or a route"),
        ("orders to dr-chian {rest}", Page.DESTINATION, "account", "“dr-chian”. Did you mean dr-chain?"),
        ("orders to backup/us-east-1/copies {rest}", Page.DESTINATION, "region", "configured for eu-west-1, not for"),
        (
            "orders to backup/eu-west-1/copise {rest}",
            Page.DESTINATION,
            "vault",
            "“copise” in backup · eu-west-1. Did you mean copies?",
        ),
        ("orders to prod/us-east-1/main {rest}", Page.DESTINATION, "vault", "in this vault already"),
        ("orders to backup/eu-west-1/copies then prod/eu-west-1/eu {rest}", Page.DESTINATION, "to", "(dr-chain)"),
        ("orders to dr-chain, prod/eu-west-1/eu {rest}", Page.DESTINATION, "to", "stands alone"),
        ("orders to backup/eu-west-1/copies for audit keep 90d because x", Page.DESTINATION, "to", "“for audit” after"),
        ("orders to new backup/eu-west-1/x! {rest}", Page.DESTINATION, "new_vault", ""),
        ("orders to backup/eu-west-1/copies until 2027-03-01 because x", Page.DESTINATION, "to", "comes after `keep`"),
        (
            "orders to backup/eu-west-1/copies for 45d because x",
            Page.DESTINATION,
            "to",
            "comes after `keep`: `keep 45d`",
        ),
        ("orders to backup/eu-west-1/copies 45 days because x", Page.DESTINATION, "to", "comes after `keep`"),
        (
            "orders to backup/eu-west-1/copies keep -5d because x",
            Page.RETENTION,
            "keep",
            "`keep until 2027-03-01`, `keep",
        ),
        ("orders to backup/eu-west-1/copies keep ninety because x", Page.RETENTION, "keep", "“keep ninety”"),
        ("orders to backup/eu-west-1/copies keep 90 because x", Page.RETENTION, "keep", "“keep 90”"),
        ("orders to backup/eu-west-1/copies keep because x", Page.RETENTION, "keep", "something is missing"),
        ("orders to backup/eu-west-1/copies keep never because x", Page.RETENTION, "keep", "Choose 100 years"),
        ("orders to backup/eu-west-1/copies keep 1d because x", Page.RETENTION, "days", "already be over"),
        ("orders to backup/eu-west-1/copies keep until March because x", Page.RETENTION, "until", "date “March”"),
        ("orders to backup/eu-west-1/copies keep until 1999-01-01 because x", Page.RETENTION, "until", ""),
        ("orders to prod/eu-west-1/eu keep 9d, backup/eu-west-1/copies keep 90d because x", Page.RETENTION, "keep", ""),
        (f"orders to backup/eu-west-1/copies keep 90d because {'x' * 3_001}", Page.RETENTION, "reason", "3,000"),
    ],
)
def test_each_kind_of_wrong_word_stands_at_its_field(
    scene: WalkScene, text: str, page: Page, field: str, words: str
) -> None:
    found = refused(scene, text.format(to=TO[3:], rest="keep 90d because x"))

    assert found[:2] == (page, field)
    assert words in found[2]


def test_a_wrong_word_costs_nothing_of_what_was_right(scene: WalkScene) -> None:
    form = begun(scene, f"ordres {TO} keep ninety because audit")

    assert (form.account, form.vault, form.reason, form.page) == ("backup", "copies", "audit", Page.BACKUP)
    assert [field for field, _ in form.problems] == ["table", "keep"]


def test_one_wrong_destination_of_several_leaves_the_others_on_the_list(scene: WalkScene) -> None:
    form = begun(scene, "orders to backup/eu-west-1/copies, nowhere/eu-west-1/x keep 90d because audit")

    assert (form.others, form.account, form.page) == ((Place("backup", "eu-west-1", "copies"),), "", Page.DESTINATION)
    assert (form.region, form.vault) == ("eu-west-1", "x")


@pytest.mark.parametrize("table", ["to", "keep", "to-keep", "list", "because", "then", "new"])
def test_tables_that_are_called_like_words_are_reached_in_quotes(scene: WalkScene, table: str) -> None:
    scene.backups.add_point(MAIN, table, created_at=MADE)
    scene.inventory.refresh()

    form = begun(scene, f'"{table}" {TO} keep 90d because audit')

    chosen = scene.walk.chosen(form).table
    assert chosen is not None
    assert (chosen.name, form.page) == (table, Page.REVIEW)


def test_a_table_called_to_needs_no_quotes(scene: WalkScene) -> None:
    scene.backups.add_point(MAIN, "to", created_at=MADE)
    scene.inventory.refresh()

    assert begun(scene, f"to {TO} keep 90d because audit").page is Page.REVIEW


def test_of_several_tables_of_one_name_the_person_chooses(scene: WalkScene) -> None:
    scene.backups.add_point(HOME, "orders", created_at=MADE)
    scene.inventory.refresh()

    form = begun(scene, WHOLE)

    ((field, sentence),) = form.problems
    assert (field, form.page, form.query, form.table_key) == ("table", Page.BACKUP, "orders", "")
    assert "orders (prod, us-east-1)" in sentence
    assert "orders (prod, eu-west-1)" in sentence


@pytest.mark.parametrize("text", ["orders", "prod orders", "to", "keep", "orders.eu", "a-b_c", "help me", ""])
def test_words_alone_are_a_search(text: str) -> None:
    assert not is_order(text)


def point_key(scene: WalkScene, point: RecoveryPoint) -> str:
    points = scene.inventory.points(scene.table_key)
    return next(entry.key for entry in points if entry.point.arn == point.arn)


@pytest.fixture
def wide(scene: WalkScene) -> WalkScene:
    """The account of the copies has a second Region, with a vault of its own."""
    prod, backup = scene.walk.policy.accounts
    widened = replace(backup, regions=("eu-west-1", "eu-central-1"))
    scene.walk.policy = replace(scene.walk.policy, accounts=(prod, widened))
    scene.inventory.policy = scene.walk.policy
    scene.backups.add_vault(a_vault(VaultRef(BACKUP, "eu-central-1", "central")))
    scene.inventory.refresh()
    return scene


def put_right(scene: WalkScene, form: Form, **choices: str) -> Form:
    """The form once a person has put right what was wrong on the page of destinations."""
    return scene.walk.keep("draft-1", ANNA.user_id, replace(form, **choices)).form  # type: ignore[arg-type]


def test_region_and_vault_behind_a_wrong_account_are_there_once_it_is_right(wide: WalkScene) -> None:
    form = begun(wide, "orders to bakup/eu-west-1/copies keep 90d because audit")

    assert put_right(wide, form, account="backup") == whole(wide, page=Page.DESTINATION)


def test_the_vault_behind_a_wrong_region_is_there_once_it_is_right(wide: WalkScene) -> None:
    form = begun(wide, "orders to backup/eu-west-9/Copies keep 90d because audit")

    assert put_right(wide, form, region="eu-west-1") == whole(wide, page=Page.DESTINATION)


def test_both_wrong_are_put_right_one_after_the_other(wide: WalkScene) -> None:
    form = begun(wide, "orders to bakup/eu-west-9/copies keep 90d because audit")

    form = put_right(wide, form, account="backup")
    assert form.problems == (("region", "backup is configured for eu-west-1, eu-central-1, not for “eu-west-9”."),)
    assert put_right(wide, form, region="eu-west-1") == whole(wide, page=Page.DESTINATION)


def test_what_is_not_there_once_the_rest_is_right_is_told(wide: WalkScene) -> None:
    form = begun(wide, "orders to backup/eu-west-9/copies keep 90d because audit")

    form = put_right(wide, form, region="eu-central-1")

    ((field, sentence),) = form.problems
    assert (form.vault, field) == ("", "vault")
    assert "I know no vault “copies” in backup · eu-central-1." in sentence


def test_a_new_vault_behind_a_wrong_account_keeps_its_name_and_key(wide: WalkScene) -> None:
    form = begun(wide, "orders to new bakup/eu-west-1/fresh key arn:k keep 90d because audit")

    form = put_right(wide, form, account="backup")

    assert (form.region, form.new_vault, form.key_arn, form.making) == ("eu-west-1", "fresh", "arn:k", True)


def test_a_place_that_was_right_stays_in_hand_before_one_whose_account_is_wrong(wide: WalkScene) -> None:
    form = begun(wide, "orders to backup/eu-west-9/copies, bakup/eu-west-1/x keep 90d because audit")

    assert (form.account, form.region, form.vault) == ("backup", "", "copies")
