"""What approvers are told of a step besides what they agree to: findings, and what cannot be undone."""

from bot.domain.findings import Level
from bot.domain.irreversible import irreversible
from bot.domain.steps import TOLD
from bot.workflows.steps.work import Look


def shown_of(look: Look) -> dict[str, object]:
    """What a step keeps of how it looked: what binds, and under a key of its own what is only told."""
    return {**look.shown, TOLD: _told(look)}


def _told(look: Look) -> dict[str, object]:
    final = irreversible(look.params, look.vault)
    until = int(final.until.timestamp()) if final and final.until else None
    return {
        "findings": [
            [finding.level.name, finding.sentence] for finding in look.findings if finding.level is not Level.PASS
        ],
        "irreversible": {"why": final.why, "until": until, "days": final.days} if final else None,
    }
