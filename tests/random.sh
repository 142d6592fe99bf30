#!/bin/sh
# Random programs against an evaluation of their own, see tests/random/run.py,
# random data against types, read in several ways, see tests/random/data.py,
# mutants of the fixtures, see tests/random/mutants.py, and programs that are
# written in another way that means the same, see tests/random/rewrites.py.
# TEST_RANDOM=N runs N programs (25 unless given), data for N types, N mutants
# and N programs rewritten (40 of each); under the sanitizers 10 and 20,
# TEST_RANDOM_FIRST is the first seed; files of what fails are kept in the folder
# TEST_KEEP.
export LIGATURE_DISK_CACHE=never
here=$(dirname "$0")/random
case $1 in
*asan* | *tsan* | *ubsan*) programs=10 others=20 ;;
*) programs=25 others=40 ;;
esac
echo 1..4
python3 "$here/run.py" "$1" "${TEST_RANDOM:-$programs}" "${TEST_RANDOM_FIRST:-1}"
status=$?
python3 "$here/data.py" "$1" "${TEST_RANDOM:-$others}" "${TEST_RANDOM_FIRST:-1}" ||
    status=1
python3 "$here/mutants.py" "$1" "${TEST_RANDOM:-$others}" \
    "${TEST_RANDOM_FIRST:-1}" || status=1
python3 "$here/rewrites.py" "$1" "${TEST_RANDOM:-$others}" \
    "${TEST_RANDOM_FIRST:-1}" && [ $status = 0 ]
