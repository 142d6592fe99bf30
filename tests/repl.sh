#!/bin/sh
# ligature repl: command lines here, sessions in repl.py. TAP on standard
# output.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
unset NO_COLOR CLICOLOR_FORCE
export LIGATURE_DISK_CACHE=never
export PYTHONDONTWRITEBYTECODE=1

run "the help of repl" 0 repl --help
has out "usage: ligature repl"
run "an unknown option" 2 repl --fromat json </dev/null
has err "unknown option '--fromat'; did you mean '--format'?"

for case in $(python3 "$here/repl.py" list); do
    holds "$(echo "$case" | tr _ ' ')" \
        python3 "$here/repl.py" "$ligature" "$case"
done
finish
