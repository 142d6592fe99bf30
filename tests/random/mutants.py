#!/usr/bin/env python3
"""mutants.py BUILD COUNT [FIRST]: fixtures, of which lines and tokens are lost,
repeated, or in other places, from the seed FIRST on. Whatever that says, it is
the same at several numbers of workers, with overlapping phases, without caches
and with warm ones, and it is no bug of ours; typecheck says the same of it, as
text and as JSON; and the formatter leaves it as it is, or keeps its meaning and
its comments. TAP on standard output."""
import glob
import json
import os
import random
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import driver  # noqa: E402

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "..", "..", "fixtures")
CACHE = ["--disk-cache", "always", "--cache-dir", "cache"]
VARIANTS = [["--workers", "2"], ["--workers", "8"],
            ["--async", "--workers", "8"], ["--no-cache", "--workers", "2"],
            CACHE, CACHE]
LIMITS = ["--max-steps", "300000", "--max-memory", "256M"]
TOKENS = re.compile(
    rb'"(?:\\.|[^"\\\n])*"|[A-Za-z_0-9]+|[ \t]+|\n|[^\w\s]')
COMMENTS = re.compile(rb"(?://|--)[^\n]*|/\*.*?\*/", re.S)
LARGEST = 6000  # bytes of a fixture
# Of the tree that parse shows: where something stands.
PLACES = {"span", "start", "end", "comments"}


def sources():
    """Names and texts of what is made mutants of."""
    found = {}
    for pattern in "*.lig", "project-*/main.lig":
        for path in sorted(glob.glob(os.path.join(FIXTURES, pattern))):
            if os.path.isfile(path) and os.path.getsize(path) < LARGEST:
                with open(path, "rb") as file:
                    found[os.path.relpath(path, FIXTURES)] = file.read()
    return found


def copy_around(name):
    """What the fixture reads, into the working directory."""
    path = os.path.join(FIXTURES, name)
    if os.path.dirname(name):
        shutil.copytree(os.path.dirname(path), os.path.dirname(name),
                        symlinks=True)
    else:
        for beside in glob.glob(path[:-len("lig")] + "*"):
            shutil.copy(beside, ".")


def move_lines(chance, text, other):
    lines, others = text.split(b"\n"), other.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(5)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(to, lines[at])
    elif way == 2:
        lines[at], lines[to] = lines[to], lines[at]
    else:
        begin = chance.randrange(len(others))
        lines[at:at] = others[begin:begin + chance.choice([1, 1, 3, 10])]
    return b"\n".join(lines)


def move_tokens(chance, text, other):
    tokens = TOKENS.findall(text) or [b"x"]
    at, to = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    way = chance.randrange(6)
    if way == 0:
        tokens[at] = b""
    elif way == 1:
        tokens[at] = tokens[to]
    elif way == 2:
        tokens[at], tokens[to] = tokens[to], tokens[at]
    elif way == 3:
        tokens.insert(at, b" " + tokens[to] + b" ")
    elif way == 4:
        del tokens[at:at + chance.randrange(1, 20)]
    else:
        tokens[at] = chance.choice(TOKENS.findall(other) or [b"x"])
    return b"".join(tokens)


def mutant(chance, text, texts):
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        move = chance.choice([move_lines, move_tokens])
        text = move(chance, text, chance.choice(texts))
    return text


def errors_of(err):
    return re.findall(r"^error\[(E\d+)\]", err.decode("utf-8", "replace"),
                      re.M)


def tree_of(text):
    def bare(value):
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if k not in PLACES}
        if isinstance(value, list):
            return [bare(v) for v in value]
        return value
    return bare(json.loads(text))


def comments_of(text):
    return sorted(re.sub(rb"\s+", b" ", comment).strip()
                  for comment in COMMENTS.findall(text))


class Mutant:
    def __init__(self, ligature, path, text):
        self.ligature, self.path, self.text = ligature, path, text
        with open(path, "wb") as file:
            file.write(text)

    def run(self, verb, *options):
        return driver.run([self.ligature, verb, *options, self.path])

    def evaluated(self):
        self.first = self.run("eval", "--sequential", *LIMITS)
        # 2 where an input is wanted.
        if self.first[0] not in (0, 1, 2, 4) or b"E0003" in self.first[2]:
            return "eval: %r" % (self.first,)
        for options in VARIANTS:
            found = self.run("eval", *options, *LIMITS)
            if found != self.first:
                return "%s differs from sequential:\n%r\n%r" % (
                    " ".join(options), self.first, found)
        return None

    def checked(self):
        found = self.run("typecheck", "--sequential")
        if self.run("typecheck", "--workers", "8") != found:
            return "typecheck differs at 8 workers from %r" % (found,)
        code, out, err = self.run("typecheck", "--format", "json",
                                  "--diagnostics", "json")
        told = [d["code"] for d in json.loads(err)["diagnostics"]
                if d["severity"] == "error"]
        shown = errors_of(found[2])
        if code != found[0] or told[:len(shown)] != shown or \
                json.loads(out)["errors"] != len(told):
            return "as JSON: %r %r\n%r" % (out, err, found)
        # Where it finds mistakes, nothing is evaluated.
        if code == 1 and errors_of(self.first[2]) != shown:
            return "typecheck: %r\neval: %r" % (found, self.first)
        return None

    def formatted(self):
        code, tree, _ = self.run("parse")
        found = self.run("fmt")
        with open(self.path, "rb") as file:
            after = file.read()
        if found[0] != 0 or code != 0:
            same = (found[0] == 0) == (code == 0) and after == self.text
            return None if same else "fmt of mistakes: %r" % (found,)
        if self.run("fmt", "--check")[0] != 0:
            return "fmt is not idempotent"
        if tree_of(self.run("parse")[1]) != tree_of(tree):
            return "fmt changes the tree: %r" % after
        if b'"' not in self.text and comments_of(after) != \
                comments_of(self.text):
            return "fmt changes comments: %r" % after
        again = self.run("eval", "--sequential", *LIMITS)
        if again[:2] != self.first[:2] or \
                errors_of(again[2]) != errors_of(self.first[2]):
            return "formatted: %r\nbefore: %r" % (again, self.first)
        return None


def check(ligature, seed):
    chance = random.Random(seed)
    texts = sources()
    name = chance.choice(sorted(texts))
    copy_around(name)
    case = Mutant(ligature, os.path.join(os.path.dirname(name), "mutant.lig"),
                  mutant(chance, texts[name], list(texts.values())))
    wrong = case.evaluated() or case.checked() or case.formatted()
    return wrong and "%s\n%s" % (name, wrong)


if __name__ == "__main__":
    sys.exit(driver.main("mutant", check))
