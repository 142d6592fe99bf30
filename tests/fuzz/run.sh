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
    dictionary=-dict=tests/fuzz/ligature.dict
    case $name in
    fuzz_data)
        dictionary=""
        for format in Jjson Ttoml Yyaml; do
            find ../shared/corpora fixtures -type f -size -32k \
                -name "*.${format#?}" | while read -r file; do
                { printf %.1s "$format" && cat "$file"; } \
                    >"$seeds/$(echo "$file" | tr / _)"
            done
        done
        ;;
    *)
        find fixtures std -type f -name '*.lig' -size -32k |
            while read -r file; do
                cp "$file" "$seeds/$(echo "$file" | tr / _)"
            done
        ;;
    esac
    echo "== $name"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/findings/$name-" $dictionary \
        "$corpus" "$seeds" ||
        status=1
done
exit $status
