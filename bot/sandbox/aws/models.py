"""moto's AWS Backup back end with our books in it, so that moto's own reset clears them too."""

from moto.backup.models import BackupBackend

from bot.sandbox.aws.books import Books


class SandboxBackupBackend(BackupBackend):
    """One account and Region of the local AWS Backup. moto finds `urls.py` beside this module by its name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.books = Books(account_id, region_name)
