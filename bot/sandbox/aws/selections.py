"""Selections of backup plans: which tables a plan backs up, and as which role."""

import uuid
from typing import Any

from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import already_exists, not_found
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.plans import find_plan


def create_backup_selection(call: BackupCall) -> Result:
    plan = find_plan(call)
    selection = call.params["BackupSelection"]
    taken = {known["BackupSelection"]["SelectionName"] for known in plan.selections.values()}
    if selection["SelectionName"] in taken:
        raise already_exists("Backup selection with the same name already exists", arn=plan.arn, creator_request_id="")
    row = {
        "SelectionId": str(uuid.uuid4()),
        "BackupPlanId": plan.id,
        "CreationDate": call.now,
        "CreatorRequestId": call.params.get("CreatorRequestId"),
        "BackupSelection": dict(selection),
    }
    plan.selections[str(row["SelectionId"])] = row
    return {member: row[member] for member in ("SelectionId", "BackupPlanId", "CreationDate")}


def get_backup_selection(call: BackupCall) -> Result:
    return without_none(_selection(call))


def list_backup_selections(call: BackupCall) -> Result:
    plan = find_plan(call)
    keys = sorted((row["BackupSelection"]["SelectionName"], key) for key, row in plan.selections.items())
    rows, token = take_page(keys, lambda key: plan.selections[key[1]], call.params, call.state.page_size)
    return without_none({"BackupSelectionsList": [_listed(row) for row in rows], "NextToken": token})


def delete_backup_selection(call: BackupCall) -> Result:
    row = _selection(call)
    del find_plan(call).selections[row["SelectionId"]]
    return {}


def _selection(call: BackupCall) -> dict[str, Any]:
    row = find_plan(call).selections.get(call.params["SelectionId"])
    if row is None:
        raise not_found("Cannot find backup selection")
    return row


def _listed(row: dict[str, Any]) -> Result:
    selection = row["BackupSelection"]
    shown = {member: value for member, value in row.items() if member != "BackupSelection"}
    return without_none({**shown, "SelectionName": selection["SelectionName"], "IamRoleArn": selection["IamRoleArn"]})
