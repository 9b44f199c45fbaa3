"""`copy-backup policy test`: which rule a request would fall under, who may approve it, and why."""

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.approvals import CopyFacts, Rule, Stage, first_match
from bot.domain.backups import Account
from bot.domain.conditions import read_days, read_size
from bot.domain.deciders import can_be_fulfilled, stranger
from bot.domain.errors import ConfigurationError, OutletError
from bot.domain.params import StepKind
from bot.domain.ports import People, Policy
from bot.domain.rule_check import rule_warnings
from bot.scheduler import SystemClock
from bot.settings import Settings
from bot.slack.client import slack_client
from bot.slack.people import SlackPeople
from bot.slack.text import duration

NO = "NOT SENDABLE"
NOT_SENDABLE = 1
Number = TypeVar("Number", int, float)


def policy_test(settings: Settings, options: argparse.Namespace) -> int:
    """Say the rule, its people and why; exit code 1 when such a request could not be sent."""
    sendable = True
    for line in _lines(settings, options):
        sys.stdout.write(f"{line}\n")
        sendable = sendable and not line.startswith(NO)
    return 0 if sendable else NOT_SENDABLE


def _lines(settings: Settings, options: argparse.Namespace) -> Iterator[str]:
    rules, facts = settings.policy.rules, facts_of(options, settings.policy)
    yield from (f"Take care: {warning}." for warning in rule_warnings(rules))
    yield from _asked(facts)
    rule = first_match(rules, facts)
    yield from _matching(rules, facts, rule)
    if rule is None:
        yield f"{NO}: no rule matches, so nobody may approve this."
        return
    yield from _conditions(rule)
    yield from _stages(rule)
    people = _people(settings)
    if people is None:
        yield "SLACK_BOT_TOKEN is not set, so user groups are named and not resolved."
        return
    try:
        yield from _live(rule, people, options.asker or "")
    except OutletError as error:
        yield f"{NO}: Slack does not say who may approve ({error.code or error.message})."


def facts_of(options: argparse.Namespace, policy: Policy) -> CopyFacts:
    """What is asked about, from the command line. Raises ConfigurationError for what is not in the configuration."""
    source, source_region, _ = _place("--from", options.source, policy)
    destination, region, vault = _place("--to", options.destination, policy)
    if options.action not in set(StepKind):
        raise ConfigurationError(f"--action: expected one of {', '.join(StepKind)}, got {options.action}")
    return CopyFacts(
        source_account=source,
        source_region=source_region,
        destination_account=destination,
        destination_region=region,
        destination_vault=vault,
        table=options.table,
        action=options.action,
        size=_read("--size", options.size, read_size, "a size such as 200GB"),
        retention=_read("--keep", options.keep, read_days, "a retention such as 90d, 10y or permanent"),
        irreversible=options.irreversible,
    )


def _place(option: str, text: str, policy: Policy) -> tuple[str, str, str]:
    alias, region, vault = [*text.split("/"), "", ""][:3]
    account: Account | None = next((one for one in policy.accounts if alias in (one.alias, one.id)), None)
    if account is None:
        known = ", ".join(one.alias for one in policy.accounts)
        raise ConfigurationError(f"{option}: expected ACCOUNT/REGION[/VAULT] with one of {known}, got {text}")
    if region not in account.regions:
        known = ", ".join(account.regions)
        raise ConfigurationError(f"{option}: {account.alias} has the Regions {known}, got {region or 'none'}")
    return account.alias, region, vault


def _read(option: str, text: str | None, read: Callable[[str], Number], expected: str) -> Number | None:
    try:
        return read(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{option}: expected {expected}, got {text}") from None


def _people(settings: Settings) -> People | None:
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return None
    client = slack_client(settings.slack_api_url, token=token)
    return SlackPeople(client, SystemClock(), shared_channels=settings.policy.allow_shared_channels)


def _asked(facts: CopyFacts) -> Iterator[str]:
    size = "unknown (takes the stricter rule)" if facts.size is None else f"{facts.size:,} bytes"
    kept = "unknown (takes the stricter rule)" if facts.retention is None else _days(facts.retention)
    undo = "cannot be undone" if facts.irreversible else "can be undone"
    yield (
        f"{facts.action} of {facts.table} from {facts.source_account}/{facts.source_region} to "
        f"{facts.destination_account}/{facts.destination_region}/{facts.destination_vault or '(any vault)'}; "
        f"size {size}; kept {kept}; {undo}"
    )


def _matching(rules: Sequence[Rule], facts: CopyFacts, decides: Rule | None) -> Iterator[str]:
    """Why each rule before the one that decides does not, and why that one does."""
    for number, rule in enumerate(rules):
        alone = [(key, condition, replace(rule, when=((key, condition),))) for key, condition in rule.when]
        misses = [f"{key}: {condition}" for key, condition, part in alone if not part.matches(facts)]
        if misses:
            yield f"approvals[{number}] does not match ({', '.join(misses)})"
            continue
        why = ", ".join(f"{key}: {condition}" for key, condition in rule.when) or "it matches everything"
        yield f"approvals[{number}] applies ({why})"
        if rule is decides:
            return


def _conditions(rule: Rule) -> Iterator[str]:
    yield f"Answer within {duration(rule.expires_after.total_seconds())}; without an answer it lapses."
    yield "Whoever asks may approve too." if rule.allow_self else "Whoever asks may not approve."
    for askers in rule.askers:
        yield f"Only {_names(askers)} may ask."
    if rule.escalate:
        after = duration(rule.escalate.after.total_seconds())
        yield f"After {after} without an answer {_names(rule.escalate.to)} may approve too."
    if rule.break_glass:
        yield f"{_names(rule.break_glass)} may go ahead without approvals (break-glass); a review stays open."
    if rule.override_findings:
        yield "Approvers may go ahead although pre-flight finds that it would fail."


def _stages(rule: Rule) -> Iterator[str]:
    for number, stage in enumerate(rule.stages, start=1):
        which = f"Stage {number}: " if len(rule.stages) > 1 else ""
        yield f"{which}{stage.needed} of {_names(stage.approvers)} must approve."


def _live(rule: Rule, people: People, asker: str) -> Iterator[str]:
    """Who that is in Slack now, and whether it is enough."""
    able: dict[Stage, frozenset[str]] = {}
    for stage in rule.stages:
        yield from _members(stage, people)
        able[stage] = _able(stage, rule, people, asker)
        if len(able[stage]) < stage.needed:
            yield f"{NO}: {stage.needed} must approve, and {len(able[stage])} could."
    if not can_be_fulfilled(rule.stages, able):
        yield f"{NO}: the stages share too few people, and nobody counts in two of them."
    if asker and not all(asker in people.approvers(askers) for askers in rule.askers):
        yield f"{NO}: {asker} may not ask."


def _members(stage: Stage, people: People) -> Iterator[str]:
    for listed in stage.approvers:
        users = people.approvers([listed])
        persons = people.persons(users)
        named = ", ".join(f"{one} ({persons[one].name if one in persons else 'not there'})" for one in sorted(users))
        yield f"{'User group' if listed.startswith('S') else 'User'} {listed} is now: {named or 'nobody'}"


def _able(stage: Stage, rule: Rule, people: People, asker: str) -> frozenset[str]:
    named = people.approvers(stage.approvers) - (frozenset() if rule.allow_self else {asker})
    home = people.home_team()
    persons = people.persons(named)
    return frozenset(user for user, one in persons.items() if not stranger(one, home, guests=rule.allow_guests))


def _names(ids: Sequence[str]) -> str:
    return ", ".join(f"{'user group ' if one.startswith('S') else ''}{one}" for one in ids)


def _days(number: float) -> str:
    return "without an end" if number == math.inf else f"{number:g} days"
