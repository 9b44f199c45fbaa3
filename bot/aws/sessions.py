"""Keep one session per account and one client per place and purpose, since each is slow to make."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.session import get_session

from bot.aws.errands import Errands
from bot.aws.lean import moment, read_pages_leanly
from bot.domain.backups import Account
from bot.domain.errors import BackupsRefused

SESSION_NAME = "copy-backup"
# botocore renews credentials that end within 15 minutes, so a shorter session would be renewed at each call.
# 3600 s is also the most that a role assumed by way of another role can have.
SESSION_SECONDS = 3600
# More connections than threads that may call at once: listeners, sweeps and the readers of vaults.
CONNECTIONS = 50

Make = Callable[..., Any]
"""Makes a client, as boto3's and botocore's sessions both do: service name, `region_name`, `config`."""


class Purpose(Enum):
    """What a client is for: somebody or a claimed row waits for the answer, or a sweep reads a whole account.

    ONCE is for a change that knows no token, of which botocore may send no second one when an answer is lost: whoever
    asked looks first whether it has taken effect.
    """

    ASK = "ask"
    SWEEP = "sweep"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often AWS is asked before we give up; times in seconds, `…attempts` count the first."""

    connect_timeout: float = 3.0
    read_timeout: float = 10.0
    attempts: int = 3
    sweep_attempts: int = 8

    def config(self, purpose: Purpose) -> Config:
        attempts = {Purpose.SWEEP: self.sweep_attempts, Purpose.ASK: self.attempts, Purpose.ONCE: 1}[purpose]
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=CONNECTIONS,
            user_agent_extra="copy-backup",
        )


class Sessions:
    """Sessions and clients of the configured accounts, made when first needed and shared by all threads."""

    def __init__(
        self, accounts: Sequence[Account], *, region: str | None, session: boto3.Session | None, patience: Patience
    ) -> None:
        self._accounts = {account.id: account for account in accounts}
        self._region = region
        self._given: Make | None = session.client if session else None
        self._patience = patience
        # Clients are safe to share between threads, but making them from one session is not.
        self._lock = threading.Lock()
        self._base: Make | None = self._given
        self._sessions: dict[str, Make] = {}
        self._clients: dict[tuple[str, str, Purpose, str], Any] = {}
        self._sts: dict[str, Any] = {}
        self._errands = Errands()

    def account(self, account_id: str) -> Account:
        """Find a configured account. Raises BackupsRefused for any other."""
        account = self._accounts.get(account_id)
        if account is None:
            raise BackupsRefused(
                f"The AWS account {account_id} is not one of the accounts this bot is configured for.",
                code="AccountNotConfigured",
            )
        return account

    def client(self, account: Account, region: str, purpose: Purpose, service: str = "backup") -> Any:
        """The client of an account, Region and service."""
        key = (account.id, region, purpose, service)
        client = self._clients.get(key)
        if client is not None:
            return client
        with self._lock:
            if key not in self._clients:
                make = self._session(account)
                self._clients[key] = make(service, region_name=region, config=self._patience.config(purpose))
                read_pages_leanly(self._clients[key])
            return self._clients[key]

    def client_for(
        self, account: Account, region: str, name: str, service: str = "backup", purpose: Purpose = Purpose.ASK
    ) -> Any:
        """The client of a service whose role session has this name, for a call that changes something.

        Without a role there is no session to name: then it is the client that everybody shares.
        """
        if account.role_arn is None:
            return self.client(account, region, purpose, service)
        with self._lock:
            key = (account.id, region, name, service, purpose.value)
            return self._errands.client(key, lambda: self._named(account, region, name, service, purpose))

    def forget(self, account: Account) -> None:
        """Begin anew with an account at the next call, since AWS no longer takes its credentials.

        The base session goes too unless it was given to us: it never reads a renewed credentials file again.
        """
        with self._lock:
            self._sessions.pop(account.id, None)
            self._sts.pop(account.id, None)
            self._errands.forget(account.id)
            for key in [key for key in self._clients if key[0] == account.id]:
                del self._clients[key]
            self._base = self._given

    def close(self) -> None:
        """Close the connections of all clients."""
        with self._lock:
            for client in (*self._clients.values(), *self._sts.values()):
                client.close()
            self._errands.close()
            self._clients.clear()
            self._sessions.clear()
            self._sts.clear()

    def _named(self, account: Account, region: str, name: str, service: str, purpose: Purpose) -> Any:
        make = self._assumed(account, name)
        return make(service, region_name=region, config=self._patience.config(purpose))

    def _session(self, account: Account) -> Make:
        if account.id not in self._sessions:
            own = account.role_arn is None
            self._sessions[account.id] = self._credentials() if own else self._assumed(account, SESSION_NAME)
        return self._sessions[account.id]

    def _credentials(self) -> Make:
        """The bot's own credentials, by which roles are assumed too."""
        self._base = self._base or self._own()
        return self._base

    def _own(self) -> Make:
        core = _core()
        if self._region is not None:
            core.set_config_variable("region", self._region)
        return core.create_client  # type: ignore[no-any-return]  # botocore ships no types

    def _assumed(self, account: Account, name: str) -> Make:
        refresh = create_assume_role_refresher(self._sts_of(account), _role_request(account, name))
        core = _core()
        core.register_component("credential_provider", CredentialResolver([_AssumedRole(refresh)]))
        return core.create_client  # type: ignore[no-any-return]  # botocore ships no types

    def _sts_of(self, account: Account) -> Any:
        if account.id not in self._sts:
            # The Region's own STS: its tokens hold in opt-in Regions too, and it is up when the global one is not.
            self._sts[account.id] = self._credentials()(
                "sts", region_name=account.regions[0], config=self._patience.config(Purpose.ASK)
            )
        return self._sts[account.id]


def _core() -> Any:
    core = get_session()
    core.register_component("data_loader", _loader())
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
    return core


@cache
def _loader() -> Any:
    """One for all sessions, since reading AWS's models is most of the work of making one."""
    return get_session().get_component("data_loader")


class _AssumedRole(CredentialProvider):  # type: ignore[misc]  # botocore ships no types
    """Gives a botocore session a role's credentials, asked of STS at the first call and renewed before they end."""

    METHOD = "assume-role"
    CANONICAL_NAME = "custom-copy-backup"

    def __init__(self, refresh: Any) -> None:
        super().__init__()
        self._credentials = DeferredRefreshableCredentials(refresh, self.METHOD)

    def load(self) -> Any:
        return self._credentials


def _role_request(account: Account, name: str) -> dict[str, Any]:
    request = {"RoleArn": account.role_arn, "RoleSessionName": name, "DurationSeconds": SESSION_SECONDS}
    return request | ({"ExternalId": account.external_id} if account.external_id else {})
