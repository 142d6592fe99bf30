#!/bin/sh
# What `make install` installs is enough to compile and run examples/embed.c.
# MODE says how the build folder was made.
cd "$(dirname "$0")/.." || exit 1
build=$1 # relative: make takes no folders with spaces in their names
mode=${MODE:-release}
unset MAKEFLAGS MAKELEVEL MFLAGS CI
prefix=/opt/ligature
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
root=$temp/root
number=0
failures=0
check() { # name, status
    number=$((number + 1))
    if [ "$2" = 0 ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$temp/log"
        failures=$((failures + 1))
    fi
}
# The status, both outputs, of a command are as given.
check_run() { # name, status, standard output, command...
    name=$1 status=$2 expected=$3
    shift 3
    "$@" >"$temp/out" 2>"$temp/log"
    found=$?
    [ "$found" = "$status" ] && [ "$(cat "$temp/out")" = "$expected" ]
    check "$name" $?
}

make --no-print-directory MODE="$mode" BUILD="$build" DESTDIR="$root" \
    PREFIX=$prefix install >"$temp/log" 2>&1
check 'make install' $?
for file in bin/ligature lib/libligature.a include/ligature.h \
    lib/pkgconfig/ligature.pc; do
    [ -s "$root$prefix/$file" ] || echo "missing: $file" >>"$temp/log"
done
! grep -q '^missing' "$temp/log"
check 'everything is there' $?

nm -g --defined-only "$root$prefix/lib/libligature.a" 2>/dev/null |
    awk 'NF == 3 && $3 !~ /^ligature_/ && $3 !~ /^_*(asan|odr|tsan|ubsan|gcov)/' \
        >"$temp/log"
[ ! -s "$temp/log" ]
check 'the library has no names but its own' $?

case $mode in
asan) sanitize=-fsanitize=address,undefined ;;
ubsan) sanitize=-fsanitize=undefined ;;
tsan) sanitize=-fsanitize=thread ;;
coverage) sanitize=--coverage ;;
*) sanitize= ;;
esac
export PKG_CONFIG_PATH="$root$prefix/lib/pkgconfig"
export PKG_CONFIG_SYSROOT_DIR="$root"
flags=$(pkg-config --cflags --libs ligature)
version=$(pkg-config --modversion ligature)
# Flags are words.
# shellcheck disable=SC2086
(cd "$temp" && gcc -std=c11 -Wall -Wextra -Wpedantic -Werror $sanitize \
    "$OLDPWD/examples/embed.c" $flags -o embed) >"$temp/log" 2>&1
check 'examples/embed.c compiles' $?

if printf '#include <ligature.h>\nint main(){return ligature_version()==0;}\n' \
    >"$temp/t.cc" && command -v g++ >/dev/null; then
    # shellcheck disable=SC2086
    g++ -fsyntax-only -Wall -Wextra -Werror -x c++ "$temp/t.cc" \
        -I"$root$prefix/include" >"$temp/log" 2>&1
    check 'the header is C++ too' $?
fi

check_run 'a text' 0 '{
  "greeting": "hello, WORLD"
}' "$temp/embed"
printf 'input n: Integer = 1;\n[x * n for x in [1, 2]]\n' >"$temp/main.lig"
check_run 'a file' 0 '[
  1,
  2
]' "$temp/embed" "$temp/main.lig"
check_run 'an input' 0 '[
  7,
  14
]' "$temp/embed" "$temp/main.lig" n=7
check_run 'a wrong input' 2 '' "$temp/embed" "$temp/main.lig" n=x
grep -q 'error\[E0504\]' "$temp/log"
check 'and what is wrong with it' $?
check_run 'a missing file' 3 '' "$temp/embed" "$temp/missing.lig"
check_run 'the version' 0 "ligature $version" \
    "$root$prefix/bin/ligature" --version

# The shared library is a build of its own: tested where it has been made.
if [ -f build/shared/libligature.so ]; then
    ln -s "$PWD/build/shared/libligature.so" "$temp/libligature.so.0"
    check_run 'the shared library from Python' 0 '[
  1,
  2
]' env LD_LIBRARY_PATH="$temp" python3 examples/embed.py "$temp/main.lig"
fi
echo "1..$number"
[ "$failures" = 0 ]
