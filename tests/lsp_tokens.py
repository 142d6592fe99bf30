"""Semantic tokens of `ligature lsp`."""
import os
import random

from lsp_client import Client, uri_of
from tap import equal, report, write

LIB = """\
export type Level = High | Low Integer;
export let twice f x = f (f x);
"""
# What a word is, right behind it; `#` of modifiers.
MARKED = """\
/// Says *h\u00e9*.\u27e8comment documentation\u27e9
import\u27e8keyword\u27e9 "./lib.lig"\u27e8string\u27e9 as\u27e8keyword\u27e9 lib\u27e8namespace declaration\u27e9;
import\u27e8keyword\u27e9 std\u27e8namespace defaultLibrary\u27e9.list\u27e8namespace defaultLibrary\u27e9;
type\u27e8keyword\u27e9 Box\u27e8type declaration\u27e9 a\u27e8typeParameter declaration\u27e9 =\u27e8operator\u27e9 Full\u27e8enumMember declaration\u27e9 a\u27e8typeParameter\u27e9 |\u27e8operator\u27e9 Empty\u27e8enumMember declaration\u27e9;
type\u27e8keyword\u27e9 Server\u27e8type declaration\u27e9 =\u27e8operator\u27e9 { name\u27e8property declaration\u27e9: String\u27e8type defaultLibrary\u27e9, type\u27e8property declaration\u27e9: lib\u27e8namespace\u27e9.Level\u27e8type\u27e9 };
typeclass\u27e8keyword\u27e9 Named\u27e8interface declaration\u27e9 a\u27e8typeParameter declaration\u27e9 where\u27e8keyword\u27e9 named\u27e8method declaration\u27e9: a\u27e8typeParameter\u27e9 ->\u27e8operator\u27e9 String\u27e8type defaultLibrary\u27e9;
instance\u27e8keyword\u27e9 Named\u27e8interface\u27e9 Server\u27e8type\u27e9 where\u27e8keyword\u27e9 named\u27e8method\u27e9 s\u27e8parameter declaration\u27e9 =\u27e8operator\u27e9 s\u27e8parameter\u27e9.name\u27e8property\u27e9;
let\u27e8keyword\u27e9 same\u27e8function declaration\u27e9 (x\u27e8parameter declaration\u27e9: 'b\u27e8typeParameter\u27e9) =\u27e8operator\u27e9 x\u27e8parameter\u27e9;
let\u27e8keyword\u27e9 named_of\u27e8function declaration\u27e9 =\u27e8operator\u27e9 \\\u27e8operator\u27e9r\u27e8parameter declaration\u27e9 ->\u27e8operator\u27e9 same\u27e8function\u27e9 r\u27e8parameter\u27e9.name\u27e8property\u27e9;
let\u27e8keyword\u27e9 also\u27e8function declaration\u27e9 =\u27e8operator\u27e9 named_of\u27e8function\u27e9;
let\u27e8keyword\u27e9 web\u27e8variable declaration\u27e9: Server\u27e8type\u27e9 =\u27e8operator\u27e9 {
  name\u27e8property\u27e9 =\u27e8operator\u27e9 "\U0001F600\\(\u27e8string\u27e9also\u27e8function\u27e9 web2\u27e8variable\u27e9)\u00e9"\u27e8string\u27e9, -- \U0001F600\u27e8comment\u27e9
  "type"\u27e8property\u27e9 =\u27e8operator\u27e9 lib\u27e8namespace\u27e9.Low\u27e8enumMember\u27e9 0x1\u27e8number\u27e9 };
let\u27e8keyword\u27e9 web2\u27e8variable declaration\u27e9 =\u27e8operator\u27e9 { name\u27e8property\u27e9 =\u27e8operator\u27e9 \"\"\"\u27e8string\u27e9
    \U0001F600 a\u27e8string\u27e9
    b\"\"\"\u27e8string\u27e9 };
/* one\u27e8comment\u27e9
   /* two */ */\u27e8comment\u27e9 {
  f\u27e8property\u27e9 =\u27e8operator\u27e9 lib\u27e8namespace\u27e9.twice\u27e8function\u27e9 (\\\u27e8operator\u27e9n\u27e8parameter declaration\u27e9 ->\u27e8operator\u27e9 n\u27e8parameter\u27e9 +\u27e8operator\u27e9 1.5\u27e8number\u27e9) 1\u27e8number\u27e9,
  g\u27e8property\u27e9 =\u27e8operator\u27e9 list\u27e8namespace defaultLibrary\u27e9.sum\u27e8function defaultLibrary\u27e9 [i\u27e8variable\u27e9 for\u27e8keyword\u27e9 i\u27e8variable declaration\u27e9 in\u27e8keyword\u27e9 [1\u27e8number\u27e9]],
  n\u27e8property\u27e9 =\u27e8operator\u27e9 named\u27e8method\u27e9 web\u27e8variable\u27e9,
  h\u27e8property\u27e9 =\u27e8operator\u27e9 match\u27e8keyword\u27e9 Full\u27e8enumMember\u27e9 true\u27e8keyword\u27e9 { Full\u27e8enumMember\u27e9 _ =>\u27e8operator\u27e9 1\u27e8number\u27e9, Empty\u27e8enumMember\u27e9 =>\u27e8operator\u27e9 2\u27e8number\u27e9 },
}
"""


def plain(marked):
    text, rest = "", marked
    while rest:
        before, _, rest = rest.partition("\u27e8")
        text += before
        rest = rest.partition("\u27e9")[2]
    return text


def words(legend, text, data, encoding):
    """(line, start, end, what) in code points; fails where one is none."""
    lines = text.split("\n")
    line = at = 0
    found = []
    for i in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[i:i + 5]
        at = right if down else at + right
        line += down
        raw = lines[line].rstrip("\r").encode(encoding)
        unit = 2 if encoding == "utf-16-le" else 1
        start = len(raw[:at * unit].decode(encoding))
        end = len(raw[:(at + length) * unit].decode(encoding))
        assert length > 0 and (at + length) * unit <= len(raw), (line, at)
        if found and found[-1][0] == line:
            assert found[-1][2] <= start, (found[-1], start)
        names = [legend["tokenTypes"][kind]] + [
            name for bit, name in enumerate(legend["tokenModifiers"])
            if modifiers >> bit & 1]
        found.append((line, start, end, " ".join(names)))
    return found


def marked_text(text, found):
    lines = text.split("\n")
    for line, _, end, what in reversed(found):
        lines[line] = lines[line][:end] + "\u27e8%s\u27e9" % what + \
            lines[line][end:]
    return "\n".join(lines)


def begin(folder, encoding):
    client = Client(folder)
    result = client.initialize([encoding])
    legend = result["capabilities"]["semanticTokensProvider"]["legend"]
    return client, legend, "utf-8" if encoding == "utf-8" else "utf-16-le"


def ask(client, uri, method="full", **params):
    return client.request("textDocument/semanticTokens/" + method,
                          textDocument={"uri": uri}, **params)["result"]


def kinds(folder):
    write(folder, {"lib.lig": LIB, "t.lig": ""})
    uri = uri_of(os.path.join(folder, "t.lig"))
    text = plain(MARKED)
    for encoding in ("utf-8", "utf-16"):
        client, legend, codec = begin(folder, encoding)
        client.open(uri, text)
        equal("no errors", [d for d in client.wait(uri, 1)
                            if d["severity"] == 1], [])
        found = words(legend, text, ask(client, uri)["data"], codec)
        shown = marked_text(text, found).split("\n")
        for line, wanted in zip(shown, MARKED.split("\n")):
            equal("tokens in " + encoding, line, wanted)
        start, end = {"line": 5, "character": 4}, {"line": 8, "character": 0}
        part = words(legend, text, ask(
            client, uri, "range", range={"start": start, "end": end})["data"],
            codec)
        equal("tokens of a range", part, [
            w for w in found if (w[0], w[2]) > (5, 4) and w[0] < 8])
        equal("no range", ask(client, uri, "range"), {"data": []})
        data = uri_of(os.path.join(folder, "t.json"))
        client.open(data, "{\"a\": 1}")
        equal("data has none", ask(client, data)["data"], [])
        equal("the end", client.end(), (0, ""))


def broken(folder):
    """Whatever a text is, its tokens are in it, one behind the other."""
    write(folder, {"lib.lig": LIB, "b.lig": ""})
    uri = uri_of(os.path.join(folder, "b.lig"))
    rng = random.Random(15)
    whole = plain(MARKED)
    texts = ["", "\"", "/* a", "\"\\(", "\ufeff-- a\nlet x = 1;\n", "#!/x\n1",
             "let a = \"x\r\n-- \r\"", "'a.b 'c", "let \U0001F600 = 1;\n2"]
    for _ in range(60):
        at = rng.randint(0, len(whole))
        texts.append(whole[:at] + rng.choice(("", "\"", "(", "/*", "\r", "\0",
                                              "\u202e", "let", "\\(")) +
                     whole[at + rng.choice((0, 1, 20, 9999)):])
    found = {}
    for encoding in ("utf-8", "utf-16"):
        client, legend, codec = begin(folder, encoding)
        had = None
        for version, text in enumerate(texts):
            client.open(uri, text, version)
            shown = text[1:] if text.startswith("\ufeff") else text
            shown = shown.replace("\r\n", "\n").replace("\r", "\n")
            if had is None:
                had = ask(client, uri)
            else:
                had = next_tokens(client, uri, had)
            now = words(legend, shown, had["data"], codec)
            if found.setdefault(text, now) != now:
                report("tokens of %r" % text, "%r, not %r" % (now, found[text]))
        equal("tokens where nothing has changed", ask(
            client, uri, "full/delta", previousResultId=had["resultId"])[
                "edits"], [])
        report("no such result", None if "data" in ask(
            client, uri, "full/delta", previousResultId="x") else "edits")
        equal("the end", client.end(), (0, ""))
    report("tokens of broken texts")


def next_tokens(client, uri, had):
    """All tokens, by the edits that make them of those before."""
    answer = ask(client, uri, "full/delta", previousResultId=had["resultId"])
    numbers = list(had["data"])
    for edit in answer["edits"]:
        start = edit["start"]
        numbers[start:start + edit["deleteCount"]] = edit["data"]
    fresh = ask(client, uri)
    equal_or_report(numbers, fresh["data"])
    return fresh


def equal_or_report(found, wanted):
    if found != wanted:
        report("the edits of tokens", "%r, not %r" % (found, wanted))


def told(folder):
    """A client hears when what a document imports has changed."""
    text = "import { twice } from \"./lib.lig\";\ntwice\n"
    uri = uri_of(os.path.join(folder, "t.lig"))
    for listens in (True, False):
        write(folder, {"lib.lig": LIB, "t.lig": text})
        client = Client(folder)
        client.request("initialize", capabilities={"workspace": {
            "semanticTokens": {"refreshSupport": listens},
            "inlayHint": {"refreshSupport": listens}}})
        client.notify("initialized")
        client.open(uri, text)
        equal("nothing is said of it", client.wait(uri, 1), [])
        before = ask(client, uri)["data"]
        write(folder, {"lib.lig": "export let twice = 2;\n"})
        client.notify("workspace/didChangeWatchedFiles", changes=[
            {"uri": uri_of(os.path.join(folder, "lib.lig")), "type": 2}])
        for kind in ("semanticTokens", "inlayHint") if listens else ():
            asked = client.read()
            equal("the client is told", asked["method"],
                  "workspace/%s/refresh" % kind)
            client.send(id=asked["id"], result=None)
        report("tokens are others then",
               None if ask(client, uri)["data"] != before else "the same")
        client.change(uri, 2, {"text": text + " "})
        equal("the end", client.end(), (0, ""))


TESTS = (kinds, broken, told)
