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


def scaled(size, least=100):
    return max(least, int(size) // divisor())
