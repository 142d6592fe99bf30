"""Makes docs/performance.md and its chart from what bench.py measured."""
import math
import os
import platform
import subprocess

import caches
import costs
import growth
import peers
import scaling

INTRO = """# Performance

Made by `make bench` (`BENCH_ARGS="--large --runs 7"`, then `make
performance`): do not edit. All times are of whole processes, cold, type
checking included, caches on disk off; medians, with least and most in
brackets; the runs of the tools alternate, in another order each time, so that a
noisy machine hurts all alike. Compare ratios, not milliseconds. (Most of the
noise is memory: a virtual machine may give its host back what lies free for
some seconds, and to have two megabytes of that again takes 5 ms here instead
of .2. Who needs less of it is hurt less, and Ligature does with small pages,
of which there mostly are some, once a large one was slow.)

Machine: %s. Runs of each: %s.

"""
PEERS = """## One worker, against the peers

The last columns are Ligature's time as a part of the fastest peer's and its
peak memory as a part of the leanest peer's, with the goal; what misses it is
bold. A peer that cannot be installed here is compared through one that can
("through nix"): both columns of `shared/bench/PEERS.md` stand to each other
as there. `fib` is a tree-recursive function of scalars, which the expression
cache memoises; "fib, not cached" is the plain machine. "(other shape)": the
program yields the same data in another JSON shape. The chart is
![times relative to Ligature](performance.svg)

"""
SCALING = """
## More workers

Work and span are what the program reports itself (`--report`), in processor
time, of bindings by the clock: the span is the longest chain of steps of which
each needs the one before, with loops split as often as they may be. By Brent's
bound (1974), p workers need at most work / p + span; beside it stands what that
makes of 16 and of 64 workers, for all from the first file that is read to the
last byte that is written. In brackets stands work / span of the evaluation
alone. The goal at 2 workers is 1.8 times the speed of one, 1.9 in the
evaluation alone (in brackets), and with 8 workers on 2 cores at most 1.05 of
the time with 2. What misses its goal is bold. Values of many modules are made
while others are still checked: there is no evaluation alone (–).

The last two columns are of the machine, before and after the row was measured:
what a cache line took from one core to another, and how much more memory two
cores changed than one in the same time. The host of a virtual machine may move
its cores, and others use the same memory; the farther the cores are from each
other, and the less memory two of them change, the less two workers gain: most
where there is much text or data (flat, loop).

"""
COSTS = """
## Single costs

"""
GROWTH = """
## Growth

CPU milliseconds over start-up, at 1, 2, 4 and 8 times the size (least of the
runs); the exponent is fitted over the logarithms. 1 is linear; what is sorted
is n log n, which shows as about 1.1, and so does linear work over more memory
than the processor's caches hold.

"""
CACHES = """
## Caches

Programs with the caches and without (`--no-cache`), one worker. Hits and what
a look-up takes are those that `--report` tells; a cache that is not asked
costs nothing. (The type cache stands before the modules that are kept on disk,
where that pays.) The policy of eviction, S3-FIFO (Yang et al. 2023), was chosen
among FIFO, LRU, CLOCK and SIEVE by the ratios of misses that stand in
`shared/RUNTIME.md`.

"""


def machine():
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True,
                            cwd=peers.ROOT).stdout.strip()
    return "%s, %d cores, Linux %s, commit %s" % (
        model, len(os.sched_getaffinity(0)), platform.release(), commit)


def svg(results):
    """Bars per workload, times relative to Ligature's, logarithmic."""
    colours = {"ligature": "#2563eb", "nix": "#f59e0b", "jsonnet": "#10b981",
               "pkl": "#ef4444"}
    y, parts = 24, []
    for work, result in results.items():
        base = result["tools"]["ligature"]["median"]
        parts.append('<text x="8" y="%d" font-weight="bold">%s</text>'
                     % (y, work))
        for tool, row in result["tools"].items():
            y += 16
            ratio = row["median"] / base
            width = max(2, 90 * math.log10(max(ratio, 0.1) * 10))
            parts.append(
                '<text x="16" y="%d">%s</text><rect x="110" y="%d" '
                'width="%.0f" height="12" fill="%s"/>'
                '<text x="%.0f" y="%d">%.2f×</text>'
                % (y, tool, y - 10, width, colours.get(tool, "#6b7280"),
                   116 + width, y, ratio))
        y += 26
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="%d" '
            'font-family="sans-serif" font-size="12">\n'
            '<rect width="640" height="%d" fill="white"/>\n%s\n</svg>\n'
            % (y, y, "\n".join(parts)))


def write(results, path):
    runs = {row["runs"] for result in results.get("peers", {}).values()
            for row in result["tools"].values()}
    text = INTRO % (results["machine"],
                    " to ".join(str(n) for n in sorted({min(runs), max(runs)}))
                    if runs else "as asked")
    if "peers" in results:
        text += PEERS + peers.markdown(results["peers"])
        chart = os.path.join(os.path.dirname(path), "performance.svg")
        with open(chart, "w") as file:
            file.write(svg(results["peers"]))
    if "scaling" in results:
        text += SCALING + scaling.markdown(results["scaling"])
    if "costs" in results:
        text += COSTS + costs.markdown(results["costs"])
    if "caches" in results:
        text += CACHES + caches.markdown(results["caches"])
    if "growth" in results:
        text += GROWTH + growth.markdown(results["growth"])
    with open(path, "w") as file:
        file.write(text)
