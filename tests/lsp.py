"""Talks to `ligature lsp` as an editor does, and compares what it says with
what the other verbs say of the same texts."""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

import lsp_cancel
import lsp_edits
import lsp_fields
import lsp_fixes
import lsp_hints
import lsp_names
import lsp_tokens
import tap
from builds import sanitizer
from lsp_client import LIGATURE, LIMIT, Client, units, uri_of
from tap import equal, report, write

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "fixtures")


def typecheck(folder, name):
    done = subprocess.run(
        [LIGATURE, "typecheck", "--diagnostics", "json", name], cwd=folder,
        capture_output=True, timeout=LIMIT)
    return json.loads(done.stderr.decode())["diagnostics"]


def code_points(text, place):
    """A place in UTF-16 as line and column of the diagnostics in JSON."""
    line = text.split("\n")[place["line"]].encode("utf-16-le")
    column = len(line[:2 * place["character"]].decode("utf-16-le"))
    return (place["line"] + 1, column + 1)


SEVERITIES = {1: "error", 2: "warning", 3: "note"}


def short(text, diags):
    """Of what the server says, what other verbs say too."""
    return sorted((d["code"], SEVERITIES[d["severity"]],
                   d["message"].split("\n")[0]) +
                  code_points(text, d["range"]["start"]) +
                  code_points(text, d["range"]["end"]) for d in diags)


def short_json(diags, name):
    return sorted((d["code"], d["severity"], d["message"].split("\n")[0],
                   d["line"], d["column"], d["endLine"], d["endColumn"])
                  for d in diags if d["file"] == name)


# ---- the protocol

def protocol(folder):
    client = Client(folder)
    equal("a request before initialize",
          client.request("textDocument/hover")["error"]["code"], -32002)
    client.notify("textDocument/didOpen")
    result = client.initialize()
    equal("UTF-16 is what is spoken where nothing else is asked for",
          result["capabilities"]["positionEncoding"], "utf-16")
    equal("edits are taken",
          result["capabilities"]["textDocumentSync"]["change"], 2)
    equal("initialize a second time",
          client.request("initialize")["error"]["code"], -32600)
    equal("an unknown request", client.request("a/b")["error"]["code"], -32601)
    client.notify("$/cancelRequest", id=7)
    client.notify("$/setTrace", value="off")
    client.notify("a/b")
    client.send(id=3, result=None)
    body = b"{\"id\": 1, "
    client.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    answer = client.answer()
    equal("bad JSON", (answer["error"]["code"], answer["id"]), (-32700, None))
    client.send(id=4)
    answer = client.answer()
    equal("no method", (answer["error"]["code"], answer["id"]), (-32600, 4))
    body = b"[" * 100000
    client.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    equal("deep JSON", client.answer()["error"]["code"], -32700)
    for body in (b"3", b"[]", b"null"):
        client.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        equal("no request: %r" % body, client.answer()["error"]["code"], -32600)
    client.send(id="a\"\u2028", method="a/b")
    equal("an id that is a text", client.answer()["id"], "a\"\u2028")
    body = b"{\"id\":9,\"method\":\"shutdown\"}"
    client.raw(b"content-type: x; charset=utf-8\r\nCONTENT-LENGTH:%d\r\n\r\n"
               % len(body) + body[:5])
    client.raw(body[5:])
    equal("a message in pieces", client.answer(),
          {"jsonrpc": "2.0", "id": 9, "result": None})
    equal("a request after shutdown",
          client.request("textDocument/formatting")["error"]["code"], -32600)
    client.send(method="exit")
    equal("the end after shutdown", client.gone(), (0, ""))


def ends(folder):
    client = Client(folder)
    client.initialize()
    client.send(method="exit")
    equal("exit without shutdown", client.gone(), (1, ""))
    client = Client(folder)
    client.send(method="exit")
    equal("exit without initialize", client.gone(), (1, ""))
    client = Client(folder)
    equal("a client that says nothing", client.gone(), (1, ""))
    client = Client(folder)
    client.initialize()
    client.raw(b"Content-Length: 100\r\n\r\n{")
    equal("a client that vanishes", client.gone(), (1, ""))
    for name, header in (("no length", b"Content-Type: x\r\n\r\n"),
                         ("no header", b"hello\r\n\r\n"),
                         ("a length that is none", b"Content-Length: 1x\r\n\r\n"),
                         ("no digits", b"Content-Length: \r\n\r\n"),
                         ("a huge length", b"Content-Length: 9" + b"9" * 30 +
                          b"\r\n\r\n"),
                         ("an endless header", b"x" * 20000)):
        client = Client(folder)
        client.raw(header)
        answer = client.answer()
        code = client.child.wait(LIMIT)
        equal("bad header: " + name, (answer["error"]["code"], code),
              (-32700, 1))
        client.gone()
    done = subprocess.run([LIGATURE, "lsp", "x"], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=LIMIT)
    equal("operands", done.returncode, 2)


# ---- diagnostics


def imported_names(folder):
    parts = "let port = 80;\nlet lonely = let y = 1 in 2;\n{ a = 1 }\n"
    main = "import { port } from \"./parts\";\nport\n"
    write(folder, {"parts.lig": parts, "main.lig": main})
    uri = uri_of(os.path.join(folder, "parts.lig"))
    user = uri_of(os.path.join(folder, "main.lig"))
    client = Client(folder)
    client.initialize()
    client.open(uri, parts)

    def unused():
        return [d["range"]["start"] for d in client.wait_next(uri)
                if d["code"] == "W0201"]

    port, lonely, local = [{"line": line, "character": character}
                           for line, character in ((0, 4), (1, 4), (1, 17))]
    equal("what no open document imports", unused(), [port, lonely, local])
    client.open(user, main)
    equal("what another open document imports", unused(), [lonely, local])
    client.change(user, 2, {"text": "1\n"})
    equal("what it imports no more", unused(), [port, lonely, local])
    equal("the end", client.end(), (0, ""))


BAD = """\
let unused = 1;
let s = "\U0001F600" ++ 1;
s
"""


def diagnostics(folder):
    write(folder, {"bad.lig": "1\n"})
    path = os.path.join(folder, "bad.lig")
    uri = uri_of(path)
    client = Client(folder)
    client.initialize()
    client.open(uri, BAD)
    said = client.wait(uri, 1)
    write(folder, {"bad.lig": BAD})
    expected = typecheck(folder, "bad.lig")
    assert len(expected) == 2, expected
    equal("diagnostics behind an astral character", short(BAD, said),
          short_json(expected, "bad.lig"))
    by_code = {d["code"]: d for d in said}
    equal("what is not used is tagged", by_code["W0201"].get("tags"), [1])
    equal("source", {d["source"] for d in said}, {"ligature"})
    client.change(uri, 2, {"text": "1 + 1\n"})
    equal("cleared when mended", client.wait(uri, 2), [])
    start = {"line": 0, "character": 4}
    client.change(uri, 3, {"range": {"start": start,
                                     "end": {"line": 0, "character": 5}},
                           "text": "\"a\""})
    equal("an edit", [d["range"]["start"]["line"]
                      for d in client.wait(uri, 3)], [0])
    client.close(uri)
    equal("cleared when closed", client.wait(uri, None), [])
    equal("the end", client.end(), (0, ""))
    client = Client(folder)
    result = client.initialize(["utf-32", "utf-8", "utf-16"], related=False)
    equal("UTF-8 is spoken where it is asked for",
          result["capabilities"]["positionEncoding"], "utf-8")
    client.open(uri, BAD, 5)
    said = {d["code"]: d for d in client.wait(uri, 5)}
    wanted = [d for d in expected if d["severity"] == "error"][0]
    line = BAD.split("\n")[wanted["line"] - 1]
    equal("columns in UTF-8", said[wanted["code"]]["range"]["start"][
        "character"], len(line[:wanted["column"] - 1].encode()))
    equal("nothing related for those who cannot show it",
          [d for d in said.values() if "relatedInformation" in d], [])
    equal("the end", client.end(), (0, ""))


def fixtures():
    """What is said of the fixtures is what typecheck says."""
    folder = os.path.realpath(FIXTURES)
    names = sorted(os.path.basename(p) for p in
                   glob.glob(os.path.join(folder, "check-fail-*.lig"))
                   if not os.path.exists(p[:-4] + ".flags") and
                   os.path.getsize(p) < 4000)
    random.Random(3).shuffle(names)
    client = Client(folder)
    client.initialize()
    problems = []
    for name in names[:60]:
        path = os.path.join(folder, name)
        with open(path, "rb") as f:
            try:
                text = f.read().decode("utf-8")
            except UnicodeDecodeError:
                continue
        if "\r" in text or text.startswith("\uFEFF"):
            continue
        uri = uri_of(path)
        client.open(uri, text)
        said = short(text, client.wait(uri, 1))
        expected = short_json(typecheck(folder, name), name)
        if said != expected:
            problems.append("%s: %r, not %r" % (name, said, expected))
        client.close(uri)
        client.wait(uri, None)
    report("fixtures as typecheck says", "\n".join(problems) or None)
    equal("the end", client.end(), (0, ""))


def watched(folder):
    """Of files that others change, clients tell that are asked to."""
    write(folder, {"w.lig": "1\n", "lib.lig": "export let port = 1;\n"})
    uri = uri_of(os.path.join(folder, "w.lig"))
    for dynamic in (True, False):
        client = Client(folder)
        client.request("initialize", capabilities={"workspace": {
            "didChangeWatchedFiles": {"dynamicRegistration": dynamic}}})
        for _ in range(2):
            client.notify("initialized")
        if dynamic:
            asked = client.read()
            registered, = asked["params"]["registrations"]
            equal("what is asked for",
                  (asked["method"], registered["method"]),
                  ("client/registerCapability",
                   "workspace/didChangeWatchedFiles"))
            client.send(id=asked["id"], result=None)
        client.open(uri, "import \"./lib.lig\" as lib;\nlib.port + 1\n")
        equal("before the file changes", client.wait(uri, 1), [])
        write(folder, {"lib.lig": "export let port = \"x\";\n"})
        client.notify("workspace/didChangeWatchedFiles", changes=[
            {"uri": uri_of(os.path.join(folder, "lib.lig")), "type": 2}])
        equal("after it", [d["code"] for d in client.wait_next(uri)],
              ["E0203"])
        write(folder, {"lib.lig": "export let port = 1;\n"})
        equal("the end", client.end(), (0, ""))


def related(folder):
    write(folder, {"twice.lig": "1\n"})
    uri = uri_of(os.path.join(folder, "twice.lig"))
    client = Client(folder)
    client.initialize()
    client.open(uri, "let a = 1;\nlet a = 2;\na\n")
    said = client.wait(uri, 1)
    places = [(r["location"]["uri"], r["location"]["range"]["start"]["line"])
              for d in said for r in d.get("relatedInformation", [])]
    equal("the first of two declarations", places, [(uri, 0)])
    equal("the end", client.end(), (0, ""))


# ---- several documents

def imports(folder):
    folder = os.path.join(folder, "a b\u00e9%")
    os.mkdir(folder)
    write(folder, {"lib.lig": "export let port = 1;\n",
                   "main.lig": "1\n"})
    main = uri_of(os.path.join(folder, "main.lig"))
    lib = uri_of(os.path.join(folder, "lib.lig"))
    text = "import \"./lib.lig\" as lib;\nlib.port + 1\n"
    client = Client(folder)
    client.initialize()
    client.open(main, text)
    equal("an import from disk", client.wait(main, 1), [])
    client.open(lib, "export let port = \"x\";\n")
    equal("an import that is open, not saved",
          [d["range"]["start"]["line"] for d in client.wait_next(main)], [1])
    client.change(lib, 2, {"text": "export let port = 2;\n"})
    equal("mended in the import", client.wait_next(main), [])
    client.change(lib, 3, {"text": "export let port = ;\n"})
    equal("an error in the import is said there",
          len(client.wait(lib, 3)), 1)
    client.close(lib)
    client.wait(lib, None)
    equal("closed: what is on disk counts", (client.said[lib],
                                             client.said[main]), ([], []))
    write(folder, {"lib.lig": "export let port = x;\n"})
    client.notify("textDocument/didSave", textDocument={"uri": main})
    said = client.wait_next(lib)
    equal("an error in a file that is not open", [d["code"] for d in said],
          ["E0201"])
    write(folder, {"lib.lig": "export let port = 1;\n"})
    client.notify("workspace/didChangeWatchedFiles", changes=[])
    equal("mended on disk", client.wait_next(lib), [])
    fresh = uri_of(os.path.join(folder, "new.lig"))
    client.open(fresh, "import \"./lib.lig\" as lib;\nlib.port ++ \"\"\n")
    equal("a file that is not on disk yet",
          [d["range"]["start"]["line"] for d in client.wait(fresh, 1)], [1])
    client.open("untitled:Untitled-1", "1 + \"a\"\n")
    equal("a document that is no file",
          len(client.wait("untitled:Untitled-1", 1)), 1)
    equal("the end", client.end(), (0, ""))


# ---- edits

ALPHABET = ["a", "b", " ", "\n", "\r\n", "\r", "\u00e9", "\u20ac",
            "\U0001F600", "x = 1", "--", "\t"]


def lines_of(text):
    """Where lines begin and end, as LSP counts them."""
    lines, start, at = [], 0, 0
    while at < len(text):
        if text[at] in "\r\n":
            lines.append((start, at))
            at += 2 if text[at:at + 2] == "\r\n" else 1
            start = at
        else:
            at += 1
    lines.append((start, len(text)))
    return lines


def place_of(text, at, count):
    lines = lines_of(text)
    line = max(i for i, (start, _) in enumerate(lines) if start <= at)
    start, end = lines[line]
    return ({"line": line, "character": count(text[start:min(at, end)])},
            min(at, end))


def edits(folder):
    """The server's text is what Python makes of the same edits: it is data
    that another document imports, whose type is that text alone."""
    rng = random.Random(20)
    write(folder, {"edited.txt": "", "judge.lig": ""})
    uri = uri_of(os.path.join(folder, "edited.txt"))
    judge = uri_of(os.path.join(folder, "judge.lig"))
    for encodings in (["utf-16"], ["utf-8"]):
        client = Client(folder)
        client.initialize(encodings)
        count = units if encodings == ["utf-16"] else \
            lambda text: len(text.encode())
        text = "".join(rng.choice(ALPHABET) for _ in range(40))
        client.open(uri, text)
        problems = []
        for version in range(1, 40):
            changes = []
            for _ in range(rng.randint(1, 4)):
                start = rng.randint(0, len(text))
                end = min(len(text), start + rng.randint(0, 8))
                first, start = place_of(text, start, count)
                last, end = place_of(text, end, count)
                new = "".join(rng.choice(ALPHABET)
                              for _ in range(rng.randint(0, 6)))
                changes.append({"range": {"start": first, "end": last},
                                "text": new})
                text = text[:start] + new + text[end:]
            client.change(uri, version, *changes)
            for wanted in (text, text + "!"):
                escaped = "".join("\\u{%X}" % ord(c) for c in wanted)
                client.open(judge, "type T = String where x == \"%s\";\n"
                            "import \"./edited.txt\" as t: T;\nt\n" % escaped,
                            version)
                client.wait(judge, version)
                wrong = bool(client.said[uri])
                client.close(judge)
                client.wait(judge, None)
                if wrong != (wanted != text):
                    problems.append("%d: it is not %r" % (version, wanted))
        report("random edits in " + encodings[0], "\n".join(problems) or None)
        equal("the end", client.end(), (0, ""))


def clamped(folder):
    uri = uri_of(os.path.join(folder, "clamped.lig"))
    client = Client(folder)
    client.initialize()
    client.open(uri, "[1]\n")
    far = {"line": 2000000000, "character": 4000000000}
    client.change(uri, 2, {"range": {"start": far, "end": far},
                           "text": "++ [2]\n"})
    equal("behind the end of the text", client.wait(uri, 2), [])
    client.change(uri, 3, {"range": {"start": {"line": 0, "character": 99},
                                     "end": {"line": 0, "character": 99}},
                           "text": "++ [\"a\"]"})
    said = client.wait(uri, 3)
    equal("behind the end of a line", [d["range"]["start"]["line"]
                                       for d in said[:1]], [0])
    client.change(uri, 4, {"range": {"start": {"line": 1, "character": 2},
                                     "end": {"line": 0, "character": 3}},
                           "text": ""}, {"range": 3, "text": "x"},
                  {"text": 3}, 7)
    client.wait(uri, 4)
    client.change("file:///not/open.lig", 1, {"text": "1"})
    for params in ({}, {"textDocument": 3}, {"textDocument": {"uri": 1}},
                   {"textDocument": {"uri": "file://%"}},
                   {"textDocument": {"uri": uri, "text": 3}}):
        for method in ("didOpen", "didChange", "didClose", "didSave"):
            client.notify("textDocument/" + method, **params)
        equal("formatting of %r" % str(params)[:20],
              client.request("textDocument/formatting",
                             **params)["error"]["code"], -32602)
    for odd in ("file://%zz/a.lig", "file:///%00.lig", "file://host/a.lig",
                "", "http://x/y.lig", "file:///nowhere/at/all/x.lig",
                "file:///" + "a/" * 5000 + "x.lig"):
        client.open(odd, "1 + \"a\"\n")
        equal("a document " + odd[:40], len(client.wait(odd, 1)), 1)
    equal("the end", client.end(), (0, ""))


def marked(folder):
    """Editors do not count a byte order mark."""
    uri = uri_of(os.path.join(folder, "marked.lig"))
    for encoding in ("utf-8", "utf-16"):
        client = Client(folder)
        client.initialize([encoding])
        client.open(uri, "\ufefflet   a = q;\nb\n")
        client.change(uri, 2, {"text": "b", "range": {
            "start": {"line": 0, "character": 6},
            "end": {"line": 0, "character": 7}}})
        equal("an edit behind a mark", [
            (d["code"], d["range"]["start"]) for d in client.wait(uri, 2)],
            [("E0201", {"line": 0, "character": 10})])
        edit, = client.format(uri)["result"]
        equal("formatted behind a mark", (edit["range"]["start"], edit[
            "newText"]), ({"line": 0, "character": 0},
                          "let b = q;\nb\n"))
        client.change(uri, 3, {"range": edit["range"],
                               "text": edit["newText"]})
        equal("and that again", client.format(uri)["result"], [])
        equal("the end", client.end(), (0, ""))


# ---- formatting

def formatting(folder):
    client = Client(folder)
    client.initialize()
    uri = uri_of(os.path.join(folder, "fmt.lig"))
    problems = []
    texts = ["let  a=1;\na", "[\"\U0001F600\"  ,1]", "let x=1;\r\nx\r\n",
             "1", "-- a\n\n\n\n1\n", "[1,\n", "1\n"]
    for path in sorted(glob.glob(os.path.join(FIXTURES, "eval-okay-*.lig")))[
            :20]:
        with open(path, "rb") as f:
            texts.append(f.read().decode().replace("  ", "   "))
    for text in texts:
        client.open(uri, text)
        edits = client.format(uri)["result"]
        done = subprocess.run([LIGATURE, "fmt", "-"], input=text.encode(),
                              capture_output=True, timeout=LIMIT)
        found = text
        for edit in edits:
            place = edit["range"]
            last = lines_of(text)[-1]
            if place["start"] != {"line": 0, "character": 0} or \
                    place["end"] != {"line": len(lines_of(text)) - 1,
                                     "character": units(text[last[0]:])}:
                problems.append("%r: %r" % (text, place))
            found = edit["newText"]
        wanted = done.stdout.decode() if done.returncode == 0 else text
        if found != wanted or (found == text and edits):
            problems.append("%r: %r, not %r" % (text, found, wanted))
    report("formatting as fmt does", "\n".join(problems) or None)
    equal("formatting what is not open",
          client.format("file:///x.lig")["error"]["code"], -32602)
    equal("the end", client.end(), (0, ""))


# ---- endurance

def memory_of(child):
    with open("/proc/%d/statm" % child.pid) as f:
        return int(f.read().split()[1])


def typing(folder):
    """Every prefix of a program, and then programs with holes: nobody types
    without mistakes. Memory stays what it was."""
    with open(os.path.join(FIXTURES, "platform", "main.lig"),
              encoding="utf-8") as f:
        text = f.read()[:1500]
    uri = uri_of(os.path.join(folder, "typed.lig"))
    rng = random.Random(4)
    client = Client(folder)
    client.initialize()
    client.open(uri, "")
    last = ""
    pages = 0
    for version in range(2, 150):
        broken = list(text[:version * 12])
        for _ in range(rng.randint(0, 4)):
            at = rng.randint(0, len(broken) - 1)
            broken[at:at + rng.randint(0, 3)] = rng.choice("([{\"=;:|.\n")
        last = "".join(broken)
        client.change(uri, version, {"text": last})
        client.wait(uri, version)
        place = {"line": last.count("\n"),
                 "character": units(last[last.rfind("\n") + 1:]) - 1}
        for method in ("hover", "definition"):
            client.request("textDocument/" + method, position=place,
                           textDocument={"uri": uri})
        if version == 75:
            pages = memory_of(client.child)
    report("typing", None if client.child.poll() is None else "it ended")
    grown = memory_of(client.child) - pages
    sanitized = sanitizer(os.path.dirname(LIGATURE)) is not None
    report("memory stays what it was",
           None if sanitized or grown < 2000 else "%d pages more" % grown)
    before = client.published
    for version in range(1000, 1200):
        client.change(uri, version, {"text": "1 + %d\n" % version})
    client.wait(uri, 1199)
    equal("the last of many changes", client.said[uri], [])
    equal("the end", client.end(), (0, ""))


def limits(folder):
    write(folder, {"long.lig": ""})
    uri = uri_of(os.path.join(folder, "long.lig"))
    client = Client(folder, "--timeout", "300ms")
    client.initialize()
    slow = "type T = Integer where sum [ a * b | a <- range 1 x, b <- range 1 x ] > 0;\n" \
        "let t: T = 9000;\nt\n"
    client.open(uri, slow)
    said = client.wait(uri, 1)
    report("a check that takes long", None if said else "nothing said")
    client.change(uri, 2, {"text": "1\n"})
    equal("and the next", client.wait(uri, 2), [])
    equal("the end", client.end(), (0, ""))
    client = Client(folder, "--max-source", "1K")
    client.initialize()
    client.open(uri, "1" + " " * 2000)
    equal("a long text", [d["code"] for d in client.wait(uri, 1)], ["E0606"])
    equal("is not formatted", client.format(uri)["result"], [])
    equal("the end", client.end(), (0, ""))
    client = Client(folder, "--untrusted")
    client.initialize()
    client.open(uri, BAD)
    equal("--untrusted", sorted(d["code"] for d in client.wait(uri, 1)),
          sorted(d["code"] for d in typecheck_text(folder, BAD)))
    equal("the end", client.end(), (0, ""))


def typecheck_text(folder, text):
    write(folder, {"judged.lig": text})
    return typecheck(folder, "judged.lig")


with tempfile.TemporaryDirectory() as temp:
    temp = os.path.realpath(temp)
    for test in (protocol, ends, diagnostics, imported_names, watched, related, imports, edits, clamped, marked,
                 formatting, typing, limits):
        test(temp)
fixtures()
for test in lsp_names.TESTS + lsp_fixes.TESTS + \
        lsp_hints.TESTS + lsp_cancel.TESTS + lsp_tokens.TESTS + \
        lsp_edits.TESTS + lsp_fields.TESTS:
    with tempfile.TemporaryDirectory() as temp:
        test(os.path.realpath(temp))
sys.exit(tap.finish())
