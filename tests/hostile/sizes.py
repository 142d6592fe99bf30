"""Sizes, divided for builds that are slow."""
import os
import sys

from builds import sanitizer


def is_instrumented():
    return sanitizer(sys.argv[1]) is not None


def divisor():
    given = os.environ.get("TEST_SCALE_DIV")
    if given:
        return int(given)
    return 10 if is_instrumented() else 1


def full(size, slow):
    """A size that HOSTILE_SLOW=1 makes that of CASES.md."""
    return scaled(slow if os.environ.get("HOSTILE_SLOW") else size)


def scaled(size, least=100):
    return max(least, int(size) // divisor())
