"""Names that Slack sends back to us: callback ids of views, action ids of elements. Each is typed once, here."""

COMMAND = "/copy-backup"

WALK = "copy_backup.walk"
REJECT_FORM = "approval.reject_form"

TABLE = "table"
BACKUP = "backup"
ACCOUNT = "account"
REGION = "region"
VAULT = "vault"
KEEP = "keep"
DAYS = "days"
REASON = "reason"
BACK = "walk.back"
CHECK_AGAIN = "walk.check_again"

APPROVE = "request.approve"
REJECT = "request.reject"
CANCEL = "request.cancel"
RETRY = "request.retry"
NOTE = "note"
