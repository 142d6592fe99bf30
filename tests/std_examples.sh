#!/bin/sh
# Runs the examples in the doc comments of std/*.lig:
#
#     /// > at 1 [10, 20]  =>  Some 20
#
# `show` of the left side must give the right side. The names of the module
# that the example uses are imported. First all of a module together; one by
# one where that fails.
build=$(cd "$1" && pwd)
ligature=$build/ligature
std=$(cd "$(dirname "$0")/.." && pwd)/std
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
unset CI GITHUB_ACTIONS
export LIGATURE_DISK_CACHE=never

# Names that the file exports, one per line; in the prelude all of them.
exported() {
    export='export '
    [ "${1##*/}" = prelude.lig ] && export=
    sed -n "s/^${export}let \(rec \)\{0,1\}\([a-zA-Z][A-Za-z0-9_']*\).*/\2/p" "$1"
}

# The names of standard input that stand in the expression, with commas.
used() { # expression
    words=$(printf '%s\n' "$1" | tr -cs "A-Za-z0-9_'" '\n')
    while read -r name; do
        printf '%s\n' "$words" | grep -qxF -- "$name" && printf '%s, ' "$name"
    done
}

# A program with examples $3 to $4 of the file, as a list of texts.
program() { # module, file of examples, first, last
    sed -n "$3,$4p" "$2" >"$temp/part"
    names=$(exported "$std/$1.lig" | used "$(cat "$temp/part")")
    [ "$1" != prelude ] && [ -n "$names" ] && printf 'import { %s } from std.%s;\n' "$names" "$1"
    echo '['
    sed 's/^\(.*[^ ]\)  *=>  .*$/show (\1),/' "$temp/part"
    echo ']'
}

number=0
failures=0
report() { # module, example, result
    number=$((number + 1))
    if [ "$3" = "${2##*  =>  }" ]; then
        printf 'ok %s - std.%s: %s\n' "$number" "$1" "${2%%  =>  *}"
    else
        failures=$((failures + 1))
        printf 'not ok %s - std.%s: %s\n' "$number" "$1" "${2%%  =>  *}"
        printf '#   found    %s\n#   expected %s\n' "$3" "${2##*  =>  }"
        [ -s "$temp/err" ] && head -n 12 "$temp/err" | sed 's/^/# /'
    fi
}

# The elements of a JSON list of strings, one line each.
texts='import json, sys
for text in json.load(sys.stdin):
    print(text.replace("\n", "\\n"))'

run() { # module, examples, first, last
    program "$1" "$2" "$3" "$4" >"$temp/example.lig"
    timeout 60 "$ligature" eval "$temp/example.lig" >"$temp/out" \
        2>"$temp/err" && python3 -c "$texts" <"$temp/out" >"$temp/results"
}

for file in "$std"/*.lig; do
    module=$(basename "$file" .lig)
    examples=$temp/examples
    sed -n 's|^/// > \(.*  =>  .*\)$|\1|p' "$file" >"$examples"
    total=$(grep -c '' "$examples")
    # Every function that is offered has one, but for that which only fails.
    for name in $(exported "$file"); do
        [ "$name" = error ] || grep -qw -- "$name" "$examples" ||
            report "$module" "an example of $name  =>  there" "missing"
    done
    [ "$total" = 0 ] && continue
    if run "$module" "$examples" 1 "$total"; then
        : >"$temp/err"
        line=0
        while IFS= read -r example; do
            line=$((line + 1))
            report "$module" "$example" "$(sed -n "${line}p" "$temp/results")"
        done <"$examples"
        continue
    fi
    line=0
    while IFS= read -r example; do
        line=$((line + 1))
        result=
        run "$module" "$examples" "$line" "$line" &&
            result=$(cat "$temp/results")
        report "$module" "$example" "$result"
    done <"$examples"
done
echo "1..$number"
[ "$number" -gt 0 ] && [ "$failures" = 0 ]
