"""ARNs as the local AWS writes and reads them, so that no other module cuts strings apart."""

import re
import uuid
from dataclasses import dataclass

VAULT_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):backup:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):backup-vault:(?P<name>[\w-]{2,50})"
)
ROLE_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class VaultArn:
    """A backup vault's ARN in its parts."""

    partition: str
    region: str
    account: str
    name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:backup:{self.region}:{self.account}:backup-vault:{self.name}"


def partition_of(region: str) -> str:
    """Name the partition a Region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def vault_arn(account: str, region: str, name: str) -> VaultArn:
    return VaultArn(partition_of(region), region, account, name)


def parse_vault_arn(text: str) -> VaultArn | None:
    """Read a vault ARN; None when `text` is not one."""
    match = VAULT_ARN.fullmatch(text)
    return VaultArn(**match.groupdict()) if match else None


def table_arn(account: str, region: str, table: str) -> str:
    return f"arn:{partition_of(region)}:dynamodb:{region}:{account}:table/{table}"


def table_name(arn: str) -> str:
    """Give the table's name out of a table or DynamoDB backup ARN."""
    return arn.split(":table/", 1)[-1].split("/", 1)[0]


def is_dynamodb_backup(arn: str) -> bool:
    """Tell a DynamoDB-managed backup (advanced features off) by its ARN."""
    return ":dynamodb:" in arn and "/backup/" in arn


def new_point_arn(region: str, account: str, *, continuous: bool = False) -> str:
    """Give a new point its ARN; that of a continuous one says so, as AWS's do."""
    kind = "continuous:" if continuous else ""
    return f"arn:{partition_of(region)}:backup:{region}:{account}:recovery-point:{kind}{uuid.uuid4()}"


def new_dynamodb_backup_arn(table: str, *, at_ms: int) -> str:
    return f"{table}/backup/0{at_ms}-{uuid.uuid4().hex[:8]}"


def role_arn(account: str, name_or_arn: str, *, partition: str = "aws") -> str:
    """Write a role's ARN; its name may carry a path (`service-role/AWSBackupDefaultServiceRole`)."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return f"arn:{partition}:iam::{account}:role/{name_or_arn.lstrip('/')}"


def region_of(arn: str) -> str:
    """Give the Region an ARN names, or an empty string."""
    parts = arn.split(":", 5)
    return parts[3] if len(parts) > 5 else ""


def account_of(arn: str) -> str:
    """Give the account an ARN names, or an empty string."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 else ""
