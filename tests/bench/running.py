"""Many copies under way at once: their jobs in the local AWS, their requests and steps in the bot's store."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.approvals import Ruling
from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef, table_name_of
from bot.domain.books import StepChange, Store
from bot.domain.params import CopyParams
from bot.domain.people import Actor
from bot.domain.requests import NewRequest, RequestState
from bot.domain.retention import Keep, Retention
from bot.domain.steps import NewStep, StepState
from bot.sandbox.aws import copy_run, progress
from bot.sandbox.slack import ANNA, BACKUP_ADMINS, BACKUPS, TEAM
from bot.sandbox.worlds import BACKUP, COPY_ROLE, PROD, LocalWorlds

US, EU = "us-east-1", "eu-west-1"
ROLE = f"arn:aws:iam::{PROD}:role/{COPY_ROLE}"
SOURCE, DESTINATION = VaultRef(PROD, US, "daily"), VaultRef(BACKUP, EU, "dr-vault")
KEPT = Lifecycle(delete_after_days=400)
CHUNK = 100

Job = tuple[str, RecoveryPoint]


def many_running(worlds: LocalWorlds, store: Store, count: int) -> list[str]:
    """So many copies, each of a table of its own, in CREATED until `release_copies`; the ids of their requests."""
    return begin(worlds, store, many_jobs(worlds, count))


def many_jobs(worlds: LocalWorlds, count: int) -> list[Job]:
    """So many copy jobs in the local AWS, each of a table of its own, in CREATED until `release_copies`."""
    world = worlds.aws.world
    world.set_quotas(copies_per_destination_region=count)
    world.hold_next_copies(count)
    tables = [f"crowd-{number:05}" for number in range(count)]
    arns = world.add_recovery_points(
        PROD, US, "daily", tables, count=count, every=timedelta(seconds=1), lifecycle={"DeleteAfterDays": 400}
    )
    return _jobs(worlds, arns)


def begin(worlds: LocalWorlds, store: Store, jobs: Sequence[Job]) -> list[str]:
    """Requests whose copies these jobs are, as the bot has them when it has just started them; their ids."""
    return [
        request_id
        for start in range(0, len(jobs), CHUNK)
        for request_id in _store(worlds, store, jobs[start : start + CHUNK])
    ]


def _jobs(worlds: LocalWorlds, arns: Sequence[str]) -> list[Job]:
    """A job for each point, as StartCopyJob makes it; ten thousand calls would only take time."""
    state, now = worlds.aws.world.state, worlds.clock.now()
    made = []
    with state.lock:
        books = state.books(PROD, US)
        for arn in arns:
            point = books.vaults["daily"].points[arn]
            job = copy_run.new_job(state, point, destination_arn=DESTINATION.arn, role_arn=ROLE, asked=None, at=now)
            books.copy_jobs[job.id] = job
            progress.take_on(state, job)
            made.append((job.id, _seen(arn, point.resource_arn, worlds)))
    return made


def _seen(arn: str, table_arn: str, worlds: LocalWorlds) -> RecoveryPoint:
    made = worlds.clock.now() - timedelta(hours=1)
    return RecoveryPoint(
        arn=arn,
        vault=SOURCE,
        table_arn=table_arn,
        table_name=table_name_of(table_arn),
        created_at=made,
        status="COMPLETED",
        size_bytes=5_000_000_000,
        lifecycle=KEPT,
        delete_at=made + timedelta(days=400),
        storage_class="WARM",
    )


def _store(worlds: LocalWorlds, store: Store, jobs: Sequence[Job]) -> list[str]:
    """A request for each job, approved and begun."""
    now, ids = worlds.clock.now(), []
    with store.begin() as tx:
        for job_id, point in jobs:
            params = CopyParams(point, DESTINATION, Retention(Keep.AS_SOURCE), ROLE)
            request = tx.requests.add(
                NewRequest(
                    draft_id=job_id,
                    requester=Actor(ANNA, TEAM, "anna"),
                    channel=BACKUPS,
                    reason="One of many.",
                    ruling=Ruling(approvers=(BACKUP_ADMINS,)),
                    fingerprint="many",
                    created_at=now,
                    answer_by=now + timedelta(hours=8),
                    steps=(NewStep(params, f"token-{job_id}", None),),
                )
            )
            tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=now)
            tx.requests.move(request.id, before=RequestState.APPROVED, after=RequestState.RUNNING, at=now)
            started = StepChange(next_poll_at=now, external_id=job_id, outside_state="CREATED", started_at=now)
            step = request.steps[0]
            tx.steps.move(step.id, before=StepState.WAITING, after=StepState.RUNNING, change=started)
            ids.append(request.id)
    return ids
