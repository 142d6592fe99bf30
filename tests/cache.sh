#!/bin/sh
# The cache on disk, TAP on standard output: CASES.md, 133 to 139.
build=$(cd "$1" && pwd)
exec python3 "$(dirname "$0")/cache.py" "$build/ligature"
