#!/bin/sh
# Runs the example of every page of `ligature explain` and demands that the
# code appears. E0101 is left out: its page shows the character escaped.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never

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
    if grep -q "^[a-z]*\[$code\]" err && [ "$status" -lt 125 ]; then
        result yes "$code"
    else
        echo "# status $status, options:$options"
        result no "$code"
    fi
done
[ "$number" -gt 0 ] || result no "pages have examples"
finish
