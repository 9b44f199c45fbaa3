"""Every scene there is, by name."""

from collections.abc import Mapping

from tests.chaos import scenes_of_asking, scenes_of_copies, scenes_of_schedules
from tests.chaos.scenes import Scene

SCENES: Mapping[str, Scene] = {
    scene.name: scene for scene in (*scenes_of_copies.SCENES, *scenes_of_asking.SCENES, *scenes_of_schedules.SCENES)
}
