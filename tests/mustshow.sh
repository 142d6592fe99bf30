#!/bin/sh
# What the whole must show: the same failures at every number of workers, big
# inputs within the default limits, parallel work, and a start that costs
# nothing. TEST_SCALE_DIV divides the sizes (by default 10 when the build
# folder is named after a sanitizer).
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
case $build in
*asan* | *ubsan* | *tsan*) divisor=${TEST_SCALE_DIV:-10} ;;
*) divisor=${TEST_SCALE_DIV:-1} ;;
esac

# ---- the failing programs at every number of workers

mkdir failing
cat >failing/unknown-name.lig <<'E'
let replicas = 3;
{ replicas = replcas }
E
cat >failing/type-error.lig <<'E'
type Service = { name: String, port: Integer };
let service: Service = { name = "a", port = "80" };
E
cat >failing/missing-import.lig <<'E'
import "./nowhere" as nowhere;
nowhere.x
E
cat >failing/cycle.lig <<'E'
let a = b + 1;
let b = c + 1;
let c = a + 1;
E
cat >failing/division.lig <<'E'
let zero = 1 - 1;
let ratio a b = a / b;
{ ratio = ratio 1 zero }
E
cat >failing/two.lig <<'E'
let a = 1 / zero;
let zero = 0;
let b = error "second";
E
cat >failing/import-cycle-a.lig <<'E'
import "./import-cycle-b" as b;
let x = b.x;
E
cat >failing/import-cycle-b.lig <<'E'
import "./import-cycle-a" as a;
let x = a.x;
E
{
    i=0
    while [ $i -lt 100 ]; do
        echo "let e$i = 1 / (e$i' - e$i'); let e$i' = $i;"
        i=$((i + 1))
    done
} >failing/hundred.lig
# A hundred modules that each fail.
i=0
while [ $i -lt 100 ]; do
    printf 'export let x = error "module %s";\n' $i >failing/part$i.lig
    printf 'import "./part%s" as p%s;\n' $i $i >>failing/imports
    printf 'p%s.x, ' $i >>failing/results
    i=$((i + 1))
done
{
    cat failing/imports
    printf '['
    cat failing/results
    echo ']'
} >failing/modules.lig
rm failing/imports failing/results

for file in failing/[!p]*.lig; do
    for way in --sequential "--workers 1" "--workers 2" "--workers 4" \
        "--workers 8"; do
        # shellcheck disable=SC2086
        "$ligature" eval $way "$file" >out 2>err
        code=$?
        name="$file $way"
        if [ "$way" = --sequential ]; then
            cp err first.err
            [ $code = 1 ] && [ ! -s out ] && [ -s err ] &&
                result yes "$name" || result no "$name: exit code $code"
            continue
        fi
        if [ $code = 1 ] && [ ! -s out ] && cmp -s err first.err; then
            result yes "$name says the same"
        else
            diff first.err err | head -n 10 | sed 's/^/# /'
            result no "$name says the same (exit code $code)"
        fi
    done
done

# ---- size

generate() { # kind, size, output
    python3 "$fixtures/perf/gen.py" "$1" "$2" "$3"
}

big() { # name, file, expected end of the output
    for way in --sequential "--workers 4"; do
        # shellcheck disable=SC2086
        "$ligature" eval --compact $way "$2" >out 2>err
        code=$?
        if [ $code = 0 ] && [ -s out ] && { [ -z "$3" ] ||
            [ "$(tail -c "$((${#3} + 1))" out)" = "$3" ]; }; then
            result yes "$1 $way"
        else
            echo "# exit code $code, $(wc -c <out) bytes"
            result no "$1 $way"
        fi
    done
}

modules=$((5000 / divisor))
generate modules $modules modules
big "$modules modules" modules/root.lig
chain=$((100000 / divisor))
generate chain $chain chain.lig
big "a chain of $chain bindings" chain.lig $chain
generate back $chain back.lig
big "a chain of $chain bindings, backward" back.lig $chain
wide=$((1000000 / divisor))
generate wide $wide wide.lig
big "a list of $wide numbers" wide.lig \
    "{\"count\":$wide,\"total\":$((wide * (wide - 1) / 2))}"
rm -rf modules chain.lig back.lig wide.lig

# ---- the platform

mkdir report
"$ligature" eval --workers 4 --report report/r.json \
    "$fixtures/platform/main.lig" >out 2>err
[ $? = 0 ] && result yes "the platform fixture" ||
    result no "the platform fixture"
cp out first.out
for way in --sequential "--workers 2" "--workers 8"; do
    # shellcheck disable=SC2086
    "$ligature" eval $way "$fixtures/platform/main.lig" >out 2>err
    cmp -s out first.out && result yes "the platform fixture $way" ||
        result no "the platform fixture $way"
done
cat >figures.py <<'E'
import json
d = json.load(open("report/r.json"))
busy = [w for w in d["workers"] if w["tasks"] > 0]
print(d["workers"], d["tasks"], d["workMs"], d["spanMs"])
assert d["mode"] == "parallel"
assert len(busy) > 1, "one worker did everything"
assert d["tasks"]["evaluated"] + d["tasks"]["cached"] > 0
assert d["steps"]["total"] > d["steps"]["most"] > 0
assert d["workMs"] > 0 and d["spanMs"] > 0
assert d["workMs"] >= d["spanMs"]
E
# How much there is for more workers does not depend on how many there are, nor
# on whether a loop's binding is a task of its own.
cat >loop.lig <<'E'
let sums = [fold (\a b -> a + b) 0 (range 0 100) for _ in range 0 3000];
{ r = [length sums for _ in range 0 2] }
E
cat >spread.py <<'E'
import json
d = json.load(open("r.json"))
print(d["workMs"], d["spanMs"])
assert d["workMs"] > 1.5 * d["spanMs"]
E
run "a report of one worker" 0 eval --sequential --no-cache --report r.json \
    loop.lig
holds "tells what is parallel" python3 spread.py

# Which worker gets a task is chance: several runs have several chances.
good=no
for attempt in 1 2 3 4 5; do
    "$ligature" eval --workers 4 --report report/r.json \
        "$fixtures/platform/main.lig" >out 2>err
    if python3 figures.py >figures.log 2>&1; then
        good=yes
        break
    fi
done
[ $good = yes ] || tail -n 3 figures.log | sed 's/^/# /'
result $good "tasks on several workers, work and span"

# ---- a start that costs nothing

case $build in
*asan* | *ubsan* | *tsan*)
    skip "a start that costs nothing" "sanitizers have costs of their own"
    finish
    ;;
esac

# Threads start once a run is two milliseconds old: a busy machine may make one
# late, so there are several attempts.
echo '1 + 1' >small.lig
good=no
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$ligature" eval --report report/r.json small.lig >out 2>err
    if python3 -c '
import json
d = json.load(open("report/r.json"))
assert len(d["workers"]) == 1, d["workers"]
assert d["mode"] == "sequential", d["mode"]' 2>err; then
        good=yes
        break
    fi
done
result $good "no threads"
if ! command -v strace >/dev/null; then
    skip "no clone" "strace is not installed"
    skip "no file read but the program" "strace is not installed"
elif ! strace -f --seccomp-bpf -o trace "$ligature" --version >/dev/null 2>&1; then
    skip "no clone" "strace may not trace here"
    skip "no file read but the program" "strace may not trace here"
else
    # Only these calls stop the program: slowed down it would start threads.
    calls=clone,clone3,fork,vfork,open,openat,openat2
    for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        strace -f --seccomp-bpf -e trace=$calls -o trace \
            "$ligature" eval small.lig >out 2>err
        grep -q 'clone' trace || break
    done
    if grep -qE 'clone3?\(|vfork\(|fork\(' trace; then
        grep -E 'clone3?\(|fork\(' trace | sed 's/^/# /'
        result no "no clone"
    else
        result yes "no clone"
    fi
    # What the loader of shared libraries opens is not ours; the cgroup says
    # how much memory there is.
    grep -E 'open(at)?2?\(' trace |
        grep -vE 'O_PATH|O_DIRECTORY|ENOENT|/proc/self/cgroup|/sys/fs/cgroup|/ld\.so\.|\.so[."]|/lib' >opened
    if grep -q small.lig opened &&
        [ "$(grep -vc small.lig opened)" = 0 ]; then
        result yes "no file read but the program"
    else
        sed 's/^/# /' opened
        result no "no file read but the program"
    fi
fi

finish
