#!/usr/bin/env python3
"""run.py BUILD [PROGRAM...]: every n-th allocation, write, open... of a
handful of programs fails, once and from there on. A run then ends as if
nothing had failed, or with a diagnostic and nothing printed; files are whole
or as they were, and no temporary file is left, though the process be killed.
TAP on standard output.
FAULT_SAMPLES: how many n of each kind are tried (a tenth of that of a watch,
which takes its time); 0: all."""
import errno
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]
import watched  # noqa: E402
from builds import sanitizer  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
LIGATURE = os.path.join(BUILD, "ligature-faults")
SLOW = sanitizer(BUILD) is not None
SAMPLES = int(os.environ.get("FAULT_SAMPLES") or (5 if SLOW else 25))
FOREVER = 1 << 40
ENV = {k: v for k, v in os.environ.items()
       if not k.startswith("LIGATURE_") and
       k not in ("CI", "GITHUB_ACTIONS", "XDG_CACHE_HOME", "HOME")}
ENV["LC_ALL"] = "C"

FILES = {
    "ligature.toml": '[imports]\nlib.parts = "parts"\n[eval]\nmax-steps = 100000\n',
    "parts.lig": """type Port = Integer where \\p -> p > 0 && p < 65536;
export type Service = { name: String, port: Port = 8080, tags: List String = [] };
typeclass Cost a where cost: a -> Integer;
instance Cost Service where cost s = s.port + length s.tags;
""",
    "data.json": '{"services": [{"name": "a", "port": 1}, {"name": "b"}]}\n',
    "data.yaml": "base: &b {name: x}\nlist:\n  - name: y\n    tags: [a, 'b']\n"
                 "text: |\n  long\n  lines\n",
    "data.toml": 'title = "t"\n[owner]\nname = "n"\nsince = 2020-01-02\n',
    "main.lig": """import lib.parts as parts;
import "./data.json" as json: { services: List parts.Service };
import "./data.yaml" as yaml;
import "./data.toml" as toml;
import std.string as string;
import std.list as list;
let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2);
let words = string.split "," "one,two,three";
{
  services = json.services,
  total = sum [s.port for s in json.services],
  fib = fib 12,
  yaml = yaml.list,
  toml = toml.owner.name,
  words = [string.trim w for w in words],
  found = string.matches "o.e" "one",
  squares = sum [x * x for x in range 0 5000],
  pairs = list.chunk 2 (range 0 10),
}
""",
    "wrong.lig": "let a: Integer = \"x\";\nlet b = nope;\nlet c = a + 1;\n"
                 "type T = { x: Integer };\nlet d: T = { y = 1 };\n",
    "syntax.lig": "let a = ;\nlet b = (1;\n\"\\q\"",
    "schema.lig": "export type T = { name: String, tags: List String = [] };\n",
    "good.yaml": "name: a\n---\nname: b\ntags: [x]\n",
    "bad.json": '{"name": 1, "tags": [2], "more": 3}\n',
    "ugly.lig": "let   x=1 ;\nlet y = [1,2 ,  3];\n{a=x,b=y}\n",
    "files.lig": '{ "a.json" = { x = 1 }, "b/c.yaml" = [1, 2], '
                 '"d.toml" = { t = true } }\n',
    "older.lig": '{ "a.json" = { x = 0 }, "gone/old.json" = 3, '
                 '"old.yaml" = [1] }\n',
    "shot_test.lig": "let snapshotNew = { x = 1 };\n"
                     "let snapshotOld = [1, 2];\n",
    "__snapshots__/shot_test/snapshotOld.json": "[1]\n",
    "__snapshots__/shot_test/snapshotGone.json": "3\n",
    "deep/good.lig": "let one = 1;\n\n{ one }\n",
    "deep/er/bad.lig": "let two: Integer = \"2\" ;\n",
    "talk.txt": "let half n = n / 2\nhalf 8\n:type half\n:load ugly.lig\nx\n"
            ":browse std.list\n:quit\n",
    "many.lig": "sum [x for x in range 0 200000]\n",  # over max-steps
    **watched.FILES,
    "t_test.lig": "let passes = 1 + 1 == 2;\nlet fails = 1 + 1 == 3;\n",
}

PROGRAMS = {
    "eval": ["eval", "main.lig"],
    "eval on 4 workers": ["eval", "-w", "4", "main.lig"],
    "eval --untrusted": ["eval", "--untrusted", "main.lig"],
    "eval -o": ["eval", "main.lig", "-o", "out.json", "--report", "r.json",
                "--trace", "t.json", "--diagnostics-file", "d.txt"],
    # As on a file system whose files have names from the beginning.
    "eval -o, named": ["eval", "main.lig", "-o", "out.json"],
    "eval as YAML": ["eval", "-f", "yaml", "main.lig", "--select", "yaml"],
    "eval of mistakes": ["eval", "syntax.lig"],
    "typecheck": ["typecheck", "--show-types", "main.lig", "schema.lig"],
    "typecheck of mistakes": ["typecheck", "wrong.lig", "--diagnostics",
                              "sarif"],
    "typecheck --cache-dir": ["typecheck", "--cache-dir", "cache", "main.lig"],
    "validate": ["validate", "good.yaml", "--type", "schema.lig#T"],
    "validate of mistakes": ["validate", "bad.json", "--type", "schema.lig#T",
                             "--diagnostics", "json"],
    "export": ["export", "files.lig", "--out", "exported", "--prune"],
    "export over an older one": ["export", "files.lig", "--out", "exported",
                                 "--prune"],
    "typecheck, remembered": ["typecheck", "--cache-dir", "cache", "main.lig",
                              "--disk-cache", "always"],
    "eval, remembered": ["eval", "--cache-dir", "cache", "main.lig",
                         "--disk-cache", "always"],
    "cache stats": ["cache", "stats", "--cache-dir", "cache"],
    "cache verify": ["cache", "verify", "--cache-dir", "cache"],
    "cache clear": ["cache", "clear", "--cache-dir", "cache"],
    "typecheck of a folder": ["typecheck", "deep"],
    "fmt --check of a folder": ["fmt", "--check", "deep"],
    "doc": ["doc", "parts.lig"],
    "init": ["init", "fresh"],
    "lsp": ["lsp"],
    "repl": ["repl"],
    "fmt": ["fmt", "ugly.lig"],
    "fmt --diff": ["fmt", "--diff", "ugly.lig", "main.lig"],
    "graph": ["graph", "-f", "svg", "--bindings", "main.lig"],
    "parse": ["parse", "main.lig", "-o", "tree.json"],
    "test --update": ["test", "shot_test.lig", "--update"],
    "why": ["why", "main.lig", "total"],
    "test": ["test", "t_test.lig", "--format", "junit"],
    "watch": ["watch", "eval", "seen.lig"],
}
NAMELESS_FAILS = "nameless:1:%d:%d" % (FOREVER, errno.EOPNOTSUPP)
# Faults that some of them have beside others.
STANDING = {"eval -o, named": NAMELESS_FAILS}
# Those that write files.
WRITERS = {"eval -o", "eval -o, named", "typecheck --cache-dir", "export",
           "export over an older one", "typecheck, remembered", "init", "fmt",
           "parse", "test --update"}
# Those of which others write to what they read.
READERS = {"eval", "eval on 4 workers", "validate", "fmt"}
# Runs before some of them, of which nothing fails.
BEFORE = {
    "export over an older one": ["export", "older.lig", "--out", "exported"],
    "typecheck, remembered": PROGRAMS["typecheck, remembered"],
    "eval, remembered": PROGRAMS["eval, remembered"],
    "cache stats": PROGRAMS["eval, remembered"],
    "cache verify": PROGRAMS["eval, remembered"],
    "cache clear": PROGRAMS["eval, remembered"],
}


def packets(*messages):
    bodies = [json.dumps(dict(m, jsonrpc="2.0")) for m in messages]
    return "".join("Content-Length: %d\r\n\r\n%s" % (len(b), b)
                   for b in bodies).encode()


HERE = {"uri": "file:///nowhere/x.lig"}
# What is on their standard input. They go on after a fault, and answer what
# they can.
TALKS = {
    "repl": FILES["talk.txt"].encode(),
    "lsp": packets(
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": dict(
            HERE, languageId="ligature", version=1,
            text="import \"./y\" as y;\nlet a = y.b;\na + 1\n")}},
        {"id": 2, "method": "textDocument/hover", "params": {
            "textDocument": HERE, "position": {"line": 1, "character": 4}}},
        {"id": 3, "method": "textDocument/completion", "params": {
            "textDocument": HERE, "position": {"line": 0, "character": 11}}},
        {"id": 4, "method": "shutdown"}, {"method": "exit"}),
}
# Of which files change meanwhile.
WATCHES = {"watch"}
# Pipes do not fail so; what a watch says of a run is waited for, and where no
# file can be looked at it has nothing to say.
CANNOT_BE = {"watch": {("read", errno.EIO), ("write", errno.ENOSPC),
                       ("write", errno.EIO), ("look", errno.EIO)}}
# What may differ from run to run: not compared.
UNSTABLE = {"r.json", "t.json", *watched.FILES}
# Folders that are believed only when what they hold is sealed, or that the
# next run puts in order.
OWN = ("cache/", "exported/.ligature-export")
# Kinds of which an attempt to remove what is left fails too.
STUCK = {"remove"}
# Faults after which there may be other things to tell: what cannot be read of
# a cache is not in it, a file that is gone is in no folder, and paths stand as
# they are where it is not known where one is.
GONE = ("look", errno.ENOENT)
MAY_DIFFER = {
    "cache stats": {"open", "look"},
    "cache verify": {"open", "read", "look"},
    "cache clear": {"open", "look"},
    "export over an older one": {GONE, ("open", errno.ENOENT)},
    "typecheck of a folder": {GONE},
    "fmt --check of a folder": {GONE},
    "graph": {"look"},
}
# The size of a cache is not the same in all runs: it holds times.
SIZES = re.compile(rb", *\d+ bytes")


class Outcome:
    def __init__(self, code, out, err, before, files):
        self.code, self.out, self.err = code, out, err
        self.before, self.files = before, files


def snapshot(folder):
    files = {}
    for path, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(path, name)
            with open(full, "rb") as f:
                files[os.path.relpath(full, folder)] = f.read()
    return files


def execute(name, args, fault=None, log=None):
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        for path, text in FILES.items():
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        env = dict(ENV)
        if name in BEFORE:
            subprocess.run([LIGATURE] + BEFORE[name], cwd=folder, env=env,
                           stdin=subprocess.DEVNULL, timeout=120, check=True,
                           stdout=subprocess.DEVNULL)
        before = snapshot(folder)
        faults = [STANDING[name]] if name in STANDING else []
        if fault:
            faults.append("%s:%d:%d:%d" % fault)
        env["LIGATURE_FAULT"] = " ".join(faults)
        if log:
            env["LIGATURE_FAULT_LOG"] = log
        if name in WATCHES:
            code, out, err = watched.run([LIGATURE] + args, folder, env)
        else:
            p = subprocess.run([LIGATURE] + args, cwd=folder, env=env,
                               input=TALKS.get(name, b""), timeout=120,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            code, out, err = p.returncode, p.stdout, p.stderr
        return Outcome(code, out, err, before, snapshot(folder))


def counted(log):
    """How many calls there were of each kind: of a run and what it forks, of
    what made most."""
    counts = {}
    for line in log.splitlines():
        kind, count = line.split()
        counts[kind] = max(int(count), counts.get(kind, 0))
    return counts


def samples(name, count):
    most = SAMPLES // 10 + 1 if name in WATCHES and SAMPLES else SAMPLES
    if most == 0 or count <= most:
        return list(range(1, count + 1))
    half = most // 2  # the first ones, and some of all others
    step = (count - half) / (most - half)
    return list(range(1, half + 1)) + [
        half + 1 + int(i * step) for i in range(most - half)]


def may_be_left(name, kind):
    """Whether it is the temporary name of a file, in the moment when it has
    one."""
    return re.search(r"\.[0-9a-f]{32}$", name) and (
        kind in ("rename", "close"))


def check_files(base, found, stuck, grows=False):
    for name, text in found.files.items():
        before = found.before.get(name)
        if grows and before and text.rstrip(b" ") == before.rstrip(b" "):
            continue
        if name.startswith(OWN) or name in UNSTABLE or text == before:
            continue
        if name not in base.files:
            if stuck:
                continue
            return "it leaves %s" % name
        if text != base.files[name]:
            if name == "d.txt":
                continue  # which says what failed
            return "it leaves half of %s: %r" % (name, text[:200])
    for name in found.before:
        if name not in found.files and name in base.files and \
                name not in UNSTABLE:
            return "it lost " + name
    return None


def same(base, found):
    return found.code == base.code and \
        SIZES.sub(b"", found.out) == SIZES.sub(b"", base.out)


def check(name, kind, error, base, found, codes, silent):
    """What is wrong with the outcome, or None. `codes`: how it may end other
    than as the base did; `silent`: without a word."""
    if error < 0 and found.code == error:
        left = [file for file in found.files if may_be_left(file, kind)]
        for file in left[:1]:
            del found.files[file]
        return check_files(base, found, name in STANDING)
    if found.code < 0:
        return "signal %d" % -found.code
    wrong = check_files(base, found, kind in STUCK,
                        (kind, error) == ("read", GROWS))
    if wrong:
        return wrong
    may_differ = MAY_DIFFER.get(name, ())
    if same(base, found) or kind in may_differ or (kind, error) in may_differ:
        return None
    if name in TALKS:  # what was said until then
        ends = codes | {0, 1, 3, 130}
        return None if found.code in ends else "exit code %d" % found.code
    was_told = name in WATCHES and found.code == base.code
    if found.code not in codes and not was_told:
        return "exit code %d" % found.code
    # Where the report of tests or of fmt is on standard output, it stays; so
    # do the results of runs that a watch has seen.
    was_stopped = error == ENDED and b"STOP" in found.out
    if found.out not in (b"", base.out) and not was_stopped and not (
            name in WATCHES and watched.is_part_of(found.out, base.out)):
        return "standard output has %r" % found.out[:200]
    told = found.err + found.files.get("d.txt", b"")
    if not re.search(rb"E000[12]|E0604|E05\d\d|\"level\": *\"error\"", told) and \
            not silent and not was_told:
        return "no diagnostic"
    return None


KILLED = -signal.SIGKILL  # what tests/faults/faults.c understands
ENDED = -signal.SIGTERM
GROWS = 0  # the same, of a read
NO_MEMORY = {3, 4}
NO_FILE = {1, 2, 3}
EACH = "each"
ALL = "from there on"

# kind, errno, how, exit codes, may be silent
FAULTS = [
    ("alloc", errno.ENOMEM, EACH, NO_MEMORY, False),
    ("alloc", errno.ENOMEM, ALL, NO_MEMORY, False),
    ("map", errno.ENOMEM, EACH, NO_MEMORY, False),
    ("map", errno.ENOMEM, ALL, NO_MEMORY, False),
    ("open", errno.EMFILE, EACH, NO_FILE, False),
    ("open", errno.EMFILE, ALL, NO_FILE, True),
    ("open", errno.EACCES, EACH, NO_FILE, False),
    ("open", errno.ENOENT, EACH, NO_FILE, False),
    ("read", errno.EIO, EACH, NO_FILE, False),
    ("read", errno.EIO, ALL, NO_FILE, False),
    ("read", errno.EINTR, EACH, set(), False),
    ("write", errno.ENOSPC, EACH, {3}, True),
    ("write", errno.EIO, ALL, {3}, True),
    ("write", errno.EINTR, EACH, set(), False),
    ("write", 0, ALL, set(), False),
    ("nameless", errno.EOPNOTSUPP, ALL, set(), False),
    ("nameless", errno.EISDIR, ALL, set(), False),
    ("nameless", errno.EACCES, EACH, set(), False),
    ("nameless", errno.EMFILE, EACH, set(), False),
    ("link", errno.ENOENT, ALL, set(), False),
    ("link", errno.EXDEV, EACH, set(), False),
    ("sync", errno.EIO, EACH, {3}, False),
    ("rename", errno.EACCES, EACH, {3}, False),
    ("rename", errno.ENOSPC, ALL, {3}, False),
    ("close", errno.EIO, EACH, {1, 3}, False),
    ("close", errno.EIO, ALL, {1, 3}, False),
    ("confine", errno.ENOSYS, EACH, set(), False),
    ("confine", errno.EPERM, ALL, set(), False),
    ("fence", errno.ENOSYS, ALL, set(), False),
    ("fence", errno.EPERM, EACH, set(), False),
    ("thread", errno.EAGAIN, ALL, set(), False),
    ("thread", errno.EAGAIN, EACH, set(), False),
    ("look", errno.EACCES, EACH, NO_FILE, False),
    ("look", errno.EIO, ALL, NO_FILE, False),
    ("look", errno.ENOENT, EACH, NO_FILE, False),
    ("list", errno.EACCES, EACH, {3}, False),
    ("list", errno.EIO, ALL, {3}, False),
    ("make", errno.EACCES, EACH, {3}, False),
    ("make", errno.EEXIST, EACH, {3}, False),
    ("make", errno.ENOSPC, ALL, {3}, False),
    ("remove", errno.EACCES, EACH, {3}, False),
    ("remove", errno.EBUSY, ALL, {3}, False),
    ("mark", errno.EPERM, EACH, {3}, False),
    ("mark", errno.EIO, ALL, {3}, False),
    ("wait", errno.EINTR, EACH, set(), False),
    ("random", errno.EINTR, EACH, set(), False),
    ("random", errno.ENOSYS, ALL, set(), False),
    ("advise", errno.EINVAL, ALL, set(), False),
    ("watch", errno.EMFILE, EACH, {3}, False),
]
# Others write to what is read.
GROWTHS = [("read", GROWS, EACH, {3}, False),
           ("read", GROWS, ALL, {1, 3}, False)]
# A signal comes before what would be done to files.
SIGNALS = [(kind, KILLED, EACH, set(), True)
           for kind in ("open", "nameless", "write", "link", "close", "rename",
                        "make", "mark", "remove")] + \
    [(kind, ENDED, EACH, {143}, True)
     for kind in ("nameless", "write", "link", "close", "rename")]


ERRORS = {0: "one byte", KILLED: "killed", ENDED: "ended"}


def main():
    number = failures = runs = 0
    chosen = sys.argv[2:]
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    for name, args in PROGRAMS.items():
        if chosen and name not in chosen:
            continue
        with tempfile.NamedTemporaryFile() as log:
            base = execute(name, args, log=log.name)
            counts = counted(open(log.name).read())
        more = (SIGNALS if name in WRITERS else []) + \
            (GROWTHS if name in READERS else [])
        for kind, error, how, codes, silent in FAULTS + more:
            count = counts[kind]
            if count == 0 or (kind, error) in CANNOT_BE.get(name, ()):
                continue
            chosen_n = samples(name, count)

            def one(n):
                to = n if how == EACH else FOREVER
                try:
                    found = execute(name, args, (kind, n, to, error))
                except subprocess.TimeoutExpired:
                    return n, "it hangs", None
                return n, check(name, kind, error, base, found, codes,
                                silent), found
            wrong = [r for r in pool.map(one, chosen_n) if r[1]]
            runs += len(chosen_n)
            number += 1
            failures += bool(wrong)
            print("%sok %d - %s: %s, %s, %s (%d of %d)" % (
                "not " if wrong else "", number, name, kind,
                ERRORS.get(error) or errno.errorcode[error], how, len(chosen_n),
                count))
            for n, text, found in wrong[:3]:
                print("# at %d: %s" % (n, text))
                if found is not None:
                    print("#   exit code %d, stderr: %s" % (
                        found.code, found.err[-1500:].decode(
                            "utf-8", "replace").replace("\n", "\n#   ")))
            if len(wrong) > 3:
                print("# and %d more: %s" % (len(wrong) - 3,
                                             [n for n, _, _ in wrong][:40]))
            sys.stdout.flush()
    if not chosen:
        # What could be read of the settings must not count as all of them.
        found = execute("", ["eval", "many.lig"], ("read", 1, 1, errno.EIO))
        okay = found.code == 3 and b"ligature.toml" in found.err
        number += 1
        failures += not okay
        print("%sok %d - settings that cannot be read\n# %d %r" % (
            "" if okay else "not ", number, found.code, found.err[:300]))
    print("# %d runs" % runs)
    print("1..%d" % number)
    return failures != 0 or number == 0


if __name__ == "__main__":
    sys.exit(main())
