"""Cases 72 to 85 and 114 to 132: evaluation, output, concurrency."""
import json
import resource

from harness import Variant, case
from sizes import full, is_instrumented, scaled


def prints(text):
    return lambda result: result.out == text.encode()


@case(72, "LIM")
def billion_laughs():
    lists = "let a0 = [1];\n" + "".join(
        "let a%d = [a%d, a%d];\n" % (i, i - 1, i - 1) for i in range(1, 41))
    yield Variant(lists + "a40", args=["eval", "--max-output", "1M",
                                       "main.lig"])
    records = "let a0 = { x = 1 };\n" + "".join(
        "let a%d = { l = a%d, r = a%d };\n" % (i, i - 1, i - 1)
        for i in range(1, 41))
    yield Variant(records + "a40", args=["eval", "--max-output", "1M",
                                         "main.lig"])


@case(73, "LIM")
def string_doubling():
    body = 'let s0 = "x";\n' + "".join(
        "let s%d = s%d ++ s%d;\n" % (i, i - 1, i - 1) for i in range(1, 61))
    yield Variant(body + "length s60",
                  args=["eval", "--max-memory", "256M", "main.lig"])
    body = "let s0 = [1];\n" + "".join(
        "let s%d = s%d ++ s%d;\n" % (i, i - 1, i - 1) for i in range(1, 61))
    yield Variant(body + "length s60", label="list",
                  args=["eval", "--max-memory", "256M", "main.lig"])
    yield Variant("length (range 0 9223372036854775807)", label="range",
                  expect="LIM REJ",
                  args=["eval", "--max-memory", "256M", "main.lig"])


@case(74, "OK")
def string_doubling_unused():
    body = 'let s0 = "x";\n' + "".join(
        "let s%d = s%d ++ s%d;\n" % (i, i - 1, i - 1) for i in range(1, 61))
    yield Variant(body + "if true then 1 else length s60", check=prints("1\n"))


@case(75, "LIM")
def exponential_steps():
    lines = ["let t0 x = x + 1;"]
    for i in range(1, 61):
        lines.append("let t%d x = t%d (t%d x);" % (i, i - 1, i - 1))
    yield Variant("\n".join(lines) + "\nt60 0",
                  args=["eval", "--max-steps", "3000000", "main.lig"])


@case(76, "OK")
def diamond():
    body = "let a0 = 1;\n" + "".join(
        "let a%d = a%d + a%d;\n" % (i, i - 1, i - 1) for i in range(1, 61))
    yield Variant(body + "a60", check=prints("%d\n" % 2**60), seconds=30)


@case(77, "REJ")
def self_cycle():
    yield Variant("let a = a;")
    yield Variant("let a = a + 1; a")


@case(78, "REJ")
def mutual_cycle():
    yield Variant("let a = b; let b = a;")


@case(79, "REJ")
def long_cycle():
    n = scaled(5e4)
    yield Variant("".join("let a%d = a%d;\n" % (i, (i + 1) % n)
                          for i in range(n)),
                  check=lambda r: len(r.err) < 16 << 10)


@case(80, "OK")
def chain_forward():
    n = scaled(1e5)
    yield Variant("let b0 = 1;\n" + "".join(
        "let b%d = b%d + 1;\n" % (i, i - 1) for i in range(1, n)) +
        "b%d" % (n - 1), check=prints("%d\n" % n))


@case(81, "OK")
def chain_backward():
    n = scaled(1e5)
    yield Variant("".join("let b%d = b%d + 1;\n" % (i, i + 1)
                          for i in range(n - 1)) +
                  "let b%d = 1;\nb0" % (n - 1), check=prints("%d\n" % n))
    yield Variant("".join("let b%d x = b%d x;\n" % (i, i + 1)
                          for i in range(n - 1)) +
                  "let b%d x = x;\nb0 1" % (n - 1), check=prints("1\n"),
                  label="functions")
    yield Variant("".join("let b%d = if true then b%d else 0;\n" % (i, i + 1)
                          for i in range(n - 1)) +
                  "let b%d = 1;\nb0" % (n - 1), label="on demand",
                  expect="OK LIM")


@case(80, "OK")
def chain_of_local_functions():
    """Overloaded ones, which are compiled where they are used."""
    n = scaled(2e4)
    values = "".join(" a%d = a%d;" % (i, i - 1) for i in range(1, n))
    yield Variant("let f k = let a0 x = x + 1;" + "".join(
        " a%d x = a%d x + 1;" % (i, i - 1) for i in range(1, n)) +
        " in a%d k; f 0" % (n - 1), check=prints("%d\n" % n),
        label="functions")
    yield Variant("let f k = let a0 = show;" + values +
                  " in a%d k; f 0" % (n - 1), check=prints('"0"\n'),
                  label="values")
    yield Variant("let f x = let" + "".join(
        " a%d = x;" % i for i in range(n)) + " in (\\y -> y + " +
        " + ".join("a%d" % i for i in range(n)) + "); f 1 2",
        check=prints("%d\n" % (n + 2)), label="captured")
    yield Variant("let f k = let rec " + " and ".join(
        "a%d n = if n <= 0 then %d else a%d (n - 1)" % (i, i, (i + 1) % n)
        for i in range(n)) + " in a0 k; f 3", check=prints("3\n"),
        label="recursive")
    deep = "min x (" * 400 + "a%d x" + ")" * 400
    yield Variant("let f k = let a0 x = x + 1;" + "".join(
        " a%d x = %s;" % (i, deep % (i - 1)) for i in range(1, 100)) +
        " in a99 k; f 0", check=prints("0\n"), label="nested")


@case(82, "OK")
def many_bindings():
    n = full(2e5, 1e6)
    yield Variant("".join("let b%d = %d * 2;\n" % (i, i) for i in range(n)) +
                  "export { b0 };", rss_mib=2048, cpu=60)


def fields(n, text):
    return "{ " + ", ".join(text % ((i,) * text.count("%")) for i in range(n)) \
        + " }"


@case(54, "OK")
def wide_updates():
    """Each item copied the record, or each batch of them."""
    n = scaled(1e5)
    wide = fields(n, "a%d = { b = 0, c = 1 }")
    yield Variant("let r = %s;\n{ ..r, %s" % (
        wide, fields(n, "a%d.b = %d, z%d = 2")[1:]), label="paths", cpu=3,
        check=lambda r: json.loads(r.out) == dict(
            [("a%d" % i, {"b": i, "c": 1}) for i in range(n)] +
            [("z%d" % i, 2) for i in range(n)]))
    yield Variant("let r = { q = 1, a = { x = 0 } };\n{ ..r, %s" %
                  fields(n, "a.b%d = %d, c.d%d.e = 3")[1:], cpu=3,
                  label="paths through one field",
                  check=lambda r: list(json.loads(r.out).items()) == [
                      ("q", 1),
                      ("a", {"x": 0, **{"b%d" % i: i for i in range(n)}}),
                      ("c", {"d%d" % i: {"e": 3} for i in range(n)})])
    n = scaled(4e4)
    chain = ", ".join("f%d: Integer = f%d + 1" % (i, i - 1)
                      for i in range(1, n))
    for label, value in (("none", "{ f0 = 1 }"), ("a spread", "{ ..r }")):
        yield Variant("type T = { f0: Integer, %s };\nlet r = { f0 = 1 };\n"
                      "let v: T = %s;\nv" % (chain, value), cpu=3,
                      label="defaults behind " + label,
                      check=lambda r: json.loads(r.out) ==
                      {"f%d" % i: i + 1 for i in range(n)})


@case(83, "OK")
def fan_in():
    n = scaled(1e5)
    yield Variant("".join("let b%d = %d;\n" % (i, i) for i in range(n)) +
                  "length [" + "".join("b%d," % i for i in range(n)) + "]",
                  check=prints("%d\n" % n))


@case(84, "REJ")
def arithmetic():
    low, high = "(-9223372036854775808)", "9223372036854775807"
    for text in (high + " + 1", low + " - 1", high + " * 2", low + " / (-1)",
                 "-" + low, "abs " + low, "1 / 0", "1 % 0", "round 1e19",
                 "sum [%s, 1]" % high, "1.0 / 0.0", "1e308 * 10.0",
                 "let f a b = a * b; f %s %s" % (low, low)):
        yield Variant(text, label=text)
    yield Variant(low + " % (-1)", expect="OK REJ")


@case(85, "OK")
def unused_division():
    yield Variant("let bad = 1 / 0; 1", check=prints("1\n"))


# ---- output

@case(114, "OK")
def text_round_trip():
    chars = [chr(c) for c in list(range(0, 0x20)) + [0x22, 0x2f, 0x5c, 0x7f,
             0x80, 0x9f, 0xa0, 0xad, 0x2028, 0x2029, 0xfeff, 0xfffd, 0xffff,
             0x10000, 0x1f600, 0x10ffff]]
    source = "".join("\\u{%x}" % ord(c) for c in chars)
    for flags in ([], ["--ascii"], ["--compact"]):
        yield Variant('["%s"]' % source, args=["eval"] + flags + ["main.lig"],
                      check=lambda r: json.loads(r.out.decode("utf-8"),
                                                 strict=True) ==
                      ["".join(chars)])


@case(115, "OK")
def exact_integers():
    yield Variant("[9007199254740993, -9007199254740993]",
                  args=["eval", "--compact", "main.lig"],
                  check=prints("[9007199254740993,-9007199254740993]\n"))


@case(116, "OK")
def shortest_floats():
    numbers = ["0.1", "0.2", "0.30000000000000004", "1e-300", "5e-324",
               "1.7976931348623157e308", "123456.789", "4.35", "2.5e-5",
               "9007199254740993.0", "1e22", "1e23", "8.41e21"]

    def same(result):
        printed = json.loads(result.out, parse_float=str)
        for text, number in zip(printed, numbers):
            assert float(text) == float(number), (text, number)
            digits = text.lower().split("e")[0].replace(".", "").strip("0")
            best = repr(float(number)).split("e")[0].replace(".", "").strip("0")
            assert len(digits) <= len(best), (text, number)
    yield Variant("[" + ", ".join(numbers) + "]", check=same)


@case(117, "REJ")
def function_in_value():
    yield Variant("{ a = [{ f = \\x -> x }] }",
                  check=lambda r: b"a[0].f" in r.err)
    yield Variant("Some (\\x -> x)")
    yield Variant("(1, \\x -> x)")


@case(118, "OK")
def odd_keys():
    keys = ["", " ", "a.b", "a\"b", "\\", "__proto__", "null", "1", "é", "\n"]
    body = "{" + ", ".join('"%s" = %d' % (
        "".join("\\u{%x}" % ord(c) for c in key), i)
        for i, key in enumerate(keys)) + "}"
    yield Variant(body, check=lambda r: list(json.loads(r.out)) == keys)


@case(120, "OK LIM")
def large_output():
    yield Variant('[x for x in range 0 %d]' % scaled(3e6), rss_mib=1500)
    yield Variant('range 0 %d' % full(6e6, 3e7), label="range", cpu=20)


@case(123, "IO")
def file_size_limit():
    yield Variant("range 0 100000",
                  args=["eval", "-o", "out.json", "main.lig"],
                  limits={resource.RLIMIT_FSIZE: 8192})


# ---- concurrency

@case(126, "REJ")
def many_independent_errors():
    n = 100
    yield Variant("".join("let a%d = 1 / (%d - %d);\n" % (i, i, i)
                          for i in range(n)),
                  check=lambda r: len(r.codes()) == 20 and
                  b"main.lig:20:" in r.err)


@case(128, "OK")
def crossed_chains():
    n = scaled(2000)
    yield Variant("".join(
        "let a%d = if true then b%d + 1 else 0;\n"
        "let b%d = if true then a%d + 1 else 0;\n" % (i, i - 1, i, i - 1)
        for i in range(1, n)) + "let a0 = 1; let b0 = 2;\n[a%d, b%d]" %
        (n - 1, n - 1))


@case(129, "OK")
def tiny_tasks():
    n = scaled(5e4)
    yield Variant("".join("let t%d = %d + 1;\n" % (i, i) for i in range(n)),
                  rss_mib=1500)


@case(130, "LIM")
def one_burner():
    yield Variant("let rec burn n = burn (n + 1);\n" + "".join(
        "let a%d = %d + 1;\n" % (i, i) for i in range(1000)) +
        "let bad = burn 0;\n",
        args=["eval", "--max-steps", "1000000", "--totality", "unchecked",
              "main.lig"])


@case(132, "OK REJ")
def repeated_schedules():
    good = "".join("let g%d = sum [x * %d for x in range 0 200];\n" % (i, i)
                   for i in range(50))
    yield Variant(good, workers=(1,) + (8,) * 20, expect="OK")
    bad = "".join("let e%d = [1 / (x - 150) for x in range 0 200];\n" % i
                  for i in range(50))
    yield Variant(bad, workers=(1,) + (8,) * 20, expect="REJ")


# ---- limits of the system

@case(140, "OK LIM IO")
def address_space():
    # Sanitizers reserve more address space than any limit allows.
    for mib in () if is_instrumented() else (16, 32, 64, 128, 256):
        yield Variant("[x * x for x in range 0 1000000]", workers=(1,),
                      limits={resource.RLIMIT_AS: mib << 20}, place=False,
                      label="%d MiB" % mib)
        yield Variant("[x * x for x in range 0 1000000]", workers=(1,),
                      args=["eval", "--disk-cache", "always", "--cache-dir",
                            "cache", "main.lig"],
                      limits={resource.RLIMIT_AS: mib << 20}, place=False,
                      label="%d MiB, with a cache on disk" % mib)
        text = 'let x0 = "abcdefgh";\n' + "".join(
            "let x%d = x%d ++ x%d;\n" % (i, i - 1, i - 1)
            for i in range(1, 30)) + "length x29"
        yield Variant(text, limits={resource.RLIMIT_AS: mib << 20}, place=False,
                      expect="LIM", label="%d MiB, doubled text" % mib)


@case(141, "OK REJ LIM")
def small_stack():
    small = {resource.RLIMIT_STACK: 256 << 10}
    yield Variant("(" * 900 + "1" + ")" * 900, limits=small)
    yield Variant("[" * 900 + "1" + "]" * 900, limits=small)
    yield Variant("let x: " + "[" * 900 + "Int" + "]" * 900 + " = []; x",
                  limits=small)
    yield Variant("".join("let b%d = b%d;\n" % (i, i + 1)
                          for i in range(20000)) + "let b20000 = 1;\nb0",
                  limits=small)
    yield Variant("let rec f n = if n <= 0 then 0 else 1 + f (n - 1); f 90000",
                  limits=small)


@case(142, "OK IO")
def few_files():
    files = {"m%d.lig" % i: "let x = %d;" % i for i in range(100)}
    body = "".join('import "./m%d" as m%d;\n' % (i, i) for i in range(100))
    yield Variant(body + "[" + ", ".join("m%d.x" % i for i in range(100)) +
                  "]", files=files, limits={resource.RLIMIT_NOFILE: 16})
