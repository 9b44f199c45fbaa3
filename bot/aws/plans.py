"""Backup plans by boto3: the port `BackupPlans`."""

from bot.aws.calls import Calls
from bot.aws.errands import session_name
from bot.aws.sessions import Purpose
from bot.domain.backup_plans import BackupPlan, Document, PlanHead, without_ids
from bot.domain.errors import BackupsUnreachable


class Boto3Plans:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def plans(self, account: str, region: str) -> tuple[PlanHead, ...]:
        """List the plans of an account id and Region, every page."""
        items = self._calls.pages(account, region, "ListBackupPlans", "BackupPlansList", {})
        return tuple(
            PlanHead(account, region, str(item["BackupPlanId"]), str(item.get("BackupPlanName") or ""))
            for item in items
            if item.get("BackupPlanId") and not item.get("DeletionDate")
        )

    def plan(self, head: PlanHead) -> BackupPlan:
        """Read the current version of a plan. Raises BackupsMissing when it is gone."""
        answer = self._calls.ask(head.account, head.region, "GetBackupPlan", {"BackupPlanId": head.id})
        if not answer.get("BackupPlan") or not answer.get("VersionId"):
            raise BackupsUnreachable("The answer holds no plan.", code="IncompleteAnswer", operation="GetBackupPlan")
        return BackupPlan(head, str(answer["VersionId"]), answer["BackupPlan"])

    def update(self, head: PlanHead, document: Document, *, request_id: str, approved_by: str) -> str:
        """Replace a plan, in the name of who approved it, and return the new version's id.

        It is sent once: AWS takes no token here, and a repetition would write over what others wrote meanwhile.
        """
        answer = self._calls.ask(
            head.account,
            head.region,
            "UpdateBackupPlan",
            {"BackupPlanId": head.id, "BackupPlan": without_ids(document)},
            purpose=Purpose.ONCE,
            errand=session_name(_Errand(request_id, approved_by)),
        )
        return str(answer.get("VersionId") or "")


class _Errand:
    def __init__(self, request_id: str, approved_by: str) -> None:
        self.request_id = request_id
        self.approved_by = approved_by
