"""What `ligature lsp` knows of names: hovers, definitions, references, renaming,
symbols, completion."""
import os

from lsp_client import Client, edited, place_of, units, uri_of
from tap import equal, report, write

HERE = "\u2038"  # where the cursor is


def initialized(folder, **params):
    """A client that works in the folder."""
    client = Client(folder)
    client.request("initialize", processId=None, capabilities={},
                   workspaceFolders=[{"uri": uri_of(folder), "name": "x"}],
                   **params)
    client.notify("initialized")
    return client


def ask(client, uri, text, method, at, **more):
    answer = client.request("textDocument/" + method, textDocument={
        "uri": uri}, position=place_of(text, at), **more)
    return answer.get("result", answer.get("error"))


def at_word(text, words, word):
    """Inside of `word`, which stands in `words`, once in the text."""
    assert text.count(words) == 1, words
    return text.index(words) + words.rindex(word) + 1


# ---- hovers and definitions

MAIN = """\
import "./named.lig" as lib;
import std.list as list;
import { half, Level, High } from "./named.lig";

/// Says *hello*.
///
/// Twice.
let hello (who: String) = "\U0001F600" ++ who ++ who;
input size: Integer = 2;
let port = 8080;
/// A port.
type Port = Integer where x <= port;
let list_of n = [i * port for i in [n, 2] if i > lib.twice half 1];
type Service = { name: String, port: Port, tags: List String = [] };
let web: Service = { name = "web", port };
let level: Level = High;
let shown l = match l { High => web.tags, lib.Low n => [toString n] };
let both { name, port = p } = name ++ toString p;
{ a = hello "x", b = list.sum (list_of size), size, port = let port = 1 in port, c = shown level, d = both web }
"""
NAMED = """\
/// Does it twice.
export let twice f x = f (f x);
export let half n = n + 1;
/// How much.
export type Level = High | Low Integer;
"""


def hovers(folder):
    write(folder, {"names.lig": "", "named.lig": "1\n"})
    uri = uri_of(os.path.join(folder, "names.lig"))
    named = uri_of(os.path.join(folder, "named.lig"))
    client = initialized(folder)
    client.open(named, NAMED)
    client.open(uri, MAIN)
    equal("no errors", [d for d in client.wait(uri, 1) if d["severity"] == 1],
          [])
    code = "```ligature\n%s\n```\n"
    for words, word, shown in (
            ("let hello", "hello", code % "hello : String -> String" +
             "Says *hello*.\n\nTwice.\n"),
            ("{ a = hello", "hello", code % "hello : String -> String" +
             "Says *hello*.\n\nTwice.\n"),
            ("x <= port", "port", code % "port : Integer"),
            ("i * port", "port", code % "port : Integer"),
            ("input size", "size", code % "size : Integer"),
            ("list_of size", "size", code % "size : Integer"),
            (", size", "size", code % "size : Integer"),
            ("lib.twice", "twice", code % "twice : (a -> a) -> a -> a" +
             "Does it twice.\n"),
            ("1 in port", "port", code % "port : Integer"),
            ("++ who ++ who", "who", code % "who : String"),
            ("(who: String)", "who", code % "who : String"),
            ("[i * port", "i", code % "i : Integer"),
            ("list_of n", "n", code % "n : Integer"),
            ("type Port", "Port", code %
             "type Port = Integer where x <= port;" + "A port.\n"),
            ("port: Port", "Port", code %
             "type Port = Integer where x <= port;" + "A port.\n"),
            ("level: Level", "Level", code %
             "export type Level = High | Low Integer;" + "How much.\n"),
            ("= High", "High", code % "High : Level" + "How much.\n"),
            ("lib.Low n", "Low", code % "Low : Integer -> Level" +
             "How much.\n"),
            ("toString n", "n", code % "n : Integer"),
            ("web.tags", "tags", code % "tags : List String"),
            ("{ name = ", "name", code % "name : String"),
            ("port = p", "p", code % "p : a"),
            ("who: String", "String", code % "type String")):
        found = ask(client, uri, MAIN, "hover", at_word(MAIN, words, word))
        equal("hover over %s in %s" % (word, words),
              found and found["contents"],
              {"kind": "markdown", "value": shown})
    found = ask(client, uri, MAIN, "hover", at_word(MAIN, "{ a = hello",
                                                    "hello"))
    equal("the range of a hover",
          (found["range"]["start"]["character"],
           found["range"]["end"]["character"]), (6, 11))
    found = ask(client, uri, MAIN, "hover", at_word(MAIN, "list.sum", "sum"))
    report("hover over the library",
           None if "sum : " in found["contents"]["value"] else found)
    equal("no hover over a number",
          ask(client, uri, MAIN, "hover", MAIN.index("8080") + 1), None)
    for words, word, where, line, column in (
            ("{ a = hello", "hello", uri, 7, 4),
            ("++ who ++ who", "who", uri, 7, 11),
            ("[i * port", "i", uri, 12, 30),
            ("list_of size", "size", uri, 8, 6),
            ("1 in port", "port", uri, 18, 63),
            ("let hello", "hello", uri, 7, 4),
            ("lib.twice", "twice", named, 1, 11),
            ("lib.twice", "lib", named, 0, 0),
            ("\"./named.lig\" as", "named", named, 0, 0),
            ("port: Port", "Port", uri, 11, 5),
            ("{ High =>", "High", named, 4, 20),
            ("{ half,", "half", named, 2, 11),
            ("twice half", "half", named, 2, 11)):
        found = ask(client, uri, MAIN, "definition",
                    at_word(MAIN, words, word))
        equal("definition of %s in %s" % (word, words),
              found and (found["uri"], found["range"]["start"]),
              (where, {"line": line, "character": column}))
    equal("the library is no file", ask(
        client, uri, MAIN, "definition", at_word(MAIN, "list.sum", "sum")),
        None)
    equal("the end", client.end(), (0, ""))


LIBRARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "std")


def library(folder):
    """Clients that show texts without files are led into the library."""
    write(folder, {"l.lig": ""})
    uri = uri_of(os.path.join(folder, "l.lig"))
    text = "import std.list as list;\nlist.fold (\\a b -> a + b) 0 [length [1]]\n"
    client = Client(folder)
    result = client.request("initialize", capabilities={
        "workspace": {"textDocumentContent": {}}})["result"]
    equal("where the library is", result["capabilities"]["workspace"][
        "textDocumentContent"], {"schemes": ["ligature-std"]})
    client.open(uri, text)
    for words, word, name in (("list.fold", "fold", "list"),
                              ("[length", "length", "prelude"),
                              ("as list", "list", "list")):
        found = ask(client, uri, text, "definition", at_word(text, words, word))
        equal("the text of " + word, found["uri"],
              "ligature-std:/%s.lig" % name)
        shown = client.request("workspace/textDocumentContent",
                               uri=found["uri"])["result"]["text"]
        with open(os.path.join(LIBRARY, name + ".lig"), "rb") as file:
            equal("is what it is", shown, file.read().decode())
        start, end = found["range"]["start"], found["range"]["end"]
        line = shown.split("\n")[start["line"]]
        equal("with the place of " + word,
              line[start["character"]:end["character"]],
              "" if word == "list" else word)
        client.open(found["uri"], shown, 7)
        equal("nothing is said of it", client.wait(found["uri"], 7), [])
        report("it has tokens", None if client.request(
            "textDocument/semanticTokens/full", textDocument={
                "uri": found["uri"]})["result"]["data"] else "none")
    for params in ({"uri": "ligature-std:/x.lig"}, {"uri": 3}, {},
                   {"uri": "file:///std/list.lig"},
                   {"uri": "ligature-std:/../std/list.lig"}):
        equal("no text of %r" % params, client.request(
            "workspace/textDocumentContent", **params)["error"]["code"],
            -32803)
    equal("the end", client.end(), (0, ""))


# ---- bad requests, broken documents

METHODS = ("hover", "definition", "documentHighlight", "references",
           "prepareRename", "completion")


def bad(folder):
    uri = uri_of(os.path.join(folder, "bad.lig"))
    write(folder, {"bad.lig": ""})
    client = Client(folder)
    for method in METHODS + ("documentSymbol", "rename"):
        equal(method + " before initialize",
              client.request("textDocument/" + method)["error"]["code"], -32002)
    client.end_with = None
    client.request("initialize", capabilities={}, workspaceFolders=[
        {"uri": 3}, 7, {}, {"uri": "file:///nowhere"}], rootUri=4)
    texts = ("let a = [1,\n", "", "let \U0001F600 = ;\nlet b = 1;\nb.\n",
             "{ a = \"\\(b", "match", "import \"", "let x = \"abc")
    for text in texts:
        client.open(uri, text)
        for method in METHODS + ("rename",):
            for place in ({"line": 0, "character": 4},
                          {"line": 99, "character": 0},
                          {"line": 0, "character": 99999999999},
                          {"line": -1, "character": -1}):
                answer = client.request("textDocument/" + method,
                                        position=place, newName="other",
                                        textDocument={"uri": uri})
                if "result" not in answer and \
                        answer["error"]["code"] != -32803:
                    report("%s in %r" % (method, text), answer)
        for method in ("documentSymbol",):
            if "result" not in client.request("textDocument/" + method,
                                              textDocument={"uri": uri}):
                report("%s in %r" % (method, text), "an error")
    report("places in broken documents")
    for method in METHODS + ("rename",):
        for params in ({"textDocument": {"uri": uri}},
                       {"textDocument": {"uri": "file:///x.lig"},
                        "position": {"line": 0, "character": 0}},
                       {"textDocument": {"uri": uri}, "position": 3}, {},
                       {"textDocument": []}):
            code = client.request("textDocument/" + method,
                                  **params)["error"]["code"]
            if code != -32602:
                report(method + " with " + str(params), code)
    report("requests that lack something")
    answer = client.request("textDocument/rename", textDocument={"uri": uri},
                            position={"line": 0, "character": 0})
    equal("no new name", answer["error"]["code"], -32803)
    equal("the end", client.end(), (0, ""))


# ---- symbols

SYMBOLS = """\
import std.list as L;
let a = 1;
let broken = [1, ;
export let f x = x;
input i: Integer = 1;
type U = One | Two Integer;
type R = { port: Integer, host: String };
typeclass C a where
  m: a -> Integer;
instance C Integer where
  m x = x;
let rec even n = if n <= 0 then true else odd (n - 1)
and odd n = if n <= 0 then false else even (n - 1);
"""


def outline(symbols):
    return [(s["name"], s["kind"]) + (
        (outline(s["children"]),) if s.get("children") else ())
        for s in symbols]


def inside(text, symbols):
    """Whether every selection is in its range."""
    for s in symbols:
        whole, name = s["range"], s["selectionRange"]
        assert (whole["start"]["line"], whole["start"]["character"]) <= \
            (name["start"]["line"], name["start"]["character"]), s
        assert (whole["end"]["line"], whole["end"]["character"]) >= \
            (name["end"]["line"], name["end"]["character"]), s
        inside(text, s.get("children", []))


def symbols(folder):
    uri = uri_of(os.path.join(folder, "symbols.lig"))
    write(folder, {"symbols.lig": SYMBOLS, "other.lig": "let evening = 1;\n"})
    client = initialized(folder)
    client.open(uri, SYMBOLS)
    found = client.request("textDocument/documentSymbol",
                           textDocument={"uri": uri})["result"]
    inside(SYMBOLS, found)
    equal("the outline of a broken document", outline(found), [
        ("L", 2), ("a", 13), ("broken", 13), ("f", 12), ("i", 7),
        ("U", 10, [("One", 22), ("Two", 22)]),
        ("R", 23, [("port", 8), ("host", 8)]), ("C", 11, [("m", 6)]),
        ("C Integer", 19, [("m", 6)]), ("even", 12), ("odd", 12)])
    equal("with types", [s["detail"] for s in found if s["name"] == "f"],
          ["a -> a"])
    equal("of no document", client.request(
        "textDocument/documentSymbol",
        textDocument={"uri": "file:///x"})["error"]["code"], -32602)
    names = [s["name"] for s in client.request(
        "workspace/symbol", query="evn")["result"]]
    equal("symbols of the folder", sorted(names), ["even", "evening"])
    equal("all symbols", len(client.request("workspace/symbol",
                                            query="")["result"]), 12)
    client.open(uri, "let evenings = 1;\n")
    names = [s["name"] for s in client.request(
        "workspace/symbol", query="EVE")["result"]]
    equal("of what is open, not saved", sorted(names), ["evening", "evenings"])
    client.notify("workspace/didChangeWorkspaceFolders", event={
        "removed": [{"uri": uri_of(folder)}], "added": []})
    equal("no folder, no symbols",
          client.request("workspace/symbol", query="")["result"], [])
    equal("the end", client.end(), (0, ""))


# ---- references

def references(folder):
    files = {
        "lib.lig": "export let port = 1;\nexport type T = A | B Integer;\n",
        "one.lig": "import \"./lib.lig\" as l;\nl.port + l.port\n",
        "two.lig": "import { port, T } from \"./lib.lig\";\n"
                   "let t: T = B port;\nlet f port = port;\n"
                   "{ port, t = f t }\n"}
    write(folder, files)
    uris = {name: uri_of(os.path.join(folder, name)) for name in files}
    client = initialized(folder)
    client.open(uris["two.lig"], files["two.lig"])

    def found(name, words, word, **more):
        text = files[name]
        result = ask(client, uris[name], text, "references",
                     at_word(text, words, word), **more)
        return sorted((os.path.basename(r["uri"]), r["range"]["start"]["line"],
                       r["range"]["start"]["character"]) for r in result)

    equal("references in other files", found("two.lig", "{ port, t", "port"), [
        ("lib.lig", 0, 11), ("one.lig", 1, 2), ("one.lig", 1, 11),
        ("two.lig", 0, 9), ("two.lig", 1, 13), ("two.lig", 3, 2)])
    equal("without the declaration", found(
        "two.lig", "{ port, t", "port", context={"includeDeclaration": False})[
            0][0], "one.lig")
    equal("of a parameter", found("two.lig", "f port", "port"),
          [("two.lig", 2, 6), ("two.lig", 2, 13)])
    equal("of a type", found("two.lig", "t: T", "T"), [
        ("lib.lig", 1, 12), ("two.lig", 0, 15), ("two.lig", 1, 7)])
    highlights = ask(client, uris["two.lig"], files["two.lig"],
                     "documentHighlight",
                     at_word(files["two.lig"], "= port;", "port"))
    equal("highlights", [(h["range"]["start"]["line"],
                          h["range"]["start"]["character"], h["kind"])
                         for h in highlights], [(2, 6, 3), (2, 13, 2)])
    uri = uri_of(os.path.join(folder, "three.lig"))
    text = "import \"./lib.lig\" as l;\n(l.port) + ( (l).port )\n"
    client.open(uri, text)
    equal("a module in parentheses", [
        (r["range"]["start"]["line"], r["range"]["start"]["character"])
        for r in ask(client, uri, text, "documentHighlight",
                     at_word(text, "as l", "l"))
        if r["range"]["end"]["character"] - r["range"]["start"]["character"] == 1],
        [(0, 22), (1, 1), (1, 14)])
    equal("the end", client.end(), (0, ""))


# ---- renaming

def renaming(folder):
    files = {
        "lib.lig": "/// \U0001F600\nexport let port = 1;\n"
                   "export let host = \"\U0001F600\";\n",
        "one.lig": "import \"./lib.lig\" as l;\n"
                   "{ a = \"\U0001F600\", b = l.port + l.port }\n",
        "two.lig": "import { port } from \"./lib.lig\";\n"
                   "import { port as q } from \"./lib.lig\";\n"
                   "let g x = match x { { port } => port, _ => q };\n"
                   "let h (a, b) = a + b;\n"
                   "let hid = 1;\nlet f other = port + hid;\n"
                   "{ port, c = g { port = 2 }, d = f 1, e = h (1, 2) }\n"}
    write(folder, files)
    uris = {name: uri_of(os.path.join(folder, name)) for name in files}
    client = initialized(folder)
    for name in files:
        client.open(uris[name], files[name])

    def rename(name, words, word, new):
        text = files[name]
        result = ask(client, uris[name], text, "rename",
                     at_word(text, words, word), newName=new)
        if "changes" not in result:
            return result["code"]
        return {n: edited(files[n], result["changes"][uris[n]])
                for n in files if uris[n] in result["changes"]}

    equal("a name that is exported", rename("two.lig", "{ port, c", "port",
                                            "gate"), {
        "lib.lig": files["lib.lig"].replace(" port", " gate"),
        "one.lig": files["one.lig"].replace(".port", ".gate"),
        "two.lig": files["two.lig"].replace("{ port } from", "{ gate } from")
        .replace("{ port as", "{ gate as").replace("= port +", "= gate +")
        .replace("{ port, c", "{ port = gate, c")})
    equal("a pun in a pattern", rename("two.lig", "=> port", "port", "p"), {
        "two.lig": files["two.lig"].replace("{ { port }", "{ { port = p }")
        .replace("=> port", "=> p")})
    equal("part of a parameter", rename("two.lig", "(a, b)", "b", "y'"), {
        "two.lig": files["two.lig"].replace("(a, b)", "(a, y')").replace(
            "a + b", "a + y'")})
    for words, word, new, why in (
            ("{ port, c", "port", "hid", "taken by another"),
            ("= port +", "port", "other", "hidden by a parameter"),
            ("let hid", "hid", "port", "taken by an import"),
            ("let hid", "hid", "Hid", "another kind of name"),
            ("let hid", "hid", "let", "a keyword"),
            ("let hid", "hid", "a b", "no name"),
            ("let hid", "hid", "", "nothing"),
            ("let hid", "hid", "1", "a number"),
            ("c = g", "c", "d", "a field"),
            ("f 1,", "1", "d", "a number is no name")):
        equal("not renamed: " + why, rename("two.lig", words, word, new),
              -32803)
    text = files["two.lig"]
    found = ask(client, uris["two.lig"], text, "prepareRename",
                at_word(text, "let hid", "hid"))
    equal("prepareRename", (found["placeholder"], found["range"]["start"]),
          ("hid", {"line": 4, "character": 4}))
    equal("prepareRename of a field", ask(
        client, uris["two.lig"], text, "prepareRename",
        at_word(text, "c = g", "c"))["code"], -32803)
    defaults = "type T = { a: Integer, b: Integer = a };\n1\n"
    client.open("untitled:d", defaults)
    for words in ("{ a:", "= a }"):
        equal("not renamed: a field, " + words, ask(
            client, "untitled:d", defaults, "rename",
            at_word(defaults, words, "a"), newName="c").get("code"), -32803)
    others = "import \"./lib.lig\" as l;\ntype T a = T a Integer;\n" \
        "let t: T l.P = T l.port 1;\nlet f (x: 'v): 'v = x;\nf t\n"
    client.open("untitled:o", others)
    for words, word, why in (
            ("= T a", "a", "a type variable"),
            ("(x: 'v)", "'v", "a type variable with its mark"),
            ("as l", "l", "a module"), ("T l.port", "l", "a module's use"),
            ("Integer", "Integer", "a type of the language"),
            ("l.port", "port", "declared outside of the folder's files")):
        equal("not renamed: " + why, ask(
            client, "untitled:o", others, "rename",
            at_word(others, words, word), newName="q").get("code"), -32803)
    library = "let a = length \"x\";\na\n"
    client.open("untitled:a", library)
    equal("the library", ask(client, "untitled:a", library, "rename",
                             at_word(library, "length", "length"),
                             newName="size")["code"], -32803)
    found = ask(client, "untitled:a", library, "rename",
                at_word(library, "let a", "a"), newName="b")
    equal("a document without a file",
          edited(library, found["changes"]["untitled:a"]),
          "let b = length \"x\";\nb\n")
    equal("the end", client.end(), (0, ""))


# ---- completion

SERVICE = """\
import "./lib.lig" as lib;
import std.list as list;
import { Color, paint } from "./lib.lig";
type Service = { name: String, port: Integer, tags: List String = [] };
let base = { host = "h", "a key" = 1, tls = { on = true } };
let web: Service = { name = "web", port = 1 };
"""
LIB = """\
export type Color = Red | Green Integer;
export let paint (c: Color) = 1;
export let port = 1;
let hidden = 1;
"""


def completion(folder):
    write(folder, {"lib.lig": LIB, "c.lig": "", "data.json": "{\"k\": 1}",
                   ".hidden.lig": "", "readme.md": ""})
    os.mkdir(os.path.join(folder, "sub"))
    write(os.path.join(folder, "sub"), {"deep.lig": "1\n"})
    uri = uri_of(os.path.join(folder, "c.lig"))
    client = initialized(folder)

    def items(text):
        at = text.index(HERE)
        text = text.replace(HERE, "")
        client.open(uri, text)
        result = ask(client, uri, text, "completion", at)
        return {i["label"]: i for i in result["items"]}

    for name, text, wanted, unwanted in (
            ("names in scope", SERVICE + "let f x = let y = 1 in " + HERE + ";\n",
             "x y f web base lib list paint Red Green map toString Some let",
             "hidden Service port"),
            ("a name begun", SERVICE + "we" + HERE + "\n", "web", "hidden"),
            ("fields of a record", SERVICE + "base." + HERE + "\n",
             "host tls", "web name let"),
            ("fields in depth", SERVICE + "let a = base.tls." + HERE + ";\n",
             "on", "host"),
            ("fields of a parameter", SERVICE +
             "let f (s: Service) = s." + HERE + "\nlet z = 1;\n",
             "name port tags", "host web"),
            ("fields by inference", SERVICE +
             "let f s = [t." + HERE + " for t in [web, s]];\n",
             "name port tags", "host web"),
            ("exports", SERVICE + "lib." + HERE, "paint port Color Red Green",
             "hidden web"),
            ("a name in parentheses", SERVICE + "let h = ( (we" + HERE + "));\n",
             "web base", "hidden"),
            ("exports in parentheses", SERVICE + "let h = (lib." + HERE + ");\n",
             "paint port", "hidden web"),
            ("exports in a type", SERVICE + "let c: lib." + HERE,
             "Color", "hidden web"),
            ("the library", SERVICE + "list." + HERE + "\nlet x = 1;\n",
             "sum sortBy", "web"),
            ("types", SERVICE + "let c: S" + HERE + " = 1;\n",
             "Service Color String Integer List Option", "web Red"),
            *((where, SERVICE + text, "Service Color String", "web Red")
              for where, text in (
                  ("a type's argument", "let c: List " + HERE + " = [];\n"),
                  ("a function's type", "let c: String -> " + HERE + ";\n"),
                  ("a tuple's type", "let c: (String, " + HERE + ") = 1;\n"),
                  ("a list's type", "let c: [" + HERE + "] = [];\n"),
                  ("a field's type", "let c: { a: " + HERE + " } = 1;\n"),
                  ("a parameter's type", "let f (x: S" + HERE + ") = 1;\n"),
                  ("an annotation", "let c = (1 : S" + HERE + ");\n"),
                  ("a type under a context",
                   "let c: Show a => a -> S" + HERE + " = 1;\n"),
                  ("an alias", "type T = List S" + HERE + ";\n"),
                  ("a constructor's payload", "type T = A Integer | B S" +
                   HERE + ";\n"),
                  ("a method's type",
                   "typeclass C a where c: a -> S" + HERE + ";\n"),
                  ("the head of an instance",
                   "instance Show (List S" + HERE + ") where show x = \"\";\n"),
                  ("the base of a refinement",
                   "type T = S" + HERE + " where length > 0;\n"))),
            ("a predicate", SERVICE + "type T = Integer where x > " + HERE +
             ";\n", "x web", "Service"),
            ("a guard", SERVICE + "let g c = match c { n when " + HERE +
             " => 1, _ => 2 };\n", "n c web", "hidden"),
            ("names of a pattern", SERVICE + "let g c = match c { "
             "[a, Some b as d, ..e] => " + HERE + ", _ => 2 };\n",
             "a b d e c", "hidden"),
            ("a recursive let", SERVICE + "let g c = let rec h n = " + HERE +
             " and i n = 1 in 2;\n", "h i n c", "hidden"),
            ("fields of a literal",
             SERVICE + "let s: Service = { name = \"x\", " + HERE + " };\n",
             "port tags web", "host"),
            ("fields of an open literal",
             SERVICE + "let s: Service = { name = \"x\", " + HERE + "\nlet b = 1;",
             "port tags", "host"),
            ("fields of a literal in a list",
             SERVICE + "let s: List Service = [{ " + HERE + " }];\n",
             "name port tags", "host"),
            ("constructors in a pattern",
             SERVICE + "let g c = match paint c { " + HERE + " };\n"
             "let h (c: Color) = match c { R" + "\n", "Red Green", "web"),
            ("in an open match",
             SERVICE + "let h (c: Color) = match c { Red => 1, " + HERE + "\n",
             "Red Green", "web"),
            ("behind an open if", SERVICE + "let h q = if q then " + HERE,
             "q h web", "hidden"),
            ("in an open condition", SERVICE + "let h q = if base." + HERE,
             "host tls", "q"),
            ("in an open lambda",
             SERVICE + "let h = map (\\r -> r." + HERE + "\nlet i = 1;\n",
             "", "web"),
            ("in an open let",
             SERVICE + "let h = let inner = 1; outer = inn" + HERE,
             "inner web", "hidden"),
            ("in an interpolation", SERVICE + "\"a \\(web." + HERE + ")\"\n",
             "name port", "web"),
            ("in an open interpolation", SERVICE + "\"a \\(we" + HERE,
             "web", "hidden"),
            *((where, SERVICE + text + HERE, "web base", "hidden")
              for where, text in (
                  ("behind an open match", "let h = match we"),
                  ("in an open list", "let h = [1, we"),
                  ("behind an open for", "let h = [x for x in we"),
                  ("behind an item with an open let", "let h = [let a = 1, we"),
                  ("behind an item with an open if", "let h = (if true, we"),
                  ("in an arm behind an open if",
                   "let h c = match c { Red => if true then 1, Green => we"),
                  ("in an arm behind an open let",
                   "let h c = match c { Red => let a = 1, _ => we"),
                  ("behind a closed bracket with an open let",
                   "let h = [let a = 1] ++ we"),
                  ("in brackets in brackets", "let h = f ([{ a = (we"),
                  ("in an exported value", "export let h = we"),
                  ("in a field behind an open lambda",
                   "let h = { a = \\x -> x, b = we"),
                  ("between an if and its else", "let h = if true then we"),
                  ("in the name of a let", "let h = let a = 1; we"))),
            ("in a comprehension",
             SERVICE + "[x." + HERE + " for x in [base]]\n", "host", "web"),
            ("in an open comprehension",
             SERVICE + "[x for x in [base] if x." + HERE, "host", "web"),
            ("beside broken declarations", "let bad = [1, ;\n" + SERVICE +
             "let worse = (;\nlet a = web." + HERE, "name port", "web"),
            ("behind an astral character",
             SERVICE + "let a = \"\U0001F600\" ++ web." + HERE,
             "name port", "web"),
            ("items of an import", "import { " + HERE + " } from \"./lib.lig\";\n",
             "paint Color port", "hidden let"),
            ("modules of the library", "import std." + HERE + ";\n",
             "list string map", "std.list prelude let"),
            ("modules", "import " + HERE, "std.list std.map", "let"),
            ("files", "import \"./" + HERE + "\" as x;\n",
             "lib.lig data.json sub", "readme.md .hidden.lig"),
            ("files of a folder", "import { a } from \"./sub/" + HERE + "\n",
             "deep.lig", "lib.lig"),
            ("an upper folder", "import \"./sub/../" + HERE, "lib.lig sub", ""),
            ("nothing in a string", SERVICE + "\"we" + HERE + "\"\n", "", "web"),
            ("nothing in a comment", SERVICE + "// we" + HERE + "\n1\n", "",
             "web"),
            ("nothing in a number's fraction", SERVICE + "base.x." + HERE, "",
             "web host"),
            ("an empty document", HERE, "map toString let", "web")):
        found = items(text)
        missing = [w for w in wanted.split() if w not in found]
        extra = [w for w in unwanted.split() if w in found]
        report("completion: " + name, None if not missing and not extra else
               "lacks %s, has %s, of %s" % (missing, extra, sorted(found)[:20]))
    found = items(SERVICE + "let s: Service = { " + HERE + " };\n")
    equal("a field to be inserted", (
        found["port"]["insertText"], found["port"]["detail"],
        found["port"]["kind"]), ("port = ", "Integer", 5))
    report("what may be left out comes later",
           None if found["port"]["sortText"] < found["tags"]["sortText"]
           else found)
    found = items(SERVICE + "let f x = " + HERE + "\n")
    equal("kinds", [found[n]["kind"] for n in ("x", "paint", "Red", "lib", "if")],
          [6, 3, 20, 9, 14])
    equal("types of what is offered", found["paint"]["detail"],
          "Num a => Color -> a")
    equal("the end", client.end(), (0, ""))


TESTS = (hovers, library, bad, symbols, references, renaming, completion)


# ---- project files

def projects(folder):
    """Each document has the project file of its own folder."""
    for name in ("one", "two", "broken", "none"):
        os.makedirs(os.path.join(folder, name, "src", "vendor"))
        write(os.path.join(folder, name), {
            "src/main.lig": "", "src/vendor/net.lig": "export let port = 1;\n"})
    text = "import corp.net as net;\nnet.port\n"
    write(os.path.join(folder, "one"), {
        "ligature.toml": "[imports]\n\"corp.net\" = \"src/vendor/net.lig\"\n"})
    write(os.path.join(folder, "two"), {
        "ligature.toml": "[lsp]\ntotality = \"strict\"\n"})
    write(os.path.join(folder, "broken"), {"ligature.toml": "[lsp\n"})
    uris = {name: uri_of(os.path.join(folder, name, "src", "main.lig"))
            for name in ("one", "two", "broken", "none")}
    client = Client(os.path.join(folder, "broken"))
    client.initialize()
    client.open(uris["one"], text)
    equal("imports of the project", client.wait(uris["one"], 1), [])
    found = [i["label"] for i in client.request(
        "textDocument/completion", textDocument={"uri": uris["one"]},
        position={"line": 0, "character": 7})["result"]["items"]]
    report("modules of the project are offered",
           None if "corp.net" in found else found)
    client.open(uris["two"], text)
    equal("of this one alone", [d["code"] for d in client.wait(
        uris["two"], 1)], ["E0501"])
    loop = "let rec f (n: Integer): Integer = f (n + 1);\nf 1\n"
    client.change(uris["two"], 2, {"text": loop})
    equal("settings of the project", [
        (d["code"], d["severity"]) for d in client.wait(uris["two"], 2)],
        [("E0609", 1)])
    client.open(uris["none"], loop)
    equal("no project", [(d["code"], d["severity"]) for d in client.wait(
        uris["none"], 1)], [("W0601", 2)])
    toml = uri_of(os.path.join(folder, "broken", "ligature.toml"))
    client.open(uris["broken"], "1\n")
    said = client.wait_next(toml)
    equal("what is wrong in a project file", [d["code"] for d in said],
          ["E0001"])
    write(os.path.join(folder, "broken"), {"ligature.toml": ""})
    client.notify("workspace/didChangeWatchedFiles", changes=[
        {"uri": toml, "type": 2}])
    equal("and mended", client.wait_next(toml), [])
    equal("the end", client.end(), (0, ""))


TESTS += (projects,)
