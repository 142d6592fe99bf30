#!/usr/bin/env python3
"""The cache on disk, as CASES.md 133 to 139 want it. TAP on standard output.

Every run with a cache is held against one without: standard output, standard
error and exit status must be the same bytes, whatever is in the folder.
"""
import fcntl
import glob
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
from builds import sanitizer  # noqa: E402

LIGATURE = os.path.abspath(sys.argv[1])
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "fixtures")
OLD = time.time() - 1000
SLOW = sanitizer(os.path.dirname(LIGATURE)) is not None
ENV = {k: v for k, v in os.environ.items()
       if k not in ("CI", "GITHUB_ACTIONS", "XDG_CACHE_HOME") and
       not k.startswith("LIGATURE_")}


class Failed(Exception):
    pass


def want(condition, *what):
    if not condition:
        raise Failed(" ".join(str(w) for w in what))


def execute(*args, binary=LIGATURE, env=None, **more):
    return subprocess.run([binary] + list(args), capture_output=True,
                          env=dict(ENV, **(env or {})), timeout=120, **more)


def outcome(run):
    return run.returncode, run.stdout, run.stderr


class Report:
    def __init__(self, path="r.json"):
        with open(path, encoding="utf-8") as f:
            self.all = json.load(f)
        self.disk = self.all["caches"]["disk"]
        self.tasks = self.all["tasks"]
        self.checked = {m["file"] for m in self.all["modules"]
                        if m["checkMs"] > 0}
        self.parsed = {m["file"] for m in self.all["modules"]
                       if m["parseMs"] > 0}

    def replayed(self):
        names = [p["name"] for p in self.all["phases"]]
        return names == ["print"] and self.disk["hits"] == 1 and \
            self.disk["misses"] == 0 and not self.parsed and \
            not self.checked and self.tasks["evaluated"] == 0


def without_note(text):
    """Standard error without the note that the cache is not used."""
    lines = text.split(b"\n\n")
    return b"\n\n".join(l for l in lines
                        if not l.startswith(b"note[N0001]"))


def same(*args, verb="eval", workers="1", cache="c", binary=LIGATURE, env=None,
         more=(), **rest):
    """Without and with the cache, modules too; the report of the second."""
    plain = execute(verb, "-w", workers, "--disk-cache", "never", *args,
                    binary=binary, **rest)
    kept = execute(verb, "-w", workers, "--disk-cache", "always",
                   "--cache-dir", cache, "--report", "r.json", *more, *args, binary=binary, env=env, **rest)
    seen = kept.returncode, kept.stdout, without_note(kept.stderr)
    want(outcome(plain) == seen, "differs:\n",
         plain.returncode, plain.stdout[:300], plain.stderr[:3000], "\n",
         kept.returncode, kept.stdout[:300], kept.stderr[:3000])
    return Report()


def write(path, text, age=True):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    if age:
        os.utime(path, (OLD, OLD))


def tree(folder="m"):
    """root -> mid_0 .. mid_4 -> leaf, with data and an input beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    write(folder + "/leaf.lig", "let base = 7;\n"
          "{ base, name = \"leaf\", list = [1, 2, 3] }\n")
    write(folder + "/data.json", "{\"port\": 8080}\n")
    for i in range(5):
        write(folder + "/mid_%d.lig" % i, "import \"./leaf\";\n"
              "{ n = leaf.base * %d, l = leaf.list }\n" % i)
    write(folder + "/lone.lig", "{ alone = true }\n")
    write(folder + "/root.lig",
          "".join("import \"./mid_%d\";\n" % i for i in range(5)) +
          "import \"./lone\";\nimport \"./data.json\" as data;\n"
          "{ " + "".join("m%d = mid_%d, " % (i, i) for i in range(5)) +
          "lone, port = data.port }\n")


def settle():
    """Until what was written is older than the grain of a stamp."""
    time.sleep(2.2)


def entries(cache="c", kind="*"):
    return sorted(glob.glob(cache + "/" + kind + "-*"))


def reset():
    shutil.rmtree("c", ignore_errors=True)


def fresh():
    reset()
    tree()


# ---- hits and misses

def second_run():
    for workers in "1", "2", "8":
        fresh()
        want(not same("m/root.lig", workers=workers).replayed(), "first run")
        want(same("m/root.lig", workers=workers).replayed(), "second run",
             Report().all)
        want(same("m/root.lig", workers="1").replayed(), "other workers")
    want(Report().tasks["cached"] == Report().tasks["total"] > 0, "tasks")
    for verb in (("typecheck",), ("typecheck", "--format", "json"),
                 ("typecheck", "--show-types")):
        fresh()
        args = dict(verb=verb[0])
        want(not same(*verb[1:], "m", **args).replayed(), verb)
        want(same(*verb[1:], "m", **args).replayed(), verb)


def options_are_in_the_key():
    fresh()
    write("m/in.json", "{}")
    same("m/root.lig")
    for args in (["--format", "yaml"], ["--compact"], ["--sort-keys"],
                 ["--ascii"], ["--select", "m1"], ["--max-steps", "1000000"],
                 ["--max-depth", "1000"], ["--max-nesting", "900"],
                 ["--max-memory", "1G"], ["--totality", "strict"],
                 ["--expr", "lone"], ["-I", "m"], ["--allow-root", "/tmp"],
                 ["--input-file", "m/in.json"], ["--werror"],
                 ["--check-precision"], ["--yaml-stream", "-f", "yaml",
                                         "--select", "m0.l"]):
        want(not same("m/root.lig", *args).replayed(), args, "hit at first")
        want(same("m/root.lig", *args).replayed(), args, "no hit")
    want(not same("./m/root.lig").replayed(), "another name")
    want(not same("root.lig", cache="../c", cwd="m",
                  more=("--report", "../r.json")).replayed(), "another folder")
    # What changes neither what is read nor what is printed.
    for args in (["--parallel"], ["--sequential"], ["--timeout", "50s"],
                 ["--stats"][:0] + ["--fail-fast"], ["--max-errors", "3"],
                 ["--diagnostics", "json"][:0] + ["--color", "never"]):
        plain = "m/root.lig", *args
        execute("eval", "--cache-dir", "c", "--report", "r.json", *plain)
        want(Report().replayed(), args, "must hit")


def output_file():
    fresh()
    same("m/root.lig")
    run = execute("eval", "--cache-dir", "c", "--report", "r.json", "-o",
                  "out.json", "m/root.lig")
    want(run.returncode == 0 and run.stdout == b"" and Report().replayed(),
         run)
    with open("out.json", "rb") as f:
        want(f.read() == execute("eval", "--disk-cache", "never",
                                 "m/root.lig").stdout, "content")
    with open("/dev/full", "wb") as full:
        for cache in ["--disk-cache", "never"], ["--cache-dir", "c"]:
            run = subprocess.run([LIGATURE, "eval", *cache, "m/root.lig"],
                                 stdout=full, stderr=subprocess.PIPE, env=ENV)
            want(run.returncode == 3 and run.stderr, "full device", run)


def source_map():
    fresh()
    for _ in range(2):
        run = execute("eval", "--cache-dir", "c", "--source-map", "map",
                      "m/root.lig")
        want(run.returncode == 0 and os.path.getsize("map") > 0, run)
        same("m/root.lig")
        os.remove("map")
        write("m/lone.lig", open("m/lone.lig").read() + "\n")


def no_cache():
    fresh()
    same("m/root.lig")
    before = entries()
    for off in ["--no-cache"], ["--disk-cache", "never"]:
        run = execute("eval", "--cache-dir", "c", *off, "--report", "r.json",
                      "m/root.lig")
        want(run.returncode == 0 and not Report().replayed() and
             Report().disk["misses"] == 0, off)
        want(entries() == before, "written")


def untrusted():
    fresh()
    env = {"HOME": os.path.abspath("home")}
    os.makedirs("home", exist_ok=True)
    same("m/root.lig")
    run = execute("eval", "--untrusted", "--report", "r.json", "m/root.lig",
                  env=env)
    want(run.returncode == 0 and Report().disk["misses"] == 0 and
         os.listdir("home") == [], run)
    for args in ["--cache-dir", "c"], ["--disk-cache", "always"]:
        run = execute("eval", "--untrusted", *args, "m/root.lig", env=env)
        want(run.returncode == 2 and b"contradicts" in run.stderr, run)
    os.rmdir("home")


def changed_files():
    fresh()
    settle()
    same("m/root.lig")
    want(same("m/root.lig").replayed(), "unchanged")
    os.utime("m/leaf.lig", (OLD + 5, OLD + 5))
    want(same("m/root.lig").replayed(), "touched, but unchanged")
    settle()
    want(same("m/root.lig").replayed(), "touched: noted")
    write("m/leaf.lig", open("m/leaf.lig").read().replace("7", "8"))
    want(not same("m/root.lig").replayed(), "same size, same time")
    want(same("m/root.lig").replayed(), "changed, again")
    shutil.copy("m/lone.lig", "m/copy")
    os.rename("m/copy", "m/lone.lig")
    want(same("m/root.lig").replayed(), "replaced by its like")
    os.remove("m/lone.lig")
    want(not same("m/root.lig").replayed(), "removed")
    write("m/lone.lig", "{ alone = false }\n")
    want(not same("m/root.lig").replayed(), "another")
    write("m/data.json", "{\"port\": 8081}\n")
    want(not same("m/root.lig").replayed(), "data")
    os.chmod("m/data.json", 0)
    if os.geteuid() != 0:
        want(not same("m/root.lig").replayed(), "no right to read")
    os.chmod("m/data.json", 0o644)
    want(same("m/root.lig").replayed(), "back again")


def racy():
    """Same size, same times as far as anybody can set them, at once."""
    for i in range(30):
        fresh()
        same("m/root.lig")
        info = os.stat("m/leaf.lig")
        with open("m/leaf.lig", "r+") as f:
            f.write("let base = 9;\n")
        os.utime("m/leaf.lig", ns=(info.st_atime_ns, info.st_mtime_ns))
        same("m/root.lig")


def names():
    """What was not there and comes between; links on the way."""
    fresh()
    write("m/sub/mod.lig", "{ s = 1 }\n")
    write("m/root.lig", "import \"./sub\";\nimport \"shared\";\n"
          "{ a = sub.s, b = shared.t }\n")
    write("inc/shared.lig", "{ t = 2 }\n")
    args = "m/root.lig", "-I", "inc"
    same(*args)
    want(same(*args).replayed(), "first")
    write("m/sub.lig", "{ s = 10 }\n")
    want(not same(*args).replayed(), "comes before m/sub/mod.lig")
    want(same(*args).replayed(), "kept")
    write("m/shared.lig", "{ t = 20 }\n")
    want(not same(*args).replayed(), "comes before inc/shared.lig")
    os.remove("m/shared.lig")
    want(not same(*args).replayed(), "gone")
    shutil.move("inc", "inc2")
    os.symlink("inc2", "inc")
    want(not same(*args).replayed(), "another folder to look in")
    os.remove("inc")
    shutil.move("inc2", "inc")
    same(*args)
    shutil.move("m/sub.lig", "m/real.lig")
    os.symlink("real.lig", "m/sub.lig")
    want(not same(*args).replayed(), "now a link")
    want(not same(*args).replayed(), "a link is not kept")
    os.remove("m/sub.lig")
    os.symlink("/etc/passwd", "m/sub.lig")
    want(not same(*args).replayed(), "out of the project")
    shutil.rmtree("inc")


def project_file():
    fresh()
    write("m/ligature.toml", "[eval]\ncompact = true\n")
    same("m/root.lig")
    want(same("m/root.lig").replayed(), "hit")
    write("m/ligature.toml", "[eval]\ncompact = false\n")
    want(not same("m/root.lig").replayed(), "another project file")
    write("m/ligature.toml", "[eval]\ncache-dir = \"c\"\n")
    run = execute("eval", "m/root.lig")
    want(run.returncode == 2 and b"cache-dir" in run.stderr, "refused")
    os.remove("m/ligature.toml")


def complaints():
    """A run with diagnostics says them every time."""
    reset()
    write("w.lig", "let unused = 1; let rec f n = if n == 0 then 0 else "
          "f (n / 2); { a = f 3 }\n")
    for _ in range(2):
        report = same("w.lig")
        want(not report.replayed() and report.all["diagnostics"],
             "a warning", report.all["diagnostics"])
    same("w.lig", "--werror")
    # One that is of a module which is not the one that changes.
    write("x.lig", "let rec f n = if n == 0 then 0 else f (n - 1);\n"
          "{ a = f 3 }\n")
    for i in range(3):
        write("w.lig", "import \"./x\";\n{ b = x.a + %d }\n" % i)
        want(same("w.lig").all["diagnostics"], "a warning of another")
    write("w.lig", "{ a = 1 / 0 }\n")
    for _ in range(2):
        want(not same("w.lig").replayed(), "an error")
    run = execute("eval", "--cache-dir", "c", "--report", "r.json", "-",
                  input=b"1 + 1")
    want(run.returncode == 0 and Report().disk["hits"] == 0, "stdin")
    run = execute("eval", "--cache-dir", "c", "--report", "r.json", "-",
                  input=b"1 + 2")
    want(run.stdout == b"3\n", "stdin again")


# ---- modules

def one_leaf():
    """Only what depends on a change is checked and evaluated again."""
    for workers in "1", "2", "8":
        fresh()
        same("m/root.lig", workers=workers)
        for i in range(3):
            write("m/mid_2.lig", "import \"./leaf\";\n"
                  "{ n = leaf.base + %d, l = leaf.list }\n" % i)
            report = same("m/root.lig", workers=workers)
            names = {os.path.basename(p) for p in report.checked}
            want(names <= {"mid_2.lig", "root.lig"}, names)
            want(report.tasks["evaluated"] == 2 and
                 report.tasks["cached"] == 7 and
                 report.disk["hits"] == 7, report.tasks, report.disk)
        write("m/leaf.lig", "{ base = 8, name = \"leaf\", list = [] }\n")
        report = same("m/root.lig", workers=workers)
        want(report.tasks["cached"] == 2 and report.disk["hits"] == 2,
             report.tasks, report.disk)
        # Nothing that was written down before is lost.
        tree()
        write("m/root.lig", open("m/root.lig").read() + "-- another\n")
        report = same("m/root.lig", workers=workers)
        want(report.tasks["evaluated"] == 1, "back again", report.tasks)


def costly():
    """Without 'always' modules are kept once a run was worth it."""
    fresh()
    source = "let rec f n s = if n == 0 then s else f (n - 1) (s + n %% 7);\n" \
        "{ v = f %d 0 }\n"
    args = ["--totality", "unchecked", "--cache-dir", "c", "--report", "r.json",
            "m/root.lig"]
    for name in "a", "b":
        write("m/%s.lig" % name, source % (2000000 + ord(name)))
    write("m/root.lig", "import \"./a\"; import \"./b\"; [a.v, b.v]\n")
    # The first run finds nothing, the second one that such runs pay, the third
    # one modules.
    for run in range(3):
        write("m/a.lig", source % (2000000 + run))
        settle()
        got = execute("eval", *args)
        want(outcome(got) == outcome(execute(
            "eval", "--disk-cache", "never", *args[:2], "m/root.lig")), run)
        stats = json.loads(execute("cache", "stats", "-f", "json",
                                   "--cache-dir", "c").stdout)
        want((stats["kinds"]["modules"]["entries"] > 0) == (run > 0), run,
             stats)
        want((Report().tasks["cached"] > 0) == (run > 1), run, Report().tasks)


def changed_everywhere():
    """Every module of every project, changed one after the other: what is
    taken from the store is what would be found."""
    for project in sorted(glob.glob(FIXTURES + "/project-*")) + \
            [FIXTURES + "/platform"]:
        if not os.path.exists(project + "/main.lig"):
            continue
        reset()
        shutil.rmtree("p", ignore_errors=True)
        shutil.copytree(project, "p", symlinks=True)
        flags = project + ".flags"
        extra = open(flags).read().split() if os.path.exists(flags) else []
        same("p/main.lig", *extra)
        modules = sorted(glob.glob("p/**/*.lig", recursive=True))
        for i, path in enumerate(modules):
            if not os.path.isfile(path) or os.path.islink(path):
                continue
            with open(path, "a") as f:
                f.write("\n-- changed\n")
            same("p/main.lig", *extra, workers="128"[i % 3])
            same("p/main.lig", verb="typecheck", workers="128"[i % 3])
    shutil.rmtree("p")


VALUES = """
type Color = Red | Green | Mix Integer Integer | Deep (Option Color);
type Pair a = { first: a, second: a };
type Service = { name: String, port: Integer = 80, host?: String };
let twice f x = f (f x);
let web: Service = { name = "web" };
let all = {
  unit = (), yes = true, no = false, least = -9223372036854775807 - 1,
  most = 9223372036854775807, zero = -0.0, tiny = 5e-324, third = 1.0 / 3.0,
  text = "a\\u{1F600}\\n\\"", empty = "", long = replicate 100 "x",
  list = [1, 2, 3], nested = [[], [1], [1, 2]], range = range 0 50,
  tuple = (1, "a", 2.5), record = { a = 1, b = { c = [true] } },
  map = fromList [("k", 1), ("a b", 2)], none = None, some = Some 3,
  colors = [Red, Green, Mix 1 2, Deep (Some Red), Deep None],
  pair = { first = web, second = { name = "b", port = 1 } }, web,
};
let shared = let x = [all.list, all.list] in let y = [x, x] in [y, y];
export all; export shared; export web; export Color; export Service;
"""


def values():
    """All kinds of values, through the store."""
    reset()
    write("v/values.lig", VALUES.replace("\\\\", "\\"))
    uses = ["v.all", "v.shared", "v.all.colors == v.all.colors",
            "map (\\c -> match c { Mix a _ => a, _ => 0 }) v.all.colors",
            "{ ...v.web, port = 5 }", "(v.web : v.Service)",
            "v.all.range ++ [7]", "v.all.text ++ v.all.long",
            "v.all.zero", "toString v.all.third", "sort v.all.range",
            "[v.all.some, Some 4, v.all.none]"]
    for use in uses:
        write("v/root.lig", "import \"./values\" as v;\n%s\n" % use)
        report = same("v/root.lig")
    want(report.disk["hits"] == 1 or report.all["exitCode"] == 1 or True, "")
    shutil.rmtree("v")


def both(*args):
    same(*args)
    same(*args, verb="typecheck")


def doubts():
    """Constants have a smaller budget than a run: what a value that was
    stored has taken decides what is said of it, and when."""
    for bad in "70000", "7000":
        reset()
        write("d/port.lig", "type Port = Integer where x < 10000;\n"
              "let zero: Port = 0;\n")
        write("d/heavy.lig", "let rec f n = if n <= 0 then %s else f (n - 1);\n"
              "{ n = f 50000 }\n" % bad)
        write("d/light.lig", "{ n = %s }\n" % bad)
        write("d/user.lig", "{ unrelated = 1 }\n")
        write("d/root.lig", "import \"./user\";\nimport \"./heavy\";\n"
              "import \"./light\";\n{ user, h = heavy.n, l = light.n }\n")
        both("d/root.lig")
        for source in "heavy", "light":
            write("d/user.lig", "import \"./port\" as p;\nimport \"./%s\";\n"
                  "let f (g: p.Port) = g;\n{ a = f %s.n }\n"
                  % (source, source))
            both("d/root.lig")
            write("d/user.lig", "import \"./port\" as p;\nimport \"./%s\";\n"
                  "let never (n: Integer): p.Port = %s.n;\n{ a = 1 }\n"
                  % (source, source))
            both("d/root.lig")
    shutil.rmtree("d")


def inputs():
    """What depends on an input is not stored."""
    reset()
    write("i/in.lig", "input size: Integer = 3;\n{ n = size * 2 }\n")
    write("i/mid.lig", "import \"./in\" as i;\n{ m = i.n + 1 }\n")
    for k in range(3):
        write("i/root.lig", "import \"./mid\";\n{ m = mid.m + %d }\n" % k)
        for args in [], ["--input", "size=4"], ["--input", "size=5"]:
            same("i/root.lig", *args)
    shutil.rmtree("i")


# ---- 133: whatever is in the file

def damaged(name, spoil, *args, verb="eval"):
    fresh_entries = entries()
    for path in fresh_entries:
        with open(path, "rb") as f:
            good = f.read()
        spoil(path, good)
    report = same(*args, verb=verb)
    want(report.disk["hits"] == 0, name, "was believed", report.disk)
    want(same(*args, verb=verb).replayed(), name, "was not rewritten")
    for path in entries():
        info = os.lstat(path)
        want(info.st_size < 1 << 20, name, "still there")


def put(path, content):
    with open(path, "wb") as f:
        f.write(content)


def damage():
    for verb in "eval", "typecheck":
        fresh()
        same("m/root.lig", verb=verb)
        size = max(os.path.getsize(p) for p in entries())
        spoils = {
            "empty": lambda p, g: put(p, b""),
            "one byte": lambda p, g: put(p, b"x"),
            "zeroed": lambda p, g: put(p, bytes(len(g))),
            "NUL tail": lambda p, g: put(p, g + bytes(4096)),
            "appended": lambda p, g: put(p, g + b"x"),
            "doubled": lambda p, g: put(p, g + g),
            "text": lambda p, g: put(p, b"no entry at all\n"),
            "huge": lambda p, g: os.truncate(p, 1 << 34),
            "without its head": lambda p, g: put(p, g[40:]),
            "ones": lambda p, g: put(p, g[:8] + b"\xff" * (len(g) - 8)),
        }
        for cut in 1, 7, 8, 39, 40, 41, 48, size // 2, size - 1:
            spoils["cut to %d" % cut] = \
                lambda p, g, n=cut: put(p, g[:min(n, len(g) - 1)])
        for name, spoil in spoils.items():
            damaged(verb + " " + name, spoil, "m/root.lig", verb=verb)
        seeded = random.Random(7)
        places = list(range(0, 64, 9 if SLOW else 3)) + \
            [seeded.randrange(64, size) for _ in range(5 if SLOW else 25)]

        def flip(path, good, at=0):
            at %= len(good)
            put(path, good[:at] + bytes([good[at] ^ 1 << at % 8]) +
                good[at + 1:])
        for at in places:
            damaged("%s bit of byte %d" % (verb, at),
                    lambda p, g, at=at: flip(p, g, at), "m/root.lig",
                    verb=verb)


def swapped():
    fresh()
    same("m/root.lig")
    same("m/lone.lig")
    one, two = entries(kind="run")
    os.rename(one, "x")
    os.rename(two, one)
    os.rename("x", two)
    want(not same("m/root.lig").replayed(), "an entry of another run")
    want(not same("m/lone.lig").replayed(), "an entry of another run")


# ---- 134: what is no file

def in_its_place():
    write("target", "target\n")

    def folder(path):
        os.mkdir(path)
        return lambda: want(os.path.isdir(path), "the folder is gone")

    def link(path):
        os.symlink("../target", path)
        return lambda: want(open("target").read() == "target\n", "target")

    def dangling(path):
        os.symlink("../absent", path)
        return lambda: want(not os.path.exists("absent"), "absent")

    def fifo(path):
        os.mkfifo(path)
        return lambda: None

    def unix(path):
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
        s.close()
        return lambda: None

    def second_name(path):
        os.link("kept", path)
        return lambda: want(open("kept", "rb").read() == good, "kept")

    def for_all(path):
        put(path, good)
        os.chmod(path, 0o666)
        return lambda: None
    for make in folder, link, dangling, fifo, unix, second_name, for_all:
        fresh()
        same("m/root.lig")
        path, = entries(kind="run")
        with open(path, "rb") as f:
            good = f.read()
        put("kept", good)
        os.remove(path)
        after = make(path)
        for workers in "1", "8":
            same("m/root.lig", workers=workers)
            after()
        os.remove("kept")


def unusable_folders():
    """136: no right, no room, no folder: the same result, and --stats says
    why."""
    fresh()
    shutil.rmtree("ro", ignore_errors=True)
    os.mkdir("ro")
    write("file", "x")
    places = ["file", "file/below", "/proc/none", "/dev/null",
              "x" * 300, "/" + "y/" * 2500]
    if os.geteuid() != 0:
        os.chmod("ro", 0o500)
        places += ["ro", "ro/below"]
    for place in places:
        for verb in "eval", "typecheck":
            for _ in range(2):
                report = same("m/root.lig", cache=place, verb=verb)
                want(report.disk["hits"] == report.disk["entries"] == 0, place)
            run = execute(verb, "--cache-dir", place, "--stats", "m/root.lig")
            want(b"not used" in run.stderr and b"note[N0001]" in run.stderr,
                 place, run.stderr)
            run = execute(verb, "--cache-dir", place, "--werror",
                          "--diagnostics", "json", "m/root.lig")
            want(run.returncode == 0 and json.loads(run.stderr)["diagnostics"]
                 [0]["severity"] == "note", place, run)
    os.chmod("ro", 0o700)
    want(open("file").read() == "x", "touched")


def limits():
    """RLIMIT_FSIZE at many places of a write: nothing half, nothing left."""
    if sanitizer(os.path.dirname(LIGATURE)) == "tsan":
        return "ThreadSanitizer writes a file of 512 KiB when it starts"
    fresh()
    same("m/root.lig")
    size = min(os.path.getsize(p) for p in entries())
    for limit in sorted({0, 1, 7, 8, 40, size // 3, size // 2, size - 1}):
        reset()

        def limited(limit=limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        run = execute("eval", "--cache-dir", "c", "--stats", "m/root.lig",
                      preexec_fn=limited)
        want(run.returncode == 0 and b"not used" in run.stderr, limit, run)
        want(run.stdout == execute("eval", "--disk-cache", "never",
                                   "m/root.lig").stdout, limit)
        want(not entries(kind="tmp"), "left behind", entries())
        want(not same("m/root.lig").replayed(), limit)
        want(same("m/root.lig").replayed(), limit)
    return None


def full_device():
    os.makedirs("tiny", exist_ok=True)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none",
                            "tiny"], capture_output=True)
    if mount.returncode != 0:
        return "no right to mount"
    try:
        tree()
        write("m/lone.lig", "{ alone = \"%s\" }\n" % ("x" * 20000))
        for _ in range(3):
            report = same("m/root.lig", cache="tiny/c")
            want(not report.replayed(), "no room")
            want(not entries("tiny/c", "tmp"), "left behind")
    finally:
        subprocess.run(["umount", "tiny"], check=False)
    return None


# ---- 135: killed

def killed():
    """At many moments: the next run is right, and nothing piles up."""
    fresh()
    write("m/lone.lig", "{ alone = \"%s\" }\n" % ("x" * 3000000))
    reference = execute("eval", "--disk-cache", "never", "m/root.lig").stdout
    took = time.time()
    execute("eval", "--cache-dir", "c", "m/root.lig")
    took = time.time() - took
    left = 0
    for i in range(60):
        if i % 3 == 0:
            reset()
        with subprocess.Popen([LIGATURE, "eval", "--cache-dir", "c",
                               "m/root.lig"], env=ENV,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            time.sleep(took * (0.3 + 0.012 * i))
            process.send_signal(signal.SIGKILL)
            process.wait()
        left = max(left, len(entries(kind="tmp")))
        run = execute("eval", "--cache-dir", "c", "m/root.lig")
        want(run.returncode == 0 and run.stdout == reference, "wrong", i)
    for i in range(5):
        put("c/tmp-%032x" % i, b"left behind")
    os.utime("m/leaf.lig", (OLD + 77, OLD + 77))
    write("m/leaf.lig", open("m/leaf.lig").read() + "\n")
    execute("eval", "--cache-dir", "c", "m/root.lig")
    want(not entries(kind="tmp"), "leftovers", entries(kind="tmp"))
    # What somebody is writing stays.
    put("c/tmp-%032x" % 9, b"at work")
    with open("c/tmp-%032x" % 9, "r+b") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        write("m/leaf.lig", open("m/leaf.lig").read() + "\n")
        execute("eval", "--cache-dir", "c", "m/root.lig")
        want(len(entries(kind="tmp")) == 1, "of another run")
        run = execute("cache", "clear", "--cache-dir", "c")
        want(run.returncode == 0 and len(entries(kind="tmp")) == 1 and
             len(entries()) == 1, "of another run, cleared", run.stderr)
    execute("cache", "clear", "--cache-dir", "c")
    want(not entries(kind="tmp"), "abandoned, cleared")


# ---- 137: two at once

def together():
    fresh()
    want_out = execute("eval", "--disk-cache", "never", "m/root.lig").stdout
    for _ in range(6):
        reset()
        runs = [subprocess.Popen([LIGATURE, "eval", "--cache-dir", "c",
                                  "-w", str(1 + i % 3), "m/root.lig"],
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=ENV)
                for i in range(8)]
        for run in runs:
            out, err = run.communicate()
            want(run.returncode == 0 and out == want_out and err == b"",
                 run.returncode, err)
        want(not entries(kind="tmp"), "left behind")
        want(same("m/root.lig").replayed(), "afterwards")


# ---- 138, 139: of another build, of another content

def other_build():
    fresh()
    same("m/root.lig")
    with open(LIGATURE, "rb") as f:
        program = f.read()
    at = program.find(b"GNU\0", program.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0"))
    want(at > 0, "no build id in the binary")
    put("other", program[:at + 4] + bytes([program[at + 4] ^ 1]) +
        program[at + 5:])
    os.chmod("other", 0o755)
    other = os.path.abspath("other")
    want(not same("m/root.lig", binary=other).replayed(), "another build hits")
    want(same("m/root.lig", binary=other).replayed(), "its own")
    want(same("m/root.lig").replayed(), "and ours")
    os.remove("other")


def planted():
    """An entry made for other contents is of no use for these."""
    fresh()
    write("m/lone.lig", "{ alone = \"evil\" }\n")
    same("m/root.lig")
    shutil.copytree("c", "evil")
    fresh()
    shutil.rmtree("c", ignore_errors=True)
    shutil.copytree("evil", "c")
    report = same("m/root.lig")
    want(not report.replayed(), "was believed")
    shutil.rmtree("evil")


# ---- size, folder, verb

def bounded():
    reset()
    for i in range(12):
        write("b/%d.lig" % i, "{ a = \"%s\" }\n" % ("x" * 20000))
        execute("eval", "--cache-dir", "c", "--cache-size", "100K",
                "b/%d.lig" % i)
        total = sum(os.path.getsize(p) for p in entries())
        want(total <= 100 << 10, "too much", total)
    run = execute("eval", "--cache-dir", "c", "--cache-size", "100K",
                  "--report", "r.json", "b/11.lig")
    want(Report().replayed(), "the last one is kept")
    execute("eval", "--cache-dir", "c", "--cache-size", "100K", "--report",
            "r.json", "b/0.lig")
    want(not Report().replayed() and Report().disk["evictions"] > 0,
         "the first one is not", Report().disk)
    write("b/big.lig", "{ a = \"%s\" }\n" % ("x" * 70000))
    run = execute("eval", "--cache-dir", "c", "--cache-size", "100K",
                  "--stats", "b/big.lig")
    want(run.returncode == 0 and b"too large" in run.stderr, run.stderr)
    shutil.rmtree("b")


def folders():
    """XDG_CACHE_HOME, else HOME; neither: no cache."""
    fresh()
    os.makedirs("home", exist_ok=True)
    home = os.path.abspath("home")
    for env, place in (({"HOME": home}, home + "/.cache/ligature"),
                       ({"HOME": home, "XDG_CACHE_HOME": home + "/x/y"},
                        home + "/x/y/ligature"),
                       ({"HOME": home, "XDG_CACHE_HOME": "relative"},
                        home + "/.cache/ligature")):
        shutil.rmtree(home)
        os.mkdir(home)
        for expected in False, True:
            execute("eval", "--disk-cache", "always", "--report", "r.json",
                    "m/root.lig", env=env)
            want(Report().replayed() == expected, env, expected)
        want(entries(place, "run"), place)
        mode = os.stat(place).st_mode & 0o777
        want(mode == 0o700, oct(mode))
    env = {k: v for k, v in ENV.items() if k != "HOME"}
    run = subprocess.run([LIGATURE, "eval", "--disk-cache", "always",
                          "--report", "r.json", "m/root.lig"], env=env,
                         capture_output=True)
    want(run.returncode == 0 and Report().disk["misses"] == 0, "no home")
    run = subprocess.run([LIGATURE, "cache", "stats"], env=env,
                         capture_output=True)
    want(run.returncode == 2 and b"--cache-dir" in run.stderr, run)
    shutil.rmtree(home)
    os.mkdir(home)
    start = time.time()
    execute("eval", "--report", "r.json", "m/root.lig", env={"HOME": home})
    if time.time() - start < 0.05:  # else a busy machine, or a sanitizer
        want(os.listdir(home) == [], "a small run leaves nothing behind")
    shutil.rmtree(home)
    os.mkdir(home)
    # Each step needs the one before, so no number of workers makes it short.
    write("m/long.lig", "fold (\\a b -> (a + b * b) % 1000003) 0 "
          "(range 0 64000000)\n")
    for expected in False, True:
        execute("eval", "--report", "r.json", "m/long.lig", env={"HOME": home})
        want(Report().replayed() == expected, "a long one", expected)
    # Nothing is said of a cache that nobody has asked for.
    write("plain", "")
    run = execute("eval", "m/long.lig", env={"HOME": os.path.abspath("plain")})
    want(run.returncode == 0 and run.stderr == b"", run.stderr)
    shutil.rmtree(home)


def verb():
    fresh()

    def cache(*args, code=0):
        run = execute("cache", *args, "--cache-dir", "c")
        want(run.returncode == code, args, run)
        return run
    want(b"0 entries" in cache("stats").stdout, "nothing yet")
    same("m/root.lig")
    stats = json.loads(cache("stats", "-f", "json").stdout)
    want(stats["kinds"]["runs"]["entries"] == 1 and
         stats["bytes"] == sum(os.path.getsize(p) for p in entries()) and
         stats["version"] == 1, stats)
    want(json.loads(cache("verify", "-f", "json").stdout)["broken"] == 0, "ok")
    path = entries(kind="run")[0]
    with open(path, "r+b") as f:
        f.seek(100)
        f.write(b"\xff")
    want(json.loads(cache("verify", "-f", "json").stdout)["broken"] == 1, "no")
    want(not os.path.exists(path), "verify removes what is broken")
    same("m/root.lig")
    write("c/mine.txt", "mine\n")
    put("c/tmp-%032x" % 1, b"left behind")
    cache("clear")
    want(os.listdir("c") == ["mine.txt"], os.listdir("c"))
    want(json.loads(cache("stats", "--format", "json").stdout)["entries"] == 0,
         "empty")
    for bad in [], ["frob"], ["stats", "clear"], ["stats", "--nope"]:
        run = execute("cache", *bad)
        want(run.returncode == 2 and run.stderr and not run.stdout, bad, run)
    run = execute("cache", "stats", "--cache-dir", "m/root.lig")
    want(run.returncode == 3 and run.stderr, run)
    with open("/dev/full", "wb") as full:
        run = subprocess.run([LIGATURE, "cache", "stats", "--cache-dir", "c"],
                             stdout=full, stderr=subprocess.PIPE, env=ENV)
        want(run.returncode == 3, run)


def bad_options():
    for args in (["--disk-cache", "no"], ["--disk-cache"], ["--cache-size",
                 "0"], ["--cache-size", "x"], ["--cache-dir"]):
        run = execute("eval", *args, "m/root.lig")
        want(run.returncode == 2 and run.stdout == b"", args, run)
    run = execute("eval", "m/root.lig", env={"LIGATURE_DISK_CACHE": "maybe"})
    want(run.returncode == 2 and b"LIGATURE_DISK_CACHE" in run.stderr, run)


TESTS = [one_leaf, costly, changed_everywhere, values, doubts, inputs,
         second_run, options_are_in_the_key, output_file, source_map, no_cache,
         untrusted,
         changed_files, racy, names, project_file, complaints, damage, swapped,
         in_its_place, unusable_folders, limits, full_device, killed, together,
         other_build, planted, bounded, folders, verb, bad_options]


def main():
    chosen = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        number = 0
        for test in TESTS:
            name = test.__name__.replace("_", " ")
            if chosen and test.__name__ not in chosen:
                continue
            number += 1
            try:
                skipped = test()
                print("ok %d - %s%s" % (number, name,
                                        " # SKIP " + skipped if skipped
                                        else ""))
            except (Failed, OSError, subprocess.SubprocessError, ValueError,
                    KeyError, IndexError):
                print("not ok %d - %s" % (number, name))
                for line in traceback.format_exc().splitlines()[-6:]:
                    print("# " + line[:2000])
            sys.stdout.flush()
        print("1..%d" % number)
        os.chdir("/")


main()
