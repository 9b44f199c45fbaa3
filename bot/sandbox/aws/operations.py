"""Which function answers which AWS Backup operation; what is not here is not in this emulator."""

from collections.abc import Callable

from bot.sandbox.aws import backup_jobs, copy_jobs, points, resources, restore_jobs, settings, tags, vaults
from bot.sandbox.aws.call import BackupCall, Result

Operation = Callable[[BackupCall], Result]

OPERATIONS: dict[str, Operation] = {
    "CreateBackupVault": vaults.create_backup_vault,
    "CreateLogicallyAirGappedBackupVault": vaults.create_logically_air_gapped_backup_vault,
    "DescribeBackupVault": vaults.describe_backup_vault,
    "ListBackupVaults": vaults.list_backup_vaults,
    "DeleteBackupVault": vaults.delete_backup_vault,
    "GetBackupVaultAccessPolicy": vaults.get_backup_vault_access_policy,
    "PutBackupVaultAccessPolicy": vaults.put_backup_vault_access_policy,
    "DeleteBackupVaultAccessPolicy": vaults.delete_backup_vault_access_policy,
    "PutBackupVaultLockConfiguration": vaults.put_backup_vault_lock_configuration,
    "DeleteBackupVaultLockConfiguration": vaults.delete_backup_vault_lock_configuration,
    "ListRecoveryPointsByBackupVault": points.list_recovery_points_by_backup_vault,
    "ListRecoveryPointsByResource": points.list_recovery_points_by_resource,
    "DescribeRecoveryPoint": points.describe_recovery_point,
    "UpdateRecoveryPointLifecycle": points.update_recovery_point_lifecycle,
    "DeleteRecoveryPoint": points.delete_recovery_point,
    "GetRecoveryPointRestoreMetadata": points.get_recovery_point_restore_metadata,
    "ListProtectedResources": resources.list_protected_resources,
    "ListProtectedResourcesByBackupVault": resources.list_protected_resources_by_backup_vault,
    "DescribeProtectedResource": resources.describe_protected_resource,
    "StartCopyJob": copy_jobs.start_copy_job,
    "DescribeCopyJob": copy_jobs.describe_copy_job,
    "ListCopyJobs": copy_jobs.list_copy_jobs,
    "ListCopyJobSummaries": copy_jobs.list_copy_job_summaries,
    "StartBackupJob": backup_jobs.start_backup_job,
    "DescribeBackupJob": backup_jobs.describe_backup_job,
    "ListBackupJobs": backup_jobs.list_backup_jobs,
    "StopBackupJob": backup_jobs.stop_backup_job,
    "StartRestoreJob": restore_jobs.start_restore_job,
    "DescribeRestoreJob": restore_jobs.describe_restore_job,
    "ListRestoreJobs": restore_jobs.list_restore_jobs,
    "ListRestoreJobsByProtectedResource": restore_jobs.list_restore_jobs,
    "GetRestoreJobMetadata": restore_jobs.get_restore_job_metadata,
    "DescribeRegionSettings": settings.describe_region_settings,
    "UpdateRegionSettings": settings.update_region_settings,
    "DescribeGlobalSettings": settings.describe_global_settings,
    "UpdateGlobalSettings": settings.update_global_settings,
    "GetSupportedResourceTypes": settings.get_supported_resource_types,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTags": tags.list_tags,
}
