#!/bin/sh
# Input meant to break the program; see tests/hostile/run.py.
export LIGATURE_DISK_CACHE=never
exec python3 "$(dirname "$0")/hostile/run.py" "$1"
