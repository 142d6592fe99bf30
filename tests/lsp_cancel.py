"""What `ligature lsp` does when nobody waits for an answer any more."""
import os

from lsp_client import uri_of
from lsp_names import initialized
from tap import equal, report, write

# Takes longer than anybody waits: constants are looked at with little, but
# there may be many.
SLOW = "".join(
    "type T%d = Integer where sum [a * b for a in range 1 90 for b in range 1 90]"
    " > x;\nlet t%d: T%d = 1;\n" % (i, i, i) for i in range(3000)) + "1\n"


def quick_changes(folder):
    """The last of many changes is what counts; those before need no check."""
    write(folder, {"q.lig": ""})
    uri = uri_of(os.path.join(folder, "q.lig"))
    client = initialized(folder)
    client.open(uri, "1\n", 1)
    text = "1\n"
    for version in range(2, 1002):
        text = "let a%d = 1;\n" % version + text
        client.change(uri, version, {
            "range": {"start": {"line": 0, "character": 0},
                      "end": {"line": 0, "character": 0}},
            "text": "let a%d = 1;\n" % version})
    said = client.wait(uri, 1001)
    equal("1,000 quick changes", len(said), 1000)
    symbols = client.request("textDocument/documentSymbol",
                             textDocument={"uri": uri})["result"]
    equal("all of them are there", len(symbols), 1000)
    equal("the end", client.end(), (0, ""))


def interrupted(folder):
    write(folder, {"s.lig": ""})
    uri = uri_of(os.path.join(folder, "s.lig"))
    client = initialized(folder)
    for version in range(1, 8):
        client.open(uri, SLOW, 2 * version)
        client.request("a/b")
        client.change(uri, 2 * version + 1, {"text": "1 + 1\n"})
    equal("a check that a change ends", client.wait(uri, 15), [])
    client.send(id=900, method="textDocument/hover", params={
        "textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}})
    client.notify("$/cancelRequest", id=900)
    answer = client.answer()
    report("a request that is cancelled", None if answer["id"] == 900 and (
        "result" in answer or answer["error"]["code"] == -32800) else answer)
    client.open(uri, SLOW, 100)
    for number in range(1000, 1050):
        client.send(id=number, method="textDocument/hover", params={
            "textDocument": {"uri": uri},
            "position": {"line": 0, "character": 6}})
    for number in range(1000, 1050):
        client.notify("$/cancelRequest", id=number)
    answers = [client.answer() for _ in range(50)]
    equal("each has an answer", sorted(a["id"] for a in answers),
          list(range(1000, 1050)))
    odd = [a for a in answers if "result" not in a and
           a["error"]["code"] != -32800]
    report("that it is cancelled, or what was asked", odd or None)
    client.notify("$/cancelRequest", id=4711)
    client.notify("$/cancelRequest")
    client.change(uri, 101, {"text": "let a = 1;\na\n"})
    equal("and then it goes on", client.request(
        "textDocument/hover", textDocument={"uri": uri},
        position={"line": 1, "character": 0})["result"]["range"]["start"],
        {"line": 1, "character": 0})
    client.open(uri, SLOW, 102)
    equal("the end, while a check runs", client.end(), (0, ""))


TESTS = (quick_changes, interrupted)
