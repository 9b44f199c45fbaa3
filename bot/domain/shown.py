"""Whether what people approved still holds: what they were shown of a step, beside what the world shows now."""

from collections.abc import Mapping

from bot.domain.steps import TOLD

FAILS = "fails"
AROUND = "surroundings"
COST = "cost"

_OWN = {
    "source_end": "The end of the source backup has changed since it was shown.",
    "source": "The source backup has changed since it was shown.",
    COST: "What this copy costs has changed since it was shown.",
}
_AROUND = {
    "vault_policy": "The access policy of the destination vault has changed since it was shown.",
    "source_policy": "The access policy of the source vault has changed since it was shown.",
    "key": "The key of the destination vault, or its policy, has changed since it was shown.",
    "source_key": "The key of the source vault, or its policy, has changed since it was shown.",
    "organization": "The organization of the source account has changed since it was shown.",
    "destination_organization": "The organization of the destination account has changed since it was shown.",
    "cross_account": "The organization's switch for copies to other accounts has changed since it was shown.",
    "role_trust": "The trust policy of the copy role has changed since it was shown.",
}
_OTHER = "The destination vault, or what the bot can see of it, has changed since it was shown."


def changes(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """Say, in sentences, what is another than people were shown; nothing when their approval holds.

    What could not be seen on one of the two occasions is no change: AWS has the last word on it. A reason to fail that
    people knew of and that is gone is none either.
    """
    plain = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)} - {FAILS, AROUND, TOLD}
    if not _differs(before.get(COST), now.get(COST)):
        plain.discard(COST)
    told = [sentence for key, sentence in _OWN.items() if key in plain]
    if plain - _OWN.keys():
        told.append(_OTHER)
    told += [sentence for key, sentence in _AROUND.items() if _differs(_part(before, key), _part(now, key))]
    if set(_codes(now)) - set(_codes(before)):
        told.append("Something that would make it fail has come up since it was shown.")
    return tuple(dict.fromkeys(told))


def _differs(before: object, now: object) -> bool:
    return before is not None and now is not None and before != now


def _part(shown: Mapping[str, object], key: str) -> object:
    around = shown.get(AROUND)
    return around.get(key) if isinstance(around, Mapping) else None


def _codes(shown: Mapping[str, object]) -> list[str]:
    found = shown.get(FAILS)
    return [str(code) for code in found] if isinstance(found, list | tuple) else []
