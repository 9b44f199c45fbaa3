"""The walk's views: pure functions of a draft and what its choices mean."""

from bot.domain.drafts import Draft, Page
from bot.slack.blocks import Block
from bot.slack.describe import Names
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.views.backup import backup_page
from commands.copy_backup.views.destination import destination_page
from commands.copy_backup.views.retention import retention_page
from commands.copy_backup.views.review import review_page

PAGES = {
    Page.BACKUP: backup_page,
    Page.DESTINATION: destination_page,
    Page.RETENTION: retention_page,
    Page.REVIEW: review_page,
}


def page_view(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    """The view of the draft's present page."""
    return PAGES[draft.form.page](draft, chosen, choices, names, problem)
