#!/bin/sh
# A day with a project: ligature.toml and the environment, init, test, export.
# TAP on standard output.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
for name in $(env | sed -n 's/^\(LIGATURE_[A-Z_]*\)=.*/\1/p'); do
    unset "$name"
done
export LIGATURE_DISK_CACHE=never
export LC_ALL=C

is() { # name, text, text
    name=$1
    if [ "$2" = "$3" ]; then result yes "$1"; else
        printf '%s\n' "$2" | sed 's/^/# found: /'
        result no "$1"
    fi
}

json() { # name, file, python expression over the document d
    name=$1
    if python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
assert eval("(" + sys.argv[2] + ")"), d' "$2" "$3" 2>"$temp/json.log"; then
        result yes "$1"
    else
        result no "$1"
    fi
}

# ---- init

run "init" 0 init start
has out "wrote start/ligature.toml"
run "init twice" 0 init start
has out "kept start/main.lig (it exists)"
run "what init wrote evaluates" 0 eval --compact start/main.lig
is "what init wrote: result" "$(cat out)" \
    '{"service":{"name":"hello","port":8080,"replicas":1}}'
run "what init wrote passes" 0 test start
has out "2 passed, 0 failed"
run "what init wrote is formatted" 0 fmt --check start
run "init into nothing" 3 init no/such/folder
run "init of two" 2 init a b

# ---- tests

mkdir -p t/sub
cat >t/lib.lig <<'L'
let two = 2;
type Service = { name: String, ports: List Integer, tag: Option String };
let make (name: String): Service =
  { name, ports = [80, 443], tag = Some "x" };
L
cat >t/a_test.lig <<'L'
import "./lib" as lib;
let good = 1 + 1 == 2;
let differs =
  lib.make "web" == { name = "wob", ports = [80, 8443, 9], tag = None };
let asserts = assert (lib.two == 2) "two" ();
let assertFails = assert (lib.two == 3) "no three" ();
let stops = 1 / (lib.two - 2) == 0;
let conjunction = good && lib.two == 2 && [1, 2] == [1, 3];
let order = lib.two < 1;
let same = lib.two != 2;
let helper = { x = 1 };
L
echo 'let x = 1 + "a"; let fine = true;' >t/broken_test.lig
echo 'let text = "a" ++ "b" == "ab";' >t/sub/c_test.lig
echo 'let notATest = false;' >t/plain.lig
run "a failing test does not hide others" 1 test t
has out "ok    t/a_test.lig: good"
has out "FAIL  t/a_test.lig: differs"
has out "FAIL  t/a_test.lig: assertFails (no three)"
has out "FAIL  t/a_test.lig: stops (division by zero)"
has out "FAIL  t/broken_test.lig (expected Integer, found String)"
has out "ok    t/sub/c_test.lig: text"
has out "3 passed, 7 failed"
hasnt out helper
hasnt out notATest
has err '.name: left "web", right "wob"'
has err ".ports[1]: left 443, right 8443"
has err ".ports[2]: left has none, right 9"
has err '.tag: left Some "x", right None'
has err "[1]: left 2, right 3"
has err "error[E0203]"
for format in text tap junit json; do
    for workers in 1 2 8; do
        "$ligature" test t --format $format --workers $workers \
            >"out$workers" 2>"err$workers"
    done
    is "$format at 1 and 2 workers" "$(cat out1 err1)" "$(cat out2 err2)"
    is "$format at 1 and 8 workers" "$(cat out1 err1)" "$(cat out8 err8)"
    cp out1 "report.$format"
done
json "json report" report.json 'd["passed"] == 3 and d["failed"] == 7 and
    [t["verdict"] for t in d["tests"] if t["name"] == "differs"] == ["failed"]'
is "tap plan" "$(sed -n 2p report.tap)" "1..10"
is "tap lines" "$(grep -c '^not ok ' report.tap)" 7
is "junit" "$(python3 -c 'import sys, xml.etree.ElementTree as e
r = e.parse(sys.argv[1]).getroot()
print(r.get("tests"), r.get("failures"), r.get("errors"), len(r))' \
    report.junit)" "10 4 3 3"
run "a filter" 0 test t/a_test.lig --filter ": good"
has out "1 passed, 0 failed"
run "a filter that matches nothing" 2 test t/sub --filter nothing
run "no tests" 3 test start/none
run "a file named twice" 0 test t/sub t/sub/c_test.lig t/sub/../sub/c_test.lig
has out "1 passed, 0 failed"
mkdir late && cat >late/x_test.lig <<'L'
let rec spin (n: Integer): Integer = if n == 0 then 0 else spin (n + 1);
let early = true;
let never = spin 1 == 1;
L
run "a test that runs out of time" 124 test late --timeout 300ms --format tap \
    --totality unchecked --max-steps 4000000000
has out "ok 1 - late/x_test.lig: early"
has out "not ok 2 - late/x_test.lig: never"
run "files of tests that there is no time for" 124 test late --timeout 1ms \
    --totality unchecked --max-steps 4000000000 --format json
json "what there was no time for has failed" out \
    'not d["ok"] and d["tests"][-1]["code"] == "E0608"'
run "a test that runs out of steps" 4 test late --totality unchecked \
    --max-steps 1000
has out "1 passed, 1 failed"
cd t/sub && run "the folder alone" 0 test && cd "$temp" || exit 1
run "diagnostics of tests" 1 test t --diagnostics json
json "diagnostics of tests are one document" err \
    'len(d["diagnostics"]) == 7'

# ---- snapshots

mkdir s
cat >s/x_test.lig <<'L'
let snapshotService = { name = "web", ports = [80, 443], none = (None: Option String) };
L
run "a snapshot that is missing" 1 test s
has err "ligature test --update"
run "snapshots are written" 0 test s --update
is "a snapshot" "$(tr -d ' \n' <s/__snapshots__/x_test/snapshotService.json)" \
    '{"name":"web","ports":[80,443]}'
run "snapshots hold" 0 test s
sed -i 's/443/8443/' s/x_test.lig
run "a snapshot that differs" 1 test s
has err ".ports[1]: snapshot 443, value 8443"
echo '{ "ports": [80, 8443], "name": "web" }' \
    >s/__snapshots__/x_test/snapshotService.json
run "layout and order are nothing to a snapshot" 0 test s
echo '{ "ports": ' >s/__snapshots__/x_test/snapshotService.json
run "a snapshot that is broken" 1 test s
has err "is no JSON"
printf '<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n' \
    >s/__snapshots__/x_test/snapshotService.json
run "a snapshot with a conflict" 1 test s
has err "is no JSON: a merge conflict is left here"
echo 1 >s/__snapshots__/x_test/snapshotGone.json
run "snapshots are rewritten" 0 test s -u
is "snapshots that nobody wants go" "$(ls s/__snapshots__/x_test)" \
    snapshotService.json

mkdir kinds && cd kinds || exit 1
cat >x_test.lig <<'L'
let snapshotAll = { b = true, f = 1.5, i = [1], n = [None, Some "x"], u = () };
L
run "a snapshot of all that JSON has" 0 test --update
has out "(snapshot written)"
run "it holds" 0 test
run "nothing is written twice" 0 test x_test.lig --update
hasnt out "written"
sed -i 's/true/false/; s/1.5/2.5/; s/None, /Some "y", /; s/()/3/' x_test.lig
run "all of it differs" 1 test
has err ".b: snapshot true, value false"
has err ".f: snapshot 1.5, value 2.5"
has err '.n[0]: snapshot null, value "y"'
has err ".u: snapshot null, value 3"
rm __snapshots__/x_test/snapshotAll.json
mkdir __snapshots__/x_test/snapshotAll.json
run "a snapshot that is a folder" 1 test
has err "cannot be read"
run "a snapshot that cannot be replaced" 3 test --update
has err "'__snapshots__/x_test/snapshotAll.json' cannot be written"
rm -r __snapshots__ && mkdir ../elsewhere && echo 1 >../elsewhere/snapshotOld.json
ln -s ../elsewhere __snapshots__
run "a folder of snapshots that is a link" 1 test --update
has err "is a symbolic link"
rm __snapshots__ && mkdir __snapshots__
ln -s ../../elsewhere __snapshots__/x_test
run "a folder of a file's snapshots that is a link" 1 test --update
has err "is a symbolic link"
is "nothing is written or removed behind a link" "$(ls ../elsewhere)" \
    snapshotOld.json
rm -r __snapshots__ && mkdir -p __snapshots__/x_test/snapshotGone.json
run "an old snapshot that cannot be removed" 3 test --update
has err "'__snapshots__/x_test/snapshotGone.json' cannot be removed: Is a dir"
has err "help: --update removes the snapshots of tests that are gone"
run "without --update it does not matter" 0 test
rm -r __snapshots__ && echo >__snapshots__
run "no folder for snapshots" 3 test --update
has err "cannot be written"
echo 'let snapshotFunction = { f = \x -> x };' >x_test.lig
run "a snapshot of a function" 1 test
has out "snapshotFunction (a function stands in the result at .f)"
has err "error[E0406]"
cd "$temp" || exit 1

# ---- what is compared, and which bindings are tests

mkdir rel
cat >rel/a_test.lig <<'L'
let ne = 1 != 1;
let lt = 2 < 1;
let le = "b" <= "a";
let gt = 1.5 > 2.5;
let ge = [1] >= [2];
let deep = 1 == 1 && (2 == 2 && 3 == 4);
let negated = !(1 == 1);
let words = ["0123456789" for x in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]];
let long = words ++ words ++ words ++ words != words ++ words ++ words ++ words;
L
cat >rel/b_test.lig <<'L'
let inner = 1 == 2;
inner
L
cat >rel/c_test.lig <<'L'
export let shown = true;
let inner = false;
inner
L
run "comparisons that do not hold" 1 test rel
for name in lt le gt ge; do
    has out "FAIL  rel/a_test.lig: $name (the comparison does not hold)"
done
has out "FAIL  rel/a_test.lig: ne (the two sides are equal)"
has out "FAIL  rel/a_test.lig: long (the two sides are equal)"
has out "FAIL  rel/a_test.lig: negated (it is false)"
has out "FAIL  rel/a_test.lig: deep (the two sides are not equal)"
has err 'left  ["0123456789", '
has err "..."
has out "FAIL  rel/b_test.lig: inner"
has out "ok    rel/c_test.lig: shown"
hasnt out "rel/c_test.lig: inner"
mkdir needs
echo 'export let x: Integer = "a";' >needs/lib.lig
echo 'import "./lib" as lib; let t = lib.x == 1;' >needs/a_test.lig
echo 'let t = true;' >needs/b_test.lig
run "a test of what is broken" 1 test needs --timeout 60s
has out "FAIL  needs/a_test.lig (the file does not type-check)"
has out "ok    needs/b_test.lig: t"

mkdir odd
echo 'let t = true;' >'odd/a#b_test.lig'
run "a report with times" 0 test odd --format junit --stats
has out ' time="0.'
has out 'file="odd/a#b_test.lig"'
run "a title with a hash" 0 test odd --format tap
has out 'ok 1 - odd/a\#b_test.lig: t'
run "a report of all" 0 test odd --format json
json "all passed" out 'd["passed"] == 1 and d["failed"] == 0'

# ---- ligature.toml

mkdir -p p/sub p/vendor/net p/lib
cat >p/ligature.toml <<'T'
[all]
include = ["lib"]
max-errors = 5
workers = 3

[eval]
workers = 2
compact = true

[imports]
corp.net = "vendor/net"
"corp.one" = "vendor/one.lig"
corp.out = "../t"
T
echo 'let answer = 42;' >p/vendor/net/mod.lig
echo 'let ip = "1.2.3.4";' >p/vendor/net/ip.lig
echo 'let one = 1;' >p/vendor/one.lig
echo 'let l = "lib";' >p/lib/l.lig
cat >p/sub/main.lig <<'L'
import corp.net as net;
import corp.net.ip as ip;
import corp.one;
import "l" as l;
{ a = net.answer, b = ip.ip, c = one.one, d = l.l }
L
want='{"a":42,"b":"1.2.3.4","c":1,"d":"lib"}'
run "a project" 0 eval p/sub/main.lig
is "a project: result" "$(cat out)" "$want"
cd p/sub && run "from inside" 0 eval main.lig && cd "$temp" || exit 1
is "from inside: result" "$(cat out)" "$want"
# What the project file names is said as seen from the working directory.
mkdir -p seen/sub
printf '[eval]\ninput-file = "in.json"\n' >seen/ligature.toml
echo '{ "none": 1 }' >seen/in.json
echo 1 >seen/sub/main.lig
cd seen/sub && run "inputs of a project" 2 eval main.lig && cd "$temp" || exit 1
has err "--> ../in.json:1:3"
echo 'workrs = 2' >>seen/ligature.toml
cd seen/sub && run "a project file above" 2 eval main.lig &&
    cd "$temp" || exit 1
has err "--> ../ligature.toml:3:1"
cd p && run "a project file beside" 2 eval ../seen/sub/main.lig &&
    cd "$temp" || exit 1
has err "--> ../seen/ligature.toml:3:1"
echo 'import corp.nett as n; n' >p/sub/near.lig
run "an unknown name" 1 eval p/sub/near.lig
has err "did you mean 'corp.net'?"
echo 'import crop.net.ip as n; n.ip' >p/sub/near.lig
run "an unknown name with a path" 1 eval p/sub/near.lig
has err "did you mean 'corp.net.ip'?"
echo 'import corp.net.pi as n; n.ip' >p/sub/near.lig
run "a file that is not there" 1 eval p/sub/near.lig
has err "did you mean 'corp.net.ip'?"
rm p/sub/near.lig
echo 'import corp.out.lib as n; n.two' >p/sub/out.lig
run "imports stay in the project" 1 eval p/sub/out.lig
has err "leads out of the project"
run "unless they are allowed" 0 eval p/sub/out.lig --allow-root t
mkdir -p t/pack p/link && echo 'let in = 1;' | sed 's/in/inside/' >t/pack/mod.lig
ln -s ../../t/pack p/link/pack
for path in ../../t/pack "$temp/t/pack" ../link/pack; do
    echo "import \"$path\" as n; n.inside" >p/sub/pack.lig
    run "a folder that is allowed: $path" 0 eval p/sub/pack.lig --allow-root t
    run "what is allowed is not by itself: $path" 1 eval p/sub/pack.lig
    has err "is refused"
    echo "import \"$path/none\" as n; n" >p/sub/pack.lig
    run "nothing where it is allowed: $path" 1 eval p/sub/pack.lig --allow-root t
    has err "is not there"
    has err "/none/mod.lig'"
    run "nothing where it is not: $path" 1 eval p/sub/pack.lig
    has err "is refused"
done
run "the configuration" 0 eval --show-config p/sub/main.lig --fail-fast
has out "workers = 2                             # p/ligature.toml:7"
has out "max-errors = 5                          # p/ligature.toml:3"
has out "fail-fast = true                        # --fail-fast"
has out "sequential = false                      # default"
has out '"corp.net" = "vendor/net"'
hasnt out "show-config"
run "of another verb" 0 typecheck --show-config p/sub/main.lig
has out "workers = 3                             # p/ligature.toml:4"
LIGATURE_WORKERS=4 run "the environment" 0 eval --show-config p/sub/main.lig
LIGATURE_WORKERS=4 "$ligature" eval --show-config p/sub/main.lig >out
name="the environment wins"
has out "workers = 4                             # LIGATURE_WORKERS"
LIGATURE_WORKERS=4 "$ligature" eval --show-config -w 5 p/sub/main.lig >out
name="the command line wins"
has out "workers = 5                             # --workers"
LIGATURE_COMPACT=0 "$ligature" eval p/sub/main.lig >out
is "a flag that the environment takes back" "$(head -n 1 out)" "{"
run "a flag that the command line takes back" 0 eval --compact=false \
    p/sub/main.lig
is "a flag that the command line takes back: result" "$(head -n 1 out)" "{"
run "higher origins settle contradictions" 0 eval --sequential p/sub/main.lig
run "what is overruled is not shown" 0 eval --sequential --show-config \
    p/sub/main.lig
has out "sequential = true                       # --sequential"
has out "# workers = none                        # default"
mkdir -p y/sub
echo '[1, 2]' >y/main.lig
stream=$(printf -- '---\n1\n---\n2')
printf '[eval]\nyaml-stream = true\n' >y/ligature.toml
run "a stream by the project" 0 eval y/main.lig
is "a stream by the project: result" "$(cat out)" "$stream"
run "a format wins over it" 0 eval y/main.lig --format json --compact
is "a format wins over it: result" "$(cat out)" "[1,2]"
printf '[eval]\nformat = "json"\n' >y/ligature.toml
stream_over() { # NAME=VALUE, options...
    variable=$1
    shift
    env "$variable" "$ligature" eval "$@" y/main.lig >out 2>err
    is "a stream over another format: $variable" "$(cat out)" "$stream"
}
stream_over LIGATURE_YAML_STREAM=1
stream_over LIGATURE_FORMAT=toml --yaml-stream
printf '[eval]\nformat = "json"\nyaml-stream = true\n' >y/ligature.toml
run "a stream of JSON by one origin" 2 eval y/main.lig
has err "'--yaml-stream' contradicts '--format'"
printf '[validate]\ntype = "schema.lig#T"\n' >y/ligature.toml
echo 'type T = { a: Integer };' >y/schema.lig
echo '{"a": 1}' >y/sub/data.json
run "a type beside the project file" 0 validate y/sub/data.json
mkdir -p w/vendor
printf '[imports]\ncorp.net = "vendor/net"\n' >w/ligature.toml
echo 'type Port = Integer where > 0;' >w/vendor/net.lig
echo 'import { Port } from corp.net; type T = { p: Port };' >w/schema.lig
echo '{"p": 1}' >outside.json
run "data beside the project of its type" 0 validate outside.json --type w/schema.lig#T
(cd w && "$ligature" validate - --type schema.lig#T <../outside.json)
is "standard input, and the project of its type" $? 0
for broken in LIGATURE_WORKERS=x LIGATURE_COMPACT=yes LIGATURE_FORMAT=xml \
    LIGATURE_TIMEOUT=5 LIGATURE_MAX_MEMORY=1T; do
    code=$(env "$broken" "$ligature" eval -e 1 >out 2>err || echo $?)
    is "broken environment: $broken" "$code" 2
    has err "${broken%=*} in the environment takes"
done
code=$(env LIGATURE_DIAGNOSTICS=json LIGATURE_WORKERS=x "$ligature" eval -e 1 \
    2>err || echo $?)
json "errors of the environment in the format of the environment" err \
    'd["diagnostics"][0]["code"] == "E0001"'
is "variables of others" \
    "$(LIGATURE_HOME=/x LIGATURE_SHOW_TYPES=zzz "$ligature" eval -e 1)" 1

LIGATURE_FORMAT=yaml run "a format of other verbs" 0 typecheck p/sub/main.lig
LIGATURE_FORMAT=dot run "and of other ones" 0 eval -e 1
code=$(env LIGATURE_FORMAT=xml "$ligature" typecheck p/sub/main.lig 2>err ||
    echo $?)
is "a format of no verb" "$code" 2
has err "LIGATURE_FORMAT in the environment takes one of text|json, not 'xml'"

toml() { # name, text of ligature.toml, what is said
    mkdir -p q
    printf '%s\n' "$2" >q/ligature.toml
    echo 1 >q/main.lig
    run "$1" 2 eval q/main.lig
    has err "$3"
    has err "q/ligature.toml:"
}
toml "a format of no verb in [all]" "$(printf '[all]\nformat = "xml"')" \
    "'format' takes one of json|yaml"
for format in yaml dot tap; do
    printf '[all]\nformat = "%s"\n' $format >q/ligature.toml
    run "a format of some verbs in [all]: $format" 0 typecheck q/main.lig
    run "and of fmt" 0 fmt --check q/main.lig
done
toml "a conflict" "$(printf '<<<<<<< HEAD\n=======\n>>>>>>> other')" \
    "a merge conflict is left here"
toml "an unknown table" '[evall]' "did you mean 'eval'?"
toml "a table like no other" '[zzqwx]' "there are 'eval', 'export', "
toml "an option like no other" "$(printf '[eval]\nzzqwx = 1')" \
    "'ligature help eval' lists them"
toml "a table of another name of a verb" '[check]' "did you mean 'typecheck'?"
toml "and one that is near it" '[chek]' "did you mean 'typecheck'?"
toml "an unknown key" "$(printf '[eval]\nworker = 1')" "did you mean 'workers'?"
toml "an unknown key of another verb" "$(printf '[typecheck]\ncompact = true')" \
    "unknown option 'compact'"
toml "a key outside a table" 'workers = 1' "unknown table 'workers'"
toml "a table that is none" 'eval = 1' "'eval' is a table"
toml "a wrong number" "$(printf '[eval]\nworkers = "x"')" \
    "'workers' takes a whole number"
toml "a wrong flag" "$(printf '[eval]\ncompact = "yes"')" \
    "'compact' takes true or false"
toml "a wrong time" "$(printf '[eval]\ntimeout = 30')" "'timeout' takes a time"
toml "a path with NUL" "$(printf '[eval]\noutput = "a\\u0000b"')" \
    "'output' takes a text without NUL characters"
toml "a wrong list" "$(printf '[all]\ninclude = [1]')" "'include' takes a text"
toml "a wrong import" "$(printf '[imports]\na.b = 3')" \
    "an import is the path of a folder or a file"
toml "an import in the library" "$(printf '[imports]\nstd.x = "y"')" \
    "do not begin with 'std'"
for key in '"a b"' '"1x"' '""' '"a-b"' 'std'; do
    toml "an import named $key" "$(printf '[imports]\n%s = "y"' "$key")" \
        "names of imports are identifiers"
    has err "q/ligature.toml:2:1"
done
toml "a key with an escape" "$(printf '[eval]\n"work\\u0065r" = 1')" \
    '2 | "work\u0065r" = 1'
has err '  | ^^^^^^^^^^^^^'
toml "text that is no UTF-8" "$(printf '\377')" "not valid UTF-8"
toml "a NUL in a path" "$(printf '[all]\ninclude = ["a\\u0000b"]')" \
    "'include' takes a text"
toml "a list of tables" '[[eval]]' "'eval' is a table"
toml "no TOML" 'a = [1,' "expected a value"
toml "a time of other units" "$(printf '[eval]\ntimeout = "5 parsecs"')" \
    "'timeout' takes a time"
toml "a text for two" "$(printf '[eval]\ninput = ["a=1", 2]')" \
    "'input' takes a text"
printf '#%.0s' $(seq 1100) >q/long
for _ in $(seq 1000); do cat q/long; done >q/ligature.toml
run "a project file that is too large" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: it is too large"
rm q/ligature.toml && mkdir q/ligature.toml
run "a project file that is a folder" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: it is no regular file"
rmdir q/ligature.toml && ln -s ligature.toml q/ligature.toml
run "a project file that is a link to itself" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: Too many levels"
ln -sf nothing.toml q/ligature.toml
run "a project file that is a link to nothing" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: it is a link to nothing"
ln -sf main.lig/nothing.toml q/ligature.toml
run "a project file that is a link through a file" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: it is a link to nothing"
ln -sf "$temp/p/ligature.toml" q/ligature.toml
run "a project file that is a link out of its folder" 3 eval q/main.lig
has err "'q/ligature.toml' cannot be read: it is a link that leads out"
printf '[eval]\nsort-keys = true\n' >q/real.toml
ln -sf real.toml q/ligature.toml
echo '{ b = 1, a = 2 }' >q/main.lig
run "a project file that is a link in its folder" 0 eval --compact q/main.lig
is "a project file that is a link in its folder: result" "$(cat out)" \
    '{"a":2,"b":1}'
rm q/ligature.toml
if [ "$(id -u)" != 0 ]; then
    echo '[evall]' >q/ligature.toml && chmod 0 q/ligature.toml
    run "a project file that may not be read" 3 eval q/main.lig
fi
rm -rf q
if [ "$(id -u)" != 0 ]; then
    mkdir shared && chmod 1777 shared
else
    mkdir -m 1777 shared && echo '[evall]' >shared/ligature.toml
    chown 1:1 shared/ligature.toml && echo 1 >shared/main.lig
    run "a file of others where all may write" 0 eval shared/main.lig
    ln -sf nothing.toml shared/ligature.toml
    chown -h 1:1 shared/ligature.toml
    run "a link of others where all may write" 0 eval shared/main.lig
fi

# ---- what failed tests say

mkdir said
cat >said/a_test.lig <<'L'
import std.map as map;
type Shape = Circle Float | Box Integer Integer | Empty | Both ((Integer, Integer));
let zero = range 0 1;
let lines = fold (\s x -> s ++ "line \(x)\n") "" (range 0 40);
let wide = fold (\s _ -> s ++ "ä") "" (range 0 70);
let tuples = (1, "a", (2, 3)) == (1, "b", (2, 4));
let unions =
  [Circle 1, Box 1 2, Empty, Both ((1, 2))] ==
    [Circle 2, Box 1 3, Circle 1, Both ((1, 3))];
let unicode = wide ++ "😀ö" == wide ++ "😁ö";
let longer = "x" ++ lines ++ "y" == "x" ++ lines;
let maps = map.fromList [("a", 1), ("b", 2)] == map.fromList [("a", 3), ("c", 4)];
let options = [Some 1, None] == [None, Some 1];
let many = range 0 100 == range 1 101;
let fewer = range 0 3 == range 0 5;
let units = ((), [()]) == ((), []);
let between = 1.5 < 2.5 && 3 < 2;
let equal = 1 != 1;
let failing = 1 / (length zero - 1) == 1;
let asserted = assert (1 == 2) "one is two" ();
let erring: Boolean = error "stop";
L
run "tests that fail in many ways" 1 test said
has out "0 passed, 14 failed"
for note in '[1]: left "a", right "b"' '[2][1]: left 3, right 4' \
    '[0].Circle: left 1.0, right 2.0' '[1].Box[1]: left 2, right 3' \
    '[2]: left Empty, right Circle 1.0' '[3].Both[1]: left 2, right 3' \
    "from character 71 on, left '...ääääääääää😀ö', right '...ääääääääää😁ö'" \
    "from character 312 on, left '... 37\\u{a}line 38\\u{a}line 39\\u{a}y'" \
    '.a: left 1, right 3' \
    '[0]: left Some 1, right None' 'and 80 more' \
    '[3]: left has none, right 3' 'left  3' 'left  1'; do
    has err "note: $note"
done
has out "(division by zero)"
has out "(one is two)"
has out "(stop)"

# ---- export

mkdir x
cat >x/main.lig <<'L'
{
  "deploy.yaml" = { name = "x", ports = [80, 443] },
  "app/config.json" = { a = 1 },
  "app/deep/b.toml" = { t = { u = 1 } },
  "hello.txt" = "hi\n",
  "nginx.conf" = "server {}\n",
  "none.json" = (None: Option String),
}
L
run "export" 0 export x/main.lig --out x/out
has out "5 written, 0 unchanged, 0 removed"
is "files" "$(cd x/out && find . -type f | sort | tr '\n' ' ')" \
    "./.ligature-export.json ./app/config.json ./app/deep/b.toml ./deploy.yaml ./hello.txt ./nginx.conf "
is "raw text" "$(od -c x/out/hello.txt | head -n 1)" "$(printf 'hi\n' | od -c | head -n 1)"
json "exported JSON" x/out/app/config.json 'd == {"a": 1}'
is "exported YAML" "$(head -n 1 x/out/deploy.yaml)" "name: x"
touch -d 2001-01-01 x/out/deploy.yaml x/out/.ligature-export.json x/out/app
run "nothing changed" 0 eval -m x/out x/main.lig
has out "0 written, 5 unchanged, 0 removed"
is "nothing touched" "$(find x/out -newermt 2002-01-01 \
    \( -name deploy.yaml -o -name .ligature-export.json -o -name app \))" ""
chmod 755 x/out/deploy.yaml
sed -i 's/443/8443/; /nginx/d; /b.toml/d' x/main.lig
run "a change" 0 export x/main.lig -o x/out
has out "wrote x/out/deploy.yaml"
has out "1 written, 2 unchanged, 0 removed"
is "modes stay" "$(stat -c %a x/out/deploy.yaml)" 755
is "others stay without --prune" "$(ls x/out/nginx.conf)" x/out/nginx.conf
echo mine >x/out/app/mine
run "prune" 0 export x/main.lig -o x/out --prune
has out "removed x/out/nginx.conf"
has out "removed x/out/app/deep/b.toml"
is "what was not exported stays" \
    "$(cd x/out && find . | sort | tr '\n' ' ')" \
    ". ./.ligature-export.json ./app ./app/config.json ./app/mine ./deploy.yaml ./hello.txt "
# --check and --diff say what would change, and nothing happens.
run "--check: nothing to do" 0 export x/main.lig -o x/out --check
is "--check: nothing said" "$(cat out)" ""
find x/out | sort | xargs stat -c '%n %y' >x/before
sed 's/8443/9443/; /hello/d; $i "new.txt" = "",' x/main.lig >x/next.lig
run "--check" 1 export x/next.lig -o x/out --check
is "--check: names" "$(cat out)" "x/out/deploy.yaml
x/out/new.txt"
run "--check --prune" 1 export x/next.lig -o x/out/ --check --prune
is "--check --prune: names" "$(cat out)" "x/out/deploy.yaml
x/out/new.txt
x/out/hello.txt"
run "--diff" 1 export x/next.lig -o x/out --diff --prune --report x/report
is "--diff: text" "$(cat out)" "--- x/out/deploy.yaml
+++ x/out/deploy.yaml
@@ -1,4 +1,4 @@
 name: x
 ports:
   - 80
-  - 8443
+  - 9443
--- /dev/null
+++ x/out/new.txt
--- x/out/hello.txt
+++ /dev/null
@@ -1,1 +0,0 @@
-hi"
json "--diff: report" x/report 'd["exitCode"] == 1'
find x/out | sort | xargs stat -c '%n %y' | diff x/before - >out
is "--check and --diff: nothing touched" "$(cat out)" ""
run "--diff of what is missing" 1 export x/next.lig -o x/none --diff
is "--diff of what is missing: files" "$(grep -c '^--- /dev/null' out)" 3
run "--check with an error" 1 export -e '{ "a.json" = 1 / 0 }' -o x/out --check
is "--check with an error: nothing said" "$(cat out)" ""
ln -s hello.txt x/out/new.txt
run "--diff of a link" 1 export x/next.lig -o x/out --diff
has out "--- /dev/null"
rm x/out/new.txt
mkdir x/out/new.txt
run "--diff of a folder" 3 export x/next.lig -o x/out --diff
has err "a folder is in its place"
rmdir x/out/new.txt
cat >x/bad.lig <<'L'
{
  "../x.json" = 1,
  "/abs.json" = 1,
  "a//b.json" = 1,
  "a/./b.json" = 1,
  "" = 1,
  "x" = 1,
  "c\n.json" = 1,
  ".ligature-export.json" = 1,
  "fine.json" = 1,
}
L
run "names that are refused" 1 export x/bad.lig -o x/bad
is "each is named" "$(grep -c '^error\[E0413\]' err)" 8
is "and nothing written" "$(ls x/bad 2>&1 | grep -c 'No such')" 1
echo '{ "a.json" = { f = \x -> x }, "g.json" = \x -> x }' >x/bad.lig
run "functions" 1 export x/bad.lig -o x/bad
has err 'a function stands in the result at ."a.json".f'
has err 'a function stands in the result at ."g.json"'
echo 'export let a = 1; export let f = \x -> x;' >x/bad.lig
run "a function that a file offers" 0 export x/bad.lig -o x/offers -f json
is "a function that a file offers is no file" "$(ls x/offers)" a
echo '{ "a.json" = 1, "a.json/b.json" = 2 }' >x/bad.lig
run "names that collide" 1 export x/bad.lig -o x/bad
has err "collides with 'a.json'"
echo '[1]' >x/bad.lig
run "a result that is no record" 1 export x/bad.lig -o x/bad
echo '{ "a.json" = 1, "b.toml" = [1] }' >x/bad.lig
run "one that cannot be printed" 1 export x/bad.lig -o x/bad
is "one for all" "$(ls x/bad 2>&1 | grep -c 'No such')" 1
run "a part of the result" 0 export -e '{ all = { "a.json" = [1] } }' \
    --select all -o x/part --compact
is "a part of the result: file" "$(cat x/part/a.json)" "[1]"
run "one format for all" 0 export -e '{ a = { b = 1 } }' -f yaml -o x/yaml
is "one format for all: file" "$(cat x/yaml/a)" "b: 1"
cat >x/stream.lig <<'L'
{ "a.yaml" = [{ b = 1 }, { b = 2 }], "b.yml" = ({ c = 1 }, "x"),
  "one.yaml" = { d = [1] }, "e.json" = [1], "f.txt" = "[" }
L
run "streams" 0 export x/stream.lig --yaml-stream --compact -o x/stream
is "a stream of a list" "$(tr '\n' ' ' <x/stream/a.yaml)" \
    "--- b: 1 --- b: 2 "
is "of a tuple" "$(tr '\n' ' ' <x/stream/b.yml)" "--- c: 1 --- x "
is "what is no list is one document" "$(tr '\n' ' ' <x/stream/one.yaml)" \
    "d:   - 1 "
is "JSON stays JSON" "$(cat x/stream/e.json x/stream/f.txt)" "[1]
["
run "streams by --multi" 0 eval x/stream.lig --yaml-stream --compact -m x/stream
has out "0 written, 5 unchanged"
run "streams of a format" 0 export -e '{ a = [1, 2] }' -f yaml --yaml-stream \
    -o x/yaml
is "streams of a format: file" "$(tr '\n' ' ' <x/yaml/a)" "--- 1 --- 2 "
run "streams of JSON" 2 export x/stream.lig --yaml-stream -f json -o x/yaml
run "no folder" 2 export x/main.lig
run "multi and output" 2 eval x/main.lig -m x/out -o x/y
run "prune alone" 2 eval x/main.lig --prune
mkdir -p x/links x/elsewhere
ln -s "$temp/x/elsewhere" x/links/app
run "links to folders are not followed" 3 export x/main.lig -o x/links
has err "a part of its path is no folder"
is "nothing was written at all" "$(ls -A x/links x/elsewhere)" \
    "$(printf 'x/elsewhere:\n\nx/links:\napp')"
rm x/links/app
ln -s "$temp/x/elsewhere/f" x/links/hello.txt
run "links to files are replaced" 0 export x/main.lig -o x/links
is "links to files are replaced: target" "$(ls -A x/elsewhere)" ""
mkdir -p x/taken/hello.txt
run "a folder in the place of a file" 3 export x/main.lig -o x/taken
is "a folder in the place of a file: rest" "$(ls -A x/taken)" hello.txt
mkdir -p x/manifest && echo '{}' >x/manifest/.ligature-export.json
run "a manifest that is none" 3 export x/main.lig -o x/manifest
echo '{"version":1,"files":["../../escape","gone.json"]}' \
    >x/manifest/.ligature-export.json
echo 1 >x/escape
run "a manifest that lies" 0 export x/main.lig -o x/manifest --prune
is "a manifest that lies: nothing escapes" "$(cat x/escape)" 1

# Killed at any moment, each file is whole, and the next run completes.
cat >x/many.lig <<'L'
import std.map as map;
input generation: Integer;
map.fromList [("d\(i % 20)/f\(i).json",
               { generation, items = [generation for k in range 0 200] })
              for i in range 0 2000]
L
begin=$(date +%s%N)
"$ligature" export x/many.lig -o x/many --input generation=0 >/dev/null
took=$((($(date +%s%N) - begin) / 1000000))
generation=1
whole=yes
for percent in 20 55 75 90; do
    "$ligature" export x/many.lig -o x/many --input generation=$generation \
        >/dev/null 2>&1 &
    pid=$!
    sleep "$(printf '%d.%03d' $((took * percent / 100000)) \
        $((took * percent / 100 % 1000)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    python3 - "$temp/x/many" >>killed.log 2>&1 <<'P' || whole=no
import json, os, sys
count = 0
for folder, _, names in os.walk(sys.argv[1]):
    if folder.endswith(".ligature-export.tmp"):
        continue
    for name in names:
        d = json.load(open(os.path.join(folder, name)))
        if name != ".ligature-export.json":
            assert d["items"] == [d["generation"]] * 200, (folder, name)
            count += 1
assert count == 2000, count
P
    generation=$((generation + 1))
done
name=kill
cp killed.log err
result $whole "files are whole whenever an export is killed"
run "and the next run completes" 0 export x/many.lig -o x/many --input \
    generation=99
is "and leaves nothing behind" "$(ls -A x/many | grep tmp)" ""
for workers in 1 2 8; do
    "$ligature" export x/main.lig -o "x/w$workers" --workers $workers \
        >/dev/null 2>&1
done
is "the same at 2 workers" "$(diff -r x/w1 x/w2)" ""
is "the same at 8 workers" "$(diff -r x/w1 x/w8)" ""

# ---- what export refuses

mkdir -p odd/out
export_of() { # name, expected code, field name
    printf '{ "%s" = "x" }\n' "$3" >odd/x.lig
    run "$1" "$2" export odd/x.lig --out odd/out/
}
export_of "a folder that ends in a slash" 0 a.txt
has out "wrote odd/out/a.txt"
export_of "a name that is too long" 1 "$(printf 'a%.0s' $(seq 300)).txt"
export_of "a path that is too long" 1 "$(printf 'a/%.0s' $(seq 3000))b.txt"
export_of "a name with a control character" 1 'a\tb.txt'
export_of "a name that leads out" 1 '../b.txt'
echo '{ "b" = [1] }' >odd/x.lig
run "a name without a format" 1 export odd/x.lig --out odd/out
echo '{ "b.json" = Some { c = 1 }, "n.json" = (None: Option Integer) }' >odd/x.lig
run "values that are optional" 0 export odd/x.lig --out odd/out
json "Some" odd/out/b.json 'd == {"c": 1}'
echo '1' >odd/x.lig
run "no record" 1 export odd/x.lig --out odd/out
printf 'let unused = (\\x -> 1) 2;\nlet f x = 1;\n{ "a.txt" = "y" }\n' >odd/x.lig
run "warnings that are errors" 1 export odd/x.lig --out odd/out --werror
is "nothing was written then" "$(cat odd/out/a.txt)" x
for text in '{' '{"files": 1}' '{"version": 1, "files": [1]}' '[]'; do
    printf '%s' "$text" >odd/out/.ligature-export.json
    run "a manifest that is none: $text" 3 export odd/x.lig --out odd/out --prune
done
rm odd/out/.ligature-export.json
: >odd/file
run "a folder that is a file" 3 export odd/x.lig --out odd/file
run "a folder whose name is too long" 3 export odd/x.lig \
    --out "$(printf 'a%.0s' $(seq 5000))"

finish
