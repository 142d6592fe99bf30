"""Runs whole processes and measures them: what all benchmarks share."""
import collections
import resource
import statistics
import subprocess
import tempfile
import time

Sample = collections.namedtuple("Sample", "seconds cpu peak output")


def run_once(command, timeout=120):
    """Wall and CPU seconds, peak MiB and output of one process; None when it
    fails.

    GNU time starts the process, so that the peak is not that of this script
    (Linux counts the memory before exec)."""
    with tempfile.NamedTemporaryFile() as out, \
            tempfile.NamedTemporaryFile() as usage:
        timed = ["time", "-f", "%M", "-o", usage.name] + command
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        try:
            done = subprocess.run(timed, stdout=out, stderr=subprocess.DEVNULL,
                                  timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            return None
        with open(usage.name) as file:
            peak = float(file.read().split()[-1]) / 1024
        cpu = (after.ru_utime + after.ru_stime
               - before.ru_utime - before.ru_stime)
        with open(out.name, "rb") as file:
            return Sample(seconds, cpu, peak, file.read())


def alternate(commands, runs, timeout=120):
    """Samples by name. Runs alternate between the commands, so that a noisy
    machine hurts all alike; a command that fails is left out from then on."""
    samples = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if samples[name] is None:
                continue
            sample = run_once(command, timeout)
            if sample is None:
                samples[name] = None
            else:
                samples[name].append(sample)
    return {name: got for name, got in samples.items() if got}


def summary(samples):
    seconds = [sample.seconds for sample in samples]
    return {
        "median": statistics.median(seconds),
        "min": min(seconds),
        "max": max(seconds),
        "cpu": statistics.median(sample.cpu for sample in samples),
        "peakMiB": statistics.median(sample.peak for sample in samples),
        "runs": len(samples),
    }
