"""Tags of vaults, recovery points and plans."""

from bot.sandbox.aws.call import BackupCall, Result
from bot.sandbox.aws.errors import invalid_parameter, not_found
from bot.sandbox.aws.governance import tag_refusal


def tag_resource(call: BackupCall) -> Result:
    """Emulator decision: AWS Backup's own code for a tag policy that refuses is not public."""
    tags, refused = _tags(call), call.state.governance.refused_tag(call.account, call.params["Tags"])
    if refused is not None:
        raise invalid_parameter(tag_refusal(refused))
    tags.update(call.params["Tags"])
    return {}


def untag_resource(call: BackupCall) -> Result:
    tags = _tags(call)
    for key in call.params["TagKeyList"]:
        tags.pop(key, None)
    return {}


def list_tags(call: BackupCall) -> Result:
    return {"Tags": dict(_tags(call))}


def _tags(call: BackupCall) -> dict[str, str]:
    """Find the tags of whatever the ARN names, to read or to change."""
    arn = call.params["ResourceArn"]
    for vault in call.books.vaults.values():
        if vault.arn == arn:
            return vault.tags
        if arn in vault.points:
            return vault.points[arn].tags
    for plan in call.books.plans.values():
        if plan.arn == arn:
            return plan.tags
    raise not_found(f"Cannot find resource {arn}")
