#!/bin/sh
# Standard streams that block or refuse, and files that are replaced: see
# tests/streams.py.
export LIGATURE_DISK_CACHE=never
unset CI GITHUB_ACTIONS
exec python3 "$(dirname "$0")/streams.py" "$(cd "$1" && pwd)/ligature"
