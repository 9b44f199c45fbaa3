"""Where a finding can be looked at: our own request's thread, or AWS's console."""

from collections.abc import Mapping
from urllib.parse import quote

from bot.domain.backups import VaultRef, partition_of
from bot.domain.findings import Finding
from bot.domain.params import CopyParams, Params
from bot.slack.text import code

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
    ours = {outside: threads[outside] for outside in finding.links.values() if outside in threads}
    if ours:
        return _from(ours, len(finding.links))
    if "copy" in finding.links:
        return f"<{vault_page(params.destination)}|The vault in AWS's console>"
    return f"<{jobs_page(params.point.vault)}|The copy jobs in AWS's console>"


def _from(ours: Threads, of: int) -> str:
    """Which request made each; `of`: how many there are, ours and others."""
    made = [(outside, f"<{address}|{request_id}>") for outside, (request_id, address) in ours.items()]
    if of == 1:
        return f"It is from {made[0][1]}."
    if len(made) == of and len({by for _, by in made}) == 1:
        return f"They are from {made[0][1]}."
    return " ".join(f"{code(_tail(outside))} is from {by}." for outside, by in made)


def _tail(outside: str) -> str:
    """What tells one ARN or job from another."""
    return outside.rpartition(":")[2]


def vault_page(vault: VaultRef) -> str:
    return f"{_console(vault)}#/backupvaults/details/{quote(vault.name)}"


def jobs_page(vault: VaultRef) -> str:
    return f"{_console(vault)}#/jobs/copy"


def _console(vault: VaultRef) -> str:
    return f"https://{vault.region}.{CONSOLES[partition_of(vault.region)]}/backup/home?region={vault.region}"
