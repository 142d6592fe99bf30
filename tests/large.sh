#!/bin/sh
# Files long enough to be parsed in pieces (syntax/parser_pieces.c): output,
# diagnostics and status are the same for any number of workers.
ligature=$1/ligature
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

python3 fixtures/perf/gen.py flat 8000 "$work/plain.lig"
python3 - "$work" <<'EOF'
import sys

work = sys.argv[1]
plain = open(work + "/plain.lig", "rb").read()


def write(name, text):
    open(f"{work}/{name}.lig", "wb").write(text)


def cut(share):
    return plain.index(b"    },\n", int(len(plain) * share))


def put(share, text):
    at = cut(share)
    return plain[:at] + text + plain[at:]


write("one-line", plain.replace(b"\n", b" "))
write("error-early", put(0.01, b"]"))
write("error-middle", put(0.6, b"\n      x = = 2,"))
write("errors", put(0.3, b"y = ,\n").replace(b"memory = \"512Mi\"", b"memory \"512Mi\""))
write("unclosed", plain[:cut(0.8)])
write("last", plain.rstrip()[:-1])
write("nul", put(0.7, b"\0"))
write("not-utf8", put(0.7, b"\xC3"))
at = plain.index(b'"LOG_LEVEL=info"', len(plain) // 5)
write("strings", plain[:at] + b'"""\n' + b"      x = 1, },\n" * 60000
      + b'      """' + plain[at + 16:])
write("comments", put(0.2, b"/*\n" + b"    },\n    {\n" * 60000 + b"*/\n"))
write("duplicate", b"{\n" + b"".join(b"  f%d = %d,\n" % (i % 69990, i)
                                     for i in range(70000)) + b"}\n")
write("declarations",
      b"".join(b"/// Number %d.\nexport let v%d: Integer = let w = %d; in w;\n"
               % (i, i, i) for i in range(12000)))
EOF

same() { # name, command ...
    name=$1
    shift
    count=$((count + 1))
    for workers in 1 2 8; do
        "$ligature" "$@" --workers "$workers" "$work/$name.lig" \
            >"$work/$workers.out" 2>"$work/$workers.err"
        echo "status $?" >>"$work/$workers.err"
    done
    ok=ok
    for workers in 2 8; do
        cmp "$work/1.out" "$work/$workers.out" || ok="not ok"
        cmp "$work/1.err" "$work/$workers.err" || ok="not ok"
    done
    grep -q "$expected" "$work/1.err" || ok="not ok"
    echo "$ok $count - $name: $1"
}

expected='^status 0'
for name in plain one-line strings comments declarations; do
    same $name eval
done
expected=E01
for name in error-early error-middle errors unclosed last nul not-utf8 \
    duplicate; do
    same $name typecheck
done
echo "1..$count"
