#!/bin/sh
# `ligature validate`, its exit codes, several documents, formats of
# diagnostics, and that what is printed reads back.
. "$(dirname "$0")/tap.sh"
cd "$temp" || exit 1
export LIGATURE_DISK_CACHE=never

check() { # what, expected status, text that standard error must hold
    if [ "$status" = "$2" ] && { [ -z "$3" ] || grep -qF -- "$3" err; }; then
        result yes "$1"
    else
        echo "# status $status, not $2"
        result no "$1"
    fi
}

validate() {
    "$ligature" validate "$@" >out 2>err
    status=$?
    [ ! -s out ] || status="$status, and something on standard output"
}

cat >schema.lig <<'END'
type Port = Integer where x > 0;
type Service = { name: String, port: Port = 80, next?: Service2 };
type Service2 = { name: String };
type Rising a = { low: a, high: a } where x.low < x.high;
input unused: String;
END
echo '{"name": "a"}' >good.json
printf 'name: a\nport: 1\n---\nname: b\n---\n{name: c, port: 3}\n' >good.yaml
printf 'name = "a"\n[next]\nname = "b"\n' >good.toml
printf 'name: a\nport: 0\n---\nnme: b\n---\n- c\n' >bad.yaml
echo '{"name": 1}' >bad.json

echo '{"low": "a", "high": "b"}' >rising.json
echo '{"low": "b", "high": "a"}' >falling.json
validate rising.json --type "schema.lig#Rising String"
check "a type with arguments" 0 ""
validate falling.json --type "schema.lig#Rising String"
check "and what breaks it" 1 "'x.low < x.high' failed"
validate rising.json --type "schema.lig#Rising (Integer -> Integer)"
check "and what it cannot be" 1 "is a function, which no data can be"
validate good.json --type 'schema.lig#{ name: String with pattern "[^#]*" }'
check "a type with '#' in it" 0 ""
cp schema.lig 'the#schema.lig'
validate good.json --type 'the#schema.lig#Service'
check "a file with '#' in its name" 0 ""
validate good.json good.yaml good.toml --type schema.lig#Service
check "good files" 0 ""
validate bad.yaml -t schema.lig#Service
check "a refinement in the first document" 1 "bad.yaml:2:7"
check "a field in the second" 1 "bad.yaml:4:1"
check "the third" 1 "bad.yaml:6:1"
validate bad.yaml good.json bad.json --type schema.lig#Service
check "every file is looked at" 1 "bad.json:1:10"
cp err first
for workers in 1 2 8; do
    validate --workers $workers bad.yaml good.json bad.json \
        --type schema.lig#Service
    cmp -s err first || status=99
    check "the same at $workers workers" 1 "4 errors"
done
validate --diagnostics json bad.json --type schema.lig#Service
check "diagnostics as JSON" 1 '"code":"E0505"'
"$ligature" validate - --type 'schema.lig#List Service' <<'END' >out 2>err
[{"name": "a"}, {"name": "b", "port": -1}]
END
status=$?
check "JSON on standard input, any type" 1 "[1].port: "
printf 'name: 12\n' | "$ligature" validate - --type schema.lig#Service \
    >out 2>err
status=$?
check "YAML on standard input" 1 ".name: expected String"
validate good.json --type schema.lig#Nope
check "a type that the file does not have" 2 "'schema.lig' has no type 'Nope'"
check "and where it is asked for" 2 "validate --type schema.lig#Nope"
check "and what the file has" 2 "it has 'Port', 'Service', 'Service2', 'Rising'"
validate --diagnostics json good.json --type schema.lig#Nope
check "which tools are told of no file" 2 "'Nope'\",\"file\":null,\"line\":null,"
validate good.json --type schema.lig#Servce
check "an unknown type" 2 "did you mean 'Service'?"
validate good.json --type schema.lig
check "a type without '#'" 2 "--type FILE#Type"
validate --type schema.lig#Service
check "no data" 2 "no data file"
validate good.json --type none.lig#Service
check "no schema" 3 "none.lig"
validate none.json --type schema.lig#Service
check "a missing file" 3 "none.json"
validate schema.lig --type schema.lig#Service
check "no data by its name" 2 "its name ends in .json"
printf '[1\n' >broken.json
validate broken.json bad.json --type schema.lig#Service
check "a broken file" 1 "broken.json:2:1"
check "and the next one" 1 "bad.json:1:10"
# Values without a text stand at their tag, their anchor or their key.
for case in "2:4 a: !!int" "2:4 a: !!str" "2:5 a: &x" "2:1 a:" "2:2 {a: , b: 1}" \
    "2:3 - !!int" "2:1 --- # nothing"; do
    printf '# places\n%s\n' "${case#* }" >place.yaml
    validate place.yaml --type "schema.lig#Map Port"
    check "the place of '${case#* }'" 1 "place.yaml:${case%% *}"
done
: >empty.yaml
validate empty.yaml --type schema.lig#Service
check "no document" 1 "holds no document"

# ---- inputs from files

cat >inputs.lig <<'END'
input region: String;
input ports: List Integer = [];
{ region, ports }
END
echo '{"region": "eu", "ports": [1, 2]}' >params.json
printf 'region: us\n' >params.yaml
printf 'ports = [3]\n' >params.toml

evaluate() {
    "$ligature" eval --compact "$@" >out 2>err
    status=$?
    cat out >>err
}

evaluate inputs.lig --input-file params.json
check "inputs from JSON" 0 '{"region":"eu","ports":[1,2]}'
evaluate inputs.lig --input-file params.json --input-file params.yaml \
    --input-file params.toml
check "the later file beats the earlier" 0 '{"region":"us","ports":[3]}'
evaluate inputs.lig --input region=x --input-file params.yaml
check "an option beats a file" 0 '{"region":"x","ports":[]}'
echo '{"region": "eu", "prots": 1}' >params.json
evaluate inputs.lig --input-file params.json
check "an unknown input in a file" 2 "params.json:1:18"
echo '[1' >params.json
evaluate inputs.lig --input-file params.json
check "a broken file of inputs" 2 "params.json:2:1"
echo '[1]' >params.json
evaluate inputs.lig --input-file params.json
check "a file of inputs that is no object" 2 "params.json:1:1"
evaluate inputs.lig --input-file none.json
check "a missing file of inputs" 3 "none.json"
evaluate inputs.lig --input-file inputs.lig
check "inputs that are no data" 2 "no file of inputs"
evaluate inputs.lig --input region
check "an input without a value" 2 "NAME=VALUE"

# Long data is on a tape, and its refinements are looked at by all workers.
awk 'BEGIN { for (i = 0; i < 4000; i++) {
    port = i % 1500 == 7 ? 0 : i + 1
    printf "%s{\"name\": \"n%d\", \"port\": %d}", i ? ",\n" : "[", i, port
} print "]" }' >long.json
awk 'BEGIN { for (i = 0; i < 4000; i++) {
    port = i % 1500 == 7 ? 0 : i + 1
    printf "- name: n%d\n  port: %d # - name: x\n\n", i, port
} }' >long.yaml
{ echo '{"unknown": "a", "all":' && cat long.json && echo '}'; } >inputs.json
{ echo 'all:' && cat long.yaml && echo 'unknown: a'; } >inputs.yaml
cat >all.lig <<'END'
import "./schema" as s;
input all: List s.Service;
length all
END
for workers in 1 2 8; do
    validate long.json -t "schema.lig#List Service" -w $workers
    check "long JSON, $workers workers" 1 "long.json:1508:27"
    grep -c '^error' err >count
    mv err "json.$workers"
    validate long.yaml -t "schema.lig#List Service" -w $workers
    check "long YAML, $workers workers" 1 "long.yaml:4523:9"
    grep -c '^error' err >>count
    mv err "yaml.$workers"
    for inputs in inputs.json inputs.yaml; do
        "$ligature" eval all.lig --input-file $inputs -w $workers 2>err
        grep -c '^error' err >>count
        mv err "$inputs.$workers"
    done
    found=$([ "$(tr '\n' ' ' <count)" = "3 3 4 4 " ] && echo yes)
    result "$found" "all that is wrong, $workers workers"
done
for of in json yaml inputs.json inputs.yaml; do
    found=$(cmp -s $of.1 $of.2 && cmp -s $of.1 $of.8 && echo yes)
    result "$found" "the same from all workers: $of"
done

# ---- what is printed reads back

cat >value.lig <<'END'
type Shape = Dot | Circle Float | Rect Integer Integer;
type Value = { name: String, shapes: List Shape, pair: (Integer, String),
               none: Option Integer, texts: List String, ratio: Float };
let value: Value = {
  name = "x", shapes = [Dot, Circle 1.5, Rect 1 2], pair = (1, "a"),
  none = None, texts = ["yes", "1", "a\nb\n", " ", "é: \u{1}", "- "],
  ratio = 1e30,
};
END
for format in json yaml toml; do
    "$ligature" eval value.lig --select value --format $format \
        >value.$format 2>err &&
        cat >back.lig <<END &&
import "./value" as v { Value };
import "./value.$format" as back: Value;
back == v.value
END
        "$ligature" eval back.lig >out 2>>err
    status=$?
    cat out >>err
    check "$format reads back" 0 "true"
done

for seed in 1 2; do
    python3 "$here/yaml_trip.py" "$ligature" $seed >out 2>err
    status=$?
    check "YAML round trips of random data, $seed" 0 ""
done

finish
