#!/usr/bin/env python3
"""run.py BUILD COUNT [FIRST]: random programs, from the seed FIRST on. Each
is run at several numbers of workers, with overlapping phases, without caches,
with a cold and a warm one on disk, under a seeded schedule and, by builds that
can, without optimisations: output, diagnostics and exit code must be the same
bytes, and the result what the generator says. So it must be once it is
formatted, and where its bindings stand in modules. Limits of steps and depth
stop some of them at the same place. Then tokens of it are moved
about: whatever that says, it is the same every time. TAP on standard output;
gen.py SEED shows the program."""
import functools
import json
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import driver  # noqa: E402
import gen  # noqa: E402

VARIANTS = [
    ("sequential", ["--sequential"]),
    ("automatic", []),
    ("2 workers", ["--workers", "2"]),
    ("8 workers", ["--workers", "8"]),
    ("overlapping phases", ["--async", "--workers", "8"]),
    ("no cache", ["--no-cache", "--workers", "2"]),
    ("cold cache", ["--disk-cache", "always", "--cache-dir", "cache"]),
    ("warm cache", ["--disk-cache", "always", "--cache-dir", "cache"]),
    ("seeded schedule", ["--workers", "8"]),
    ("plain code", ["--workers", "2"]),
]
FEW_VARIANTS = [v for v in VARIANTS if v[0] in (
    "sequential", "8 workers", "overlapping phases", "cold cache",
    "warm cache", "seeded schedule", "plain code")]
MUTANTS = 4
# Code that is not optimised takes more steps.
LIMITED_VARIANTS = [v for v in FEW_VARIANTS if v[0] != "plain code"]
LIMITS = [("--max-steps", 1 << 20), ("--max-depth", 100000)]
LIMITS_EVERY = 5  # of so many programs one


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


@functools.lru_cache(maxsize=None)
def is_debuggable(ligature):
    """Builds with assertions alone can be told not to optimise."""
    with open(ligature, "rb") as file:
        return b"LIGATURE_PLAIN_CODE" in file.read()


def as_if_optimised(found, first):
    """Functions that are not expanded are called, which calls take steps and
    are named: a failure must have the same codes, and no limit is compared."""
    if 4 in (found[0], first[0]):
        return first

    def codes(text):
        return re.findall(rb"^\w+\[([EW]\d+)\]", text, re.M)
    if found[:2] == first[:2] and codes(found[2]) == codes(first[2]):
        return first
    return found


def differs(ligature, seed, path, variants):
    """The first run, and how another differs from it, or None."""
    first = None
    for name, options in variants:
        env = dict(os.environ)
        if name == "seeded schedule":
            env["LIGATURE_SCHED_SEED"] = str(seed + 1)
        if name == "plain code":
            env["LIGATURE_PLAIN_CODE"] = "1"
        found = driver.run([ligature, "eval"] + options + [path], env)
        if name == "plain code":
            found = as_if_optimised(found, first)
        if first is None:
            first = found
        elif found != first:
            return first, "%s differs from sequential:\n%r\n%r" % (
                name, first, found)
    return first, None


def mutant(text, seed):
    """The program with a few tokens lost, repeated, or in other places."""
    chance = random.Random(seed)
    head, tail = text[:len(gen.Program.PRELUDE)], \
        text[len(gen.Program.PRELUDE):]
    tokens = re.findall(r'"(?:\\.|[^"\\])*"|\w+|\s+|[^\w\s]', tail)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(tokens))
        other = chance.randrange(len(tokens))
        way = chance.randrange(4)
        if way == 0:
            tokens[at] = ""
        elif way == 1:
            tokens[at] = tokens[other]
        elif way == 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens.insert(at, " " + tokens[other] + " ")
    return head + "".join(tokens)


def formatted(ligature, path, whole):
    """What is wrong once the formatter has been over the program."""
    code, _, err = driver.run([ligature, "fmt", path])
    if code != 0:
        return "fmt: exit code %d\n%s" % (code, err)
    if driver.run([ligature, "fmt", "--check", path])[0] != 0:
        return "fmt is not idempotent"
    found = driver.run([ligature, "eval", path])
    return None if found[:2] == whole[:2] else "formatted: %r" % (found,)


def least(ligature, path, option, most):
    """The lowest limit that the program does not reach."""
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if driver.run([ligature, "eval", "--sequential", option, str(middle),
                       path])[0] == 4:
            low = middle
        else:
            high = middle
    return high


def at_limits(ligature, seed, path, variants):
    """What differs at a limit and below it."""
    chance = random.Random(seed)
    for option, most in LIMITS:
        limit = least(ligature, path, option, most)
        below = [chance.randrange(1, limit) for _ in range(2) if limit > 1]
        for number in {limit, max(limit - 1, 1), *below}:
            given = [option, str(number)]
            first, wrong = differs(ligature, seed, path, [
                (name, options + given) for name, options in variants])
            if wrong is None and (first[0] == 4) != (number < limit):
                wrong = "exit code %d" % first[0]
            if wrong is not None:
                return "%s: %s" % (" ".join(given), wrong)
    return None


def in_modules(ligature, seed, program, whole, variants):
    """What is wrong where the bindings stand in modules of their own."""
    for name, text in program.modules().items():
        write(name, text)
    first, wrong = differs(ligature, seed, "main.lig", variants)
    wrong = judge(program, first) or wrong
    if wrong is None and first[:2] != whole[:2]:
        wrong = "%r is printed otherwise" % (first,)
    return wrong and "in modules: " + wrong


def check(ligature, seed):
    path = "random.lig"
    can_be_plain = is_debuggable(ligature)

    def known(variants):
        return [v for v in variants if can_be_plain or v[0] != "plain code"]
    program = gen.Program(seed)
    for name, text in program.files.items():
        write(name, text)
    write(path, program.text)
    first, wrong = differs(ligature, seed, path, known(VARIANTS))
    wrong = judge(program, first) or wrong or formatted(ligature, path, first)
    wrong = wrong or in_modules(ligature, seed, program, first,
                                known(FEW_VARIANTS))
    if wrong is None and seed % LIMITS_EVERY == 0:
        wrong = at_limits(ligature, seed, path, LIMITED_VARIANTS)
    if wrong is not None:
        return wrong
    for number in range(MUTANTS):
        write(path, mutant(program.text, seed * MUTANTS + number))
        first, wrong = differs(ligature, seed, path, known(FEW_VARIANTS))
        if first[0] not in (0, 1, 4):
            wrong = "exit code %d\n%s" % (first[0], first[2])
        if wrong is not None:
            return "mutant %d: %s" % (number, wrong)
    return None


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    sys.setrecursionlimit(10000)
    return driver.main("random program", check)


if __name__ == "__main__":
    sys.exit(main())
