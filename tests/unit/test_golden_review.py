"""The review: what is known soon, all of it, what stands in the way, who is asked: golden files that Slack takes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.approvals import Rule, Stage
from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.cost import LIST_PRICES, fees_of
from bot.domain.drafts import Draft, Form, Page
from bot.domain.findings import Finding, Level, fine, unseen
from bot.domain.params import CopyParams
from bot.domain.plans import Leg, plan_for_chains, plan_for_new_backup, plan_for_permanent
from bot.domain.retention import Keep, Retention
from bot.domain.sentences import DEACTIVATED, OWN_REQUEST
from bot.domain.shown import COST, cost_part
from bot.domain.steps import Plan
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.asking import StageAsked
from bot.workflows.prospects import Prospect
from bot.workflows.steps.work import Look
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.views import page_view
from commands.copy_backup.views.review import reviewed_page
from tests.unit.builders import ACCOUNTS, BACKUP, CHANNEL, COPIES, a_draft, a_point, a_vault, some_params
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts
from tests.unit.test_golden_views import HOSTILE

NAMES = Names(ACCOUNTS)
FORM = Form(
    page=Page.REVIEW,
    table_key="t1",
    point_key="p1",
    account="backup",
    region="eu-west-1",
    vault="copies",
    keep=Keep.DAYS,
    days="90",
    reason="Before the migration.",
)
PROBLEM = "AWS is asked too often just now. Nothing was changed; try again in a minute."
STAGE = Stage(("S0ADMINS",))
RULE = Rule(approvers=STAGE.approvers, expires_after=timedelta(hours=8))
ASKED = StageAsked(STAGE, frozenset({"U0BEN", "U0CHRIS"}), {})
PASS = fine("point-state", "The backup is complete (COMPLETED).", "DescribeRecoveryPoint: Status COMPLETED")
BLOCKING = Finding(
    "role-missing",
    Level.FAIL,
    "The copy role arn:aws:iam::111111111111:role/Copying does not exist.",
    "Create it. In account 111111111111 run `aws iam create-role --role-name Copying`.",
    "GetRole of arn:aws:iam::111111111111:role/Copying",
    overridable=True,
)
IMPOSSIBLE = replace(BLOCKING, code="cold", sentence="This backup is in cold storage.", remedy="", overridable=False)
THERE = Finding(
    "already-there",
    Level.FAIL,
    "A copy of this backup is in copies already: arn:aws:backup:eu-west-1:222222222222:recovery-point:c.",
    "Copy it again only if another copy is meant; it is made anew and paid for as well.",
    "ListRecoveryPointsByBackupVault of copies",
    overridable=True,
    links={"copy": "arn:aws:backup:eu-west-1:222222222222:recovery-point:c"},
)
GOING = replace(
    THERE,
    code="under-way",
    sentence="A copy of this backup into copies is RUNNING already.",
    links={"copy job": "1A2B"},
)
GONE = Finding("vault-gone", Level.FAIL, "There is no vault copies in account 222222222222, eu-west-1 (any more).",
               "Choose another vault, or have this one created. In account 222222222222 run `aws backup …`.",
               "ListBackupVaults of account 222222222222, eu-west-1", "create-vault")  # fmt: skip
LEGACY = Finding("not-advanced", Level.FAIL, "This backup was made before advanced DynamoDB backup was on.",
                 "Turn it on and make a new backup.", "ARN arn:aws:dynamodb:…", "enable-advanced")  # fmt: skip
AWSS_KEY = Finding("default-key", Level.FAIL, "The vault copies is encrypted with AWS's own key aws/backup.",
                   "Choose another vault.", "DescribeKey of …", "create-vault", overridable=True)  # fmt: skip
NOT_OPTED_IN = Finding("not-opted-in", Level.WARN, "DynamoDB is not opted in in AWS Backup of account 222222222222.",
                       "Opt in.", "DescribeRegionSettings", "enable-advanced")  # fmt: skip
LOCKED = Finding("vault-lock", Level.FAIL, "The vault keeps copies at most 30 days; this choice comes to 90 days.",
                 "Keep the copy 30 days (counted from the backup's creation), or choose another vault.",
                 "Kept: 90 days")  # fmt: skip


def a_look(*findings: Finding, params: CopyParams | None = None, vault: Vault | None = None) -> Look:
    return Look(params or some_params(), findings, {}, vault)


def priced_look(params: CopyParams, vault: Vault | None = None) -> Look:
    fees = fees_of(params, LIST_PRICES)
    assert fees is not None
    return Look(params, (PASS,), {COST: fees.facts()}, vault)


def priced_looks(plan: Plan) -> tuple[Look, ...]:
    return tuple(Look(step.params, (PASS,), cost_part(step.params, LIST_PRICES), a_vault()) for step in plan)


def a_prospect(*findings: Finding, rule: Rule = RULE, **more: Any) -> Prospect:
    return replace(Prospect((a_look(*findings),), rule, (ASKED,), CHANNEL), **more)


def shown(prospect: Prospect, problem: str = "", **changes: str) -> Block:
    return reviewed_page(on_review(**changes), prospect, NAMES, NOW, problem)


def on_review(**changes: Any) -> Draft:
    return a_draft(replace(FORM, **changes))


TWO = replace(RULE, needed=2)
OVERRIDING = replace(RULE, override_findings=True)
STAGES = replace(RULE, needed=2, then=(Stage(("S0SECURITY",)), Stage(("U0DORA",))))
IN_STAGES = tuple(
    StageAsked(stage, frozenset(f"U{number}{one}" for one in range(stage.needed + 1)), {})
    for number, stage in enumerate(STAGES.stages)
)
ONLY_ME = StageAsked(STAGE, frozenset(), {"U0ANNA": OWN_REQUEST, "U0BEN": DEACTIVATED})
TOO_FEW = "This needs 1 approval, and nobody besides you could give one."
CENTURY = replace(some_params(), retention=Retention(Keep.CENTURY))
ROUTE = plan_for_chains(
    a_point(),
    ((Leg(COPIES, Retention(Keep.DAYS, 30)), Leg(replace(COPIES, name="dr"), Retention(Keep.CENTURY))),),
    ACCOUNTS,
)
PERMANENT = plan_for_permanent(a_point(), ((Leg(COPIES, Retention(Keep.PERMANENT)),),), ACCOUNTS)
AS_SOURCE = ((Leg(COPIES, Retention(Keep.AS_SOURCE)),),)
ENDLESS = plan_for_new_backup(a_point(keeps=None), AS_SOURCE, ACCOUNTS, NOW, advanced=False)
LOCK = replace(a_vault(least=7), lock_date=NOW)
GOVERNED = a_vault(least=7)
GAP = Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=7, max_days=90)


def five_destinations() -> Prospect:
    """Five copies with every finding there is, each told of its own vault."""
    looks = []
    for number in range(5):
        place = VaultRef(BACKUP, "eu-west-1", f"vault-{number}")
        looks.append(a_look(*_crowd(place), params=some_params(destination=place)))
    return a_prospect(looks=tuple(looks))


def _crowd(place: VaultRef) -> Iterator[Finding]:
    for level, number in ((Level.FAIL, 20), (Level.WARN, 10), (Level.UNSEEN, 15), (Level.PASS, 25)):
        for one in range(number):
            yield Finding(
                f"{level}-{one}", level, f"Number {one} of {place.name}. " * 4, "`x`" * 600, f"{place.arn} " * 9
            )
    yield PASS


VIEWS: dict[str, Block] = {
    "backup-picked": shown(
        a_prospect(PASS), picked="You named no backup, so this is the newest one that can be copied."
    ),
    "looking": page_view(on_review(), Chosen(), Choices(), NAMES),
    "could-not-look": page_view(on_review(), Chosen(), Choices(), NAMES, PROBLEM),
    "first-part": shown(
        a_prospect(PASS, is_whole=False, missing=("access policies", "keys", "the copy role", "jobs at work"))
    ),
    "first-part-fails": shown(a_prospect(PASS, GONE, is_whole=False, missing=("access policies", "keys"))),
    "fine": shown(a_prospect(PASS)),
    "priced": shown(replace(a_prospect(), looks=(priced_look(some_params()),))),
    "two-needed": shown(a_prospect(rule=TWO, asked=(replace(ASKED, stage=TWO.stages[0]),))),
    "stages": shown(a_prospect(rule=STAGES, asked=IN_STAGES)),
    "self-approval": shown(a_prospect(rule=replace(RULE, allow_self=True))),
    "findings": shown(
        a_prospect(*(Finding("x", level, "A sentence.", "A remedy: `a command`.", "What was read") for level in Level))
    ),
    "unseen": shown(a_prospect(unseen("x", f"{HOSTILE}.", HOSTILE))),
    "blocked": shown(a_prospect(BLOCKING)),
    "to-overrule": shown(a_prospect(BLOCKING, rule=OVERRIDING)),
    "to-overrule-two": shown(a_prospect(BLOCKING, replace(BLOCKING, code="y", sentence="Other."), rule=OVERRIDING)),
    "not-to-be-overruled": shown(a_prospect(BLOCKING, IMPOSSIBLE, rule=OVERRIDING)),
    "nobody-to-ask": shown(a_prospect(asked=(ONLY_ME,), problems=(TOO_FEW,))),
    "empty-group": shown(a_prospect(asked=(StageAsked(STAGE, frozenset(), {}),), problems=(TOO_FEW,))),
    "no-rule": shown(Prospect((a_look(PASS),), problems=("No approval rule covers this.",))),
    "problem": shown(a_prospect(PASS), PROBLEM),
    "hostile": shown(a_prospect(), reason=f"{HOSTILE}\n" + "<" * 2_950),
    "already-there": shown(a_prospect(THERE)),
    "under-way": shown(a_prospect(GOING)),
    "under-way-ours": reviewed_page(
        on_review(),
        a_prospect(GOING),
        NAMES,
        NOW,
        threads={"1A2B": ("CB-7", "https://home.slack.example/archives/C/p1")},
    ),
    "copied-again": shown(a_prospect(replace(THERE, level=Level.WARN))),
    "vault-gone": shown(a_prospect(GONE)),
    "greyed-out": shown(a_prospect(LEGACY)),
    "default-key": shown(a_prospect(AWSS_KEY)),
    "not-opted-in": shown(a_prospect(NOT_OPTED_IN)),
    "lock": shown(replace(a_prospect(), looks=(a_look(LOCKED, vault=a_vault(most=30)),))),
    "locked-for-good": shown(replace(a_prospect(), looks=(priced_look(some_params(), LOCK),))),
    "governance-lock": shown(replace(a_prospect(), looks=(priced_look(some_params(), GOVERNED),))),
    "air-gapped": shown(replace(a_prospect(), looks=(priced_look(some_params(), GAP),))),
    "century": shown(replace(a_prospect(), looks=(priced_look(CENTURY),))),
    "route-a-century": shown(replace(a_prospect(), looks=priced_looks(ROUTE))),
    "permanent": shown(replace(a_prospect(), looks=priced_looks(PERMANENT))),
    "backed-up-for-good": shown(replace(a_prospect(), looks=priced_looks(ENDLESS))),
    "two-destinations": shown(
        replace(
            a_prospect(),
            looks=(
                a_look(PASS, BLOCKING),
                a_look(PASS, BLOCKING, GONE, params=some_params(destination=replace(COPIES, name="second"))),
            ),
        )
    ),
    "five-destinations": shown(five_destinations()),
}
SENDABLE = {
    "backup-picked",
    "fine",
    "priced",
    "two-needed",
    "stages",
    "self-approval",
    "unseen",
    "to-overrule",
    "to-overrule-two",
    "hostile",
    "copied-again",
    "not-opted-in",
    "locked-for-good",
    "governance-lock",
    "air-gapped",
    "century",
    "route-a-century",
    "permanent",
    "backed-up-for-good",
}


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.view(name, VIEWS[name], "review")


def test_no_golden_file_speaks_of_a_view_that_is_gone() -> None:
    assert agreed_names("review") == set(VIEWS)


@pytest.mark.parametrize("name", VIEWS)
def test_foreign_text_calls_nobody_and_hides_nothing(name: str) -> None:
    assert "\u202e" not in str(VIEWS[name])
    assert "<!channel>" not in "".join(marked_texts(VIEWS[name]))


@pytest.mark.parametrize("name", VIEWS)
def test_it_can_be_sent_only_when_all_is_known_and_nothing_stands_in_the_way(name: str) -> None:
    assert ("submit" in VIEWS[name]) == (name in SENDABLE)


def test_what_would_fail_is_always_told_and_what_is_left_out_is_counted() -> None:
    texts = "\n".join(_texts(VIEWS["five-destinations"]))

    missing = [
        (vault, one)
        for vault in range(5)
        for one in range(20)
        if f"(step {vault + 1}):* Number {one} of vault-{vault}." not in texts
    ]
    assert missing == []
    assert "and 125 more (50 × take care, 75 × not seen)" in texts


def test_what_several_steps_share_is_told_once() -> None:
    texts = "\n".join(_texts(VIEWS["two-destinations"]))

    assert texts.count(BLOCKING.sentence) == 1
    assert f"*This would fail (step 2):* {GONE.sentence}" in texts


def test_evidence_stands_with_each_finding() -> None:
    texts = "\n".join(_texts(VIEWS["blocked"]))

    assert f"Seen: {BLOCKING.evidence}" in texts


def test_the_remedy_buttons_stand_beside_their_findings() -> None:
    def labels(name: str) -> list[str]:
        found = (block.get("accessory") for block in _blocks(VIEWS[name]))
        return [one["text"]["text"] for one in found if one]

    assert labels("already-there") == ["Copy again anyway"]
    assert labels("copied-again") == []
    assert labels("vault-gone") == ["Create this vault"]
    assert labels("greyed-out") == ["Make a new backup first"]
    assert labels("default-key") == ["Create another vault"]
    assert labels("not-opted-in") == ["Turn it on first"]
    assert labels("lock") == ["Keep it 30 days"]


@pytest.mark.parametrize("number", [1, 9, 10, 99])
def test_the_label_of_what_is_overruled_fits_into_slacks_24_characters(number: int) -> None:
    findings = tuple(replace(BLOCKING, sentence=f"Number {one}.") for one in range(number))

    view: Mapping[str, Any] = shown(a_prospect(*findings, rule=OVERRIDING))

    assert view["submit"]["text"] == f"Send with {number} to overrule"
    assert len(view["submit"]["text"]) <= 24


def test_costs_are_those_from_now_to_the_end() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    prospect = replace(a_prospect(), looks=(priced_look(some_params(a_point())),))

    texts = ["\n".join(_texts(reviewed_page(on_review(), prospect, NAMES, now))) for now in (NOW, later)]

    assert texts[0] != texts[1]
    assert all("Estimated cost" in text for text in texts)


def _blocks(view: Block) -> list[dict[str, Any]]:
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return blocks


def _texts(view: Block) -> Iterator[str]:
    for block in _blocks(view):
        yield from marked_texts(block)


def test_what_a_finding_says_is_not_said_above_it_as_well() -> None:
    over = Finding("retention-days", Level.FAIL, "It would be over.", "Choose 7.")

    assert shown(a_prospect(over), over.sentence)["blocks"] == shown(a_prospect(over))["blocks"]
