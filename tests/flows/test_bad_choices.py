"""What the first page takes: any search, choices of what is gone or forged, drafts of others and of other versions."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from bot.sandbox.worlds import PROD
from bot.store.engine import make_engine
from tests.flows.team import US, Team
from tests.flows.test_bad_input import put_on_screen, set_choice

# Half of an emoji: JSON can carry it, a form cannot.
HALF = "\ud83d"
HOSTILE = [
    "x" * 1_000,
    "orders " * 140,
    "🎉👩‍👩‍👧‍👦",
    "%",
    "_",
    "'; DROP TABLE points; --",
    "\\",
    "\\%\\_",
    "\u202eredro",
    "\u0000orders\u0000",
    "ord\ners\t",
    "<!channel>",
    HALF,
]
# As the version before wrote them: without the fields that came later.
OLD_FIELDS = ("page", "query", "table_key", "point_key", "account", "region", "vault", "keep", "days", "reason")


def form_of(team: Team, draft_id: str) -> dict[str, Any]:
    return dict(json.loads(_execute(team, "SELECT form FROM drafts WHERE id = :id", id=draft_id)))


def rewrite(team: Team, draft_id: str, form: dict[str, Any]) -> None:
    """Put a form into the store as another version of the bot would have written it."""
    _execute(team, "UPDATE drafts SET form = :form WHERE id = :id", id=draft_id, form=json.dumps(form))


@pytest.mark.parametrize("label", ["Table", "Backup"])
def test_any_search_is_answered_and_harms_nothing(team: Team, label: str) -> None:
    walk = team.walk().open("orders")

    for typed in HOSTILE:
        offered = walk.person.suggest(label, typed)
        assert isinstance(offered, list)
        assert len(offered) <= 3, typed

    assert [option["text"]["text"] for option in walk.person.suggest("Table", "orders")] == ["orders"]
    assert len(walk.person.suggest("Backup", "")) == 3
    walk.backup().next()


@pytest.mark.parametrize("typed", [typed for typed in HOSTILE if typed.isprintable()])
def test_any_word_after_the_command_is_answered(team: Team, typed: str) -> None:
    team.walk().type(typed)

    told = team.wait(lambda: team.whispers(team.anna) or (team.anna.modal and "Step" in team.walk().text), "an answer")
    assert told
    assert "<!channel>" not in str([message.text for message in team.anna.ephemerals])
    assert team.house.request_ids() == []


@pytest.mark.parametrize("typed", [typed for typed in HOSTILE if typed != HALF])
def test_any_order_opens_the_form_with_what_is_wrong(team: Team, typed: str) -> None:
    walk = team.walk()
    walk.type(f"{typed} to {typed} keep {typed} because {typed}")

    team.wait(lambda: walk.person.modal and "Step" in walk.text, "the form")
    assert "<!channel>" not in json.dumps(walk.view.definition["blocks"])
    assert team.house.request_ids() == []


def test_a_backup_that_vanished_between_keystroke_and_choice_is_told_at_once_and_in_its_field(team: Team) -> None:
    walk = team.walk().open("orders")
    (offered, *_) = walk.person.suggest("Backup", "")
    team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", team.newest_backup("orders"))
    team.later(minutes=1)
    team.walk(team.dora).open("orders").person.close_modal()

    walk.person.pick("Backup", offered)

    walk.reads("The backup you chose is not there any more.")
    assert "not there any more" in walk.refused()["Backup"]
    walk.backup("warm")
    team.wait(lambda: "not there any more" not in walk.text, "the page without the backup that is gone")
    walk.next()
    assert team.house.request_ids() == []


def test_a_table_that_vanished_is_told_in_its_field(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    world = team.worlds.aws.world
    for point in list(world.state.books(PROD, US).vaults["daily"].points.values()):
        if point.resource_name == "orders":
            world.delete_recovery_point(PROD, US, "daily", point.arn)
    team.later(minutes=1)
    team.walk(team.dora).open().person.close_modal()

    assert "not there any more" in walk.refused()["Table"]


@pytest.mark.parametrize(
    "forged", ["nonsense", "../../etc/passwd", "x" * 150, "'; DROP TABLE points; --", "\u202e", "\u0000t"]
)
def test_a_forged_table_is_refused_at_its_field(team: Team, forged: str) -> None:
    walk = team.walk().open("orders").backup()

    set_choice(team, walk.view, walk.block("Table"), "table", forged)

    assert "Choose a table" in walk.refused()["Table"]
    assert team.house.request_ids() == []


@pytest.mark.parametrize("button", ["Refresh", "Back up now and copy the new one"])
def test_buttons_in_the_form_of_another_person_change_nothing(team: Team, button: str) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "orders", advanced=False)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup("without advanced").reads("[Back up now")
    draft_id = walk.view.private_metadata
    other = team.walk(team.dora).open("orders").backup("without advanced").reads("[Back up now")
    put_on_screen(team, other.view, private_metadata=draft_id)
    before = form_of(team, draft_id)

    other.person.press(button)

    other.reads("belongs to somebody else")
    assert form_of(team, draft_id) == before


def test_a_draft_from_before_an_upgrade_goes_on_where_it_was(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination()
    draft_id = walk.view.private_metadata
    form = form_of(team, draft_id)

    rewrite(team, draft_id, {name: form[name] for name in OLD_FIELDS})

    walk.next().keep("A number of days", 90).why("needed").next().reviewed().send()
    walk.reads("is sent")


def test_a_draft_of_a_newer_version_goes_on_with_what_is_known_here(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    draft_id = walk.view.private_metadata

    rewrite(team, draft_id, {**form_of(team, draft_id), "colour": "blue", "others": [], "plans": {"a": [1]}})

    walk.next().destination().next()


@pytest.mark.parametrize("change", [{"page": "summary"}, {"others": "everywhere"}, {"filled": None}, {"problems": 7}])
def test_a_draft_that_nobody_here_can_read_says_to_start_anew(team: Team, change: dict[str, Any]) -> None:
    walk = team.walk().open("orders").backup()
    draft_id = walk.view.private_metadata
    rewrite(team, draft_id, {**form_of(team, draft_id), **change})

    assert walk.person.suggest("Backup", "") == []
    walk.person.submit()

    walk.reads("This form is too old to go on with. Type `/copy-backup` again.")
    assert team.house.request_ids() == []


def test_a_view_from_before_an_upgrade_without_the_new_blocks_goes_on(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    blocks = [block for block in walk.view.definition["blocks"] if block.get("block_id") != "freshness"]
    for block in blocks:
        if str(block.get("block_id")).startswith("backup"):
            block.pop("dispatch_action", None)

    walk.house.worlds.slack.workspace.views.update(walk.view, {**walk.view.definition, "blocks": blocks})

    walk.backup().next()


def _execute(team: Team, statement: str, **values: Any) -> Any:
    engine = make_engine(team.house._url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar_one() if result.returns_rows else None
    finally:
        engine.dispose()
