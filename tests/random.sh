#!/bin/sh
# Random programs against an evaluation of their own; see tests/random/run.py.
# TEST_RANDOM=N runs N programs, TEST_RANDOM_FIRST is the first seed; programs
# that fail are kept in the folder TEST_KEEP.
export LIGATURE_DISK_CACHE=never
exec python3 "$(dirname "$0")/random/run.py" "$1" "${TEST_RANDOM:-40}" \
    "${TEST_RANDOM_FIRST:-1}"
