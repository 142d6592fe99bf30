#!/bin/sh
# Input meant to break the program; see tests/hostile/run.py.
exec python3 "$(dirname "$0")/hostile/run.py" "$1"
