#!/bin/sh
# The formatter: see tests/fmt.py.
exec python3 "$(dirname "$0")/fmt.py" "$1"
