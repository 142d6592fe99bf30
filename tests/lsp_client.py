"""An editor, as far as `ligature lsp` sees one."""
import json
import os
import select
import subprocess
import sys
import time
import urllib.parse

LIGATURE = sys.argv[1]
LIMIT = 60


def uri_of(path):
    return "file://" + urllib.parse.quote(path)


class Client:
    def __init__(self, folder, *args):
        self.child = subprocess.Popen(
            [LIGATURE, "lsp", *args], cwd=folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.buffer = b""
        self.said = {}  # by URI: the diagnostics published last
        self.versions = {}
        self.published = 0
        self.next_id = 0

    def raw(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def send(self, **message):
        body = json.dumps(dict(message, jsonrpc="2.0")).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def notify(self, method, **params):
        self.send(method=method, params=params)

    def read(self):
        """The next message; None at the end."""
        until = time.monotonic() + LIMIT
        while True:
            head, empty, rest = self.buffer.partition(b"\r\n\r\n")
            if empty:
                length = int(head.split(b":")[1])
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return json.loads(rest[:length].decode("utf-8"))
            out = self.child.stdout
            if not select.select([out], [], [], until - time.monotonic())[0]:
                raise AssertionError("no message within %d s" % LIMIT)
            more = os.read(out.fileno(), 1 << 16)
            if not more:
                return None
            self.buffer += more

    def take(self, message):
        assert message["method"] == "textDocument/publishDiagnostics", message
        params = message["params"]
        self.said[params["uri"]] = params["diagnostics"]
        self.versions[params["uri"]] = params.get("version")
        self.published += 1

    def answer(self):
        while True:
            message = self.read()
            if message is None or "method" not in message:
                return message
            self.take(message)

    def request(self, method, **params):
        self.next_id += 1
        self.send(id=self.next_id, method=method, params=params)
        answer = self.answer()
        assert answer["id"] == self.next_id, answer
        return answer

    def initialize(self, encodings=None, related=True):
        capabilities = {"textDocument": {
            "publishDiagnostics": {"relatedInformation": related}}}
        if encodings is not None:
            capabilities["general"] = {"positionEncodings": encodings}
        answer = self.request("initialize", processId=None, rootUri=None,
                              capabilities=capabilities)
        self.notify("initialized")
        return answer["result"]

    def open(self, uri, text, version=1):
        self.notify("textDocument/didOpen", textDocument={
            "uri": uri, "languageId": "ligature", "version": version,
            "text": text})

    def change(self, uri, version, *changes):
        self.notify("textDocument/didChange", textDocument={
            "uri": uri, "version": version}, contentChanges=list(changes))

    def close(self, uri):
        self.notify("textDocument/didClose", textDocument={"uri": uri})

    def wait(self, uri, version):
        """What is published of a version of a document."""
        while self.versions.get(uri) != version:
            self.take(self.read())
        return self.said[uri]

    def wait_next(self, uri):
        """What is published next of a file."""
        while True:
            message = self.read()
            self.take(message)
            if message["params"]["uri"] == uri:
                return self.said[uri]

    def format(self, uri):
        return self.request("textDocument/formatting",
                            textDocument={"uri": uri}, options={
                                "tabSize": 2, "insertSpaces": True})

    def end(self):
        """How the server ends when it is asked to."""
        shut = self.request("shutdown")
        assert shut["result"] is None, shut
        self.send(method="exit")
        return self.gone()

    def gone(self):
        self.child.stdin.close()
        code = self.child.wait(LIMIT)
        said = self.child.stderr.read().decode()
        self.child.stdout.close()
        self.child.stderr.close()
        return (code, said)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def place_of(text, at):
    """The position of an offset, in UTF-16."""
    start = text.rfind("\n", 0, at) + 1
    return {"line": text.count("\n", 0, at), "character": units(text[start:at])}


def offset_of(text, place):
    """The offset of a position in UTF-16."""
    lines = text.split("\n")
    line = lines[place["line"]].encode("utf-16-le")
    before = sum(len(x) + 1 for x in lines[:place["line"]])
    return before + len(line[:2 * place["character"]].decode("utf-16-le"))


def edited(text, edits):
    """The text after edits of the server, which do not overlap."""
    spans = sorted((offset_of(text, e["range"]["start"]),
                    offset_of(text, e["range"]["end"]), e["newText"])
                   for e in edits)
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text
