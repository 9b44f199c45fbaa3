"""A walk with everything around it: an AWS with two tables and a vault to copy to, a store that has read it, people."""

from dataclasses import dataclass, replace

from bot.domain.approvals import Rule
from bot.domain.backups import Lifecycle, RecoveryPoint
from bot.domain.books import Store
from bot.domain.drafts import Draft, DraftState, Form, Page
from bot.domain.overview import Pulse
from bot.domain.params import StepKind
from bot.domain.retention import Keep
from bot.scheduler import next_fire
from bot.slack.describe import Names
from bot.workflows.deciding import Deciding
from bot.workflows.history import History
from bot.workflows.inventory import Inventory
from bot.workflows.requests import Sending
from bot.workflows.status import Status
from bot.workflows.steps import StepWorks
from bot.workflows.steps.copy import CopyStep
from bot.workflows.submitting import Submitting
from bot.workflows.walk import Walk
from commands.copy_desk import make_copy_desk
from commands.desk import Desk
from commands.table_desk import TableDesk, make_table_desk
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import ACCOUNTS, ANNA, CHANNEL, COPIES, MADE, MAIN, a_policy, a_vault
from tests.unit.fakes import FakeOutlet, FakePeople, ManualClock, NoPlans, Nudges

REASON = "Before the schema change on Monday."


@dataclass
class WalkScene:
    store: Store
    clock: ManualClock
    backups: FakeBackups
    people: FakePeople
    nudges: Nudges
    inventory: Inventory
    walk: Walk
    sending: Sending
    point: RecoveryPoint

    @property
    def table_key(self) -> str:
        return self.inventory.tables("orders")[0].key

    @property
    def point_key(self) -> str:
        return self.inventory.points(self.table_key)[0].key

    def whole_form(self, **changes: object) -> Form:
        """Everything chosen, standing on the review."""
        form = Form(
            page=Page.REVIEW,
            table_key=self.table_key,
            point_key=self.point_key,
            account="backup",
            region="eu-west-1",
            vault="copies",
            keep=Keep.DAYS,
            days="90",
            reason=REASON,
        )
        return replace(form, **changes)  # type: ignore[arg-type]  # fields of a Form

    def begin(self, form: Form | None = None, draft_id: str = "draft-1") -> Draft:
        """A draft of Anna's with these choices."""
        draft = self.walk.begin(draft_id, ANNA, CHANNEL, "", ("V1", "hash-1"))
        if form is None:
            return draft
        with self.store.begin() as tx:
            saved = tx.drafts.save(draft_id, form, self.clock.now())
        assert saved is not None
        return saved

    def draft(self, draft_id: str = "draft-1") -> Draft:
        draft = self.walk.newest(draft_id)
        assert draft is not None
        return draft

    def state(self) -> DraftState:
        return self.draft().state


def make_desk(scene: WalkScene, outlet: FakeOutlet) -> Desk:
    """What listeners have at hand, over this scene."""
    deciding = Deciding(scene.store, scene.people, scene.clock, scene.nudges, scene.sending.submitting)
    return Desk(
        scene.walk,
        scene.sending,
        scene.sending.submitting,
        deciding,
        scene.inventory,
        History(scene.store),
        _no_tables(scene),
        make_copy_desk(scene.store, scene.people, a_policy(), scene.clock, scene.nudges),
        outlet,
        Names(ACCOUNTS),
        scene.clock,
        Status(scene.store, outlet, scene.people, scene.clock, Pulse, tuple),
    )


def _no_tables(scene: WalkScene) -> TableDesk:
    """What listeners of other forms have at hand, over this scene; AWS has no plans here."""
    return make_table_desk(
        scene.store,
        scene.inventory,
        scene.sending.submitting,
        scene.people,
        a_policy(),
        scene.clock,
        scene.nudges,
        NoPlans(),
        next_fire,
        switches=None,
        more={},
    )


def make_walk_scene(store: Store, clock: ManualClock, *rules: Rule, channel: str | None = "C0BACKUPS") -> WalkScene:
    backups, people, nudges = FakeBackups(ACCOUNTS, clock=clock), FakePeople(), Nudges()
    backups.add_vault(a_vault(COPIES))
    point = backups.add_point(MAIN, "orders", created_at=MADE, lifecycle=Lifecycle(35))
    backups.add_point(MAIN, "users", created_at=MADE, lifecycle=Lifecycle(35))
    policy = a_policy(*rules, channel=channel)
    inventory = Inventory(store, backups, policy, clock)
    inventory.refresh()
    walk = Walk(store, inventory, backups, people, policy, clock)
    works: StepWorks = {StepKind.COPY: CopyStep(backups)}
    sending = Sending(store, walk, Submitting(store, works, people, policy, clock, nudges), clock)
    return WalkScene(store, clock, backups, people, nudges, inventory, walk, sending, point)
