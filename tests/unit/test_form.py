"""From Slack's payload to the form: what is not on the screen stays, what was cleared is empty."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.drafts import Form, Page
from commands.copy_backup.form import block_for, read

FORM = Form(
    query="ord",
    table_key="t1",
    point_key="p1",
    account="backup",
    region="eu-west-1",
    vault="copies",
    keep="days",
    days="90",
    reason="Why not.",
)


def view(**blocks: dict[str, Any] | None) -> dict[str, Any]:
    """A view whose blocks (with __ for :) hold these elements, each under its field's action id."""
    values = {}
    for name, element in blocks.items():
        block = name.replace("__", ":")
        values[block] = {block.partition(":")[0]: element}
    return {"state": {"values": values}}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value}}


def typed(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


@pytest.mark.parametrize("empty", [{}, {"state": None}, {"state": {}}, {"state": {"values": None}}, {"blocks": []}])
def test_what_is_not_on_the_screen_stays(empty: dict[str, Any]) -> None:
    assert read(empty, FORM) == FORM


def test_every_field_is_read_from_its_block() -> None:
    on_screen = {
        "table": {"table": chosen("t2")},
        "backup:t2": {"backup": chosen("p2")},
        "account": {"account": chosen("prod")},
        "region:prod": {"region": chosen("us-east-1")},
        "vault:prod:us-east-1": {"vault": chosen("main")},
        "keep": {"keep": chosen("century")},
        "days": {"days": typed("7")},
        "reason": {"reason": typed("Because.")},
    }

    assert read({"state": {"values": on_screen}}, FORM) == Form(
        query="ord",
        table_key="t2",
        point_key="p2",
        account="prod",
        region="us-east-1",
        vault="main",
        keep="century",
        days="7",
        reason="Because.",
    )


@pytest.mark.parametrize("nothing", [{"selected_option": None}, {}, {"selected_option": {}}])
def test_a_choice_that_was_cleared_is_empty(nothing: dict[str, Any]) -> None:
    assert read(view(account={"type": "static_select", **nothing}), FORM).account == ""


@pytest.mark.parametrize("value", [None, ""])
def test_a_text_that_was_cleared_is_empty(value: str | None) -> None:
    assert read(view(reason=typed(value)), FORM).reason == ""


def test_an_element_that_is_null_counts_as_not_there() -> None:
    assert read(view(account=None, reason=None), FORM) == replace(FORM, page=Page.DESTINATION)


@pytest.mark.parametrize(
    ("block", "page"),
    [("table", Page.BACKUP), ("account", Page.DESTINATION), ("reason", Page.RETENTION), ("days", Page.REVIEW)],
)
def test_the_page_is_the_one_on_the_screen(block: str, page: Page) -> None:
    """A submission that is delivered twice finds the draft a page further, and must not turn another one."""
    assert read(view(**{block: typed("x")}), replace(FORM, page=Page.REVIEW)).page is page


def test_a_block_that_hung_on_another_choice_is_not_read() -> None:
    values = {
        "table": {"table": chosen("t2")},
        "backup:t1": {"backup": chosen("p9")},
        "region:prod": {"region": chosen("us-east-1")},
        "vault:backup:us-east-1": {"vault": chosen("stale")},
    }

    form = read({"state": {"values": values}}, FORM)

    assert (form.table_key, form.point_key, form.region, form.vault) == ("t2", "p1", "eu-west-1", "copies")


def test_a_number_arrives_as_text() -> None:
    assert read(view(days={"type": "number_input", "value": 30}), FORM).days == "30"


def test_an_error_is_shown_on_the_block_of_its_field() -> None:
    assert block_for("backup", FORM) == "backup:t1"
    assert block_for("region", FORM) == "region:backup"
    assert block_for("vault", FORM) == "vault:backup:eu-west-1"
    assert block_for("reason", FORM) == "reason"
