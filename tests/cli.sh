#!/bin/sh
# The command line: exit codes, streams, options. TAP on standard output.
# Every run is checked for: the exit code, an empty standard output when it is
# not 0, something on standard error when it is not 0.
. "$(dirname "$0")/tap.sh"
chmod 755 "$temp"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
export LC_ALL=C

# Runs ligature; standard input is the file `in` when there is one.
run() { # name, expected code, arguments...
    name=$1
    want=$2
    shift 2
    command=$*
    if [ -e in ]; then
        "$ligature" "$@" <in >out 2>err
    else
        "$ligature" "$@" </dev/null >out 2>err
    fi
    code=$?
    rm -f in
    good=yes
    [ "$code" = "$want" ] || good=no
    [ "$want" != 0 ] && [ -s out ] && good=no
    [ "$want" != 0 ] && [ ! -s err ] && good=no
    [ "$code" = "$want" ] || echo "# exit code $code, not $want"
    result $good "$name"
}

out_is() { # text
    printf '%s' "$1" >want
    if cmp -s out want; then
        result yes "$name: output"
    else
        sed 's/^/# want: /' want
        result no "$name: output"
    fi
}

out_has() { # fixed string
    if grep -qF -e "$1" out; then
        result yes "$name: has '$1'"
    else
        result no "$name: has '$1'"
    fi
}

err_has() { # fixed string
    if grep -qF -e "$1" err; then
        result yes "$name: says '$1'"
    else
        result no "$name: says '$1'"
    fi
}

same() { # file, file, name
    if cmp -s "$1" "$2"; then result yes "$3"; else result no "$3"; fi
}

no_leftovers() { # folder that must hold nothing but the files named
    folder=$1
    shift
    found=$(cd "$folder" && ls -A)
    if [ "$found" = "$*" ]; then
        result yes "$name: no temporary file"
    else
        echo "# found: $found"
        result no "$name: no temporary file"
    fi
}

json() { # python expression over the document d in FILE
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
assert eval("(" + sys.argv[2] + ")"), d' "$1" "$2"
}

# ---- programs

cat >good.lig <<'E'
let port = 8000 + 80;
{ name = "a", port, tags = [Some "x", None], color = Ok 2.0 }
E
echo 'let a = unknown; a' >name.lig
echo 'let a: String = 1; a' >type.lig
echo 'let a = 1 / 0; a' >divide.lig
echo 'import "./missing" as m; m.x' >import.lig
echo 'let a = b; let b = a; a' >cycle.lig
echo 'let = ;' >syntax.lig
echo 'let x = 1;' >export.lig
echo 'let unused = 1; 2' >warning.lig
printf 'let a = 1 / 0;\nlet b = error "b";\n' >two.lig
i=0
while [ $i -lt 30 ]; do
    echo "let e$i = error \"number $i\";"
    i=$((i + 1))
done >thirty.lig
{
    echo 'let rec forever n = forever (n + 1);'
    i=0
    while [ $i -lt 64 ]; do
        echo "let f$i = forever $i;"
        i=$((i + 1))
    done
} >slow.lig
slow="--max-steps 4294967296 --totality unchecked"

# ---- exit codes

run "a good program" 0 eval good.lig
out_is '{
  "name": "a",
  "port": 8080,
  "tags": [
    "x",
    null
  ],
  "color": {
    "Ok": 2.0
  }
}
'
for kind in name type divide import cycle syntax two; do
    run "a program with a wrong $kind" 1 eval $kind.lig
    err_has "$kind.lig:1:"
done
run "typecheck of a good program" 0 typecheck good.lig
out_is ''
run "typecheck of a wrong program" 1 typecheck type.lig
run "check is typecheck" 0 check good.lig
run "no verb" 2
run "no file" 2 eval
run "typecheck without a file" 2 typecheck
run "an unknown verb" 2 evl good.lig
err_has "did you mean 'eval'?"
run "the beginning of a verb" 2 val good.lig
err_has "did you mean 'validate'?"
run "the beginning of an option" 2 eval --sort good.lig
err_has "did you mean '--sort-keys'?"
run "the beginning of two options" 2 eval --diag good.lig
err_has "did you mean '--diagnostics'?"
run "options before the verb" 0 --compact -w 2 --format=json eval good.lig
run "a value before the verb that is named like one" 2 --format eval good.lig
err_has "unknown verb 'good.lig'"
run "-- before the verb" 0 --compact -- eval good.lig
run "an unknown option before the verb" 2 --formt json eval good.lig
err_has "unknown option '--formt'; did you mean '--format'?"
run "an option alone" 2 --compact
err_has "no verb given"
run "options alone that ask for help" 0 --compact -h
out_has "usage: ligature VERB"
run "an unknown option" 2 eval --sort-key good.lig
err_has "did you mean '--sort-keys'?"
run "an unknown short option" 2 eval -Z good.lig
run "an option without its value" 2 eval good.lig --workers
run "a flag with a value" 2 eval --compact=yes good.lig
for value in '' -1 abc 1e400 1000000000000000000000000000000 0 1.5 ' 1'; do
    for option in workers max-steps max-depth max-nesting max-memory timeout; do
        run "--$option=$value" 2 eval "--$option=$value" good.lig
    done
done
for pair in workers=1024 max-nesting=2000 max-steps=4294967296 \
    max-depth=4294967296 max-modules=4294967296 max-type-nodes=4294967296 \
    max-errors=4294967296 max-memory=8589934591G max-output=8589934591G \
    max-source=8589934591G max-sources=8589934591G cache-memory=8589934591G \
    timeout=153722867m; do
    run "--$pair" 0 eval "--$pair" --expr "sum [x for x in range 0 1000]"
    out_has 499500
done
run "too many workers" 2 eval --workers 1025 good.lig
err_has "'--workers' takes a whole number from 1 to 1024, not '1025'"
echo 'input n: Integer; n' >needs.lig
echo ' {"n": 8}' >in
run "inputs on standard input as JSON" 0 eval needs.lig --input-file -
out_is '8
'
echo 'n: 9' >in
run "inputs on standard input as YAML" 0 eval needs.lig --input-file -
out_is '9
'
echo 'n: x' >in
run "wrong inputs on standard input" 2 eval needs.lig --input-file -
err_has "<stdin>:1:4"
for twice in "eval - -" "eval - --input-file -" "validate - --type -#T" \
    "typecheck - good.lig -" "fmt --check - -"; do
    echo 1 >in
    run "standard input twice: $twice" 2 $twice
    err_has "'-' is standard input, which can be read once"
done
run "help on two verbs" 2 help eval fmt
err_has "'help' takes one verb"
mkfifo pipe.lig
run "a pipe as a program" 3 eval pipe.lig
err_has "a pipe is read where it is standard input: '-'"
rm pipe.lig
# By name it is a file; there is nothing to read as yet, and never an end.
run "what only looks like a file" 3 eval --timeout 1s /proc/kmsg
# Verbs without a project have an environment, too.
for verb in "cache statz" "explain E9999" "help nothing" "completions tcsh" \
    "init a b"; do
    LIGATURE_DIAGNOSTICS=json run "a format of the environment: $verb" 2 $verb
    err_has '{"version":1,"diagnostics":[{"code":"E0001"'
done
LIGATURE_COLOR=x run "a colour of the environment" 2 explain E0203
err_has "LIGATURE_COLOR in the environment takes one of"
LIGATURE_WORKERS=1025 run "too many workers of the environment" 2 eval good.lig
err_has "LIGATURE_WORKERS in the environment takes a whole number from 1 to 1024"
run "--sequential with --workers 2" 2 eval --sequential --workers 2 good.lig
run "an unknown format" 2 eval --format jsn good.lig
run "a broken --select" 2 eval --select 'a[' good.lig
printf 'let x: Integer = "a"; x\n' >wrong.lig
run "a broken --select of a broken program" 2 eval --select 'a[' wrong.lig
err_has "the path 'a[' of --select is wrong at byte 3"
run "a broken path of why" 2 why wrong.lig a..b
err_has "the path 'a..b' is wrong at byte 3"
run "a file that does not exist" 3 eval nowhere.lig
err_has "nowhere.lig"
mkdir folder
run "a folder as the file" 3 eval folder
run "a missing file beside a wrong one" 3 eval nowhere.lig type.lig
run "a limit" 4 eval $slow --max-steps 1000 slow.lig
run "a limit of nesting" 4 eval --max-nesting 10 -e '[[[[[[[[[[[[[1]]]]]]]]]]]]]'
run "the timeout" 124 eval $slow --timeout 200ms slow.lig
cp err first.err
out_is ''
for workers in 1 2 4 8; do
    run "the timeout at $workers workers" 124 \
        eval $slow --timeout 200ms --workers $workers --report report.json \
        slow.lig
    same err first.err "the timeout at $workers workers says the same"
    holds "the timeout at $workers workers: report" json report.json \
        'd["verdict"] == "timeout" and d["exitCode"] == 124'
done
run "a timeout before everything" 124 eval --timeout 1ms $slow slow.lig
if [ "$(wc -l <err)" -le 6 ]; then
    result yes "the timeout says little"
else
    result no "the timeout says little"
fi

# ---- help and version

run "--help" 0 --help
out_has "verbs:"
run "--version" 0 --version
out_has "ligature "
run "help" 0 help
for verb in eval typecheck parse explain help; do
    run "help $verb" 0 help $verb
    cp out first.out
    run "$verb --help" 0 $verb --help
    same out first.out "$verb --help is help $verb"
    out_has "usage: ligature $verb"
    sed 's/ *$//' out >first.out
    same out first.out "$name: no line ends in a space"
done
run "eval -h" 0 eval -h
run "help of an unknown verb" 2 help parze
err_has "did you mean 'parse'?"

# ---- operands

echo '1 + 1' >in
run "standard input" 0 eval -
out_is '2
'
echo '1 +' >in
run "a wrong program on standard input" 1 eval -
err_has "<stdin>:"
cp good.lig ./-odd.lig
run "--" 0 eval --compact -- -odd.lig
run "options behind operands" 0 eval good.lig --compact
out_is '{"name":"a","port":8080,"tags":["x",null],"color":{"Ok":2.0}}
'
run "options before the verb's operands" 0 eval --compact good.lig
run "several files" 0 eval --compact good.lig export.lig
out_is '{"name":"a","port":8080,"tags":["x",null],"color":{"Ok":2.0}}
{"x":1}
'
run "several files, one wrong" 1 eval good.lig type.lig export.lig
run "the same file twice" 0 eval --compact export.lig export.lig
out_is '{"x":1}
{"x":1}
'
run "two files as TOML" 2 eval --format toml export.lig good.lig
err_has "'--format toml' takes one file"
printf '1 + 1' >no-break
run "a file without an ending" 0 eval no-break

# ---- what is printed

run "--expr without a file" 0 eval --expr '1 + 1'
out_is '2
'
run "--expr with a file" 0 eval good.lig -e 'port + 1'
out_is '8081
'
mkdir -p beside
echo '{ n = 3 }' >beside/other.lig
echo 'import "./other"; let m = 4; other.n' >beside/main.lig
run "--expr with what the file imports" 0 eval beside/main.lig -e 'other.n + m'
has out "7"
run "--expr that is what the file imports" 0 eval beside/main.lig -e other
has out '"n": 3'
run "--expr with an error" 1 eval -e '1 +'
err_has "<expr>:1:"
run "--expr with two files" 2 eval -e 1 good.lig export.lig
run "--select" 0 eval --select tags[0] good.lig
out_is '"x"
'
run "--select into a constructor" 0 eval -s color.Ok good.lig
out_is '2.0
'
cp -r "$fixtures/platform" broken
sed -i 's/scaling: Scaling = Fixed 1,/&../' broken/lib/types.lig
run "constants behind a type with errors" 1 eval broken/main.lig
err_has "error[E0106]"
rm -r broken
run "--select of nothing there" 1 eval -s prot good.lig
err_has "port"
err_has " --> good.lig:"
run "--format raw" 0 eval -f raw -s name good.lig
out_is 'a'
run "--format raw of no string" 1 eval -f raw good.lig
run "--format text" 0 eval -f text good.lig
out_is '{ name = "a", port = 8080, tags = [Some "x", None], color = Ok 2.0 }
'
run "--sort-keys" 0 eval --compact --sort-keys good.lig
out_is '{"color":{"Ok":2.0},"name":"a","port":8080,"tags":["x",null]}
'
run "--ascii" 0 eval --ascii -e '"\u{e9}\u{1F600}"'
out_is '"\u00e9\ud83d\ude00"
'
run "--check-precision" 0 eval --check-precision -e 9007199254740993
err_has "W0401"
run "--check-precision of a small number" 0 \
    eval --check-precision -e 9007199254740992
[ -s err ] && result no "2^53 itself is fine" ||
    result yes "2^53 itself is fine"

# ---- --output

mkdir made
run "-o" 0 eval -o made/x.json good.lig
out_is ''
no_leftovers made x.json
run "the same on standard output" 0 eval good.lig
same out made/x.json "-o writes what standard output shows"
run "-o of a program that fails" 1 eval -o made/x.json divide.lig
no_leftovers made x.json
run "the file is as it was" 0 eval good.lig
same out made/x.json "-o leaves the file alone on failure"
run "-o into no folder" 3 eval -o nowhere/x.json good.lig
run "-o onto a folder" 3 eval -o made good.lig
no_leftovers made x.json
run "-o - is standard output" 0 eval -o - -e 1
out_is '1
'
run "-o /dev/null" 0 eval -o /dev/null good.lig
holds "-o leaves a device a device" test -c /dev/null

# ---- streams that take nothing

# What is opened does not take the place of a stream that is closed.
command="repl <&-"
timeout 20 "$ligature" repl <&- >out 2>err
code=$?
good=no
[ "$code" = 3 ] && [ ! -s out ] && good=yes
result $good "a prompt without standard input"
grep -q 'standard input cannot be read' err && good=yes || good=no
result $good "a prompt without standard input: says so"

command="eval good.lig >&-"
"$ligature" eval good.lig >&- 2>err
[ $? = 3 ] && result yes "closed standard output" ||
    result no "closed standard output"
if [ -w /dev/full ]; then
    for verb in "eval good.lig" "--help" "--version" "help eval" "explain" \
        "explain E0203" "parse good.lig" "typecheck --show-types good.lig" \
        "typecheck --format json good.lig"; do
        command="$verb >/dev/full"
        # shellcheck disable=SC2086
        "$ligature" $verb >/dev/full 2>err
        code=$?
        holds "$command" test $code = 3
        name=$command
        err_has "error[E0002]: standard output cannot be written: "
    done
    for format in json sarif junit; do
        "$ligature" typecheck good.lig --diagnostics $format 2>/dev/full
        code=$?
        holds "diagnostics as $format to a full device" test $code = 3
    done
    echo "1 + 1" | "$ligature" repl >/dev/full 2>err
    code=$?
    holds "repl to a full device" test $code = 3
    err_has "standard output cannot be written"
    "$ligature" repl </ 2>err
    code=$?
    holds "repl from a folder" test $code = 3
    err_has "standard input cannot be read"
    run "-o /dev/full" 3 eval -o /dev/full good.lig
    holds "/dev/full is a device still" test -c /dev/full
else
    skip "/dev/full" "there is none"
fi

# Descriptors by name are written to, where they stand: a rename would take the
# name from a file, and /dev/stdout from everybody.
if [ -e /dev/fd/1 ]; then
    echo before >by-name
    for name in /dev/fd/3 /proc/self/fd/3; do
        run "-o $name" 0 eval -o $name good.lig 3>>by-name
    done
    "$ligature" eval good.lig >once
    { echo before && cat once once; } >want
    holds "a descriptor by its name" cmp want by-name
    run "-o, no descriptor" 3 eval -o /dev/fd/77 good.lig
fi
command="eval -e 'range 0 1000000' | head"
"$ligature" eval -e 'range 0 1000000' 2>err | head -n 1 >out
[ "$(cat out)" = "[" ] && result yes "a reader that leaves" ||
    result no "a reader that leaves"
"$ligature" eval divide.lig 2>&- >out
code=$?
command="eval divide.lig 2>&-"
[ $code = 1 ] && [ ! -s out ] && result yes "closed standard error" ||
    result no "closed standard error"

cat >unreadable.py <<'E'
import os, subprocess, sys
binary = sys.argv[1]
os.chmod("closed.lig", 0)
def drop():
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
try:
    test = subprocess.run([binary, "--version"], preexec_fn=drop,
                          capture_output=True)
except (OSError, subprocess.SubprocessError):
    sys.exit(77)
if test.returncode != 0:
    sys.exit(77)
run = subprocess.run([binary, "eval", "closed.lig"], preexec_fn=drop,
                     capture_output=True)
print(run)
sys.exit(run.returncode != 3 or run.stdout != b"")
E
echo 1 >closed.lig
python3 unreadable.py "$ligature" >out 2>&1
code=$?
command="eval closed.lig (mode 000)"
if [ $code = 77 ]; then
    skip "an unreadable file" "the binary cannot be run as another user"
elif [ $code = 0 ]; then
    result yes "an unreadable file"
else
    result no "an unreadable file"
fi
chmod 644 closed.lig

# ---- diagnostics

run "--diagnostics json of a good program" 0 eval --diagnostics json good.lig
holds "an empty list" json err 'd == {"version": 1, "diagnostics": []}'
run "--diagnostics json" 1 eval --diagnostics json two.lig
holds "two diagnostics" json err \
    '[(x["code"], x["line"], x["file"]) for x in d["diagnostics"]] ==
     [("E0402", 1, "two.lig"), ("E0404", 2, "two.lig")]'
holds "all fields" json err 'all(set(x) == {"code", "severity", "message",
    "file", "line", "column", "endLine", "endColumn", "labels", "notes",
    "help", "trace"} and x["severity"] == "error" for x in d["diagnostics"])'
run "--diagnostics json of a wrong option value" 2 \
    eval --diagnostics json --workers 0 good.lig
holds "a diagnostic without a place" json err \
    'd["diagnostics"][0]["code"] == "E0001" and
     d["diagnostics"][0]["file"] is None'
run "--diagnostics json of a missing file" 3 eval --diagnostics json no.lig
holds "E0002" json err 'd["diagnostics"][0]["code"] == "E0002"'
mkdir -p "$temp/misspelt/lib"
echo '{ a = 1 }' >"$temp/misspelt/lib/web.lig"
run "misspelt folder and file" 3 eval "$temp/misspelt/lbi/wbe.lig"
has err "did you mean '$temp/misspelt/lib/web.lig'?"
"$ligature" eval --diagnostics-file diags --diagnostics json two.lig >out 2>err
code=$?
command="eval --diagnostics-file diags --diagnostics json two.lig"
[ $code = 1 ] && [ ! -s err ] && result yes "--diagnostics-file" ||
    result no "--diagnostics-file"
holds "the file has them" json diags 'len(d["diagnostics"]) == 2'
run "--diagnostics-file that cannot be written" 3 \
    eval --diagnostics-file nowhere/d good.lig
run "--max-errors" 1 eval --max-errors 3 thirty.lig
err_has "27 more errors not shown"
[ "$(grep -c '^error\[' err)" = 3 ] && result yes "three are shown" ||
    result no "three are shown"
run "twenty by default" 1 eval thirty.lig
[ "$(grep -c '^error\[' err)" = 20 ] && result yes "twenty are shown" ||
    result no "twenty are shown"
run "--color always" 1 eval --color always two.lig
grep -q "$(printf '\033')" err && result yes "colour" || result no "colour"
run "no colour in a pipe" 1 eval two.lig
grep -q "$(printf '\033')" err && result no "no colour" ||
    result yes "no colour"
run "results and diagnostics in one file" 2 \
    eval -o both.json --diagnostics-file ./both.json good.lig
err_has "'--output' and '--diagnostics-file' name the same file"
holds "nothing is written there" test ! -e both.json
for verb in eval "typecheck --show-types" doc why "graph --bindings"; do
    run "--werror of $verb" 1 $verb --werror warning.lig
done
run "--werror in JUnit" 1 eval --werror --diagnostics junit warning.lig
err_has 'tests="1" failures="1" errors="0"'
run "--werror in SARIF" 1 eval --werror --diagnostics sarif warning.lig
err_has '"level":"error","message":'
run "a warning alone" 0 eval warning.lig
err_has "W0201"
for workers in 1 2 8; do
    run "--fail-fast at $workers workers" 1 \
        eval --fail-fast --workers $workers thirty.lig
    [ $workers = 1 ] && cp err first.err
    same err first.err "--fail-fast says the same at $workers workers"
done
[ "$(grep -c '^error\[' err)" = 1 ] && result yes "one error" ||
    result no "one error"
err_has "thirty.lig:1:"

# ---- --report and --stats

for workers in 1 8; do
    run "each task counts once at $workers workers" 1 eval --report counts.json \
        --workers $workers "$here/stress/failures.lig"
    has counts.json '"total":17,"evaluated":4,"cached":0,"failed":13,'
done
run "--report" 0 eval --report report.json --workers 2 good.lig
cat >shape.py <<'E'
import json
d = json.load(open("report.json", encoding="utf-8"))
number = (int, float)
shape = {
    "version": int, "command": str, "verdict": str, "exitCode": int,
    "diagnostics": list, "mode": str, "fallback": (str, type(None)),
    "workers": list, "phases": list, "modules": list, "tasks": dict,
    "steps": dict,
    "workMs": number, "spanMs": number, "parallelism": number, "whole": dict,
    "heap": dict, "memory": dict, "caches": dict, "peakMemoryBytes": int}
assert set(d) == set(shape), set(d) ^ set(shape)
for key, kind in shape.items():
    assert isinstance(d[key], kind), (key, d[key])
assert (d["command"], d["verdict"], d["exitCode"]) == ("eval", "ok", 0)
assert d["mode"] in ("parallel", "sequential")
for w in d["workers"]:
    assert set(w) == {"id", "tasks", "steals", "parks", "busyMs"}, w
assert [p["name"] for p in d["phases"]] == [
    "load", "resolve", "check", "evaluate", "print"], d["phases"]
assert set(d["steps"]) == {"total", "most"}
assert 0 <= d["steps"]["most"] <= d["steps"]["total"], d["steps"]
assert set(d["whole"]) == {"workMs", "spanMs", "parallelism"}
for p in d["phases"]:
    assert set(p) == {"name", "ms", "workMs", "spanMs"}, p
for key in ("workMs", "spanMs"):
    parts = sum(p[key] for p in d["phases"])
    assert abs(parts - d["whole"][key]) < .01, (key, parts, d["whole"])
assert 0 < d["whole"]["spanMs"] <= d["whole"]["workMs"], d["whole"]
for m in d["modules"]:
    assert set(m) == {"file", "bytes", "parseMs", "checkMs", "bindings"}, m
assert [m["file"] for m in d["modules"]] == ["good.lig"], d["modules"]
assert set(d["tasks"]) == {
    "total", "evaluated", "cached", "failed", "cancelled"}
for name in ("type", "value", "expression"):
    assert set(d["caches"][name]) == {
        "hits", "misses", "evictions", "entries", "bytes", "lookupNs"}
E
holds "the shape of the report" python3 shape.py
run "--report of a failure" 1 eval --report report.json divide.lig
holds "its verdict" json report.json \
    'd["verdict"] == "failed" and d["exitCode"] == 1 and
     d["diagnostics"][0]["code"] == "E0402"'
run "--report of a limit" 4 \
    eval --report report.json $slow --max-steps 1000 slow.lig
holds "its verdict" json report.json 'd["verdict"] == "limit"'
run "--report of a syntax error" 1 eval --report report.json syntax.lig
holds "its phases" json report.json \
    '"evaluate" not in [p["name"] for p in d["phases"]]'
run "--report into no folder" 0 eval -e 1
run "--stats" 0 eval --stats good.lig
err_has "tasks:"
err_has "evaluation: work"
err_has "whole run: work"
for format in json sarif junit; do
    run "--stats beside $format" 2 eval --stats --diagnostics $format good.lig
    err_has "--diagnostics-file"
    run "--stats and $format in a file" 0 eval --stats --diagnostics $format \
        --diagnostics-file document good.lig
    err_has "tasks:"
done
rm document
run "--sequential" 0 eval --sequential --stats good.lig
err_has "mode: sequential (--sequential)"

# ---- signals

cat >signals.py <<'E'
import os, signal, subprocess, sys, time
binary, name, workers = sys.argv[1], sys.argv[2], sys.argv[3]
number = getattr(signal, name)
def default():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
run = subprocess.Popen(
    [binary, "eval", "--max-steps", "4294967296", "--totality", "unchecked",
     "--workers", workers, "-o", "signals/x.json", "--report",
     "signals/report.json", "slow.lig"],
    preexec_fn=default, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
def handled():  # the handlers are installed
    for line in open("/proc/%d/status" % run.pid):
        if line.startswith("SigCgt:"):
            return int(line.split()[1], 16) >> (number - 1) & 1
    return False
for _ in range(2000):
    if handled():
        break
    time.sleep(0.005)
time.sleep(0.1)
run.send_signal(number)
out, err = run.communicate(timeout=60)
print(run.returncode, out, err)
assert run.returncode == 128 + number
assert out == b""
assert os.listdir("signals") == ["report.json"], os.listdir("signals")
E
mkdir signals
for signal in SIGINT SIGTERM; do
    for workers in 1 4; do
        command="$signal at $workers workers"
        holds "$command" python3 signals.py "$ligature" $signal $workers
        holds "$command: report" json signals/report.json \
            'd["verdict"] == "interrupted"'
        rm -f signals/*
    done
done

cat >blocked.py <<'E'
import signal, subprocess, sys, time
def default():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
run = subprocess.Popen([sys.argv[1], "eval", "-e", "range 0 100000"],
                       preexec_fn=default, stdout=subprocess.PIPE,
                       stderr=subprocess.DEVNULL)
run.stdout.read(1)  # it has begun to write
for _ in range(100):  # until the pipe is full
    time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    if run.poll() is not None:
        break
assert run.wait(timeout=60) == 130, run.returncode
E
command="SIGINT while the pipe is full"
holds "$command" python3 blocked.py "$ligature"

# ---- explain, parse, typecheck

run "explain" 0 explain
codes=$(sed 's/ .*//' out)
for code in $codes; do
    run "explain $code" 0 explain "$code"
    out_has "$code"
done
run "explain in small letters" 0 explain e0203
has out "E0203: "
run "a quote in a string" 1 eval -e '"he said "hi""'
has err 'a quote in a string is written \"'
run "a text of Python" 1 eval -e 'let n = 1 in f"port {n}"'
has err 'a text takes in values where they stand: "port \(n)"'
run "explain of an unknown code" 2 explain E9203
has err "'ligature explain' lists all"
run "explain of two codes" 2 explain E0203 E0204
run "parse" 0 parse good.lig
holds "the tree is JSON" json out \
    'd["version"] == 1 and len(d["declarations"]) == 1'
run "parse of a wrong program" 1 parse syntax.lig
run "parse of two files" 2 parse good.lig type.lig

mkdir -p tree/deep tree/.hidden
cp good.lig tree/a.lig
cp export.lig tree/deep/b.lig
cp type.lig tree/.hidden/c.lig
run "typecheck of a folder" 0 typecheck tree
run "typecheck of a folder as JSON" 0 \
    typecheck --format json --show-types tree
holds "its files and types" json out \
    'd["ok"] and d["version"] == 1 and d["files"] == 2 and d["errors"] == 0
     and [(t["file"], t["name"], t["type"], t["line"]) for t in d["types"]]
     == [("tree/a.lig", "port", "Integer", 1),
         ("tree/deep/b.lig", "x", "Integer", 1)]'
cp type.lig tree/deep/c.lig
run "typecheck of a folder with a wrong file" 1 typecheck tree
err_has "tree/deep/c.lig:1:17"
"$ligature" typecheck --format json tree >out 2>err
command="typecheck --format json tree"
holds "the summary of a failure" json out 'not d["ok"] and d["errors"] == 1'
printf 'let a = 1;\nlet b = 2;\na + b\n' >sum.lig
run "typecheck of a final expression as JSON" 0 typecheck --format json sum.lig
holds "its bindings are those with a name" json out 'd["bindings"] == 2'
run "typecheck of an empty folder" 3 typecheck folder
run "--show-types" 0 typecheck --show-types good.lig
out_is 'port : Integer
'
cat >defaults.lig <<'END'
type T = {
  url: String = "https://example.com/api/v1",
  long: List String = ["a long text that is", "not to be read", "in a list of types, where there is room for 80 bytes"],
};
let f (t: T) = t.url;
END
run "--show-types of defaults" 0 typecheck --show-types defaults.lig
out_is 'f : { url: String = "https://example.com/api/v1", long: List String = … } -> String
'
echo '[{ "a": 1, "b": "x" }, { "a": 2, "c": [true] }]' >rows.json
cat >rows.lig <<'END'
import "./rows.json" as rows: List { a: Integer, .. };
let c = 1;
let all = rows;
END
run "--show-types of open data, in the order of the data" 0 \
    typecheck --show-types rows.lig
out_is 'c : Integer
all : List { a: Integer, b: Option String, c: Option (List Boolean) }
'
cat >types.lig <<'E'
let identity x = x;
let add x y = x + y;
let port r = r.port;
let twice f = \x -> f (f x);
let list = [Some 1.5];
let pair = ("a", true);
let text (n: Integer): String = "\(n)";
E
run "--show-types of functions" 0 typecheck --show-types types.lig
out_is 'identity : a -> a
add : Num a => a -> a -> a
port : { port: a, .. } -> a
twice : (a -> a) -> a -> a
list : List (Option Float)
pair : (String, Boolean)
text : Integer -> String
'

# ---- odd arguments

run "an operand that is not UTF-8" 3 eval "$(printf 'a\377b.lig')"
run "an option that is not UTF-8" 2 eval "$(printf -- '--a\377b')" good.lig
run "a long operand" 3 eval "$(head -c 100000 /dev/zero | tr '\0' a)"
i=0
many=""
while [ $i -lt 500 ]; do
    many="$many good.lig"
    i=$((i + 1))
done
# shellcheck disable=SC2086
run "500 operands" 0 eval --compact $many
[ "$(wc -l <out)" = 500 ] && result yes "500 documents" ||
    result no "500 documents"

# ---- the environment, and settings that cannot be

for seed in x 1x -1 99999999999999999999; do
    export LIGATURE_SCHED_SEED=$seed
    run "a seed that is none: $seed" 2 eval good.lig
    err_has "LIGATURE_SCHED_SEED is not a number"
    unset LIGATURE_SCHED_SEED
done
export LIGATURE_SCHED_SEED=
run "no seed" 0 eval good.lig
unset LIGATURE_SCHED_SEED
colored() { # yes|no, name
    run "$2" 1 eval --color auto -e 'nowhere'
    if grep -q "$(printf '\033')" err; then found=yes; else found=no; fi
    [ $found = "$1" ] && result yes "$2: $1" || result no "$2: $1"
}
colored no "no terminal"
export CLICOLOR_FORCE=1
colored yes "CLICOLOR_FORCE"
export NO_COLOR=1
colored no "NO_COLOR before CLICOLOR_FORCE"
export NO_COLOR=
colored yes "an empty NO_COLOR"
export CLICOLOR_FORCE=0
colored no "CLICOLOR_FORCE=0"
export CLICOLOR_FORCE=
colored no "an empty CLICOLOR_FORCE"
unset CLICOLOR_FORCE NO_COLOR
export CI=true
run "in CI" 0 eval good.lig
unset CI
run "nesting deeper than any stack" 2 eval good.lig --max-nesting 999999999
err_has "'--max-nesting' takes a whole number from 1 to 2000"
run "a stream of JSON" 2 eval good.lig --yaml-stream --format json
err_has "'--yaml-stream' contradicts '--format'"
for text in 99999999999999999999 999999999999G 18446744073709551615T; do
    run "a size that is too large: $text" 2 eval good.lig --max-memory $text
done
for text in 99999999999h 9223372036854775807m; do
    run "a time that is too long: $text" 2 eval good.lig --timeout $text
done
for text in =x x= =; do
    run "an input that is none: $text" 2 eval good.lig --input "$text"
done
run "fmt of nothing that is there" 3 fmt nowhere
printf 'let a = 1;\n{  b = a }' >noend.lig
command="fmt --diff noend.lig"
"$ligature" fmt --diff noend.lig >out 2>err
name="a difference at the end of a file"
out_has '\ No newline at end of file'
cat >documented.lig <<'L'
/// The first.   
let a = 1;
/// Another one.
let b = 2;
/// Hidden.
let c = 3;
/// What it takes.
input d: Integer = 4;
export { a, b as bee };
L
run "doc of exports by list" 0 doc documented.lig
out_has "The first."
out_has "Another one."
! grep -q Hidden out && result yes "not what is hidden" ||
    result no "not what is hidden"
cat >signatures.lig <<'L'
type Port = Integer where > 0;
type Service = { name: String, port: Port };
/// Its parameters are named, its result is not.
export let hosts (s: Service) (count: Port) = [s.name for _ in range 0 count];
/// It has a type variable.
export let pair (s: Service) (x: a) = (s.port, x);
L
run "doc of an inferred result" 0 doc signatures.lig
out_has "hosts (s: Service) (count: Port): List String"
out_has "pair : { name: String, port: Integer } -> a -> (Integer, a)"
mkdir settings settings/lib settings/more
cat >settings/ligature.toml <<'L'
[eval]
"format" = "json"
L
echo 1 >settings/x.lig
cd settings || exit 1
export LIGATURE_INCLUDE="$temp/settings/lib::$temp/settings/more"
run "settings from a variable that is a list" 0 eval --show-config x.lig
out_has "settings/lib\", \""
unset LIGATURE_INCLUDE
export LIGATURE_REPORT="$(printf 'a "quoted\\" \001file')"
run "settings with odd characters" 0 eval --show-config x.lig
out_has 'a \"quoted\\\" \u0001file'
unset LIGATURE_REPORT
run "a quoted key" 0 eval x.lig
printf '[eval]\n"format" = "xml"\n' >ligature.toml
run "a quoted key with a wrong value" 2 eval x.lig
err_has "ligature.toml:2"
printf '[eval]\n"formta" = "json"\n' >ligature.toml
run "a quoted key that is none" 2 eval x.lig
err_has '^^^^^^^^'
cd "$temp" || exit 1
if [ -w /dev/full ]; then
    mkdir full
    command="init full >/dev/full"
    "$ligature" init full >/dev/full 2>err
    [ $? = 3 ] && result yes "$command" || result no "$command"
    holds "init has written nevertheless" test -s full/main.lig
fi

for option in -h --help; do
    run "help by $option" 0 $option
    out_has "usage: ligature VERB"
done
for option in -V --version "eval --version"; do
    # shellcheck disable=SC2086
    run "version by $option" 0 $option
    out_has "ligature "
done

# ---- README

run "the first command of the README" 0 \
    eval --parallel --workers 4 "$fixtures/platform/main.lig"
holds "its JSON" json out 'd'
run "the second command of the README" 0 \
    typecheck --parallel "$fixtures/platform"

finish
