#!/bin/sh
# The formatter: see tests/fmt.py.
export LIGATURE_DISK_CACHE=never
exec python3 "$(dirname "$0")/fmt.py" "$1"
