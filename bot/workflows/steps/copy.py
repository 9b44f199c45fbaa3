"""The step that copies a recovery point: pre-flight, start, poll."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from bot.domain.backups import CopyJob, CopyJobState, RecoveryPoint, VaultRef
from bot.domain.books import Store
from bot.domain.copies import Copy, Origin
from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.failures import translate
from bot.domain.params import CopyParams, Params
from bot.domain.ports import Backups, CopyOrder
from bot.domain.preflight import Finding, why_not_copyable
from bot.domain.retention import INHERITED, Keep, expected_end
from bot.domain.shown import cost_part
from bot.domain.steps import RECORD_GONE, SEEN, Failure, Step, maker_of
from bot.workflows.preflight import Preflight, Survey, survey
from bot.workflows.sightings import SKEW, Sightings, sight
from bot.workflows.steps.hidden import is_forgotten, not_shown
from bot.workflows.steps.seeing import see_vault
from bot.workflows.steps.traces import Traces, made_at, traces
from bot.workflows.steps.work import Look, Progress, Stage


@dataclass
class CopyStep:
    """Copies are made by AWS in the account and Region that own the source vault.

    Without `preflight` only the backup and the list of vaults are looked at; without `store` nobody knows which copies
    in a vault other steps have made.
    """

    backups: Backups
    preflight: Preflight | None = None
    prices: Prices = LIST_PRICES
    store: Store | None = None

    def look(self, params: Params, now: datetime) -> Look:
        return self.begin(params, now).whole()

    def begin(self, params: Params, now: datetime) -> "CopyGlance":
        """Begin all reads at once; those of the backup and the vault are first."""
        params = _copy(params)
        around = self.preflight
        under_way = around.begin(params, now) if around is not None else survey(params, self.backups, now)
        # Both parts of the look tell it, and AWS is asked once.
        before = cache(lambda: self._of_the_step_before(params, now))
        return CopyGlance(under_way, lambda seen: self._completed(seen, before()))

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        """Read the recovery point that a step before has made. Raises BackupsError when it cannot be read."""
        params = _copy(params)
        if not params.point_from_before:
            return params
        return replace(params, point=self.backups.point(params.point.vault, result_in(params.point.vault, before)))

    def start(self, step: Step, approved_by: str) -> str:
        """Start the copy job in its approver's name and return its id. The stored token makes repeating this safe."""
        order = CopyOrder(
            params=_copy(step.params), token=step.token, request_id=step.request_id, approved_by=approved_by
        )
        return self.backups.start_copy(order)

    def begun(self, step: Step) -> CopyJob | None:
        """The job that a try of this step has started: the first of its backup into its vault that is no other's."""
        params = _copy(step.params)
        since = (step.started_at or params.point.created_at) - SKEW
        jobs = self.backups.copies_begun(params.point, params.destination, since)
        others = self._ours([job.id for job in jobs])
        return next((job for job in jobs if job.id not in others), None)

    def poll(self, step: Step, now: datetime) -> Progress:
        if step.external_id is None:
            raise ValueError(f"step {step.id} runs without a copy job")
        params = _copy(step.params)
        try:
            job = self.backups.copy_job(params.point.vault, step.external_id)
        except BackupsMissing as missing:
            return self._unseen(step, params, now, missing)
        return self.conclude(step, job, now)

    def sight(self, steps: Sequence[Step]) -> Sightings:
        """Look at many jobs at once; those that are not among the sightings are to be polled one by one."""
        return sight(self.backups, steps)

    def conclude(self, step: Step, job: CopyJob, now: datetime) -> Progress:
        """How far a step is, by its copy job."""
        params = _copy(step.params)
        if not job.state.is_final:
            return Progress(Stage.UNDER_WAY, job.state)
        if job.state is not CopyJobState.COMPLETED:
            failure = failure_of_job(job, params)
            return Progress(Stage.FAILED, job.state, finished_at=job.completed_at, failure=failure)
        return self._done(step, params, job, now)

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return failure_of(error, _copy(params))

    def _completed(self, seen: Look, before: tuple[Finding, ...]) -> Look:
        return replace(
            seen, findings=(*seen.findings, *before), shown={**seen.shown, **cost_part(seen.params, self.prices)}
        )

    def _of_the_step_before(self, params: CopyParams, now: datetime) -> tuple[Finding, ...]:
        """What can be judged of a source that an earlier step makes: the way into its account, then the point."""
        if not params.point_from_before:
            return ()
        if params.point.arn:
            return _there(why_not_copyable(params.point, now))
        return _there(see_vault(self.backups, params.point.vault)[1])

    def _unseen(self, step: Step, params: CopyParams, now: datetime, missing: BackupsMissing) -> Progress:
        """AWS does not show the job: the vault itself tells whether there is a copy of this backup from this vault.

        That there is none means nothing until AWS may have forgotten the job; till then only a copy counts that says
        itself that it was made since the start.
        """
        forgotten = is_forgotten(step, now)
        try:
            there = self._traces(step, params)
        except BackupsError as error:
            if error.retryable:
                raise
            return _gone_unseen(step, params, error) if forgotten else not_shown(step, now, missing)
        copy = there.copy(only_dated=not forgotten)
        if copy is not None:
            return self._settled(step, params, copy, now)
        return _gone(step, params, there.count, now) if forgotten else not_shown(step, now, missing)

    def _settled(self, step: Step, params: CopyParams, copy: RecoveryPoint, now: datetime) -> Progress:
        """The end of a job that only its copy tells."""
        ended = made_at(copy, step)
        job = CopyJob(
            step.external_id or "",
            CopyJobState.COMPLETED,
            copy_arn=copy.arn,
            size_bytes=copy.size_bytes,
            completed_at=ended,
        )
        done = self._done(step, params, job, now)
        if ended is not None:
            return replace(done, facts={**done.facts, "from_vault": True})
        # When AWS ended the job nobody knows any more.
        return replace(done, outside_state=SEEN, facts={**done.facts, "seconds": None, "from_vault": True})

    def _traces(self, step: Step, params: CopyParams) -> Traces:
        """What the vault has of it. Raises BackupsError when nobody could look."""
        there = self.backups.points_of(params.destination, params.point.table_arn)
        return traces(step, params, there, self._ours([point.arn for point in there]))

    def _ours(self, outside: Collection[str]) -> Collection[str]:
        """Which of these copy jobs (ids) and recovery points (ARNs) a step is known to have made."""
        if self.store is None or not outside:
            return ()
        with self.store.read() as tx:
            return tx.steps.made_by(outside)

    def _done(self, step: Step, params: CopyParams, job: CopyJob, now: datetime) -> Progress:
        copy = self._result(params, job)
        return Progress(
            Stage.DONE,
            job.state,
            result_arn=job.copy_arn,
            finished_at=job.completed_at,
            facts=_outcome(step, params, job, copy, now),
            copy=_watched(step, params, job, copy, now) if job.copy_arn else None,
        )

    def _result(self, params: CopyParams, job: CopyJob) -> RecoveryPoint | None:
        """The copy itself, for its size and real end; None when AWS does not let us see it."""
        if job.copy_arn is None:
            return None
        try:
            return self.backups.point(params.destination, job.copy_arn)
        except BackupsError:
            return None


@dataclass(frozen=True)
class CopyGlance:
    """A look at a copy under way; `complete` adds what the surroundings do not tell."""

    survey: Survey
    complete: Callable[[Look], Look]

    def first(self) -> Look:
        return self.complete(self.survey.first())

    def whole(self) -> Look:
        return self.complete(self.survey.whole())

    @property
    def missing(self) -> tuple[str, ...]:
        return self.survey.missing


def result_in(vault: VaultRef, before: Sequence[Step]) -> str:
    """The ARN of the recovery point that a step before has made in this vault. Raises BackupsMissing."""
    maker = maker_of(vault, before)
    if maker is None or maker.result_arn is None:
        raise BackupsMissing(
            f"AWS did not tell which recovery point the step before has made in the vault {vault.name}.",
            code="NO_RESULT",
        )
    return maker.result_arn


def failure_of(error: BackupsError, params: CopyParams) -> Failure:
    """A refusal at the call, in AWS's words and with what to do."""
    told = translate(error.message, error.code, params)
    return Failure(error.message, error.code, told.remedy, told.cause, told.evidence)


def failure_of_job(job: CopyJob, params: CopyParams) -> Failure:
    """A job that AWS ended without success, in AWS's words and with what to do."""
    message = job.message or f"AWS ended the copy job as {job.state} without a message."
    told = translate(job.message, job.category, params)
    return Failure(message, job.category or job.state, told.remedy, told.cause, told.evidence)


def _copy(params: Params) -> CopyParams:
    if not isinstance(params, CopyParams):
        raise TypeError(f"a copy step was given {type(params).__name__}")
    return params


def _there(*findings: Finding | None) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding)


def _gone(step: Step, params: CopyParams, alike: int, now: datetime) -> Progress:
    """AWS has forgotten the job, and the vault does not tell how it ended: none or several could be its copy."""
    seen = f"{alike} copies of this backup in the vault and cannot tell which of them it made" if alike else ""
    end = expected_end(params.retention, params.point)
    over = "or it was made and has come to its own end since, " if end is not None and end <= now else ""
    place = _in_words(params.destination)
    return _outcome_unknown(
        step,
        f"and I see {seen or 'no complete copy in the vault that it can have made'}",
        f"Look at those copies in {place}; if none of them will do, ask again with `/copy-backup`."
        if alike
        else f"Either the copy failed, {over}or somebody deleted it from {place}. Ask again with `/copy-backup`.",
    )


def _gone_unseen(step: Step, params: CopyParams, error: BackupsError) -> Progress:
    """AWS has forgotten the job and does not let us look for its copy: whether there is one nobody knows."""
    return _outcome_unknown(
        step,
        f"and did not let me look for the copy in the vault ({error.message.rstrip('.')})",
        f"Look for it in {_in_words(params.destination)}; if it is not there, ask again with `/copy-backup`.",
    )


def _outcome_unknown(step: Step, seen: str, advice: str) -> Progress:
    said = f"AWS has no record of copy job {step.external_id} any more, {seen}, so its outcome is not known."
    remedy = f"AWS forgets jobs 30 days after they end. {advice}"
    return Progress(Stage.FAILED, failure=Failure(said, RECORD_GONE, remedy))


def _in_words(place: VaultRef) -> str:
    return f"vault {place.name} of account {place.account}, {place.region}"


def _watched(step: Step, params: CopyParams, job: CopyJob, copy: RecoveryPoint | None, now: datetime) -> Copy:
    return Copy(
        arn=job.copy_arn or "",
        request_id=step.request_id,
        step_id=step.id,
        vault=params.destination,
        table_name=params.point.table_name,
        size_bytes=(copy.size_bytes if copy else None) or job.size_bytes,
        created_at=copy.created_at if copy else params.point.created_at,
        delete_at=copy.delete_at if copy else None,
        looked_at=now if copy else None,
        table_arn=params.point.table_arn,
        origin=_origin(params) if params.retention.keep in INHERITED else None,
    )


def _origin(params: CopyParams) -> Origin:
    """The backup that a copy takes its end from; one that an earlier step has made permanent has none."""
    point = params.point
    return Origin(point.arn, point.vault, None if params.retention.keep is Keep.PERMANENT else point.delete_at)


def _outcome(
    step: Step, params: CopyParams, job: CopyJob, copy: RecoveryPoint | None, now: datetime
) -> dict[str, object]:
    finished = job.completed_at or now
    started = job.created_at or step.started_at or now
    return {
        "job_id": step.external_id,
        "copy_arn": job.copy_arn,
        "size_bytes": (copy.size_bytes if copy else None) or job.size_bytes or params.point.size_bytes,
        "seconds": max(0, int((finished - started).total_seconds())),
        "expiry_known": copy is not None,
        "delete_at": int(copy.delete_at.timestamp()) if copy and copy.delete_at else None,
    }
