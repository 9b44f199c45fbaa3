"""The bot is killed (SIGKILL) in the middle of each kind of step, at the call and while AWS works, and goes on.

Whatever the moment: the plan is finished, nothing is done twice, everything is said once.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from bot.domain.drills import PREFIX
from bot.domain.notices import NoticeState
from bot.domain.requests import RequestState
from bot.domain.schedules import Schedule, ScheduleState
from bot.domain.steps import StepState
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from tests.chaos.nursery import Nursery
from tests.flows.forms import form
from tests.flows.house import House
from tests.flows.mortal import Mortal
from tests.flows.orders import CONFIG_WITH_ROUTES, FRANKFURT, approve, order, vault
from tests.flows.processes import running
from tests.flows.team import EU, US, Team
from tests.flows.test_recurring import filled, in_force

SOON, SLOW = timedelta(seconds=0.2), timedelta(minutes=3)
PLACES = ((PROD, US), (BACKUP, EU), (BACKUP, FRANKFURT))
RUN = "CB-2"
BACK = "orders-back"


def a_new_vault(team: Team) -> str:
    key = vault(team, EU, "dr-vault").key_arn
    return order(team, f"sequence orders to new backup/eu-west-1/audit key {key} keep 90d because of the audit.")


def a_new_backup(team: Team) -> str:
    team.worlds.aws.world.set_advanced(PROD, US, enabled=False)
    return order(team, "now orders to backup/eu-west-1/dr-vault keep 90d because the old ones cannot be copied.")


def a_chain(team: Team) -> str:
    return order(team, "sequence orders to dr-chain keep 90d because the auditors want it far away.")


def a_drill(team: Team) -> str:
    return form(team).begin("drill orders", "Backup or copy").write("Reason", "A look.").reviewed().sent(team)


def a_copy_back_and_restore(team: Team) -> str:
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    team.copied("orders")
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "backup")
    sheet.pick("Copy it first to", "daily", redraws=False).write("New table", BACK)
    return sheet.write("Reason", "Somebody deleted the table.").reviewed().sent(team)


def a_changed_plan(team: Team) -> str:
    sheet = form(team).begin("plan", "Backup plan").pick("Backup plan", "nightly").select("Rule", "daily")
    sheet.pick("Copy to", "eu-west-1 dr-vault", redraws=False).write("Keep copies for days", "365")
    return sheet.write("Reason", "Copies for disasters.").reviewed().sent(team)


ASK: Mapping[str, Callable[[Team], str]] = {
    "new vault": a_new_vault,
    "new backup": a_new_backup,
    "chain": a_chain,
    "drill": a_drill,
    "copy back": a_copy_back_and_restore,
    "plan": a_changed_plan,
}
# What AWS has when each of them is done: jobs by kind, and versions of the backup plan.
MADE = {
    "new vault": {"copy": 1},
    "new backup": {"backup": 1, "copy": 1},
    "chain": {"copy": 2},
    "drill": {"restore": 1},
    # One copy goes there first, and one comes back.
    "copy back": {"copy": 2, "restore": 1},
    "plan": {"plan versions": 1},
    "run": {"copy": 1},
}


@dataclass(frozen=True)
class Moment:
    """When the bot dies: at an AWS call (of an account), or while the work runs that the call has started."""

    plan: str
    call: str
    account: str | None = None
    works: bool = False

    @property
    def name(self) -> str:
        where = {PROD: " in prod", BACKUP: " in backup"}.get(self.account or "", "")
        return f"{self.plan}, {'after' if self.works else 'at'} {self.call}{where}"


MOMENTS = [
    Moment("new vault", "CreateBackupVault"),
    Moment("new vault", "PutBackupVaultAccessPolicy"),
    Moment("new vault", "StartCopyJob", works=True),
    Moment("new backup", "UpdateRegionSettings"),
    Moment("new backup", "StartBackupJob"),
    Moment("new backup", "StartBackupJob", works=True),
    Moment("chain", "StartCopyJob", PROD),
    Moment("chain", "StartCopyJob", PROD, works=True),
    Moment("chain", "StartCopyJob", BACKUP),
    Moment("chain", "StartCopyJob", BACKUP, works=True),
    Moment("chain", "UpdateRecoveryPointLifecycle"),
    Moment("drill", "StartRestoreJob"),
    Moment("drill", "StartRestoreJob", works=True),
    Moment("drill", "TagResource"),
    Moment("drill", "Scan"),
    Moment("drill", "DeleteTable"),
    Moment("copy back", "StartCopyJob", BACKUP),
    Moment("copy back", "StartCopyJob", works=True),
    Moment("copy back", "StartRestoreJob"),
    Moment("plan", "UpdateBackupPlan"),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_plan_goes_on_where_the_bot_was_killed(worlds: LocalWorlds, moment: Moment) -> None:
    team = Team(House(worlds, http=False, config=CONFIG_WITH_ROUTES))
    before = made(team)
    with running(team.house.environ, "run", "--port", "0") as bot:
        bot.logs("ready")
        request_id = ASK[moment.plan](team)
        with in_the_middle(team, moment, lambda: approve(team, request_id), request_id):
            bot.process.kill()
            bot.process.wait()
    assert team.state(request_id) in (RequestState.APPROVED, RequestState.RUNNING)

    goes_on(team, request_id)

    assert made(team) - before == Counter(MADE[moment.plan])
    nothing_is_left_behind(team, request_id)
    everything_was_said_once(team)
    team.house.shut()


@pytest.mark.parametrize("works", [False, True], ids=["at StartCopyJob", "after StartCopyJob"])
def test_a_scheduled_run_goes_on_where_the_bot_was_killed(worlds: LocalWorlds, works: bool) -> None:
    team = Team(House(worlds, http=False, config=CONFIG_WITH_ROUTES))
    team.house.start()
    # A route of the configuration leads through this vault too; what is meant is the vault alone.
    in_force(team, to="dr-vault backup eu-west-1")
    team.quiet()
    team.house.stop()
    fall_due(team)
    moment = Moment("run", "StartCopyJob", works=works)
    with running(team.house.environ, "run", "--port", "0") as bot:
        bot.logs("ready")
        with in_the_middle(team, moment, lambda: None, RUN):
            bot.process.kill()
            bot.process.wait()

    goes_on(team, RUN)

    assert made(team) == Counter({"plan versions": 1, **MADE["run"]})
    assert team.house.request_ids() == ["CB-1", RUN]
    assert len(team.said("Run started as CB-2")) == 1
    everything_was_said_once(team)
    team.house.shut()


def test_a_schedule_is_put_in_force_once_where_the_bot_was_killed_after_its_row(worlds: LocalWorlds) -> None:
    """Nothing is asked of AWS: the row is the deed, and the bot dies before the step is done."""
    team = Team(House(worlds, http=False, config=CONFIG_WITH_ROUTES))
    mortal = Mortal(team, Nursery())
    mortal.start()
    request_id = filled(team, to="dr-vault backup eu-west-1").reviewed().sent(team)
    mortal.dies_at("workflows.steps.recur.RecurStep.start", lambda: approve(team, request_id), before=False)
    mortal.nursery.close()
    (row,), (step,) = schedules(team), team.house.request(request_id).steps
    assert step.state in (StepState.STARTING, StepState.RUNNING)

    goes_on(team, request_id)

    assert schedules(team) == [row]
    assert len(team.said("The schedule is in force")) == 1
    everything_was_said_once(team)
    team.house.shut()


def schedules(team: Team) -> list[Schedule]:
    with team.house.store.read() as tx:
        return list(tx.schedules.living())


class in_the_middle:
    """Let the plan begin, and come to the moment in which the bot is to be killed; then let AWS answer again."""

    def __init__(self, team: Team, moment: Moment, begin: Callable[[], object], request_id: str = "CB-1") -> None:
        self._team, self._moment, self._begin, self._id = team, moment, begin, request_id
        self._faults = team.worlds.aws.world.faults

    def __enter__(self) -> None:
        if self._moment.works:
            self._team.worlds.aws.world.job_timing(created=SOON, running=SLOW)
            self._begin()
            self._until_it_works()
            return
        lost = self._faults.lose_response(self._moment.call, times=None, account=self._moment.account)
        self._begin()
        self._team.wait(lambda: lost.hits, f"{self._moment.call} without an answer")

    def __exit__(self, *problem: object) -> None:
        self._faults.clear()
        self._team.worlds.aws.world.job_timing(created=SOON, running=SOON)

    def _until_it_works(self) -> None:
        """Wait until the job runs; whatever comes before it ends at once."""
        account = self._moment.account or PROD
        for place in PLACES:
            self._team.wait(self._running, "the job to run")
            if place[0] == account:
                return
            self._team.later(minutes=4)
            self._team.wait(lambda: not self._running(PROD), "the first job to end")

    def _running(self, account: str | None = None) -> bool:
        steps = self._team.house.request(self._id).steps if self._id in self._team.house.request_ids() else ()
        return any(
            step.state is StepState.RUNNING and step.external_id and account in (None, step.params.source_account)
            for step in steps
        )


def goes_on(team: Team, request_id: str) -> None:
    """Start a bot that knows nothing but the database, after a while, and let it come to the end."""
    team.later(minutes=10)
    team.house.start()
    team.becomes(RequestState.COMPLETED, request_id)
    assert {step.state for step in team.house.request(request_id).steps} == {StepState.DONE}
    team.quiet()


def fall_due(team: Team) -> None:
    """Have the schedule's next run be due, for a bot that lives by the machine's own clock."""
    with team.house.store.begin() as tx:
        (schedule,) = tx.schedules.living()
        due = team.clock.now() - timedelta(minutes=1)
        assert tx.schedules.move(schedule.id, before=ScheduleState.ACTIVE, after=ScheduleState.ACTIVE, next_run_at=due)


def made(team: Team) -> Counter[str]:
    """What stands in AWS's books: jobs by kind, versions of backup plans."""
    books = [team.worlds.aws.world.state.books(*place) for place in PLACES]
    return Counter(
        {
            "copy": sum(len(book.copy_jobs) for book in books),
            "backup": sum(len(book.backup_jobs) for book in books),
            "restore": sum(len(book.restore_jobs) for book in books),
            "plan versions": sum(len(plan.versions) for book in books for plan in book.plans.values()),
        }
    )


def nothing_is_left_behind(team: Team, request_id: str) -> None:
    """No table of a drill, no second vault, one copy wherever a copy was made."""
    tables: dict[str, Any] = dict(dynamodb_backends[PROD][US].tables)
    assert not [name for name in tables if name.startswith(PREFIX)]
    creators = {call.params["CreatorRequestId"] for call in team.aws_calls("CreateBackupVault")}
    assert len(creators) <= 1
    copies = [step.result_arn for step in team.house.request(request_id).steps if step.copy]
    assert len(set(copies)) == len(copies)


def everything_was_said_once(team: Team) -> None:
    """No message stands in the channel or its threads a second time, and none is owed."""
    texts = Counter(message.text for message in team.messages())
    assert [text for text, times in texts.items() if times > 1] == []
    assert {state for _, state in team.house.notices()} <= {NoticeState.SENT, NoticeState.SUPERSEDED}
    asked = [message for message in team.messages() if "may be a repetition" in team.text(message)]
    assert asked == []
