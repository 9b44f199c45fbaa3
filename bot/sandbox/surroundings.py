"""The process's own environment while local worlds are used: AWS is here, and nothing goes through a proxy."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

# slack_sdk ignores NO_PROXY, so with a proxy set it would send what is meant for loopback to the proxy.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
AWS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")


@contextmanager
def only_loopback(aws: Mapping[str, str]) -> Iterator[None]:
    """Set what botocore reads, and take away what would lead elsewhere, until the end of the block."""
    before = dict(os.environ)
    for name in (*PROXIES, *AWS):
        os.environ.pop(name, None)
    os.environ.update(aws, AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
