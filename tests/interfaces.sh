#!/bin/sh
# Verdicts on disk: what is checked again (the files themselves: cache.py). TAP
# on standard output.
. "$(dirname "$0")/tap.sh"
trap 'chmod -R u+w "$temp"; rm -rf "$temp"' EXIT
cd "$temp" || exit 1
unset LIGATURE_DISK_CACHE
export LC_ALL=C
export PYTHONDONTWRITEBYTECODE=1

# With and without the cache the run must end alike; `r` is the report.
same() { # workers
    "$ligature" typecheck -w "$1" --disk-cache never m/root.lig >want 2>want.err
    status=$?
    "$ligature" typecheck -w "$1" --disk-cache always --cache-dir c --report r m/root.lig \
        >got 2>got.err
    got=$?
    cmp want got && cmp want.err got.err && [ $status = $got ] && return 0
    echo "status $got, not $status"
    cat got.err
    return 1
}

# Conditions: `names` are of modules that took time to check, which a coarse
# clock hides now and then; `every`: near enough all.
report() { # condition over names, n, every, type, disk
    python3 - "$1" <<'EOF'
import json
import sys
r = json.load(open("r"))
names = {m["file"].rsplit("/", 1)[-1][:-4] for m in r["modules"]
         if m["checkMs"] > 0}
n = len(names)
every = n >= len(r["modules"]) - 4
total = len(r["modules"])
type, disk = r["caches"]["type"], r["caches"]["disk"]
print(n, total, sorted(names)[:20], type, disk)
sys.exit(0 if eval("(" + sys.argv[1] + ")") else 1)
EOF
}

both() { # condition
    same "$workers" && report "$1"
}

# root -> mid_0 .. mid_9 -> base -> leaf
tree() {
    rm -rf m
    mkdir m
    echo 'let secret = 1; export let bump n = n + secret;' >m/leaf.lig
    echo 'import "./leaf"; let two = leaf.bump 1; export let base n = leaf.bump n + two;' \
        >m/base.lig
    for i in 0 1 2 3 4 5 6 7 8 9; do
        echo "import \"./base\"; export let mid_$i n = base.base (n + $i);" \
            >m/mid_$i.lig
    done
    {
        for i in 0 1 2 3 4 5 6 7 8 9; do
            echo "import \"./mid_$i\";"
        done
        echo '['
        for i in 0 1 2 3 4 5 6 7 8 9; do
            echo "mid_$i.mid_$i 1,"
        done
        echo ']'
    } >m/root.lig
}

for workers in 1 8; do
    w="$workers workers"
    rm -rf c
    tree
    holds "first run checks all, $w" both 'every and total == 13 and
        type["hits"] == disk["hits"] == 0 and disk["entries"] == 15'
    holds "second run does nothing, $w" both 'n == 0 and
        disk["misses"] == 0 and disk["hits"] == 1'
    rm c/run-*
    holds "without the run: checks nothing, $w" both 'n == 0 and
        type["misses"] == 0 and disk["misses"] == 1 and disk["hits"] == 14'
    echo 'let secret = 2; export let bump n = secret + n; // inside' >m/leaf.lig
    holds "a new inside: one module is checked, $w" both 'names <= {"leaf"} and
        disk["misses"] == 2 and disk["hits"] == 13'
    holds "and then none, $w" both 'n == 0'
    echo 'import "./base"; export let mid_3 n = base.base (3 + n + 0);' \
        >m/mid_3.lig
    holds "in the middle: alone, $w" both \
        'names <= {"mid_3"} and disk["misses"] == 2'
    echo 'let secret = 2; export let bump n = secret + n; export let also = 1;' \
        >m/leaf.lig
    holds "a new interface: all downstream, $w" both 'every'
    echo 'export let bump (n: String) = n;' >m/leaf.lig
    holds "one that fails downstream, $w" both 'n > 7'
    holds "fails again, $w" both 'disk["hits"] > 0 and
        r["verdict"] == "failed"'
    tree
    holds "back again: nothing is checked, $w" both 'n == 0'
done

# Totality follows helpers of other modules, so a verdict may depend on their
# inside; that of no other module does.
helpers() {
    rm -rf m
    mkdir m
    cat >m/leaf.lig <<'EOT'
export let rec skip p xs = match xs {
  [] => [],
  [x, ..r] => if p x then skip p r else xs,
};
EOT
    echo 'import "./leaf"; export let skip p xs = leaf.skip p xs;' >m/mid.lig
    echo 'import "./mid"; let low n = n < 2;' >m/other.lig
    echo 'export let first xs = head (mid.skip low xs);' >>m/other.lig
    cat >m/groups.lig <<'EOT'
import "./mid";
export let rec groups xs = match xs {
  [] => [],
  [x, ..r] => [x] ++ groups (mid.skip (\y -> y == x) r),
};
EOT
    echo 'import "./groups"; import "./other";' >m/root.lig
    echo '{ a = groups.groups [1, 1, 2], b = other.first [1, 2] }' >>m/root.lig
}

for workers in 1 8; do
    w="$workers workers"
    rm -rf c
    helpers
    holds "helpers of other modules are followed, $w" both 'every and
        r["verdict"] == "ok" and r["exitCode"] == 0'
    holds "without a warning, $w" test ! -s got.err
    rm c/run-*
    holds "it is known then, $w" both 'n == 0'
    sed -i 's/else xs/else xs ++ xs/' m/leaf.lig
    holds "another inside: who follows it is checked, $w" both \
        'names <= {"leaf", "mid", "groups"}'
    holds "and warns, $w" grep -q "recursion of 'groups' is not shown" got.err
    sed -i 's/else xs ++ xs/else xs/' m/leaf.lig
    holds "back again: nothing is checked, $w" both 'n == 0'
    holds "and no warning is left, $w" test ! -s got.err
    sed -i 's/(\\y -> y == x)/(\\y -> x == y)/' m/groups.lig
    holds "its own text: the code of imports is read, $w" both 'every'
    sed -i 's/p xs = leaf/p xs = /' m/mid.lig
    sed -i 's/= .skip p xs/= leaf.skip p (reverse xs)/' m/mid.lig
    holds "reversed is no larger, $w" both 'names <= {"leaf", "mid", "groups"}'
done

# A copy under another name is another module with other types.
nominal() {
    rm -rf c m
    mkdir m m/d
    echo 'type T = T Integer; let t = T 1;' >m/d/x.lig
    echo 'import "./x"; let v = x.t;' >m/d/b.lig
    ln -s d/x.lig m/x.lig
    ln -s d/b.lig m/b.lig
    cat >m/root.lig <<'EOF'
import "./d/b" as one;
import "./b" as two;
[one.v, two.v]
EOF
    same 1
    same 1 || return 1
    rm c/run-*
    same 1 || return 1
    rm m/x.lig m/b.lig
    cp m/d/x.lig m/d/b.lig m
    same 1 && same 8
}
holds 'copies are not the same' nominal
finish
