"""Runs whole processes and measures them: what all benchmarks share."""
import collections
import os
import random
import signal
import statistics
import subprocess
import tempfile
import time

# What is measured is the work, not that an earlier run has done it.
os.environ["LIGATURE_DISK_CACHE"] = "never"

Sample = collections.namedtuple("Sample", "seconds cpu")
Run = collections.namedtuple("Run", "samples peak output")


def once(command, out, timeout):
    """Wall and CPU seconds of one process; None when it fails.

    Spawned and waited for directly, with a timer of the kernel's: a thread
    for the timeout, or a look now and then, would be what is measured."""
    null = os.open(os.devnull, os.O_RDWR)
    pid = 0

    def kill(*_):
        os.kill(pid, signal.SIGKILL)
    signal.signal(signal.SIGALRM, kill)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1),
        (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.close(null)
    if status != 0:
        return None
    return Sample(seconds, usage.ru_utime + usage.ru_stime)


def peak_and_output(command, timeout):
    """Peak MiB and output of a run; None when it fails.

    GNU time starts the process, so that the peak is not that of this script
    (Linux counts the memory before exec)."""
    with tempfile.NamedTemporaryFile() as usage:
        # A session of its own, so that what `time` has started ends with it.
        process = subprocess.Popen(
            ["time", "-f", "%M", "-o", usage.name] + command,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        if process.returncode != 0:
            return None
        with open(usage.name) as file:
            return float(file.read().split()[-1]) / 1024, output


def alternate(commands, runs, timeout=120):
    """Runs by name. Those of the commands alternate, so that a noisy machine
    hurts all alike, in another order each time: who comes after a run that left
    a core asleep, or the caches to others, has to pay for it. A command that
    fails is left out."""
    first = {name: peak_and_output(command, timeout)
             for name, command in commands.items()}
    samples = {name: [] for name in commands if first[name]}
    orders = random.Random(1)
    with tempfile.TemporaryFile() as out:
        for _ in range(runs):
            for name in orders.sample(list(samples), len(samples)):
                out.seek(0)
                out.truncate()
                sample = once(commands[name], out.fileno(), timeout)
                if sample is None:
                    del samples[name]
                else:
                    samples[name].append(sample)
    return {name: Run(got, *first[name]) for name, got in samples.items()}


def summary(run):
    seconds = [sample.seconds for sample in run.samples]
    return {
        "median": statistics.median(seconds),
        "min": min(seconds),
        "max": max(seconds),
        "cpu": statistics.median(sample.cpu for sample in run.samples),
        "peakMiB": run.peak,
        "runs": len(seconds),
    }
