#!/bin/sh
# Runs every fixture at 1, 2 and 8 workers, phase by phase and with --async, and
# compares standard output, standard error and exit status with the files beside
# it: X.out, X.err, X.code (absent means empty, or 0 for okay and 1 for fail).
# X.flags holds further options, one line. ACCEPT=1 rewrites the expectations instead;
# FEW_WIDTHS=1 runs at 2 workers, and at 8 with --async, only. That last one
# writes a report and a trace too: measuring must change nothing, nor race. The
# steps that it took are those of one worker.
#
# The name says what is run: parse-*, check-* (typecheck), dag-*, eval-* and
# the folders project-*-okay and project-*-fail (eval of main.lig).
. "$(dirname "$0")/tap.sh"
cd "$fixtures" || exit 1
export LIGATURE_DISK_CACHE=never
counted="--async --workers 1 --report '$temp/counted'"
measured="--async --workers 8 --report '$temp/report' --trace '$temp/trace'"
steps='s/.*"steps":{\([^}]*\)}.*/\1/p'

expect() { # file with the expectation, file found, what, options
    if [ -e "$1" ]; then
        cmp -s "$1" "$2"
    else
        [ ! -s "$2" ]
    fi && return 0
    echo "# $name: $3 differs with $4"
    { [ -e "$1" ] && cat "$1"; } | diff - "$2" | head -n 20 | sed 's/^/# /'
    return 1
}

accept() { # file with the expectation, file found
    if [ -s "$2" ]; then cp "$2" "$1"; else rm -f "$1"; fi
}

fixture() { # name without ending, verb, file, expected code
    name=$1
    flags=""
    [ -e "$name.flags" ] && flags=$(cat "$name.flags")
    good=yes
    for width in "--workers 1" "--workers 2" "--workers 8" \
        "$counted" "--async --workers 2" "$measured"; do
        case "$FEW_WIDTHS $width" in
        "1 --workers 2" | "1 $measured") ;;
        1*) continue ;;
        esac
        case "$2 $width" in
        parse*--async*) continue ;;
        parse*) width="" ;;
        esac
        eval "\"$ligature\" $2 $width $flags \"$3\"" \
            >"$temp/out" 2>"$temp/err" </dev/null
        code=$?
        want=$4
        [ -e "$name.code" ] && want=$(cat "$name.code")
        if [ -n "$ACCEPT" ] && [ "${width:---workers 1}" = "--workers 1" ]; then
            accept "$name.out" "$temp/out"
            accept "$name.err" "$temp/err"
            rm -f "$name.code"
            [ "$code" = "$4" ] || echo "$code" >"$name.code"
            continue
        fi
        expect "$name.out" "$temp/out" "standard output" "$width" || good=no
        expect "$name.err" "$temp/err" "standard error" "$width" || good=no
        if [ "$code" != "$want" ]; then
            echo "# $name: exit status $code, not $want, with $width"
            good=no
        fi
    done
    if [ -z "$FEW_WIDTHS$ACCEPT" ] && [ "$2 $code" = "eval 0" ] &&
        [ "$(sed -n "$steps" "$temp/counted")" != \
            "$(sed -n "$steps" "$temp/report")" ]; then
        echo "# $name: steps differ:"
        sed -n "$steps" "$temp/counted" "$temp/report" | sed 's/^/# /'
        good=no
    fi
    result $good "$name"
}

code_of() {
    case $1 in
    *-fail*) echo 1 ;;
    *) echo 0 ;;
    esac
}

for file in parse-*.lig check-*.lig dag-*.lig eval-*.lig; do
    [ -e "$file" ] || continue
    case $file in
    parse-*) verb=parse ;;
    check-*) verb=typecheck ;;
    *) verb=eval ;;
    esac
    fixture "${file%.lig}" $verb "$file" "$(code_of "$file")"
done
for folder in project-*/ platform/; do
    folder=${folder%/}
    [ -e "$folder/main.lig" ] || continue
    fixture "$folder" eval "$folder/main.lig" "$(code_of "$folder")"
done
finish
