"""Patterns of names, as the configuration writes them, in SQL."""

import re

ESCAPE = "\\"
# A set of letters as fnmatch reads it; its first letter may be the closing bracket. Other brackets mean themselves.
_PIECE = re.compile(r"\[!?+(?:\][^\]]*|[^\]]+)\]|.", re.DOTALL)
_WILD = {"*": "%", "?": "_"}


def like(pattern: str) -> str:
    """The LIKE pattern of a pattern of fnmatch's: it matches all that the pattern does, and where that has [sets] more.

    A set becomes any one letter. The escape letter is ESCAPE.
    """
    return "".join(map(_sql, _PIECE.findall(pattern)))


def _sql(piece: str) -> str:
    if len(piece) > 1:
        return "_"
    if piece in _WILD:
        return _WILD[piece]
    return f"{ESCAPE}{piece}" if piece in ("%", "_", ESCAPE) else piece
