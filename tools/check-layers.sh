#!/bin/sh
# Fails when a folder includes one that it must not (DESIGN: layers).
status=0
check() { # folder, folders it may include
    for file in "$1"/*.[ch] "$1"/*.inc; do
        [ -e "$file" ] || continue
        for name in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file"); do
            case " $2 " in
            *" $name "*) ;;
            *)
                echo "$file includes $name/"
                status=1
                ;;
            esac
        done
    done
}
check support "support"
check concurrent "support concurrent"
check syntax "support concurrent syntax"
check typecheck "support concurrent syntax typecheck"
check eval "support concurrent syntax eval"
check cli "support concurrent syntax typecheck eval cli"
# The library takes from cli/ only what neither prints nor knows a command line.
check api "support concurrent syntax typecheck eval cli api include"
for name in $(sed -n 's/^#include "cli\/\(.*\)\.h"/\1/p' api/*.[ch]); do
    case " diag_json diag_text exit_status memory_limit result_places version " in
    *" $name "*) ;;
    *)
        echo "api/ includes cli/$name.h"
        status=1
        ;;
    esac
done
for name in pthread.h stdatomic.h; do
    if grep -l "include <$name>" support/*.[ch] syntax/*.[ch] typecheck/*.[ch] \
        eval/*.[ch] cli/*.[ch] api/*.[ch] 2>/dev/null; then
        echo "only concurrent/ may include <$name>"
        status=1
    fi
done
if grep -l 'include *[<"]uthash' concurrent/*.[ch] syntax/*.[ch] \
    typecheck/*.[ch] eval/*.[ch] cli/*.[ch] api/*.[ch] 2>/dev/null; then
    echo "only support/table.h may include uthash.h"
    status=1
fi
exit $status
