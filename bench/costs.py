"""What single things cost: empty tasks, fork-join, a long fold, a process.

The first two are of bench/micro_pool.c, the last is bench/micro_nothing.c;
both stand beside the program.
"""
import os
import re
import subprocess

from measure import alternate, peak_and_output, summary

FOLD = "{ r = fold (\\a x -> (a * 31 + x) % 1000003) 0 (range 0 100000000) }\n"
FOLD_RESULT = b"863789"


def pool_costs(program, runs):
    """Rows of (what, measured, goal): the least ns of some runs."""
    plain, tasks, calls = [], {}, {}
    for _ in range(runs):
        text = subprocess.run([program], check=True, capture_output=True,
                              text=True).stdout
        plain += re.findall(r"sequential fib call ([\d.]+)", text)
        for workers, task, call in re.findall(
                r"(\d+) workers: empty task ([\d.]+) .*fib call ([\d.]+)",
                text):
            tasks.setdefault(workers, []).append(float(task))
            calls.setdefault(workers, []).append(float(call))
    base = min(float(ns) for ns in plain)
    rows = []
    for workers, of in (("1", "one worker"), ("2", "two workers")):
        rows.append(["an empty task of a list, " + of,
                     "%.1f ns" % min(tasks[workers]),
                     "40 ns" if workers == "1" else ""])
        rows.append(["a call of `fib 30` as a task, over a plain one (%.1f "
                     "ns), %s" % (base, of),
                     "%.1f ns" % (min(calls[workers]) - base), "10 ns"])
    return rows


def fold_cost(folder, ligature, options):
    path = os.path.join(folder, "long-fold.lig")
    with open(path, "w") as file:
        file.write(FOLD)
    got = peak_and_output(ligature + [
        "eval", "--sequential", "--max-steps", "4000000000", path],
        options.timeout)
    if got is None or FOLD_RESULT not in got[1]:
        raise SystemExit("the fold of 10⁸ steps failed")
    return ["peak memory of a fold of 10⁸ steps", "%.1f MiB" % got[0],
            "32 MiB"]


def start_costs(folder, ligature, options):
    path = os.path.join(folder, "one.lig")
    with open(path, "w") as file:
        file.write("1 + 1\n")
    commands = {"nothing": [os.path.join(os.path.dirname(ligature[0]),
                                         "micro_nothing")],
                "1 + 1": ligature + ["eval", path]}
    if not os.path.exists(commands["nothing"][0]):
        return []
    ms = {name: summary(run)["median"] * 1e3 for name, run in
          alternate(commands, 5 * options.runs, options.timeout).items()}
    return [["a process of C that does nothing, from start to exit (`1 + 1`: "
             "%.2f ms)" % ms["1 + 1"], "%.2f ms" % ms["nothing"], ""]]


def measure(folder, ligature, options):
    rows = [fold_cost(folder, ligature, options)]
    rows += start_costs(folder, ligature, options)
    program = os.path.join(os.path.dirname(ligature[0]), "micro_pool")
    if os.path.exists(program):
        rows = pool_costs(program, options.runs) + rows
    else:
        print("no %s: what tasks cost is left out" % program)
    for row in rows:
        print("| %s |" % " | ".join(row), flush=True)
    return rows


def markdown(rows):
    return "\n".join(["| what | measured | goal, at most |", "|---|---|---|"]
                     + ["| %s |" % " | ".join(row) for row in rows]) + "\n"
