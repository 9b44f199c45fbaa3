"""Judge what is at work and what is there already: quotas make a copy wait, a copy that exists makes it needless."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams
from bot.domain.retention import expected_end
from bot.domain.sentences.changes import day
from bot.domain.surroundings import Held, Job

MOST_COPIES = 100
MOST_NAMED = 3
# AWS tells the end of a copy to the moment, and what is asked for comes to days.
SAME_END = timedelta(hours=12)


def jobs_of_table(params: CopyParams, jobs: Sequence[Job]) -> Finding:
    """One backup or copy of a table runs at a time; the next one waits."""
    vault, table = params.point.vault, params.point.table_name
    evidence = f"ListCopyJobs and ListBackupJobs of {params.point.table_arn} in account {vault.account}, {vault.region}"
    busy = [job for job in jobs if job.at_work]
    if not busy:
        return fine("table-idle", f"No other job of table {table} is at work.", evidence)
    kinds = " and ".join(f"{_count(busy, kind)} {kind}" for kind in ("backup", "copy") if _count(busy, kind))
    return Finding(
        "table-busy",
        Level.WARN,
        f"AWS works on table {table} already ({kinds}); it does one job of a table at a time, so this copy would wait.",
        "Nothing needs doing: it starts when the other jobs are done.",
        evidence,
        links={f"{job.kind} job": job.id for job in busy},
    )


def copies_at_work(params: CopyParams, jobs: Sequence[Job]) -> Finding:
    """Beyond the quota of copies into one Region, copies wait."""
    vault, place = params.point.vault, params.destination
    into = [job for job in jobs if f":{place.region}:" in job.destination and job.at_work]
    evidence = f"ListCopyJobs of account {vault.account}, {vault.region}: {len(into)} at work into {place.region}"
    if len(into) < MOST_COPIES:
        return fine("quota", f"AWS has room for another copy into {place.region}.", evidence)
    return Finding(
        "quota-reached",
        Level.WARN,
        f"{len(into)} copies into {place.region} are at work; AWS runs {MOST_COPIES} at a time, so this one would "
        "wait, and may fail in the end.",
        "Nothing needs doing: it starts when the others are done. Send it later if it is not urgent.",
        evidence,
    )


def already_there(
    params: CopyParams, copies: Sequence[Held], jobs: Sequence[Job] | None, *, only_new: bool = False
) -> Finding:
    """A copy of the same backup in the same vault, or one under way: possible again, but hardly meant.

    `jobs` None: not seen. `only_new`: another one is to be made on purpose only.
    """
    place = params.destination
    evidence = f"ListRecoveryPointsByBackupVault of {place.arn}"
    if jobs is not None:
        evidence += f", ListCopyJobs of {params.point.arn}"
    going = next(iter(_under_way(params, jobs or ())), None)
    if going is not None:
        sentence, links = f"A copy of this backup into {place.name} is {going.state} already.", {"copy job": going.id}
        return _again("under-way", sentence, evidence, links, only_new=only_new)
    if copies:
        number = "A copy" if len(copies) == 1 else f"{len(copies)} copies"
        verb = "is" if len(copies) == 1 else "are"
        named = [one.arn for one in copies[:MOST_NAMED]]
        there = f"{number} of this backup {verb} in {place.name} already: {', '.join(named)}."
        sentence = f"{there}{_no_later(params, copies)}"
        # Each may be from another request.
        links = {f"copy {number}" if number > 1 else "copy": arn for number, arn in enumerate(named, start=1)}
        return _again("already-there", sentence, evidence, links, only_new=only_new)
    if jobs is None:
        return unseen(
            "new-copy-unseen",
            f"There is no copy of this backup in {place.name}, but I could not see whether one is under way.",
            evidence,
            f"{AT_START} It makes another copy, which is paid for as well, if one is under way.",
        )
    return fine("new-copy", f"There is no copy of this backup in {place.name} yet.", evidence)


def copies_there(params: CopyParams, copies: Sequence[Held], jobs: Sequence[Job]) -> int:
    """How many copies of the same backup are complete in the same vault."""
    return len({one.arn for one in copies} - {job.copy_arn for job in _under_way(params, jobs)})


def _no_later(params: CopyParams, copies: Sequence[Held]) -> str:
    """That another copy would end no later than what is there; "" where it would, or something has no end."""
    end, ends = expected_end(params.retention, params.point), [one.delete_at for one in copies if one.delete_at]
    if end is None or len(ends) < len(copies) or end > max(ends) + SAME_END:
        return ""
    which = "That copy ends" if len(copies) == 1 else "The last of them ends"
    then = "then, too" if end >= max(ends) - SAME_END else f"before that, about {day(end)}"
    return f" {which} about {day(max(ends))}, and this one would end {then}."


def _under_way(params: CopyParams, jobs: Sequence[Job]) -> list[Job]:
    source, place = params.point.arn, params.destination.arn
    return [
        job
        for job in jobs
        if job.kind == "copy" and job.at_work and (job.point_arn, job.destination) == (source, place)
    ]


def _again(code: str, sentence: str, evidence: str, links: Mapping[str, str], *, only_new: bool) -> Finding:
    remedy = "Copy it again only if another copy is meant; it is made anew and paid for as well."
    level = Level.FAIL if only_new else Level.WARN
    return Finding(code, level, sentence, remedy, evidence, overridable=only_new, links=links)


def _count(jobs: Sequence[Job], kind: str) -> int:
    return sum(job.kind == kind for job in jobs)
