"""How the time grows with the input, stage by stage.

For each dimension of a program: CPU time at 1, 2, 4 and 8 times a size
(the least of several runs, start-up taken off) and the exponent fitted by
least squares over the logarithms: 1 is linear. n log n fits as about 1.1.
"""
import math
import os

from measure import once

BASE_RUNS = 5


def source(n):
    return "".join("let name%d = { a = %d, b = \"text %d\" };\n" % (i, i, i)
                   for i in range(n)) + "{ r = name0.a }\n"


def record_width(n):
    return ("let r = {" + ", ".join("f%d = %d" % (i, i) for i in range(n))
            + "};\n{ r, s = { ..r, f0 = 1 } }\n")


def union_width(n):
    return ("type U = " + " | ".join("C%d Integer" % i for i in range(n))
            + ";\nlet f (u: U): Integer = match u {\n"
            + "".join("  C%d x => x + %d,\n" % (i, i) for i in range(n))
            + "};\n{ r = f (C%d 1) }\n" % (n - 1))


def nesting(n):
    depth = 400
    one = "[" * depth + "1" + "]" * depth
    return "".join("let n%d = %s;\n" % (i, one) for i in range(n // depth)) \
        + "{ r = n0 }\n"


def small_matches(n):
    return ("type U = " + " | ".join("C%d" % i for i in range(n)) + ";\n"
            + "".join("let f%d u = match u { C%d => 1, _ => 2 };\n" % (i, i)
                      for i in range(n)) + "{ r = f0 C1 }\n")


def match_arms(n):
    return ("let f (n: Integer): Integer = match n {\n"
            + "".join("  %d => %d,\n" % (i * 7 % n, i) for i in range(n))
            + "  _ => 0,\n};\n{ r = f 3 }\n")


def constraints(n):
    variables = ["t%d" % i for i in range(n)]
    rest = " && ".join("x%d == x%d" % (i, i) for i in range(n))
    return ("let f " + " ".join("x%d" % i for i in range(n)) + " = " + rest
            + ";\n{ r = f " + " ".join(str(i) for i in range(len(variables)))
            + " }\n")


def refinements(n):
    return ("".join("type P%d = Integer where x > %d && x <= 65535;\n"
                    "let v%d: P%d = 5;\n" % (i, -i, i, i) for i in range(n))
            + "{ r = v0 }\n")


def defaults(n):
    return ("type S = {" + ", ".join("f%d: Integer = %d" % (i, i)
                                     for i in range(n))
            + "};\nlet v: S = { f0 = 1 };\n{ r = v }\n")


def class_methods(n):
    return ("typeclass C a where "
            + " ".join("m%d: a -> Integer;" % i for i in range(n))
            + "\ninstance C Integer where "
            + " ".join("m%d x = x;" % i for i in range(n))
            + "\n{ r = m0 1 }\n")


def instances(n):
    return ("typeclass C a b where c: a -> b -> Integer;\n"
            + "".join("type T%d = K%d Integer;\ninstance C Integer T%d where "
                      "c x y = x;\n" % (i, i, i) for i in range(n))
            + "[" + ", ".join("c 1 (K%d 1)" % i for i in range(n)) + "]\n")


def merges(n):
    return ("import std.record as R;\nlet f x = ["
            + ", ".join("(R.merge x { a%d = 1 }).a%d" % (i, i)
                        for i in range(n)) + "];\n{ r = f { b = 1 } }\n")


def updates(n):
    return ("let r = { " + "".join("f%d = { a = %d }, " % (i, i)
                                   for i in range(n))
            + "};\n{ ..r, " + ", ".join("f%d.a = 1, g%d.b = 2, h.c%d = 3"
                                        % (i, i, i) for i in range(n))
            + " }\n")


def chained_defaults(n):
    return ("type S = { f0: Integer, "
            + ", ".join("f%d: Integer = f%d + 1" % (i, i - 1)
                        for i in range(1, n))
            + " };\nlet base = { f0 = 1 };\nlet v: S = { ..base };\n"
              "let w: S = { f0 = 2 };\n{ v, w }\n")


def record_patterns(n):
    fields = ", ".join("f%d" % i for i in range(n))
    return ("let g { %s } = f0;\n{ r = g { " % fields
            + ", ".join("f%d = 1" % i for i in range(n)) + " } }\n")


def recursion_params(n):
    params = "".join(" a%d" % i for i in range(n))
    return ("let rec f k%s = if k <= 0 then a0 else f (k - 1)%s;\n"
            "{ r = f 1%s }\n" % (params, params, " 1" * n))


def unique_literals(n):
    return ("import std.list as L;\n{ r = length (L.unique "
            "[{ name = show x, port = 80 } for x in range 0 %d]) }\n" % n)


def local_functions(n):
    return ("let f k =\n  let a0 x = x + 1;\n"
            + "".join("    a%d x = a%d x + 1;\n" % (i, i - 1)
                      for i in range(1, n))
            + "  in a%d k;\n{ r = f 1 }\n" % (n - 1))


def list_length(n):
    return ("import std.list as L;\n"
            "let xs = map (\\i -> (i * 7919) %% 100003) (range 0 %d);\n"
            "{ sorted = L.sort xs, twice = [x * 2 for x in xs if x %% 2 == 0],"
            " total = fold (\\a x -> a + x) 0 xs }\n" % n)


def string_length(n):
    text = "configuration " * (n // 14)
    return ("import std.string as S;\nlet s = \"%s\";\n{ parts = S.split \" \""
            " s, upper = S.toUpper s, again = s ++ s }\n" % text)


def diagnostics(n):
    return "".join("let x%d: String = %d;\n" % (i, i) for i in range(n)) \
        + "{ r = 1 }\n"


def misspelt(n):
    return "let r = { " + ", ".join("f%d = %d" % (i, i) for i in range(n)) \
        + " };\n[" + ", ".join("r.g%d" % i for i in range(n)) + "]\n"


def unknown_ctors(n):
    return ("type U = " + " | ".join("C%d" % i for i in range(n)) + ";\n"
            + "".join("let x%d = D%d;\n" % (i, i) for i in range(n)))


def unknown_methods(n):
    return ("typeclass C a where "
            + " ".join("value%d: a -> a;" % i for i in range(n))
            + "\ninstance C Integer where "
            + " ".join("valeu%d x = x;" % i for i in range(n)) + "\n{ r = 1 }\n")


def type_variables(n):
    names = ["a%d" % i for i in range(n)]
    return ("let f: (" + ", ".join("Show " + name for name in names) + ") => "
            + " -> ".join(names) + " -> String =\n  \\"
            + " ".join("x%d" % i for i in range(n)) + " -> \"\";\n{ r = 1 }\n")


def row_fields(n):
    return ("".join("let get%d r = r.f%d + 0;\n" % (i, i) for i in range(n))
            + "let f r = " + " + ".join("get%d r" % i for i in range(n))
            + ";\n{ r = 1 }\n")


def stack(n):
    return ("let step s x = match s { [_, ..rest] => [x] ++ rest, [] => [x] };\n"
            "let s = map (\\x -> x) (range 0 %d);\n"
            "{ r = length (fold step s (range 0 %d)) }\n" % (n, n))


def changes_inside(n):
    return ("import std.list as L;\n"
            "let last s x = L.take (length s - 1) s ++ [x];\n"
            "let inside s x = L.take x s ++ [x] ++ L.drop (x + 1) s;\n"
            "let turn s x = if x %% 2 == 0 then L.drop 1 s ++ [x]\n"
            "  else [x] ++ L.take (length s - 1) s;\n"
            "let run f = length (fold f (range 0 %d) (range 0 %d));\n"
            "{ r = [run last, run inside, run turn] }\n" % (n, n))


def both_sides(n):
    return ("{ s = length (fold (\\a x -> \"(\\(a))\") \"\" (range 0 %d)),\n"
            "  l = length (fold (\\a x -> [x] ++ a ++ [x]) [] (range 0 %d)) }\n"
            % (n, n))


def places_in_text(n):
    return ("import std.string as S;\n"
            "let t = S.repeat %d \"\u00e9a\";\n"
            "let is x = S.slice x (x + 1) t == \"\u00e9\";\n"
            "{ r = length (filter is (range 0 %d)) }\n" % (n // 2, n))


def refined_lists(n):
    return ("type Sizes = List (Integer where >= 0);\n"
            "let add (acc: Sizes) (x: Integer): Sizes = acc ++ [x];\n"
            "{ r = length (fold add [] (range 0 %d)) }\n" % n)


def refined_maps(n):
    return ("import std.map as M;\n"
            "type Groups = Map (List (Integer where >= 0));\n"
            "let add (m: Groups) (x: Integer): Groups =\n"
            "  let k = show (x %% 100) in\n"
            "  M.insert k ((M.get k m ?? []) ++ [x]) m;\n"
            "let drop (m: Groups) (x: Integer): Groups =\n"
            "  M.insert \"n\\(x)\" [x] (M.remove \"n\\(x - 50)\" m);\n"
            "{ r = M.size (fold drop (fold add M.empty (range 0 %d)) "
            "(range 0 %d)) }\n" % (n, n))


def nested_comprehensions(n):
    return "{ r = length [y for x in range 0 %d for y in [x, x]] }\n" % n


def data_size(n):
    return "import \"./data.json\" as data: List { id: Integer, name: String };"\
        "\n{ r = length data }\n"


def modules(folder, n, imports):
    for i in range(n):
        with open(os.path.join(folder, "m%d.lig" % i), "w") as file:
            used = [j for j in range(max(0, i - imports), i)]
            file.writelines("import \"./m%d.lig\" as m%d;\n" % (j, j)
                            for j in used)
            file.write("export let value: Integer = %d;\n" % i if not used
                       else "export let value: Integer = (%s) %% 1000;\n"
                       % " + ".join("m%d.value" % j for j in used))
    return "import \"./m%d.lig\" as last;\n{ r = last.value }\n" % (n - 1)


# name, program of a size, least size, verb, exit code
DIMENSIONS = [
    ("source size (bindings)", source, 20000, "eval", 0),
    ("record width", record_width, 10000, "eval", 0),
    ("union width", union_width, 4000, "eval", 0),
    ("nesting (brackets)", nesting, 80000, "eval", 0),
    ("modules", lambda f, n: modules(f, n, 3), 500, "eval", 0),
    ("imports per module", lambda f, n: modules(f, 600, n), 16, "eval", 0),
    ("match arms", match_arms, 5000, "eval", 0),
    ("matches of a wide union", small_matches, 4000, "eval", 0),
    ("constraints", constraints, 3000, "eval", 0),
    ("refined types", refinements, 4000, "eval", 0),
    ("defaults", defaults, 8000, "eval", 0),
    ("defaults that use others", chained_defaults, 4000, "eval", 0),
    ("items behind a spread", updates, 4000, "eval", 0),
    ("methods of a class", class_methods, 8000, "eval", 0),
    ("instances of a class", instances, 2000, "eval", 0),
    ("merges on one variable", merges, 2000, "eval", 0),
    ("fields of a pattern", record_patterns, 7000, "eval", 0),
    ("local functions", local_functions, 4000, "eval", 0),
    ("parameters of a recursion", recursion_params, 3000, "eval", 0),
    ("records to tell apart", unique_literals, 20000, "eval", 0),
    ("list length", list_length, 50000, "eval", 0),
    ("string length", string_length, 1000000, "eval", 0),
    ("pushes and pops of a stack", stack, 50000, "eval", 0),
    ("changes at the end and inside", changes_inside, 2000, "eval", 0),
    ("growth on both sides", both_sides, 50000, "eval", 0),
    ("code points of a text by their places", places_in_text, 20000, "eval", 0),
    ("growth of a refined list", refined_lists, 50000, "eval", 0),
    ("changes of a refined map", refined_maps, 10000, "eval", 0),
    ("turns of two loops", nested_comprehensions, 100000, "eval", 0),
    ("fields that functions ask for", row_fields, 1000, "typecheck", 0),
    ("type variables", type_variables, 2000, "typecheck", 0),
    ("diagnostics", diagnostics, 2000, "typecheck", 1),
    ("fields that are not there", misspelt, 500, "typecheck", 1),
    ("constructors that are not there", unknown_ctors, 2000, "typecheck", 1),
    ("methods that are not there", unknown_methods, 1000, "typecheck", 1),
    ("data (records of JSON)", data_size, 40000, "eval", 0),
]


def program(folder, name, make, size):
    path = os.path.join(folder, "main.lig")
    if make.__code__.co_argcount == 2:
        text = make(folder, size)
    else:
        text = make(size)
    if make is data_size:
        with open(os.path.join(folder, "data.json"), "w") as file:
            file.write("[%s]" % ",\n".join(
                "{\"id\": %d, \"name\": \"name %d\"}" % (i, i)
                for i in range(size)))
    with open(path, "w") as file:
        file.write(text)
    return path


def cpu_of(command, status, runs):
    """The least CPU seconds of some runs that end with a status."""
    wrapped = ["sh", "-c", "\"$@\" >/dev/null 2>&1; test $? = %d" % status,
               "sh"] + command
    with open(os.devnull, "w") as out:
        samples = [once(wrapped, out.fileno(), 120) for _ in range(runs)]
    if None in samples:
        raise SystemExit("unexpected exit status: " + " ".join(command))
    return min(sample.cpu for sample in samples)


def exponent(sizes, times):
    xs, ys = [math.log(s) for s in sizes], [math.log(t) for t in times]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return (sum((x - mx) * (y - my) for x, y in zip(xs, ys))
            / sum((x - mx) ** 2 for x in xs))


def measure(folder, ligature, options):
    common = ["--sequential", "--no-cache"]
    empty = os.path.join(folder, "empty.lig")
    open(empty, "w").write("1\n")
    start = cpu_of(ligature + ["eval", empty] + common, 0, 3 * BASE_RUNS)
    results = {}
    for number, (name, make, least, verb, status) in enumerate(DIMENSIONS):
        if options.only not in name:
            continue
        sizes, times = [least << k for k in range(4)], []
        for size in sizes:
            place = os.path.join(folder, "growth-%d-%d" % (number, size))
            os.mkdir(place)
            path = program(place, name, make, size)
            command = ligature + [verb, path] + common
            times.append(max(cpu_of(command, status, options.runs) - start,
                             1e-4))
        results[name] = {"sizes": sizes, "seconds": times,
                         "exponent": exponent(sizes, times)}
        print(row_of(name, results[name]), flush=True)
    return results


def row_of(name, result):
    return "| %s | %d | %s | %.2f |" % (
        name, result["sizes"][0],
        " | ".join("%.1f" % (s * 1e3) for s in result["seconds"]),
        result["exponent"])


def markdown(results):
    return "\n".join(["| dimension | size | 1×, ms | 2× | 4× | 8× | exponent |",
                      "|---|---|---|---|---|---|---|"]
                     + [row_of(name, r) for name, r in results.items()]) + "\n"
