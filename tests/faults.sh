#!/bin/sh
# Allocations, system calls and threads that fail; see tests/faults/run.py.
exec python3 "$(dirname "$0")/faults/run.py" "$@"
