#!/bin/sh
# Runs all tests against the build folder named; ends with the line
# "N passed, N failed". TEST_SCALE shrinks or grows the stress tests,
# TEST_SCRIPTS names scripts to run instead of all.
build=$1
# The environment of a CI job would change what is tested.
unset GITHUB_ACTIONS
# Eight workers are eight threads, whatever the machine.
export LIGATURE_OVERSUBSCRIBE=1
# Nor must an earlier run answer for a later one.
export LIGATURE_DISK_CACHE=never
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Counts the TAP lines of "$log"; `status` is the exit status of what wrote
# it: a crash is a failure too.
count() { # name, status
    ok=$(grep -c '^ok ' "$log")
    not_ok=$(grep -c '^not ok ' "$log")
    if [ "$2" != 0 ] && [ "$not_ok" = 0 ]; then
        echo "not ok - $1 ended with status $2" | tee -a "$log"
        not_ok=1
    fi
    passed=$((passed + ok))
    failed=$((failed + not_ok))
    if [ "$not_ok" != 0 ]; then
        echo "--- $1"
        grep -v '^ok ' "$log" | head -n 200
    fi
}

for test in $(find "$build/tests/unit" -type f -perm -u+x -name 'test_*' |
    grep -v '\.d$' | sort); do
    "$test" >"$log" 2>&1
    count "$test" $?
done
for test in $(find "$build/tests/stress" -type f -perm -u+x -name 'stress_*' |
    grep -v '\.d$' | sort); do
    "$test" --scale "${TEST_SCALE:-1}" >"$log" 2>&1
    count "$test" $?
done
scripts="golden plain large cli streams project async fmt data schema interfaces cache edges
    explain docs std_examples std_doc api why reports untrusted limits mustshow
    random stress faults hostile"
for script in ${TEST_SCRIPTS:-$scripts}; do
    start=$(date +%s)
    sh "tests/$script.sh" "$build" >"$log" 2>&1
    count "tests/$script.sh" $?
    echo "# tests/$script.sh: $(($(date +%s) - start)) s"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
