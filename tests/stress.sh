#!/bin/sh
# One program with demands, failures and parallel loops, and the golden
# programs, under seeded schedules at 8 workers: each gives what the
# sequential run gives. TEST_SCHEDULES=N runs N seeds of each of the first
# kind (1000 is the acceptance run), and N / 50 of the second.
. "$(dirname "$0")/tap.sh"
cd "$here/stress" || exit 1
export LIGATURE_DISK_CACHE=never
case $build in
*asan* | *tsan* | *ubsan*) schedules=${TEST_SCHEDULES:-10} ;;
*) schedules=${TEST_SCHEDULES:-50} ;;
esac

# Runs a program under the seeds 1 to N.
schedules() { # N, file, options...
    schedules_of eval "$@"
}

schedules_of() { # verb, N, file, options...
    verb=$1
    count=$2
    file=$3
    shift 3
    "$ligature" "$verb" --sequential "$@" "$file" >"$temp/out" 2>"$temp/err" \
        </dev/null
    want=$?
    seed=0
    bad=""
    while [ $seed -lt "$count" ]; do
        seed=$((seed + 1))
        # Every other one with phases that overlap.
        async=
        [ $((seed % 2)) = 0 ] && [ "$verb" = eval ] && async=--async
        LIGATURE_SCHED_SEED=$seed "$ligature" "$verb" --workers 8 \
            $async "$@" "$file" \
            >"$temp/out2" 2>"$temp/err2" </dev/null
        code=$?
        if [ $code != $want ] || ! cmp -s "$temp/out" "$temp/out2" ||
            ! cmp -s "$temp/err" "$temp/err2"; then
            bad="$bad $seed"
            echo "# seed $seed: exit code $code, sequential $want"
            diff "$temp/out" "$temp/out2" | head -n 5 | cut -c 1-300 |
                sed 's/^/# /'
            diff "$temp/err" "$temp/err2" | head -n 15 | cut -c 1-300 |
                sed 's/^/# /'
            [ "$(echo "$bad" | wc -w)" -lt 3 ] || break
        fi
    done
    if [ -z "$bad" ]; then
        result yes "$count schedules of $verb $file $*"
    else
        result no "schedules of $verb $file $*: seeds$bad"
    fi
}

for file in *.lig; do
    schedules "$schedules" "$file"
    schedules $(((schedules + 3) / 4)) "$file" --no-cache
    schedules $(((schedules + 3) / 4)) "$file" --fail-fast
done
schedules_of test $(((schedules + 3) / 4)) overtaken.lig --fail-fast
few=$(((schedules + 49) / 50))
for file in ../../fixtures/eval-*.lig ../../fixtures/project-*/main.lig \
    ../../fixtures/platform/main.lig; do
    [ -e "${file%.lig}.flags" ] || schedules $few "$file"
done
finish
