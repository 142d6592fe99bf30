"""What the caches are worth: the same program with them and without.

Those in memory against --no-cache, the one on disk against the first run. Hits
and the time of a look-up are those that the program reports (--report).
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from measure import alternate, once, summary
from peers import OWN_GEN

FIB = """
let rec fib (n: Integer): Integer =
  if n < 2 then n else fib (n - 1) + fib (n - 2);
{ r = fib 27 }
"""
# Two arguments: the ways through a grid.
PATHS = """
let rec paths (x: Integer) (y: Integer): Integer =
  if x == 0 || y == 0 then 1 else paths (x - 1) y + paths x (y - 1);
{ r = paths 11 11 }
"""
# Never the same arguments again: what asking in vain costs.
TREE = """
let rec leaves (depth: Integer) (at: Integer): Integer =
  if depth == 0 then at % 2
  else leaves (depth - 1) (2 * at) + leaves (depth - 1) (2 * at + 1);
{ r = leaves 18 1 }
"""
SUM = "let a%d = fold (\\s x -> s + x * x %% %d) 0 (range 0 5000);\n"


def bindings(count, different):
    text = "".join(SUM % (i, 7 + i * different) for i in range(count))
    return text + "[%s]\n" % ", ".join("a%d" % i for i in range(count))


# name, program, which cache
MEMORY = [
    ("fib 27", FIB, "expression"),
    ("ways through a grid", PATHS, "expression"),
    ("no call twice", TREE, "expression"),
    ("200 equal bindings", bindings(200, 0), "value"),
    ("200 different bindings", bindings(200, 1), "value"),
]
DISK = [("never", "without it"), ("first", "first run"),
        ("again", "nothing changed"), ("changed", "one module changed")]
ARGUMENTS = ["--totality", "unchecked", "--max-steps", "4000000000",
             "--workers", "1"]


def cache_of(command, kind):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(command + ["--report", out.name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(open(out.name))["caches"][kind]


def in_memory(folder, ligature, options):
    rows = {}
    for number, (name, text, kind) in enumerate(MEMORY):
        path = os.path.join(folder, "cache%d.lig" % number)
        with open(path, "w") as file:
            file.write(text)
        command = ligature + ["eval"] + ARGUMENTS + [path]
        samples = alternate({"with": command, "without": command +
                             ["--no-cache"]}, options.runs, options.timeout)
        rows[name] = {label: summary(samples[label]) for label in samples}
        rows[name].update(cache=kind, stats=cache_of(command, kind))
        print(memory_row(name, rows[name]), flush=True)
    return rows


def on_disk(folder, ligature, options):
    """Seconds of a run over 1,000 modules without the disk, of the first one
    with it, of one without a change and of one after a module has changed."""
    tree = os.path.join(folder, "tree")
    subprocess.run([sys.executable, OWN_GEN, "modules", "1000", tree],
                   check=True)
    changed = os.path.join(tree, "l000_000.lig")
    with open(changed) as file:
        text = file.read()
    store = os.path.join(folder, "store")
    never = ligature + ["eval", "--workers", "1", "--disk-cache", "never",
                        os.path.join(tree, "root.lig")]
    kept = ligature + ["eval", "--workers", "1", "--disk-cache", "auto",
                       "--cache-dir", store, os.path.join(tree, "root.lig")]
    times = {label: [] for label, _ in DISK}
    with tempfile.TemporaryFile() as out:
        def run(label, command):
            out.seek(0)
            out.truncate()
            times[label].append(
                once(command, out.fileno(), options.timeout).seconds)

        for number in range(options.runs):
            run("never", never)
            shutil.rmtree(store, ignore_errors=True)
            run("first", kept)
            run("again", kept)
            with open(changed, "w") as file:
                file.write("// %d\n%s" % (number, text))
            run("changed", kept)
    rows = {label: statistics.median(got) for label, got in times.items()}
    print(disk_row(rows), flush=True)
    return rows


def measure(folder, ligature, options):
    return {"memory": in_memory(folder, ligature, options),
            "disk": on_disk(folder, ligature, options)}


def memory_row(name, row):
    stats = row["stats"]
    lookups = stats["hits"] + stats["misses"]
    before, after = row["without"]["median"], row["with"]["median"]
    return "| %s | %s | %.1f ms | %.1f ms | %.2f | %s | %s |" % (
        name, row["cache"], before * 1e3, after * 1e3, after / before,
        "%d of %d" % (stats["hits"], lookups) if lookups else "not asked",
        "%.0f ns" % stats["lookupNs"] if stats["lookupNs"] else "–")


def disk_row(rows):
    return "| %s |" % " | ".join("%.1f ms" % (rows[label] * 1e3)
                                 for label, _ in DISK)


def markdown(results):
    lines = ["| program | cache | without | with | with / without | hits | "
             "a look-up |", "|---|---|---|---|---|---|---|"]
    lines += [memory_row(name, row)
              for name, row in results["memory"].items()]
    lines += ["", "The cache on disk, 1,000 modules:", "",
              "| %s |" % " | ".join(title for _, title in DISK),
              "|---|---|---|---|", disk_row(results["disk"])]
    return "\n".join(lines) + "\n"
