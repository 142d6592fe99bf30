#!/bin/sh
# The language server, as an editor talks to it: `ligature lsp`. TAP on
# standard output.
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
unset CI GITHUB_ACTIONS NO_COLOR CLICOLOR_FORCE
export LIGATURE_DISK_CACHE=never
exec python3 "$here/lsp.py" "$build/ligature"
