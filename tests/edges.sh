#!/bin/sh
# Paths that lead in circles, results that no format takes, folders that others
# use, small stacks: what happens at the edges. TAP on standard output.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
export LC_ALL=C

# ---- paths
ln -s circle.lig circle.lig
run "a file in a circle" 3 eval circle.lig
has err "'circle.lig' cannot be read: its symbolic links go in a circle"
echo 'import "./circle" as c; c.x' >imports.lig
run "an import in a circle" 1 eval imports.lig
has err "import './circle' is refused: its symbolic links go in a circle"
name=$(printf 'a%.0s' $(seq 1 300))
echo "import \"./$name\" as c; c.x" >imports.lig
run "an import with a long name" 1 eval imports.lig
has err "is refused: it is too long"
path=$(printf 'abcdefgh/%.0s' $(seq 1 600))
echo "import \"./${path}x\" as c; c.x" >imports.lig
run "an import with a long path" 1 eval imports.lig
has err "is refused: it is too long"
run "a file with a long path" 3 eval "${path}x.lig"
has err "cannot be read"
mkdir sub
echo 'let x = 3;' >sub/mod.lig
for form in ./sub ./sub/ ./sub/.; do
    echo "import \"$form\" as s; s.x" >imports.lig
    run "a folder as $form" 0 eval imports.lig
    has out 3
done
echo 'import "./sub/.." as s; s.x' >imports.lig
run "a folder without mod.lig" 1 eval imports.lig
has err "tried 'sub/../mod.lig'"
mkfifo pipe.lig
echo 'import "./pipe" as p; p.x' >imports.lig
run "an import that is no file" 1 eval imports.lig

run "a folder as a program" 3 eval sub
has err "'sub' cannot be read: it is a folder"
has err "name one of its files"
mkdir data.json
echo 'import "./data.json" as d; d' >imports.lig
run "a folder as data" 1 eval imports.lig
has err "name one of its files"
mkdir -p links
ln -s ../imports.lig links/imports.lig
run "a folder of links" 3 typecheck links
has err "no file *.lig under 'links'"
has err "symbolic links are passed over"
run "an output in a folder that is missing" 3 eval -e 1 -o no/such/file
has err "make the folder 'no/such' first"
run "a folder as an output" 3 eval -e 1 -o sub
has err "'sub' cannot be written"
has err "name a file in it"
command="eval"
name="standard streams by their names"
"$ligature" eval - <sub >out 2>err
[ $? = 3 ] && good=yes || good=no
result $good "$name"
has err "standard input cannot be read: "
"$ligature" eval -e 1 -o - >/dev/full 2>err
[ $? = 3 ] && good=yes || good=no
result $good "$name"
has err "standard output cannot be written: "

mkdir circle
for i in $(seq 0 29); do
    echo "import \"./m$(((i + 1) % 30))\" as n; export let x = n.x;" >"circle/m$i.lig"
done
run "a long circle of imports" 1 typecheck circle/m0.lig
has err "circle/m6.lig -> circle/m7.lig -> ... (18 more) -> circle/m26.lig -> "
has err " -> circle/m29.lig -> circle/m0.lig"

# ---- results that a format does not take
while IFS='|' read -r expr what; do
    run "raw of $expr" 1 eval -f raw -e "$expr"
    has err "--format raw prints a String, and the result is $what"
done <<'END'
()|()
true|a Boolean
1|an Integer
1.5|a Float
[1]|a list
(1, 2)|a tuple
{ a = 1 }|a record
Some 1|a constructor
\x -> x|a function
const 1|a function
END
cat >nested.lig <<'END'
type T = L | N T;
let rec nest n = if n <= 0 then L else N (nest (n - 1));
{ a = nest 40 }
END
for format in json yaml toml; do
    run "$format, nested" 4 eval -f $format --max-nesting 20 nested.lig
    has err "error[E0601]: the result is nested more than 20 levels deep"
done
for format in json yaml toml text; do
    run "$format, long" 4 eval -f $format --max-output 50 nested.lig
    has err "error[E0605]: the output is over 50 bytes"
done
run "raw, long" 4 eval -f raw --max-output 5 -e '"abcdef"'
has err "error[E0605]: the output is over 5 bytes"
run "TOML of a list" 1 eval -f toml -e '[1]'
has err "a TOML document is a table"
key=$(printf 'k%.0s' $(seq 1 1100))
run "a long key of YAML" 0 eval -f yaml -e "{ \"$key\" = [1] }"
has out "? kkk"
cp out long.yaml
echo "import \"./long.yaml\" as l; l" >imports.lig
run "a long key of YAML, read back" 0 eval -f yaml imports.lig
holds "a long key of YAML, the same" cmp out long.yaml

# ---- what no operation has room for
few=$(printf '_, %.0s' $(seq 1 40))
many=$(for i in $(seq 1 1000); do printf '_, _, _, _, _, _, _, _, _, _, '; done)
many=$many$many$many$many
cat >patterns.lig <<END
let f xs = match xs {
  [$many] => 1,
  [${many}_, ..] => 2,
  [${few}a, ..rest] => a + length rest,
  _ => 0,
};
[f (range 0 n) for n in [40000, 40001, 50000, 39999, 41, 40]]
END
run "list patterns of 40,000 items" 0 eval --compact patterns.lig
has out '[1,2,2,39998,40,0]'

# ---- a small stack
if (ulimit -s 256) 2>/dev/null; then
    "$ligature" eval "$fixtures/platform/main.lig" >usual
    (ulimit -s 256 && "$ligature" eval "$fixtures/platform/main.lig" >small)
    holds "a small stack" cmp usual small
fi

# ---- export
mkdir out.d
echo '{ "a.json" = 1 }' >one.lig
if command -v flock >/dev/null; then
    command="export"
    name="a folder that another export uses"
    flock out.d "$ligature" export one.lig --out out.d >out 2>err
    [ $? = 3 ] && [ ! -e out.d/a.json ] && good=yes || good=no
    result $good "$name"
    has err "another export is at work there"
fi
run "export" 0 export one.lig --out out.d
run "a folder below a file" 3 export one.lig --out out.d/a.json/b
has err "'out.d/a.json/b' cannot be written: Not a directory"
echo '{ "a.json/b.json" = 1 }' >two.lig
run "a file below a file" 3 export two.lig --out out.d
has err "a part of its path is no folder"
echo '{ "d/b.json" = 1 }' >two.lig
ln -s d out.d/d
run "a link on the way" 3 export two.lig --out out.d
has err "a part of its path is no folder"
rm out.d/d
mkdir -p out.d/d/b.json
run "a folder in the place of a file" 3 export two.lig --out out.d
has err "a folder is in its place"
rm -r out.d/d
run "prune" 0 export two.lig --out out.d --prune
has out "removed out.d/a.json"
printf '{ "files": 1 }' >out.d/.ligature-export.json
run "a manifest that is none" 3 export one.lig --out out.d --prune
[ -e out.d/d/b.json ] && good=yes || good=no
result $good "a manifest that is none: nothing is removed"

# ---- verbs
run "cache without an action" 2 cache
has err "'cache' takes one of stats, clear, verify"
mkdir -m 700 cache
run "cache verify" 0 cache verify --cache-dir cache
has out "0 entries, 0 broken, which were removed"
LIGATURE_DISK_CACHE=always "$ligature" eval --cache-dir cache sub/mod.lig >out
run "cache verify of one" 0 cache verify --cache-dir cache
has out " entries, 0 broken"
find cache -type f -exec sh -c 'printf x >>"$1"' sh {} \;
run "cache verify of what is broken" 0 cache verify --cache-dir cache
hasnt out " 0 broken"
run "completions without a shell" 2 completions
run "graph without a file" 2 graph
run "typecheck as YAML" 2 typecheck -f yaml one.lig
has err "'--format' takes one of text|json, not 'yaml'"
cat >documented.lig <<'END'
export { a, T };
/// The a.
let a = 1;
/// Hidden.
let _b = 2;
/// The T.
type T = Integer;
/// Hidden.
type U = Integer;
/// Hidden.
typeclass K a where k: a;
END
run "doc of what is exported" 0 doc documented.lig
has out "The a."
has out "The T."
hasnt out Hidden

# ---- why a test fails
cat >why_test.lig <<'END'
type R = { a: Integer, b: List Integer };
let r: R = { a = 1, b = [1, 2] };
let eqs = 1 == 1 && r == { a = 1, b = [1, 3] };
let neq = 1 + 1 != 2;
let less = 2 < 1;
let le = 3 <= 2;
let ge = 1 >= 2;
let gt = 1 > 2 && true;
let chain = 1 < 2 && 2 < 2 && false;
let nested = (1 == 1 && (2 == 3 && true)) && 1 == 2;
let last = true && (1 / 0 == 1);
let both = all (\x -> x > 1) [1, 2];
let three = 1 < 3 < 2;
let long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéx" == "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéyb";
let long2 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{e9}" == "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u{ea}";
let multi = "éééééééééééééééééééééééééééééééééééééééééééééééééééééééé1" == "éééééééééééééééééééééééééééééééééééééééééééééééééééééééé2";
let funs = Some 1 == None;
let tup = (1, "a", [1]) == (1, "b", [1, 2]);
let maps = [Ok 1, Err "x"] == [Ok 2, Err "y"];
let viaerr = error "no" || true;
let viacall = assert (1 == 1) "x" true;
let unit = ();
let off = if 1 == 2 then true else 1 == 3;
let letin = let x = 1 in x == 2;
END
run "tests that fail" 1 test why_test.lig
while read -r line; do
    has err "$line"
done <<'END'
test 'eqs' failed: the two sides are not equal
= note: .b[1]: left 2, right 3
test 'neq' failed: the two sides are equal
test 'less' failed: the comparison does not hold
test 'chain' failed: the comparison does not hold
test 'nested' failed: the two sides are not equal
error[E0402]: division by zero
test 'both' failed: it is false
test 'three' failed: it is false
= note: from character 76 on, left '...aaaaaaaaaaaaaaaaaaéx', right '...aaaaaaaaaaaaaaaaaaéyb'
= note: from character 71 on, left '...aaaaaaaaaaaaaaaaaaaaé', right '...aaaaaaaaaaaaaaaaaaaaê'
= note: from character 57 on, left '...éééééééééé1', right '...éééééééééé2'
= note: left Some 1, right None
= note: [1]: left "a", right "b"
= note: [2][1]: left has none, right 2
= note: [0].Ok: left 1, right 2
error[E0404]: no
test 'letin' failed: it is false
20 errors
END

# ---- where a refinement of a part of a value is asked for
cat >why.lig <<'END'
import std.map as M;
type Port = Integer where x > 0 && x < 65536;
type Tree a = Leaf | Node(Tree a, a, { deep: a, list: List a });
let p = length [1, 2] + 1;
let node n = Node(Node(Leaf, n, { deep = n, list = [n] }), n,
                  { deep = n, list = [n] });
let map1: Map Port = M.fromList [("k", p)];
let list: List Port = map (\n -> n + p) [1];
let some: List (Option Port) = map (\n -> Some (n + p)) [1];
let pairs: List (Port, Integer) = map (\n -> (n, n)) [1];
let fields: List { a: Port, b: Integer } = map (\n -> { a = n, b = n }) [1];
let tree: Tree Port = node p;
{ map1, list, some, pairs, fields, tree }
END
for part in map1.k 'list[0]' 'some[0]' 'pairs[0][0]' 'fields[0].a' \
    'tree.Node[1]' 'tree.Node[0].Node[1]' 'tree.Node[2].deep' \
    'tree.Node[2].list[0]'; do
    run "why $part" 0 why why.lig "$part"
    has out 'satisfies Port: `x > 0 && x < 65536` at why.lig:2:27'
done
for part in 'pairs[0][1]' 'fields[0].b' 'tree.Node[0]' tree; do
    run "why $part" 0 why why.lig "$part"
    hasnt out satisfies
done

finish
