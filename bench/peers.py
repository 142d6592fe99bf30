"""Ligature and its peers on the same programs, on one core.

The programs come from fixtures/perf/gen.py for Ligature and from
../shared/bench/gen.py for the peers. What cannot be installed here is
compared through ../shared/bench/PEERS.md: the fastest peer of a row there
stands to the one measured here as their two columns stand to each other.
"""
import json
import os
import re
import shutil
import subprocess
import sys

from measure import alternate, summary

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OWN_GEN = os.path.join(ROOT, "fixtures", "perf", "gen.py")
SHARED = os.path.join(ROOT, "..", "shared", "bench")
PEER_GEN = os.path.join(SHARED, "gen.py")

# At most this part of the leanest peer's memory (the goal).
MEMORY_GOAL = 1 / 2
# name, generator's arguments, is large, at most this part of the fastest
# peer's time (the goal)
WORK = [
    ("start-up", None, False, 0.8),
    ("flat 10k", ("flat", "10000"), False, 1 / 3),
    ("flat 100k", ("flat", "100000"), True, 1 / 3),
    ("loop 10k", ("loop", "10000"), False, 1 / 4),
    ("loop 100k", ("loop", "100000"), True, 1 / 4),
    ("modules 1k", ("modules", "1000"), False, 1 / 3),
    ("modules 5k", ("modules", "5000"), True, 1 / 3),
    ("fib 27", ("cpu", "fib"), False, 1 / 2),
    ("fold 10⁶", ("cpu", "fold"), False, 1 / 4),
    ("concat 10⁵", ("cpu", "concat"), False, 1 / 2),
    ("sort 10⁵", ("cpu", "sort"), False, 1 / 2),
    ("merge 2,000", ("cpu", "merge"), False, 1 / 2),
]

# language of gen.py, ending, command, column of PEERS.md
PEERS = {
    "jsonnet": ("jsonnet", ".jsonnet", ["jsonnet", "-s", "100000"],
                "jsonnet 0.22 (C++)"),
    "jrsonnet": ("jsonnet", ".jsonnet", ["jrsonnet", "-s", "100000"],
                 "jrsonnet 0.5-pre97"),
    "nix": ("nix", ".nix",
            ["nix-instantiate", "--eval", "--strict", "--json"], "nix 2.34"),
    "pkl": ("pkl", ".pkl", ["pkl", "eval", "-f", "json"], "Pkl 0.30 native"),
    "nickel": ("nickel", ".ncl", ["nickel", "export"], "Nickel 1.15"),
    "cue": ("cue", ".cue", ["cue", "export"], "CUE 0.18-alpha"),
    "dhall": ("dhall", ".dhall", ["dhall-to-json", "--file"],
              "dhall-to-json 1.7"),
}
ONE = {"jsonnet": "1 + 1\n", "nix": "1 + 1\n", "pkl": "r = 1 + 1\n",
       "nickel": "1 + 1\n", "cue": "r: 1 + 1\n", "dhall": "1 + 1\n"}


def prepare(folder, name, args, language, ending):
    """The program's file for one tool, or None where it cannot be said."""
    stem = os.path.join(folder, re.sub(r"[ ,]", "_", name))
    if args is None:
        path = stem + ending
        with open(path, "w") as file:
            file.write("1 + 1\n" if language is None else ONE[language])
        return path
    kind, size = args
    if kind == "modules":
        path = stem + "-" + (language or "lig")
    else:
        path = stem + ending
    script = OWN_GEN if language is None else PEER_GEN
    command = [sys.executable, script, kind]
    command += ([language] if language else []) + [size, path]
    if subprocess.run(command, capture_output=True).returncode != 0:
        return None
    return os.path.join(path, "root" + ending) if kind == "modules" else path


def same_json(a, b):
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


def published():
    """PEERS.md as {row: {peer: (seconds, MiB or None)}}."""
    path = os.path.join(SHARED, "PEERS.md")
    table = {}
    if not os.path.exists(path):
        return table
    with open(path) as file:
        lines = [line.strip().split("|")[1:-1] for line in file
                 if line.startswith("|")]
    head = [cell.strip() for cell in lines[0]][1:]
    for line in lines[2:]:
        cells = [cell.strip().replace("*", "") for cell in line]
        for row, cell in zip(head, cells[1:]):
            found = re.match(r"([\d.]+)(?: / ([\d.,]+))?$", cell)
            if not found:
                continue
            seconds = float(found.group(1))
            if row.startswith("start-up"):
                row, seconds = "start-up", seconds / 1e3
            memory = found.group(2)
            table.setdefault(row, {})[cells[0]] = (
                seconds, memory and float(memory.replace(",", "")))
    return table


def least(work, rows, table, measure, column):
    """The peer that takes least on this machine: measured, or implied by the
    published columns. Returns what, who and how it is known, or None."""
    known = {name: values[column]
             for name, values in table.get(work, {}).items()
             if values[column] is not None}
    measured = {name: row[measure] for name, row in rows.items()
                if name in PEERS}
    best = min(measured.items(), key=lambda item: item[1], default=None)
    result = best and {"peer": best[0], "value": best[1], "how": "measured"}
    if known:
        name, value = min(known.items(), key=lambda item: item[1])
        if name not in [PEERS[peer][3] for peer in measured]:
            for peer in ("nix", "jsonnet", "pkl"):
                there = known.get(PEERS[peer][3])
                if peer in measured and there:
                    implied = measured[peer] * value / there
                    if result is None or implied < result["value"]:
                        result = {"peer": name, "value": implied,
                                  "how": "through " + peer}
                    break
    return result


def row_result(work, rows, table, goal):
    return {"tools": rows, "goal": goal,
            "fastest": least(work, rows, table, "median", 0),
            "leanest": least(work, rows, table, "peakMiB", 1)}


def typecheck_flat(folder, ligature, options, nix):
    """Checking alone, against Nickel through nix's figures for flat 10k."""
    own = prepare(folder, "flat 10k", ("flat", "10000"), None, ".lig")
    samples = alternate({"ligature": ligature + ["typecheck", "--no-cache",
                                                 "--sequential", own]},
                        options.runs)
    rows = {"ligature": dict(summary(samples["ligature"]), sameResult=True)}
    return {"tools": rows, "goal": 1 / 10,
            "fastest": nix and {"peer": "Nickel 1.15", "how": "through nix",
                                "value": nix["median"] * 0.294 / 0.135},
            "leanest": nix and {"peer": "Nickel 1.15", "how": "through nix",
                                "value": nix["peakMiB"] * 84 / 62}}


def json_data(folder, ligature, options):
    """40 MB of JSON against a type; Python only reads it."""
    data = os.path.join(folder, "flat.json")
    flat = prepare(folder, "flat 100k", ("flat", "100000"), None, ".lig")
    subprocess.run(ligature + ["eval", flat, "--no-cache", "-o", data],
                   check=True)
    program = os.path.join(folder, "reads.lig")
    with open(program, "w") as file:
        file.write("""type Service = { name: String, replicas: Integer,
  env: List String, resources: { cpu: Integer, memory: String },
  endpoint: String, weight: Integer };
import "./flat.json" as data: { services: List Service };
{ count = length data.services }
""")
    samples = alternate({
        "ligature": ligature + ["eval", "--no-cache", "--sequential", program],
        "python": [sys.executable, "-c",
                   "import json; print(len(json.load(open('%s'))))" % data],
    }, options.runs)
    rows = {name: dict(summary(got), sameResult=True)
            for name, got in samples.items()}
    python = {"peer": "python", "how": "measured"}
    return {"tools": rows, "goal": 1 / 2,
            "fastest": dict(python, value=rows["python"]["median"]),
            "leanest": dict(python, value=rows["python"]["peakMiB"])}


def uncached_fib(folder, ligature, options, fib):
    own = prepare(folder, "fib 27", ("cpu", "fib"), None, ".lig")
    samples = alternate({"ligature": ligature + [
        "eval", "--no-cache", "--sequential", own]}, options.runs)
    rows = {"ligature": dict(summary(samples["ligature"]), sameResult=True)}
    return {"tools": rows, "goal": 1 / 2, "fastest": fib["fastest"],
            "leanest": fib["leanest"]}


def measure(folder, ligature, options):
    tools = {}
    if os.path.exists(PEER_GEN):
        tools = {name: peer for name, peer in PEERS.items()
                 if shutil.which(peer[2][0])}
    else:
        print("no ../shared/bench/gen.py: peers are left out")
    table, results = published(), {}
    for work, args, large, goal in WORK:
        if options.only not in work or (large and not options.large):
            continue
        own = prepare(folder, work, args, None, ".lig")
        commands = {"ligature": ligature + ["eval", "--compact", "--sequential",
                                            own]}
        for name, (language, ending, command, _) in tools.items():
            path = prepare(folder, work, args, language, ending)
            if path:
                commands[name] = command + [path]
        samples = alternate(commands, options.runs, options.timeout)
        if "ligature" not in samples:
            sys.exit("ligature failed on " + work)
        rows = {name: summary(got) for name, got in samples.items()}
        base = samples["ligature"].output
        for name, got in samples.items():
            rows[name]["sameResult"] = args is None or same_json(
                base, got.output)
        results[work] = row_result(work, rows, table, goal)
        print(row_of(work, results[work]), flush=True)
    for work, row in extra_rows(folder, ligature, options, results):
        results[work] = row
        print(row_of(work, row), flush=True)
    return results


def extra_rows(folder, ligature, options, results):
    def wanted(work):
        return options.only in work
    if wanted("fib, not cached") and "fib 27" in results:
        yield "fib, not cached", uncached_fib(folder, ligature, options,
                                              results["fib 27"])
    if wanted("typecheck flat 10k"):
        flat = results.get("flat 10k", {"tools": {}})["tools"].get("nix")
        yield "typecheck flat 10k", typecheck_flat(
            folder, ligature, options, flat)
    if wanted("JSON 40 MB") and options.large:
        yield "JSON 40 MB", json_data(folder, ligature, options)


def row_of(work, result):
    own = result["tools"]["ligature"]
    others = ", ".join(
        "%s %.1f ms / %.0f MiB%s" % (
            name, row["median"] * 1e3, row["peakMiB"],
            "" if row["sameResult"] else " (other shape)")
        for name, row in result["tools"].items() if name != "ligature")
    return "| %s | %.1f ms (%.1f–%.1f) / %.1f MiB | %s | %s | %s |" % (
        work, own["median"] * 1e3, own["min"] * 1e3, own["max"] * 1e3,
        own["peakMiB"], others,
        part_of(own["median"], result["fastest"], result["goal"]),
        part_of(own["peakMiB"], result["leanest"], MEMORY_GOAL))


def part_of(own, best, goal):
    if not best:
        return ""
    part = own / best["value"]
    return "%s%.2f%s of %s, %s (goal %.2f)" % (
        "**" if part > goal else "", part, "**" if part > goal else "",
        best["peer"], best["how"], goal)


def markdown(results):
    return "\n".join(
        ["| work | Ligature, one worker (min–max) / peak | peers | time, "
         "of the fastest peer's | memory, of the leanest peer's |",
         "|---|---|---|---|---|"]
        + [row_of(work, result) for work, result in results.items()]) + "\n"
