#!/usr/bin/env python3
"""Runs the `lig` blocks of README.md and docs/*.md, and compares with the tree
what `make help` and the pages name. TAP on standard output.

A block is followed by a `json` block (what it prints; white space and the
number of lines do not matter), or begins with one of these lines:

  -- error E0203      it is refused with that code
  -- warning W0601    it passes with that warning
  -- file NAME        it is not run, but written to NAME for later blocks;
                      a toml or yaml block with "# file NAME" too

Any other block must pass without a word.  ```json-file NAME writes data.
A `console` block holds commands, each behind "$ " and followed by what it
prints. They run in the folder with the files, by sh, with ligature in PATH;
they must succeed, but for the last one of a `console exits N` block.
A `text` block is what standard error says of the last block run, once it has
the change named in the paragraph before: "With `port = "8080"` instead".
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

FILE = re.compile(r"(?:--|#) file (\S+)\n")
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.M)
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.M | re.S)
INSTEAD = re.compile(r"With `(\w+ = )([^`]+)` instead:\n\n\Z")


def blocks(text):
    """(line, info, body, change) of each fenced block."""
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        change = INSTEAD.search(text[:match.start()])
        yield line, match.group(1).strip(), match.group(2), change


def exact(text):
    """JSON with the order of fields and the digits of floats kept."""
    return json.loads(text, object_pairs_hook=list, parse_float=lambda t: t)


def check(ligature, folder, body, expected):
    """What is wrong, or None."""
    with open(os.path.join(folder, "main.lig"), "w", encoding="utf-8") as f:
        f.write(body)
    run = subprocess.run([ligature, "eval", "main.lig"], cwd=folder,
                         capture_output=True, timeout=60)
    out = run.stdout.decode("utf-8")
    err = run.stderr.decode("utf-8")
    directive = re.match(r"-- (error|warning) (\w+)\n", body)
    if directive and directive.group(1) == "error":
        if run.returncode == 0 or out != "":
            return "it passes:\n" + out
        codes = re.findall(r"^error\[(\w+)\]", err, re.M)
        if set(codes) != {directive.group(2)}:
            return "it is refused with %s:\n%s" % (codes, err)
        return None
    if run.returncode != 0:
        return "it is refused:\n" + err
    words = re.findall(r"^warning\[(\w+)\]", err, re.M)
    if words != ([directive.group(2)] if directive else []):
        return "its warnings are %s:\n%s" % (words, err)
    if expected is not None and exact(out) != exact(expected):
        return "it prints:\n" + out
    return None


def check_changed(ligature, folder, body, change, expected):
    """The same for a text block."""
    name, value = change.groups()
    body = re.sub(name + r"[^ ,;}]+", lambda _: name + value, body, count=1)
    with open(os.path.join(folder, "main.lig"), "w", encoding="utf-8") as f:
        f.write(body)
    run = subprocess.run([ligature, "eval", "main.lig"], cwd=folder,
                         capture_output=True, timeout=60)
    err = run.stderr.decode("utf-8")
    return None if err == expected else "it says:\n" + err


def run_command(ligature, folder, command):
    """(status, what it prints) of a command of a console block."""
    path = os.path.dirname(ligature) + os.pathsep + os.environ["PATH"]
    run = subprocess.run(["sh", "-c", command], cwd=folder, timeout=60,
                         env=dict(os.environ, PATH=path),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.returncode, run.stdout.decode("utf-8")


def check_console(ligature, folder, info, body):
    """What is wrong with a console block, or None."""
    commands = COMMAND.findall(body)
    last = re.match(r"console exits (\d+)$", info)
    if "".join("$ %s\n%s" % each for each in commands) != body:
        return "it begins with no command"
    for i, (command, expected) in enumerate(commands):
        status, out = run_command(ligature, folder, command)
        wanted = int(last.group(1)) if last and i + 1 == len(commands) else 0
        if status != wanted or out != expected:
            return "'%s' ends with %d and prints:\n%s" % (command, status, out)
    return None


def write_file(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def file_of(info, body):
    """(name, text) of a block that is a file, or None."""
    data = re.match(r"json-file (\S+)$", info)
    if data:
        return data.group(1), body
    named = FILE.match(body)
    if named and info in ("lig", "toml", "yaml"):
        return named.group(1), body[named.end():]
    return None


def unlisted_targets():
    """Targets that the head of the Makefile lacks, or that there are not."""
    with open("Makefile", encoding="utf-8") as f:
        head, rest = f.read().split("\n\n", 1)
    rows = re.findall(r"^# (?:make |  )((?:[\w-]+, )*[\w-]+)  ", head, re.M)
    listed = ", ".join(rows).split(", ")
    targets = " ".join(re.findall(r"^\.PHONY: (.*)$", rest, re.M)).split()
    return " ".join(sorted(set(targets) ^ set(listed))) or None


def lost_files():
    """Files that a page names or leads to, and that there are not."""
    lost = []
    for page in ["ARCHITECTURE.md", "README.md"] + glob.glob("docs/*.md"):
        with open(page, encoding="utf-8") as f:
            text = f.read()
        links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        names = [os.path.join(os.path.dirname(page), link) for link in links]
        for name in re.findall(r"`([a-z]+/[\w/*{},.-]+\.(?:[a-z]+|{.*?}))`", text):
            start, parts, end = re.match(r"([^{]*){?([^}]*)}?(.*)", name).groups()
            if os.path.isdir(name.split("/")[0]):
                names += [start + part + end for part in parts.split(",")]
        lost += [page + ": " + name for name in names if not glob.glob(name)]
    return "\n".join(lost) or None


def main():
    build = os.path.abspath(sys.argv[1])
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    for name in ("CI", "GITHUB_ACTIONS", "CLICOLOR_FORCE"):
        os.environ.pop(name, None)
    number = failures = 0

    def report(wrong, name):
        nonlocal number, failures
        number += 1
        failures += wrong is not None
        print("%sok %d - %s" % ("not " if wrong else "", number, name))
        if wrong:
            print("".join("# %s\n" % text for text in wrong.split("\n")[:30]),
                  end="")

    report(unlisted_targets(), "make help")
    report(lost_files(), "the files that pages name")
    for page in ["README.md"] + sorted(glob.glob("docs/*.md")):
        with open(page, encoding="utf-8") as f:
            found = list(blocks(f.read()))
        with tempfile.TemporaryDirectory() as folder:
            last = ""
            for i, (line, info, body, change) in enumerate(found):
                file = file_of(info, body)
                if file:
                    write_file(folder, *file)
                    continue
                ligature = os.path.join(build, "ligature")
                if info == "text" and change:
                    wrong = check_changed(ligature, folder, last, change, body)
                elif info.startswith("console"):
                    wrong = check_console(ligature, folder, info, body)
                elif info == "lig":
                    last = body
                    after = found[i + 1] if i + 1 < len(found) else (0, "", "")
                    wrong = check(ligature, folder, body,
                                  after[2] if after[1] == "json" else None)
                else:
                    continue
                report(wrong, "%s:%d" % (page, line))
    print("1..%d" % number)
    return failures != 0 or number == 0


if __name__ == "__main__":
    sys.exit(main())
