"""Sizes, divided for builds that are slow."""
import os
import sys


def is_instrumented():
    build = os.path.basename(os.path.abspath(sys.argv[1]))
    return any(word in build for word in ("asan", "tsan", "ubsan"))


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
