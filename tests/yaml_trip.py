"""YAML round trips: random data, full of strings that a reader of YAML 1.1 or
1.2 takes for something else, is printed as YAML and read back; by PyYAML, which
reads 1.1, as well where it is installed.

    yaml_trip.py LIGATURE SEED
"""
import json
import os
import random
import subprocess
import sys
import tempfile

ATOMS = """y Y yes No on OFF ~ null Null NULL true False 1 0x1f 0o17 017 1_000
1e3 .5 1. -.inf .NaN +1 190:20:30 2001-12-14 2001-12-14t21:59:43.10-05:00 = <<
&x *x !t | > %d @a `b "q 'q { } [ ] , --- ... \\ \\n 0b1 1:2 1:60 12e03 - -- ?
!!str 0. 1e _1 1_ 0_0 -0 0x a: a:b :a""".split() + [
    "", "\t", " a", "a ", "- a", "? b", ": c", "a: b", "a #b", "#c", "\n",
    "a\n", "\na", "a\n\n", "  a\nb", "a\n  b", "a\r\nb", "\u00e9", "\u2028",
    "\x7f", "\x85", "\ufeff", "\U0001f600", "\x00", "\x1b"]
COUNT = 1500


def text():
    kind = random.random()
    if kind < .6:
        return random.choice(ATOMS)
    if kind < .85:
        return random.choice(ATOMS) + random.choice(ATOMS)
    ranges = [(32, 127), (9, 14), (0xa0, 0x2fff)]
    return "".join(chr(random.randrange(*random.choice(ranges)))
                   for _ in range(random.randrange(0, 12)))


def value(depth):
    kind = random.random()
    if depth <= 0 or kind < .6:
        return text()
    if kind < .65:
        return random.choice([1, -5, True, None, 1.5])
    if kind < .82:
        return [value(depth - 1) for _ in range(random.randrange(0, 4))]
    return {text(): value(depth - 1) for _ in range(random.randrange(0, 4))}


def run(folder, *args):
    done = subprocess.run([sys.argv[1], "eval", *args], cwd=folder,
                          capture_output=True, timeout=300)
    if done.returncode != 0:
        sys.exit(done.stderr.decode())
    return done.stdout


def differing(data, found):
    for left, right in zip(data, found):
        if left != right:
            sys.exit("%r is read as %r" % (left, right))
    if len(data) != len(found):
        sys.exit("%d of %d items" % (len(found), len(data)))


def main():
    random.seed(int(sys.argv[2]))
    data = [value(4) for _ in range(COUNT)]
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)
        with open(path("x.json"), "w", encoding="utf-8") as f:
            json.dump(data, f)
        for name in ("json", "yaml"):
            with open(path(name + ".lig"), "w", encoding="utf-8") as f:
                f.write('import "./x.%s" as x: Json;\nx\n' % name)
        run(folder, "json.lig", "-f", "yaml", "-o", "x.yaml")
        differing(data, json.loads(run(folder, "yaml.lig")))
        try:
            import yaml
        except ImportError:
            return
        with open(path("x.yaml"), encoding="utf-8", newline="") as f:
            differing(data, yaml.safe_load(f))


main()
