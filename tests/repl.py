"""Sessions of ligature repl, for repl.sh: `repl.py list` names the cases,
`repl.py LIGATURE CASE` runs one in a folder of its own."""

import json
import os
import subprocess
import sys
import tempfile

PATIENCE = 120


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def session(text, *options, code=0, said=""):
    """Pipes the lines in. Returns what was printed; `said` is what must be
    among the diagnostics."""
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run([LIGATURE, "repl", *options], input=data,
                          capture_output=True, timeout=PATIENCE, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, (done.returncode, out, err)
    assert said in err if said else not err, err
    return out


def same(found, *lines):
    wanted = "".join(line + "\n" for line in lines)
    assert found == wanted, f"{found}\nis not\n{wanted}"


# ---- values and definitions

def values_have_types():
    same(session("1 + 1\n\"a\\n\"\n[Some 1.5, None]\n\\x -> x\n()"),
         "2 : Integer", '"a\\n" : String', "[Some 1.5, None] : List (Option Float)",
         "<function> : a -> a", "() : Unit")


def definitions_join_the_session():
    same(session("let x = 5\nlet f y = x + y;\nf 3\nlet a = 1; let b = a + 1; b\n"
                 "a"),
         "x : Integer = 5", "f : Integer -> Integer", "8 : Integer",
         "a : Integer = 1", "b : Integer = 2", "2 : Integer", "1 : Integer")


def later_definitions_hide_earlier_ones():
    same(session("let x = 5\nlet f y = x + y\nlet x = \"a\"\nf 1\nx\n"
                 "type T = A | B\nlet t = A\ntype T = A String\nA \"x\"\nt"),
         "x : Integer = 5", "f : Integer -> Integer", 'x : String = "a"',
         "6 : Integer", '"a" : String', "t : T = A", 'A "x" : T', "A : T")


def types_classes_and_instances_join_it():
    same(session("type Color = Red | Green\n"
                 "typeclass Named a where name : a -> String;\n"
                 "instance Named Color where name c = match c "
                 "{ Red => \"red\", Green => \"green\" };\n"
                 "map name [Red, Green]\n"),
         '["red", "green"] : List String')


def imports_join_it():
    write("u.lig", "export let z = 3;\n")
    write("d.json", '{"a": [1, 2]}')
    same(session("import \"./u\" as u\nimport std.list as L\n"
                 "import \"./d.json\" as d\nL.take 2 [u.z, 2, 3]\nd.a\n"),
         "[3, 2] : List Integer", "[1, 2] : List Integer")


def an_error_leaves_the_session_as_it_was():
    out = session("let x = 1\nlet x = 1 / 0\nx\nlet x : String = 1\nx\n",
                  code=1, said="<repl>:2:9")
    same(out, "x : Integer = 1", "1 : Integer", "1 : Integer")


def several_lines_are_one_input():
    same(session("[1,\n 2\n]\nlet f x =\n  x +\n  1\nf 1\nif true then\n1\n"
                 "else 2\n\"\"\"\n  a\n  b\"\"\"\n/* a\n comment */ 3\n"
                 ":{\nlet y = 1;\n\nlet z = y\n+ 1;\n:}\nz"),
         "[1, 2] : List Integer", "f : Num a => a -> a", "2 : Integer",
         "1 : Integer", '"a\\nb" : String', "3 : Integer", "y : Integer = 1",
         "z : Integer = 2", "2 : Integer")


def what_is_not_finished_is_said():
    session("1 +", code=1, said="<repl>:1:4")
    out = session("f (1,\n:type 1\n2", code=1, said="'(' is not closed")
    same(out, "Integer", "2 : Integer")


# ---- diagnostics

def places_are_lines_of_the_session():
    out = session("1\n\nlet y =\n  foo\n:type  bar\n", code=1,
                  said=" --> <repl>:4:3\n  |\n4 |   foo\n")
    same(out, "1 : Integer")
    session("1\n:type  bar\n", code=1, said="<repl>:2:8")


def diagnostics_can_be_json():
    done = subprocess.run([LIGATURE, "repl", "--diagnostics", "json"],
                          input=b"1\nfoo\n", capture_output=True,
                          timeout=PATIENCE, check=False)
    documents = [json.loads(line) for line in done.stderr.splitlines()]
    assert [len(d["diagnostics"]) for d in documents] == [0, 1], documents
    found = documents[1]["diagnostics"][0]
    assert (found["file"], found["line"], found["code"]) == \
        ("<repl>", 2, "E0201"), found


def warnings_are_said_once():
    out = session("let f = \\x -> let q = 1 in x\nf 1\nf 2\n",
                  said="'q' is never used")
    same(out, "f : a -> a", "1 : Integer", "2 : Integer")
    session("let f = \\x -> let q = 1 in x\n", "--werror", code=1,
            said="'q' is never used")


def warnings_of_a_file_are_said_once():
    write("u.lig", "export let z = 3;\nlet hidden = 4;\n")
    for line in ("import \"./u\" as u", ":load w.lig"):
        write("w.lig", "import \"./u\" as u;")
        done = subprocess.run([LIGATURE, "repl"], capture_output=True,
                              input=f"{line}\nu.z\nimport std.list as L\n"
                              "u.z\n".encode(), timeout=PATIENCE, check=False)
        same(done.stdout.decode(), "3 : Integer", "3 : Integer")
        assert done.stderr.count(b"W0201") == 1, done.stderr


def odd_bytes_are_refused():
    for odd in (b"\0", b"\"\xff\"", b"\"\xe2\x80\xae\""):
        session(b"1\n" + odd + b"\n", code=1, said="<repl>:2:")
    session("(" * 100000 + "1" + ")" * 100000 + "\n", code=1, said="E0601")
    session("1" * 5000 + "\n", "--max-source", "1K", code=1, said="E0606")
    same(session("1\r\n2\r\n"), "1 : Integer", "2 : Integer")


def limits_hold_for_each_input():
    forever = ("type Nat = Integer;\n"
               "let rec spin = \\n -> if n < 1 then n else spin (n - 1)\n")
    out = session(forever + "spin 100000000000\n1\n", "--max-steps", "10000",
                  code=1, said="E0602")
    assert out.endswith("\n1 : Integer\n"), out
    out = session(forever + "spin 100000000000\n1\n", "--timeout", "200ms",
                  "--max-steps", "4000000000", code=1, said="E0608")
    assert out.endswith("\n1 : Integer\n"), out


# ---- commands

def type_does_not_evaluate():
    same(session(":type 1 / 0\n:t \\x -> x + 1.5\n:type let f x = [x]"),
         "Integer", "Float -> Float", "f : a -> List a")


def load_brings_all_names():
    write("u.lig", "import std.list as L;\nexport let z = 3;\n"
                   "let hidden = 4;\ntype T = A | B;\n")
    same(session("let z = 1\n:load u.lig\nz + hidden\nA\nL.take 1 [z]\n"
                 "let z = 9\nz"),
         "z : Integer = 1", "7 : Integer", "A : T", "[3] : List Integer",
         "z : Integer = 9", "9 : Integer")
    same(session("z", "u.lig"), "3 : Integer")
    session(":load nowhere.lig\n", code=1, said="'nowhere.lig' cannot be read")


def unknown_commands_are_told():
    out = session(":tpye 1\n:\n:reset 1\n:load\n1", code=1,
                  said="unknown command ':tpye'; did you mean ':type'?")
    same(out, "1 : Integer")


def reset_forgets():
    session("let x = 1\n:reset\nx\n", code=1, said="<repl>:3:1")


def quit_leaves():
    same(session("1\n:quit\n2\n"), "1 : Integer")
    same(session("1\n:q\n2\n"), "1 : Integer")


def other_formats_print_values_alone():
    same(session("let x = { a = 1 }\nx\n\"b\"\n", "-f", "json", "--compact"),
         '{"a":1}', '"b"')
    same(session("{ a = 1 }\n", "-f", "yaml"), "a: 1")


def parallel_equals_sequential():
    text = ("let xs = range 1 2000\nlet ys = map (\\x -> x * x) xs\nsum ys\n"
            "map (\\x -> 10 / (x - 500)) xs\nfoo\n")
    found = set()
    for workers in ("1", "2", "8"):
        done = subprocess.run([LIGATURE, "repl", "-w", workers],
                              input=text.encode(), capture_output=True,
                              timeout=PATIENCE, check=False)
        found.add((done.returncode, done.stdout, done.stderr))
    assert len(found) == 1, found


CASES = {name: case for name, case in list(globals().items())
         if callable(case) and getattr(case, "__module__", "") == "__main__"
         and name not in ("write", "session", "same")}


def main():
    global LIGATURE
    if sys.argv[1] == "list":
        print("\n".join(CASES))
        return
    LIGATURE = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        CASES[sys.argv[2]]()


main()
