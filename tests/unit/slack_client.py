"""A WebClient that answers from a script, for what speaks to Slack directly."""

from dataclasses import dataclass, field
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse


@dataclass
class ScriptedClient(WebClient):
    """A WebClient that answers from a script and remembers what it was asked."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def api_call(self, api_method: str, **more: Any) -> SlackResponse:
        arguments = more.get("params") or more.get("json") or {}
        self.asked.append((api_method, {name: value for name, value in arguments.items() if value is not None}))
        data = {"ok": False, "error": self.error} if self.error else self.pages.pop(0)
        response = SlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data=data, headers={}, status_code=200
        )
        if self.error:
            raise SlackApiError("no", response)  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
        return response
