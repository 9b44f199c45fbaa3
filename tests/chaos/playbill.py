"""Every scene there is, by name."""

from collections.abc import Mapping

from tests.chaos import scenes_of_asking, scenes_of_copies, scenes_of_schedules, scenes_of_trouble
from tests.chaos.scenes import Scene

_ALL = (
    *scenes_of_copies.SCENES,
    *scenes_of_asking.SCENES,
    *scenes_of_schedules.SCENES,
    *scenes_of_trouble.SCENES,
)
SCENES: Mapping[str, Scene] = {scene.name: scene for scene in _ALL}
