"""A watch, for run.py: what it reads changes, goes and comes back, a step at a
time once the run before has ended; at last it is told to end. It may end
earlier, by a fault."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

FILES = {
    "seen.lig": 'import "./lib/part" as part;\n\npart.v\n',
    "lib/part.lig": "export let v = 1;\n",
}
PATIENCE = 60
RUN_ENDED = re.compile(rb"^watch: .* in \d+ ms, watching", re.M)


def put(folder, name, text):
    """As editors do."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + "~", "w") as file:
        file.write(text)
    os.rename(path + "~", path)


def part(value):
    return lambda folder: put(folder, "lib/part.lig",
                              "export let v = %d;\n" % value)


STEPS = [
    part(2),
    lambda folder: os.remove(os.path.join(folder, "lib", "part.lig")),
    part(3),
    lambda folder: shutil.rmtree(os.path.join(folder, "lib")),
    part(4),
]


def content(file):
    """Who writes it goes on where it has been."""
    return os.pread(file.fileno(), 1 << 20, 0)


def runs_ended(log):
    return len(RUN_ENDED.findall(content(log)))


def wait(process, log, more_than):
    """For the end of a run; whether the watch goes on."""
    limit = time.monotonic() + PATIENCE
    while runs_ended(log) <= more_than:
        if process.poll() is not None:
            return False
        if time.monotonic() > limit:
            raise subprocess.TimeoutExpired(process.args, PATIENCE)
        time.sleep(0.005)
    return True


def follow(process, folder, log):
    goes_on = wait(process, log, 0)
    for step in STEPS:
        if goes_on:
            before = runs_ended(log)
            step(folder)
            # Where a run failed before it had read this, it cannot know that.
            put(folder, "seen.lig", FILES["seen.lig"])
            goes_on = wait(process, log, before)
    if goes_on:
        process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


def run(command, folder, env):
    """Exit code, standard output, standard error."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out,
                                   stdin=subprocess.DEVNULL, stderr=log)
        try:
            follow(process, folder, log)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return process.returncode, content(out), content(log)


def is_part_of(found, whole):
    """Whether the lines of `found` are some of those, in their order."""
    left = iter(whole.splitlines(True))
    return all(line in left for line in found.splitlines(True))
