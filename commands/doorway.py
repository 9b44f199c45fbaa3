"""Who gets in: every request that Slack vouches for, since the app is in one workspace, under one token."""

from collections.abc import Callable

from slack_bolt.authorization import AuthorizeResult


def let_in(token: str) -> Callable[..., AuthorizeResult]:
    """Let every request in that Slack vouches for."""

    # Bolt passes arguments by their names, and takes a method's `self` for one of them.
    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize
