"""One call to AWS, of whatever service, and all pages of a list: the only place where a client is asked."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from bot.aws.errors import CROSSING, STALE_CREDENTIALS, translate
from bot.aws.sessions import Purpose, Sessions
from bot.domain.backups import Account
from bot.domain.errors import BackupsUnreachable

PAGE = 1000
CALL = "aws_call"
BACKUP = "backup"

_log = logging.getLogger(__name__)


class Calls:
    """AWS of the configured accounts, call by call. Threads may share it; `close` it last."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def account(self, account_id: str) -> Account:
        """Find a configured account. Raises BackupsRefused for any other."""
        return self._sessions.account(account_id)

    def ask(
        self,
        account_id: str,
        region: str,
        operation: str,
        params: Mapping[str, object],
        *,
        purpose: Purpose = Purpose.ASK,
        errand: str = "",
        service: str = BACKUP,
    ) -> Mapping[str, Any]:
        """Make one call. One that changes something names its role session by `errand`."""
        account = self._sessions.account(account_id)
        _log.debug(CALL, extra={"operation": operation, "account": account.alias, "region": region})
        try:
            client = self._client(account, region, purpose, errand, service)
            answer: Mapping[str, Any] = getattr(client, xform_name(operation))(**params)
        except CROSSING as error:
            ours = translate(error, operation, account=_known_as(account))
            if ours.code in STALE_CREDENTIALS:
                self._sessions.forget(account)
            raise ours from error
        return answer

    def pages(
        self,
        account: str,
        region: str,
        operation: str,
        member: str,
        params: Mapping[str, object],
        *,
        purpose: Purpose = Purpose.ASK,
    ) -> Iterator[Mapping[str, Any]]:
        """Give every item of a list of AWS Backup, page after page."""
        seen: set[str] = set()
        page: dict[str, object] = {}
        while True:
            asked = {**params, **page, "MaxResults": PAGE}
            answer = self.ask(account, region, operation, asked, purpose=purpose)
            yield from answer.get(member) or ()
            token = answer.get("NextToken")
            if not token:
                return
            if token in seen:
                raise BackupsUnreachable("AWS gave the same page twice.", code="RepeatedPageToken", operation=operation)
            seen.add(token)
            page = {"NextToken": token}

    def close(self) -> None:
        """Close every connection."""
        self._sessions.close()

    def _client(self, account: Account, region: str, purpose: Purpose, errand: str, service: str) -> Any:
        if errand:
            return self._sessions.client_for(account, region, errand, service, purpose)
        return self._sessions.client(account, region, purpose, service)


def _known_as(account: Account) -> str:
    role = f" by {account.role_arn}" if account.role_arn else ""
    return f"the account {account.alias} ({account.id}){role}"
