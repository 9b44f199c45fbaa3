"""What could not be delivered: why in plain words, what to do about it, and a way to be rid of it."""

import re
from collections.abc import Mapping, Sequence

from bot.domain.notices import DeadLetter, Notice, NoticeKind
from bot.slack.blocks import Block, actions, button, confirm, section
from bot.slack.ids import COMMAND, DISMISS, DISMISS_ALL
from bot.slack.text import code, cut, date, escape

# Slack's codes look like this; what else stands as a reason is in our own words.
CODE = re.compile(r"[a-z0-9_.]+")
LONGEST = 2_900

WHY: Mapping[str, str] = {
    "channel_not_found": "it is gone, or it is private and the bot was removed",
    "not_in_channel": "the bot is not a member",
    "is_archived": "it is archived",
    "restricted_action": "the workspace does not let the bot post there",
    "restricted_action_read_only_channel": "it is read-only",
    "restricted_action_thread_only_channel": "it takes replies only",
    "restricted_action_thread_locked": "its thread is locked",
    "restricted_action_non_threadable_channel": "it takes no replies",
    "access_denied": "the bot may not post there",
    "no_permission": "the bot may not post there; it may have to be made a member",
    "ekm_access_denied": "an administrator has suspended posting",
    "team_access_not_granted": "an administrator has not given the app access to its workspace",
    "message_limit_exceeded": "the workspace has reached its limit of messages",
    "thread_not_found": "its thread is gone",
    "cannot_reply_to_message": "its thread takes no replies",
    "msg_too_long": "Slack found the message too long",
    "invalid_blocks": "Slack did not understand the message",
    # These are our own words for why, and not Slack's.
    "it cannot be put into words": "I could not put it into words, which is a defect of mine (my log says more)",
    "its request is gone": "its request is gone",
}
_ELSEWHERE = "or an operator names another channel in the configuration"
_INVITE = f"Invite me there with `/invite`, {_ELSEWHERE}."
_ALLOW = f"Somebody who manages the channel or the workspace lets me post there, {_ELSEWHERE}."
_ADMINISTRATOR = "An administrator of Slack has to lift that."
_ASK_AGAIN = "Nothing can be done for this thread; what is asked from now on has one of its own."
_DEFECT = "An operator reports it to whoever maintains me, with what my log says of it."
DO: Mapping[str, str] = {
    "channel_not_found": _INVITE,
    "not_in_channel": _INVITE,
    "no_permission": _INVITE,
    "is_archived": f"Take it out of the archive, {_ELSEWHERE}.",
    "restricted_action": _ALLOW,
    "restricted_action_read_only_channel": _ALLOW,
    "restricted_action_thread_only_channel": _ALLOW,
    "restricted_action_non_threadable_channel": _ALLOW,
    "access_denied": _ALLOW,
    "ekm_access_denied": _ADMINISTRATOR,
    "team_access_not_granted": _ADMINISTRATOR,
    "message_limit_exceeded": _ADMINISTRATOR,
    "restricted_action_thread_locked": _ASK_AGAIN,
    "thread_not_found": _ASK_AGAIN,
    "cannot_reply_to_message": _ASK_AGAIN,
    "msg_too_long": _DEFECT,
    "invalid_blocks": _DEFECT,
    "it cannot be put into words": _DEFECT,
    "its request is gone": "There is nothing to do.",
}
_LOOK_UP = "An operator looks the code up at https://docs.slack.dev/reference/methods/chat.postMessage."
_LOOK = "An operator looks into my log, which says more."


def undelivered(letters: Sequence[DeadLetter], count: int) -> list[Block]:
    """The newest dead letters, each with its button, and one for all there are; nothing where there are none."""
    if not letters:
        return []
    shown = f"the newest {len(letters)} of {count}" if count > len(letters) else f"{count}"
    every = [actions(f"letters:{letters[0].notice.id}", [_dismiss_all(letters, count)])] if count > 1 else []
    return [section(f"*Not delivered* ({shown}):"), *map(_letter, letters), *every]


def _letter(letter: DeadLetter) -> Block:
    notice = letter.notice
    lead = f" `{COMMAND} status {escape(notice.request_id)}` tells how it stands." if notice.request_id else ""
    text = (
        f"• {_what(notice)} for <#{notice.channel}>, {date(notice.created_at)}: {_reason(letter.error)}.\n"
        f"*What to do:* {_do(letter.error)} It is not said again.{lead}"
    )
    value = f"{notice.id}-{notice.id}"
    return {
        **section(cut(text, LONGEST)),
        "accessory": button(DISMISS, "Dismiss", value, spoken=f"Dismiss {_spoken(notice)} that was not delivered"),
    }


def _dismiss_all(letters: Sequence[DeadLetter], count: int) -> Block:
    """All that there were when this was shown; what dies later is news."""
    sure = confirm(
        f"Dismiss all {count}?",
        "I show and count them no more. None of them is said again; the history names you.",
        "Dismiss all",
        "Not yet",
    )
    return button(DISMISS_ALL, f"Dismiss all {count}", f"1-{letters[0].notice.id}", confirm=sure)


def _what(notice: Notice) -> str:
    if notice.kind is NoticeKind.OPS:
        return "A message to operators"
    if notice.kind is NoticeKind.DIGEST:
        return "A digest"
    return (
        f"*{escape(notice.request_id)}*, “{escape(notice.kind)}”" if notice.request_id else f"“{escape(notice.kind)}”"
    )


def _spoken(notice: Notice) -> str:
    return f"“{notice.kind}” of {notice.request_id}" if notice.request_id else "a notice"


def _reason(error: str) -> str:
    """The reason in words, with the code where it is Slack's."""
    if not CODE.fullmatch(error):
        return WHY.get(error) or escape(cut(error, 300)) or "nobody noted why"
    return f"{WHY.get(error, 'Slack refused it')} ({code(cut(error, 100))})"


def _do(error: str) -> str:
    return DO.get(error) or (_LOOK_UP if CODE.fullmatch(error) else _LOOK)
