"""Whether what people approved still holds: what they were shown of a step, beside what the world shows now."""

import math
from collections.abc import Mapping

from bot.domain.cost import Prices, fees_of
from bot.domain.params import Params, SetRetentionParams
from bot.domain.sentences import changes as words
from bot.domain.steps import TOLD

FAILS = "fails"
AROUND = "surroundings"
COST = "cost"
COPIES = "copies"

_OWN = {
    "source_end": words.SOURCE_END,
    "source": words.SOURCE,
    COST: words.COST,
}
_AROUND = {
    "vault_policy": words.VAULT_POLICY,
    "source_policy": words.SOURCE_POLICY,
    "key": words.KEY,
    "source_key": words.SOURCE_KEY,
    "organization": words.ORGANIZATION,
    "destination_organization": words.DESTINATION_ORGANIZATION,
    "cross_account": words.CROSS_ACCOUNT,
    "role_trust": words.ROLE_TRUST,
}


def changes(
    before: Mapping[str, object],
    now: Mapping[str, object],
    *,
    approving: bool = False,
    params: Params | None = None,
) -> tuple[str, ...]:
    """Say, in sentences, what is another than people were shown; nothing when their approval holds.

    What could not be seen on one of the two occasions is no change: AWS has the last word on it. A reason to fail that
    people knew of and that is gone is none either. Whoever is `approving` was not shown a copy that was made since;
    between approval and start it may be the one that this copy waited for. `params`: those of the step as it is now.
    """
    plain = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)} - {FAILS, AROUND, TOLD}
    if not _differs(before.get(COST), now.get(COST)):
        plain.discard(COST)
    told = [sentence for key, sentence in _own(params).items() if key in plain]
    if plain - _OWN.keys():
        told.append(words.OTHER)
    told += [sentence for key, sentence in _AROUND.items() if _differs(_part(before, key), _part(now, key))]
    if approving and _number(_part(now, COPIES), 0) > _number(_part(before, COPIES), None):
        told.append(words.COPIED)
    if set(_codes(now)) - set(_codes(before)):
        told.append(words.FAILS_NOW)
    return tuple(dict.fromkeys(told))


def cost_part(params: Params, prices: Prices) -> Mapping[str, object]:
    """What a step costs, as a part of what people are shown and agree to; nothing where it costs nothing more."""
    fees = fees_of(params, prices)
    return {COST: fees.facts()} if fees else {}


def _own(params: Params | None) -> Mapping[str, str]:
    """What each part is called: a change of retention has no source, but a backup whose end it is about."""
    if not isinstance(params, SetRetentionParams):
        return _OWN
    end = words.new_end(params.point.delete_at, params.end, params.days_lost)
    return {**_OWN, "source_end": end, "source": words.KEPT_BACKUP}


def _differs(before: object, now: object) -> bool:
    return before is not None and now is not None and before != now


def _number(value: object, otherwise: int | None) -> float:
    """A number of copies; what could not be seen before is no fewer than what is seen now."""
    known = value if isinstance(value, int) else otherwise
    return math.inf if known is None else known


def _part(shown: Mapping[str, object], key: str) -> object:
    around = shown.get(AROUND)
    return around.get(key) if isinstance(around, Mapping) else None


def _codes(shown: Mapping[str, object]) -> list[str]:
    found = shown.get(FAILS)
    return [str(code) for code in found] if isinstance(found, list | tuple) else []
