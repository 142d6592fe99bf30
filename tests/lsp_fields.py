"""Fields of records, where `ligature lsp` finds them again."""
import os

from lsp_client import place_of, uri_of
from lsp_names import at_word, initialized
from tap import equal, report, write

LIB = """\
export type Server = { name: String, port: Integer, tags: List String = [] };
export type Client = { name: String, port: Integer };
export let spare = { name = "s", port = 1, tags = [] };
"""
MAIN = """\
import "./lib.lig" as lib;
let web: lib.Server = { name = "\U0001F600", port = 8080 };
let port = 1;
let user: lib.Client = { name = "u", port };
let shown (s: lib.Server) = s.name ++ toString s.port ++ web.name;
let taken { name, port = p, tags } = name ++ toString (p + length tags);
let plain = { host = "h", deep = { low = 1 } };
let read = plain.deep.low + { ..plain, host = 2 }.host;
let any r = r.port + 1;
let one = any user + any lib.spare;
let odd r = r.tags;
let more = { ..plain, deep.low = 2 };
let added = { ..plain, kind = "k" };
let kinds = more.host ++ added.kind;
type Low = { low: Integer, "a b"?: String };
let lowest: Low = { low = 2, "a b" = "c" };
{ a = shown web, b = taken lib.spare, read, one, l = lowest.low, m = lowest."a b", o = odd web, k = kinds, q = user.name }
"""


def ask(client, uri, method, words, word, **more):
    found = client.request("textDocument/" + method, textDocument={
        "uri": uri}, position=place_of(MAIN, at_word(MAIN, words, word)),
        **more)["result"]
    return [found] if isinstance(found, dict) else found or []


def places(found):
    return [(os.path.basename(p["uri"]), p["range"]["start"]["line"],
             p["range"]["start"]["character"]) for p in found]


def fields(folder):
    write(folder, {"lib.lig": LIB, "main.lig": MAIN})
    uri = uri_of(os.path.join(folder, "main.lig"))
    client = initialized(folder)
    client.open(uri, MAIN)
    equal("no errors", [d for d in client.wait(uri, 1) if d["severity"] == 1],
          [])
    port, name = ("lib.lig", 0, 37), ("lib.lig", 0, 23)
    for words, word, wanted in (
            ("toString s.port", "port", [port]),
            ("web.name", "name", [name]),
            ("port = 8080", "port", [port]),
            ("user.name", "name", [("lib.lig", 1, 23)]),
            ("port = p,", "port", [port]),
            ("deep = {", "deep", [("main.lig", 6, 26)]),
            ("read = plain.deep", "deep", [("main.lig", 6, 26)]),
            ("plain.deep.low", "low", [("main.lig", 6, 35)]),
            ("host = 2", "host", [("main.lig", 7, 39)]),
            ("more.host", "host", [("main.lig", 6, 14)]),
            ("added.kind", "kind", [("main.lig", 12, 23)]),
            ("r.port", "port", []),
            ("r.tags", "tags", [("lib.lig", 0, 52)]),
            ("lowest.low", "low", [("main.lig", 14, 13)]),
            ("m = lowest.\"a b\"", "a b", [("main.lig", 14, 27)]),
            ("type Low = { low", "low", [("main.lig", 14, 13)])):
        found = ask(client, uri, "definition", words, word)
        equal("definition of %s in %s" % (word, words), places(found), wanted)
    for words, word, wanted in (
            ("port = p,", "port", "port : Integer"),
            ("type Low = { low", "low", "low : Integer"),
            ("port = 8080", "port", "port : Integer"),
            ("deep = {", "deep", None),
            ("r.port", "port", "port : Integer")):
        found = ask(client, uri, "hover", words, word)
        equal("hover over %s in %s" % (word, words),
              found[0]["contents"]["value"].split("\n")[1] if found else None,
              wanted)
    own = [port, ("lib.lig", 2, 33), ("main.lig", 1, 37), ("main.lig", 4, 49),
           ("main.lig", 5, 18), ("main.lig", 8, 14)]
    context = {"includeDeclaration": True}
    equal("references of a field", sorted(places(ask(
        client, uri, "references", "toString s.port", "port",
        context=context))), own)
    equal("references without where it is declared", sorted(places(ask(
        client, uri, "references", "toString s.port", "port",
        context={"includeDeclaration": False}))), own[1:])
    equal("references of the other one, of that name", sorted(places(ask(
        client, uri, "references", "user.name", "name", context=context))), [
            ("lib.lig", 1, 23), ("main.lig", 3, 25), ("main.lig", 16, 116)])
    equal("highlights of a field", [
        (h["range"]["start"]["line"], h["kind"]) for h in ask(
            client, uri, "documentHighlight", "lowest.low", "low")],
        [(14, 3), (15, 3), (16, 2)])
    report("renaming is refused", None if "error" in client.request(
        "textDocument/rename", textDocument={"uri": uri}, newName="x",
        position=place_of(MAIN, at_word(MAIN, "web.name", "name"))) else "not")
    equal("the end", client.end(), (0, ""))


DEFAULTS = """\
type T = { a: Integer, b: Integer = a + 1, c?: String };
let t: T = { a = 1 };
let b = [t.b];
{ a = t.a, b, c = t.c }
"""


def defaults(folder):
    """An earlier field is a field, whatever names it."""
    write(folder, {"d.lig": ""})
    uri = uri_of(os.path.join(folder, "d.lig"))
    client = initialized(folder)
    client.open(uri, DEFAULTS)
    equal("no errors", client.wait(uri, 1), [])
    for words, word, column in (("= t.a", "a", 11), ("[t.b", "b", 23),
                                ("= t.c", "c", 43), ("= a + 1", "a", 11),
                                ("{ a = 1", "a", 11), ("{ a:", "a", 11)):
        found = client.request("textDocument/definition", textDocument={
            "uri": uri}, position=place_of(DEFAULTS, at_word(
                DEFAULTS, words, word)))["result"]
        equal("definition of %s in %s" % (word, words),
              found and found["range"]["start"],
              {"line": 0, "character": column})
    equal("the end", client.end(), (0, ""))


TESTS = (fields, defaults)
