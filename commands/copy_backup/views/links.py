"""Where a finding can be looked at: our own request's thread, or AWS's console."""

from collections.abc import Mapping
from urllib.parse import quote

from bot.domain.backups import VaultRef, partition_of
from bot.domain.findings import Finding
from bot.domain.params import CopyParams, Params

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}

Threads = Mapping[str, tuple[str, str]]
"""For copies and copy jobs (ARNs, ids) that we made: the request's id and the address of its message in Slack."""

NO_THREADS: Threads = {}


def link_of(finding: Finding, params: Params, threads: Threads) -> str:
    """A line (mrkdwn) with where to look at what a finding is about; "" where there is nothing to look at."""
    if not isinstance(params, CopyParams) or not finding.links:
        return ""
    for known in finding.links.values():
        if known in threads:
            request_id, address = threads[known]
            return f"It is from <{address}|{request_id}>."
    if "copy" in finding.links:
        return f"<{vault_page(params.destination)}|The vault in AWS's console>"
    return f"<{jobs_page(params.point.vault)}|The copy jobs in AWS's console>"


def vault_page(vault: VaultRef) -> str:
    return f"{_console(vault)}#/backupvaults/details/{quote(vault.name)}"


def jobs_page(vault: VaultRef) -> str:
    return f"{_console(vault)}#/jobs/copy"


def _console(vault: VaultRef) -> str:
    return f"https://{vault.region}.{CONSOLES[partition_of(vault.region)]}/backup/home?region={vault.region}"
