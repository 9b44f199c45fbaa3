"""The C library is told to keep little, where it is one that can be told."""

import platform

from bot.footprint import stay_small


def test_glibc_takes_what_it_is_told_and_others_are_left_alone() -> None:
    assert stay_small() is (platform.libc_ver()[0] == "glibc")
