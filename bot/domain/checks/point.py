"""Judge the backup itself: its kind, state, storage, end, tags, and what a malware scan found in it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.backups import ADVANCED_POINT, RecoveryPoint
from bot.domain.findings import Finding, Level, fine, unseen
from bot.domain.params import CopyParams, StepKind
from bot.domain.preflight import why_continuous, why_not_copyable
from bot.domain.remedies import command, run_in, untag
from bot.domain.surroundings import Details, RegionSettings

MOST_TAGS = 50
# Approvers may take their time: a backup that goes cold within this is worth a word.
COLD_SOON = timedelta(days=2)
READ = "DescribeRecoveryPoint"


def point_kind(params: CopyParams, settings: RegionSettings | None) -> Finding:
    """Only backups that AWS Backup manages itself can be copied; `settings` are of the source, None: not seen."""
    point = params.point
    evidence = f"ARN {point.arn}"
    if ADVANCED_POINT.fullmatch(point.arn):
        return fine("point-kind", "The backup was made with advanced features, so AWS can copy it.", evidence)
    finding = why_not_copyable(point, point.created_at)
    assert finding is not None
    new = command(
        "backup", "start-backup-job", "--region", point.vault.region, "--backup-vault-name", point.vault.name,
        "--resource-arn", point.table_arn, "--iam-role-arn", params.role_arn,
    )  # fmt: skip
    is_on = settings is not None and settings.advanced and settings.opted_in
    steps = [new] if is_on else [turn_on(point.vault.region), new]
    told = "" if settings is None else f"; DescribeRegionSettings: advanced features {_switch(settings.advanced)}"
    return replace(
        finding,
        evidence=evidence + told,
        remedy=f"Turn advanced features on and make a new backup; copy that one. {run_in(point.vault.account, *steps)}",
        fix=StepKind.ENABLE_ADVANCED,
    )


def turn_on(region: str) -> str:
    """The command that turns advanced DynamoDB features on in a Region."""
    return command(
        "backup", "update-region-settings", "--region", region,
        "--resource-type-opt-in-preference", "DynamoDB=true", "--resource-type-management-preference", "DynamoDB=true",
    )  # fmt: skip


def point_state(point: RecoveryPoint) -> Finding:
    """Only whole backups can be copied."""
    evidence = f"{READ}: Status {point.status}"
    finding = _only(why_not_copyable(_as_advanced(point), point.created_at), "still-being-made", "not-copyable-status")
    if finding is None:
        return fine("point-state", f"The backup is complete ({point.status}).", evidence)
    return replace(finding, evidence=evidence)


def point_storage(point: RecoveryPoint, now: datetime) -> Finding:
    """AWS cannot copy out of cold storage; say how long the backup still stays warm."""
    evidence = f"{READ}: StorageClass {point.storage_class or 'not told'}"
    if point.cold_at is not None:
        evidence += f", MoveToColdStorageAt {point.cold_at:%Y-%m-%d %H:%M} UTC"
    finding = _only(why_not_copyable(replace(_as_advanced(point), status="COMPLETED"), now), "cold")
    if finding is not None:
        return replace(finding, evidence=evidence)
    if point.cold_at is not None and point.cold_at <= now + COLD_SOON:
        hours = max(1, int((point.cold_at - now) / timedelta(hours=1)))
        return Finding(
            "cold-soon",
            Level.WARN,
            f"This backup moves to cold storage in about {hours} h, and AWS cannot copy it from there.",
            "Have the request answered before that, or choose a newer backup.",
            evidence,
        )
    return fine("point-storage", "The backup is in warm storage.", evidence)


def point_end(point: RecoveryPoint, now: datetime) -> Finding:
    """A source that ends before its copy is made cannot be copied; until it has ended, AWS may still make it."""
    end = point.delete_at
    evidence = f"{READ}: DeleteAt {f'{end:%Y-%m-%d %H:%M} UTC' if end else 'none'}"
    finding = _only(why_not_copyable(_whole(point), now), "expiring")
    if finding is not None:
        return replace(finding, evidence=evidence, overridable=end is not None and end > now)
    return fine("point-end", "The backup lives long enough to be copied.", evidence)


def point_continuous(point: RecoveryPoint) -> Finding:
    """AWS refuses to copy a continuous backup."""
    evidence = f"ARN {point.arn}"
    finding = why_continuous(point)
    if finding is not None:
        return replace(finding, evidence=evidence)
    return fine("point-continuous", "The backup is a snapshot.", evidence)


def tags(point: RecoveryPoint, details: Details) -> Finding:
    """A copy takes all tags along; more than AWS allows fail the job."""
    number = details.tags
    evidence = f"ListTags of {point.arn}: {number} tags"
    if number is None:
        return unseen(
            "tags-unseen",
            "I may not count the backup's tags, and more than 50 would fail the copy.",
            f"ListTags of {point.arn}",
        )
    if number > MOST_TAGS:
        return Finding(
            "too-many-tags",
            Level.FAIL,
            f"The backup has {number} tags, and a copy with more than {MOST_TAGS} fails.",
            _without_tags(point, details, number - MOST_TAGS),
            evidence,
            overridable=True,
        )
    return fine("tags", f"The backup's tags ({number}) can be copied.", evidence)


def _without_tags(point: RecoveryPoint, details: Details, surplus: int) -> str:
    # Tags of AWS's own cannot be removed.
    keys = [key for key in details.tag_keys if not key.lower().startswith("aws:")][-surplus:]
    pasted = untag(point.arn, keys) if len(keys) == surplus else ""
    these = f", these or others. {pasted} Or choose" if pasted else ", or choose"
    return f"Remove {surplus} or more of its tags{these} another backup."


def tag_policy(point: RecoveryPoint, details: Details, account: str) -> Finding:
    """An organization's tag policy may refuse a copied tag; it shows in the job's message only."""
    if details.tags == 0:
        return fine("tag-policy", "No tag policy can refuse this copy: the backup has no tags.", "ListTags: 0 tags")
    return unseen(
        "tag-policy-unseen",
        f"I could not see whether a tag policy of the organization lets account {account} have the backup's tags.",
        "Tag policies are shown by the management account only",
        "Nothing needs doing unless the copy fails with a word about tags; then ask who manages the organization.",
    )


def malware(point: RecoveryPoint, details: Details) -> Finding:
    """AWS copies infected backups without a word; whether people want that is theirs to say."""
    evidence = f"{READ}: ScanResults of {point.arn}"
    if details.threats:
        return Finding(
            "malware",
            Level.FAIL,
            f"A malware scan of this backup found {', '.join(details.threats)}.",
            "Choose a backup from before it was infected, and tell whoever answers for security.",
            evidence,
            overridable=True,
        )
    if not details.scanned:
        return Finding(
            "not-scanned",
            Level.UNSEEN,
            "No malware scan of this backup is known; not scanned does not mean clean.",
            "Nothing needs doing unless your rules ask for a scan before a copy.",
            evidence,
        )
    return fine("malware", "A malware scan of this backup found nothing.", evidence)


def _only(finding: Finding | None, *codes: str) -> Finding | None:
    return finding if finding is not None and finding.code in codes else None


def _as_advanced(point: RecoveryPoint) -> RecoveryPoint:
    """The same backup without its kind, which is judged by itself."""
    return replace(point, arn="arn:aws:backup:us-east-1:000000000000:recovery-point:any")


def _whole(point: RecoveryPoint) -> RecoveryPoint:
    return replace(_as_advanced(point), status="COMPLETED", storage_class="WARM")


def _switch(value: bool | None) -> str:
    return "not told" if value is None else "on" if value else "off"
