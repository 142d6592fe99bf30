"""Checks of tests/reports.sh: python3 reports.py CHECK ARGUMENT..."""
import json
import re
import sys
from html.parser import HTMLParser
import xml.etree.ElementTree as ET


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    text = data.decode("utf-8")
    bad = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert bad is None, ("a control character", bad)
    assert "##[" not in text, "a command of a CI runner"
    return text


def json_(path, status):
    doc = json.loads(read(path))
    assert doc["version"] == 1
    errors = [d for d in doc["diagnostics"] if d["severity"] == "error"]
    assert (len(errors) > 0) == (status != "0"), doc
    if status == "2":
        assert errors[0]["code"] == "E0001", errors


def sarif(path, status):
    doc = json.loads(read(path))
    assert doc["version"] == "2.1.0" and len(doc["runs"]) == 1
    run = doc["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["help"]["text"].startswith(rule["id"]) for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        for place in result["locations"] + result.get("relatedLocations", []):
            physical = place["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            assert re.fullmatch("[A-Za-z0-9/%._~-]+|file:///.*", uri), uri
            region = physical["region"]
            assert region["startLine"] >= 1 and region["startColumn"] >= 1
            assert (region["endLine"], region["endColumn"]) >= (
                region["startLine"], region["startColumn"])
        for flow in result.get("codeFlows", []):
            steps = flow["threadFlows"][0]["locations"]
            assert 2 <= len(steps) <= 65
            assert (steps[-1]["location"]["physicalLocation"]
                    == result["locations"][0]["physicalLocation"])
    said = run["invocations"][0]["toolExecutionNotifications"]
    for note in said:
        rule = note["associatedRule"]
        assert rules[rule["index"]]["id"] == rule["id"]
    errors = [d for d in run["results"] + said if d["level"] == "error"]
    assert (len(errors) > 0) == (status != "0"), doc
    if status in ("2", "3"):
        assert run["invocations"][0]["executionSuccessful"] is False


def applied(path, source, into, wanted):
    """Writes the source with the first fix of each result."""
    with open(source, "rb") as file:
        lines = file.read().decode("utf-8").split("\n")
    edits = []
    for result in json.loads(read(path))["runs"][0]["results"]:
        if "fixes" not in result:
            continue
        fix = result["fixes"][0]
        assert fix["description"]["text"]
        change, = fix["artifactChanges"]
        assert change["artifactLocation"] == result["locations"][0][
            "physicalLocation"]["artifactLocation"]
        edit, = change["replacements"]
        region = edit["deletedRegion"]
        edits.append((region["startLine"], region["startColumn"],
                      region["endLine"], region["endColumn"],
                      edit["insertedContent"]["text"]))
    for line, start, last, end, text in sorted(edits, reverse=True):
        lines[line - 1:last] = [lines[line - 1][:start - 1] + text +
                                lines[last - 1][end - 1:]]
    with open(into, "wb") as file:
        file.write("\n".join(lines).encode("utf-8"))
    assert len(edits) == int(wanted), edits


def schema(path, schema_path):
    import jsonschema
    with open(schema_path, encoding="utf-8") as file:
        known = json.load(file)
    validator = jsonschema.Draft4Validator(
        known, format_checker=jsonschema.FormatChecker())
    problems = list(validator.iter_errors(json.loads(read(path))))
    assert not problems, problems[:3]


def github(path, status):
    lines = read(path).splitlines()
    pattern = (r"::(error|warning|notice) "
               r"((file=[^:,]+,line=\d+,endLine=\d+,(col=\d+,)?)?"
               r"title=[^:,]+)::.+")
    for line in lines:
        assert re.fullmatch(pattern, line), line
        assert not re.search("%(?!25|0D|0A|3A|2C)", line), line
    errors = [line for line in lines if line.startswith("::error ")]
    assert (len(errors) > 0) == (status != "0"), lines


def junit(path, status):
    root = ET.fromstring(read(path))
    assert root.tag == "testsuites"
    cases = root.findall("./testsuite/testcase")
    bad = root.findall("./testsuite/testcase/failure")
    broken = root.findall("./testsuite/testcase/error")
    for key, found in ("tests", cases), ("failures", bad), ("errors", broken):
        assert int(root.get(key)) == len(found), (key, found)
        assert sum(int(suite.get(key)) for suite in root) == len(found)
    assert len(cases) > 0
    assert (len(bad) + len(broken) > 0) == (status != "0")


def graph_json(path):
    doc = json.loads(read(path))
    assert doc["version"] == 1 and doc["kind"] in ("modules", "bindings")
    assert [node["id"] for node in doc["nodes"]] == list(
        range(len(doc["nodes"])))
    assert len(doc["nodes"]) > 20 and len(doc["edges"]) > 20
    assert all(edge["to"] < edge["from"] for edge in doc["edges"])
    assert any(node["root"] for node in doc["nodes"])
    if "workMs" in doc["nodes"][0]:
        assert any(node["critical"] for node in doc["nodes"])
        assert sum(node["workMs"] for node in doc["nodes"]) > 0


def graph_dot(path):
    lines = read(path).splitlines()
    assert lines[0] == "digraph ligature {" and lines[-1] == "}"
    node = r'  n\d+ \[label="([^"\\]|\\.)+"(, \w+=\w+)*\];'
    for line in lines[3:-1]:
        assert re.fullmatch(node + r"|  n\d+ -> n\d+;", line), line


def graph_svg(path):
    root = ET.fromstring(read(path))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    places = set()
    for box in boxes:
        x, y, w, h = (float(box.get(k)) for k in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width and 0 <= y <= y + h <= height
        places.add((x, y))
    assert len(places) == len(boxes) > 20


def trace(path, workers):
    doc = json.loads(read(path))
    events = doc["traceEvents"]
    lanes = {e["tid"]: e["args"]["name"] for e in events
             if e["ph"] == "M" and e["name"] == "thread_name"}
    slices = [e for e in events if e["ph"] == "X"]
    kinds = {e["cat"] for e in slices}
    assert {"phase", "parse"} <= kinds, kinds
    if workers != "0":
        assert {"check", "binding"} <= kinds, kinds
        assert len(lanes) <= int(workers) + 1, lanes
    ends = {}
    last = {}
    for e in slices:
        assert lanes[e["tid"]] == (
            "phases" if e["cat"] == "phase" else f"worker {e['tid']}")
        start, end = e["ts"], e["ts"] + e["dur"]
        assert 0 <= start <= end
        assert start >= last.get(e["tid"], 0), "not in order"
        last[e["tid"]] = start
        # Slices of a lane lie in each other or behind each other.
        open_ = ends.setdefault(e["tid"], [])
        while open_ and open_[-1] <= start + 0.002:
            open_.pop()
        assert not open_ or end <= open_[-1] + 0.002, (e, open_[-1])
        open_.append(end)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.heads, self.rects, self.tables = [], [], 0, 0
        self.text = []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img", "iframe", "object"), tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "href", "srcset"), (tag, name)
        self.rects += tag == "rect"
        self.tables += tag == "table"
        if tag not in ("meta", "path", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        assert tag in ("meta", "path", "rect"), tag

    def handle_endtag(self, tag):
        if tag not in ("meta", "path", "rect"):
            assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2", "span"):
            self.heads.append(data)
        if "style" in self.open:
            assert "url(" not in data and "@import" not in data


def page(path, verdict):
    text = read(path)
    assert "Content-Security-Policy" in text
    found = Page()
    found.feed(text)
    found.close()
    assert not found.open, found.open
    assert verdict in found.heads, found.heads
    for head in ("Timeline", "Phases", "Workers", "Caches"):
        assert head in found.heads, found.heads
    if verdict == "ok":
        assert "Critical path" in found.heads
        assert "Slowest bindings" in found.heads
        assert "Bindings and what they need" in found.heads
        assert found.rects > 10, found.rects
        assert found.tables >= 6
        assert "worker 0" in text and "critical" in text
    else:
        assert "Diagnostics" in found.heads
    assert found.rects < 20000


def terminal(want, *command):
    """Runs with standard error on a terminal."""
    import os
    import pty
    import subprocess
    main, other = pty.openpty()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other,
                               stdin=subprocess.DEVNULL,
                               env={**os.environ, "NO_COLOR": "1"})
    os.close(other)
    text = b""
    try:
        while data := os.read(main, 4096):
            text += data
    except OSError:  # the other end is closed
        pass
    process.communicate()
    lines = re.findall(rb"\r(\w[^\r\n]* s)(?=\r)", text)
    if want == "hidden":
        assert not re.search(rb"evaluating|\d s", text), text
        return
    assert lines and all(line.startswith(b"evaluating, 0 of 1, ")
                         for line in lines), text
    assert 5 < len(lines) < 30, len(lines)
    # The line is wiped before anything else is written.
    assert re.search(rb"s\r {20,}\rerror\[E0608\]", text), text


def blocks(path, language):
    with open(path, encoding="utf-8") as file:
        return re.findall(f"```{language}\n(.*?)```", file.read(), re.S)


def ci_commands(path):
    """The commands of the pages' examples, one per line."""
    for block in blocks(path, "yaml"):
        for line in block.splitlines():
            found = re.match(r" *(?:-|run:) (ligature .*)", line)
            if found:
                print(found.group(1))
    for line in blocks(path, "sh")[-1].splitlines():
        if line.startswith("ligature "):
            print(line)


def ci_hook(path):
    print(blocks(path, "sh")[0])


if __name__ == "__main__":
    name = sys.argv[1]
    globals()["json_" if name == "json" else name](*sys.argv[2:])
