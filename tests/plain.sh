#!/bin/sh
# Code without optimisations gives what optimised code gives: the same output,
# exit status and codes of diagnostics for every fixture that is evaluated.
# (Functions that are not expanded are called, so traces name more of them.)
# Builds with assertions alone can be told not to optimise.
. "$(dirname "$0")/tap.sh"
cd "$fixtures" || exit 1
export LIGATURE_DISK_CACHE=never
if ! grep -q LIGATURE_PLAIN_CODE "$ligature"; then
    skip "plain code" "a release build"
    finish
fi

codes() { # file
    grep -oE '^(error|warning)\[[EW][0-9]+\]' "$1"
}

for file in eval-*.lig dag-*.lig project-*/main.lig platform/main.lig; do
    case $file in
    */main.lig) name=${file%/main.lig} ;;
    *) name=${file%.lig} ;;
    esac
    flags=""
    [ -e "$name.flags" ] && flags=$(cat "$name.flags")
    touch "$temp/empty"
    out=$temp/empty err=$temp/empty code=0
    [ -e "$name.out" ] && out=$name.out
    [ -e "$name.err" ] && err=$name.err
    case $name in *-fail*) code=1 ;; esac
    [ -e "$name.code" ] && code=$(cat "$name.code")
    eval "LIGATURE_PLAIN_CODE=1 \"$ligature\" eval --workers 2 $flags $file" \
        >"$temp/out" 2>"$temp/err" </dev/null
    found=$?
    if [ $found = "$code" ] && cmp -s "$out" "$temp/out" &&
        [ "$(codes "$err")" = "$(codes "$temp/err")" ]; then
        result yes "$name"
    else
        echo "# status $found, not $code"
        diff "$out" "$temp/out" | head -n 10 | sed 's/^/# /'
        diff "$err" "$temp/err" | head -n 10 | sed 's/^/# /'
        result no "$name"
    fi
done
finish
