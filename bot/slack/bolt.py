"""Building a Bolt app from what is passed to it, and from nothing it finds in the environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

# Bolt reads these behind one's back: a client id and secret switch it to OAuth (the token given to it is then
# ignored), a bot token makes it warn that ours has gone first.
READ_BY_BOLT = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


@contextmanager
def nothing_from_the_environment() -> Iterator[None]:
    """Take away, until the end of the block, the variables that Bolt would read while an app is built."""
    taken = {name: os.environ.pop(name) for name in READ_BY_BOLT if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
