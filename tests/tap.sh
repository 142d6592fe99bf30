# What the test scripts share; sourced with the build folder as "$1", before
# any cd. Sets build, ligature, here, temp (removed at the end); results are
# TAP on standard output.
build=$(cd "$1" && pwd)
ligature=$build/ligature
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$(cd "$here/../fixtures" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
# What of the environment would change a run.
unset CI GITHUB_ACTIONS NO_COLOR CLICOLOR_FORCE
number=0
failures=0
command=

result() { # yes|no, name
    number=$((number + 1))
    if [ "$1" = yes ]; then
        echo "ok $number - $2"
        return
    fi
    failures=$((failures + 1))
    echo "not ok $number - $2"
    [ -z "$command" ] || echo "# command: ligature $command"
    if [ -s "$temp/out" ]; then
        head -c 600 "$temp/out" | sed 's/^/# out: /'
        echo
    fi
    [ ! -e "$temp/err" ] || head -c 1500 "$temp/err" | sed 's/^/# err: /'
}

skip() { # name, why
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# The last thing that a script does.
finish() {
    echo "1..$number"
    [ $failures = 0 ]
    exit
}

# A command that ends well; what it said is shown where it does not.
holds() { # name, command...
    holds_name=$1
    shift
    if "$@" >"$temp/holds.log" 2>&1; then
        result yes "$holds_name"
    else
        head -c 2000 "$temp/holds.log" | sed 's/^/# /'
        result no "$holds_name"
    fi
}

run() { # name, expected code, arguments...
    name=$1
    expected=$2
    shift 2
    command=$*
    "$ligature" "$@" >"$temp/out" 2>"$temp/err" </dev/null
    code=$?
    [ "$code" = "$expected" ] || echo "# exit code $code, not $expected"
    if [ "$code" = "$expected" ]; then result yes "$name"; else
        result no "$name"
    fi
}

has() { # out|err, fixed string
    if grep -qF -e "$2" "$temp/$1"; then result yes "$name: $2"; else
        result no "$name: $2"
    fi
}

hasnt() { # out|err, fixed string
    if grep -qF -e "$2" "$temp/$1"; then result no "$name: not $2"; else
        result yes "$name: not $2"
    fi
}
