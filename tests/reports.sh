#!/bin/sh
# Diagnostics for CI, graphs, traces and reports. TAP on standard output.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
export LC_ALL=C
export PYTHONDONTWRITEBYTECODE=1

check() { # function of reports.py, arguments...
    python3 "$here/reports.py" "$@"
}

code() { # expected exit code, arguments...; streams in `out` and `err`
    want=$1
    shift
    "$ligature" "$@" </dev/null >out 2>err
    got=$?
    [ "$got" = "$want" ] && return 0
    echo "exit code $got, not $want: ligature $*"
    cat err
    return 1
}

# ---- diagnostics

cat >bad.lig <<'EOF'
let unused = 1;
let port: Integer = "80 <&> 100%, \u{1b}";
port
EOF
cat >run.lig <<'EOF'
let rec deep n = if n == 0 then 1 / 0 else 1 + deep (n - 1);
{ value = deep 200 }
EOF
cat >fixable.lig <<'EOF'
type Server = { name: String, port: Integer, tag?: String };
type Level = Low | High Integer;
let portal = 1;
let server: Server = { name = "\u{1b}" ++ "😀é" };
let shown (l: Level) = "é" ++ match l { Low => "low" };
let misspelt = "😀" ++ toString portl;
{ server = server.nam, misspelt, shown = shown Low }
EOF
echo '{ a = 1 }' >good.lig
mkdir -p 'odd & <dir>, 100%:x'
cp bad.lig 'odd & <dir>, 100%:x/b"a;d.lig'
printf 'let a = 1;\n\x1b[31m##[error] \xff' >bytes.lig

for format in json sarif github junit; do
    for case in '1 eval bad.lig' '1 eval run.lig' '0 eval good.lig' \
        '1 eval bytes.lig' '1 typecheck odd*/*.lig' '3 eval missing.lig' \
        '2 eval good.lig --bogus' '2 eval' '2 evla good.lig' '2 help evla' \
        '2 explain E9999' '2 eval good.lig --workers 0' \
        '4 eval --max-depth 50 run.lig' '3 eval good.lig --report no/such' \
        '3 eval good.lig -o no/such' '1 parse bytes.lig'; do
        # shellcheck disable=SC2086
        set -- $case
        want=$1
        shift
        [ "$2" = 'odd*/*.lig' ] && set -- typecheck odd*/*.lig
        holds "$format is one document: $case" \
            code "$want" "$@" --diagnostics $format
        holds "$format is valid: $case" check "$format" err "$want"
    done
    holds "$format: without a verb" code 2 --diagnostics=$format
    holds "$format: without a verb, valid" check $format err 2
    holds "$format: a closed standard output" sh -c \
        '"$1" typecheck --format json good.lig --diagnostics $2 >&- 2>err
         [ $? = 3 ]' - "$ligature" $format
    holds "$format: a closed standard output, valid" check $format err 3
    holds "$format: into a file" code 2 eval good.lig --bogus \
        --diagnostics $format --diagnostics-file "found.$format"
    holds "$format: nothing on standard error" test ! -s err
    holds "$format: the file is valid" check $format "found.$format" 2
done

if python3 -c 'import jsonschema' 2>/dev/null; then
    schema=${SARIF_SCHEMA:-$here/../../shared/corpora/sarif/sarif-schema-2.1.0.json}
    if [ -f "$schema" ]; then
        for file in bad.lig run.lig good.lig bytes.lig odd*/*.lig missing.lig \
            fixable.lig; do
            "$ligature" eval "$file" --diagnostics sarif >out 2>err
            holds "sarif fits the schema: $file" check schema err "$schema"
        done
    else
        skip "sarif fits the schema" "no schema at $schema"
    fi
else
    skip "sarif fits the schema" "python3-jsonschema is not installed"
fi

flow() {
    "$ligature" eval run.lig --diagnostics sarif >out 2>err
    grep -q '"codeFlows":.*call to deep' err
}
holds "sarif holds the chain of calls" flow
fixes() { # the file is right once they are applied
    "$ligature" eval fixable.lig --diagnostics sarif >out 2>err
    check applied err fixable.lig fixed.lig 4 && code 0 typecheck fixed.lig
}
holds "sarif holds the fixes" fixes
cat >idle.lig <<'EOF'
import { a, b as c } from "./pair.lig";
import { a as d } from "./pair.lig";
import std.list as L;
let idle = 2;
input region: String = "eu";
let f x = let y = x in a;
let rec again n = if n <= 0 then 0 else again (n - 1);
f
EOF
echo 'export let a = 1; export let b = 2;' >pair.lig
idle() { # but for the function that calls itself and the input
    "$ligature" typecheck idle.lig --diagnostics sarif >out 2>err
    check applied err idle.lig used.lig 5 &&
        "$ligature" typecheck used.lig --diagnostics json 2>err &&
        [ "$(grep -o "'[a-z]*' is never used" err | tr '\n' ' ')" = \
            "'region' is never used 'again' is never used " ]
}
holds "sarif holds the fixes of what nobody uses" idle
github_line() {
    GITHUB_ACTIONS=true "$ligature" eval bad.lig >out 2>err
    grep -q '^::error file=bad.lig,line=2,endLine=2,col=21,title=E0203%3A ' err
}
holds "github is the default under GitHub Actions" github_line
escaped_path() {
    "$ligature" eval odd*/*.lig --diagnostics github >out 2>err
    grep -qF '::error file=odd & <dir>%2C 100%25%3Ax/b"a;d.lig,line=2,' err
}
holds "github escapes paths" escaped_path
many() {
    python3 -c 'print("[" + ", ".join(f"x{i}" for i in range(300)) + "]")' >many.lig
    "$ligature" eval many.lig --diagnostics github --max-errors 7 >out 2>err
    [ "$(grep -c '^::error file' err)" = 7 ] &&
        grep -q '^::error title=ligature::293 more not shown' err
}
holds "github: errors beyond --max-errors are counted" many
short_lines() {
    python3 -c 'print("let x: Integer = \"" + "%" * 300000 + "\"; x y" + "z" * 300000)' >long.lig
    for format in sarif github junit; do
        "$ligature" eval long.lig --diagnostics $format >out 2>err
        awk 'length > 40000 { exit 1 }' err || return 1
    done
}
holds "no line is too long for a log" short_lines

# ---- graphs

platform=$fixtures/platform/main.lig
same_graph() { # format, options...
    format=$1
    shift
    "$ligature" graph "$platform" --format "$format" --workers 1 "$@" >one &&
        "$ligature" graph "$platform" --format "$format" --workers 4 "$@" >two &&
        cmp one two
}
for format in dot json svg; do
    holds "graph: modules as $format" same_graph $format
    holds "graph: modules as $format are valid" check graph_$format one
    holds "graph: bindings as $format" same_graph $format --bindings
    holds "graph: bindings as $format are valid" check graph_$format one
    holds "graph: timed as $format" code 0 graph "$platform" --bindings \
        --timed --format $format
    holds "graph: timed as $format is valid" check graph_$format out
done
cat >chain.lig <<'EOF'
let a = 1;
let unneeded = a;
let b = a + 1;
let f x = x + 1;
let c = f b;
{ b = b, c = c }
EOF
printf '{"version":1,"kind":"bindings","nodes":[
{"id":0,"name":"a","file":"chain.lig","line":1,"root":false},
{"id":1,"name":"b","file":"chain.lig","line":3,"root":false},
{"id":2,"name":"c","file":"chain.lig","line":5,"root":false},
{"id":3,"name":"result of chain","file":"chain.lig","line":6,"root":true}],
"edges":[
{"from":1,"to":0},
{"from":2,"to":1},
{"from":3,"to":1},
{"from":3,"to":2}]}
' >want
holds "graph: what the result needs" sh -c \
    '"$1" graph chain.lig --bindings -f json | diff - want' - "$ligature"
# A module as a value is one node, under the name of its import.
printf 'let x = 1;\nlet y = 2;\n' >parts.lig
cat >whole.lig <<'EOF'
import "./parts" as parts;
let a = parts;
let b = [parts, a];
{ a, b, x = parts.x }
EOF
printf '%s\n' '{"version":1,"kind":"bindings","nodes":[
{"id":0,"name":"x","file":"parts.lig","line":1,"root":false},
{"id":1,"name":"y","file":"parts.lig","line":2,"root":false},
{"id":2,"name":"parts","file":"whole.lig","line":1,"root":false},
{"id":3,"name":"a","file":"whole.lig","line":2,"root":false},
{"id":4,"name":"b","file":"whole.lig","line":3,"root":false},
{"id":5,"name":"result of whole","file":"whole.lig","line":4,"root":true}],
"edges":[
{"from":2,"to":0},
{"from":2,"to":1},
{"from":3,"to":2},
{"from":4,"to":2},
{"from":4,"to":3},
{"from":5,"to":0},
{"from":5,"to":3},
{"from":5,"to":4}]}' >want
holds "graph: a module as a value" sh -c \
    '"$1" graph whole.lig --bindings -f json | diff - want' - "$ligature"
holds "graph: a wrong file" code 1 graph bad.lig --timed
holds "graph: nothing printed" test ! -s out
holds "graph: a missing name" sh -c \
    'echo "{ a = nowhere }" >nowhere.lig
     "$1" graph nowhere.lig >out; [ $? = 1 ] && [ ! -s out ]' - "$ligature"
if command -v dot >/dev/null; then
    holds "graph: Graphviz takes it" sh -c 'dot -Tsvg one >/dev/null'
fi

# ---- traces

cat >loops.lig <<'EOF'
let rec burn k acc =
    if k <= 0 then acc else burn (k - 1) (acc * acc % 1000003 + k);
let xs = map (\x -> burn 200 x) (range 0 2000);
let big = range 0 20000;
{ total = sum xs, xs = xs, big = big }
EOF
for workers in 1 2 4; do
    holds "trace: $workers workers" code 0 eval loops.lig -w $workers \
        --trace trace.json
    holds "trace: $workers workers, valid" check trace trace.json $workers
done
"$ligature" eval loops.lig --compact >want
"$ligature" eval loops.lig --compact -w 4 --trace trace.json >out
holds "trace: the output does not change" cmp want out
holds "trace: of a run that fails" code 1 eval run.lig --trace trace.json
holds "trace: of a run that fails, valid" check trace trace.json 0
holds "trace: of a file with errors" code 1 eval bad.lig --trace trace.json
holds "trace: of a file with errors, valid" check trace trace.json 0
holds "trace: of a check" code 0 typecheck "$fixtures/platform" \
    --trace trace.json
holds "trace: of a check, valid" check trace trace.json 0
holds "trace: of values made early" code 0 eval "$fixtures/platform/main.lig" \
    -w 2 --trace trace.json
holds "trace: of values made early, valid" check trace trace.json 2
holds "trace: cannot be written" code 3 eval good.lig --trace no/such

# ---- pages

for workers in 1 4; do
    holds "page: $workers workers" code 0 eval loops.lig -w $workers \
        --report page.html
    holds "page: $workers workers, valid" check page page.html ok
done
holds "page: of a large graph" code 0 eval "$platform" --report page.html
holds "page: of a large graph, valid" check page page.html ok
holds "page: of a run that fails" code 1 eval run.lig --report fail.html
holds "page: of a run that fails, valid" check page fail.html failed
for file in bad.lig bytes.lig missing.lig odd*/*.lig; do
    "$ligature" typecheck "$file" --report fail.html >out 2>err
    holds "page: $file" check page fail.html failed
done
python3 -c 'for i in range(1000): print(f"let x{i} = {i} + x{i-1};" if i else
"let x0 = 1;")
print("x999")' >thousand.lig
holds "page: a thousand bindings" code 0 eval thousand.lig --report fail.html
holds "page: a thousand bindings, valid" check page fail.html ok

browser=$(command -v chromium || command -v chromium-browser ||
    command -v google-chrome)
if [ -n "$browser" ]; then
    # What the browser made of the page, and a picture of it.
    in_browser() {
        timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
            --user-data-dir="$temp/profile" --window-size=1250,1500 "$@" \
            "file://$temp/page.html" 2>browser.log
    }
    shown() {
        in_browser --dump-dom >dom.html && check page dom.html ok &&
            in_browser --screenshot="$temp/page.png" >log &&
            [ "$(wc -c <page.png)" -gt 20000 ] &&
            ! grep -i 'refused\|uncaught\|violates' browser.log
    }
    holds "page: in a browser" shown
else
    skip "page: in a browser" "chromium is not installed"
fi

# ---- completions and the man page

for shell in bash zsh fish; do
    holds "completions: $shell" sh -c '"$1" completions $2 >done.$2' - \
        "$ligature" $shell
done
"$ligature" help --man >man.1
every_option() { # of every verb
    "$ligature" help | sed -n 's/^  \([a-z]*\) .*/\1/p' >verbs
    [ "$(wc -l <verbs)" -gt 8 ] || return 1
    while read -r verb; do
        "$ligature" help "$verb" | sed -n 's/^ .* --\([a-z-]*\).*/\1/p' >opts
        [ -s opts ] || return 1
        while read -r option; do
            for file in done.bash done.zsh; do
                grep -q -e "--$option" $file || { echo "$option"; return 1; }
            done
            grep -q -e " -l $option " done.fish &&
                sed 's/\\-/-/g' man.1 | grep -q -e "--$option" ||
                { echo "$verb --$option"; return 1; }
        done <opts
    done <verbs
}
holds "completions: every option of every verb" every_option
holds "completions: an unknown shell" code 2 completions fsh
holds "completions: bash takes them" bash -n done.bash
cat >complete.bash <<'EOF'
source ./done.bash
try() { # expected, words...
    local want=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _ligature
    [ "${COMPREPLY[*]}" = "$want" ] && return
    echo "$*: ${COMPREPLY[*]}"
    exit 1
}
try 'eval export explain' ligature e
try '--select' ligature eval --sel
try 'junit json' ligature eval --diagnostics j
try 'junit json' ligature eval --diagnostics = j
try 'sarif' ligature check --diagnostics sa
try 'dot' ligature graph -f d
try 'E0203' ligature explain E0203
try 'graph' ligature help g
try 'typecheck test' ligature watch t
try '--clear' ligature watch --cl
try '--select' ligature watch eval --sel
try 'dot' ligature watch --color never graph -f d
try 'bash zsh fish' ligature completions ''
try '' ligature eval ma
try '--werror' ligature --wer
try 'eval export explain' ligature --werror e
try 'eval export explain' ligature --workers 4 e
try 'eval export explain' ligature -w 4 e
try 'eval export explain' ligature --timeout = 5s --werror e
try 'eval export explain' ligature --werror = true e
try 'toml text tap' ligature --format t
try '--select' ligature --color never eval --sel
try '--timeout --timed' ligature -w 4 graph a.lig --tim
try 'dot' ligature --werror graph -f d
EOF
sed -i 's/junit json/json junit/' complete.bash
holds "completions: bash completes" bash complete.bash
# What stands on the line after a tab: the first of several choices.
cat >lines <<'EOF'
ligature exp|ligature explain
ligature eval --sel|ligature eval --select=
ligature check --show-t|ligature check --show-types
ligature graph -f d|ligature graph -f dot
ligature explain E020|ligature explain E0201
ligature completions f|ligature completions fish
ligature --diagnostics=sa|ligature --diagnostics=sarif
ligature --diagnostics sa|ligature --diagnostics sarif
ligature --werror ev|ligature --werror eval
ligature -w 4 ev|ligature -w 4 eval
ligature --color never eval --sel|ligature --color never eval --select=
ligature -w 4 graph --tim|ligature -w 4 graph --timed
ligature help grap|ligature help graph
ligature watch ev|ligature watch eval
ligature watch graph --tim|ligature watch graph --timed
EOF
cat >complete.zsh <<'EOF'
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -d zcompdump'
zpty -w shell 'source ./done.zsh; unsetopt beep; bindkey "^I" menu-complete'
zpty -w shell 'show() { print -r -- "$BUFFER" >>shown; BUFFER= }'
zpty -w shell 'zle -N show; bindkey "^X" show; : >ready'
for ((i = 0; i < 600; i++)); do
    [[ -e ready ]] && break
    zpty -r -t shell line
    sleep 0.1
done
while IFS= read -r line; do
    : >shown
    zpty -n -w shell "${line%%|*}"$'\t\x18'
    for ((i = 0; i < 200; i++)); do
        zpty -r -t shell output
        [[ -s shown ]] && break
        sleep 0.05
    done
    found=$(<shown)
    if [[ ${found% } != ${line##*|} ]]; then
        print -r -- "# $line: $found"
        failed=1
    fi
done <lines
zpty -d shell
exit ${failed:-0}
EOF
fish_completes() {
    while IFS='|' read -r line want; do
        found=$(HOME=. fish -c "source done.fish; complete -C '$line'" |
            head -n 1 | cut -f 1)
        word=${want##* }
        [ "$found" = "${word%=}" ] || { echo "# $line: $found"; return 1; }
    done <lines
}
for shell in zsh fish; do
    if ! command -v $shell >/dev/null; then
        skip "completions: $shell takes them" "$shell is not installed"
    elif [ $shell = zsh ]; then
        holds "completions: zsh takes them" zsh -n done.zsh
        holds "completions: zsh completes" zsh -f complete.zsh
    else
        holds "completions: fish takes them" fish --no-execute done.fish
        holds "completions: fish completes" fish_completes
    fi
done
if command -v man >/dev/null && command -v groff >/dev/null; then
    holds "man: without warnings" sh -c \
        'LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l man.1 >man.txt 2>log
         cat log; [ ! -s log ] && grep -q "OPTIONS" man.txt'
else
    skip "man: without warnings" "man and groff are not installed"
fi

# ---- progress

cat >long.lig <<'EOF'
let rec burn k acc =
    if k <= 0 then acc else burn (k - 1) ((acc + 1) % 1000003);
{ never = burn 9000000000000 1 }
EOF
printf 'let a = 1;\n{ a = a }\n' >short.lig
set -- --max-steps 4000000000 --timeout 1500ms
progress() {
    check terminal shown "$ligature" eval long.lig "$@"
}
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
    holds "progress: on a terminal" progress "$@"
    holds "progress: none of short runs" \
        check terminal hidden "$ligature" eval short.lig
    holds "progress: none with never" \
        check terminal hidden "$ligature" eval long.lig --progress never "$@"
    holds "progress: none beside a document" \
        check terminal hidden "$ligature" eval long.lig --diagnostics json "$@"
else
    skip "progress: on a terminal" "the system has no pseudo-terminals"
fi
holds "progress: none without a terminal" code 124 eval long.lig "$@"
holds "progress: none without a terminal, none" sh -c \
    '! grep -q evaluating err'
holds "progress: always" code 124 eval long.lig --progress always "$@"
holds "progress: always, lines" grep -q '^evaluating, 0 of 1, [0-9.]* s$' err
holds "progress: no document is broken" code 124 eval long.lig \
    --progress always --diagnostics json "$@"
holds "progress: no document is broken, valid" check json err 124

# ---- docs/ci.md

mkdir -p project/config
cat >project/config/main.lig <<'EOF'
let port: Integer = 8080;
{ "app.json" = { port = port } }
EOF
cat >project/config/main_test.lig <<'EOF'
let portIsHigh = 8080 > 1024;
EOF
PATH=$build:$PATH
# As it is kept in the repository.
holds "ci.md: the outputs" sh -c \
    "cd project && ligature export config/main.lig --out deploy"
check ci_commands "$here/../docs/ci.md" >commands
holds "ci.md: has commands" [ "$(wc -l <commands)" -ge 6 ]
while read -r line; do
    holds "ci.md: $line" sh -c "cd project && $line" </dev/null
done <commands
holds "ci.md: SARIF" check sarif project/ligature.sarif 0
holds "ci.md: JUnit of types" check junit project/types.xml 0
echo "{ \"app.json\" = { port = 8081 } }" >project/config/main.lig
holds "ci.md: outputs that are out of date" sh -c "cd project &&
    ! ligature export config/main.lig --out deploy --prune --check"
if command -v git >/dev/null; then
    hooked() (
        check ci_hook "$here/../docs/ci.md" >hook && cd project &&
            git init -q . && git add -A && sh ../hook &&
            echo 'let a: Integer = "";' >config/wrong.lig &&
            git add -A && ! sh ../hook
    )
    holds "ci.md: the hook" hooked
fi

finish
