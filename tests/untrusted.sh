#!/bin/sh
# --untrusted: limits, the one folder, what a project file may say, and the
# same bytes as without. TAP on standard output.
. "$(dirname "$0")/tap.sh"
export LC_ALL=C

# ---- the same bytes

# Those that differ need more than the limits, or --allow-root.
FEW_WIDTHS=1 LIGATURE_UNTRUSTED=true sh "$here/golden.sh" "$build" \
    >"$temp/golden" 2>&1
sed -n 's/^not ok [0-9]* - //p' "$temp/golden" | sort >"$temp/differ"
for name in parse-fail-nesting check-fail-classes-offers \
    check-fail-differences-shown check-fail-differences \
    check-fail-expected-reasons check-fail-habits check-fail-match-kinds \
    check-fail-moved-syntax check-fail-rows-open check-fail-witnesses \
    check-okay-arms-unreachable eval-fail-depth-default eval-fail-timeout \
    eval-okay-recursion \
    project-data-kinds-fail project-formats-fail; do
    echo $name
done | sort >"$temp/known"
comm -3 "$temp/differ" "$temp/known" >"$temp/unlike"
# What is not as said, with its differences.
while read -r name; do
    echo "$name:"
    grep -F "# $name:" -A 20 "$temp/golden" | grep -v '^ok ' | head -n 40
done <"$temp/unlike" >"$temp/err"
[ ! -s "$temp/unlike" ] && [ "$(grep -c '^ok ' "$temp/golden")" -gt 200 ]
result "$([ $? = 0 ] && echo yes || echo no)" \
    "all fixtures within the limits give the same bytes"

cd "$temp" || exit 1
mkdir -p p/sub q
echo secret-content >q/secret.txt
echo 'let x = 1;' >q/x.lig
cat >p/main.lig <<'X'
import "./sub/part" as part;
{ "a.json" = part.a, "b.json" = { c = [1, 2] } }
X
echo 'let a = 1;' >p/sub/part.lig
echo 'let t = 1 == 1;' >p/a_test.lig
printf '{"a": 1}' >p/data.json
echo 'type T = { a: Integer };' >p/schema.lig
: >p/ligature.toml

# ---- every verb that reads programs

for workers in 1 2 8; do
    run "eval at $workers" 0 eval --untrusted -w $workers --compact p/main.lig
    has out '{"a.json":1,"b.json":{"c":[1,2]}}'
done
run "typecheck" 0 typecheck --untrusted p
run "typecheck a file" 0 typecheck --untrusted p/main.lig
run "validate" 0 validate --untrusted p/data.json --type p/schema.lig#T
run "test" 0 test --untrusted p
has out "1"
run "graph" 0 graph --untrusted p/main.lig
run "doc" 0 doc --untrusted p/main.lig
run "why" 0 why --untrusted p/main.lig .
run "source map" 0 eval --untrusted p/main.lig --source-map map.json
run "parse" 0 parse --untrusted p/main.lig
run "repl" 0 repl --untrusted </dev/null
run "lsp without a client" 1 lsp --untrusted
run "fmt --check" 0 fmt --untrusted --check p/main.lig p/sub
run "fmt writes nothing" 2 fmt --untrusted p/main.lig
has err "'--check'"
run "fmt of standard input writes nothing" 2 fmt --untrusted -
run "test --update writes nothing" 2 test --untrusted --update p
has err "'--update' contradicts '--untrusted'"
run "export" 0 export --untrusted p/main.lig --out made/here
run "export again" 0 export --untrusted p/main.lig --out made/here
run "what was exported" 0 eval made/here/b.json --compact
has out '{"c":[1,2]}'
run "eval --multi" 0 eval --untrusted p/main.lig --multi made/multi
run "eval -o" 0 eval --untrusted p/main.lig -o made/out.json
run "eval -o in the working directory" 0 eval --untrusted p/main.lig -o out.json
run "eval -o a device" 0 eval --untrusted p/main.lig -o /dev/null
run "eval -o a full device" 3 eval --untrusted p/main.lig -o /dev/full
run "report, trace, diagnostics" 0 eval --untrusted p/main.lig \
    --report made/r.json --trace made/t.json --diagnostics-file made/d
[ -s made/r.json ] && [ -s made/t.json ] && [ -e made/d ]
result "$([ $? = 0 ] && echo yes || echo no)" "they were written"
run "standard input" 0 eval --untrusted -
run "without a file" 0 eval --untrusted --expr "1 + 1"
has out 2
export LIGATURE_UNTRUSTED=1
run "by the environment" 2 eval p/main.lig --max-steps 10000001
has err "'--max-steps' takes no more than 10000000 with '--untrusted'"
run "the command line wins" 0 eval p/main.lig --untrusted=false \
    --max-steps 10000001
export LIGATURE_UNTRUSTED=perhaps
run "the environment may be wrong" 2 eval p/main.lig
unset LIGATURE_UNTRUSTED
run "not for init" 2 init --untrusted x
has err "unknown option"

# ---- patterns in refinements

cat >p/patterns.lig <<'X'
type Ahead = String where regexp r"(?=a)b" || regexp r"(*pla:a)";
type Twice = { p: String where length > 0 && pattern r"(a)\1" };
let behind (s: String with (\t -> regexp r"(?<!x)y" t)) = s;
type Plain = String where regexp r"\(?=a|(a)(?:b)(?<n>c)(?i)\bx";
let elsewhere (s: String) = regexp r"(a)\1(?!b)" s;
elsewhere "aa"
X
run "patterns" 0 eval p/patterns.lig
has out true
run "plain patterns" 1 eval --untrusted p/patterns.lig
for place in "'(?=a)b' has look-around" "'(*pla:a)' has look-around" \
    "'(a)\1' has back-references" "'(?<!x)y' has look-around" "4 errors"; do
    has err "$place"
done

# ---- the kernel's part, where it does it

run "confined or told" 0 eval --untrusted p/main.lig
if [ ! -s err ] && ! echo "$build" | grep -qE 'asan|tsan'; then
    if command -v strace >/dev/null && strace true 2>/dev/null; then
        strace -f -o trace "$ligature" eval --untrusted -w 4 p/main.lig \
            >/dev/null 2>&1
        confined=$(grep -n 'landlock_restrict_self(.*= 0$' trace | cut -d: -f1)
        filtered=$(grep -n 'SECCOMP_SET_MODE_FILTER.*len=.*= 0$' trace |
            cut -d: -f1)
        opened=$(grep -nE '(read|pread64)(\([0-9]+, | resumed>)"import' trace |
            head -n 1 | cut -d: -f1)
        cp trace err
        [ -n "$opened" ] && [ "$confined" -lt "$opened" ] &&
            [ "$filtered" -lt "$opened" ]
        result "$([ $? = 0 ] && echo yes || echo no)" \
            "confined before the program is read"
        # What the cgroup allows cannot be asked afterwards.
        asked=$(grep -nE '"/proc/self/cgroup".* = [0-9]' trace | cut -d: -f1 |
            head -n 1)
        [ -n "$asked" ] && [ "$asked" -lt "$confined" ]
        result "$([ $? = 0 ] && echo yes || echo no)" \
            "limits of the machine are known"
    fi
fi

# ---- no more memory than that

if ! echo "$build" | grep -qE 'asan|tsan'; then
    mkfifo ask answer
    "$ligature" repl --untrusted --format json <ask >answer 2>err &
    exec 8>ask 9<answer
    echo '1 + 1' >&8
    read -r line <&9
    bytes=$(sed -n 's/^Max data size *\([0-9]*\) .*/\1/p' /proc/$!/limits)
    exec 8>&- 9<&-
    wait
    [ "$line" = 2 ] && [ "${bytes:-0}" -ge $((1 << 25)) ]
    result "$([ $? = 0 ] && echo yes || echo no)" "memory is bounded"
    rm ask answer
fi

# ---- kernels without

if ! echo "$build" | grep -qE 'asan|tsan' && [ -x "$build/ligature-faults" ]
then
    real=$ligature
    ligature=$build/ligature-faults
    for fault in 1:1 1:9 4:4; do
        export LIGATURE_FAULT=confine:$fault:38
        run "a kernel that lacks it ($fault)" 0 eval --untrusted p/main.lig
        has err "warning[W0001]"
        run "and --werror ($fault)" 1 eval --untrusted --werror p/main.lig
        run "and imports ($fault)" 2 eval --untrusted p/main.lig q/x.lig
    done
    unset LIGATURE_FAULT
    ligature=$real
fi

# ---- nothing outside of the root

run "a file of another folder" 2 eval --untrusted p/main.lig q/x.lig
has err "'q/x.lig' lies outside of the project's root"
run "a folder besides" 2 typecheck --untrusted p q
run "data of another folder" 2 validate --untrusted p/data.json q/secret.txt \
    --type p/schema.lig#T
run "a schema of another folder" 2 validate --untrusted p/data.json \
    --type q/x.lig#T
ln -s ../q/secret.txt p/link.lig
run "a link as the file" 2 eval --untrusted p/main.lig p/link.lig
hasnt err secret-content
ln -s ../q p/folder
run "a folder behind a link" 2 typecheck --untrusted p/main.lig p/folder/x.lig
rm p/folder p/link.lig
echo 'import "../q/x" as x; x.x' >p/out.lig
mv p/ligature.toml p/moved.toml
run "an import beneath the working directory" 0 eval --untrusted p/out.lig
(cd p && "$ligature" eval --untrusted out.lig >"$temp/out" 2>"$temp/err")
name="an import above the working directory"
has err "E0502"
mv p/moved.toml p/ligature.toml
run "an import above the root" 1 eval --untrusted p/out.lig
has err "E0502"
run "--allow-root" 2 eval --untrusted p/out.lig --allow-root q
has err "'--allow-root' contradicts '--untrusted'"
run "-I" 2 eval --untrusted p/main.lig -I q
run "-I beneath the root" 0 eval --untrusted p/main.lig -I p/sub
echo '{}' >q/inputs.json
run "--input-file" 2 eval --untrusted p/main.lig --input-file q/inputs.json
run "--cache-dir" 2 typecheck --untrusted p --cache-dir cache
has err "'--cache-dir' contradicts '--untrusted'"
[ ! -e cache ]
result "$([ $? = 0 ] && echo yes || echo no)" "no cache was made"

# ---- links that a stranger has planted

mkdir -p c/sub outside
echo secret-content >outside/secret.lig
ln -s ../outside/secret.lig c/main.lig
ln -s ../outside c/way
ln -s /dev/full c/device
echo '{ keys = "text" }' >c/good.lig
ln -s ../good.lig c/sub/up.lig
link_is_refused() { # arguments...
    run "a planted link: $*" 2 "$@" --untrusted
    has err "by a symbolic link, which '--untrusted' does not follow"
    hasnt err secret-content
}
for toml in no yes; do
    cd c || exit 1
    [ $toml = no ] || : >ligature.toml
    link_is_refused eval main.lig
    link_is_refused typecheck ./way/../way/secret.lig
    link_is_refused typecheck way
    link_is_refused fmt --check "$temp/c/main.lig"
    link_is_refused parse ../c/main.lig
    link_is_refused export good.lig --out way
    link_is_refused export good.lig --out way/new/folder
    link_is_refused eval good.lig -o way/out.json
    link_is_refused eval good.lig --report device
    run "a link that stays inside" 0 eval --untrusted sub/up.lig
    cd / || exit 1
    link_is_refused eval "$temp/c/main.lig"
    run "one of another folder" 0 eval --untrusted "$temp/c/good.lig"
    cd "$temp" || exit 1
done
link_is_refused export "$temp/c/good.lig" --out "$temp/c/way"
name="nothing is written there"
result "$([ "$(ls outside)" = secret.lig ] && echo yes || echo no)" "$name"
# Without a folder of its own, all could be read.
mkdir gone
cd gone && rmdir ../gone
run "no working directory" 2 eval --untrusted -e 1
has err "the project's root would be '/'"
run "no working directory, but a file" 0 eval --untrusted "$temp/c/good.lig"
echo 'import "../outside/secret" as s; s' >"$temp/c/above.lig"
run "no working directory, trusted" 1 eval "$temp/q/x.lig" "$temp/c/above.lig"
has err "is refused: it leads out of the project"
cd "$temp" || exit 1

# ---- the project file is a stranger's

toml() { # lines
    printf "$1" >p/ligature.toml
}
for line in 'untrusted = false' 'untrusted = true'; do
    toml "[all]\n$line\n"
    run "$line" 2 eval --untrusted p/main.lig
    has err "a project file cannot say 'untrusted'"
    run "$line, trusted" 2 eval p/main.lig
done
for line in 'allow-root = ["/etc"]' 'output = "../o.json"' \
    'report = "../r.json"' 'trace = "t.json"' 'diagnostics-file = "d"' \
    'multi = "../m"' 'prune = true'; do
    toml "[eval]\n$line\n"
    run "$line" 2 eval --untrusted p/main.lig
    has err "with '--untrusted'"
done
toml '[export]\nout = "dist"\n'
run "files that another verb writes" 0 eval --untrusted p/main.lig
run "and which that verb does not" 2 export --untrusted p/main.lig
has err "a project file cannot say 'out' with '--untrusted'"
toml '[eval]\ninclude = ["../q"]\n'
run "include of another folder" 2 eval --untrusted p/main.lig
has err "lies outside"
toml '[eval]\ninput-file = ["/etc/passwd"]\n'
run "input-file of another folder" 2 eval --untrusted p/main.lig
hasnt err "root:"
for type in /etc/passwd#T '../q/x.lig#Nothing'; do
    toml "[validate]\ntype = \"$type\"\n"
    run "type in another folder" 2 validate --untrusted p/data.json
    has err "lies outside"
    hasnt err "root:"
done
toml '[validate]\ntype = "schema.lig#T"\n'
run "type in the project" 0 validate --untrusted p/data.json
toml '[imports]\nout = "../q"\n'
echo 'import out.x as x; x.x' >p/named.lig
run "an import by name" 1 eval --untrusted p/named.lig
toml '[eval]\nmax-steps = 100000000\ntimeout = "60m"\nmax-memory = "8G"\n'
run "higher limits are not taken" 0 eval --untrusted p/main.lig --show-config
has out "# max-steps = 10000000 "
has out "# timeout = 20s "
has out "# max-memory = 512M "
echo 'let rec f n = if n <= 0 then 0 else f (n - 1); f 20000000' >p/long.lig
run "and not used" 4 eval --untrusted p/long.lig
has err "10000000 steps"
run "which trusted ones are" 0 eval p/long.lig
toml '[eval]\nmax-steps = 1000\n'
run "lower ones are" 4 eval --untrusted p/long.lig
has err "1000 steps"
run "and the command line beats them" 4 eval --untrusted p/long.lig \
    --max-steps 2000
has err "2000 steps"
rm p/ligature.toml
ln -s /etc/passwd p/ligature.toml
for how in "" --untrusted; do
    run "a project file that is a link outside $how" 3 eval $how p/main.lig
    hasnt err "root:"
    has err "leads out of its folder"
done
rm p/ligature.toml
echo '[eval]' >p/other.toml
ln -s other.toml p/ligature.toml
run "one that stays inside" 0 eval --untrusted p/main.lig
rm p/ligature.toml

# ---- limits: each may be lowered and not raised

for pair in max-nesting=256 max-depth=10000 max-steps=10000000 \
    max-memory=512M max-output=16M max-source=1M max-sources=32M \
    max-modules=10000 max-type-nodes=1000000 max-errors=20 timeout=20s \
    cache-memory=64M; do
    option=${pair%%=*}
    most=${pair#*=}
    above=$(echo "$most" | awk '{ n = $0 + 0; sub(/[0-9]+/, n + 1); print }')
    run "$option at its most" 0 eval --untrusted p/main.lig --$option "$most"
    run "$option above" 2 eval --untrusted p/main.lig --$option "$above"
    has err "no more than $most"
done

finish
