"""What an organization forbids its accounts in the local AWS: service control policies and tag policies."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.aws import policies
from bot.sandbox.aws.organization import Directory
from bot.sandbox.aws.policies import Caller, Verdict

_ASSIGN = "@@assign"


class Governance:
    """Keep one policy of each kind for an account; they count only while the account is in an organization.

    Emulator decision: AWS's own FullAWSAccess stays attached beside a service control policy, so that it only denies;
    units and roots have none.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._control: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, dict[str, list[str]]] = {}

    def set_control_policy(self, account: str, policy: Mapping[str, Any] | None) -> None:
        """Attach a service control policy, or take it off. Raises ValueError for what cannot be judged."""
        self._control.pop(account, None)
        if policy is not None:
            self._control[account] = policies.parse(json.dumps(policy))

    def set_tag_policy(self, account: str, policy: Mapping[str, Any] | None) -> None:
        """Attach a tag policy as Organizations writes it, or take it off. Raises ValueError for what is none."""
        self._tags.pop(account, None)
        if policy is not None:
            self._tags[account] = _values_of(policy)

    def controls(self, account: str) -> bool:
        """Tell whether a service control policy binds the account; AWS spares the one that manages the organization."""
        organization = self._directory.organization_of(account)
        return account in self._control and organization is not None and organization.management_account != account

    def denies(self, caller: Caller, action: str, resource: str) -> bool:
        """Tell whether the caller's account has a service control policy that denies this explicitly."""
        if not self.controls(caller.account):
            return False
        verdict = policies.evaluate_identity(self._control[caller.account], caller, action, resource)
        return verdict is Verdict.DENIED

    def refused_tag(self, account: str, tags: Mapping[str, str]) -> str | None:
        """Find the first tag (its key) whose value the account's tag policy does not allow on AWS Backup's resources.

        A tag that is missing offends no tag policy. Emulator decision: how a key is capitalized is not judged.
        """
        allowed = self._tags.get(account, {}) if self._directory.organization_of(account) else {}
        return next(
            (key for key, value in sorted(tags.items()) if key in allowed and not _fits(value, allowed[key])), None
        )


def tag_refusal(key: str) -> str:
    """Refuse a tag in AWS's words."""
    return f"The tag policy does not allow the specified value for the following tag key: '{key}'."


def _values_of(policy: Mapping[str, Any]) -> dict[str, list[str]]:
    """Read the allowed values by key. Without `enforced_for` a tag policy only reports."""
    if not isinstance(policy.get("tags"), Mapping):
        raise ValueError("a tag policy is a JSON object with tags")
    rules = [(name, rule) for name, rule in policy["tags"].items() if _assigned(rule, "enforced_for", [])]
    return {str(_assigned(rule, "tag_key", name)): list(_assigned(rule, "tag_value", ["*"])) for name, rule in rules}


def _assigned(rule: Any, member: str, otherwise: Any) -> Any:
    """Give what a member of a rule is set to; of the operators of inheritance there is only this one here."""
    if not isinstance(rule, Mapping) or not isinstance(rule.get(member, {}), Mapping):
        raise ValueError(f"{member} of a tag policy is an object with {_ASSIGN}")
    return rule.get(member, {}).get(_ASSIGN, otherwise)


def _fits(value: str, allowed: list[str]) -> bool:
    return any(policies.like(value, pattern) for pattern in allowed)
