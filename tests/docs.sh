#!/bin/sh
# Runs the examples of docs/*.md and README.md, and looks for what they name: see
# tests/docs.py.
export LIGATURE_DISK_CACHE=never
exec python3 "$(dirname "$0")/docs.py" "$1"
