#!/usr/bin/env python3
"""run.py BUILD COUNT [FIRST]: random programs, from the seed FIRST on. Each
is run at several numbers of workers, without caches and under a seeded
schedule: output, diagnostics and exit code must be the same bytes, and the
result what the generator says. TAP on standard output."""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gen  # noqa: E402

VARIANTS = [
    ("sequential", ["--sequential"]),
    ("automatic", []),
    ("2 workers", ["--workers", "2"]),
    ("8 workers", ["--workers", "8"]),
    ("no cache", ["--no-cache", "--workers", "2"]),
    ("seeded schedule", ["--workers", "8"]),
]


def read(text):
    """JSON as gen.to_json() writes it."""
    def objects(pairs):
        return ("object", tuple(pairs))

    def arrays(value):
        if isinstance(value, list):
            return ("array", tuple(arrays(x) for x in value))
        if isinstance(value, tuple) and value[0] == "object":
            return ("object", tuple((k, arrays(x)) for k, x in value[1]))
        return value
    return arrays(json.loads(text, object_pairs_hook=objects,
                             parse_float=lambda t: ("float", t)))


def run(command, env):
    done = subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env, timeout=120)
    return done.returncode, done.stdout, done.stderr


def judge(program, found):
    """What is wrong about the first run; None where nothing is."""
    code, out, err = found
    if program.expected is None:
        if code != 1 or b"error[E04" not in err:
            return "exit code %d where evaluation fails\n%s" % (
                code, err.decode("utf-8", "replace"))
        return None
    if code != 0:
        return "exit code %d\n%s" % (code, err.decode("utf-8", "replace"))
    value = read(out.decode("utf-8"))
    if value != program.expected[1]:
        return "expected %r\nfound    %r" % (program.expected[1], value)
    return None


def check(ligature, seed, path):
    program = gen.Program(seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write(program.text)
    first = None
    for name, options in VARIANTS:
        env = dict(os.environ)
        if name == "seeded schedule":
            env["LIGATURE_SCHED_SEED"] = str(seed + 1)
        found = run([ligature, "eval"] + options + [path], env)
        if first is None:
            first = found
            wrong = judge(program, found)
            if wrong is not None:
                return wrong
        elif found != first:
            return "%s differs from sequential:\n%r\n%r" % (name, first, found)
    return None


def main():
    sys.setrecursionlimit(10000)
    ligature = os.path.join(os.path.abspath(sys.argv[1]), "ligature")
    count = int(sys.argv[2])
    start = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for name in ("CI", "GITHUB_ACTIONS", "CLICOLOR_FORCE"):
        os.environ.pop(name, None)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed in range(start, start + count):
            try:
                wrong = check(ligature, seed, "random.lig")
            except subprocess.TimeoutExpired as late:
                wrong = "too slow: %r" % (late.cmd,)
            if wrong is not None:
                failures += 1
                print("not ok - seed %d (python3 tests/random/gen.py %d)"
                      % (seed, seed))
                print("# " + wrong[:3000].replace("\n", "\n# "))
                sys.stdout.flush()
    if failures == 0:
        print("ok - %d random programs" % count)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
