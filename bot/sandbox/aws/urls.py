"""moto's routing table for AWS Backup: one entry, because the botocore model tells the operations apart."""

from bot.sandbox.aws.responses import SandboxBackupResponse

url_bases = [r"https?://backup\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": SandboxBackupResponse.dispatch}
