"""Sessions of ligature repl, for repl.sh: `repl.py list` names the cases,
`repl.py LIGATURE CASE` runs one in a folder of its own."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
from builds import sanitizer  # noqa: E402

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


class Terminal:
    """A session on a terminal of its own."""

    started = []

    def __init__(self, *options, size=(24, 80), **environment):
        ready, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)
            os.environ.update({"TERM": "xterm", "NO_COLOR": "1",
                               "EDITRC": "/dev/null",
                               # libedit keeps the names of our functions.
                               "LSAN_OPTIONS": "detect_leaks=0",
                               "XDG_STATE_HOME": os.getcwd() + "/state",
                               **environment})
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.execv(LIGATURE, [LIGATURE, "repl", *options])
        Terminal.started.append(self.pid)
        self.resize(*size)
        os.write(go, b" ")
        os.close(ready)
        os.close(go)
        self.shown = ""
        self.wait("> ")

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self, text):
        """Waits until the text is shown; returns all up to it."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < end:
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.fd, 65536).decode()
                except OSError:
                    break
        before, found, self.shown = self.shown.partition(text)
        assert found, f"{text!r} is not in:\n{before}"
        return before

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def interrupt(self, keys):
        """Types keys, and Ctrl-C behind them. ThreadSanitizer keeps back a
        signal that comes just before a call that waits, and it waits on: with
        it the session has to wait first."""
        end = time.monotonic() + PATIENCE
        while sanitizer(os.path.dirname(LIGATURE)) == "tsan" and time.monotonic() < end:
            with open(f"/proc/{self.pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "S":
                    break
            time.sleep(0.01)
        self.type(keys + "\x03")

    def enter(self, line, shows):
        self.type(line + "\r")
        self.wait("\n")
        self.wait(shows)
        if shows != "> ":
            self.wait("> ")

    def end(self, code=0):
        end = time.monotonic() + PATIENCE
        try:
            while select.select([self.fd], [], [], end - time.monotonic())[0]:
                self.shown += os.read(self.fd, 65536).decode()
        except OSError:
            pass  # nobody has the other end any more
        except ValueError:
            pass  # too late
        assert time.monotonic() < end, f"it does not end:\n{self.shown}"
        _, status = os.waitpid(self.pid, 0)
        Terminal.started.remove(self.pid)
        os.close(self.fd)
        assert os.waitstatus_to_exitcode(status) == code, status


def history():
    path = "state/ligature/history"
    assert os.stat(path).st_mode & 0o777 == 0o600
    with open(path) as file:
        return file.read()


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


def long_inputs_end_where_they_do():
    # Longer than what is parsed at each of its lines.
    lines = []
    for i in range(300):
        lines += [f'  a{i} = ["(\\(1 + {i})]"], // {{ [ (', "  /* [ ( {", "  } */",
                  f'  b{i} = """', "    [ ( \\(", f"      {i}) {{", '    """,']
    text = "{\n" + "\n".join(lines) + "\n}\n1 + 1\n"
    assert len(text) > 20000
    found = session(text).splitlines()
    assert len(found) == 2 and found[1] == "2 : Integer", found
    assert found[0].startswith('{ a0 = ["(1]"], b0 = "[ ( 0 {\\n", a1 = ["(2]"]'), found
    session("[\n" + "  1,\n" * 5000 + "  (]\n1 +\n1\n", code=1, said=":5002:")
    same(session("1 +\n" * 5000 + "1\n2"), "5001 : Integer", "2 : Integer")


def later_definitions_hide_earlier_ones():
    same(session("let x = 5\nlet f y = x + y\nlet x = \"a\"\nf 1\nx\n"
                 "type T = A | B\nlet t = A\ntype T = A String\nA \"x\"\nt\n"
                 "let x = x ++ x; let y = x\nlet map = 1"),
         "x : Integer = 5", "f : Integer -> Integer", 'x : String = "a"',
         "6 : Integer", '"a" : String', "t : T = A", 'A "x" : T', "A : T",
         'x : String = "aa"', 'y : String = "aa"', "map : Integer = 1")
    session("let f x = f x\n", code=1, said="write 'let rec'")


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


def data_may_have_no_type_but_that_of_its_import():
    write("mixed.json", '["A", {"B": 1}]')
    write("plain.json", '{"a": [1, 2]}')
    write("u.lig", "export let z = 3;\n")
    write("mixed.lig", "import \"./mixed.json\" as x: List T;\n"
          "import \"./plain.json\" as p;\ntype T = A | B Integer;\n")
    same(session(":load mixed.lig\nx\n:type p.a\n"),
         "[A, B 1] : List T", "List Integer")
    same(session("import \"./plain.json\" as q: { a: List Float }\nq.a\n"
                 "import \"./u\" as u\nlet u = 5\nu\n"),
         "[1.0, 2.0] : List Float", "u : Integer = 5", "5 : Integer")
    session("import \"./mixed.json\" as y\ny\n", code=1,
            said="the values here have no single type")


def inputs_are_given_before_they_are_declared():
    same(session("1\ninput q: Integer = 3\nq\n", "--input", "q=4"),
         "1 : Integer", "q : Integer = 4", "4 : Integer")


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


def diagnostics_can_go_to_a_file():
    out = session("1\nfoo\nbar\n", "--diagnostics-file", "said", code=1)
    with open("said") as file:
        text = file.read()
    same(out, "1 : Integer")
    assert "<repl>:2:1" in text and "<repl>:3:1" in text, text
    session("1\n", "--diagnostics-file", "no/folder", code=3,
            said="'no/folder' cannot be written")


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
    session("(" * 100000 + "1" + ")" * 100000 + "\n", code=4, said="E0601")
    session("1" * 5000 + "\n", "--max-source", "1K", code=4, said="E0606")
    same(session("1\r\n2\r\n"), "1 : Integer", "2 : Integer")


def limits_hold_for_each_input():
    forever = ("type Nat = Integer;\n"
               "let rec spin = \\n -> if n < 1 then n else spin (n - 1)\n")
    out = session(forever + "spin 100000000000\n1\n", "--max-steps", "10000",
                  code=4, said="E0602")
    assert out.endswith("\n1 : Integer\n"), out
    out = session(forever + "spin 100000000000\n1\n", "--timeout", "200ms",
                  "--max-steps", "4000000000", code=124, said="E0608")
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
    session(":load nowhere.lig\nfoo\n", code=3,
            said="'nowhere.lig' cannot be read")
    session("1 / 0", "nowhere.lig", code=3, said="'nowhere.lig' cannot be read")


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


def doc_says_what_a_name_is():
    same(session("/// Twice.\nlet twice x = 2 * x\n:doc twice\n:doc Eq\n"
                 ":doc Integer\n"),
         "twice : Num a => a -> a", "twice : Num a => a -> a", "Twice.",
         "typeclass Eq a where", "  eq: a -> a -> Boolean;",
         "What `==` compares.", "> eq [1] [1]  =>  true", "type Integer")
    session(":doc nope\n", code=1, said="nothing is known of 'nope'")


def doc_says_what_a_module_is():
    write("u.lig", "// Of us.\n//\n// More.\n\nexport let z = 3;\n")
    write("u.txt", "// no comment")
    us = ("module u.lig", "Of us.", "", "More.")
    same(session("import \"./u\" as u\n:doc u\n:doc \"./u\"\n"
                 "import \"./u.txt\" as t\n:doc t\n:doc std.option\n"),
         *us, *us, "module u.txt : String",
         "module std/option.lig", "Values that may be absent.")
    session(":doc \"./nope\"\n", code=1, said="nothing is known of '\"./nope\"'")


def browse_lists_names():
    write("u.lig", "export let z = 3;\nlet hidden = 4;\ntype T = | A;\n")
    same(session("let x = 1\nlet x = \"a\"\n:load u.lig\ntype U = | B\n"
                 ":browse\nimport \"./u\" as u\n:browse u\n"
                 ":browse \"./u\"\n"),
         "x : Integer = 1", 'x : String = "a"', "x : String", "type T",
         "z : Integer", "hidden : Integer", "type U", "type T", "z : Integer",
         "type T", "z : Integer")
    assert "withDefault : a -> Option a -> a\n" in session(":browse std.option")
    session(":browse nope\n", code=1, said="there is no module 'nope'")
    # What could not be loaded is there all the same.
    session(":browse \"./u\"\n", "--max-modules", "1", code=4,
            said="error[E0606]: the program has more than 1 modules\n  = help")
    session(":browse \"./u\"\n", "--max-source", "40", code=4,
            said="import './u' is larger than a source may be\n  = help")
    session(":browse \"./uu\"\n", code=1,
            said="error[E0501]: import './uu' is not there\n  = note")
    session(":doc u\n", "--max-modules", "1", code=1,
            said="nothing is known of 'u'")


def options_can_be_set():
    same(session(":set format json\n:set compact\n[1, 2]\n"
                 ":set --format=text\n[1]\n"),
         "[1,2]", "[1] : List Integer")
    session(":set max-steps 100\nsum (map (\\x -> x) (range 1 1000))\n",
            code=4, said="E0602")
    session(":set fromat json\n", code=1,
            said="unknown option 'fromat'; did you mean 'format'?")
    session(":set format xml\n", code=1,
            said="'format' takes one of text|json|yaml|toml|raw")
    session(":set workers 2\n", code=1, said="'workers' cannot be set")
    assert "format = \"text\"" in session(":set\n")


def time_says_what_it_took():
    out = session(":time sum (range 1 101)\n", said="\nsteps: ")
    same(out, "5050 : Integer")


def files_are_read_again():
    write("u.lig", "export let z = 1;\n")
    done = subprocess.Popen([LIGATURE, "repl"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    done.stdin.write(b"import \"./u\" as u\nu.z\n")
    done.stdin.flush()
    assert done.stdout.readline() == b"1 : Integer\n"
    write("u.lig", "export let z = 1 + \"a\";\n")
    done.stdin.write(b":reload\n1\n")
    done.stdin.flush()
    while b"u.lig:1:20" not in done.stderr.readline():
        pass
    write("u.lig", "export let z = 3;\n")
    out, err = done.communicate(b":reload\nu.z\n", timeout=PATIENCE)
    assert out.endswith(b"3 : Integer\n") and done.returncode == 1, (out, err)


def a_long_session_needs_little():
    lines = "".join(f"let v{i} = {f'v{i - 100} + 1' if i >= 100 else i}\n"
                    for i in range(400))
    out = session("type T = A | B\ntypeclass C a where c : a -> String;\n"
                  "instance C T where c x = \"c\";\n" + lines +
                  "v399\nc A\nlet v399 = v399 + 1\nv399\n")
    assert out.endswith("\n102 : Integer\n\"c\" : String\n"
                        "v399 : Integer = 103\n103 : Integer\n"), out[-200:]


def untrusted_reads_the_folder_alone():
    write("u.lig", "export let z = 3;\n")
    out = session("import \"./u\" as u\nu.z\nimport \"/etc/hostname\" as h\n"
                  ":set max-steps 4000000000\n:set allow-root /\n1\n",
                  "--untrusted", code=1, said="E0502")
    same(out, "3 : Integer", "1 : Integer")


# ---- on a terminal

def lines_are_edited_and_remembered():
    terminal = Terminal()
    terminal.enter("1 + 1", "2 : Integer")
    terminal.enter("12\x1b[D\x1b[D3", "312 : Integer")
    terminal.enter("\x1b[A\x1b[A", "2 : Integer")
    terminal.type("[1,\r")
    terminal.wait("| ")
    terminal.enter("\"é\x7fa\"\x7f\x7f\x7f2]", "[1, 2] : List Integer")
    terminal.type("\x04")
    terminal.end()
    assert history() == "1 + 1\n312\n1 + 1\n[1,\n2]\n", history()
    terminal = Terminal()
    terminal.enter("\x1b[A\x1b[A\x1b[A\x1b[A", "312 : Integer")
    terminal.enter(":set format json", "> ")
    terminal.type(":q\r")
    terminal.end()
    assert history().endswith("2]\n312\n:set format json\n:q\n"), history()
    terminal = Terminal("--no-history")
    terminal.enter("99", "99 : Integer")
    terminal.type("\x04")
    terminal.end()
    assert "99" not in history()
    os.makedirs("other/ligature")
    write("other/ligature/history", "".join(f"{i}\n" for i in range(3000)))
    os.rename("other", "state2")
    os.rename("state2/ligature/history", "state/ligature/history")
    terminal = Terminal()
    terminal.enter("7", "7 : Integer")
    terminal.type("\x04")
    terminal.end()
    lines = history().splitlines()
    assert len(lines) == 1000 and lines[-2:] == ["2999", "7"], lines[-3:]


def tab_completes():
    write("module_a.lig", "export let z = 3;\n")
    terminal = Terminal()
    terminal.enter("let counter = { alpha = 1, beta = { gamma = 2 } }",
                   "counter : ")
    terminal.enter("coun\t.al\t", "1 : Integer")
    terminal.enter("counter.beta.\t", "2 : Integer")
    terminal.enter("import std.opt\t as O", "> ")
    terminal.enter("O.withD\t", "<function> : a -> Option a -> a")
    terminal.enter("import \"./modu\t\" as m", "> ")
    terminal.enter("m.\t", "3 : Integer")
    terminal.enter(":lo\t modu\t", "> ")
    terminal.enter(":set form\t json", "> ")
    terminal.type("std.\t")
    terminal.wait("semver")
    terminal.type("\x15\x04")
    terminal.end()


def signals_end_what_runs_and_no_more():
    terminal = Terminal("--max-steps", "4000000000")
    terminal.interrupt("let lost = ")
    terminal.wait("> ")
    terminal.enter("1", "1 : Integer")
    terminal.type("(1,\r")
    terminal.wait("| ")
    terminal.interrupt("")
    terminal.wait("> ")
    terminal.enter("let rec spin = \\n -> if n < 1 then n else spin (n - 1)",
                   "spin : ")
    terminal.type("spin 100000000000\r")
    terminal.wait("spin 100000000000")
    time.sleep(0.5)  # most likely it runs by now; it is right in any case
    terminal.type("\x03")
    terminal.wait("> ")
    terminal.enter("2", "2 : Integer")
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.end(143)
    assert history().endswith("\n2\n"), history()


def other_terminals_do():
    terminal = Terminal("--untrusted")
    terminal.enter("1 + 1", "2 : Integer")
    terminal.type("\x04")
    terminal.end()
    terminal = Terminal(TERM="dumb")
    terminal.enter("1 + 1", "2 : Integer")
    terminal.type("\x04")
    terminal.end()
    terminal = Terminal(size=(65535, 65535))
    terminal.enter("1 + 1", "2 : Integer")
    terminal.type("\x04")
    terminal.end()
    terminal = Terminal()
    terminal.enter("1 + 1", "2 : Integer")
    terminal.resize(65535, 65535)
    terminal.enter("1 + 2", "3 : Integer")
    terminal.type("\x04")
    terminal.end()


CASES = {name: case for name, case in list(globals().items())
         if callable(case) and getattr(case, "__module__", "") == "__main__"
         and name not in ("write", "session", "same", "Terminal", "history")}


def main():
    global LIGATURE
    if sys.argv[1] == "list":
        print("\n".join(CASES))
        return
    LIGATURE = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            CASES[sys.argv[2]]()
        finally:
            for process in Terminal.started:
                os.kill(process, signal.SIGKILL)


main()
