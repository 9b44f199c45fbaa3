"""The ways that a schedule's copies take, as a form's answer names them: vaults, and named routes of several hops."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.backups import Vault
from bot.domain.errors import BadInput
from bot.domain.ports import Policy
from bot.domain.routes import Hop, Route
from bot.domain.sheets import MANY, Sheet
from bot.workflows.places import Places

FIELD = "ways"
MOST_WAYS = 5
_ROUTE = "route:"

Way = tuple[Hop, ...]


@dataclass
class Ways:
    places: Places
    policy: Policy

    def routes(self) -> Sequence[Route]:
        return self.policy.routes

    def chosen(self, sheet: Sheet) -> tuple[tuple[str, Route | Vault], ...]:
        """What was chosen and is still there, each with its answer."""
        found = ((answer, self._known(answer)) for answer in _answers(sheet))
        return tuple((answer, known) for answer, known in found if known is not None)

    def read(self, sheet: Sheet, source: tuple[str, str]) -> tuple[Way, ...]:
        """The ways, none of which ends where the tables are. Raises BadInput."""
        answers = _answers(sheet)
        if not answers:
            raise BadInput(FIELD, "Choose where the copies go.")
        if len(answers) > MOST_WAYS:
            raise BadInput(FIELD, f"Choose {MOST_WAYS} destinations at most.")
        ways = tuple(self._way(answer) for answer in answers)
        for hop in (hop for way in ways for hop in way):
            if (hop.vault.account, hop.vault.region) == source:
                raise BadInput(FIELD, "Choose vaults in another account or Region than the tables are in.")
        ends = [hop.vault for way in ways for hop in way]
        twice = next((vault for vault in ends if ends.count(vault) > 1), None)
        if twice is not None:
            raise BadInput(FIELD, f"Two of these ways lead to the vault {twice.name}: AWS would copy there twice.")
        return ways

    def _way(self, answer: str) -> Way:
        if not answer.startswith(_ROUTE):
            return (Hop(self.places.vault(answer, FIELD).ref),)
        route = self._route(answer)
        if route is None:
            raise BadInput(FIELD, f"The route {answer.removeprefix(_ROUTE)[:40]} is not in the configuration any more.")
        return route.hops

    def _known(self, answer: str) -> Route | Vault | None:
        return self._route(answer) if answer.startswith(_ROUTE) else self.places.known_vault(answer)

    def _route(self, answer: str) -> Route | None:
        return next((route for route in self.policy.routes if route_answer(route) == answer), None)


def route_answer(route: Route) -> str:
    """How a form's answer names a route."""
    return f"{_ROUTE}{route.name}"


def _answers(sheet: Sheet) -> list[str]:
    """The answers, in order; a form from before several could be chosen has one."""
    return list(dict.fromkeys(filter(None, (sheet.answer(FIELD) or sheet.answer("vault")).split(MANY))))
