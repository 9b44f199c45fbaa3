"""A local AWS for trial and test: moto, with the parts of AWS Backup that moto lacks."""

from bot.sandbox.aws.faults import Fault, Faults
from bot.sandbox.aws.identity import Role, access_key
from bot.sandbox.aws.plugin import in_process, install, uninstall
from bot.sandbox.aws.server import LocalAws
from bot.sandbox.aws.state import HOME_ACCOUNT, ApiCall
from bot.sandbox.aws.world import AwsWorld, per_gigabyte

__all__ = [
    "HOME_ACCOUNT",
    "ApiCall",
    "AwsWorld",
    "Fault",
    "Faults",
    "LocalAws",
    "Role",
    "access_key",
    "in_process",
    "install",
    "per_gigabyte",
    "uninstall",
]
