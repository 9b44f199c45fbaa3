"""What a person is told when something went wrong that is not about the request: AWS, Slack, the database, a defect.

What AWS said comes in harmless, short and ending with a stop.
"""

DATABASE_FULL = (
    "My database has no space left, so I could not keep this and nothing was changed. An operator has to make room; "
    "then do it again."
)
DATABASE_SILENT = "My database does not answer just now. Nothing was changed; try again in a moment."
SLACK_SLOW = "Slack did not answer me in time. Nothing was changed; try again in a moment."
AWS_BUSY = "AWS is asked too often just now. Nothing was changed; try again in a minute."
OLD_VERSION = "This belongs to an older version of me and does nothing any more. Type `/copy-backup` to start anew."
OLD_BUTTON = (
    "This button belongs to an older version of me and does nothing any more. The request's newest message in this "
    "thread has the buttons that work; `/copy-backup status` finds it."
)
OLD_TITLE, CLOSE = "Copy Backup", "Close"


def aws_locks_out(said: str) -> str:
    return f"AWS does not let me in: {said} Nothing was changed; an operator has to mend this."


def slack_locks_out(code: str) -> str:
    """`code`: Slack's own name for what it minds; "" where it gave none."""
    named = f" ({code})" if code else ""
    return (
        f"Slack does not accept my token{named}. Nothing was changed; an operator has to install my app again and "
        "start me with its new token."
    )


def aws_refused(said: str) -> str:
    return f"AWS did not do what I asked: {said} Nothing was changed; try again in a moment."


def unforeseen(reference: str) -> str:
    return f"Something went wrong on my side, and nothing was changed. Operators find it in the log as {reference}."
