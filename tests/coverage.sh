#!/bin/sh
# Runs the tests against a build of MODE=coverage and says which lines and
# branches of ours they ran: a table of folders and files at the end, pages in
# BUILD/html, the figures as JSON in BUILD/coverage.json. What cannot run is
# not counted: assertions that hold, code said to be unreachable and what leads
# to it (tools/coverage-possible.py), branches inside the macros of uthash and of
# support/vec.h. Lost is what a process ran that was killed or ended by _exit().
build=$1
cd "$(dirname "$0")/.." || exit 1
find "$build" -name '*.gcda' -delete
# Programs under test are limited in what they may write; that is no error of
# theirs.
export GCOV_ERROR_FILE=/dev/null
MODE=coverage sh tests/run.sh "$build" | tee "$build/tests.log"
mkdir -p "$build/html"
python3 tools/coverage-gather.py "$build" "$build/ran.json" || exit 1
python3 tools/coverage-possible.py "$build/ran.json" "$build/possible.json" ||
    exit 1
gcovr --root . --add-tracefile "$build/possible.json" \
    --json-summary "$build/coverage.json" \
    --html-details "$build/html/index.html" >/dev/null || exit 1
python3 tools/coverage-table.py "$build/coverage.json"
tail -n 1 "$build/tests.log"
tail -n 1 "$build/tests.log" | grep -q ' 0 failed$'
