#!/bin/sh
# Runs each fuzz target named for the seconds given, from the fixtures as the
# seed corpus. A finding leaves its input in build/fuzz/findings and fails.
seconds=$1
shift
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/fuzz/findings
status=0
for target in "$@"; do
    name=$(basename "$target")
    corpus=build/fuzz/corpus-$name
    seeds=build/fuzz/seeds-$name
    mkdir -p "$corpus" "$seeds"
    case $name in
    *json*) find ../shared/corpora/json -name '*.json' -exec cp -t "$seeds" {} + 2>/dev/null ;;
    *) find fixtures std -name '*.lig' -size -32k | while read -r file; do
        cp "$file" "$seeds/$(echo "$file" | tr / _)"
    done ;;
    esac
    case $name in
    *json*) dictionary="" ;;
    *) dictionary=-dict=tests/fuzz/ligature.dict ;;
    esac
    echo "== $name"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/findings/$name-" $dictionary \
        "$corpus" "$seeds" ||
        status=1
done
exit $status
