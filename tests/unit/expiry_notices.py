"""What can be said about a copy that is watched, for the golden files of messages in a thread and alone."""

from datetime import timedelta
from typing import Any

from bot.domain.notices import NoticeKind
from tests.unit.builders import COPIES, COPY_ARN
from tests.unit.fakes import NOW

END = int((NOW + timedelta(days=30)).timestamp())
LATER = int((NOW + timedelta(days=60)).timestamp())
COPY = {"copy_arn": COPY_ARN, "vault_arn": COPIES.arn, "table": "orders", "delete_at": END}
BOTH = ["remind in a day", "remind in a week"]
CHANGE = {**COPY, "of": "copy", "before": LATER, "after": END, "gone": False}
ORIGIN = {**COPY, "of": "origin", "before": END, "after": LATER, "gone": False}

EXPIRY_NOTICES: dict[str, tuple[NoticeKind, dict[str, Any]]] = {
    "expiring": (NoticeKind.EXPIRING, {**COPY, "lead_days": 30, "snoozes": BOTH}),
    "expiring-tomorrow": (NoticeKind.EXPIRING, {**COPY, "lead_days": 1, "snoozes": []}),
    "expiring-last": (NoticeKind.EXPIRING, {**COPY, "lead_days": 7, "last": True, "unseen": 0, "snoozes": BOTH[:1]}),
    "expiring-last-unseen": (
        NoticeKind.EXPIRING,
        {**COPY, "lead_days": 7, "last": True, "unseen": 2, "snoozes": BOTH[:1]},
    ),
    "expiring-reminder": (NoticeKind.EXPIRING, {**COPY, "lead_days": 30, "reminder": True, "snoozes": BOTH}),
    "expiring-before-an-upgrade": (NoticeKind.EXPIRING, {**COPY, "lead_days": 7, "delete_at": None}),
    "expired": (NoticeKind.EXPIRED, {**COPY, "early": False}),
    "expired-early": (NoticeKind.EXPIRED, {**COPY, "early": True}),
    "expired-undeletable": (NoticeKind.EXPIRED, {**COPY, "early": False, "undeletable": True}),
    "expired-unseen": (NoticeKind.EXPIRED, {**COPY, "early": False, "unseen": True}),
    "end-sooner": (NoticeKind.END_CHANGED, CHANGE),
    "end-later": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": LATER, "delete_at": LATER}),
    "end-none": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": None, "delete_at": None}),
    "end-of-source": (NoticeKind.END_CHANGED, ORIGIN),
    "end-of-source-gone": (NoticeKind.END_CHANGED, {**ORIGIN, "after": None, "gone": True}),
    "let-go": (NoticeKind.WATCHED, {**COPY, "what": "let go", "by": "U0BEN"}),
    "told-again": (NoticeKind.WATCHED, {**COPY, "what": "told again", "by": "U0BEN"}),
    "snoozed": (NoticeKind.WATCHED, {**COPY, "what": "snoozed", "by": "U0BEN", "until": END - 86_400}),
    "snoozed-sooner": (
        NoticeKind.WATCHED,
        {**COPY, "what": "snoozed", "by": "U0BEN", "until": END - 604_800, "instead": END - 86_400},
    ),
    "snoozed-later": (
        NoticeKind.WATCHED,
        {**COPY, "what": "snoozed", "by": "U0BEN", "until": END - 604_800, "promised": True},
    ),
    "extending": (
        NoticeKind.WATCHED,
        {
            **COPY,
            "what": "extending",
            "by": "U0BEN",
            "other": "CB-43",
            "other_channel": "C0DBA",
            "link": "https://example/1",
        },
    ),
    "extending-unlinked": (
        NoticeKind.WATCHED,
        {**COPY, "what": "extending", "by": "U0BEN", "other": "CB-43", "other_channel": "C0DBA"},
    ),
}
# Said in a channel, since others made the copy and no request has a thread for it.
ADOPTED: dict[str, tuple[NoticeKind, dict[str, Any]]] = {
    "adopted": (NoticeKind.WATCHED, {**COPY, "what": "adopted", "by": "U0BEN"}),
    "adopted-dropped": (NoticeKind.WATCHED, {**COPY, "what": "dropped", "by": "U0BEN"}),
    "adopted-expiring": (NoticeKind.EXPIRING, {**COPY, "lead_days": 30, "snoozes": BOTH, "adopted_by": "U0BEN"}),
    "adopted-expiring-configured": (NoticeKind.EXPIRING, {**COPY, "lead_days": 7, "last": True, "snoozes": []}),
    "adopted-expired": (NoticeKind.EXPIRED, {**COPY, "early": False}),
    "adopted-end-later": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": LATER, "delete_at": LATER}),
    "adopted-private": (NoticeKind.PRIVATE, {"sentence": "This copy is gone."}),
}
