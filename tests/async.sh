#!/bin/sh
# --async: what it says of itself, and programs of many modules, sound and
# broken, which must end as they do phase by phase (async.py). TAP on standard
# output. TEST_RANDOM=N runs N random programs, TEST_RANDOM_FIRST is the first
# seed.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
export LIGATURE_OVERSUBSCRIBE=1
export PYTHONDONTWRITEBYTECODE=1

is() { # name, found, wanted
    if [ "$2" = "$3" ]; then result yes "$1"; else
        printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
        result no "$1"
    fi
}

# ---- the option

echo '1 + 1' >one.lig
run "it implies --parallel" 0 eval --async --stats one.lig
has err "parallel"
run "one worker is one worker" 0 eval --async --workers 1 --stats one.lig
has err "sequential (--workers 1)"
run "a contradiction" 2 eval --async --sequential one.lig
has err "'--sequential' contradicts '--parallel', '--async' and '--workers'"
LIGATURE_ASYNC=true run "the environment" 0 eval --show-config one.lig
has out "async = true                            # LIGATURE_ASYNC"
LIGATURE_ASYNC=true run "the command line wins" 0 \
    eval --sequential --show-config one.lig
has out "sequential = true                       # --sequential"
has out "async = false"
mkdir p
printf '[eval]\nasync = true\n' >p/ligature.toml
cp one.lig p/one.lig
run "the project file" 0 eval --show-config p/one.lig
has out "async = true                            # p/ligature.toml:2"
run "verbs that run nothing" 2 fmt --async one.lig
run "help" 0 help eval
has out "--async"

# ---- reports

cp -r "$fixtures/platform" platform
run "a report" 0 eval --async --workers 2 --report report.json \
    --trace trace.json -o result.json platform/main.lig
holds "phases and lanes" python3 - <<'EOF'
import json
report = json.load(open("report.json"))
names = [phase["name"] for phase in report["phases"]]
assert names == ["load", "resolve", "check", "evaluate", "print"], names
trace = json.load(open("trace.json"))["traceEvents"]
slices = [event for event in trace if event["ph"] == "X"]
phases = [event["name"] for event in slices if event["cat"] == "phase"]
assert phases == ["load, resolve, check", "evaluate", "print"], phases
for kind in ("parse", "resolve", "check"):
    files = {e["args"]["file"] for e in slices if e["cat"] == kind}
    assert len(files) > 20, (kind, files)
# A module is resolved before it is checked, in whatever lane.
ends = {e["args"]["file"]: e["ts"] + e["dur"]
        for e in slices if e["cat"] == "resolve"}
for event in slices:
    if event["cat"] == "check":
        assert event["ts"] + 0.01 >= ends[event["args"]["file"]], event
EOF

# One worker does things in one order: a module is checked before files are
# read that it does not import, and nothing waits for the last one.
mkdir tree
for i in 1 2 3 4 5 6 7 8; do
    for k in a b c d e f; do
        echo "import \"./$k$((i + 1))\" as x; export let v = x.v + $i;" \
            >tree/$k$i.lig
    done
done
for k in a b c d e f; do echo 'export let v = 0;' >tree/${k}9.lig; done
echo 'import "./a1"; import "./b1"; import "./c1"; import "./d1";
import "./e1"; import "./f1"; [a1.v, b1.v, c1.v, d1.v, e1.v, f1.v]' \
    >tree/main.lig
run "a tree" 0 eval --async --workers 1 --trace tree.json tree/main.lig
holds "checks begin before the last file is parsed" python3 - <<'EOF'
import json
slices = [e for e in json.load(open("tree.json"))["traceEvents"]
          if e["ph"] == "X"]
last = max(e["ts"] for e in slices if e["cat"] == "parse")
for kind in ("resolve", "check"):
    early = [e for e in slices if e["cat"] == kind and e["ts"] < last]
    assert len(early) > 2, (kind, len(early)) # debug builds check late
EOF

# ---- the cache on disk

cached() { # arguments
    LIGATURE_DISK_CACHE=always "$ligature" "$@" --cache-dir cache 2>&1
}
mkdir m
for i in 1 2 3 4; do
    echo "import \"./x$((i + 1))\" as x; export let v = x.v + $i;" >m/x$i.lig
done
echo 'export let v = 0;' >m/x5.lig
for verb in eval typecheck; do
    want=$("$ligature" $verb m/x1.lig 2>&1)
    is "$verb: a cold cache" "$(cached $verb --async m/x1.lig)" "$want"
    is "$verb: a warm cache" "$(cached $verb --async m/x1.lig)" "$want"
    echo 'export let v = 100;' >m/x5.lig
    want=$("$ligature" $verb m/x1.lig 2>&1)
    is "$verb: one file changed" "$(cached $verb --async m/x1.lig)" "$want"
    is "$verb: without --async" "$(cached $verb m/x1.lig)" "$want"
    echo 'export let v = true;' >m/x5.lig
    want=$("$ligature" $verb m/x1.lig 2>&1)
    is "$verb: one file broken" "$(cached $verb --async m/x1.lig)" "$want"
    echo 'export let v = 0;' >m/x5.lig
done
name="what is kept"
cached eval --async --report kept.json m/x2.lig >out
echo 'export let v = 7;' >m/x5.lig
cached eval --async --report kept.json m/x2.lig >out
holds "a change finds what is kept of the rest" python3 - <<'EOF'
import json
report = json.load(open("kept.json"))
assert report["caches"]["disk"]["hits"] + report["caches"]["disk"]["misses"] > 0
EOF

# ---- random programs

case $build in
*asan* | *tsan* | *ubsan*) programs=${TEST_RANDOM:-25} ;;
*) programs=${TEST_RANDOM:-60} ;;
esac
holds "$programs random programs" python3 "$here/async.py" "$ligature" \
    "$programs" "${TEST_RANDOM_FIRST:-1}"
finish
