#!/bin/sh
# Random programs against an evaluation of their own, see tests/random/run.py,
# and random data against types, read in several ways, see tests/random/data.py.
# TEST_RANDOM=N runs N programs (25 unless given) and data for N types (40),
# TEST_RANDOM_FIRST is the first seed; files of what fails are kept in the folder
# TEST_KEEP.
export LIGATURE_DISK_CACHE=never
here=$(dirname "$0")/random
echo 1..2
python3 "$here/run.py" "$1" "${TEST_RANDOM:-25}" "${TEST_RANDOM_FIRST:-1}"
status=$?
python3 "$here/data.py" "$1" "${TEST_RANDOM:-40}" "${TEST_RANDOM_FIRST:-1}" &&
    [ $status = 0 ]
