"""Keep the process small: what one reading of a large inventory takes for a moment goes back to the system.

glibc gives each of many threads an arena of its own, and keeps blocks of megabytes, the size of AWS's pages, once it
has seen some. Both are right for speed and wrong for a bot that reads much every few minutes.
https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
ARENAS = 2
LARGE = 128 * 1024


def stay_small() -> bool:
    """Tell the C library to keep little for later; False where it cannot be told, as it is none of glibc's."""
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    settings = ((ARENA_MAX, ARENAS), (MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE))
    taken = [tell(name, value) == 1 for name, value in settings]
    return all(taken)
