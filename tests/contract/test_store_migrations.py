"""What bringing a database up to date promises."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, bindparam, inspect, text

from bot.domain.copies import CopyEnd, Made
from bot.domain.drafts import Form, Page
from bot.domain.errors import ConfigurationError
from bot.store import default_url, migrate, open_store
from bot.store.codec import Moment, to_json
from bot.store.engine import make_engine
from bot.store.migrate import HEAD
from bot.store.steps import params_to_json
from bot.store.tables import metadata
from tests.contract.store_builders import COPIES, NOW, a_copy, read_request, some_params, stored_request
from tests.contract.store_processes import migrate_at_once

PROCESSES = 4
VAULT = '{"account": "222222222222", "region": "eu-west-1", "name": "copies"}'
REQUEST: Mapping[str, object] = {
    "id": 1,
    "draft_id": "draft-1",
    "requester": '{"user_id": "U1", "team_id": "T1", "name": "x"}',
    "channel": "C1",
    "reason": "Audit",
    "ruling": '{"approvers": ["S0ADMINS"]}',
    "fingerprint": "f",
    "state": "COMPLETED",
    "version": 1,
    "created_at": NOW,
    "answer_by": NOW,
}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    migrate(empty_url)

    with connected(empty_url) as connection:
        made = set(inspect(connection).get_table_names())
    assert made == {*metadata.tables, "alembic_version"}


def test_the_tables_are_what_the_code_believes_them_to_be(empty_url: str) -> None:
    migrate(empty_url)

    with connected(empty_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_indexes_of_waiting_rows_hold_only_those(empty_url: str) -> None:
    migrate(empty_url)

    with connected(empty_url) as connection:
        dialect = connection.dialect.name
        partial = {
            index["name"]: str(index["dialect_options"][f"{dialect}_where"])
            for table in ("notices", "clicks")
            for index in inspect(connection).get_indexes(table)
            if f"{dialect}_where" in index.get("dialect_options", {})
        }
    words = {
        "ix_notices_unsent": "PENDING",
        "ix_notices_unsent_order": "PENDING",
        "ix_notices_unrouted": "NOT",
        "ix_notices_dead": "DEAD",
        "ix_notices_digest": "digest_at",
        "ix_clicks_unjudged": "outcome",
    }
    assert words.keys() <= partial.keys()
    assert [name for name, word in words.items() if word not in partial[name]] == []


def test_migrating_again_leaves_the_data(empty_url: str) -> None:
    migrate(empty_url)
    store = open_store(empty_url)
    request = stored_request(store)

    migrate(empty_url)

    assert read_request(store, request.id) == request
    store.close()


def test_copies_from_before_they_could_be_adopted_know_their_table_and_that_their_end_was_told(empty_url: str) -> None:
    _upgrade_to(empty_url, "0009")
    copy = a_copy()
    old = {
        "arn": copy.arn,
        "request_id": 1,
        "step_id": 1,
        "vault": VAULT,
        "table_name": "orders",
        "created_at": copy.created_at,
        "delete_at": copy.delete_at,
        "looked_at": copy.created_at,
        "watched": True,
    }
    with connected(empty_url) as connection:
        _put_request(connection)
        _put(connection, "copies", old)

    migrate(empty_url)

    store = open_store(empty_url)
    with store.begin() as tx:
        (found,) = tx.copies.of_table(some_params().point.table_arn)
        assert found.arn == copy.arn
        assert tx.copies.looked(copy.arn, delete_at=None, at=copy.created_at)
    store.close()


@pytest.mark.parametrize(
    ("facts", "how"),
    [
        ({"early": False}, CopyEnd.REMOVED),
        ({"early": True}, CopyEnd.EARLY),
        ({"early": False, "undeletable": True}, CopyEnd.UNDELETABLE),
        ({"early": False, "unseen": True}, CopyEnd.UNSEEN),
    ],
)
def test_of_copies_that_ended_before_their_requests_could_tell_it_is_known_how(
    empty_url: str, facts: dict[str, bool], how: CopyEnd
) -> None:
    _upgrade_to(empty_url, "0012")
    copy = a_copy()
    ended = {
        "arn": copy.arn,
        "request_id": 1,
        "step_id": 1,
        "vault": VAULT,
        "table_name": "orders",
        "table_arn": "",
        "channel": "",
        "created_at": copy.created_at,
        "delete_at": copy.delete_at,
        "told_at": copy.created_at,
        "watched": False,
    }
    notice = {
        "request_id": 1,
        "stream": "CB-1",
        "kind": "expired",
        "dedup_key": f"CB-1:expired:{copy.arn}",
        "channel": "C1",
        "audience": "",
        "facts": json.dumps(facts),
        "state": "SENT",
        "attempts": 1,
        "doubtful": False,
        "created_at": NOW,
        "due_at": NOW,
        "manner": "thread",
        "routed": True,
        "reported": False,
    }
    with connected(empty_url) as connection:
        _put_request(connection, copy.arn)
        _put(connection, "copies", ended)
        _put(connection, "notices", notice)

    migrate(empty_url)

    store = open_store(empty_url)
    (made,) = read_request(store, "CB-1").made
    store.close()
    assert made == Made(1, copy.arn, copy.delete_at, copy.created_at, how, NOW)


def _put_request(connection: Connection, result: str | None = None) -> None:
    """A request with one step, as every version has known them."""
    step = {
        "id": 1,
        "request_id": 1,
        "kind": "copy",
        "params": to_json(params_to_json(some_params())),
        "state": "DONE",
        "token": "token-1",
        "tries": 0,
        "result_arn": result,
    }
    _put(connection, "requests", REQUEST)
    _put(connection, "steps", step)


def _put(connection: Connection, table: str, row: Mapping[str, object]) -> None:
    values = ", ".join(f":{name}" for name in row)
    # SQLAlchemy's own binding of a time is what its columns do, too.
    typed = [bindparam(name, type_=Moment()) for name, value in row.items() if isinstance(value, datetime)]
    connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})").bindparams(*typed), row)


def _upgrade_to(url: str, revision: str) -> None:
    with connected(url) as connection:
        config = Config()
        config.set_main_option("script_location", "bot.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_a_draft_from_before_an_upgrade_is_kept_and_can_be_sent_on(empty_url: str) -> None:
    _upgrade_to(empty_url, "0009")
    form = '{"page": "destination", "query": "orders", "table_key": "t1", "days": "", "unknown": 1}'
    with connected(empty_url) as connection:
        connection.execute(
            text(
                "INSERT INTO drafts (id, actor, channel, timezone, form, state, version, created_at, updated_at, "
                "view_id, view_hash) VALUES ('d1', :actor, 'C1', 'UTC', :form, 'OPEN', 1, :now, :now, 'V1', 'h1')"
            ),
            {"actor": '{"user_id": "U1", "team_id": "T1", "name": "x"}', "form": form, "now": NOW},
        )

    migrate(empty_url)

    store = open_store(empty_url)
    with store.begin() as tx:
        draft = tx.drafts.get("d1")
        tx.destinations.used("U1", [COPIES], NOW)
    store.close()
    assert draft is not None
    assert draft.form == Form(page=Page.DESTINATION, query="orders", table_key="t1")


def test_the_constant_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_several_processes_migrate_at_once(empty_url: str) -> None:
    assert migrate_at_once(empty_url, PROCESSES) == [0] * PROCESSES

    with connected(empty_url) as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [HEAD]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigurationError, match=r"revision '9999'.*newer version"):
        migrate(empty_url)

    with connected(empty_url) as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    with connected(empty_url) as connection:
        connection.execute(text("CREATE TABLE vaults (mine INTEGER)"))

    with pytest.raises(ConfigurationError, match="vaults"):
        migrate(empty_url)

    with connected(empty_url) as connection:
        assert inspect(connection).get_table_names() == ["vaults"]


def test_a_database_that_is_up_to_date_does_not_load_alembic(tmp_path: Path) -> None:
    url = default_url(tmp_path / "store.db")
    migrate(url)
    program = (
        "import sys; from bot.store import migrate, open_store; migrate(sys.argv[1]); "
        "open_store(sys.argv[1]).ping(); print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("False\n", "")
