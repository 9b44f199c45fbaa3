"""The section `notices:` of copy-backup.yaml: what it becomes, and how each mistake in it is told."""

from datetime import time
from pathlib import Path

import pytest

from bot.domain.copies import AdoptRule
from bot.domain.notices import NoticeKind
from bot.domain.routing import Digest, NoticePolicy, Quiet, Route
from bot.settings.policy import MINIMAL_EXAMPLE, read_policy

WHOLE = """\
notices:
  expiry_lead_days: [30, 7, 1]
  ops_channel: C0OPS
  routes:
    - channel: C0AUDIT
    - when: {table: "orders-*", source_account: prod, action: copy}
      channel: C0ORDERS
      about: [failed, expiring]
      instead: true
  quiet: {from: "22:00", to: "07:30", zone: Europe/Berlin}
  digest: {at: "09:00", zone: Europe/Berlin, channel: C0DIGEST}
"""
CHANNEL = "the id of a Slack channel (C… or G…), not its name"
TIME = 'a time of day in quotes such as "22:00"'
ZONE = "the name of a time zone such as Europe/Berlin or UTC"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def policy_of(tmp_path: Path, text: str) -> NoticePolicy:
    policy, mistakes = read_policy(write(tmp_path, text), 30.0)
    assert mistakes == []
    assert policy is not None
    return policy.notices


def told(tmp_path: Path, notices: str, top: str = "") -> list[str]:
    """The mistakes of a file with this section, without its name; the section begins in line 7."""
    policy, mistakes = read_policy(write(tmp_path, f"{MINIMAL_EXAMPLE}notices: {{{notices}}}\n{top}"), 30.0)
    assert policy is None
    return [mistake.replace(f"{tmp_path}/copy-backup.yaml:", "") for mistake in mistakes]


def test_the_whole_section_becomes_the_policy(tmp_path: Path) -> None:
    outcomes = (NoticeKind.COMPLETED, NoticeKind.FAILED, NoticeKind.EXPIRING, NoticeKind.EXPIRED)

    assert policy_of(tmp_path, MINIMAL_EXAMPLE + WHOLE) == NoticePolicy(
        ops_channel="C0OPS",
        routes=(
            Route("C0AUDIT", about=outcomes),
            Route(
                "C0ORDERS",
                when=(("source_account", "prod"), ("table", "orders-*"), ("action", "copy")),
                about=(NoticeKind.FAILED, NoticeKind.EXPIRING),
                instead=True,
            ),
        ),
        quiet=Quiet(time(22), time(7, 30), "Europe/Berlin"),
        digest=Digest(time(9), "Europe/Berlin", "C0DIGEST"),
    )


def test_without_the_section_nothing_is_routed_or_put_off(tmp_path: Path) -> None:
    assert policy_of(tmp_path, MINIMAL_EXAMPLE) == NoticePolicy()


def test_a_digest_without_a_channel_goes_to_the_usual_one(tmp_path: Path) -> None:
    text = 'channel: C0BACKUPS\nnotices: {digest: {at: "09:00", zone: UTC}}\n'

    assert policy_of(tmp_path, MINIMAL_EXAMPLE + text).digest == Digest(time(9), "UTC", "C0BACKUPS")


def test_copies_made_elsewhere_are_adopted_by_patterns(tmp_path: Path) -> None:
    text = (
        "channel: C0X\nnotices: {adopt: [{account: prod, vault: 'dr-*', channel: C0DBA}, {account: 'p*', table: t}]}\n"
    )

    assert policy_of(tmp_path, MINIMAL_EXAMPLE + text).adopt == (
        AdoptRule("prod", "dr-*", channel="C0DBA"),
        AdoptRule("p*", table="t"),
    )


@pytest.mark.parametrize(
    ("notices", "mistake"),
    [
        (
            "adopt: [{account: prd, channel: C0X}]",
            '7: notices.adopt[0].account: expected one of prod, or a pattern with *, got "prd"; did you mean prod?',
        ),
        (
            "adopt: [{account: prod}]",
            "7: notices.adopt[0].channel: missing, expected the id of a Slack channel (C… or G…), "
            "since the file names no usual one",
        ),
        (
            "adopt: [{vault: dr, channel: C0X}]",
            "7: notices.adopt[0].account: missing, expected a name, or a pattern with * and ? such as orders-*",
        ),
        ("adopt: [{account: prod, vault: 'a b', channel: C0X}]", "7: notices.adopt[0].vault: expected a name, or a"),
        (
            "adopt: [{account: prod, valut: dr, channel: C0X}]",
            "7: notices.adopt[0].valut: unknown key; did you mean vault? (known here: account, vault, table, channel)",
        ),
        ("adopt: backup", "7: notices.adopt: expected a list of copies made elsewhere such as"),
        ("ops_channel: ops", f'7: notices.ops_channel: expected {CHANNEL}, got "ops"'),
        ("quiet: {from: 22:00, to: 7, zone: UTC}", f"7: notices.quiet.to: expected {TIME}, got 7 (a number)"),
        ('quiet: {from: "24:00", to: "07:00", zone: UTC}', f'7: notices.quiet.from: expected {TIME}, got "24:00"'),
        (
            'quiet: {from: "22:00", to: "07:00", zone: Europe/Berln}',
            f'7: notices.quiet.zone: expected {ZONE}, got "Europe/Berln"',
        ),
        (
            'quiet: {from: "22:00", to: "07:00", zone: ../../etc}',
            f'7: notices.quiet.zone: expected {ZONE}, got "../../etc"',
        ),
        ('quiet: {from: "22:00", zone: UTC}', f"7: notices.quiet.to: missing, expected {TIME}"),
        (
            'quiet: {frm: "22:00", to: "07:00", zone: UTC}',
            "7: notices.quiet.frm: unknown key; did you mean from? (known here: from, to, zone)",
        ),
        (
            'quiet: {from: "22:00", to: "22:00", zone: UTC}',
            "7: notices.quiet.to: expected another time than from, since the quiet hours would have no length",
        ),
        (
            "quiet: night",
            '7: notices.quiet: expected a mapping such as {from: "22:00", to: "07:00", zone: Europe/Berlin}, '
            'got "night"',
        ),
        (
            'digest: {at: "09:00", zone: UTC}',
            "7: notices.digest.channel: missing, expected the id of a Slack channel (C… or G…), "
            "since the file names no usual one",
        ),
        ("routes: [{when: {table: x}}]", f"7: notices.routes[0].channel: missing, expected {CHANNEL}"),
        (
            "routes: [{channel: C0X, about: [failed, done]}]",
            '7: notices.routes[0].about[1]: expected one of completed, failed, expiring, expired, got "done"',
        ),
        (
            "routes: [{channel: C0X, when: {source_account: prd}}]",
            '7: notices.routes[0].when.source_account: expected one of prod, or a pattern with *, got "prd"; '
            "did you mean prod?",
        ),
        (
            "routes: [{channel: C0X, when: {tabel: x}}]",
            "7: notices.routes[0].when.tabel: unknown key; did you mean table? (known here: source_account, "
            "source_region, destination_account, destination_region, destination_vault, table, action)",
        ),
        (
            "routes: {channel: C0X}",
            "7: notices.routes: expected a list of routes such as - {when: {table: orders-*}, channel: C0ORDERS}, "
            "got a mapping",
        ),
    ],
)
def test_each_mistake_is_told_with_its_place_and_what_was_expected(tmp_path: Path, notices: str, mistake: str) -> None:
    assert any(one.startswith(mistake) for one in told(tmp_path, notices))
