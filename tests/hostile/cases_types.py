"""Cases 57 to 71: types."""
from harness import Variant, case
from sizes import scaled


def pairs(n, name="p"):
    lines = ["let %s0 = 1;" % name]
    for i in range(1, n + 1):
        lines.append("let %s%d = (%s%d, %s%d);" %
                     (name, i, name, i - 1, name, i - 1))
    return "\n".join(lines) + "\n"


@case(57, "OK")
def nested_pairs():
    body = pairs(60) + "let first p = match p { (a, _) => a };\n"
    body += "first (" * 60 + "p60" + ")" * 60
    yield Variant(body, check=lambda r: r.out == b"1\n", seconds=30)


@case(58, "REJ")
def nested_pairs_wrong():
    def bounded(result):
        assert len(result.err) < 24 << 10, len(result.err)
    yield Variant(pairs(60) + 'p60 ++ "a"', check=bounded, seconds=30)
    yield Variant(pairs(60) + "let s: String = p60; s", check=bounded,
                  seconds=30)


@case(59, "OK LIM")
def large_types_unified():
    yield Variant(pairs(40) + pairs(40, "q") + "length [p40, q40]", seconds=30)
    yield Variant(pairs(40) + pairs(40, "q").replace("q0 = 1", 'q0 = "s"') +
                  "length [p40, q40]", seconds=30, expect="REJ LIM")


@case(60, "LIM REJ")
def doubly_exponential_type():
    lines = ["let f0 x = (x, x);"]
    for i in range(1, 8):
        lines.append("let f%d x = f%d (f%d x);" % (i, i - 1, i - 1))
    yield Variant("\n".join(lines) + "\nlet g = f7 (\\z -> z);\n1",
                  expect="LIM OK")
    lines.append("let deep = \\x -> f7 (f7 x);\n1")
    yield Variant("\n".join(lines), expect="LIM OK")


def doubled(n, last, pair="(x%d, x%d)"):
    """A value, and a type, of 2^n parts that are shared."""
    lines = ["let x%d = %s;" % (i, pair % (i - 1, i - 1))
             for i in range(1, n + 1)]
    return "\n".join(lines) + "\n" + last % n


@case(60, "LIM")
def doubled_evidence():
    instances = ("typeclass Count a where count: a -> Integer;\n"
                 "instance Count Integer where count x = 1;\n"
                 "instance (Count a, Count b) => Count (a, b) where\n"
                 "  count x = 2;\nlet x0 = 1;\n")
    yield Variant(instances + doubled(40, "count x%d"), label="instances")
    yield Variant(instances + doubled(9, "count x%d"), expect="OK",
                  label="instances, few", check=lambda r: r.out == b"2\n")
    union = 'type U = | U;\ninstance Show U where show x = "u";\nlet x0 = U;\n'
    few = ["eval", "main.lig", "--max-steps", "100000"]
    yield Variant(union + doubled(40, "length (show x%d)"), few, "derived")
    yield Variant(union + doubled(40, "length (show x%d)",
                                  "{ a = x%d, b = x%d }"),
                  few, "derived, of records")
    yield Variant(union + doubled(9, "length (show x%d)"), expect="OK",
                  label="derived, few")
    lines = ["let f0 = \\x -> (x, x);"]
    for i in range(1, 8):
        lines.append("let f%d = \\x -> f%d (f%d x);" % (i, i - 1, i - 1))
    yield Variant("\n".join(lines) + "\nf7 1 == f7 1", few,
                  "derived, literal")
    many = range(4000)
    yield Variant("typeclass C a where c: a -> Integer;\n" + "".join(
        "instance C { a%d: Integer } where c x = x.a%d;\n"
        "let y%d = c { a%d = 1 };\n" % (i, i, i, i) for i in many) +
        "export let y = y7;", expect="OK", label="instances on records", cpu=2)


@case(61, "OK REJ")
def doubled_instance_heads():
    for shape in ("{ a: %s, b: %s }", "(%s, %s)", "%s -> %s"):
        body = "typeclass Q a where q: a -> Integer;\n"
        for name, base in (("T", "Integer"), ("S", "String")):
            body += "type %s0 = { v: %s };\n" % (name, base) + "".join(
                "type %s%d = %s;\n" % (name, i, shape % (
                    ("%s%d" % (name, i - 1),) * 2)) for i in range(1, 31))
        body += "instance Q T30 where q x = 1;\n"
        yield Variant(body + "let f (x: T30) = q x;\n1", expect="OK",
                      label=shape)
        yield Variant(body + "let f (x: S30) = q x;\n1", expect="REJ",
                      label=shape + ", another")
        yield Variant(body + "let f (x: T30) = q x;\nlet g (x: S30) = f x;\n1",
                      expect="REJ", label=shape + ", a mismatch")


def lattice(n, given):
    """Classes with two superclasses each, in 2^n ways to the first."""
    lines = []
    for i in range(n):
        above = ("superclass A%d a, B%d a; " % (i - 1, i - 1) if i else "")
        lines.append("typeclass A%d a where %sm%d: a -> Integer;" %
                     (i, above, i))
        lines.append("typeclass B%d a where %sn%d: a -> Integer;" %
                     (i, above, i))
        for name, method in (("A", "m"), ("B", "n")):
            lines.append("instance %s%d Integer where %s%d x = 1;" %
                         (name, i, method, i))
            if given:
                lines.append("instance %s%d b => %s%d [b] where %s%d x = 1;" %
                             (name, i, name, i, method, i))
    lines.append("let rec f: A%d a => Integer -> a -> Integer = \\k -> \\x ->" %
                 (n - 1))
    lines.append("  if k <= 0 then m0 x else n0 x + f (k - 1) x;")
    return "\n".join(lines) + "\n"


@case(60, "OK")
def superclass_lattice():
    yield Variant(lattice(40, False) + "f 3 1", check=lambda r: r.out == b"4\n")
    yield Variant(lattice(40, False) + "typeclass Z a where z: a -> Integer;\n"
                  "let g: A39 a => a -> Integer = \\x -> z x;\n1",
                  expect="REJ", label="in vain")
    yield Variant(lattice(40, True) + "f 3 [1]", expect="LIM",
                  label="of contexts")
    growing = "".join(
        "typeclass C%d a where %sm%d: a -> Integer;\n" % (
            i, "superclass C%d [a], C%d (Option a); " % (i - 1, i - 1)
            if i else "", i) for i in range(40))
    yield Variant(growing + "1", label="growing")
    yield Variant(growing + "let f: C39 a => a -> Integer = \\x -> m0 x;\n1",
                  expect="LIM", label="growing, in vain")


@case(61, "OK")
def doubled_refinements():
    aliases = "type T0 = Integer where x > 0;\nlet x0 = 1;\n" + "".join(
        "type T%d = (T%d, T%d);\n" % (i, i - 1, i - 1) for i in range(1, 41))
    yield Variant(aliases + doubled(40, "let f (x: T%d) = 1;\nf x40"),
                  check=lambda r: r.out == b"1\n")


@case(61, "OK")
def alias_doubling():
    lines = ["type A0 = Integer;"]
    for i in range(1, 61):
        lines.append("type A%d = (A%d, A%d);" % (i, i - 1, i - 1))
    yield Variant("\n".join(lines) + "\nlet x: Option A60 = None;\n1",
                  seconds=30)


@case(62, "REJ")
def alias_of_itself():
    yield Variant("type T = T;\n1")


@case(63, "REJ")
def alias_cycle():
    yield Variant("type A = B;\ntype B = A;\n1")
    n = scaled(1e4)
    yield Variant("".join("type A%d = A%d;\n" % (i, (i + 1) % n)
                          for i in range(n)) + "1", label="long")


@case(64, "REJ")
def recursive_record_alias():
    yield Variant("type R = { next: Option R };\n1")


@case(65, "OK LIM")
def alias_chain():
    n = scaled(1e5)
    yield Variant("type A0 = Integer;\n" + "".join(
        "type A%d = A%d;\n" % (i, i - 1) for i in range(1, n)) +
        "let x: A%d = 1;\nx" % (n - 1))
    yield Variant("type A0 = Integer;\n" + "".join(
        "type A%d = List A%d;\n" % (i, i - 1) for i in range(1, n)) +
        "let x: A%d = [];\n1" % (n - 1), label="growing")
    yield Variant("type A0 = Integer where x > 0;\n" + "".join(
        "type A%d = A%d where x > 0;\n" % (i, i - 1) for i in range(1, n)) +
        "let x: A%d = 1;\nx" % (n - 1), expect="LIM", label="refined")
    yield Variant("type A0 = Integer where x > 0;\n" + "".join(
        "type A%d = A%d where x > 0;\n" % (i, i - 1)
        for i in range(1, 1500)) + "let x: A1499 = 1;\nx", expect="OK",
        label="refined often")


@case(66, "REJ")
def self_application():
    yield Variant("let f = \\x -> x x;\n1")


@case(67, "REJ LIM")
def omega():
    yield Variant("(\\x -> x x) (\\x -> x x)")


@case(68, "OK")
def many_arms():
    n = scaled(1e4)
    body = "match 7 {" + "".join("%d => %d," % (i, i) for i in range(n))
    yield Variant(body + "_ => 0 }", check=lambda r: r.out == b"7\n")
    union = "type T = " + " | ".join("C%d" % i for i in range(n)) + ";\n"
    body = "match C7 {" + "".join("C%d => %d," % (i, i) for i in range(n))
    yield Variant(union + body + "}", label="constructors",
                  check=lambda r: r.out == b"7\n")
    yield Variant(union + "".join(
        "let f%d u = match u { C%d => %d, _ => 0 };\n" % (i, i, i)
        for i in range(n)) + "f7 C7", label="many of few arms", cpu=1,
        check=lambda r: r.out == b"7\n")


@case(69, "OK REJ LIM")
def usefulness_matrix():
    n = 25
    rows = []
    for i in range(n):
        row = ["_"] * n
        row[i] = "true"
        rows.append("(" + ", ".join(row) + ") => %d" % i)
    yield Variant("let f (p: (%s)) = match p { %s };\n1" %
                  (", ".join(["Boolean"] * n), ", ".join(rows)))
    rows = []
    for i in range(n):
        row = ["_"] * n
        row[i] = "true"
        row[(i + 1) % n] = "false"
        rows.append("(" + ", ".join(row) + ") => %d" % i)
    yield Variant("let f (p: (%s)) = match p { %s };\n1" %
                  (", ".join(["Boolean"] * n), ", ".join(rows)),
                  label="two by two")


@case(69, "OK")
def size_change_matrix():
    """Each argument of a recursion against each parameter."""
    n = scaled(2e4)
    params = "".join(" a%d" % i for i in range(n))
    for label, args in (("passed on", params),
                        ("turned", params[3:] + " a0")):
        yield Variant("let rec f k%s = if k <= 0 then a0 else f (k - 1)%s;\n"
                      "f 1%s" % (params, args, " 1" * n), label=label, cpu=2,
                      check=lambda r: r.out == b"1\n")


@case(70, "REJ")
def large_record_mismatch():
    n = scaled(2e4)
    fields = "".join("f%d: Integer," % i for i in range(n))
    values = "".join("f%d = %s," % (i, '"x"' if i == n // 2 else i)
                     for i in range(n))
    yield Variant("let r: {%s} = {%s};" % (fields, values),
                  check=lambda r: len(r.err) < 16 << 10)


@case(71, "REJ")
def many_mismatches():
    n = scaled(5e4)
    yield Variant("".join('let a%d: Integer = "x";\n' % i for i in range(n)),
                  check=lambda r: len(r.codes()) <= 20 and
                  b"%d errors" % n in r.err)
