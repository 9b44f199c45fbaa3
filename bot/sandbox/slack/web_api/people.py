"""users.*, usergroups.* and team.info: who somebody is and which group they are in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ..ids import TEAM, TEAM_DOMAIN
from ..records import JsonObject, Member, Usergroup
from .call import Call, Handler, Refusal, page, paged


def user_json(call: Call, member: Member) -> JsonObject:
    offset = datetime.now(ZoneInfo(member.tz)).utcoffset()
    profile: JsonObject = {"real_name": member.real_name, "display_name": member.name, "team": member.team_id}
    if member.email and call.workspace.app.grants("users:read.email"):
        profile["email"] = member.email
    body: JsonObject = {
        "id": member.id,
        "team_id": member.team_id,
        "name": member.name,
        "deleted": member.deleted,
        "real_name": member.real_name,
        "tz": member.tz,
        "tz_label": member.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile,
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_restricted": member.is_restricted,
        "is_ultra_restricted": member.is_ultra_restricted,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if member.team_id != TEAM:
        body["is_stranger"] = not _shares_a_channel(call, member.id)
    if call.flag("include_locale"):
        body["locale"] = member.locale
    return body


def _shares_a_channel(call: Call, user_id: str) -> bool:
    return any(user_id in c.members for c in call.workspace.directory.conversations.values())


def user_info(call: Call) -> JsonObject:
    member = call.workspace.directory.people.get(call.required("user"))
    if member is None:
        raise Refusal("user_not_found")
    return {"user": user_json(call, member)}


def list_users(call: Call) -> JsonObject:
    members, cursor = page(call, list(call.workspace.directory.people.values()))
    return paged("members", [user_json(call, m) for m in members], cursor)


def look_up_by_email(call: Call) -> JsonObject:
    wanted = call.required("email").lower()
    for member in call.workspace.directory.people.values():
        if member.email == wanted and not member.deleted:
            return {"user": user_json(call, member)}
    raise Refusal("users_not_found")


def _group_json(group: Usergroup, *, with_users: bool) -> JsonObject:
    body: JsonObject = {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.users),
    }
    return body | ({"users": list(group.users)} if with_users else {})


def list_usergroups(call: Call) -> JsonObject:
    _refuse_small_plan(call)
    groups = [
        _group_json(g, with_users=call.flag("include_users"))
        for g in call.workspace.directory.usergroups.values()
        if call.flag("include_disabled") or not g.disabled
    ]
    return {"usergroups": groups}


def list_group_members(call: Call) -> JsonObject:
    _refuse_small_plan(call)
    group = call.workspace.directory.usergroups.get(call.required("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise Refusal("no_such_subteam")
    return {"users": list(group.users)}


def _refuse_small_plan(call: Call) -> None:
    if not call.workspace.directory.usergroups_in_plan:
        raise Refusal("plan_upgrade_required")


def team_info(call: Call) -> JsonObject:
    return {"team": {"id": TEAM, "name": "Acme", "domain": TEAM_DOMAIN, "email_domain": "acme.example"}}


METHODS: dict[str, Handler] = {
    "users.info": user_info,
    "users.list": list_users,
    "users.lookupByEmail": look_up_by_email,
    "usergroups.list": list_usergroups,
    "usergroups.users.list": list_group_members,
    "team.info": team_info,
}
