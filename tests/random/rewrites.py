#!/usr/bin/env python3
"""rewrites.py BUILD COUNT [FIRST]: fixtures and random programs, written in
another way that means the same (rewrite.py), from the seed FIRST on. What they
evaluate to, the codes of their errors and the types of their bindings must be
the same. Programs with errors are rewritten in ways only of which errors do not
tell. TAP on standard output."""
import json
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import driver  # noqa: E402
import gen  # noqa: E402
import mutants  # noqa: E402
import rewrite  # noqa: E402

FAITHFUL = ["gaps", "rename", "strings", "comprehensions"]
WAYS = FAITHFUL + ["tops", "permute", "order", "calls", "pipes", "operators",
                   "lambdas", "lets", "branches", "arms", "wrap", "inline",
                   "abstract", "eta", "signatures"]
# These may make the fields of a record type known in another order.
REORDERING = {"tops", "order", "branches", "carry"}
MANY = ["--max-errors", "500"]


def source(chance, seed):
    """A name and a program; what it reads is put beside it."""
    if seed % 3 == 0:
        program = gen.Program(seed)
        for name, text in program.files.items():
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        return "gen.py %d" % seed, program.text.encode("utf-8")
    texts = mutants.sources()
    name = chance.choice([n for n in sorted(texts) if "/" not in n])
    mutants.copy_around(name)
    text = texts[name]
    if seed % 3 == 1 and "okay" not in name:
        text = mutants.mutant(chance, text, list(texts.values()))
    return name, text


class Case:
    def __init__(self, ligature, text):
        self.ligature = ligature
        with open("case.lig", "wb") as file:
            file.write(text)

    def run(self, verb, *options):
        return driver.run([self.ligature, verb, *options, "case.lig"])

    def observe(self):
        self.code, self.out, self.err = self.run(
            "eval", "--sort-keys", "--compact", *MANY, *mutants.LIMITS)
        code, out, err = self.run("typecheck", "--show-types", "--format",
                                  "json", *MANY)
        self.is_typed, self.mistakes = code == 0, codes(err)
        self.types = {t["name"]: t["type"] for t in json.loads(out)["types"]}
        return self


def codes(err):
    return set(re.findall(r"^error\[(E\d+)\]", err.decode("utf-8"), re.M))


def compare(first, then, ways):
    """What is wrong about the second."""
    if "carry" in ways and not then.is_typed:
        return None
    if then.mistakes != first.mistakes:
        return "typecheck: %s\n%s" % (sorted(first.mistakes),
                                      then.err.decode("utf-8"))
    if 4 not in (first.code, then.code) and (
            then.code != first.code or then.out != first.out):
        return "eval: %r\nnow: %r" % (
            (first.code, first.out), (then.code, then.out, then.err))
    if not REORDERING & set(ways):
        for name, type_ in first.types.items():
            if then.types.get(name) != type_:
                return "%s: %s\nnow: %s" % (name, type_, then.types.get(name))
    return None


def check(ligature, seed):
    chance = random.Random(seed)
    name, text = source(chance, seed)
    first = Case(ligature, text)
    code, tree, _ = first.run("parse")
    if code != 0:
        return None
    first.observe()
    if first.code not in (0, 1, 4):  # inputs are wanted
        return None
    known = FAITHFUL
    if first.code == 0:
        known = chance.choice([["carry"], WAYS, WAYS])
    ways = chance.choice([known, chance.sample(known, min(len(known), 3))])
    then = Case(ligature, rewrite.Rewriting(
        chance, text, json.loads(tree), ways,
        first.types).text.encode("utf-8")).observe()
    wrong = compare(first, then, ways)
    return wrong and "%s, %s\n%s" % (name, " ".join(ways), wrong)


def main():
    sys.setrecursionlimit(10000)
    return driver.main("program rewritten", check)


if __name__ == "__main__":
    sys.exit(main())
