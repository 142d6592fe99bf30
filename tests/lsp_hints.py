"""Inlay hints, signatures, folding and selection of `ligature lsp`."""
import os

from lsp_client import offset_of, place_of, uri_of
from lsp_names import HERE, initialized
from tap import equal, report, write

HINTS = """\
let a = 1;
let list = [\"\U0001F600\", "x"];
let known: List Integer = [1];
let f x (y: Integer) = x + y;
let g r = let inner = r ++ "x" in match [inner] { [one, ..rest] => one, _ => "" };
let bad = [1, ;
{ a, b = [i for i in known] }
"""


def shown(text, hints):
    for hint in sorted(hints, key=lambda h: -offset_of(text, h["position"])):
        at = offset_of(text, hint["position"])
        text = text[:at] + "<" + hint["label"] + ">" + text[at:]
    return text


def hints(folder):
    write(folder, {"h.lig": ""})
    uri = uri_of(os.path.join(folder, "h.lig"))
    client = initialized(folder)
    client.open(uri, HINTS)
    whole = {"start": {"line": 0, "character": 0},
             "end": {"line": 99, "character": 0}}
    found = client.request("textDocument/inlayHint", textDocument={
        "uri": uri}, range=whole)["result"]
    equal("hints", shown(HINTS, found), HINTS
          .replace("let list", "let list<: List String>")
          .replace("f x", "f x<: Integer>").replace("g r", "g r<: String>")
          .replace("let inner", "let inner<: String>")
          .replace("[one, ..rest]",
                   "[one<: String>, ..rest<: List String>]")
          .replace("for i in", "for i<: Integer> in"))
    some = {"start": {"line": 3, "character": 0},
            "end": {"line": 3, "character": 99}}
    equal("hints of a range", len(client.request(
        "textDocument/inlayHint", textDocument={"uri": uri},
        range=some)["result"]), 1)
    equal("hints without a range", client.request(
        "textDocument/inlayHint", textDocument={"uri": uri})["result"], [])
    equal("the end", client.end(), (0, ""))


def signatures(folder):
    write(folder, {"s.lig": ""})
    uri = uri_of(os.path.join(folder, "s.lig"))
    client = initialized(folder)
    start = "/// Adds.\nlet add (x: Integer) (y: { a: Integer }) = x + y.a;\n"
    label = "add : Integer -> { a: Integer } -> Integer"
    for text, active in (("add(" + HERE, 0), ("add(1, " + HERE + ")", 1),
                         ("add 1 " + HERE, 1), ("add " + HERE, 0),
                         ("let z = [add 1 (" + HERE + "\nlet q = 1;\n", 1),
                         ("add (add 1 { a = " + HERE + " }) 2", 1),
                         ("let z = \"\U0001F600\" ++ toString (add " + HERE, 0)):
        at = len(start) + text.index(HERE)
        whole = start + text.replace(HERE, "")
        client.open(uri, whole)
        found = client.request(
            "textDocument/signatureHelp", textDocument={"uri": uri},
            position=place_of(whole, at))["result"]
        equal("signature in %r" % text, found and (
            found["signatures"][0]["label"], found["activeParameter"]),
            (label, active))
    signature = found["signatures"][0]
    equal("its parameters", [label[p["label"][0]:p["label"][1]]
                             for p in signature["parameters"]],
          ["Integer", "{ a: Integer }"])
    equal("its comment", signature["documentation"]["value"], "Adds.\n")
    for text in ("1 + ", "\"add(", "-- add(", ""):
        client.open(uri, start + text)
        equal("no signature in %r" % text, client.request(
            "textDocument/signatureHelp", textDocument={"uri": uri},
            position=place_of(start + text, len(start + text)))["result"], None)
    equal("the end", client.end(), (0, ""))


FOLDS = """\
import std.list as L;
import std.map as M;

let a = {
  b = [
    1,
  ],
};
let broken = (1,
  2;
"""


def ranges(folder):
    write(folder, {"r.lig": ""})
    uri = uri_of(os.path.join(folder, "r.lig"))
    client = initialized(folder)
    client.open(uri, FOLDS)
    found = client.request("textDocument/foldingRange",
                           textDocument={"uri": uri})["result"]
    equal("folds", sorted((f["startLine"], f["endLine"], f.get("kind"))
                          for f in found),
          [(0, 1, "imports"), (3, 6, None), (4, 5, None)])
    text = "let a = 1;\nlet b = { x = [a + 1, 2] };\nb\n"
    client.open(uri, text)
    at = text.index("a + 1")
    found = client.request("textDocument/selectionRange", textDocument={
        "uri": uri}, positions=[place_of(text, at), {"line": 99,
                                                     "character": 0}])["result"]
    chain = []
    step = found[0]
    while step is not None:
        chain.append(text[offset_of(text, step["range"]["start"]):
                          offset_of(text, step["range"]["end"])])
        step = step.get("parent")
    equal("selections", chain, ["a", "a + 1", "[a + 1, 2]",
                                "{ x = [a + 1, 2] }",
                                "let b = { x = [a + 1, 2] };", text])
    equal("one for each position", len(found), 2)
    report("no positions", None if client.request(
        "textDocument/selectionRange", textDocument={"uri": uri})[
            "error"]["code"] == -32803 else "no error")
    equal("the end", client.end(), (0, ""))


TESTS = (hints, signatures, ranges)
