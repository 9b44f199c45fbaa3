"""The objects that blocks and elements are composed of: texts, options, confirm dialogs, rich text."""

from .schema import (
    Check,
    anything,
    at_least_one_of,
    boolean,
    by_type,
    exactly_one_of,
    integer,
    listed,
    one_of,
    record,
    string,
)

TEXT_LIMIT = 3000

identifier = string(255)
link = string(3000)
style = one_of("primary", "danger")


def plain_text(most: int = TEXT_LIMIT) -> Check:
    return by_type({"plain_text": _plain(most)})


def any_text(most: int = TEXT_LIMIT) -> Check:
    """Accept plain_text or mrkdwn."""
    return by_type({"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)})


def _plain(most: int) -> Check:
    return record({"type": anything, "text": string(most)}, {"emoji": boolean})


def _mrkdwn(most: int) -> Check:
    return record({"type": anything, "text": string(most)}, {"verbatim": boolean})


placeholder = plain_text(150)

confirm = record(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": style},
)

option = record({"text": plain_text(75), "value": string(150)}, {"description": plain_text(75)})
marked_option = record({"text": any_text(75), "value": string(150)}, {"description": any_text(75)})
overflow_option = record({"text": plain_text(75), "value": string(150)}, {"description": plain_text(75), "url": link})

options = listed(option, 100)
option_groups = listed(record({"label": plain_text(75), "options": options}), 100)

dispatch_action_config = record({"trigger_actions_on": listed(one_of("on_enter_pressed", "on_character_entered"), 2)})

conversation_filter = record(
    {},
    {
        "include": listed(one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

image_source = exactly_one_of("image_url", "slack_file")

_rich_style = record(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _leaf(**fields: Check) -> Check:
    return record({"type": anything, **fields}, {"style": _rich_style})


_rich_leaf = by_type(
    {
        "text": _leaf(text=string()),
        "link": record({"type": anything, "url": link}, {"text": string(), "unsafe": boolean, "style": _rich_style}),
        "user": _leaf(user_id=string()),
        "usergroup": _leaf(usergroup_id=string()),
        "channel": _leaf(channel_id=string()),
        "team": _leaf(team_id=string()),
        "color": _leaf(value=string()),
        "broadcast": _leaf(range=one_of("here", "channel", "everyone")),
        "emoji": record(
            {"type": anything, "name": string()},
            {"unicode": string(), "skin_tone": integer(1, 6), "style": _rich_style},
        ),
        "date": record(
            {"type": anything, "timestamp": integer(), "format": string()},
            {"url": link, "fallback": string(), "style": _rich_style},
        ),
    }
)

_border = {"border": one_of(0, 1)}
_rich_section = record({"type": anything, "elements": listed(_rich_leaf, least=0)})
_rich_part = by_type(
    {
        "rich_text_section": _rich_section,
        "rich_text_quote": record({"type": anything, "elements": listed(_rich_leaf, least=0)}, _border),
        "rich_text_preformatted": record(
            {"type": anything, "elements": listed(_rich_leaf, least=0)}, {**_border, "language": string()}
        ),
        "rich_text_list": record(
            {
                "type": anything,
                "style": one_of("bullet", "ordered"),
                "elements": listed(by_type({"rich_text_section": _rich_section})),
            },
            {**_border, "indent": integer(), "offset": integer()},
        ),
    }
)

rich_text_elements = listed(_rich_part, least=0)
rich_text = by_type({"rich_text": record({"type": anything, "elements": rich_text_elements}, {"block_id": identifier})})

text_or_fields = at_least_one_of("text", "fields")
