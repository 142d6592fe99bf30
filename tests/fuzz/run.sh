#!/bin/sh
# Runs each fuzz target named for the seconds given, from the fixtures as the
# seed corpus. A finding leaves its input in build/fuzz/findings and fails. Ends
# with how many executions there were, and "N passed, N failed" of targets.
seconds=$1
shift
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/fuzz/findings
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
total=0

# Data files as seeds of the target, with the letter of their format before.
data_seeds() { # letter, ending
    prefix=$1
    find ../shared/corpora fixtures -type f -size -32k -name "*.$2" |
        while read -r file; do
            { printf %s "$prefix" && cat "$file"; } \
                >"$seeds/$prefix$(echo "$file" | tr / _)"
        done
}

# Projects as fuzz_project reads them: each file below a line with its name.
project_seeds() {
    for folder in fixtures/project-*/; do
        (cd "$folder" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) |
            while read -r file; do
                printf '=== %s\n' "$file"
                cat "$folder/$file"
                echo
            done >"$seeds/$(basename "$folder")"
    done
}

for target in "$@"; do
    name=$(basename "$target")
    corpus=build/fuzz/corpus-$name
    seeds=build/fuzz/seeds-$name
    mkdir -p "$corpus" "$seeds"
    dictionary=-dict=tests/fuzz/ligature.dict
    case $name in
    fuzz_data)
        dictionary=""
        data_seeds J json
        data_seeds T toml
        data_seeds Y yaml
        ;;
    *)
        find fixtures std -type f -name '*.lig' -size -32k \
            -exec cp --parents -t "$seeds" {} +
        [ "$name" != fuzz_project ] || project_seeds
        ;;
    esac
    # What was found before.
    [ -d "tests/fuzz/inputs/$name" ] && cp -r "tests/fuzz/inputs/$name" "$seeds"
    echo "== $name"
    # shellcheck disable=SC2086
    "$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/findings/$name-" $dictionary \
        "$corpus" "$seeds" >"$log" 2>&1
    status=$?
    runs=$(sed -n "s/^stat::number_of_executed_units: //p" "$log" | tail -n 1)
    total=$((total + ${runs:-0}))
    if [ $status = 0 ]; then
        passed=$((passed + 1))
        echo "ok - $name: $runs executions"
    else
        failed=$((failed + 1))
        tail -n 100 "$log"
        echo "not ok - $name: status $status"
    fi
done
echo "# $total executions"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
