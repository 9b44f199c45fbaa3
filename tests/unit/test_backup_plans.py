"""What a change does to a backup plan's document, and what is told of somebody else's."""

from bot.domain.backup_plans import Change, changed, copies_of, copy_to, differences, same, without_ids
from bot.domain.backups import Lifecycle
from tests.unit.builders import COPIES
from tests.unit.table_builders import DOCUMENT, RULE

OLD = RULE["CopyActions"][0]["DestinationBackupVaultArn"]  # type: ignore[index]
YEAR = Lifecycle(delete_after_days=365)


def rule_of(document: object) -> dict[str, object]:
    return dict(document["Rules"][0])  # type: ignore[index]


def test_a_copy_is_added_behind_those_there_are_and_nothing_else_changes() -> None:
    after = changed(DOCUMENT, "daily", Change.ADD, COPIES.arn, YEAR)

    added = {"DestinationBackupVaultArn": COPIES.arn, "Lifecycle": {"DeleteAfterDays": 365}}
    assert copies_of(rule_of(after)) == [*RULE["CopyActions"], added]
    assert {**rule_of(after), "CopyActions": None} == {**RULE, "CopyActions": None}
    assert after["Rules"][1] == DOCUMENT["Rules"][1]


def test_the_document_that_people_saw_stays_as_it_is() -> None:
    before = without_ids(DOCUMENT)

    changed(DOCUMENT, "daily", Change.REMOVE, str(OLD), Lifecycle())

    assert without_ids(DOCUMENT) == before


def test_a_copy_without_days_follows_the_backups_own_lifecycle() -> None:
    after = changed(DOCUMENT, "daily", Change.CHANGE, str(OLD), Lifecycle())

    assert copy_to(rule_of(after), str(OLD)) == {"DestinationBackupVaultArn": OLD}


def test_members_of_a_copy_that_we_do_not_know_stay() -> None:
    known = {"DestinationBackupVaultArn": OLD, "Lifecycle": {"OptInToArchiveForSupportedResources": True}, "New": 1}
    document = {"Rules": [{**RULE, "CopyActions": [known]}]}

    after = changed(document, "daily", Change.CHANGE, str(OLD), YEAR)

    lifecycle = {"OptInToArchiveForSupportedResources": True, "DeleteAfterDays": 365}
    assert copies_of(rule_of(after)) == [{**known, "Lifecycle": lifecycle}]


def test_a_request_carries_no_rule_ids_and_no_empty_list_of_copies() -> None:
    after = without_ids(changed(DOCUMENT, "daily", Change.REMOVE, str(OLD), Lifecycle()))

    assert all("RuleId" not in rule for rule in after["Rules"])
    assert "CopyActions" not in after["Rules"][0]


def test_the_order_of_copies_and_rules_means_nothing() -> None:
    two = changed(DOCUMENT, "daily", Change.ADD, COPIES.arn, YEAR)
    turned = {**two, "Rules": [{**rule, "CopyActions": copies_of(rule)[::-1]} for rule in two["Rules"][::-1]]}

    assert same(two, turned)
    assert not same(two, DOCUMENT)


def test_what_somebody_else_changed_is_told_rule_by_rule() -> None:
    theirs = {
        "BackupPlanName": "nightly",
        "Rules": [
            {**RULE, "ScheduleExpression": "cron(0 7 ? * * *)", "CopyActions": []},
            {**RULE, "RuleName": "monthly"},
        ],
    }

    assert differences(DOCUMENT, theirs) == [
        "rule daily: ScheduleExpression was cron(0 5 ? * * *) and is cron(0 7 ? * * *)",
        f"rule daily: its copy to {OLD} is gone",
        "rule monthly is new",
        "rule weekly is gone",
    ]
    assert differences(DOCUMENT, DOCUMENT) == []
