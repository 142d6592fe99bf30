"""Asks `ligature why` about parts of programs, and compares the places."""
import glob
import json
import os
import subprocess
import sys
import tempfile

import tap
from tap import report, write

LIGATURE = sys.argv[1]
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                        "fixtures")
LIMIT = 30


def run(folder, *args):
    done = subprocess.run([LIGATURE, *args], cwd=folder, capture_output=True,
                          timeout=LIMIT)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


FILES = {
    "types.lig": """\
type Port = Integer where x > 0 && x <= 65535;
type Tls = { on: Boolean = false, cert: String = "a.pem" };
type Service = {
  name: String,
  port: Port,
  replicas: Integer = 2,
  tls: Tls,
  tag?: String,
};
type Shape = Dot | Circle Integer | Box Integer Port;
""",
    "base.lig": """\
export let defaults = {
  port = 8080,
  log = { level = "info", to = "stderr" },
};
export let double n = n * 2;
""",
    "db.yaml": "host: db.local\nports:\n  - 5432\n  - 5433\n",
    "db.json": '{"user": "root",\n "limits": {"cpu": 4}}\n',
    "db.toml": 'name = "main"\n',
    "main.lig": """\
import { Service, Shape, Dot, Circle, Box } from "./types";
import "./base" as base;
import "./db.yaml" as db;
import "./db.json" as user;
import "./db.toml" as conf;
import std.list as L;
import std.map as M;
import std.record as R;
import std.option as O; import std.encoding as E;

input env: String = "dev";
input extra: List Integer = [];

let prod = { ..base.defaults, port = 443, log.level = "warn" };
let active = if env == "prod" then prod else base.defaults;

let service name offset: Service = {
  name,
  port = active.port + offset,
  tls = { on = env == "prod" },
};

let rec last xs = match xs { [x] => x, [_, ..rest] => last rest, [] => 0 };

let overlay = { ..base.defaults, ..{ port = 1, debug = true } };
let inner x = { wrapped = x };
let pass x = x;
let rec count (n: Integer): Integer = if n <= 0 then 0 else 1 + count (n - 1);
let rec rebuild (n: Integer) (r: { a: Integer, b: Integer }): { a: Integer, b: Integer } =
  if n <= 0 then r else rebuild (n - 1) { ..r, b = n };

{
  services = [service n i for (i, n) in L.enumerate ["web", "api"]],
  title = "Hello \\(env) \\(active.port)",
  log = active.log,
  host = db.host,
  second = L.at 1 db.ports ?? 99,
  none = L.at 9 db.ports ?? 98,
  cpu = user.limits.cpu,
  conf = conf.name,
  sorted = L.sort [3, 1, 2],
  map = M.fromList [("a", 1), ("b", base.defaults.port)],
  merged = M.merge (M.fromList [("k", 1)]) (M.fromList [("k", 2)]),
  changed = M.insert "k" 7 (M.fromList [("k", 1)]),
  total = fold (\\a x -> a + x.port) 0 [service "x" 0],
  mode = match env { "dev" => "development", _ => "other" },
  last = last [5, 6, 7],
  doubled = map base.double [10, 20],
  overlay,
  wrapped = inner (pass 5),
  extra,
  shapes = [Dot, Circle 3, Box 1 2],
  some = Some 4,
  filtered = filter (\\x -> x > 1) [1, 2],
  flat = L.flatMap (\\x -> [x, x]) [9],
  record = R.merge { a = 1, b = 2 } { b = 3 },
  range = range 5 8,
  neg = -3,
  pair = (1, "two"),
  upper = O.map (\\x -> x + 1) (Some 1),
  "a key" = true,
  spread = rebuild 9 { a = 1, b = 2 },
  deep = count 3,
  json = E.asJson {
    logs = [base.defaults, prod],
    gone = L.at 9 [1],
    map = M.fromList [("c", Circle 3), ("b", Box 1 2)],
    some = Some ((base.defaults.port, E.asJson [db.host])),
  },
}
""",
}

# Path, options, what made it: kind, file:line:column; then the kinds of what
# it passed.
ORIGINS = [
    (".services[1].port", [], "operator main.lig:19:10", "check"),
    (".services[0].name", [], "literal main.lig:33:54", "field"),
    (".services[0].replicas", [], "literal types.lig:6:23", "default"),
    (".services[0].tls.cert", [], "literal types.lig:2:50", "default"),
    (".services[0].tls.on", [], "operator main.lig:20:16", ""),
    (".title", [], "operator main.lig:34:11", ""),
    (".log", [], "built base.lig:3:9", "selected"),
    (".log.to", [], "literal base.lig:3:32", ""),
    (".log.to", ["--input", "env=prod"], "literal base.lig:3:32", ""),
    (".log.level", [], "literal base.lig:3:19", ""),
    (".log.level", ["--input", "env=prod"], "literal main.lig:14:55",
     "replaced"),
    (".host", [], "data db.yaml:1:7", "selected"),
    (".second", [], "data db.yaml:4:5", "chosen"),
    (".none", [], "literal main.lig:38:29", ""),
    (".cpu", [], "data db.json:2:20", "selected"),
    (".conf", [], "data db.toml:1:8", "selected"),
    (".sorted[0]", [], "literal main.lig:41:23", ""),
    (".sorted", [], "call main.lig:41:12", ""),
    (".map.b", [], "literal base.lig:2:10", "selected"),
    (".merged.k", [], "literal main.lig:43:63", ""),
    (".changed.k", [], "literal main.lig:44:26", ""),
    (".total", [], "operator main.lig:45:25", "call"),
    (".mode", [], "literal main.lig:46:31", ""),
    (".mode", ["--input", "env=prod"], "literal main.lig:46:51", ""),
    (".last", [], "literal main.lig:47:22", "call"),
    (".doubled[1]", [], "operator base.lig:5:23", ""),
    (".overlay.port", [], "literal main.lig:25:45", "spread replaced"),
    (".overlay.log.to", [], "literal base.lig:3:32", ""),
    (".overlay.debug", [], "literal main.lig:25:56", "spread"),
    (".wrapped.wrapped", [], "literal main.lig:50:25", "call field"),
    (".extra", [], "built main.lig:12:29", "name"),
    (".extra[0]", ["--input", "extra=[4,5]"], "input <input extra>:1:2", ""),
    (".shapes[0]", [], "literal main.lig:52:13", ""),
    (".shapes[1]", [], "built main.lig:52:18", ""),
    (".shapes[1].Circle", [], "literal main.lig:52:25", ""),
    (".shapes[2].Box[1]", [], "literal main.lig:52:34", "check"),
    (".some", [], "literal main.lig:53:15", "built"),
    (".filtered[0]", [], "literal main.lig:54:39", ""),
    (".flat[1]", [], "literal main.lig:55:36", ""),
    (".record.b", [], "literal main.lig:56:43", ""),
    (".record.a", [], "literal main.lig:56:26", ""),
    (".spread.a", [], "literal main.lig:62:28", "spread"),
    (".deep", [], "operator main.lig:28:61", "call"),
    (".neg", [], "literal main.lig:58:9", ""),
    (".pair[1]", [], "literal main.lig:59:14", ""),
    (".upper", [], "operator main.lig:60:24", "call"),
    (".\"a key\"", [], "literal main.lig:61:13", ""),
    (".json", [], "built main.lig:64:19", "call"),
    (".json.logs[0].port", [], "literal base.lig:2:10", ""),
    (".json.logs[1].log.level", [], "literal main.lig:14:55", "replaced"),
    (".json.map.c.Circle", [], "literal main.lig:67:36", ""),
    (".json.map.b.Box[1]", [], "literal main.lig:67:52", "check"),
    (".json.some", [], "built main.lig:68:17", "built"),
    (".json.some[0]", [], "literal base.lig:2:10", "selected"),
    (".json.some[1][0]", [], "data db.yaml:1:7", "selected"),
    (".", [], "built main.lig:32:1", ""),
    ("", [], "built main.lig:32:1", ""),
]


def shown(origin):
    return "%s %s:%d:%d" % (origin["kind"], origin["file"], origin["line"],
                            origin["column"])


def check_origins(folder):
    for path, options, made, passed in ORIGINS:
        code, out, err = run(folder, "why", "main.lig", path, "-f", "json",
                             *options)
        name = "why: '%s' %s" % (path, " ".join(options))
        if code != 0:
            report(name, "exit %d\n%s" % (code, err))
            continue
        answer = json.loads(out)
        origin = answer["origin"]
        found = shown(origin) if origin else "none"
        steps = " ".join(s["kind"] for s in answer["steps"])
        same = found == made and steps == passed
        report(name, None if same else "found '%s', then '%s'\nwanted '%s', "
               "then '%s'" % (found, steps, made, passed))


def check_value(folder):
    """The value of each path is the one that eval prints."""
    _, out, _ = run(folder, "eval", "main.lig")
    result = json.loads(out)
    problems = []
    for path in sorted({p for p, o, _, _ in ORIGINS if not o and p}):
        _, text, _ = run(folder, "why", "main.lig", path, "-f", "json")
        _, part, _ = run(folder, "eval", "main.lig", "--select", path)
        if json.loads(text)["value"] != json.loads(part):
            problems.append(path)
    report("why: values are those of eval", problems or None)
    return result


def check_details(folder):
    def ask(path, *options):
        _, out, _ = run(folder, "why", "main.lig", path, "-f", "json",
                        *options)
        return json.loads(out)

    port = ask(".services[1].port")
    parts = {p["text"]: p for p in port["origin"]["from"]}
    report("why: what a sum is computed from",
           None if parts["active.port"]["value"] == "8080"
           and shown(parts["active.port"]["origin"]) == "literal base.lig:2:10"
           and parts["offset"]["value"] == "1" else port["origin"])
    whole = ('{ a = show (active.port + 5), b = -active.port, '
             'c = "\\(env):\\(active.port)" }')
    for path, texts in ((".a", ["(active.port + 5)"]), (".b", ["active.port"]),
                        (".c", ["env", "active.port"])):
        origin = ask(path, "-e", whole)["origin"]
        found = [p["text"] for p in origin.get("from", [])]
        report("why: what %s of an expression is computed from" % path,
               None if found == texts else found)
    checks = port["checks"]
    report("why: the refinement of a field of an annotated record",
           None if len(checks) == 1 and checks[0]["type"] == "Port"
           and checks[0]["predicates"][0]["text"] == "x > 0 && x <= 65535"
           and checks[0]["annotation"]["line"] == 17 else checks)
    box = ask(".shapes[2].Box[1]")["checks"]
    report("why: the refinement of a constructor's argument",
           None if len(box) == 1 and box[0]["type"] == "Port"
           and box[0]["annotation"]["file"] == "types.lig" else box)
    level = ask(".log.level", "--input", "env=prod")["steps"][0]
    report("why: what an update has replaced",
           None if level["from"][0]["value"] == '"info"'
           and shown(level["from"][0]["origin"]) == "literal base.lig:3:19"
           else level)
    mode = ask(".mode", "--input", "env=prod")["origin"]["branches"]
    report("why: the arm of a match",
           None if mode[0]["is"] == "matched" and mode[0]["text"] == "_"
           else mode)
    log = ask(".log", "--input", "env=prod")["steps"][-1]
    names = [s for s in log["from"][0]["steps"] if s["kind"] == "name"]
    report("why: the branch by which a record was chosen",
           None if names[0]["branches"][0]["text"] == 'env == "prod"'
           and names[0]["branches"][0]["is"] == "true" else log)
    replicas = ask(".services[0].replicas")["steps"][0]
    report("why: a default names its field and its type",
           None if replicas["name"] == "replicas"
           and replicas["default"]["file"] == "types.lig"
           and replicas["default"]["line"] == 6 else replicas)
    within = [w["path"] for w in ask(".services[0].tls.on")["within"]]
    report("why: what a part is in",
           None if within == [".services[0].tls", ".services[0]", ".services",
                              "."] else within)
    inside = [p["step"] for p in ask(".log")["parts"]]
    report("why: the parts of a record",
           None if inside == [".level", ".to"] else inside)


def check_text(folder):
    code, out, err = run(folder, "why", "main.lig", ".log.level", "--input",
                         "env=prod")
    want = """\
.log.level = "warn"

written at main.lig:14:55
   |
14 | let prod = { ..base.defaults, port = 443, log.level = "warn" };
   |                                                       ^^^^^^
then took the place of "info" at main.lig:14:43
   |
14 | let prod = { ..base.defaults, port = 443, log.level = "warn" };
   |                                           ^^^^^^^^^^^^^^^^^^
    which was "info", written at base.lig:3:19

It is part of:
"""
    report("why: as text", None if code == 0 and out.startswith(want)
           else out + err)
    code, out, _ = run(folder, "why", "main.lig", ".log", "--color", "always")
    report("why: as text, in colour",
           None if code == 0 and "\x1b[" in out else out)
    code, out, _ = run(folder, "why", "main.lig", ".services")
    report("why: a list with its parts",
           None if "In it:\n    [0] = a record of 5: built as a record at "
           "main.lig:17:36" in out else out)
    code, out, err = run(folder, "why", "-e", "{ a = env ++ \"!\" }", ".a")
    report("why: --expr without a file", None if code == 1 else out)
    code, out, err = run(folder, "why", "main.lig", "-e", "env ++ \"!\"", ".")
    report("why: --expr with a file",
           None if code == 0 and "computed by '++' at <expr>:1:1" in out
           else out + err)
    code, out, err = run(folder, "why", "main.lig", "-e", "env ++ \"!\"")
    report("why: --expr with a file and no path",
           None if code == 0 and "computed by '++' at <expr>:1:1" in out
           else out + err)
    code, out, err = run(folder, "why", "base.lig", ".defaults.port")
    report("why: a file without a final expression",
           None if code == 0 and "written at base.lig:2:10" in out
           else out + err)


PHRASES = {
    "literal": "written", "data": "read from data",
    "input": "given for the input", "built": "built as a ",
    "operator": "computed by '", "call": "made by the call of '",
}
STEP_PHRASES = {
    "spread": "then copied by the spread", "field": "then became the field '",
    "replaced": "then took the place of ", "selected": "then read as '",
    "name": "then read as '", "call": "then returned by the call of '",
    "default": "then filled in as the default of '",
}


def check_phrases(folder):
    """The text has a phrase for what made the value and for each step."""
    wrong = []
    for path, options, made, passed in ORIGINS:
        code, out, err = run(folder, "why", "main.lig", path, *options)
        wanted = [PHRASES[made.split()[0]]] + [
            STEP_PHRASES.get(kind, "") for kind in passed.split()]
        missing = [words for words in wanted if words not in out]
        if code != 0 or missing:
            wrong.append((path, missing, out, err))
    report("why: a phrase for each kind", wrong[:3] or None)


ODD = """\
import std.encoding as E;
import "./types" as t;
let wide = { a = 1, b = 2 };
let text = "%s";
type Tree = Leaf | Node Tree Integer Tree;
type Pair = (t.Port, { deep: Option t.Port });
let pair: Pair = (7, { deep = Some 8 });
let ports: List t.Port = [1, 2];
let boxes: List t.Shape = [t.Box 1 2, t.Circle 3, t.Dot];
{
  long = text,
  tree = Node (Node Leaf 1 Leaf) 2 (Node Leaf %s Leaf),
  "a \\"b\\" \\\\" = { "c'd-9" = wide },
  Z_z = ports,
  pair,
  boxes,
  many = [x * 2 for x in [%s]],
  empty = {},
  none = [],
  json = E.asJson boxes,
}
""" % ("x" * 300, "9" * 18, ", ".join(str(i) for i in range(60)))


def check_odd(folder):
    """Values and paths that are long or are not plain."""
    write(folder, {"odd.lig": ODD})
    for path, words in [
            (".", ["a record of 10", ".long = a string of 300 bytes",
                   ".tree = a Node", ".pair = a tuple of 2",
                   ".many = a list of 60", ".empty = {}", ".none = []"]),
            (".long", [".long = a string of 300 bytes"]),
            (".many", ["[39] = ", "... 20 more"]),
            ('."a \\"b\\" \\\\"', ["a record of 1", ".c'd-9 = "]),
            ('."a \\"b\\" \\\\".c\'d-9.b',
             ['."a \\"b\\" \\\\".c\'d-9.b = 2']),
            (".Z_z[1]", ["satisfies Port", "types.lig:1:"]),
            (".pair[0]", ["satisfies Port"]),
            (".pair[1].deep", ["satisfies Port", ".pair[1].deep = 8"]),
            (".boxes[0].Box[1]", ["satisfies Port"]),
            (".boxes[1].Circle", [".boxes[1].Circle = 3"]),
            (".json[0].Box[1]", [".json[0].Box[1] = 2"])]:
        code, out, err = run(folder, "why", "odd.lig", path)
        missing = [w for w in words if w not in out]
        report("why: odd, " + path, None if code == 0 and not missing
               else "%s\n%s%s" % (missing, out, err))


def check_data(folder):
    """Refinements of data files and inputs, which are checked beforehand."""
    write(folder, {"dc.lig": """\
type Port = Integer where x > 0;
import "./dc.yaml" as db: { host: String, ports: List Port };
input p: Port;

{ a = db.ports, h = db.host, p }
""", "dc.yaml": "host: h\nports: [&one 1, 2, *one]\n"})
    for path, made, asked in [
            (".a[0]", "data dc.yaml:2:14", 2), (".a[1]", "data dc.yaml:2:17", 2),
            (".p", "input <input p>:1:1", 3), (".h", "data dc.yaml:1:7", 0)]:
        _, out, err = run(folder, "why", "dc.lig", path, "-f", "json",
                          "--input", "p=4")
        answer = json.loads(out)
        lines = [c["annotation"]["line"] for c in answer["checks"]]
        report("why: refinements of data, " + path,
               None if lines == ([asked] if asked else [])
               and shown(answer["origin"]) == made
               and (asked != 3 or answer["origin"]["name"] == "p")
               else out + err)


def check_wrong(folder):
    for name, args, want, words in [
            ("a field that is not there", ["main.lig", ".tilte"], 1,
             "did you mean 'title'?"),
            ("an element too far", ["main.lig", ".services[7]"], 1,
             "it has 2 elements"),
            ("into a number", ["main.lig", ".cpu.x"], 1, "is no record"),
            ("another constructor", ["main.lig", ".shapes[1].Box"], 1,
             "it is 'Circle'"),
            ("a path that is none", ["main.lig", ".a["], 2,
             "a number from 0"),
            ("no file", [], 2, "no file given"),
            ("too many operands", ["a", "b", "c"], 2,
             "one file and one path"),
            ("a missing file", ["nowhere.lig", ".a"], 3, "nowhere.lig"),
            ("a wrong format", ["main.lig", "-f", "yaml"], 2, "text|json"),
            ("a program that fails", ["bad.lig", "."], 1, "E0"),
            ("a program with a wrong type", ["worse.lig", "."], 1, "E02")]:
        code, out, err = run(folder, "why", *args)
        report("why: " + name, None if code == want and out == ""
               and words in err else "exit %d\n%s%s" % (code, out, err))
    code, out, err = run(folder, "why", "main.lig", ".tilte",
                         "--diagnostics", "json")
    report("why: a wrong path as JSON",
           None if json.loads(err)["diagnostics"][-1]["code"] == "E0409"
           else err)
    # What is known of values counts as memory, as they do.
    code, out, err = run(folder, "eval", "long.lig", "--max-memory", "8M")
    report("why: a long loop is short", None if code == 0 else err)
    for args in ["why"], ["eval", "--source-map", "map.json"]:
        code, out, err = run(folder, *args, "long.lig", "--max-memory", "8M")
        report("%s: a long loop" % " ".join(args),
               None if code == 4 and out == "" and "E0604" in err
               else "exit %d\n%s" % (code, err))


def check_map(folder):
    code, plain, _ = run(folder, "eval", "main.lig")
    texts = set()
    for workers in ["1", "2", "8"]:
        code, out, err = run(folder, "eval", "main.lig", "--source-map",
                             "map.json", "--workers", workers)
        with open(os.path.join(folder, "map.json"), encoding="utf-8") as f:
            texts.add(f.read())
        if code != 0 or out != plain:
            report("source map: the result is the same", err)
    report("source map: the same for any number of workers",
           None if len(texts) == 1 else "they differ")
    document = json.loads(texts.pop())
    rows = {r["path"]: r for r in document["results"][0]["paths"]}
    wrong = []
    for path, options, made, passed in ORIGINS:
        if not options and path:
            row = rows.get(path)
            if row is None or shown(row["origin"]) != made:
                wrong.append((path, row))
    report("source map: says what why says", wrong or None)
    code, out, _ = run(folder, "eval", "main.lig", "--source-map",
                       "no/such/dir.json")
    report("source map: a file that cannot be written",
           None if code == 3 and out == "" else (code, out))
    code, out, err = run(folder, "eval", "main.lig", "--source-map", "map.json",
                         "--max-output", "4K")
    report("source map: too large",
           None if code == 4 and out == "" and "E0605" in err
           else (code, out, err))
    code, out, err = run(folder, "eval", "main.lig", "base.lig",
                         "--source-map", "map.json")
    with open(os.path.join(folder, "map.json"), encoding="utf-8") as f:
        files = [r["file"] for r in json.load(f)["results"]]
    report("source map: of several files",
           None if files == ["main.lig", "base.lig"] else files)


def check_fixtures(folder):
    """What is explained evaluates to the same, and everything has a place."""
    target = os.path.join(folder, "fixture.json")
    for path in sorted(glob.glob(os.path.join(FIXTURES, "eval-okay-*.lig"))):
        name = os.path.basename(path)
        flags = []
        if os.path.exists(path[:-4] + ".flags"):
            with open(path[:-4] + ".flags", encoding="utf-8") as f:
                flags = f.read().split()
        try:
            plain = run(FIXTURES, "eval", name, *flags)
        except subprocess.TimeoutExpired:  # with a sanitizer
            report("source map: %s # SKIP too slow" % name)
            continue
        if plain[0] != 0:
            plain = run(FIXTURES, "eval", name)
            flags = []
        mapped = run(FIXTURES, "eval", name, *flags, "--source-map", target)
        problem = None
        if plain != mapped:
            problem = "%s\n%s" % (plain, mapped)
        else:
            with open(target, encoding="utf-8") as f:
                json.load(f)
        report("source map: " + name, problem)


def main():
    with tempfile.TemporaryDirectory() as folder:
        write(folder, FILES)
        write(folder, {"bad.lig": "let a = head [] ?? error \"no\";\na\n",
                       "worse.lig": "1 + \"a\"\n",
                       "long.lig": "let rec f n sum =\n"
                       "  if n <= 0 then sum else f (n - 1) (sum + n);\n"
                       "f 200000 0\n"})
        check_origins(folder)
        check_value(folder)
        check_details(folder)
        check_text(folder)
        check_phrases(folder)
        check_odd(folder)
        check_data(folder)
        check_wrong(folder)
        check_map(folder)
        check_fixtures(folder)
    sys.exit(tap.finish())


main()
