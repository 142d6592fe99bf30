#!/bin/sh
# Each limit on both sides of its boundary; see tests/limits.py.
exec python3 "$(dirname "$0")/limits.py" "$1"
