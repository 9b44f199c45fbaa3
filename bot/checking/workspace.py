"""Slack: the tokens, what the app was granted, its channels, and whether each rule's approvers are enough now."""

from collections.abc import Callable, Iterator
from functools import partial

from bot.checking.lines import Lines, care, fault, fine, unknown
from bot.domain.approvals import Rule, Stage
from bot.domain.deciders import can_be_fulfilled, stranger
from bot.domain.errors import OutletError
from bot.domain.ports import People, Policy
from bot.scheduler import SystemClock
from bot.settings import Settings
from bot.slack.client import slack_client
from bot.slack.looking import APP_PAGE, APP_TOKEN_IS, BOT_TOKEN_IS, ChannelState, channel, open_socket, standing
from bot.slack.manifest import manifest
from bot.slack.people import SlackPeople

REINSTALL = f"Add them under OAuth & Permissions at {APP_PAGE}, then install the app again."


def check_slack(settings: Settings) -> Lines:
    """Everything that has to be in place in Slack; nothing is posted."""
    client = slack_client(settings.slack_api_url, token=settings.slack_bot_token.get_secret_value())
    try:
        found = standing(client)
    except OutletError as error:
        yield fault(
            f"Slack at {settings.slack_api_url} does not accept the bot token ({error.code or error.message})",
            BOT_TOKEN_IS,
        )
        return
    yield fine(f"The bot is @{found.user} in the workspace {found.team}")
    yield from _scopes(found.scopes)
    yield from _socket(settings)
    look = partial(channel, client)
    for channel_id, use in _channels(settings.policy):
        yield from _channel(look, settings.policy, channel_id, use)
    people = SlackPeople(client, SystemClock(), shared_channels=settings.policy.allow_shared_channels)
    for number, rule in enumerate(settings.policy.rules):
        yield from _rule(f"approvals[{number}]", rule, people)


def _scopes(granted: frozenset[str] | None) -> Lines:
    wanted = frozenset(manifest()["oauth_config"]["scopes"]["bot"])
    if granted is None:
        yield unknown("Slack did not tell which scopes the token has", f"The manifest asks for {_listed(wanted)}.")
        return
    if missing := wanted - granted:
        yield fault(f"The token lacks the scopes {_listed(missing)}", REINSTALL)
    else:
        yield fine(f"The token has all {len(wanted)} scopes of the manifest")
    if more := granted - wanted:
        yield care(
            f"The token has scopes that nothing here uses: {_listed(more)}", "Take them away if nobody needs them."
        )


def _socket(settings: Settings) -> Lines:
    if settings.slack_app_token is None:
        yield unknown(
            "Whether Slack reaches the bot by HTTP shows when somebody types /copy-backup",
            "`copy-backup manifest --http URL` has the addresses; SLACK_SIGNING_SECRET is on Basic Information.",
        )
        return
    try:
        open_socket(slack_client(settings.slack_api_url, token=None), settings.slack_app_token.get_secret_value())
    except OutletError as error:
        yield fault(
            f"Slack opens no socket with the app-level token ({error.code or error.message})",
            APP_TOKEN_IS,
        )
        return
    yield fine("Slack opens a socket with the app-level token")


def _channels(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each configured channel once, with what it is for."""
    notices = policy.notices
    uses = [
        (policy.default_channel, "channel"),
        (notices.ops_channel, "notices.ops_channel"),
        (notices.digest.channel if notices.digest else None, "notices.digest"),
        *((route.channel, "notices.routes") for route in notices.routes),
        *((rule.channel, f"notices.adopt[{number}]") for number, rule in enumerate(notices.adopt)),
    ]
    first: dict[str, str] = {}
    for channel_id, use in uses:
        if channel_id:
            first.setdefault(channel_id, use)
    return iter(first.items())


def _channel(look: Callable[[str], ChannelState], policy: Policy, channel_id: str, use: str) -> Lines:
    try:
        found = look(channel_id)
    except OutletError as error:
        yield fault(
            f"{use}: Slack does not show {channel_id} ({error.code or error.message})",
            "Its id is at the end of its link. A private channel is shown only to members: /invite the bot.",
        )
        return
    if found.archived:
        yield fault(f"{use}: #{found.name} is archived", "Name another channel, or take it out of the archive.")
    elif not found.member:
        yield fault(f"{use}: the bot is not in #{found.name}", "Type /invite and the bot's name there.")
    elif found.shared and not policy.allow_shared_channels:
        yield fault(
            f"{use}: #{found.name} is shared with another organization, so no request is posted there",
            "Name another channel, or set allow_shared_channels: true.",
        )
    else:
        yield fine(f"{use}: the bot is in #{found.name}")


def _rule(name: str, rule: Rule, people: People) -> Lines:
    """Whether there are enough people for every stage now."""
    able: dict[Stage, frozenset[str]] = {}
    try:
        for stage in rule.stages:
            able[stage] = _able(stage, rule, people)
        escalation = people.approvers(rule.escalate.to) if rule.escalate else frozenset({"nobody is called"})
        glass = people.approvers(rule.break_glass) if rule.break_glass else frozenset({"nobody may"})
    except OutletError as error:
        yield fault(
            f"{name}: Slack does not say who its approvers are ({error.code or error.message})",
            "User groups need a paid plan and the scope usergroups:read; a group's id begins with S.",
        )
        return
    short = [stage for stage in rule.stages if len(able[stage]) < stage.needed]
    for stage in short:
        yield fault(
            f"{name}: {stage.needed} of {', '.join(stage.approvers)} must approve, and {len(able[stage])} could",
            "Put people into the user group who are no guests, or change the rule.",
        )
    if not short and not can_be_fulfilled(rule.stages, able):
        yield fault(f"{name}: its stages share too few people, and nobody counts in two of them")
    elif not short:
        yield fine(f"{name}: {', then '.join(_stage(stage, able[stage]) for stage in rule.stages)}")
    if not escalation or not glass:
        yield care(f"{name}: nobody is in the group that escalate or break_glass names")


def _able(stage: Stage, rule: Rule, people: People) -> frozenset[str]:
    home = people.home_team()
    persons = people.persons(people.approvers(stage.approvers))
    return frozenset(user for user, one in persons.items() if not stranger(one, home, guests=rule.allow_guests))


def _stage(stage: Stage, able: frozenset[str]) -> str:
    return f"{stage.needed} of {len(able)} people must approve"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
