#!/bin/sh
# Runs the example of every page of `ligature explain` and demands that the
# code appears. E0101 is left out: its page shows the character escaped.
build=$(cd "$1" && pwd)
ligature=$build/ligature
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp" || exit 1
unset CI GITHUB_ACTIONS
export LIGATURE_DISK_CACHE=never
number=0
failures=0

for code in $("$ligature" explain | sed 's/ .*//'); do
    [ "$code" = E0101 ] && continue
    "$ligature" explain "$code" >page
    sed -n 's/^    //p' page >example.lig
    [ -s example.lig ] || continue
    options=$(sed -n 's/^Example, with `ligature eval\(.*\) example.lig`:$/\1/p' \
        page)
    # shellcheck disable=SC2086
    timeout 20 "$ligature" eval $options example.lig >out 2>err
    status=$?
    number=$((number + 1))
    if grep -q "^[a-z]*\[$code\]" err && [ "$status" -lt 125 ]; then
        echo "ok $number - $code"
    else
        echo "not ok $number - $code"
        echo "# status $status, options:$options"
        head -n 12 err | sed 's/^/# /'
        failures=$((failures + 1))
    fi
done
echo "1..$number"
[ "$number" -gt 0 ] && [ "$failures" = 0 ]
