"""Cases 1 to 56: text and syntax."""
import random

from harness import Variant, case
from sizes import full, scaled


def short_lines(result):
    assert max(len(line) for line in result.err.split(b"\n")) <= 600


def says(text):
    return lambda result: text.encode() in result.err


def prints(text):
    return lambda result: result.out == text.encode()


# ---- text

@case(1, "OK REJ")
def empty_file():
    yield Variant(b"")


@case(2, "OK REJ")
def blank():
    yield Variant(b" \n" * scaled(1 << 20))


@case(3, "OK REJ")
def byte_order_mark_only():
    yield Variant(b"\xef\xbb\xbf")


@case(4, "OK")
def byte_order_mark():
    yield Variant(b"\xef\xbb\xbf1 + 1\n", check=prints("2\n"))


@case(5, "REJ")
def byte_order_mark_inside():
    yield Variant(b"1 \xef\xbb\xbf+ 1\n")


@case(6, "REJ")
def utf_16():
    for name in ("utf-16-le", "utf-16-be"):
        text = "\ufefflet x = 1;\n".encode(name)
        yield Variant(text, label=name, check=says("UTF-16"))
        yield Variant(text[2:], label=name + " without a mark")


@case(7, "OK")
def carriage_return_line_feed():
    yield Variant(b"let x = 1; // one\r\nx + 1\r\n", check=prints("2\n"))


@case(8, "OK")
def carriage_return():
    yield Variant(b"// a comment\r1 + 1\r", check=prints("2\n"))


@case(9, "REJ")
def nul_behind():
    yield Variant(b"1 + 1\n\0")
    yield Variant(b"1 + 1\n\0garbage")


@case(10, "REJ")
def nul_between():
    yield Variant(b"1 +\0 1\n")


@case(11, "REJ")
def nul_in_string():
    yield Variant(b'"a\0b"\n')


@case(12, "REJ")
def invalid_utf_8():
    for bad in (b"\xff", b"\x80", b"\xc0\x80", b"\xc3", b"\xe2\x82",
                b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x82\x82\xac",
                b"\xfe", b"\xf8\x88\x80\x80\x80", b"\xe2\x28\xa1"):
        for label, text in (("string", b'"a' + bad + b'b"'),
                            ("name", b"let a" + bad + b" = 1;"),
                            ("comment", b"// " + bad + b"\n1"),
                            ("end", b"1\n" + bad)):
            yield Variant(text, label="%s %r" % (label, bad))


@case(13, "REJ")
def unterminated_string():
    for text in (b'"abc', b'"abc\\', b'"abc\\u', b'"abc\\u{12', b'"a\\(1',
                 b'"a\\("b', b'"""\nabc', b'r"abc', b'r#"abc"', b'"'):
        yield Variant(text, label=repr(text))
    yield Variant(b'"' + b"a" * scaled(64 << 20), label="64 MB",
                  check=short_lines)


@case(14, "REJ")
def unterminated_comment():
    for text in (b"/* abc", b"/*/", b"1 /* /* */", b"/*"):
        yield Variant(text, label=repr(text))


@case(15, "OK REJ")
def nested_comments():
    n = scaled(1e6)
    yield Variant(b"/*" * n + b"*/" * n + b" 1", check=prints("1\n"),
                  expect="OK")
    yield Variant(b"/*" * n)


@case(16, "OK REJ LIM")
def long_names():
    yield Variant(b"let " + b"a" * scaled(64 << 20) + b" = 1;")
    yield Variant(b"a" * scaled(1 << 20), expect="REJ",
                  check=lambda r: len(r.err) < 8192)


@case(17, "OK LIM")
def long_string():
    yield Variant(b'"' + b"a" * scaled(16 << 20) + b'"')
    # W0204 looks for names in it.
    yield Variant(b'let a = "b"; a ++ "' + b"${" * scaled(1 << 20) +
                  b"${a" * scaled(1 << 20) + b'"', label="holes", expect="OK")


@case(18, "REJ")
def long_integer():
    yield Variant(b"9" * scaled(1e7), check=lambda r: len(r.err) < 8192)
    yield Variant(b"0x" + b"f" * scaled(1e6), label="hexadecimal")
    yield Variant(b"1." + b"9" * scaled(1e6), label="float", expect="OK")


@case(19, "OK REJ")
def integer_edges():
    for text, printed in (("9223372036854775807", True),
                          ("-9223372036854775808", True),
                          ("9223372036854775808", None),
                          ("-9223372036854775809", None),
                          ("18446744073709551616", None),
                          ("00012", None), ("0x", None), ("0b12", None),
                          ("0o8", None), ("1__0", None), ("1_", None),
                          ("1_000", "1000"), ("0xFFFFFFFFFFFFFFFF", None)):
        if printed is None:
            yield Variant(text, label=text, expect="REJ")
        else:
            want = text if printed is True else printed
            yield Variant(text, label=text, expect="OK",
                          check=prints(want + "\n"))


@case(20, "OK REJ")
def float_edges():
    def finite(result):
        return b"nan" not in result.out and b"inf" not in result.out
    for text in ("1e999", "-1e999", "5e-324", "1e-999", "NaN", "1.", ".5",
                 "1e", "1e+", "1.5e308", "1.8e308", "0.0", "-0.0",
                 "4.9e-324", "2.2250738585072011e-308"):
        yield Variant(text, label=text, check=finite)


@case(21, "REJ")
def escapes():
    for text in (r'"\uD800"', r'"\uDC00"', r'"\uD800\u0041"', r'"\u{110000}"',
                 r'"\u{ffffffffffffffffffff}"', r'"\x41"', r'"\u12"', r'"\u{}"',
                 r'"\u{d800}"', r'"\q"', r'"\u{12"', r'"\uZZZZ"'):
        yield Variant(text, label=text)
    yield Variant(r'"\uD83D\uDE00"', expect="OK", check=prints('"\U0001F600"\n'))


@case(22, "REJ")
def control_bytes():
    for byte in (1, 7, 8, 0x1b, 0x7f):
        yield Variant(b'"a' + bytes([byte]) + b'b"', label="string %d" % byte)
        yield Variant(b"1 " + bytes([byte]) + b"+ 1", label="token %d" % byte)


@case(23, "REJ")
def bidirectional():
    for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        yield Variant("// a%sb\n1" % char, label="comment %r" % char)
        yield Variant('"a%sb"' % char, label="string %r" % char)


@case(24, "REJ")
def homoglyphs():
    yield Variant("let p\u0430ypal = 1;")


@case(25, "REJ")
def zero_width():
    yield Variant("let a\u200bb = 1;")
    yield Variant("let a\u200d = 1;")


@case(26, "OK REJ")
def normal_forms():
    def apart(result):
        return result.code != 0 or result.out.count(b":") == 2
    yield Variant('{ "\u00e9" = 1, "e\u0301" = 2 }', check=apart)
    yield Variant('"\u00e9" == "e\u0301"', check=prints("false\n"))


@case(27, "REJ")
def escape_sequences_in_an_error():
    yield Variant(r'error "\u{1b}]0;title\u{7}\u{1b}[31mred\u{9b}31m"')
    yield Variant(r'let x: Integer = "\u{1b}[2J"; x')
    yield Variant(r'{ "\u{1b}[2J" = 1 }.b')


@case(28, "REJ")
def workflow_commands():
    def escaped(result):
        for line in result.err.split(b"\n"):
            assert not line.startswith((b"::", b"##")), line
    yield Variant(r'error "x\n::error::pwned\n##vso[task.setvariable]"',
                  check=escaped)
    yield Variant('error """\n::error file=a::b\n##[error]c\n"""',
                  check=escaped)


@case(29, "REJ")
def long_line():
    n = full(32 << 20, 128 << 20)
    yield Variant(b"let x = 1;" + b" " * n + b"y", check=lambda r: (
        b"main.lig:1:%d" % (n + 11)) in r.err and short_lines(r) is None)


@case(30, "REJ")
def many_lines():
    n = scaled(5e6)
    yield Variant(b"\n" * n + b"  y",
                  check=says("main.lig:%d:3" % (n + 1)))


@case(31, "OK REJ")
def one_byte():
    for byte in range(256):
        yield Variant(bytes([byte]), label="byte %d" % byte, workers=(1, 8))


@case(32, "OK REJ LIM")
def soups():
    words = ("let rec and in if then else match when type where with import "
             "export from as input for true false f x T Some None 1 2.5 \"s\" "
             "( ) [ ] { } , ; = == -> => | || && + - ++ * / % . .. ? ?? : \\ "
             "! < > <= |> _ ' \" \\( \n").split(" ")
    for seed in range(scaled(400, 40)):
        source = random.Random(seed)
        count = source.randrange(1, 80)
        text = " ".join(source.choice(words) for _ in range(count))
        yield Variant(text, label="seed %d" % seed, workers=(1, 8))


# ---- nesting

def nested(opening, inside, closing, n):
    return opening * n + inside + closing * n


@case(33, "LIM")
def nested_parentheses():
    yield Variant(nested("(", "1", ")", scaled(1e6)))
    yield Variant("(" * scaled(1e6), expect="LIM REJ")


@case(34, "LIM")
def nested_lists():
    yield Variant(nested("[", "1", "]", scaled(1e6)))


@case(35, "LIM")
def nested_records():
    yield Variant(nested("{ a = ", "1", " }", scaled(1e5)))


@case(36, "LIM")
def nested_lambdas():
    yield Variant("\\x -> " * scaled(1e5) + "1")


@case(37, "LIM")
def nested_ifs():
    yield Variant(nested("if true then ", "1", " else 0", scaled(1e5)))
    yield Variant("if false then 0 else " * scaled(1e5) + "1",
                  expect="LIM OK", label="else if")


@case(38, "LIM")
def nested_lets():
    yield Variant("let x = 1 in " * scaled(1e5) + "1", expect="LIM OK")
    yield Variant(nested("let x = ", "1", " in x", scaled(1e5)))


@case(39, "LIM")
def nested_matches():
    yield Variant(nested("match 1 { _ => ", "1", " }", scaled(1e5)))
    yield Variant(nested("match ", "1", " { x => x }", scaled(1e5)))


@case(40, "OK LIM")
def unary_run():
    yield Variant("- " * scaled(1e5) + "1")
    yield Variant("!" * scaled(1e5) + "true")


@case(41, "OK LIM REJ")
def minus_run():
    yield Variant("-" * scaled(1e6) + "1")


@case(42, "OK LIM")
def long_sum():
    n = scaled(2e5)
    yield Variant("1" + "+1" * (n - 1), check=prints("%d\n" % n), expect="OK")


@case(43, "OK LIM")
def long_concatenation():
    yield Variant('"a"' + ' ++ "a"' * scaled(1e5))
    yield Variant("[1]" + " ++ [1]" * scaled(1e4))


@case(44, "OK REJ LIM")
def application_spine():
    yield Variant("let f x = f; f" + "(1)" * scaled(1e5))
    yield Variant("let rec f x = f; f" + " 1" * scaled(1e5))
    yield Variant("let id x = x; " + "id (" * scaled(1e5) + "1" +
                  ")" * scaled(1e5))


@case(45, "REJ LIM")
def field_spine():
    yield Variant("let a = { b = 1 }; a" + ".b" * scaled(1e5))


@case(46, "OK REJ LIM")
def long_arrow():
    yield Variant("let f: Option (" + "Int -> " * scaled(1e5) +
                  "Int) = None; 1")


@case(47, "LIM REJ")
def nested_type():
    yield Variant("let x: " + nested("[", "Int", "]", scaled(1e5)) + " = [];")


@case(48, "REJ LIM")
def openers():
    for opener in "([{":
        yield Variant(opener * scaled(1e6), label=opener)


@case(49, "REJ LIM")
def mixed_openers():
    yield Variant("([{" * scaled(3e5))
    yield Variant("(f [x for y in {a = " * scaled(5e4))


@case(50, "REJ")
def closers():
    for closer in ")]}":
        yield Variant(closer * scaled(1e6), label=closer)


@case(51, "REJ")
def many_errors():
    n = scaled(1e5)

    def capped(result):
        assert len(result.codes()) <= 20
        assert b"%d errors" % n in result.err, result.err[-200:]

    def given_up(result):  # the parser leaves a file after 1,000
        assert len(result.codes()) <= 20
        assert b"at least 1000 errors" in result.err or n < 1000, \
            result.err[-200:]
    yield Variant("let = ;\n" * n, check=given_up)
    yield Variant("".join("let a%d = nope%d;\n" % (i, i) for i in range(n)),
                  check=capped, label="names")


@case(51, "REJ LIM")
def guesses_at_many_errors():
    # What is guessed of each of them must not read all that follows.
    tail = "let y = 1; " * scaled(3e5)
    for broken in ("let = ; ", "let x: Foo { a = 1 }; ", "let a = 1; f ( \n",
                   "let x = a ? b : c; "):
        yield Variant(broken * 1000 + tail, label=repr(broken))
    yield Variant("if " * scaled(6e5), label="if")
    yield Variant("let x = let y = \n" * 1000 + "\n  x" * scaled(3e5),
                  label="let")


@case(51, "REJ")
def many_fields_not_exported():
    yield Variant("".join("let a%d = %d;\n" % (i, i)
                          for i in range(scaled(6e4))),
                  args=["export", "--out", "out", "main.lig"])


@case(52, "OK REJ")
def backtracking():
    for depth in (20, 40, 60):
        for opening, closing in (("(", ")"), ("[", "]"), ("{ a = ", " }"),
                                 ("(\\x -> ", ") 1"), ("f (", ")"),
                                 ("(1, ", ")"), ("if (", ") then 1 else 2"),
                                 ("[x for x in ", "]"), ("Some (", ")")):
            good = nested(opening, "1", closing, depth)
            yield Variant(good, label="%s %d" % (opening, depth), seconds=30,
                          workers=(1, 8))
            yield Variant(opening * depth + "1 +" + closing * depth,
                          label="%s %d broken" % (opening, depth),
                          expect="REJ", seconds=30, workers=(1, 8))
    for depth in (20, 40, 60):
        yield Variant("let x: %s = 1;" % nested("(", "Int", ")", depth))
        yield Variant("match 1 { %s => 1 }" % nested("(", "x", ")", depth))


@case(53, "OK LIM")
def large_list():
    n = scaled(1e6)
    yield Variant("[" + "1," * n + "]", rss_mib=2048, cpu=20)


@case(54, "OK LIM")
def large_record():
    n = full(2e5, 1e6)
    yield Variant("{" + "".join("f%d = %d," % (i, i) for i in range(n)) + "}",
                  rss_mib=2048, cpu=20)


@case(55, "REJ")
def duplicates():
    yield Variant("{ a = 1, a = 2 }")
    yield Variant("let a = 1; let a = 2;")
    yield Variant("type T = A | A;")
    yield Variant("{ a.b = 1, a = 2 }")
    yield Variant("let f (x, x) = 1;")
    yield Variant("type R = { a: Integer, a: String };")


@case(56, "REJ")
def keywords_as_names():
    for word in ("let rec and in if then else match when type where with "
                 "typeclass instance superclass module import export from as "
                 "input for true false").split():
        yield Variant("let %s = 1;" % word, label=word)
