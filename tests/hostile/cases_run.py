"""Cases 109, 113, 119 to 125 and 143 to 147: what happens around a run, and
--untrusted."""
import json
import os
import random
import signal
import threading

from harness import CLOSED, UNTRUSTED, Variant, case
from sizes import is_instrumented, scaled


# ---- files

@case(109, "REJ IO")
def no_permission():
    def unreadable(text):
        def make(path):
            with open(path, "w") as f:
                f.write(text)
            os.chmod(path, 0)
        return make
    yield Variant(None, files={"main.lig": unreadable("1")}, as_user=True,
                  label="the file", expect="IO",
                  check=lambda r: b"main.lig" in r.err)
    yield Variant('import "./a" as a;\na.x', as_user=True, label="an import",
                  files={"a.lig": unreadable("let x = 1;")})
    yield Variant('import "./d/a" as a;\na.x', as_user=True,
                  label="a folder", files={
                      "d": lambda path: os.mkdir(path, 0)})


@case(113, "OK")
def replaced_while_read():
    """Old or new as a whole: each version says its number in both places."""
    def scenario(run, folder, workers):
        path = os.path.join(folder, "a.lig")

        def put(version):
            with open(path + ".new", "w") as f:
                f.write("let x = %d;\n%slet y = %d;\n" %
                        (version, "// filler\n" * 20000, version))
            os.rename(path + ".new", path)
        put(0)
        with open(os.path.join(folder, "main.lig"), "w") as f:
            f.write('import "./a" as a;\n[a.x, a.y]\n')
        stop = threading.Event()

        def replace():
            version = 0
            while not stop.is_set():
                version += 1
                put(version)
        thread = threading.Thread(target=replace)
        thread.start()
        try:
            for _ in range(20):
                result = run(["eval", "-w", str(workers), "main.lig"],
                             expect="OK")
                x, y = json.loads(result.out)
                assert x == y, (x, y)
        finally:
            stop.set()
            thread.join()
    yield Variant(scenario=scenario, label="by another file")


# ---- output

TRICKY = ["yes", "no", "null", "~", "true", "on", "off", "1", "0x10", "1e3",
          "1_000", "0o7", "012", "2020-01-02", "12:30:45", ".inf", ".nan", "-",
          "- a", "? a", ": a", "a: b", "a #b", "#a", "&a", "*a", "!a", "|", ">",
          "%a", "@a", "`a`", "\"", "'", "", " ", " a", "a ", "\n", "a\nb", "\t",
          "<<", "=", "---", "...", "[", "]", "{", "}", ",", "a,b", "\\", "\x00",
          "\x7f", "\u0085", "\u2028", "\ufeff", "y", "N", "Null", "TRUE", "+1",
          ".5", "5.", "1.", "0b1", "0.1e", "1:2", "!!str a", "0xg", "NaN", "Inf"]


@case(119, "OK")
def strings_of_yaml():
    def scenario(run, folder, workers):
        literal = "[" + ", ".join('"%s"' % "".join(
            "\\u{%x}" % ord(c) for c in text) for text in TRICKY) + "]"
        with open(os.path.join(folder, "main.lig"), "w") as f:
            f.write("{ list = %s, keys = { %s } }" % (literal, ", ".join(
                '"%s" = %d' % ("".join("\\u{%x}" % ord(c) for c in text), i)
                for i, text in enumerate(TRICKY))))
        args = ["-w", str(workers), "main.lig"]
        plain = run(["eval"] + args, expect="OK")
        for ending in ("yaml", "toml"):
            text = run(["eval", "-f", ending] + args, expect="OK").out
            with open(os.path.join(folder, "out." + ending), "wb") as f:
                f.write(text)
            with open(os.path.join(folder, "back.lig"), "w") as f:
                f.write('import "./out.%s" as o;\no' % ending)
            back = run(["eval", "back.lig"], expect="OK")
            assert json.loads(back.out) == json.loads(plain.out), ending
    yield Variant(scenario=scenario, label="YAML and TOML read back")


def full():
    return open("/dev/full", "wb")


def broken_pipe():
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "wb")


VERBS = (
    ("eval", ["eval", "main.lig"]),
    ("large", ["eval", "-e", "range 0 300000"]),
    ("YAML", ["eval", "-f", "yaml", "main.lig"]),
    ("raw", ["eval", "-f", "raw", "-e", '"text"']),
    ("typecheck --show-types", ["typecheck", "--show-types", "main.lig"]),
    ("parse", ["parse", "main.lig"]),
    ("graph", ["graph", "main.lig"]),
    ("fmt --diff", ["fmt", "--diff", "main.lig"]),
    ("test", ["test", "a_test.lig"]),
    ("export", ["export", "out.lig", "--out", "d"]),
)
FILES = {"main.lig": "let   a = [1, 2];\n{ x = a }\n",
         "a_test.lig": "let t = 1 == 1;\n", "out.lig": '{ "a.json" = 1 }\n'}


def to_broken(stdout, expect):
    for label, args in VERBS:
        yield Variant(args=args, label=label, files=FILES, stdout=stdout,
                      expect=expect, place=False,
                      workers=(0,) if args[0] in ("parse", "fmt") else (1, 8))


@case(121, "IO")
def full_device():
    yield from to_broken(full, "IO")
    yield Variant("1", args=["eval", "main.lig", "-o", "/dev/full"],
                  place=False, label="-o")
    for option in ("--report", "--trace", "--diagnostics-file"):
        yield Variant("nope" if option == "--diagnostics-file" else "1",
                      args=["eval", "main.lig", option, "/dev/full"],
                      place=False, label=option, keeps_output=True)


@case(122, "IO")
def closed_output():
    yield from to_broken(CLOSED, "IO")


@case(124, "IO")
def nobody_reads():
    yield from to_broken(broken_pipe, "IO")


@case(146, "IO")
def help_to_a_full_device():
    for args in (["--help"], ["help", "eval"], ["--version"], ["explain"],
                 ["eval", "--help"], ["help", "--man"], ["explain", "E0203"],
                 ["completions", "bash"], ["eval", "--show-config"]):
        yield Variant(args=args, label=" ".join(args), stdout=full,
                      place=False, workers=(0,))


# ---- many modules

@case(125, "OK")
def many_modules_of_many_bindings():
    n, m = scaled(400, 40), 40
    source = random.Random(125)
    files = {}
    for i in range(n):
        chosen = source.sample(range(i), min(i, 5))
        body = "".join('import "./m%d" as m%d;\n' % (k, k) for k in chosen)
        body += "let b0 = 1%s;\n" % "".join(
            " + m%d.b%d %% 7" % (k, m - 1) for k in chosen)
        body += "".join("let b%d = b%d + %d;\n" % (b, b - 1, i)
                        for b in range(1, m))
        files["m%d.lig" % i] = body
    body = "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(n))
    yield Variant(body + "sum [" + ", ".join(
        "m%d.b%d" % (i, m - 1) for i in range(n)) + "]", files=files)


# ---- signals

def large_sources(n):
    return {"m%d.lig" % i: "".join("let b%d = [%d, %d, %d];\n" % (k, k, k, k)
                                   for k in range(400)) for i in range(n)}


def phases():
    n = scaled(60, 6)
    files = large_sources(n)
    files["load.lig"] = "".join(
        'import "./m%d" as m%d;\n' % (i, i) for i in range(n)) + "[m0.b0]\n"
    files["check.lig"] = "let p0 = 1;\n" + "".join(
        "let f%d x = match x { (a, b) => (b, [a, %d]) };\n" % (i, i)
        for i in range(scaled(6000))) + "1\n"
    files["evaluate.lig"] = (
        "let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2);\n"
        "[fib 23, fib 22]\n")
    # With EXACT_MEMORY every list is a block, which heaps search one by one.
    items = 1500 if is_instrumented() else 150000
    files["print.lig"] = "[[x, x] for x in range 0 %d]\n" % items
    files["export.lig"] = "{ %s }\n" % ", ".join(
        '"d%d/f%d.json" = range 0 2000' % (i % 7, i)
        for i in range(scaled(100)))
    return files


SIGNALS = ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143))


def listing(folder):
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            full_name = os.path.join(path, name)
            with open(full_name, "rb") as f:
                found[os.path.relpath(full_name, folder)] = f.read()
    return found


def interrupted(phase, seed):
    """At random moments: the code of the signal and nothing left, or the whole
    result. What was there before stays where the run does not complete."""
    args = ["export", "export.lig", "--out", "out"] if phase == "export" else [
        "eval", phase + ".lig", "-o", "out.json"]

    def scenario(run, folder, workers):
        if os.path.exists(os.path.join(folder, "out.json")):
            os.remove(os.path.join(folder, "out.json"))
        before = listing(folder)
        width = ["--workers", str(workers), "--no-cache"]
        whole = run(args + width, expect="OK")
        complete = listing(folder)
        moments = random.Random(seed + workers)
        rounds = 2 if is_instrumented() else 4
        for number, code in SIGNALS * rounds:
            at = moments.random() * whole.cpu * 1.1
            if phase != "export":
                os.remove(os.path.join(folder, "out.json"))
            result = run(args + width, signalled=(at, number))
            left = listing(folder)
            where = "signal %d after %.3f s" % (number, at)
            if result.code == 0:
                assert left == complete, where + ": files differ"
                continue
            assert result.code in (code, -number), "%s: exit code %d" % (
                where, result.code)
            assert result.out == b"" or phase == "export", \
                where + ": standard output is not empty"
            if phase == "export":
                for name, text in left.items():
                    assert name.startswith("out/.ligature-export") or \
                        complete.get(name) == text, where + ": half of " + name
            else:
                assert left == before, "%s: it leaves %s" % (
                    where, sorted(set(left) - set(before)))
                run(args + width, expect="OK")
    return Variant(scenario=scenario, files=phases(), label=phase,
                   workers=(1, 8), seconds=20)


@case(143, "OK")
def signals():
    for i, phase in enumerate(("load", "check", "evaluate", "print", "export")):
        yield interrupted(phase, 1430 + i)

    def endless(run, folder, workers):
        for number, code in SIGNALS:
            result = run(["eval", "-w", str(workers), "--max-steps",
                          "4000000000", "endless.lig"],
                         signalled=(0.5, number))
            assert result.code == code and result.out == b"", result.code
    if UNTRUSTED:
        return  # it ends
    yield Variant(scenario=endless, label="a run without end", seconds=20,
                  files={"endless.lig":
                         "let rec f n = f (n + 1);\nf 0\n"})


# ---- the command line

WRONG = ("", "-1", "abc", "1e400", "1" + "0" * 30, "0", "1.5", " 1", "0x10",
         "1 2")
NUMBERS = ("workers", "max-steps", "max-depth", "max-memory", "timeout",
           "max-errors")


@case(144, "USE")
def wrong_values():
    for flag in NUMBERS:
        for value in WRONG:
            yield Variant("1", args=["eval", "--%s=%s" % (flag, value),
                                     "main.lig"], place=False, workers=(0,),
                          label="--%s=%s" % (flag, value))


@case(145, "USE")
def odd_command_lines():
    def usage(label, *args, **more):
        return Variant("1", args=list(args), label=label, place=False,
                       workers=(0,), **more)
    yield usage("unknown flag", "eval", "--nope", "main.lig")
    yield usage("unknown letter", "eval", "-Z", "main.lig")
    yield usage("no operand", "eval")
    yield usage("no verb")
    yield usage("unknown verb", "evil", "main.lig")
    yield usage("empty verb", "")
    yield usage("no value", "eval", "main.lig", "--workers")
    yield usage("contradiction", "eval", "--sequential", "--workers", "4",
                "main.lig")
    yield usage("empty operand", "eval", "", expect="IO USE")
    yield usage("bytes that are not UTF-8", "eval", b"\xff\xfe", expect="IO")
    yield usage("bytes that are not UTF-8 in a flag", "eval", b"--\xff\xfe")
    yield usage("bytes that are not UTF-8 in an expression", "eval", "-e",
                b'"\xff"', expect="REJ USE")
    yield usage("120 KB", "eval", "x" * 120000, expect="IO")
    yield usage("a flag of 120 KB", "eval", "--" + "x" * 120000)
    yield usage("an expression of 120 KB", "eval", "-e", "1" + "+1" * 60000,
                expect="OK LIM")
    yield usage("5000 operands", "eval", *["nope%d" % i for i in range(5000)],
                expect="IO")
    yield usage("5000 times the same", "eval", *["main.lig"] * 5000,
                expect="OK")
    yield usage("5000 inputs", "eval", "main.lig",
                *["--input=a%d=1" % i for i in range(5000)], expect="USE")
    yield usage("control characters", "eval", "a\x1b[31m\n::error::x",
                expect="IO")


# ---- colliding keys

def alike(count, pairs):
    """Keys of one hash where 31 (Java) or 33 (Bernstein) is the factor."""
    keys = [""]
    while len(keys) < count:
        keys = [key + part for key in keys for part in pairs]
    return keys[:count]


def others(keys):
    source = random.Random(147)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return ["".join(source.choice(letters) for _ in key) + "_%d" % i
            for i, key in enumerate(keys)]


KINDS = {
    "fields": lambda keys: "{ %s }" % ", ".join(
        "f%s = %d" % (key, i) for i, key in enumerate(keys)),
    "quoted keys": lambda keys: "{ %s }" % ", ".join(
        '"%s" = %d' % (key, i) for i, key in enumerate(keys)),
    "names": lambda keys: "".join(
        "let n%s = %d;\n" % (key, i) for i, key in enumerate(keys)) + "1",
    "constructors": lambda keys: "type T = %s;\n1" % " | ".join(
        "C" + key for key in keys),
    "strings": lambda keys: "import std.map as map;\nlength (map.keys "
                            "(map.fromList [%s]))" % ", ".join(
                                '("%s", 1)' % key for key in keys),
}


@case(147, "OK")
def colliding_keys():
    def scenario(kind, pairs):
        def compare(run, folder, workers):
            keys = alike(scaled(16384, 1024), pairs)
            seconds = []
            for name, chosen in (("a", keys), ("b", others(keys))):
                path = os.path.join(folder, name + ".lig")
                with open(path, "w") as f:
                    f.write(KINDS[kind](chosen))
                seconds.append(min(run(
                    ["eval", "-w", str(workers), "--no-cache", name + ".lig"],
                    expect="OK").cpu for _ in range(2)))
            assert seconds[0] <= 4 * seconds[1] + 0.2, seconds
        return compare
    for kind in KINDS:
        for factor, pairs in (("31", ("Aa", "BB")), ("33", ("ab", "bA"))):
            yield Variant(scenario=scenario(kind, pairs), workers=(1, 8),
                          label="%s, factor %s" % (kind, factor))

    def modules(run, folder, workers):
        keys = alike(scaled(512, 64), ("Aa", "BB"))
        seconds = []
        for names in (keys, others(keys)):
            for key in names:
                with open(os.path.join(folder, key + ".lig"), "w") as f:
                    f.write("let x = 1;")
            with open(os.path.join(folder, "main.lig"), "w") as f:
                f.write("".join('import "./%s" as m%s;\n' % (key, key)
                                for key in names) + "m%s.x" % names[0])
            seconds.append(run(["eval", "-w", str(workers), "main.lig"],
                               expect="OK").cpu)
        assert seconds[0] <= 4 * seconds[1] + 0.2, seconds
    yield Variant(scenario=modules, workers=(1, 8), label="modules")

    def data(run, folder, workers):
        keys = alike(scaled(16384, 1024), ("Aa", "BB"))
        seconds = []
        for name, chosen in (("a", keys), ("b", others(keys))):
            with open(os.path.join(folder, name + ".json"), "w") as f:
                json.dump({key: 1 for key in chosen}, f)
            with open(os.path.join(folder, name + ".lig"), "w") as f:
                f.write('import "./%s.json" as d;\n1' % name)
            seconds.append(run(["eval", "-w", str(workers), name + ".lig"],
                               expect="OK").cpu)
        assert seconds[0] <= 4 * seconds[1] + 0.2, seconds
    yield Variant(scenario=data, workers=(1, 8), label="keys of JSON")
