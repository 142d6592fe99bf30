#!/usr/bin/env python3
"""docs/std.md from std/*.lig: comments, examples and the checker's types.

    tools/std-doc.py build/release/ligature > docs/std.md
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DOC = re.compile(r"((?:^///.*\n)+)^(.*)$", re.M)
NAMED = re.compile(r"(?:export )?(let rec|let|type|typeclass) ([\w']+)")

HEAD = """\
# The standard library

Made from `std/*.lig` by `make docs`: each name with its type, what it does, and an example. `EXAMPLE  =>  TEXT` says what `show` gives for the
example; all examples are tests.

The prelude is in scope everywhere. The rest is imported: `import std.list as L;` and then `L.sort`, or `import { sort } from std.list;`.
Data comes last, so that it pipes: `xs |> L.take 3 |> L.sort`. What may be absent is an `Option`;
a function fails only where its text says so, and where a number overflows. Functions that take a function work on long lists in parallel when workers are idle.
"""


class Item:
    """A documented declaration."""

    def __init__(self, text, match):
        lines = [line[3:].strip() for line in match.group(1).splitlines()]
        self.examples = [line[2:] for line in lines if line.startswith("> ")]
        self.words = " ".join(l for l in lines if not l.startswith("> "))
        self.kind, self.name = NAMED.match(match.group(2)).groups()
        self.signature = None
        if not self.kind.startswith("let"):
            self.signature = declaration(text[match.start(2):], self.kind)


def declaration(text, kind):
    """The source of the type or class that begins there."""
    end = text.index("\n\n") if kind == "typeclass" else text.index(";") + 1
    return re.sub(r"^export ", "", text[:end])


def items_of(text):
    return [Item(text, match) for match in DOC.finditer(text)
            if NAMED.match(match.group(2))]


def add_types(ligature, module, items):
    """Asks the checker for the types of the functions."""
    functions = [item for item in items if item.signature is None]
    prefix = "" if module == "prelude" else "M."
    lines = [] if module == "prelude" else ["import std.%s as M;" % module]
    lines += ["export let e%d = %s%s;" % (i, prefix, item.name)
              for i, item in enumerate(functions)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "types.lig")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        run = subprocess.run(
            [ligature, "typecheck", "--show-types", "--no-cache", path],
            capture_output=True, timeout=60, cwd=folder)
    if run.returncode != 0:
        sys.exit("std.%s: %s" % (module, run.stderr.decode("utf-8")))
    types = dict(line.split(" : ", 1)
                 for line in run.stdout.decode("utf-8").splitlines())
    for i, item in enumerate(functions):
        item.signature = "%s : %s" % (item.name, types["e%d" % i])


def module_page(ligature, path):
    module = os.path.basename(path)[:-len(".lig")]
    with open(path, encoding="utf-8") as f:
        text = f.read()
    title = module if module == "prelude" else "std." + module
    about = re.match(r"(?://(?!/).*\n)*", text).group(0)
    items = items_of(text)
    add_types(ligature, module, items)
    out = ["## %s" % title, ""]
    if module == "prelude":
        types = re.findall(r"^type [^;]*;", text, re.M)
        out += ["In scope everywhere.", "", "```"] + types + ["```", ""]
    else:
        out += [" ".join(line[2:].strip() for line in about.splitlines()), ""]
    for item in items:
        out += ["### %s" % item.name, "", item.words, "", "```",
                item.signature] + [""] * ("\n" in item.signature and
                                          item.examples != []) + \
            item.examples + ["```", ""]
    return title, out


def main():
    ligature = os.path.abspath(sys.argv[1])
    paths = sorted(glob.glob(os.path.join(TOP, "std", "*.lig")),
                   key=lambda p: (os.path.basename(p) != "prelude.lig", p))
    pages = [module_page(ligature, path) for path in paths]
    links = ["[%s](#%s)" % (title, title.replace(".", ""))
             for title, _ in pages]
    lines = [HEAD, "Modules: %s." % ", ".join(links), ""]
    for _, page in pages:
        lines += page
    sys.stdout.write("\n".join(lines).rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
