#!/usr/bin/env python3
"""Measures Ligature against the peers that are installed.

  bench.py [--ligature PATH] [--runs N] [--out DIR] [--only TEXT] [--large]

Each workload is the same program for each tool (fixtures/perf/gen.py for
Ligature, ../shared/bench/gen.py for the peers). Runs alternate between the
tools, whole processes are timed, and the medians are compared as ratios, so
that a noisy machine hurts all alike. The results must be equal JSON.

Writes DIR/bench.json, DIR/bench.md and DIR/bench.svg.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OWN_GEN = os.path.join(ROOT, "fixtures", "perf", "gen.py")
PEER_GEN = os.path.join(ROOT, "..", "shared", "bench", "gen.py")

# name, generator arguments, file of the tree's root
WORK = [
    ("start-up", None, False),
    ("flat 10k", ("flat", "10000"), False),
    ("flat 100k", ("flat", "100000"), True),
    ("loop 10k", ("loop", "10000"), False),
    ("loop 100k", ("loop", "100000"), True),
    ("modules 1k", ("modules", "1000"), False),
    ("modules 5k", ("modules", "5000"), True),
    ("fib 27", ("cpu", "fib"), False),
    ("fold 10^6", ("cpu", "fold"), False),
    ("concat 10^5", ("cpu", "concat"), False),
    ("sort 10^5", ("cpu", "sort"), False),
    ("merge 2,000", ("cpu", "merge"), False),
]

PEERS = {
    "jsonnet": ("jsonnet", ".jsonnet", ["jsonnet", "-s", "100000"]),
    "jrsonnet": ("jsonnet", ".jsonnet", ["jrsonnet", "-s", "100000"]),
    "nix": ("nix", ".nix",
            ["nix-instantiate", "--eval", "--strict", "--json"]),
    "pkl": ("pkl", ".pkl", ["pkl", "eval", "-f", "json"]),
    "nickel": ("nickel", ".ncl", ["nickel", "export"]),
    "cue": ("cue", ".cue", ["cue", "export"]),
    "dhall": ("dhall", ".dhall", ["dhall-to-json", "--file"]),
}
ONE = {"jsonnet": "1 + 1\n", "nix": "1 + 1\n", "pkl": "r = 1 + 1\n",
       "nickel": "1 + 1\n", "cue": "r: 1 + 1\n", "dhall": "1 + 1\n"}


def generate(script, kind, size, path, language=None):
    command = [sys.executable, script, kind]
    command += ([language] if language else []) + [size, path]
    done = subprocess.run(command, capture_output=True)
    return done.returncode == 0


def prepare(folder, work, language, ending):
    """The program's file for one tool, or None where it cannot be said."""
    name, args, _ = work
    stem = os.path.join(folder, name.replace(" ", "_").replace(",", ""))
    if args is None:
        path = stem + ending
        with open(path, "w") as file:
            file.write("1 + 1\n" if language is None else ONE[language])
        return path
    kind, size = args
    script = OWN_GEN if language is None else PEER_GEN
    path = stem + ("" if kind == "modules" else ending)
    path += "-" + (language or "lig") if kind == "modules" else ""
    if not os.path.exists(path) and not generate(script, kind, size, path,
                                                 language):
        return None
    return os.path.join(path, "root" + ending) if kind == "modules" else path


def run_once(command, timeout):
    """Seconds, peak MiB and output of one process; None when it fails.

    GNU time starts the process, so that the peak is not that of this script
    (Linux counts the memory before exec)."""
    with tempfile.NamedTemporaryFile() as out, \
            tempfile.NamedTemporaryFile() as usage:
        timed = ["time", "-f", "%M", "-o", usage.name] + command
        start = time.perf_counter()
        try:
            done = subprocess.run(timed, stdout=out, stderr=subprocess.DEVNULL,
                                  timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            return None
        with open(usage.name) as file:
            peak = float(file.read().split()[-1]) / 1024
        with open(out.name, "rb") as file:
            return seconds, peak, file.read()


def same_json(a, b):
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


def measure(folder, work, tools, runs, timeout):
    times, peaks, outputs, failed = {}, {}, {}, set()
    for _ in range(runs):
        for tool, (language, ending, command) in tools.items():
            if tool in failed:
                continue
            path = prepare(folder, work, language, ending)
            result = path and run_once(command + [path], timeout)
            if not result:
                failed.add(tool)
                continue
            times.setdefault(tool, []).append(result[0])
            peaks.setdefault(tool, []).append(result[1])
            outputs[tool] = result[2]
    base = outputs.get("ligature")
    rows = {}
    for tool in times:
        rows[tool] = {
            "median": statistics.median(times[tool]),
            "min": min(times[tool]), "max": max(times[tool]),
            "peakMiB": statistics.median(peaks[tool]), "runs": len(times[tool]),
            "sameResult": work[1] is None or base is None
            or same_json(base, outputs[tool]),
        }
    return rows


def markdown(results, tools):
    names = [t for t in tools if any(t in r for r in results.values())]
    lines = ["| work | " + " | ".join(names) + " | best peer / ligature |",
             "|---" * (len(names) + 2) + "|"]
    for work, rows in results.items():
        cells = []
        for tool in names:
            row = rows.get(tool)
            cells.append("–" if row is None else "%.1f ms / %.0f MiB%s" % (
                row["median"] * 1e3, row["peakMiB"],
                "" if row["sameResult"] else " (other result)"))
        peers = [rows[t]["median"] for t in rows
                 if not t.startswith("ligature")]
        ratio = ("%.2f×" % (min(peers) / rows["ligature"]["median"])
                 if peers and "ligature" in rows else "–")
        lines.append("| %s | %s | %s |" % (work, " | ".join(cells), ratio))
    return "\n".join(lines) + "\n"


def svg(results, tools):
    """Bars per workload, relative to Ligature on one worker, log scale."""
    import math
    colours = ["#2563eb", "#60a5fa", "#f59e0b", "#10b981", "#ef4444",
               "#8b5cf6", "#6b7280", "#84cc16"]
    y, parts = 30, []
    for work, rows in results.items():
        if "ligature" not in rows:
            continue
        base = rows["ligature"]["median"]
        parts.append('<text x="8" y="%d" font-weight="bold">%s</text>'
                     % (y, work))
        for tool in tools:
            if tool not in rows:
                continue
            y += 16
            ratio = rows[tool]["median"] / base
            width = max(2, 90 * math.log10(max(ratio, 0.1) * 10))
            colour = colours[list(tools).index(tool) % len(colours)]
            parts.append(
                '<text x="8" y="%d">%s</text><rect x="110" y="%d" width="%.0f"'
                ' height="12" fill="%s"/><text x="%.0f" y="%d">%.2f×</text>'
                % (y, tool, y - 10, width, colour, 116 + width, y, ratio))
        y += 26
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="%d" '
            'font-family="sans-serif" font-size="12">\n%s\n</svg>\n'
            % (y, "\n".join(parts)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ligature",
                        default=os.path.join(ROOT, "build/release/ligature"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--out", default=os.path.join(ROOT, "build/bench"))
    parser.add_argument("--only", default="")
    parser.add_argument("--large", action="store_true",
                        help="also the workloads of 100k and 5k")
    parser.add_argument("--timeout", type=float, default=60)
    options = parser.parse_args()
    own = [options.ligature, "eval", "--compact"]
    tools = {"ligature": (None, ".lig", own + ["--sequential"]),
             "ligature -w 2": (None, ".lig", own + ["--workers", "2"])}
    if os.path.exists(PEER_GEN):
        for tool, (language, ending, command) in PEERS.items():
            if shutil.which(command[0]):
                tools[tool] = (language, ending, command)
    else:
        print("no ../shared/bench/gen.py: peers are left out")
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for work in WORK:
            if options.only not in work[0] or (work[2] and not options.large):
                continue
            results[work[0]] = measure(folder, work, tools, options.runs,
                                       options.timeout)
            print(markdown({work[0]: results[work[0]]}, tools), flush=True)
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "bench.json"), "w") as file:
        json.dump(results, file, indent=2)
    with open(os.path.join(options.out, "bench.md"), "w") as file:
        file.write(markdown(results, tools))
    with open(os.path.join(options.out, "bench.svg"), "w") as file:
        file.write(svg(results, tools))
    print("written to " + options.out)


if __name__ == "__main__":
    main()
