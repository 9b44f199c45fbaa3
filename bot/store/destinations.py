"""Where people had copies sent, each vault with the time of the last one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from bot.domain.backups import VaultRef
from bot.store import tables
from bot.store.statements import insert_into

_DESTINATIONS = tables.destinations
_KEY = ("user_id", "account", "region", "vault")


class SqlDestinations:
    """The DestinationBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def used(self, user_id: str, vaults: Sequence[VaultRef], at: datetime) -> None:
        """Note that this person has just sent copies there; a later time stays."""
        # In one order for everybody, so that two who send at once never wait for each other.
        for vault in sorted(set(vaults), key=lambda ref: ref.arn):
            values = {"user_id": user_id, "account": vault.account, "region": vault.region, "vault": vault.name}
            insert = insert_into(self._connection, _DESTINATIONS).values(**values, used_at=at)
            newer = {"used_at": insert.excluded.used_at}
            self._connection.execute(
                insert.on_conflict_do_update(
                    index_elements=_KEY, set_=newer, where=_DESTINATIONS.c.used_at < insert.excluded.used_at
                )
            )

    def last(self, user_id: str, limit: int) -> Sequence[VaultRef]:
        """Where this person sent copies, the last one first."""
        place = (_DESTINATIONS.c.account, _DESTINATIONS.c.region, _DESTINATIONS.c.vault)
        statement = (
            select(*place)
            .where(_DESTINATIONS.c.user_id == user_id)
            .order_by(_DESTINATIONS.c.used_at.desc(), *place)
            .limit(limit)
        )
        return [VaultRef(*row) for row in self._connection.execute(statement)]
