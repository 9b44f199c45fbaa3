"""Scenes: what people do beside asking and approving, each played alone, with what has to come of it in the end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.notices import NoticeKind
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.stage import Stage
from tests.chaos.witness import Seen, Verdict, judge_all

Count = tuple[str, int, int]
"""What is counted, how much of it there is, how much there has to be."""


def as_it_is(config: str) -> str:
    return config


def no_more(worlds: LocalWorlds) -> None:
    """Nothing but what every world has."""


def nothing(stage: Stage) -> Iterator[Count]:
    yield from ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What is played, in which company, and what has to be counted in Slack and AWS when it is over.

    `told`: how many notices of each kind the whole workspace has; of other kinds there is no number, but none is
    there twice. `jobs`: copy jobs in AWS. `counts`: whatever else. `given_up`: results that operators are told of, not
    the request's people, because Slack never took them.
    """

    name: str
    play: Callable[[Stage], None]
    told: Mapping[NoticeKind, int] = field(default_factory=dict)
    jobs: int = 0
    given_up: int = 0
    config: Callable[[str], str] = as_it_is
    furnish: Callable[[LocalWorlds], None] = no_more
    counts: Callable[[Stage], Iterator[Count]] = nothing


def judge_scene(scene: Scene, stage: Stage) -> Verdict:
    """Hold what Slack and AWS saw against what has to come of the scene."""
    seen: Seen = stage.seen
    verdict = judge_all(seen, scene.given_up)
    for kind, due in scene.told.items():
        verdict.compare(f"notices {kind}", len(seen.all_of(kind)), due)
    verdict.compare("copy jobs", len(seen.jobs()), scene.jobs)
    for what, found, due in scene.counts(stage):
        verdict.compare(what, found, due)
    return verdict
