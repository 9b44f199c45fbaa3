"""The stories that `copy-backup demo --story NAME` can play."""

from collections.abc import Mapping

from bot.sandbox.expiry_story import ExpiryStory
from bot.sandbox.order_stories import AdvancedStory, ExtendStory, SequenceStory, VaultStory
from bot.sandbox.story import Story
from bot.sandbox.table_stories import DrillStory, PlanStory, RecurringStory, RestoreStory

MAIN = "copy"
STORIES: Mapping[str, type[Story]] = {
    MAIN: Story,
    "restore": RestoreStory,
    "drill": DrillStory,
    "plan": PlanStory,
    "recurring": RecurringStory,
    "vault": VaultStory,
    "advanced": AdvancedStory,
    "sequence": SequenceStory,
    "extend": ExtendStory,
    "expiry": ExpiryStory,
}
