#!/bin/sh
# Where values come from: `ligature why` and `eval --source-map`. TAP on
# standard output.
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
unset CI GITHUB_ACTIONS NO_COLOR CLICOLOR_FORCE
export LIGATURE_DISK_CACHE=never
exec python3 "$here/why.py" "$build/ligature"
