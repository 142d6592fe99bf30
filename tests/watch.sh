#!/bin/sh
# ligature watch: command lines here, runs and changes in watch.py. TAP on
# standard output.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never
export PYTHONDONTWRITEBYTECODE=1

echo 1 >one.lig

# ---- the command line

# One descriptor for the loader of shared libraries, which sanitizers need; a
# pipe takes two.
(ulimit -n 4 && exec "$ligature" watch eval one.lig) </dev/null >out 2>err
code=$?
holds "no pipe" test $code = 3
has err "no pipe can be opened: "
run "without a verb" 2 watch
has err "'watch' needs a verb to run"
run "options alone" 2 watch --clear
has err "'watch' needs a verb to run"
run "an unknown verb" 2 watch evla one.lig
has err "unknown verb 'evla'; did you mean 'eval'?"
for verb in watch completions help explain cache init; do
    run "a verb that reads no files" 2 watch $verb one.lig
    has err "'watch' runs verbs that read files, not '$verb'"
done
run "standard input" 2 watch eval -
has err "'watch' takes files, not standard input"
run "standard input as input" 2 watch eval one.lig --input-file -
has err "'watch' takes files, not standard input"
run "standard input as schema" 2 watch validate one.json --type -#T
has err "'watch' takes files, not standard input"
run "an unknown option of the verb" 2 watch eval --werrr one.lig
has err "unknown option '--werrr'; did you mean '--werror'?"
run "an option of watch without it" 2 eval --clear one.lig
has err "unknown option '--clear'"
run "no operand" 2 watch eval
has err "no file given"
run "the help of watch" 0 watch --help
has out "usage: ligature watch [OPTION...] VERB"
run "the same" 0 help watch
has out "--clear"
run "the help of a verb" 0 watch eval --help
has out "usage: ligature eval"
run "the settings of a verb" 0 watch eval --show-config one.lig
has out "[eval]"
mkdir project
printf '[all]\nclear = true\n' >project/ligature.toml
echo 1 >project/one.lig
run "nothing for a project to say" 2 eval project/one.lig
has err "clear"

# ---- runs

for case in $(python3 "$here/watch.py" list); do
    holds "$(echo "$case" | tr _ ' ')" \
        python3 "$here/watch.py" "$ligature" "$case"
done
finish
