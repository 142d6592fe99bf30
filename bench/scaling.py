"""Whole processes on more workers, and what --parallel costs small programs.

Each workload runs with --sequential and with several numbers of workers,
alternating; the times are of the whole process, the evaluation's share and
work and span are those that the program reports itself: those of the whole on
two workers, as one alone reads and checks files in one piece. Before and after
each row is measured what a cache line takes from one core to another, and how
much more memory two cores change than one in the same time: hosts move the
cores of a machine and lend its memory to others, and what two workers lose
depends on both. With the parallelism P = work / span, Brent's bound says that p
workers need at most work / p + span.
"""
import json
import os
import subprocess
import sys
import tempfile

from measure import alternate, summary
from peers import OWN_GEN

NUMBERS = {
    # many medium-sized pieces of integer work
    "collatz": """
let rec steps (n: Integer) (count: Integer): Integer =
  if n == 1 then count
  else steps (if n % 2 == 0 then n / 2 else 3 * n + 1) (count + 1);
{ longest = fold max 0 [steps n 0 for n in range 1 60000] }
""",
    # a few large ones, of different sizes
    "fibs": """
let rec fib (n: Integer): Integer =
  if n < 2 then n else fib (n - 1) + fib (n - 2);
{ r = [fib (18 + i % 7) for i in range 0 400] }
""",
}
GENERATED = [("flat 100k", ("flat", "100000")), ("loop 100k", ("loop", "100000")),
             ("modules 5k", ("modules", "5000")),
             ("bindings 100k", ("bindings", "100000"))]
SMALL = [("1 + 1", "1 + 1\n"),
         ("ten bindings", "".join("let a%d = %d;\n" % (i, i)
                                  for i in range(10)) + "{ a = a1 + a9 }\n"),
         ("100 records", None)]
# Their values are made while other modules are still checked.
OVERLAPPED = ("modules 5k",)
COMMON = ["eval", "--no-cache", "--totality", "unchecked",
          "--max-steps", "4000000000", "-o", "/dev/null"]


def programs(folder):
    for name, (kind, size) in GENERATED:
        path = os.path.join(folder, "scale-" + kind)
        path += "" if kind == "modules" else ".lig"
        subprocess.run([sys.executable, OWN_GEN, kind, size, path], check=True)
        yield name, os.path.join(path, "root.lig") if kind == "modules" \
            else path
    for name, text in NUMBERS.items():
        path = os.path.join(folder, "scale-" + name + ".lig")
        with open(path, "w") as file:
            file.write(text)
        yield name, path


def report(command):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(command + ["--report", out.name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(open(out.name))


def phases(command, runs):
    """The least milliseconds of each phase over the runs; work and span, of the
    evaluation and of the whole, of the runs with the least span."""
    least, reports = {}, []
    for _ in range(runs):
        run = report(command)
        for phase in run["phases"]:
            ms = least.get(phase["name"], phase["ms"])
            least[phase["name"]] = min(ms, phase["ms"])
        reports.append(run)

    def shortest(of):
        return min(of, key=lambda figures: figures["spanMs"])
    return {"phases": least,
            "evaluation": {key: shortest(reports)[key]
                           for key in ("workMs", "spanMs")},
            "whole": shortest([run["whole"] for run in reports])}


def machine(ligature):
    """Nanoseconds of a cache line from core to core, and how much more memory
    two cores change than one; or None."""
    program = os.path.join(os.path.dirname(ligature[0]), "micro_pool")
    if len(os.sched_getaffinity(0)) < 2 or not os.path.exists(program):
        return None
    line, memory = subprocess.run([program, "machine"], check=True, text=True,
                                  capture_output=True).stdout.split()
    return {"lineNs": int(line), "memory": float(memory)}


def measure(folder, ligature, options):
    cores = len(os.sched_getaffinity(0))
    workers = [w for w in (1, 2, 4, 8, 16, 32) if w <= max(cores, 8)]
    results = {"cores": cores, "large": {}, "small": {}}
    for name, path in programs(folder):
        if options.only not in name:
            continue
        commands = {w: ligature + COMMON + (
            ["--sequential"] if w == 1 else ["--workers", str(w)]) + [path]
            for w in workers}
        machines = [machine(ligature)]
        samples = alternate(commands, options.runs, options.timeout)
        machines.append(machine(ligature))
        rows = {}
        for w in samples:
            rows[w] = summary(samples[w])
            rows[w].update(phases(commands[w], options.runs), machine=machines)
        results["large"][name] = rows
        print(row_of(name, rows), flush=True)
    for name, text in SMALL:
        path = os.path.join(folder, "small.lig")
        if text is None:
            subprocess.run([sys.executable, OWN_GEN, "flat", "100", path],
                           check=True)
        else:
            open(path, "w").write(text)
        commands = {label: ligature + COMMON + flags + [path]
                    for label, flags in (("sequential", ["--sequential"]),
                                         ("automatic", []),
                                         ("8 workers", ["--workers", "8"]))}
        if options.only and options.only not in name:
            continue
        samples = alternate(commands, 5 * options.runs, options.timeout)
        results["small"][name] = {label: summary(samples[label])
                                  for label in samples}
        print(small_row(name, results["small"][name]), flush=True)
    return results


def bold(text, is_bold):
    return "**%s**" % text if is_bold else text


def speed_up(name, rows, workers):
    whole = rows[1]["median"] / rows[workers]["median"]
    alone = rows[1]["phases"]["evaluate"] / max(
        rows[workers]["phases"]["evaluate"], 1e-3)
    is_goal = workers == 2
    return "%s (%s)" % (
        bold("%.2f×" % whole, is_goal and whole < 1.8),
        "–" if name in OVERLAPPED else
        bold("%.2f×" % alone, is_goal and alone < 1.9))


def bound(figures, workers):
    """What many workers gain at least, if they cost nothing."""
    work, span = figures["workMs"], figures["spanMs"]
    return work / max(work / workers + span, 1e-3)


def parallelism(figures):
    return figures["workMs"] / max(figures["spanMs"], 1e-3)


def machine_cells(row):
    """What was measured before and after, of the line and of the memory."""
    found = [machine for machine in row["machine"] if machine is not None]
    if not found:
        return "– | –"
    cells = []
    for key, form, unit in (("lineNs", "%d", " ns"), ("memory", "%.1f", "×")):
        values = sorted({form % machine[key] for machine in found}, key=float)
        cells.append(" to ".join(values) + unit)
    return " | ".join(cells)


def row_of(name, rows):
    rows = {int(workers): row for workers, row in rows.items()}
    cells = ["%.0f ms" % (rows[1]["median"] * 1e3)]
    cells += [speed_up(name, rows, w) for w in rows if w != 1]
    if 2 in rows and 8 in rows:
        more = rows[8]["median"] / rows[2]["median"]
        cells.append(bold("%.2f" % more, more > 1.05))
    one, two = rows[1], rows[2]
    return "| %s | %s | %.0f (%.0f) | %s | %s |" % (
        name, " | ".join(cells), parallelism(two["whole"]),
        parallelism(one["evaluation"]),
        " and ".join("%.0f×" % bound(two["whole"], p) for p in (16, 64)),
        machine_cells(one))


def small_row(name, rows):
    return "| %s | %s |" % (name, " | ".join(
        "%.2f ms" % (rows[label]["median"] * 1e3)
        for label in ("sequential", "automatic", "8 workers")))


def markdown(results):
    first = next(iter(results["large"].values()))
    workers = [int(w) for w in first if int(w) != 1]
    ratio = ["8 of 2"] if {2, 8} <= set(workers) else []
    lines = ["%d cores. Speed-up over one worker of the whole process, in "
             "brackets of the evaluation alone." % results["cores"], "",
             "| work | one worker | " + " | ".join(
                 ["%d workers" % w for w in workers] + ratio)
             + " | work / span | bound for 16 and 64 | a cache line | memory |",
             "|---" * (len(workers) + len(ratio) + 6) + "|"]
    lines += [row_of(name, rows) for name, rows in results["large"].items()]
    lines += ["", "What `--parallel` costs small programs:", "",
              "| program | sequential | automatic | 8 workers |",
              "|---|---|---|---|"]
    lines += [small_row(name, rows) for name, rows in results["small"].items()]
    return "\n".join(lines) + "\n"
