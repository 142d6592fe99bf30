"""Random edits, requests and mischief for `ligature lsp`: whatever came before,
what it says at the end is what a new server says of the same texts.

By itself, for long runs: python3 tests/lsp_edits.py LIGATURE ROUNDS [SEED]."""
import json
import os
import random
import sys
import tempfile

import tap
from lsp_client import Client, uri_of
from tap import report, write

BASES = (
    "import \"./b.lig\" as b;\nimport \"./d.json\" as d: { port: Integer };\n"
    "/// A port.\ntype Port = Integer where x > 0;\n"
    "type Server = { name: String, port: Port, tags: List String = [] };\n"
    "let web: Server = { name = \"a\\(b.half 2)\", port = d.port };\n"
    "let shown s = match s { { name, .. } => name ++ \"\U0001F600\" };\n"
    "{ web, n = shown web, l = [b.Low i for i in [1, 2] if i > 1] }\n",
    "export let half n = n / 2;\r\nexport type Level = Low Integer | High;\r\n"
    "let rec even n = if n == 0 then true else !(even (n - 1));\r\n"
    "typeclass Named a where named: a -> String;\r\n"
    "instance Named Level where named l = \"\u00e9\";\r\n"
    "input size: Integer = 3;\r\nexport let all = [half size, 0x1F];\r\n",
    "import { half, High } from \"./b\";\nimport \"./a\" as a;\n"
    "let block = \"\"\"\n  a\n    \\(toString (half 4))\n  \"\"\";\n"
    "/* one /* two */ */ { x = a.web.port, block, h = High, z = half }\n",
    "{\"port\": 8080}",
)
NAMES = ("a.lig", "b.lig", "c.lig", "d.json", "new.lig")
PIECES = ("let ", "x", " = ", ";", "\n", "\r\n", "\r", "{", "}", "(", ")", "[",
          "]", "\"", "\\(", "\"\"\"", "/*", "*/", "--", "///", "import ", "->",
          "match ", "=>", "type ", "High", "half", "b.", ".", "1", "'a", ": ",
          "\U0001F600", "\u00e9", "where ", ", ", " ", "    ", "instance ", "| ",
          "r#\"", "_", "error \"\"", "\r")
# Of a text with one of these little more is said.
POISON = ("\ufeff", "\0", "\u202e", "\x7f")
PLACED = ("hover", "definition", "references", "documentHighlight",
          "prepareRename", "rename", "completion", "signatureHelp")
WHOLE = ("documentSymbol", "formatting", "foldingRange", "semanticTokens/full")
RANGED = ("codeAction", "inlayHint", "semanticTokens/range", "selectionRange")


# ---- what the server is to make of positions

def line_starts(text):
    starts = [int(text.startswith("\ufeff"))]  # which editors do not show
    for at, c in enumerate(text):
        if c == "\n" or (c == "\r" and text[at + 1:at + 2] != "\n"):
            starts.append(at + 1)
    return starts


class Texts:
    """Documents as the protocol describes them."""

    def __init__(self, codec):
        self.codec = codec
        self.open = {}

    def width(self, c):
        return len(c.encode(self.codec)) // (2 if "16" in self.codec else 1)

    def offset(self, text, place):
        starts = line_starts(text)
        line, character = max(place["line"], 0), max(place["character"], 0)
        if line >= len(starts):
            return len(text)
        at = starts[line]
        while at < len(text) and text[at] not in "\r\n":
            character -= self.width(text[at])
            if character < 0:
                break
            at += 1
        return at

    def place(self, text, at):
        starts = [s for s in line_starts(text) if s <= at] or [0]
        return {"line": len(starts) - 1, "character": sum(
            self.width(c) for c in text[starts[-1]:at] if c not in "\r\n")}

    def change(self, uri, changes):
        for change in changes:
            if uri not in self.open or "text" not in change:
                continue
            text, new = self.open[uri], change["text"]
            if "range" in change:
                start = self.offset(text, change["range"]["start"])
                end = max(self.offset(text, change["range"]["end"]), start)
                new = text[:start] + new + text[end:]
            self.open[uri] = new


# ---- an editor that has gone mad

class Editor:
    def __init__(self, folder, seed, args):
        self.rng = random.Random(seed)
        self.folder = folder
        self.encoding = self.rng.choice(("utf-8", "utf-16"))
        self.texts = Texts("utf-16-le" if self.encoding == "utf-16" else
                           "utf-8")
        self.args = args
        self.client = self.begin()
        self.uris = [uri_of(os.path.join(folder, name)) for name in NAMES]
        self.uris.append("untitled:one")
        self.version = 0
        self.asked = []
        self.answered = []
        self.refused = 0  # messages that are none
        self.result_id = "1"

    def begin(self):
        client = Client(self.folder, *self.args)
        client.request("initialize", workspaceFolders=[
            {"uri": uri_of(self.folder), "name": "x"}], capabilities={
                "general": {"positionEncodings": [self.encoding]}})
        client.notify("initialized")
        return client

    def place(self, text):
        rng = self.rng
        if rng.random() < 0.1:
            return {"line": rng.choice((-1, 0, 3, 999, 2 ** 40)),
                    "character": rng.choice((-7, 0, 1, 5, 10 ** 12))}
        place = self.texts.place(text, rng.randint(0, len(text)))
        if rng.random() < 0.1:
            place["character"] += rng.randint(0, 3)
        return place

    def range(self, text):
        one, other = self.place(text), self.place(text)
        small = dict(one, character=one["character"] + self.rng.randint(0, 4))
        return {"start": one,
                "end": self.rng.choice((one, one, small, small, other))}

    def edit(self, text):
        rng = self.rng
        new = "".join(rng.choice(PIECES) for _ in range(rng.randint(0, 3)))
        if rng.random() < 0.02 or len(text) > 3000 or \
                any(c in text for c in POISON):
            return {"text": rng.choice(BASES)}
        new += rng.choice(POISON) if rng.random() < 0.01 else ""
        return {"range": self.range(text), "text": new}

    def change(self, uri):
        shadow = Texts(self.texts.codec)
        shadow.open = {uri: self.texts.open.get(uri, "")}
        changes = []
        for _ in range(self.rng.choice((1, 1, 1, 2, 5))):
            changes.append(self.edit(shadow.open[uri]))
            shadow.change(uri, changes[-1:])
        self.version += self.rng.choice((1, 1, 1, 0, -5, 1000))
        self.texts.change(uri, changes)
        self.client.change(uri, self.version, *changes)

    def open(self, uri):
        text = self.rng.choice(BASES)
        self.texts.open[uri] = text
        self.client.open(uri, text, self.version)

    def close(self, uri):
        self.texts.open.pop(uri, None)
        self.client.close(uri)

    def ask(self, uri):
        rng = self.rng
        text = self.texts.open.get(uri, "")
        params = {"textDocument": {"uri": uri}}
        method = rng.choice((PLACED, WHOLE, RANGED))
        if method is PLACED:
            params.update(position=self.place(text), newName=rng.choice(
                ("y", "Other", "let", "")))
        elif method is RANGED:
            params.update(range=self.range(text), positions=[
                self.place(text)], context={"diagnostics": []})
        name = "textDocument/" + rng.choice(method)
        if rng.random() < 0.1:
            name, params["query"] = "workspace/symbol", "h"
        elif rng.random() < 0.1:
            name = "textDocument/semanticTokens/full/delta"
            params["previousResultId"] = str(rng.randint(0, 9))
        if rng.random() < 0.05:
            params.pop(rng.choice(sorted(params)))
        number = len(self.asked) + 100
        number = number if rng.random() < 0.8 else "id %d" % number
        self.asked.append(number)
        self.client.send(id=number, method=name, params=params)
        if rng.random() < 0.3:
            self.cancel(number)

    def cancel(self, number):
        self.client.notify("$/cancelRequest", id=number)

    def mischief(self, uri):
        rng, client = self.rng, self.client
        kind = rng.randint(0, 9)
        if kind == 0:
            self.cancel(rng.choice(self.asked + [-1, "x", None]))
        elif kind == 1:
            body = rng.choice((
                b"{\"method\":\"textDocument/didChange\",\"params\":\"\xff\"}",
                b"{", b"\xc3\x28", b"[[[[[", b"\"\\ud800\"",
                b"{\"jsonrpc\":\"2.0\",\"method\":\"x\\udc00\"}"))
            self.refused += 1
            client.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        elif kind == 2:
            client.notify("textDocument/didChange", textDocument={"uri": uri},
                          contentChanges=rng.choice(
                              (7, [3, {}, {"text": 4}], None)))
        elif kind == 3:
            client.notify("textDocument/didChange", textDocument={"uri": uri},
                          contentChanges=[{"text": "x", "range": rng.choice(
                              (3, {}, {"start": {"line": 0}}))}])
        elif kind == 4:
            client.notify(rng.choice(("initialized", "a/b", "hover",
                                      "textDocument/hover",
                                      "textDocument/didOpen")))
        elif kind == 5:
            client.send(id=rng.choice(("watch", 1, None)), result=None)
        elif kind == 6:
            client.notify("workspace/didChangeWorkspaceFolders", event={
                rng.choice(("added", "removed")): [
                    {"uri": uri_of(self.folder), "name": "x"}]})
        elif kind == 7:
            write(self.folder, {rng.choice(NAMES[:4]): rng.choice(BASES)})
            client.notify("workspace/didChangeWatchedFiles", changes=[])
        elif kind == 8:
            client.notify("textDocument/didSave", textDocument={"uri": uri})
        else:
            self.asked.append("mischief %d" % len(self.asked))
            client.send(id=self.asked[-1], method=rng.choice(
                ("initialize", "shutdow", "$/x", "textDocument/didOpen")))

    def step(self):
        uri = self.rng.choice(self.uris)
        chance = self.rng.random()
        if chance < 0.03 or not self.texts.open:
            self.open(uri)
        elif chance < 0.04:
            self.close(uri)
        elif chance < 0.55:
            self.change(self.rng.choice(sorted(self.texts.open)))
        elif chance < 0.85:
            self.ask(uri)
        else:
            self.mischief(uri)

    # ---- what it is told

    def settle(self):
        """Takes all answers, each request's and no other."""
        self.client.send(id="settled", method="a/b")
        unread = self.refused
        while True:
            message = self.client.read()
            assert message is not None, "the server has ended"
            if "method" in message:
                self.client.take(message)
            elif message["id"] is None:
                unread -= 1
            elif message["id"] == "settled":
                break
            else:
                self.answered.append(message["id"])
        assert unread == 0, "%d messages are not refused" % unread
        assert self.answered == self.asked, "answers: %r, not %r" % (
            self.answered, self.asked)

    def state(self, client, first_version):
        """All that is said of the texts that are open."""
        version = first_version
        for uri in self.texts.open:
            version += 1
            client.change(uri, version)
        version = first_version
        for uri in self.texts.open:
            version += 1
            client.wait(uri, version)
        said = {}
        for uri in self.texts.open:
            for method in WHOLE + ("inlayHint", "codeAction"):
                answer = client.request("textDocument/" + method, range={
                    "start": {"line": 0, "character": 0},
                    "end": {"line": 9999, "character": 0}},
                    textDocument={"uri": uri}, context={"diagnostics": []})
                result = answer.get("result", answer)
                if isinstance(result, dict):
                    result.pop("resultId", None)
                said[method + " of " + uri] = result
            self.look_around(client, uri, said)
        # Of files that are not open it is published last.
        said.update((uri, found) for uri, found in client.said.items()
                    if found)
        return said

    def look_around(self, client, uri, said):
        """The same places in the same texts."""
        text = self.texts.open[uri]
        rng = random.Random(len(text))
        for _ in range(4):
            place = self.texts.place(text, rng.randint(0, len(text)))
            for method in ("hover", "definition", "references", "completion"):
                said["%s at %s of %s" % (method, place, uri)] = client.request(
                    "textDocument/" + method, textDocument={"uri": uri},
                    position=place).get("result", "refused")

    def judge(self):
        """None, or how it differs from a new server."""
        self.settle()
        client = self.begin()
        for uri, text in self.texts.open.items():
            client.open(uri, text, 1)
        found = self.state(self.client, 2 * 10 ** 6)
        wanted = self.state(client, 10 ** 6)
        for old in (self.client, client):
            ended = old.end()
            assert ended == (0, ""), ended
        for key in sorted(set(found) | set(wanted)):
            if found.get(key) != wanted.get(key):
                return "%s: %s, not %s, of %s" % (
                    key, json.dumps(found.get(key)),
                    json.dumps(wanted.get(key)), json.dumps(self.texts.open))
        return None


def play(seed, steps, *args):
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        write(folder, dict(zip(NAMES, BASES)))
        editor = Editor(folder, seed, args)
        try:
            for _ in range(steps):
                editor.step()
            return editor.judge()
        except (AssertionError, BrokenPipeError) as problem:
            child = editor.client.child
            code = child.poll()
            said = child.stderr.read().decode() if code is not None else ""
            child.kill()
            return "%s (status %s) %s" % (problem, code, said)


def edits(_):
    for seed in range(3):
        report("random edits, seed %d" % seed,
               play(seed, 120, "--workers", "4"))
    # Where programs are too large to be loaded.
    for most in "12":
        report("random edits, %s modules at most" % most,
               play(100, 120, "--workers", "4", "--max-modules", most))


TESTS = (edits,)

if __name__ == "__main__":
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    for number in range(first, first + int(sys.argv[2])):
        report("seed %d" % number, play(number, 200, "--workers", "4"))
        sys.stdout.flush()
    sys.exit(tap.finish())
