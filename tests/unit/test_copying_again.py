"""Copying again: the walk's form, filled in with what is there of the backup and the destination."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.copies import Copy
from bot.domain.drafts import Page
from bot.workflows.copying_again import CopyingAgain
from tests.unit.builders import COPIES, COPY_ARN, a_policy
from tests.unit.fakes import ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def a_copy(scene: WalkScene) -> Copy:
    """A copy of the backup there is, dated as AWS may tell it of the copy."""
    return Copy(
        arn=COPY_ARN,
        request_id="",
        step_id=0,
        vault=COPIES,
        table_name="orders",
        size_bytes=1,
        created_at=scene.point.created_at + timedelta(milliseconds=400),
        delete_at=None,
        looked_at=None,
        table_arn=scene.point.table_arn,
    )


def test_the_source_is_found_by_its_date_though_told_less_exactly(scene: WalkScene) -> None:
    form = CopyingAgain(scene.store, a_policy(), scene.clock).form(a_copy(scene))

    assert (form.page, form.point_key, form.vault) == (Page.RETENTION, scene.point_key, COPIES.name)


def test_a_destination_whose_vault_is_gone_is_asked_for_where_it_was(scene: WalkScene) -> None:
    gone = replace(COPIES, name="gone")

    form = CopyingAgain(scene.store, a_policy(), scene.clock).form(replace(a_copy(scene), vault=gone))

    assert (form.page, form.account, form.region, form.vault) == (Page.DESTINATION, "backup", COPIES.region, "")
