"""The local AWS in a process of its own, so that a bench does not time the emulator's work as the bot's."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.sandbox.aws import HOME_ACCOUNT, access_key

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ADDRESS = "export AWS_ENDPOINT_URL="


class ServedAws:
    """Its address, and its door for shaping it by hand."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, path: str, verb: str = "POST", **body: object) -> Any:
        """Call one of the doors under `/_world`."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_world{path}", data, {"Content-Type": "application/json"}, method=verb
        )
        with _OPENER.open(request, timeout=600) as answer:
            return json.loads(answer.read())

    def answer_after(self, seconds: float) -> None:
        """Hold every answer of AWS Backup back for so long, as distance does."""
        self.tell("/faults", "DELETE")
        if seconds:
            self.tell("/faults", fault="slow", operation="backup:*", seconds=seconds)


@contextmanager
def served_aws(*, empty: bool = True) -> Iterator[ServedAws]:
    """Start a local AWS, empty or with its sample accounts, and let botocore find it; stop it at the end."""
    command = [sys.executable, "-m", "bot.sandbox.aws", "--port", "0", *(["--empty"] if empty else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        aws = ServedAws(_address(process))
        _point_botocore_to(aws.url)
        yield aws
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(_ADDRESS):
            return line.removeprefix(_ADDRESS).strip()
    raise RuntimeError("The local AWS ended before it told its address.")


def _point_botocore_to(url: str) -> None:
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID=access_key(HOME_ACCOUNT),
        AWS_SECRET_ACCESS_KEY="local",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    )
