"""Sizes, divided for builds that are slow."""
import os
import sys


def divisor():
    given = os.environ.get("TEST_SCALE_DIV")
    if given:
        return int(given)
    build = os.path.basename(os.path.abspath(sys.argv[1]))
    slow = any(word in build for word in ("asan", "tsan", "ubsan"))
    return 10 if slow else 1


def scaled(size, least=100):
    return max(least, int(size) // divisor())
