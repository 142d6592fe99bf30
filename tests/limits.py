#!/usr/bin/env python3
"""limits.py BUILD: each limit on both sides of its boundary, at 1, 2 and 8
workers: N passes, N + 1 is the limit's diagnostic with a place, its option
named, exit code 4 and nothing on standard output. TAP on standard output."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from builds import sanitizer  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
LIGATURE = os.path.join(BUILD, "ligature")
SLOW = sanitizer(BUILD) is not None
ENV = {k: v for k, v in os.environ.items()
       if not k.startswith("LIGATURE_") and k not in ("CI", "GITHUB_ACTIONS")}
ENV["LC_ALL"] = "C"
TEMP = tempfile.mkdtemp(prefix="limits-")
counts = [0, 0]


def result(wrong, name):
    counts[0] += 1
    counts[1] += wrong is not None
    print("%s %d - %s" % ("ok" if wrong is None else "not ok", counts[0],
                          name))
    if wrong is not None:
        print("# " + wrong[:1500].replace("\n", "\n# "))
    sys.stdout.flush()


def put(name, text):
    path = os.path.join(TEMP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def run(args):
    p = subprocess.run([LIGATURE] + args, cwd=TEMP, env=ENV,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=300)
    return p.returncode, p.stdout, p.stderr.decode("utf-8")


def passes(args):
    code, out, err = run(args)
    return None if code == 0 else "exit code %d\n%s" % (code, err)


def limited(args, code, option, place=True):
    status, out, err = run(args)
    if status != 4:
        return "exit code %d, not 4\n%s" % (status, err)
    if out:
        return "standard output is not empty"
    if "error[%s]" % code not in err or "--" + option not in err:
        return "no %s that names --%s\n%s" % (code, option, err)
    if place and not re.search(r"--> \S+:\d+:\d+$", err, re.M):
        return "no place\n" + err
    return None


def both(name, good, bad, code, option, workers=(1, 2, 8)):
    wrong = None
    for w in workers:
        width = ["--workers", str(w)]
        wrong = wrong or passes(good[:1] + width + good[1:])
        wrong = wrong or limited(bad[:1] + width + bad[1:], code, option)
        if wrong:
            wrong = "at %d workers: %s" % (w, wrong)
            break
    result(wrong, name)


def sharp(name, program, option, code, lowest, highest):
    """The smallest limit that the program passes with; one less is reported,
    and it is the same at every number of workers."""
    put("sharp.lig", program)

    def args(n, w=1):
        return ["eval", "--workers", str(w), "--no-cache", "--" + option,
                str(n), "sharp.lig"]
    low, high = lowest, highest  # low fails, high passes
    wrong = passes(args(high)) or limited(args(low), code, option)
    while not wrong and high - low > 1:
        middle = (low + high) // 2
        if run(args(middle))[0] == 0:
            high = middle
        else:
            low = middle
    for w in (2, 8):
        wrong = wrong or passes(args(high, w)) or limited(args(low, w), code,
                                                          option)
    result(wrong, "%s (%d)" % (name, high))


# ---- nesting

NESTED = {
    "parentheses": ("x.lig", lambda n: "(" * n + "1" + ")" * n),
    "lists": ("x.lig", lambda n: "length " + "[" * n + "]" * n),
    "records": ("x.lig", lambda n: "{ a = " * n + "1" + " }" * n),
    "blocks": ("x.lig",
               lambda n: "if true then (" * n + "1" + ") else 0" * n),
    "patterns": ("x.lig", lambda n: "match None { " + "Some (" * n + "_" +
                 ")" * n + " => 1, _ => 2 }"),
    "types": ("x.lig", lambda n: "type T = " + "(" * n + "Integer" + ")" * n +
              "; 1"),
    "JSON": ("x.json", lambda n: "[" * n + "]" * n),
    "YAML": ("x.yaml", lambda n: "[" * n + "]" * n),
    "TOML": ("x.toml", lambda n: "a = " + "[" * n + "]" * n),
    "blocks of YAML": ("x.yaml", lambda n: "".join(
        " " * i + "a:\n" for i in range(n)) + " " * n + "1\n"),
}


def deepest(name, text, limit):
    """The deepest n that passes with the limit; the limit counts at most a few
    levels more than n."""
    deep = None
    for n in range(limit // 2 - 6, limit + 3):
        put(name, text(n))
        put("main.lig", 'import "./x%s" as x;\n1' %
            ("" if name == "x.lig" else name[1:]))
        if run(["typecheck", "--max-nesting", str(limit), "main.lig"])[0] == 0:
            deep = n
    return deep


for what, (file, text) in NESTED.items():
    for old in ("x.lig", "x.json", "x.yaml", "x.toml"):
        if os.path.exists(os.path.join(TEMP, old)):
            os.remove(os.path.join(TEMP, old))
    n = deepest(file, text, 40)
    if n is None:
        result("nothing passes", "max-nesting: " + what)
        continue
    put(file, text(n))
    shutil.copy(os.path.join(TEMP, file), os.path.join(TEMP, "good" + file[1:]))
    put("bad" + file[1:], text(n + 1))
    ending = "" if file == "x.lig" else file[1:]
    put("g.lig", 'import "./good%s" as x;\n1' % ending)
    put("b.lig", 'import "./bad%s" as x;\n1' % ending)
    both("max-nesting: %s (%d)" % (what, n),
         ["typecheck", "--max-nesting", "40", "g.lig"],
         ["typecheck", "--max-nesting", "40", "b.lig"], "E0601",
         "max-nesting")

put("deep.lig", "type T = L | N T;\n"
    "let rec f n = if n <= 0 then L else N (f (n - 1));\n"
    "let rec g n t = if n <= 0 then t else g (n - 1) [x for x in t];\n"
    "{ a = f %s }" % "20")
for format in ("json", "yaml", "toml"):
    both("max-nesting: values as " + format,
         ["eval", "-f", format, "--max-nesting", "21", "deep.lig"],
         ["eval", "-f", format, "--max-nesting", "20", "deep.lig"],
         "E0601", "max-nesting")

# ---- exact numbers of bytes, files and lines

put("out.lig", "range 0 1000")
size = len(run(["eval", "out.lig"])[1])
for format in ("json", "yaml", "text", "raw"):
    body = '"%s"' % ("x" * 5000) if format == "raw" else "range 0 1000"
    put("out.lig", body)
    size = len(run(["eval", "-f", format, "out.lig"])[1])
    both("max-output as %s (%d)" % (format, size),
         ["eval", "-f", format, "--max-output", str(size), "out.lig"],
         ["eval", "-f", format, "--max-output", str(size - 1), "out.lig"],
         "E0605", "max-output")
put("out.lig", '{ "a.json" = range 0 100, "b.json" = range 0 100 }')
run(["export", "out.lig", "--out", "d"])
size = sum(os.path.getsize(os.path.join(TEMP, "d", n))
           for n in ("a.json", "b.json"))
both("max-output of export (%d)" % size,
     ["export", "out.lig", "--out", "d", "--max-output", str(size)],
     ["export", "out.lig", "--out", "d", "--max-output", str(size - 1)],
     "E0605", "max-output")

put("a.lig", "let a = 1; // " + "x" * 485 + "\n")
put("main.lig", 'import "./a" as a;\na.a\n')
size = os.path.getsize(os.path.join(TEMP, "a.lig"))
both("max-source of an import (%d)" % size,
     ["eval", "--max-source", str(size), "main.lig"],
     ["eval", "--max-source", str(size - 1), "main.lig"],
     "E0606", "max-source")
both("max-source of the file",
     ["eval", "--max-source", str(size), "a.lig"],
     ["eval", "--max-source", str(size - 1), "a.lig"],
     "E0606", "max-source")
total = size + os.path.getsize(os.path.join(TEMP, "main.lig"))
both("max-sources (%d)" % total,
     ["eval", "--max-sources", str(total), "main.lig"],
     ["eval", "--max-sources", str(total - 1), "main.lig"],
     "E0606", "max-sources")
for i in range(9):
    put("m%d.lig" % i, "let x = %d;" % i)
put("main.lig", "import std.list as l;\n" +
    "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(9)) +
    "l.chunk 2 [" + ", ".join("m%d.x" % i for i in range(9)) + "]")
both("max-modules", ["eval", "--max-modules", "10", "main.lig"],
     ["eval", "--max-modules", "9", "main.lig"], "E0606", "max-modules")
put("wrong.lig", "".join("let a%d = nope%d;\n" % (i, i) for i in range(30)))
for n in (1, 7, 30, 31):
    code, out, err = run(["eval", "--max-errors", str(n), "wrong.lig"])
    shown = err.count("error[")
    ok = shown == min(n, 30) and "30 errors" in err and (
        n >= 30 or "%d more errors not shown" % (30 - n) in err)
    result(None if ok else err, "max-errors %d" % n)

# ---- sharp, wherever it is

sharp("max-depth", "let rec f n = if n <= 0 then 0 else 1 + f (n - 1); f 500",
      "max-depth", "E0603", 10, 1000)
sharp("max-depth of mutual recursion",
      "let rec f n = if n <= 0 then 0 else 1 + g (n - 1) and "
      "g n = if n <= 0 then 0 else 1 + f (n - 1); f 300",
      "max-depth", "E0603", 10, 1000)
sharp("max-steps", "let rec f n = if n <= 0 then 0 else f (n - 1); f 700",
      "max-steps", "E0602", 100, 10000)
sharp("max-steps of a parallel list", "sum [x * x for x in range 0 20000]",
      "max-steps", "E0602", 100, 1000000)
sharp("max-type-nodes", "".join(
    "let p%d = (%s, %s);\n" % (i, "p%d" % (i - 1) if i else "1",
                               "p%d" % (i - 1) if i else "1")
    for i in range(12)) + "1", "max-type-nodes", "E0607", 1, 100000)

# ---- memory: not to the byte

put("memory.lig", "length [[x] for x in range 0 100000]")
both("max-memory of values", ["eval", "--max-memory", "64M", "memory.lig"],
     ["eval", "--max-memory", "1M", "memory.lig"], "E0604", "max-memory")
put("memory.lig", "length [" + "1," * 200000 + "]")
both("max-memory of a source", ["eval", "--max-memory", "64M", "memory.lig"],
     ["eval", "--max-memory", "1M", "memory.lig"], "E0604", "max-memory")
# Values that nobody needs and that were made early take nothing from the rest.
for i in range(40):
    put("early/m%d.lig" % i,
        "let big = [" + "1," * 8000 + "];\nexport let n = %d;" % i)
put("early/main.lig",
    "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(40)) +
    "length [x for x in range 0 9000] + m39.n")
both("max-memory with modules evaluated early",
     ["eval", "--max-memory", "32M", "early/main.lig"],
     ["eval", "--max-memory", "20M", "early/main.lig"], "E0604", "max-memory")
# The least that the source fits into leaves nothing for registers.
put("memory.lig", "let rec g x = if x <= 0 then 1 else g (x - 1);\nlet wide = let "
    + "; ".join("v%d = g %d" % (i, i) for i in range(400))
    + " in [" + ", ".join("v%d" % i for i in range(400)) + "];\nlength wide")
least, enough = 0, 64 << 20
while least < enough:
    middle = (least + enough) // 2
    if "the program takes" in run(["eval", "--max-memory", str(middle),
                                   "memory.lig"])[2]:
        least = middle + 1
    else:
        enough = middle
both("max-memory of registers", ["eval", "--max-memory", "64M", "memory.lig"],
     ["eval", "--max-memory", str(least), "memory.lig"], "E0604", "max-memory")
put("memory.json", "[" + "[1]," * 100000 + "1]")
put("memory.lig", 'import "./memory.json" as m;\n1')
# Each record has all the fields of the one that it extends.
sharp("max-memory of types", "let r = { " + "".join(
    "f%d = %d, " % (i, i) for i in range(300)) + "};\n" + "".join(
    "let r%d = { ..r, a%d = 1 };\n" % (i, i) for i in range(300)) + "1",
    "max-memory", "E0604", 1 << 20, 64 << 20)
# What a function takes out of a record leaves no record of the rest behind.
put("rows.lig", "".join("let get%d r = r.f%d + 0;\n" % (i, i)
                        for i in range(2000)) + "let f r = " +
    " + ".join("get%d r" % i for i in range(2000)) + ";\n1")
result(passes(["typecheck", "--max-memory", "6M", "rows.lig"]),
       "fields that functions ask for take no memory twice")
put("memory.json", "[" + "[1]," * 100000 + "[1]]")
both("max-memory of data", ["eval", "--max-memory", "64M", "memory.lig"],
     ["eval", "--max-memory", "1M", "memory.lig"], "E0604", "max-memory")
put("memory.lig", 'let rec f s n = if n <= 0 then s else f (s ++ s) (n - 1);\n'
    'length (f "x" 20)')
both("max-memory of a string", ["eval", "--max-memory", "64M", "memory.lig"],
     ["eval", "--max-memory", "512K", "memory.lig"], "E0604", "max-memory")



def measured(args):
    """Exit code, standard error, and the most memory in MiB."""
    p = subprocess.Popen([LIGATURE] + args, cwd=TEMP, env=ENV,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    err = p.stderr.read().decode()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, err, used.ru_maxrss // 1024


def bounded(name, program, flags, code, option, most):
    """The limit's diagnostic, before the process has taken `most` MiB."""
    put("bounded.lig", program)
    status, err, took = measured(["eval", "bounded.lig"] + flags)
    wrong = None
    if status != 4 or "error[%s]" % code not in err or \
            "--" + option not in err:
        wrong = "exit code %d\n%s" % (status, err)
    elif not SLOW and took > most:
        wrong = "%d MiB" % took
    result(wrong, name)


def lean(name, args, most):
    """Passes, in no more than `most` MiB."""
    status, err, took = measured(args)
    wrong = None
    if status != 0:
        wrong = "exit code %d\n%s" % (status, err)
    elif not SLOW and took > most:
        wrong = "%d MiB" % took
    result(wrong, name)


bounded("memory of one replacement",
        'import std.string as S;\nlength (S.replaceRegexp ".+" '
        '(S.repeat 5000 "$0") (S.repeat 200000 "a"))',
        ["--max-memory", "64M"], "E0604", "max-memory", 256)
for name, start, item, end in (("JSON", "[", "1,", ",1]"),
                               ("YAML", "[", "1,", "&x 1]"),
                               ("TOML", "a = [", "1,", "= 1]")):
    bounded("memory of the reader of %s" % name,
            'import std.string as S;\nimport std.encoding as E;\n'
            'isOk (E.parse%s%s ("%s" ++ S.repeat 1000000 "%s" ++ "%s"))' %
            (name[0], name[1:].lower(), start, item, end),
            ["--max-memory", "32M"], "E0604", "max-memory", 96)

# A module that many bindings name as a value refers to what it offers once.
put("many/m.lig", "".join("let a%d = %d;\n" % (i, i) for i in range(6000)))
put("many/root.lig", 'import "./m" as m;\n' + "".join(
    "let r%d = m;\n" % i for i in range(6000)) + "1")
lean("memory of a module as a value", ["typecheck", "many/root.lig"], 64)
# Those who name it share what it offers; functions are no part of the record.
put("shared/m.lig", "".join("let f%d x = x;\n" % i for i in range(10000)))
for i in range(300):
    put("shared/i%d.lig" % i, 'import "./m" as m;\nlet r = m;\n')
put("shared/root.lig", "".join('import "./i%d" as i%d;\n' % (i, i)
                               for i in range(300)) +
    "[" + ", ".join("i%d.r" % i for i in range(300)) + "]")
lean("memory of a module as a value of many", ["eval", "shared/root.lig"], 40)


def many(name, declared, used, most):
    """200 files use what one declares."""
    put("shared/m.lig", declared)
    for i in range(200):
        put("shared/i%d.lig" % i, used % i)
    put("shared/root.lig", "".join('import "./i%d" as i%d;\n' % (i, i)
                                   for i in range(200)) +
        "[" + ", ".join("i%d.v" % i for i in range(200)) + "]")
    lean(name, ["typecheck", "shared/root.lig"], most)


many("memory of constants of a refined type",
     "type T = Integer where %s;\n" % " && ".join(
         "x != %d" % (i + 1) for i in range(4000)),
     'import { T } from "./m";\nlet v: T = -%d;\n', 48)
# A name in each of those who import it takes some fifty bytes.
many("memory of constructors that are imported",
     "type T = %s;\n" % " | ".join("C%d" % i for i in range(8000)),
     'import { T } from "./m";\nlet v: T = C%d;\n', 112)
many("memory of methods that are imported",
     "typeclass K a where %s\ninstance K Integer where %s\n" % (
         " ".join("m%d: a -> Integer;" % i for i in range(8000)),
         " ".join("m%d x = x;" % i for i in range(8000))),
     'import { K } from "./m";\nlet v = m%d 1;\n', 84)

# What is alive is copied when it is collected: the copies count too. Where they
# would not fit, nothing is collected any more.
CHAIN = "type Chain = End | Link Integer Chain;\n" \
    "let rec grow (n: Integer) (c: Chain): Chain =\n" \
    "  if n <= 0 then c else grow (n - 1) (Link n c);\n" \
    "let rec size (c: Chain) (n: Integer): Integer =\n" \
    "  match c { End => n, Link _ rest => size rest (n + 1) };\n"
bounded("memory of a chain that is copied", CHAIN + "size (grow 50000000 End) 0",
        ["--max-memory", "64M"], "E0604", "max-memory", 84)
bounded("memory of evidence that is copied",
        "typeclass Grow a where\n  grow: a -> Integer;\ntype W a = W a;\n"
        "instance Grow Integer where\n  grow x = x;\n"
        "instance Grow a => Grow (W a) where\n"
        "  grow (W w) = grow (W (W w));\ngrow (W 1)",
        ["--max-memory", "64M"], "E0604", "max-memory", 84)
put("memory.lig", CHAIN + "let rec waste (n: Integer) (c: Chain): Integer =\n"
    "  if n <= 0 then size c 0\n"
    "  else waste (n - 1 + size (grow 9 End) 0 - 9) c;\n"
    "waste 300000 (grow 300000 End)")
both("max-memory with garbage beside what is alive",
     ["eval", "--max-memory", "256M" if SLOW else "48M", "memory.lig"],
     ["eval", "--max-memory", "8M", "memory.lig"], "E0604", "max-memory")

# What several workers have in memory at the same time is more than what one
# has: it has the last word, and the limit lies where it does for one alone.
def crowd(name, program, sizes):
    """The same with one worker and with eight, which need more."""
    put("crowd.lig", program)
    env = dict(ENV, LIGATURE_OVERSUBSCRIBE="1")
    wrong, codes, settled = None, set(), False
    for size in sizes:
        said = []
        for flags in (["--sequential"], ["--workers", "8"]):
            p = subprocess.run(
                [LIGATURE, "eval", "--no-cache", "--max-memory", size,
                 "--report", "crowd.json", "crowd.lig"] + flags,
                cwd=TEMP, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
            said.append((p.returncode, p.stdout, p.stderr))
            codes.add(p.returncode)
            with open(os.path.join(TEMP, "crowd.json")) as f:
                report = json.load(f)
            if "several workers" in (report["fallback"] or ""):
                settled = settled or report["mode"] == "sequential"
        if said[0] != said[1]:
            wrong = "with %s:\n%r\n%r" % (size, said[0], said[1])
    if codes != {0, 4}:
        wrong = wrong or "exit codes %s" % codes
    if not settled:
        wrong = wrong or "no run was settled by one worker"
    result(wrong, name)


SIZES = ["8M", "16M", "128M"] if SLOW else ["8M", "16M", "48M", "64M"]
GROWN = 150000 if SLOW else 400000
crowd("max-memory with several workers", CHAIN +
      "".join("let a%d = size (grow %d End) 0;\n" % (i, GROWN + i)
              for i in range(8)) +
      "[" + ", ".join("a%d" % i for i in range(8)) + "]", SIZES)
# What was said before the evaluation is said once, and not taken back.
crowd("max-memory with several workers and warnings", CHAIN +
      "".join("export let a%d = size (grow %d End) 0;\n" % (i, GROWN + i)
              for i in range(8)) + "export let zero: Num a => a = 0;\n", SIZES)
crowd("max-memory with large strings", "import std.string as S;\n" +
      "".join('let a%d = length (S.repeat %d "abcdefghij");\n' %
              (i, 600000 + i) for i in range(32)) +
      "[" + ", ".join("a%d" % i for i in range(32)) + "]",
      ["2M", "8M", "24M"] if SLOW else
      ["2M", "5M", "8M", "16M", "24M", "40M"])
# Nearly all is garbage: how much of it there is when it is collected decides.
crowd("max-memory with garbage in loops",
      "let f i = length [j * 2.0 for j in [toFloat k "
      "for k in range i (i + 2000)]];\n[f i for i in range 0 %d]" %
      (40 if SLOW else 2000),
      ["100K", "180K", "200K", "250K", "300K", "400K", "800K"])
# The garbage of one constant is no reason to let the next one pass.
put("constants.lig", "import std.string as S;\n"
    "type P = Integer where small;\n"
    'let small (x: Integer): Boolean = length (S.repeat 30000 "xyz") > x;\n' +
    "".join("let a%d: P = %d;\n" % (i, 99999 if i == 500 else i)
            for i in range(1000)))
for w in ("1", "8"):
    code, out, err = run(["typecheck", "--workers", w, "--max-memory",
                          "16M", "constants.lig"])
    result(None if code == 1 and "E0218" in err else
           "exit code %d\n%s" % (code, err),
           "constants are checked within max-memory, %s workers" % w)

# ---- the defaults of the table

DEPTH = "let rec f n = if n <= 0 then 0 else 1 + f (n - 1); f %d"
STEPS = "let rec f n = if n <= 0 then 0 else f (n - 1); f %d"
OUTPUT = 'let rec f s n = if n <= 0 then s else f (s ++ s) (n - 1); f "%s" %d'


def default(name, good, bad, code, option, untrusted, format=None):
    put("good.lig", good)
    put("bad.lig", bad)
    flags = ["--untrusted"] if untrusted else []
    flags += ["-f", format] if format else []
    both("%s by default%s" % (name, ", untrusted" if untrusted else ""),
         ["eval", "good.lig"] + flags, ["eval", "bad.lig"] + flags, code,
         option, workers=(1, 8))


for untrusted, nesting, depth, steps in ((False, 1000, 100000, 10**8),
                                         (True, 256, 10000, 10**7)):
    text = NESTED["parentheses"][1]
    default("max-nesting", text(nesting - 2), text(nesting + 1), "E0601",
            "max-nesting", untrusted)
    default("max-depth", DEPTH % (depth - 5), DEPTH % (depth + 5), "E0603",
            "max-depth", untrusted)
    if not SLOW:
        default("max-steps", STEPS % (steps * 0.99), STEPS % (steps * 1.01),
                "E0602", "max-steps", untrusted)
default("max-output", OUTPUT % ("x" * 1024, 14), OUTPUT % ("x" * 1025, 14),
        "E0605", "max-output", True, "raw")
default("max-source", "1 //" + "x" * ((1 << 20) - 4),
        "1 //" + "x" * ((1 << 20) - 3), "E0606", "max-source", True)
if not SLOW:
    for i in range(33):
        put("s%d.lig" % i, "//" + "x" * (1000000 - 2))
    imports = "".join('import "./s%d" as s%d;\n' % (i, i) for i in range(33))
    put("t.lig", "//" + "x" * 600000)
    default("max-sources", imports + "1", imports + 'import "./t" as t;\n1',
            "E0606", "max-sources", True)
    for i in range(10000):
        put("n/m%d.lig" % i, "")
    imports = "".join('import "./n/m%d" as m%d;\n' % (i, i)
                      for i in range(10000))
    first = imports.index('import "./n/m9999"')
    default("max-modules", imports[:first] + "1", imports + "1", "E0606",
            "max-modules", True)
default("max-memory", 'length (range 0 1000)',
        "let rec f l n = if n <= 0 then l else f (l ++ l) (n - 1);\n"
        "length (f [1] 28)", "E0604", "max-memory", True)
put("slow.lig", "let rec f n = if n <= 0 then 0 else f (n - 1);\n" +
    "".join("let a%d = f 90000000;\n" % i for i in range(100)))
code, out, err = run(["eval", "--timeout", "50ms", "slow.lig"])
result(None if code == 124 and "E0608" in err and not out and
       "--timeout" in err else err, "timeout")
# What counts the errors looks at the clock itself; the last resort does not.
for name, program in (
        ("of one match", 'regexp "a*[bc]" (S.repeat 1000000 "a")'),
        ("of a reader", 'isOk (E.parseYaml (S.repeat 1000000 "- 1\\n" ++ '
                        '"- &x 1"))')):
    put("slow.lig", "import std.string as S;\nimport std.encoding as E;\n" +
        program)
    code, out, err = run(["eval", "--timeout", "50ms", "slow.lig"])
    result(None if code == 124 and "E0608" in err and not out and
           "1 error" in err else err, "timeout " + name)

# Where each binding lies is found without walking to it from the start.
LONG = 80000 if SLOW else 300000
put("long.lig", "".join("let binding%d = %d; " % (i, i)
                        for i in range(LONG)))
code, out, err = run(["typecheck", "--show-types", "--format", "json",
                      "long.lig"])
result(None if code == 0 and out.count(b'"line":1}') == LONG
       else "exit code %d\n%s" % (code, err), "types of a long file as JSON")
put("long_test.lig", "".join("let test%d = true;\n" % i
                             for i in range(LONG)))
code, out, err = run(["test", "--format", "json", "long_test.lig"])
result(None if code == 0 and b'"line":%d,' % LONG in out
       else "exit code %d\n%s" % (code, err), "many tests in a file")

# So many candidates of "did you mean" are looked at for a part of a module
# that is checked by itself; a text is never cut.
names = ["field%d" % i for i in range(1100)]
put("misspelt.lig",
    "let r = { %s };\n" % ", ".join(name + " = 1" for name in names) +
    "\"%s\"\n" % "".join("\\(r." + name + "x)" for name in names))
code, out, err = run(["typecheck", "--max-errors", "2000",
                      "--diagnostics", "json", "misspelt.lig"])
said = [err.count(text) for text in ("E0205", "did you mean")]
result(None if said == [1100, (1 << 20) // 1100] else str((code, said)),
       "candidates of suggestions")

put("inputs.lig", "".join("input field%d: Integer = 1;\n" % i
                          for i in range(1100)))
put("inputs.json", "{%s}" % ", ".join('"field%dx": 1' % i
                                      for i in range(1100)))
code, out, err = run(["eval", "--input-file", "inputs.json", "--diagnostics",
                      "json", "inputs.lig"])
said = [err.count(text) for text in ("E0504", "did you mean")]
result(None if code == 2 and said == [1100, (1 << 20) // 1100]
       else str((code, said)), "candidates of suggestions for inputs")

# Whether arms cover everything is as hard as logic gets (here: whether clauses
# of three literals each can be true together).
state = 7


def draw(bound):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % bound


rows = []
for i in range(300):
    row = ["_"] * 60
    while row.count("_") > 57:
        row[draw(60)] = ("true", "false")[draw(2)]
    rows.append("(%s) => 1" % ", ".join(row))
put("arms.lig", "let f t = match t {\n%s\n};\n" % ",\n".join(rows))
code, out, err = run(["typecheck", "arms.lig"])
result(None if code == 4 and "error[E0610]" in err and not out and
       "arms.lig:1:17" in err else "exit code %d\n%s" % (code, err),
       "a match that is too large")

print("1..%d" % counts[0])
shutil.rmtree(TEMP, ignore_errors=True)
sys.exit(counts[1] != 0)
