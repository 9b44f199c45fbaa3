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
WARNED = {**COPY, "lead_days": 30, "snoozes": BOTH}
SOON = int((NOW + timedelta(hours=17, minutes=23)).timestamp())
IN_DAYS = int((NOW + timedelta(days=5, hours=3, minutes=40)).timestamp())
BY_BEN = {"by": "U0BEN", "at": int((NOW + timedelta(hours=1)).timestamp())}
BY_NOBODY = {**BY_BEN, "by": ""}
BACKUP = {**COPY, "noun": "backup"}
NOTHING_LEFT = {"last": True, "left": 0, "older": None, "places": 0}
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
    "expiring-reminder-named": (
        NoticeKind.EXPIRING,
        {**COPY, "lead_days": 30, "reminder": True, "asked_by": ["U0BEN", "U0DORA"], "snoozes": BOTH},
    ),
    "expiring-newer": (
        NoticeKind.EXPIRING,
        {**WARNED, "answered": {"how": "newer", **BY_NOBODY, "snoozes": BOTH[:1]}},
    ),
    # After an outage: the time that is really left, and what was missed.
    "expiring-late": (
        NoticeKind.EXPIRING,
        {**COPY, "delete_at": SOON, "lead_days": 1, "missed": [30, 7], "snoozes": []},
    ),
    "expiring-late-by-one": (NoticeKind.EXPIRING, {**COPY, "delete_at": IN_DAYS, "lead_days": 7, "missed": [30]}),
    "expiring-let-go": (NoticeKind.EXPIRING, {**WARNED, "answered": {"how": "let go", **BY_BEN}}),
    "expiring-told-again": (NoticeKind.EXPIRING, {**WARNED, "answered": {"how": "told again", **BY_BEN}}),
    "expiring-put-off": (NoticeKind.EXPIRING, {**WARNED, "answered": {"how": "snoozed", **BY_BEN, "until": SOON}}),
    "expiring-moved": (NoticeKind.EXPIRING, {**WARNED, "answered": {"how": "moved", **BY_NOBODY}}),
    "expiring-over": (NoticeKind.EXPIRING, {**WARNED, "answered": {"how": "over", **BY_NOBODY}}),
    "expiring-last-by-now": (
        NoticeKind.EXPIRING,
        {**WARNED, "answered": {"how": "open", **BY_NOBODY, "last": True, "unseen": 1, "snoozes": BOTH[:1]}},
    ),
    "expiring-before-an-upgrade": (NoticeKind.EXPIRING, {**COPY, "lead_days": 7, "delete_at": None}),
    "expired": (NoticeKind.EXPIRED, {**COPY, "early": False}),
    "expired-early": (NoticeKind.EXPIRED, {**COPY, "early": True}),
    "expired-early-others": (NoticeKind.EXPIRED, {**COPY, "early": True, "last": False, "left": 2}),
    "expired-early-last": (NoticeKind.EXPIRED, {**COPY, "early": True, **NOTHING_LEFT, "places": 1}),
    "expired-last": (NoticeKind.EXPIRED, {**COPY, "early": False, **NOTHING_LEFT}),
    "expired-last-older": (NoticeKind.EXPIRED, {**COPY, "early": False, **NOTHING_LEFT, "older": SOON, "places": 2}),
    "expired-undeletable": (NoticeKind.EXPIRED, {**COPY, "early": False, "undeletable": True}),
    "expired-unseen": (NoticeKind.EXPIRED, {**COPY, "early": False, "unseen": True}),
    "end-sooner": (NoticeKind.END_CHANGED, CHANGE),
    "end-later": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": LATER, "delete_at": LATER}),
    "end-none": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": None, "delete_at": None}),
    "end-of-source": (NoticeKind.END_CHANGED, ORIGIN),
    "end-of-source-gone": (NoticeKind.END_CHANGED, {**ORIGIN, "after": None, "gone": True}),
    "let-go": (NoticeKind.WATCHED, {**COPY, "what": "let go", "by": "U0BEN"}),
    "let-go-last": (NoticeKind.WATCHED, {**COPY, "what": "let go", "by": "U0BEN", "last": True}),
    "let-go-asked-for": (
        NoticeKind.WATCHED,
        {**COPY, "what": "let go", "by": "U0BEN", "other": "CB-43", "link": "https://home.example/CB-43"},
    ),
    "let-go-taken-back": (
        NoticeKind.WATCHED,
        {**COPY, "what": "let go", "by": "U0CHRIS", "answered": {"how": "told again", **BY_BEN}},
    ),
    "let-go-over": (
        NoticeKind.WATCHED,
        {**COPY, "what": "let go", "by": "U0CHRIS", "answered": {"how": "over", **BY_NOBODY}},
    ),
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
    "adopted-dropped-notice": (
        NoticeKind.EXPIRING,
        {**WARNED, "adopted_by": "U0BEN", "answered": {"how": "dropped", **BY_BEN}},
    ),
    # A table's own backup is no copy.
    "adopted-backup": (NoticeKind.WATCHED, {**BACKUP, "what": "adopted", "by": "U0BEN"}),
    "adopted-backup-expiring": (NoticeKind.EXPIRING, {**BACKUP, "lead_days": 30, "snoozes": BOTH, "last": True}),
    "adopted-backup-expired": (NoticeKind.EXPIRED, {**BACKUP, "early": False}),
    "adopted-buttons-stay": (NoticeKind.ANSWERED, {"told": "key", "answered": {"how": "over", **BY_NOBODY}}),
    "adopted-expired": (NoticeKind.EXPIRED, {**COPY, "early": False}),
    "adopted-end-later": (NoticeKind.END_CHANGED, {**CHANGE, "before": END, "after": LATER, "delete_at": LATER}),
    "adopted-private": (NoticeKind.PRIVATE, {"sentence": "This copy is gone."}),
}
