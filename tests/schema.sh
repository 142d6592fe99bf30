#!/bin/sh
# A schema and 10,000 records, of which 25 have different mistakes: exactly
# those 25 are reported, in order, the same at 1 and 8 workers.
build=$(cd "$1" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
unset CI GITHUB_ACTIONS NO_COLOR CLICOLOR_FORCE
export LIGATURE_DISK_CACHE=never

echo 1..4
awk -v wrong="$temp/wrong" '
BEGIN {
    count = 10000
    mistakes[n++] = "name = \"svc-%d\", port = 0"
    mistakes[n++] = "name = \"Svc%d\", port = 80"
    mistakes[n++] = "name = \"svc-%d\", port = \"80\""
    mistakes[n++] = "name = \"svc-%d\", prot = 80"
    mistakes[n++] = "name = \"svc-%d\""
    mistakes[n++] = "name = \"svc-%d\", port = 80, replicas = 0"
    mistakes[n++] = "name = \"svc-%d\", port = 80, limit = -1"
    mistakes[n++] = "name = \"svc-%d\", port = 80, tag = 5"
    mistakes[n++] = "name = \"svc-%d\", port = 80, extra = 1"
    mistakes[n++] = "name = \"svc-%d-is-far-too-long\", port = 80"
    mistakes[n++] = "name = \"svc-%d\", port = 80, ends = [{ path = \"\" }]"
    mistakes[n++] = "name = \"svc-%d\", port = 80, ends = [{ path = \"/\", port = 70000 }]"
    print "type Port = Integer where x > 0 && x <= 65535;"
    print "type Name = String with regexp(r\"^[a-z][a-z0-9-]*$\") with length <= 16;"
    print "type End = { path: String where length > 0, port: Port = 8080 };"
    print "type Service = { name: Name, port: Port, replicas: Integer where > 0 = 1,"
    print "  limit: Integer where > 0 = replicas * 2, tag?: String, ends: List End = [] };"
    print "let services: List Service = ["
    for (i = 0; i < count; i++) {
        if (i % 400 == 123) {
            printf "  { " mistakes[i / 400 % n] " },\n", i
            print i + 7 >wrong
        } else if (i % 3 == 0) {
            printf "  { name = \"svc-%d\", port = %d },\n", i, i % 60000 + 1
        } else if (i % 3 == 1) {
            printf "  { name = \"svc-%d\", port = 443, tag = \"x\", replicas = 3 },\n", i
        } else {
            printf "  { name = \"svc-%d\", port = 80, ends = [{ path = \"/\" }, { path = \"/a\", port = 81 }] },\n", i
        }
    }
    print "];"
    print "length services"
}' >"$temp/services.lig"

cd "$temp" || exit 1
for workers in 1 8; do
    "$build/ligature" typecheck --max-errors 100 --workers $workers \
        services.lig >"out.$workers" 2>&1
    echo $? >>"out.$workers"
done
grep -- '-->' out.1 | sed 's/.*lig:\([0-9]*\):.*/\1/' >found

verdict() { # status, number, name
    if [ "$1" = 0 ]; then echo "ok $2 - $3"; else echo "not ok $2 - $3"; fi
}
[ "$(grep -c '^error' out.1)" = 25 ]
verdict $? 1 "25 mistakes are 25 errors"
cmp -s wrong found
verdict $? 2 "each stands in its line, in order"
[ "$(tail -n 1 out.1)" = 1 ]
verdict $? 3 "the exit status is 1"
cmp -s out.1 out.8
verdict $? 4 "1 and 8 workers say the same"
