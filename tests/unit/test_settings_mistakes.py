"""Every mistake in copy-backup.yaml is told with file, line, key and what was expected, all of them at once."""

from pathlib import Path

import pytest

from bot.settings.policy import MINIMAL_EXAMPLE, read_policy


def told(tmp_path: Path, text: str | bytes) -> list[str]:
    """The mistakes of a file, without the folder it lies in."""
    path = tmp_path / "copy-backup.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    policy, mistakes = read_policy(path, 30.0)
    assert policy is None
    return [mistake.replace(f"{tmp_path}/", "") for mistake in mistakes]


def prod(line: str, *, instead: str = "") -> str:
    """The minimal file with one more line for the account prod, in line 5, or in the place of another line."""
    if instead:
        return MINIMAL_EXAMPLE.replace(instead, line)
    return MINIMAL_EXAMPLE.replace("approvals:\n", f"    {line}\napprovals:\n")


def rule(line: str) -> str:
    """The minimal file with one more line for its rule, in line 6."""
    return f"{MINIMAL_EXAMPLE}    {line}\n"


def approved_by(ids: str) -> str:
    """The minimal file with other approvers, in line 6."""
    return MINIMAL_EXAMPLE.replace("[S0BACKUPADMINS]", ids)


def top(line: str) -> str:
    """The minimal file with one more line at its end, which is line 7."""
    return f"{MINIMAL_EXAMPLE}{line}\n"


ID, REGIONS = 'id: "111111111111"', "regions: [eu-west-1]"

TWELVE_DIGITS = "12 digits in quotes"
A_REGION = "the name of an AWS Region such as eu-west-1"
SOME_REGIONS = "a list of one or more different Regions such as [us-east-1, eu-west-1]"
A_ROLE = "the ARN of a role such as arn:aws:iam::111111111111:role/CopyBackupBot"
AN_APPROVER = "the id of a Slack user group (S…) or of a user (U… or W…)"
SOME_APPROVERS = "a list of one or more different Slack ids such as [S0BACKUPADMINS, U0BEN]"
A_NUMBER = "a whole number of people, 1 or more"
A_PATTERN = "a name, or a pattern with * and ? such as orders-*"
A_SIZE = 'a comparison such as ">100GB" (B, KB, MB, GB, TB, PB)'
A_RETENTION = 'a comparison such as ">=3650d" or ">10y", or permanent'
A_DURATION = "a duration such as 90s, 30m, 8h or 2d, at most 365d"
A_CHANNEL = "the id of a Slack channel (C… or G…), not its name"
A_LEAD = "a whole number of days, 1 or more"
SOME_LEADS = "a list of different whole numbers of days such as [30, 7, 1]"
TOP_KEYS = "accounts, approvals, channel, allow_shared_channels, notices, drills, prices, routes"
A_PRICE = "a price of a GB such as 0.10"
USUAL = "usual: {warm: 0.1, cold: 0.03, transfer: 0.02}"
NOTICE_KEYS = "expiry_lead_days, ops_channel, routes, quiet, digest, adopt"
ACCOUNT_KEYS = "id, regions, role_arn, external_id, copy_role_arn"
RULE_KEYS = (
    "approvers, when, needed, stages, askers, allow_self, allow_guests, override_findings, expires_after, remind, "
    "escalate, break_glass"
)
WHEN_KEYS = (
    "source_account, source_region, destination_account, destination_region, destination_vault, table, action, size, "
    "retention, irreversible"
)


@pytest.mark.parametrize(
    ("text", "place", "expected", "got"),
    [
        (prod("id: 111111111111", instead=ID), "3: accounts.prod.id", TWELVE_DIGITS, "111111111111 (a number)"),
        (prod('id: "1111"', instead=ID), "3: accounts.prod.id", TWELVE_DIGITS, '"1111"'),
        (prod('id: "١١١١١١١١١١١١"', instead=ID), "3: accounts.prod.id", TWELVE_DIGITS, '"١١١١١١١١١١١١"'),
        (prod("id:", instead=ID), "3: accounts.prod.id", TWELVE_DIGITS, "nothing"),
        (prod("regions: eu-west-1", instead=REGIONS), "4: accounts.prod.regions", SOME_REGIONS, '"eu-west-1"'),
        (prod("regions: []", instead=REGIONS), "4: accounts.prod.regions", SOME_REGIONS, "[]"),
        (
            prod("regions: [eu-west-1, eu-west-1]", instead=REGIONS),
            "4: accounts.prod.regions",
            SOME_REGIONS,
            "[eu-west-1, eu-west-1]",
        ),
        (prod("regions: [eu-west-1, Ireland]", instead=REGIONS), "4: accounts.prod.regions[1]", A_REGION, '"Ireland"'),
        (prod("regions: [no]", instead=REGIONS), "4: accounts.prod.regions[0]", A_REGION, "no (a yes or no)"),
        (prod("role_arn: Bot"), "5: accounts.prod.role_arn", A_ROLE, '"Bot"'),
        (prod("role_arn:"), "5: accounts.prod.role_arn", A_ROLE, "nothing"),
        (prod("copy_role_arn: [Bot]"), "5: accounts.prod.copy_role_arn", A_ROLE, "[Bot]"),
        (rule("needed: 0"), "7: approvals[0].needed", A_NUMBER, "0 (a number)"),
        (rule('needed: "2"'), "7: approvals[0].needed", A_NUMBER, '"2"'),
        (rule("needed: 1.0"), "7: approvals[0].needed", A_NUMBER, "1.0 (a number)"),
        (rule("needed: true"), "7: approvals[0].needed", A_NUMBER, "true (a yes or no)"),
        (rule('allow_self: "no"'), "7: approvals[0].allow_self", "true or false", '"no"'),
        (rule("expires_after: 8"), "7: approvals[0].expires_after", A_DURATION, "8 (a number)"),
        (rule("expires_after: 8:00"), "7: approvals[0].expires_after", A_DURATION, "8:00 (a number)"),
        (rule("expires_after: 0h"), "7: approvals[0].expires_after", A_DURATION, '"0h"'),
        (rule("expires_after: -8h"), "7: approvals[0].expires_after", A_DURATION, '"-8h"'),
        (rule("expires_after: 366d"), "7: approvals[0].expires_after", A_DURATION, '"366d"'),
        (rule("expires_after: 999999999d"), "7: approvals[0].expires_after", A_DURATION, '"999999999d"'),
        (rule('when: {table: "orders-[12]"}'), "7: approvals[0].when.table", A_PATTERN, '"orders-[12]"'),
        (rule("when: {table: }"), "7: approvals[0].when.table", A_PATTERN, "nothing"),
        (rule("when: {size: 100GB}"), "7: approvals[0].when.size", A_SIZE, '"100GB"'),
        (rule('when: {size: ">100XB"}'), "7: approvals[0].when.size", A_SIZE, '">100XB"'),
        (rule("when: {size: 100}"), "7: approvals[0].when.size", A_SIZE, "100 (a number)"),
        (rule("when: {retention: ages}"), "7: approvals[0].when.retention", A_RETENTION, '"ages"'),
        (rule('when: {retention: ">10m"}'), "7: approvals[0].when.retention", A_RETENTION, '">10m"'),
        (rule("when: {irreversible: maybe}"), "7: approvals[0].when.irreversible", "true or false", '"maybe"'),
        (approved_by("[backup-admins]"), "6: approvals[0].approvers[0]", AN_APPROVER, '"backup-admins"'),
        (approved_by("[U0BEN, C0BACKUPS]"), "6: approvals[0].approvers[1]", AN_APPROVER, '"C0BACKUPS"'),
        (approved_by("[]"), "6: approvals[0].approvers", SOME_APPROVERS, "[]"),
        (approved_by("[U0BEN, U0BEN]"), "6: approvals[0].approvers", SOME_APPROVERS, "[U0BEN, U0BEN]"),
        (top("channel: backups"), "7: channel", A_CHANNEL, '"backups"'),
        (top("channel: D0BEN"), "7: channel", A_CHANNEL, '"D0BEN"'),
        (top("notices: {expiry_lead_days: [7, 0]}"), "7: notices.expiry_lead_days[1]", A_LEAD, "0 (a number)"),
        (top("notices: {expiry_lead_days: [7, 030]}"), "7: notices.expiry_lead_days[1]", A_LEAD, "030 (a number)"),
        (top("notices: {expiry_lead_days: [7, 7]}"), "7: notices.expiry_lead_days", SOME_LEADS, "[7, 7]"),
        (top("notices: {expiry_lead_days: 7}"), "7: notices.expiry_lead_days", SOME_LEADS, "7 (a number)"),
        (top("notices: soon"), "7: notices", f"a mapping with the keys {NOTICE_KEYS}", '"soon"'),
        (
            top(f"prices: {{as_of: soon, {USUAL}}}"),
            "7: prices.as_of",
            "the date of the prices such as 2026-11-01",
            '"soon"',
        ),
        (
            top("prices: {as_of: 2026-11-01, usual: {warm: cheap, cold: 0, transfer: 0}}"),
            "7: prices.usual.warm",
            A_PRICE,
            '"cheap"',
        ),
        (
            top(f"prices: {{as_of: 2026-11-01, {USUAL}, regions: {{eu-west-1: {{warm: -1, cold: 0, transfer: 0}}}}}}"),
            "7: prices.regions.eu-west-1.warm",
            A_PRICE,
            "-1 (a number)",
        ),
        (
            top(f"prices: {{as_of: 2026-11-01, currency: dollars, {USUAL}}}"),
            "7: prices.currency",
            "a currency such as USD",
            '"dollars"',
        ),
        (rule("when: prod"), "7: approvals[0].when", f"a mapping with the keys {WHEN_KEYS}", '"prod"'),
        (top("  - S0BACKUPADMINS"), "7: approvals[1]", f"a mapping with the keys {RULE_KEYS}", '"S0BACKUPADMINS"'),
        ("", "1", f"a mapping with the keys {TOP_KEYS}", "nothing"),
        ("- a\n- b\n", "1", f"a mapping with the keys {TOP_KEYS}", "[a, b]"),
        ("hello\n", "1", f"a mapping with the keys {TOP_KEYS}", '"hello"'),
    ],
)
def test_a_value_of_the_wrong_form_is_told_with_line_key_and_expectation(
    tmp_path: Path, text: str, place: str, expected: str, got: str
) -> None:
    first = told(tmp_path, text)[0]

    assert first == f"copy-backup.yaml:{place}: expected {expected}, got {got}"


@pytest.mark.parametrize(
    ("text", "place", "instead", "known"),
    [
        (top("chanel: C0BACKUPS"), "7: chanel", "; did you mean channel?", TOP_KEYS),
        (top("x: 1"), "7: x", "", TOP_KEYS),
        (prod("rolearn: x"), "5: accounts.prod.rolearn", "; did you mean role_arn?", ACCOUNT_KEYS),
        (rule("approver: U0BEN"), "7: approvals[0].approver", "; did you mean approvers?", RULE_KEYS),
        (rule("when: {tabel: x}"), "7: approvals[0].when.tabel", "; did you mean table?", WHEN_KEYS),
        (
            top("notices: {lead_days: [1]}"),
            "7: notices.lead_days",
            "; did you mean expiry_lead_days?",
            NOTICE_KEYS,
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_one(
    tmp_path: Path, text: str, place: str, instead: str, known: str
) -> None:
    assert told(tmp_path, text) == [f"copy-backup.yaml:{place}: unknown key{instead} (known here: {known})"]


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        (prod("# no id", instead=ID), "2: accounts.prod.id", TWELVE_DIGITS),
        (prod("# no Regions", instead=REGIONS), "2: accounts.prod.regions", SOME_REGIONS),
        (top("  - needed: 1"), "7: approvals[1].approvers", SOME_APPROVERS),
    ],
)
def test_a_missing_key_is_told_in_the_line_of_what_lacks_it(
    tmp_path: Path, text: str, place: str, expected: str
) -> None:
    assert told(tmp_path, text) == [f"copy-backup.yaml:{place}: missing, expected {expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            prod("role_arn: arn:aws:iam::222222222222:role/Bot"),
            "5: accounts.prod.role_arn: expected a role of this account (111111111111), "
            "got arn:aws:iam::222222222222:role/Bot",
        ),
        (
            prod("copy_role_arn: arn:aws-cn:iam::111111111111:role/Copies"),
            "5: accounts.prod.copy_role_arn: expected an ARN that begins with arn:aws: as the Regions do, "
            "got arn:aws-cn:iam::111111111111:role/Copies",
        ),
        (
            prod("regions: [eu-west-1, cn-north-1]", instead=REGIONS),
            "4: accounts.prod.regions: expected Regions of one partition, since an account lives in one "
            "(aws, aws-cn or aws-us-gov)",
        ),
        (
            prod("external_id: s3cr3t"),
            "5: accounts.prod.external_id: expected only together with role_arn, "
            "since it is told when that role is assumed",
        ),
        (
            MINIMAL_EXAMPLE.replace("approvals:", '  backup: {id: "111111111111", regions: [eu-west-1]}\napprovals:'),
            "5: accounts.backup.id: expected an id of its own, but accounts.prod has 111111111111 too",
        ),
        (
            rule("when: {destination_account: prd}"),
            "7: approvals[0].when.destination_account: expected one of prod, or a pattern with *, "
            'got "prd"; did you mean prod?',
        ),
        (
            rule("when: {destination_region: eu-wset-1}"),
            "7: approvals[0].when.destination_region: expected one of eu-west-1, or a pattern with *, "
            'got "eu-wset-1"; did you mean eu-west-1?',
        ),
        (
            rule("when: {action: cpoy}"),
            "7: approvals[0].when.action: expected one of back-up, change-plan, compare-table, copy, create-vault, "
            "delete-table, enable-advanced, restore, schedule, "
            'set-retention, or a pattern with *, got "cpoy"; did you mean copy?',
        ),
        (
            MINIMAL_EXAMPLE.replace("[S0BACKUPADMINS]", "[U0ANN, W0BEN]") + "    needed: 3\n",
            "7: approvals[0].needed: expected at most 2, since the rule names no more people and no group, got 3",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, text: str, expected: str) -> None:
    assert told(tmp_path, text) == [f"copy-backup.yaml:{expected}"]


def test_a_group_may_hold_as_many_people_as_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(rule("needed: 9"), encoding="utf-8")

    assert read_policy(path, 30.0)[1] == []


@pytest.mark.parametrize("pattern", ["*", "pr*", "stage-*", "pro?"])
def test_a_pattern_need_not_match_an_account_that_is_there(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(rule(f'when: {{source_account: "{pattern}"}}'), encoding="utf-8")

    assert read_policy(path, 30.0)[1] == []


@pytest.mark.parametrize("alias", ["*", "a b", "-x", "x" * 41, '""'])
def test_an_account_needs_a_name_that_can_be_said(tmp_path: Path, alias: str) -> None:
    (mistake,) = told(tmp_path, MINIMAL_EXAMPLE.replace("prod", f'"{alias}"' if alias != '""' else alias))

    assert mistake.startswith("copy-backup.yaml:2: accounts.")
    assert mistake.endswith("expected an account's name of at most 40 letters, digits, dots, dashes and underscores")


def test_all_mistakes_are_told_at_once_sorted_by_line(tmp_path: Path) -> None:
    text = """\
accounts:
  prod:
    id: 111111111111
    regions: [eu-west-1]
    role_arn: arn:aws:iam::222222222222:role/Bot
  backup:
    id: "222222222222"
    regions: []
    role_arn: arn:aws:iam::111111111111:role/Bot
approvals:
  - when: {destination_account: bakcup, tabel: x}
    approvers: ["@ben", U0BEN]
    needed: 3
  - needed: 1
    needed: 2
channel: backups
"""

    places = [": ".join(mistake.split(": ")[:2]) for mistake in told(tmp_path, text)]

    assert places == [
        "copy-backup.yaml:3: accounts.prod.id",
        "copy-backup.yaml:8: accounts.backup.regions",
        "copy-backup.yaml:9: accounts.backup.role_arn",
        "copy-backup.yaml:11: approvals[0].when.destination_account",
        "copy-backup.yaml:11: approvals[0].when.tabel",
        "copy-backup.yaml:12: approvals[0].approvers[0]",
        "copy-backup.yaml:13: approvals[0].needed",
        "copy-backup.yaml:14: approvals[1].approvers",
        "copy-backup.yaml:15: approvals[1].needed",
        "copy-backup.yaml:16: channel",
    ]


def test_a_key_written_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    assert told(tmp_path, prod("regions: [us-east-1]")) == [
        "copy-backup.yaml:5: accounts.prod.regions: written twice, the first time in line 4"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("accounts: [1\napprovals: 2\n", "2: not valid YAML: expected ',' or ']', but got ':'"),
        ("accounts:\n\tprod: 1\n", "2: not valid YAML: found character '\\t' that cannot start any token"),
        ("accounts: 'x\n", "2: not valid YAML: found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", "2: not valid YAML: but found another document"),
        (b"accounts:\n  caf\xe9: 1\n", "2: expected UTF-8 text"),
        ("accounts:\n\n  x: \x07\n", "3: expected text, got the control character '\\x07'"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert told(tmp_path, text) == [f"copy-backup.yaml:{expected}"]


def test_a_file_without_its_sections_is_told_what_is_missing(tmp_path: Path) -> None:
    accounts, approvals = told(tmp_path, "channel: C0BACKUPS\n")

    assert accounts.startswith("copy-backup.yaml:1: accounts: missing, expected a mapping from a name of your choice")
    assert approvals.startswith("copy-backup.yaml:1: approvals: missing, expected a list of one or more rules")


def test_tags_of_other_tools_are_told_instead_of_being_taken_as_text(tmp_path: Path) -> None:
    assert told(tmp_path, MINIMAL_EXAMPLE + "channel: !ENV C0BACKUPS\n") == [
        "copy-backup.yaml:7: channel: expected a plain value, got the tag !ENV"
    ]


def test_an_alias_of_what_contains_it_ends_in_a_sentence(tmp_path: Path) -> None:
    assert (
        "copy-backup.yaml:7: notices.expiry_lead_days: expected a value, got an alias (*) of something that contains it"
    ) in told(tmp_path, top("notices: &all {expiry_lead_days: *all}"))


def test_a_key_that_is_no_word_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, MINIMAL_EXAMPLE + "? [a, b]\n: 1\n") == [
        "copy-backup.yaml:1: expected a word as key in line 7, got a list or mapping"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "external_id: hunter2 hunter2",
        "external_id: *hunter2",
        "external_id: 'hunter2",
        "external_id: [hunter2]",
        'external_id: "hunter2\\q"',
        "external_id: hunter2: hunter2",
        "external_id: hunter2",
    ],
)
def test_no_mistake_shows_the_external_id(tmp_path: Path, line: str) -> None:
    mistakes = told(tmp_path, prod(line))

    assert mistakes
    assert "hunter2" not in "\n".join(mistakes)


def test_lists_within_lists_without_end_are_refused_in_words(tmp_path: Path) -> None:
    mistakes = told(tmp_path, "accounts: " + "[" * 5_000 + "]" * 5_000)

    assert mistakes == ["copy-backup.yaml:1: expected accounts, approvals and notices, got lists within lists"]


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    assert told(tmp_path, "\n".join(rows)) == ["copy-backup.yaml:1: more than 20,000 values, aliases (*) included"]
