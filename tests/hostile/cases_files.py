"""Cases 86 to 112 and 127: imports and files."""
import os
import socket

from harness import Variant, case
from sizes import full, scaled

SECRET = b"root:x:0"


def hides(*words):
    def check(result):
        for word in words:
            assert word not in result.err, word
    return check


def link(target):
    return lambda path: os.symlink(target, path)


def make_socket(path):
    here = os.getcwd()
    with socket.socket(socket.AF_UNIX) as s:
        os.chdir(os.path.dirname(path))
        try:
            s.bind(os.path.basename(path))
        finally:
            os.chdir(here)


@case(86, "REJ")
def self_import():
    yield Variant('import "./main" as m;\nlet x = m.x;')


@case(87, "REJ")
def import_cycle():
    yield Variant('import "./a" as a;\na.x',
                  files={"a.lig": 'import "./b" as b;\nlet x = b.x;',
                         "b.lig": 'import "./a" as a;\nlet x = a.x;'})


@case(88, "REJ")
def long_import_cycle():
    n = scaled(1000)
    files = {"m%d.lig" % i: 'import "./m%d" as m;\nlet x = m.x;' % ((i + 1) % n)
             for i in range(n)}
    yield Variant('import "./m0" as m;\nm.x', files=files,
                  check=lambda r: len(r.err) < 16 << 10)


@case(89, "REJ")
def missing_import():
    yield Variant('let x = 1;\nimport "./nowhere" as n;\nn.x',
                  check=lambda r: b"main.lig:2:" in r.err)


@case(90, "REJ")
def import_of_a_folder():
    yield Variant('import "./folder" as f;\nf.x',
                  files={"folder": lambda path: os.mkdir(path)})
    yield Variant('import "./folder.lig" as f;\nf.x',
                  files={"folder.lig": lambda path: os.mkdir(path)})


@case(91, "REJ")
def import_of_a_fifo():
    yield Variant('import "./pipe.lig" as p;\np.x',
                  files={"pipe.lig": lambda path: os.mkfifo(path)}, seconds=20)


@case(92, "REJ")
def import_of_a_socket():
    yield Variant('import "./s.lig" as s;\ns.x', files={"s.lig": make_socket},
                  seconds=20)


@case(93, "REJ")
def devices():
    for path in ("/dev/zero", "/dev/random", "/dev/stdin", "/dev/tty",
                 "/dev/null", "/proc/self/mem", "/proc/self/environ",
                 "/proc/kmsg", "/proc/self/fd/0"):
        yield Variant('import "%s" as d;\nd' % path, label=path, seconds=20)
        yield Variant('import "./d.json" as d;\nd',
                      files={"d.json": link(path)},
                      label="link to " + path, seconds=20)


@case(94, "REJ IO")
def entry_is_a_fifo():
    yield Variant(None, files={"main.lig": lambda path: os.mkfifo(path)},
                  seconds=20)


@case(95, "REJ")
def absolute_path():
    yield Variant('import "/etc/passwd" as p;\np', check=hides(SECRET))
    yield Variant('import "/etc/hostname.txt" as p;\np')


@case(96, "REJ")
def parent_path():
    for path in ("../outside", "../../../../../../etc/passwd",
                 "./a/../../outside", "./.././../x"):
        yield Variant('import "%s" as p;\np' % path, label=path,
                      check=hides(SECRET))


@case(97, "REJ")
def link_outside():
    yield Variant('import "./p.txt" as p;\np',
                  files={"p.txt": link("/etc/passwd")},
                  check=hides(SECRET, b"/etc/passwd"))


@case(98, "REJ")
def linked_folder_outside():
    yield Variant('import "./etc/passwd.txt" as p;\np',
                  files={"etc": link("/etc")}, check=hides(SECRET))
    yield Variant('import "./etc/hosts" as p;\np', files={"etc": link("/etc")})


@case(99, "REJ")
def link_loop():
    yield Variant('import "./a" as a;\na', files={"a.lig": link("b.lig"),
                                                  "b.lig": link("a.lig")})


@case(100, "REJ")
def dangling_link():
    yield Variant('import "./a" as a;\na',
                  files={"a.lig": link("/nowhere/secret-name")},
                  check=hides(b"secret-name"))


@case(101, "REJ")
def nul_in_path():
    yield Variant(b'import "./a\0b" as a;\na')
    yield Variant('import "./a\\0b" as a;\na')
    yield Variant('import "./a\\u{0}.lig" as a;\na', files={"a": "1"})


@case(102, "REJ")
def long_paths():
    yield Variant('import "./%s" as a;\na' % ("x/" * 2500),
                  check=lambda r: len(r.err) < 16 << 10)
    yield Variant('import "./%s" as a;\na' % ("x" * 300))


@case(103, "REJ")
def odd_bytes_in_path():
    yield Variant('import "./a\\u{1b}[31m\\n\\u{9b}b" as a;\na')
    yield Variant('import "./a\u00a0\u200b" as a;\na')


@case(104, "REJ")
def weird_paths():
    for path in ("http://localhost:1/x", "https://example.org/x.lig",
                 "file:///etc/passwd", "ftp://x/y", "git+ssh://x/y", "~/x",
                 "~root/x", "$HOME/x", "${HOME}/x", "`id`", "$(id)", "| id",
                 "; id", "-", "--help", "*", "con:", ""):
        yield Variant('import "%s" as p;\np' % path.replace("\\", "\\\\"),
                      label=path, check=hides(b"uid="), seconds=20)


@case(105, "OK")
def one_file_four_names():
    yield Variant('import "./a" as a;\nimport "./a.lig" as b;\n'
                  'import "./d/../a" as c;\nimport "./link" as e;\n'
                  "let t: a.T = b.T;\n[t, c.T, e.T]",
                  files={"a.lig": "type T = | T;",
                         "d/x": "", "link.lig": link("a.lig")})


@case(105, "OK")
def linked_files_import_their_own():
    def shared(path):
        os.link(os.path.join(os.path.dirname(path), "..", "a", "m.lig"), path)
    yield Variant('import "./a/m" as a;\nimport "./b/m" as b;\n[a.x, b.x]',
                  files={"a/m.lig": 'import "./v" as v;\nlet x = v.x;',
                         "a/v.lig": "let x = 1;", "b/v.lig": "let x = 2;",
                         "b/m.lig": shared},
                  check=lambda r: r.out.split() == b"[ 1, 2 ]".split())


@case(106, "REJ")
def broken_module_imported_often():
    n = scaled(300)
    files = {"m%d.lig" % i: 'import "./broken" as b;\nlet x = b.x;'
             for i in range(n)}
    files["broken.lig"] = "let x = ;"
    body = "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(n))
    yield Variant(body + "[" + ", ".join("m%d.x" % i for i in range(n)) + "]",
                  files=files, check=lambda r: len(r.codes()) == 1)


@case(107, "LIM REJ")
def sparse_file():
    def sparse(path):
        with open(path, "wb") as f:
            f.truncate(1 << 30)
    yield Variant('import "./big.json" as b;\nb', files={"big.json": sparse},
                  rss_mib=512)
    yield Variant(None, files={"main.lig": sparse}, rss_mib=512, place=False)


@case(108, "OK")
def deep_folders():
    path = "/".join(["d"] * 150)
    yield Variant('import "./%s/a" as a;\na.x' % path,
                  files={path + "/a.lig": "let x = 1;"},
                  check=lambda r: r.out == b"1\n")


@case(110, "OK LIM")
def module_fan_in():
    n = full(3000, 1e5)
    files = {"m%d.lig" % i: "let x = %d;" % i for i in range(n)}
    body = "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(n))
    yield Variant(body + "length [" +
                  "".join("m%d.x," % i for i in range(n)) + "]", files=files,
                  cpu=120, rss_mib=4096, seconds=300,
                  check=lambda r: r.out == b"%d\n" % n)


@case(111, "OK LIM")
def module_chain():
    n = full(3000, 1e4)
    files = {"m%d.lig" % i: 'import "./m%d" as m;\nlet x = m.x + 1;' % (i + 1)
             for i in range(n)}
    files["m%d.lig" % n] = "let x = 0;"
    yield Variant('import "./m0" as m;\nm.x', files=files,
                  check=lambda r: r.out == b"%d\n" % n)


@case(112, "OK")
def module_lattice():
    files = {"a0.lig": "let x = 1;", "b0.lig": "let x = 1;"}
    for i in range(1, 61):
        for name in "ab":
            files["%s%d.lig" % (name, i)] = (
                'import "./a%d" as a;\nimport "./b%d" as b;\n'
                "let x = a.x + b.x;" % (i - 1, i - 1))
    yield Variant('import "./a60" as a;\na.x', files=files, seconds=30,
                  check=lambda r: r.out == b"%d\n" % 2**60)


@case(127, "REJ")
def cycle_entered_often():
    n = 100
    files = {"m%d.lig" % i: 'import "./c%d" as c;\nlet x = c.x;' % (i % 5)
             for i in range(n)}
    for i in range(5):
        files["c%d.lig" % i] = ('import "./c%d" as c;\nlet x = c.x;' %
                                ((i + 1) % 5))
    body = "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(n))
    yield Variant(body + "[" + ", ".join("m%d.x" % i for i in range(n)) + "]",
                  files=files)
