#!/bin/sh
# Runs all tests against the build folder named, as many at a time as there
# are processors (or TEST_JOBS); ends with the line "N passed, N failed".
# TEST_SCALE shrinks or grows the stress tests, TEST_SCRIPTS names scripts to
# run instead of all.
#
# Run with a folder for counts and a test, it runs that one: its TAP lines
# are counted, and a crash is a failure too, as is another number of them than
# its plan says (1..N).
build=$1

counts_of() { # test
    echo "$1" | tr / -
}

run_one() { # folder for counts, test
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    start=$(date +%s)
    case $2 in
    *.sh) sh "$2" "$build" ;;
    */stress/*) "$2" --scale "${TEST_SCALE:-1}" ;;
    *) "$2" ;;
    esac >"$log" 2>&1
    status=$?
    ok=$(grep -c '^ok ' "$log")
    not_ok=$(grep -c '^not ok ' "$log")
    if [ "$status" != 0 ] && [ "$not_ok" = 0 ]; then
        echo "not ok - $2 ended with status $status" >>"$log"
        not_ok=1
    fi
    planned=$(awk -F '[.]' '/^1[.][.][0-9]+$/ { n += $3 } END { print n + 0 }' "$log")
    if [ "$not_ok" = 0 ] && [ "$planned" != "$ok" ]; then
        echo "not ok - $2 ran $ok of $planned tests" >>"$log"
        not_ok=1
    fi
    echo "$ok $not_ok" >"$1/$(counts_of "$2")"
    # In one piece, for others print too.
    report=$(
        if [ "$not_ok" != 0 ]; then
            echo "--- $2"
            grep -v '^ok ' "$log" | head -n 200
        fi
        seconds=$(($(date +%s) - start))
        if [ "$not_ok" != 0 ] || [ "$seconds" -gt 0 ]; then
            echo "# $2: $ok passed, $not_ok failed, $seconds s"
        fi
    )
    [ -z "$report" ] || echo "$report"
}

if [ -n "$2" ]; then
    run_one "$2" "$3"
    exit
fi

# The environment of a CI job would change what is tested.
unset GITHUB_ACTIONS
# Eight workers are eight threads, whatever the machine.
export LIGATURE_OVERSUBSCRIBE=1
# Nor must an earlier run answer for a later one.
export LIGATURE_DISK_CACHE=never

# The longest first, so that no processor waits for the last of them.
scripts="hostile cache golden untrusted reports faults limits streams random large why
    async lsp repl cli project fmt data schema interfaces edges explain docs std_examples std_doc
    api plain mustshow stress watch"
counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
{
    for script in ${TEST_SCRIPTS:-$scripts}; do
        echo "tests/$script.sh"
    done
    find "$build/tests/unit" "$build/tests/stress" -type f -perm -u+x \
        \( -name 'test_*' -o -name 'stress_*' \) ! -name '*.d' | sort
} | awk '!seen[$0]++' >"$counts/.tests"
xargs -r -n 1 -P "${TEST_JOBS:-$(nproc)}" sh "$0" "$build" "$counts" <"$counts/.tests"
while read -r test; do
    if [ ! -s "$counts/$(counts_of "$test")" ]; then
        echo "not ok - $test did not come to its end"
        echo 0 1 >"$counts/$(counts_of "$test")"
    fi
done <"$counts/.tests"
find "$counts" -type f ! -name .tests -exec cat {} + | awk '
    { passed += $1; failed += $2 }
    END {
        printf "%d passed, %d failed\n", passed, failed
        exit failed > 0 || passed == 0
    }'
