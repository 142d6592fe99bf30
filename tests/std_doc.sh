#!/bin/sh
# docs/std.md is what `make docs` makes.
cd "$(dirname "$0")/.." || exit 1
case $1 in
/*) build=$1 ;;
*) build=$PWD/$1 ;;
esac
page=$(mktemp)
trap 'rm -f "$page"' EXIT
echo 1..1
if python3 tools/std-doc.py "$build/ligature" >"$page" &&
    diff -u docs/std.md "$page"; then
    echo 'ok 1 - docs/std.md is up to date'
else
    echo 'not ok 1 - docs/std.md is not up to date: run make docs'
    exit 1
fi
