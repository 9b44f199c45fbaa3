"""The books of one account and Region: everything AWS Backup knows there, and what falls due in it."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from bot.sandbox.aws.jobs import BackupJob, CopyJob, Kind, RestoreJob
from bot.sandbox.aws.records import Plan, RecoveryPoint, Vault


class Books:
    """Everything AWS Backup knows in one account and Region."""

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self.vaults: dict[str, Vault] = {}
        self.copy_jobs: dict[str, CopyJob] = {}
        self.backup_jobs: dict[str, BackupJob] = {}
        self.restore_jobs: dict[str, RestoreJob] = {}
        self.plans: dict[str, Plan] = {}
        self.tokens: dict[tuple[Kind, str], str] = {}
        self.opt_in = {"DynamoDB": True}
        self.management = {"DynamoDB": True}
        self._by_resource: dict[str, dict[str, RecoveryPoint]] = {}
        self._departures: list[tuple[datetime, str, str]] = []

    def add_point(self, point: RecoveryPoint) -> None:
        self.vaults[point.vault].put(point)
        self._by_resource.setdefault(point.resource_arn, {})[point.arn] = point
        self.watch(point)

    def watch(self, point: RecoveryPoint) -> None:
        """Note when a point will be gone; a later lifecycle simply adds a second, truer note."""
        if point.gone_at is not None:
            heapq.heappush(self._departures, (point.gone_at, point.vault, point.arn))

    def remove_point(self, point: RecoveryPoint) -> None:
        if vault := self.vaults.get(point.vault):
            vault.drop(point.arn)
        of_resource = self._by_resource.get(point.resource_arn, {})
        of_resource.pop(point.arn, None)
        if not of_resource:
            self._by_resource.pop(point.resource_arn, None)

    def remove_vault(self, name: str) -> None:
        for point in list(self.vaults[name].points.values()):
            self.remove_point(point)
        del self.vaults[name]

    def forget_jobs(self, ended_before: datetime) -> None:
        """Drop the rows of jobs that ended long ago."""
        for rows in (self.copy_jobs, self.backup_jobs, self.restore_jobs):
            for job in list(rows.values()):
                if job.completed_at is not None and job.completed_at <= ended_before:
                    del rows[job.id]

    def find_point(self, vault: str, arn: str) -> RecoveryPoint | None:
        shelf = self.vaults.get(vault)
        return shelf.points.get(arn) if shelf else None

    def resources(self) -> list[str]:
        return sorted(self._by_resource)

    def newest_of(self, resource_arn: str) -> RecoveryPoint:
        return min(self._by_resource[resource_arn].values(), key=lambda point: point.sort_key)

    def points_of(self, resource_arn: str) -> list[RecoveryPoint]:
        """List a resource's points in all vaults of the Region, newest first."""
        points = self._by_resource.get(resource_arn, {}).values()
        return sorted(points, key=lambda point: point.sort_key)

    def due(self, now: datetime) -> Iterator[tuple[datetime, RecoveryPoint]]:
        """Give the points whose time has come, each once, with the moment."""
        while self._departures and self._departures[0][0] <= now:
            when, vault, arn = heapq.heappop(self._departures)
            point = self.find_point(vault, arn)
            if point is not None and point.gone_at == when:
                yield when, point
