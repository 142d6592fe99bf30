"""Quick fixes of `ligature lsp`: each is applied, and what it cures is gone."""
import os

from lsp_client import edited, uri_of
from lsp_names import initialized
from tap import equal, report, write

LIB = "export let port = 1;\nexport let host = 2;\n"
TYPES = "type S = { name: String, port: Integer, tag?: String };\n" \
    "type C = Red | Green Integer | Blue String S;\n"
# Name, text, title, what it becomes.
FIXES = (
    ("a misspelt value", "let portal = 1;\nportl + \"\U0001F600\".x\n",
     "change it to 'portal'", "let portal = 1;\nportal + \"\U0001F600\".x\n"),
    ("a misspelt export", "import \"./lib.lig\" as lib;\nlib.prt + 1\n",
     "change it to 'port'", "import \"./lib.lig\" as lib;\nlib.port + 1\n"),
    ("a misspelt field", "let r = { port = 1 };\nr.prot\n",
     "change it to 'port'", "let r = { port = 1 };\nr.port\n"),
    ("a misspelt field of a literal",
     TYPES + "let s: S = { nam = \"x\", port = 1 };\ns\n",
     "change it to 'name'",
     TYPES + "let s: S = { name = \"x\", port = 1 };\ns\n"),
    ("a misspelt type", TYPES + "let p: Intger = 1;\np\n",
     "change it to 'Integer'", TYPES + "let p: Integer = 1;\np\n"),
    ("a misspelt constructor", TYPES + "let c: C = Gren 1;\nc\n",
     "change it to 'Green'", TYPES + "let c: C = Green 1;\nc\n"),
    ("a missing field", TYPES + "let s: S = { name = \"x\" };\ns\n",
     "add the field",
     TYPES + "let s: S = { name = \"x\", port = error \"to do\" };\ns\n"),
    ("missing fields", TYPES + "let s: S = {};\ns\n", "add the fields",
     TYPES + "let s: S = { name = error \"to do\", port = error \"to do\" };\n"
     "s\n"),
    ("a missing field behind a comma",
     TYPES + "let s: S = {\n  name = \"x\",\n};\ns\n", "add the field",
     TYPES + "let s: S = {\n  name = \"x\", port = error \"to do\"\n};\ns\n"),
    ("missing arms", TYPES + "let f (c: C) = match c { Red => 1 };\nf Red\n",
     "add the arms", TYPES + "let f (c: C) = match c { Red => 1, "
     "Green _ => error \"to do\", Blue _ _ => error \"to do\" };\nf Red\n"),
    ("a missing arm", "let f x = match x { Some y => y };\nf (Some 1)\n",
     "add the arm", "let f x = match x { Some y => y, None => "
     "error \"to do\" };\nf (Some 1)\n"),
    ("a missing end", "let a = 1\nlet b = 2;\na + b\n", "insert ';'",
     "let a = 1;\nlet b = 2;\na + b\n"),
    ("an unused import", "import \"./lib.lig\" as lib;\r\n1\r\n",
     "remove this import", "1\r\n"),
    ("an unused name", "import { port, host } from \"./lib.lig\";\nhost\n",
     "remove this name", "import { host } from \"./lib.lig\";\nhost\n"),
    ("an unused last name",
     "import {\n  port,\n  host as h,\n} from \"./lib.lig\";\nport\n",
     "remove this name", "import {\n  port,\n  \n} from \"./lib.lig\";\nport\n"),
    ("the only name", "import { port } from \"./lib.lig\";\n1\n",
     "remove this import", "1\n"),
    ("an unused binding", "/// Of no use.\nlet a = 1;\nlet b = 2;\nb\n",
     "remove this declaration", "let b = 2;\nb\n"),
    ("an unused local", "let f x = let y = 1 in x;\nf 1\n",
     "put '_' before the name", "let f x = let _y = 1 in x;\nf 1\n"),
    ("an unused function that calls itself",
     "let rec f n = if n <= 0 then 0 else f (n - 1);\n1\n",
     "put '_' before the name",
     "let rec _f n = if n <= 0 then 0 else _f (n - 1);\n1\n"),
    ("a misspelt type in brackets", "let p: ( (Intger)) = 1;\np\n",
     "change it to 'Integer'", "let p: ( (Integer)) = 1;\np\n"),
)


def actions(client, uri, text, **more):
    lines = text.split("\n")
    whole = {"start": {"line": 0, "character": 0},
             "end": {"line": len(lines), "character": 0}}
    return client.request("textDocument/codeAction", textDocument={
        "uri": uri}, range=whole, context=dict(more, diagnostics=[]))["result"]


def fixes(folder):
    write(folder, {"lib.lig": LIB, "f.lig": ""})
    uri = uri_of(os.path.join(folder, "f.lig"))
    client = initialized(folder)
    version = 0
    for name, text, title, wanted in FIXES:
        version += 2
        client.open(uri, text, version)
        found = {a["title"]: a for a in actions(client, uri, text)}
        if title not in found:
            report("fix of " + name, sorted(found))
            continue
        action = found[title]
        edits = action["edit"]["changes"][uri]
        equal("fix of " + name, edited(text, edits), wanted)
        cured = action["diagnostics"][0]
        client.open(uri, wanted, version + 1)
        said = client.wait(uri, version + 1)
        report("cured: " + name, None if not [
            d for d in said if d["code"] == cured["code"] and
            d["message"] == cured["message"]] else said)
    text = FIXES[0][1]
    client.open(uri, text, 100)
    equal("no fixes of other kinds",
          actions(client, uri, text, only=["refactor"]), [])
    report("fixes where they are asked for", None if actions(
        client, uri, text, only=["source", "quickfix"]) else "none")
    equal("no fixes elsewhere", client.request(
        "textDocument/codeAction", textDocument={"uri": uri}, range={
            "start": {"line": 0, "character": 0},
            "end": {"line": 0, "character": 3}},
        context={"diagnostics": []})["result"], [])
    equal("no range", client.request(
        "textDocument/codeAction", textDocument={"uri": uri})["result"], [])
    equal("the end", client.end(), (0, ""))


TESTS = (fixes,)
