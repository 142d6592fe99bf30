#!/usr/bin/env python3
"""fmt.py BUILD: tests of `ligature fmt`, as TAP.

All programs of fixtures/ and std/ that parse, and random ones (as many as
TEST_RANDOM says), are copied and formatted: the
trees are the same but for spans, nothing but white space and optional marks
changes, and formatting again changes nothing. Then the command line. With
ACCEPT=1 the expected outputs of fixtures/fmt are written anew."""
import glob
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
LIGATURE = os.path.join(os.path.abspath(sys.argv[1]), "ligature")
number = 0
failures = 0


def report(ok, name, why=""):
    global number, failures
    number += 1
    failures += not ok
    print("%s %d - %s" % ("ok" if ok else "not ok", number, name))
    if not ok:
        for line in str(why).splitlines()[:40]:
            print("# " + line)


def run(*args, **options):
    return subprocess.run([LIGATURE, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def bare(node):
    """A tree without spans, and without the indentation in its comments."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if isinstance(node, dict):
        return {key: " ".join(value.split()) if key == "doc" else bare(value)
                for key, value in node.items() if key != "span"}
    return node


def tree(path):
    done = run("parse", path)
    return bare(json.loads(done.stdout)) if done.returncode == 0 else None


def ink(data):
    """What no formatting may change: all but white space and marks that may
    be left out. Comments only move past such marks."""
    return bytes(c for c in data if c not in b" \t\r\n,;|")


def programs(*folders):
    for folder in folders:
        for base, dirs, names in os.walk(os.path.join(ROOT, folder)):
            dirs[:] = sorted(d for d in dirs if d != "perf")
            for name in sorted(names):
                path = os.path.join(base, name)
                if name.endswith(".lig") and os.path.isfile(path):
                    yield path


def random_programs(folder):
    """Programs made by tests/random/gen.py."""
    for seed in range(1, int(os.environ.get("TEST_RANDOM", "20")) + 1):
        path = os.path.join(folder, "random-%d.lig" % seed)
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "random", "gen.py"),
             str(seed)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            write(path, done.stdout)
            yield path


def test_programs(temp, made):
    copies = []
    paths = list(programs("fixtures", "std")) + list(random_programs(made))
    for i, path in enumerate(paths):
        copy = os.path.join(temp, "%04d.lig" % i)
        shutil.copyfile(path, copy)
        before = tree(copy)
        if before is None:
            os.remove(copy)
        else:
            copies.append((os.path.relpath(path, ROOT), copy, read(copy),
                           before))
    done = run("fmt", temp)
    report(done.returncode == 0 and done.stdout == b"" and len(copies) > 150,
           "fmt of %d programs" % len(copies), done.stderr.decode())
    changed, inks = [], []
    for name, copy, data, before in copies:
        if tree(copy) != before:
            changed.append(name)
        if ink(read(copy)) != ink(data):
            inks.append(name)
    report(not changed, "the same trees", changed)
    report(not inks, "nothing is lost", inks)
    done = run("fmt", "--check", temp)
    report(done.returncode == 0 and done.stdout == b"", "idempotent",
           (done.stdout + done.stderr).decode())


def test_expected():
    folder = os.path.join(ROOT, "fixtures", "fmt")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".lig"):
            continue
        path = os.path.join(folder, name)
        expected = path[:-len(".lig")] + ".out"
        done = run("fmt", "-", input=read(path))
        if os.environ.get("ACCEPT") == "1":
            write(expected, done.stdout)
        report(done.returncode == 0 and done.stdout == read(expected),
               "fixtures/fmt/" + name,
               done.stderr.decode() + done.stdout.decode())


def keeps_layout(name):
    """Fixtures of the lexer, the parser and the formatter: layout is what
    they are about."""
    return name.startswith(("fixtures/parse-", "fixtures/fmt/"))


def test_formatted():
    paths = []
    for path in programs("std", "fixtures", "examples", "tests"):
        name = os.path.relpath(path, ROOT)
        if not keeps_layout(name) and tree(path) is not None:
            paths.append(path)
    done = run("fmt", "--check", *paths)
    report(done.returncode == 0 and len(paths) > 200,
           "%d programs are formatted" % len(paths), done.stdout + done.stderr)


def test_pages():
    """The programs in the documentation."""
    for page in ["README.md"] + sorted(glob.glob("docs/*.md")):
        unformatted = []
        for match in re.finditer(r"^```lig\n(.*?)^```$",
                                 read(page).decode("utf-8"), re.M | re.S):
            text = match.group(1).encode("utf-8")
            done = run("fmt", "-", input=text)
            if done.returncode == 0 and done.stdout != text:
                unformatted.append(match.group(1))
        report(not unformatted, page + " is formatted",
               "\n".join(unformatted))


def test_text(name, before, after):
    done = run("fmt", "-", input=before)
    report(done.returncode == 0 and done.stdout == after, name,
           repr(done.stdout) + done.stderr.decode())


def test_texts():
    test_text("an empty file", b"", b"")
    test_text("white space only", b"\n  \n", b"")
    test_text("comments only", b"\n// a\n\n\n/* b */", b"// a\n\n/* b */\n")
    test_text("a byte order mark", b"\xef\xbb\xbf1", b"\xef\xbb\xbf1\n")
    test_text("a #! line", b"#!/x\n1", b"#!/x\n1\n")
    test_text("a #! line alone", b"#!/x", b"#!/x\n")
    test_text("CRLF", b"let a=1;\r\n\r\n\r\n// b\r\n[a]\r\n",
              b"let a = 1;\r\n\r\n// b\r\n[a]\r\n")
    test_text("CR", b"let a=1;\r{\ra=1}\r", b"let a = 1;\n{\n  a = 1,\n}\n")
    test_text("CRLF in a block string stays",
              b"let a = \"\"\"\n  x\r\n  \"\"\";\n",
              b"let a = \"\"\"\n  x\r\n  \"\"\";\n")
    test_text("width counts code points",
              ("[%s, 1]" % ", ".join(["\"%s\"" % ("\u00e9" * 8)] * 6)).encode(),
              ("[%s, 1]\n" %
               ", ".join(["\"%s\"" % ("\u00e9" * 8)] * 6)).encode())
    deep = b"[" * 900 + b"1" + b"]" * 900
    done = run("fmt", "-", input=deep)
    report(done.returncode == 0 and ink(done.stdout) == ink(deep),
           "deep nesting", done.stderr.decode())


def test_modes(temp):
    path = os.path.join(temp, "a.lig")
    other = os.path.join(temp, "b.lig")
    write(path, b"let a=1;\nlet b = 2;\nlet c=3;\n")
    write(other, b"let fine = 1;\n")
    done = run("fmt", "--check", "a.lig", "b.lig", cwd=temp)
    report((done.returncode, done.stdout) == (1, b"a.lig\n"), "--check names",
           done)
    done = run("fmt", "--diff", "a.lig", "b.lig", cwd=temp)
    report((done.returncode, done.stdout) == (
        1, b"--- a.lig\n+++ a.lig\n@@ -1,3 +1,3 @@\n-let a=1;\n+let a = 1;\n"
        b" let b = 2;\n-let c=3;\n+let c = 3;\n"), "--diff shows", done)
    report(read(path).startswith(b"let a=1"), "neither writes")
    os.chmod(path, 0o754)
    os.utime(other, (1, 1))
    os.symlink("a.lig", os.path.join(temp, "link.lig"))
    done = run("fmt", "link.lig", "b.lig", cwd=temp)
    report(done.returncode == 0 and
           read(path) == b"let a = 1;\nlet b = 2;\nlet c = 3;\n" and
           os.path.islink(os.path.join(temp, "link.lig")),
           "writes behind a symbolic link", done)
    report(stat.S_IMODE(os.stat(path).st_mode) == 0o754, "keeps the mode")
    report(os.stat(other).st_mtime == 1, "unchanged files stay untouched")
    report(sorted(os.listdir(temp)) == ["a.lig", "b.lig", "link.lig"],
           "leaves no other file", os.listdir(temp))
    broken = b"let a = ;\nlet  b=1;\n"
    write(path, broken)
    write(other, b"let  fine = 1;\n")
    done = run("fmt", temp)
    report(done.returncode == 1 and b"E0106" in done.stderr and
           read(path) == broken and read(other) == b"let fine = 1;\n",
           "a broken file is left alone, others are not", done)
    report(run("fmt").returncode == 2, "no operand")
    report(run("fmt", os.path.join(temp, "no.lig")).returncode == 3,
           "a missing file")
    write(os.path.join(temp, "x.json"), b"{}")
    report(run("fmt", os.path.join(temp, "x.json")).returncode == 2,
           "data is no program")


def apply_diff(before, diff):
    """A unified diff applied to lines, by what it says alone."""
    out, at, lines = [], 0, diff.split(b"\n")[2:-1]
    i = 0
    while i < len(lines):
        start, count = lines[i].split()[1][1:].split(b",")
        first = int(start) - (int(count) > 0)
        out += before[at:first]
        at = first
        i += 1
        while i < len(lines) and not lines[i].startswith(b"@@"):
            mark, text = lines[i][:1], lines[i][1:] + b"\n"
            if mark != b"+":
                if before[at] != text:
                    return None
                at += 1
            if mark != b"-":
                out.append(text)
            i += 1
    return out + before[at:]


def test_diffs(temp):
    path = os.path.join(temp, "a.lig")
    for name, lines in (
            ("a change at each end",
             ["let  a = 1;"] + ["let b = 1;"] * 20 + ["let  c = 1;"]),
            ("changes all over",
             ["let %s = 1;" % ("  "[i % 3 == 0:] + "x%d" % i)
              for i in range(300)]),
            ("nothing in common", ["let  a = 1;"] * 5000)):
        text = ("\n".join(lines) + "\n").encode()
        write(path, text)
        diff = run("fmt", "--diff", path).stdout
        after = run("fmt", "-", input=text).stdout
        report(apply_diff(text.splitlines(True), diff) ==
               after.splitlines(True), "diff: " + name, diff[:2000])


with tempfile.TemporaryDirectory() as folder, \
        tempfile.TemporaryDirectory() as made_folder:
    test_programs(folder, made_folder)
test_expected()
test_formatted()
test_pages()
test_texts()
with tempfile.TemporaryDirectory() as folder:
    test_modes(folder)
with tempfile.TemporaryDirectory() as folder:
    test_diffs(folder)
print("1..%d" % number)
sys.exit(failures != 0)
