"""Messages that answer an interaction: the body of an acknowledgement and the uses of a response URL."""

from dataclasses import replace

from .grants import ResponseGrant
from .ids import BOT_USER
from .records import JsonObject, Message
from .traffic import Exchange
from .validation import validate_message
from .views import with_ids
from .workspace import Workspace


class Responses:
    """Post what the app answers, without asking whether it is a member of the channel."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def use_url(self, token: str, body: JsonObject) -> tuple[int, JsonObject]:
        """Spend one use of a response URL; return the HTTP status and answer."""
        with self._workspace.changes.reading():
            grant = self._workspace.response_urls.use(token)
            status, answer = (404, _no(grant)) if isinstance(grant, str) else self._post(grant, body)
        self._workspace.traffic.note(
            Exchange(
                at=self._workspace.clock.now(),
                kind="response_url",
                name="response_url",
                request=body,
                answer=answer,
                status=status,
                error=answer.get("error"),
            )
        )
        return status, answer

    def _post(self, grant: ResponseGrant, body: JsonObject) -> tuple[int, JsonObject]:
        timeline = self._workspace.timeline
        original = timeline.find(grant.channel, grant.message_ts) if grant.message_ts else None
        if body.get("delete_original"):
            if original is not None:
                timeline.delete(original.channel, original.ts)
            return 200, {"ok": True}
        if not (body.get("text") or body.get("blocks") or body.get("attachments")):
            return 400, _no("no_text")
        if validate_message(body):
            return 400, _no("invalid_blocks")
        if body.get("replace_original") and original is not None:
            timeline.edit(replace(original, **_content(body)))
        else:
            self.post(grant.user, grant.channel, body)
        return 200, {"ok": True}

    def post(self, user: str, channel: str, body: JsonObject) -> Message:
        """Post the app's answer to a person: to them alone unless it says `in_channel`."""
        in_channel = body.get("response_type") == "in_channel"
        message = Message(
            channel=channel,
            ts=self._workspace.timeline.new_ts(channel),
            user=BOT_USER,
            by_app=True,
            ephemeral_to=None if in_channel else user,
            thread_ts=body.get("thread_ts") if in_channel else None,
            **_content(body),
        )
        return self._workspace.timeline.post(message)


def _content(body: JsonObject) -> JsonObject:
    return {
        "text": str(body.get("text") or ""),
        "blocks": with_ids(body.get("blocks") or []),
        "attachments": body.get("attachments") or [],
    }


def _no(error: str) -> JsonObject:
    return {"ok": False, "error": error}
