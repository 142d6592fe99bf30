"""The library in gen.py's programs: maps, lists, strings, numbers and options.
A mixin of wide.Wide; each way gives a text and a function of the variables."""
from values import (
    NONE, MapValue, compare, integer, json_text, not_none, remainder, sized,
    some, string_text, to_json, type_text)

KEYS = ["a", "k", "x y", "é"]


class Library:
    # ---- maps

    def maps(self, t, env, depth):
        return self.map_of(t[1], env, depth)

    def map_of(self, s, env, depth):
        known = self.variable(("Map", s), env)
        if known and self.chance(0.4):
            return known
        items = [(self.pick(KEYS),) + self.expr(s, env, depth - 1)
                 for _ in range(self.random.randrange(4))]
        text = "([]: List (String, %s))" % type_text(s) if not items else \
            "[%s]" % ", ".join("(%s, %s)" % (string_text(k), a)
                               for k, a, _ in items)

        def make(e):
            value = MapValue()
            for k, _, f in items:
                value[k] = f(e)
            return value
        text = "M.fromList %s" % text
        way = self.random.randrange(6)
        k = self.pick(KEYS)
        if way == 0:
            a, fa = self.expr(s, env, depth - 1)

            def insert(e):
                added = fa(e)
                value = make(e)
                value[k] = added
                return value
            return "(M.insert %s (%s) (%s))" % (string_text(k), a, text), \
                insert
        if way == 1:
            return "(%s |> M.remove %s)" % (text, string_text(k)), lambda e: \
                MapValue((n, v) for n, v in make(e).items() if n != k)
        if way == 2:
            x = self.fresh()
            b, fb = self.expr(s, env + [(x, s)], depth - 1)
            return "(M.mapValues (\\%s -> %s) (%s))" % (
                self.parameter(x, s), b, text), lambda e: MapValue(
                    (n, fb({**e, x: v})) for n, v in make(e).items())
        if way == 3:
            x, y = self.fresh(), self.fresh()
            c, fc = self.expr("Boolean", env + [(x, "String"), (y, s)], 1)
            return "(M.filter (\\%s %s -> %s) (%s))" % (
                x, self.lone(y, s), c, text), lambda e: MapValue(
                    (n, v) for n, v in make(e).items()
                    if fc({**e, x: n, y: v}))
        return "(%s)" % text, make

    def lone(self, x, t):
        return "(%s: %s)" % (x, type_text(t))

    def from_map(self, t, env, depth):
        way = self.random.randrange(3)
        k = self.pick(KEYS)
        if way == 0 and (isinstance(t, str) or t[0] != "Option"):
            m, fm = self.map_of(t, env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)

            def get(e):
                value = fm(e)
                return value[k] if k in value else fb(e)
            return "(M.get %s %s ?? %s)" % (string_text(k), m, b), get
        if t == "Integer":
            m, fm = self.map_of(self.random_type(1), env, depth - 1)
            return "(%s %s)" % (self.pick(["M.size", "length"]), m), \
                lambda e: len(fm(e))
        if t == "Boolean":
            s = self.random_type(1)
            m, fm = self.map_of(s, env, depth - 1)
            if way == 1:
                w, fw = self.map_of(s, env, depth - 1)
                return "(%s == M.merge %s %s)" % (m, m, w), \
                    lambda e: (lambda v, u: {**v, **u} == v)(fm(e), fw(e))
            return "(M.contains %s %s)" % (string_text(k), m), \
                lambda e: k in fm(e)
        if t == ("List", "String"):
            m, fm = self.map_of(self.random_type(1), env, depth - 1)
            return "(M.keys %s)" % m, lambda e: list(fm(e))
        if not isinstance(t, str) and t[0] == "List":
            m, fm = self.map_of(t[1], env, depth - 1)
            return "(M.values %s)" % m, lambda e: list(fm(e).values())
        s = self.random_type(1)
        m, fm = self.map_of(s, env, depth - 1)
        z, fz = self.expr(t, env, depth - 1)
        acc, x, y = self.fresh(), self.fresh(), self.fresh()
        b, fb = self.expr(t, env + [(acc, t), (x, "String"), (y, s)],
                          depth - 1)

        def run(e):
            value = fz(e)
            for n, v in fm(e).items():
                self.spend()
                value = fb({**e, acc: value, x: n, y: v})
            return value
        return "(M.fold (\\%s %s %s -> %s) (%s) %s)" % (
            self.lone(acc, t), x, self.lone(y, s), b, z, m), run

    # ---- the library

    def from_list(self, t, env, depth):
        """One of a list, or what stands for none."""
        if not isinstance(t, str) and t[0] == "Option":
            return self.leaf(t, env)
        xs, fx = self.expr(("List", t), env, depth - 1)
        z, fz = self.expr(t, env, depth - 1)
        i = self.random.randrange(-1, 4)
        name, f = self.pick([
            ("L.last", lambda v: v[-1:]), ("head", lambda v: v[:1]),
            ("L.at (%d)" % i, lambda v: v[i:i + 1] if i >= 0 else [])])

        def run(e):
            found = f(fx(e))
            return found[0] if found else fz(e)
        return "(%s (%s) ?? %s)" % (name, xs, z), run

    def more_integers(self, t, env, depth):
        a, fa = self.expr(t, env, depth - 1)
        way = self.random.randrange(8)
        if way == 0:
            name, f = self.pick([("bitAnd", lambda x, y: x & y),
                                 ("bitOr", lambda x, y: x | y),
                                 ("bitXor", lambda x, y: x ^ y)])
            b, fb = self.expr(t, env, depth - 1)
            return "(Math.%s (%s) (%s))" % (name, a, b), \
                lambda e: (lambda x, y: f(x, y))(fa(e), fb(e))
        if way == 1:
            d = self.pick([2, 3, 7, -5])
            return "(Math.mod (%s) (%d))" % (a, d), lambda e: fa(e) % d
        if way == 2:
            return "((abs ((%s) %% 1000): Small) + 0)" % a, \
                lambda e: abs(remainder(fa(e), 1000))
        if way == 3:
            low, high = sorted(self.random.randrange(-99, 99) for _ in "ab")
            return "(Math.clamp (%d) (%d) (%s))" % (low, high, a), \
                lambda e: min(max(fa(e), low), high)
        if way == 4:
            v = self.pick([255, 4096, 1000000])
            return self.pick([hex(v), "0b%s" % bin(v)[2:], "0o%o" % v,
                              "{:_}".format(v)]), lambda e: v
        if way == 5:
            s, fs = self.expr("String", env, depth - 1)
            return "(length (%s: Short))" % self.no_hash(s), \
                lambda e: len(sized(fs(e))[:2000])
        if way == 6:
            xs, fx = self.expr(("List", "Integer"), env, depth - 1)
            x = self.fresh()
            c, fc = self.expr("Boolean", env + [(x, t)], 1)
            return "(L.count (\\%s -> %s) (%s))" % (x, c, xs), lambda e: \
                sum([fc({**e, x: v}) for v in fx(e)])
        b, fb = self.expr(t, env, depth - 1)
        return "((add (%s)) (%s))" % (a, b), \
            lambda e: integer(fa(e) + fb(e))

    @staticmethod
    def no_hash(text):
        return "S.slice 0 2000 (%s)" % text

    def more_strings(self, t, env, depth):
        a, fa = self.expr(t, env, depth - 1)
        way = self.random.randrange(10)
        if way == 0:
            n, m = self.random.randrange(-1, 3), self.random.randrange(-1, 6)
            return "(S.slice (%d) (%d) (%s))" % (n, m, a), \
                lambda e: fa(e)[max(n, 0):max(m, 0)]
        if way == 1:
            old, new = self.pick(["a", "b", "xy", "é"]), self.pick(["", "a-"])
            return '(S.replace "%s" "%s" (%s))' % (old, new, a), \
                lambda e: sized(fa(e).replace(old, new))
        if way == 2:
            n = self.random.randrange(9)
            return '(S.padStart %d "*" (%s))' % (n, a), \
                lambda e: fa(e).rjust(n, "*")
        if way == 3:
            b, fb = self.expr("Integer", env, depth - 1)
            return '"""\n    %s \\(%s)\n\n      "q"\n    """' % ("t", b), \
                lambda e: "t %d\n\n  \"q\"\n" % fb(e)
        if way == 4:
            v = self.pick(["\\d+\\", "a\"b\"", "x", ""])
            return 'r#"%s"#' % v, lambda e: v
        if way == 5:
            s = self.random_type(2)
            b, fb = self.expr(s, env, depth - 1)
            return "(E.toJson (%s: %s))" % (b, type_text(s)), \
                lambda e: sized(json_text(to_json(fb(e))))
        if way == 6:
            xs, fx = self.expr(("List", "Integer"), env, depth - 1)
            return '(%s |> map toString |> S.join "")' % xs, \
                lambda e: sized("".join(str(v) for v in fx(e)))
        if way == 7:
            return '"\\u{1F600}\\u00e9\\t\\(%s)"' % a, \
                lambda e: "\U0001F600é\t" + fa(e)
        if way == 8:
            return "(S.concat (S.chars (%s)))" % a, fa
        b, fb = self.expr(t, env, depth - 1)
        return '(S.concat [%s, "-", %s])' % (a, b), \
            lambda e: sized(fa(e) + "-" + fb(e))

    def more_booleans(self, t, env, depth):
        way = self.random.randrange(5)
        s = self.pick(["Integer", "String"])
        if way == 0:
            parts = [self.expr(s, env, depth - 1) for _ in range(3)]
            fs = [f for _, f in parts]
            op, other = self.pick([("<", "<="), (">", ">="), ("<=", "<=")])
            f = {"<": lambda c: c < 0, "<=": lambda c: c <= 0,
                 ">": lambda c: c > 0, ">=": lambda c: c >= 0}

            def chain(e):
                a, b = fs[0](e), fs[1](e)
                return f[op](compare(a, b)) and \
                    f[other](compare(b, fs[2](e)))
            return "(%s %s %s %s %s)" % (parts[0][0], op, parts[1][0], other,
                                         parts[2][0]), chain
        if way == 1:
            a, fa = self.expr("String", env, depth - 1)
            k = self.pick(["a", "xy", "", "<"])
            name, f = self.pick([
                ("S.startsWith", lambda v: v.startswith(k)),
                ("S.endsWith", lambda v: v.endswith(k)),
                ("contains", lambda v: k in v)])
            return '(%s "%s" (%s))' % (name, k, a), lambda e: f(fa(e))
        if way == 2:
            xs, fx = self.expr(("List", s), env, depth - 1)
            a, fa = self.expr(s, env, depth - 1)
            return "(contains (%s) (%s))" % (a, xs), \
                lambda e: (lambda x, v: x in v)(fa(e), fx(e))
        if way == 3:
            a, fa = self.expr(("Option", s), env, depth - 1)
            return "(isSome (%s))" % a, lambda e: not_none(fa(e))
        xs, fx = self.expr(("List", s), env, depth - 1)
        return "(L.isSorted (%s))" % xs, \
            lambda e: (lambda v: v == sorted(v))(fx(e))

    def more_lists(self, t, env, depth):
        s = t[1]
        xs, fx = self.expr(t, env, depth - 1)
        x = self.fresh()
        way = self.random.randrange(9)
        if way == 0:
            k = self.pick(["Integer", "String"])
            b, fb = self.expr(k, env + [(x, s)], 1)
            return "(L.sortBy (\\%s -> %s) (%s))" % (
                self.parameter(x, s), b, xs), lambda e: \
                [v for _, v in sorted([(fb({**e, x: v}), v) for v in fx(e)],
                                      key=lambda p: p[0])]
        if way == 1:
            c, fc = self.expr("Boolean", env + [(x, s)], 1)
            name = self.pick(["takeWhile", "dropWhile"])

            def run(e):
                value = fx(e)
                n = 0
                while n < len(value) and fc({**e, x: value[n]}):
                    self.spend()
                    n += 1
                return value[:n] if name == "takeWhile" else value[n:]
            return "(L.%s (\\%s -> %s) (%s))" % (
                name, self.parameter(x, s), c, xs), run
        if way == 2:
            u = self.random_type(1)
            ys, fy = self.expr(("List", u), env, depth - 1)
            y = self.fresh()
            b, fb = self.expr(s, env + [(x, s), (y, u)], depth - 1)
            return "[%s for (%s, %s) in zip (%s) (%s)]" % (b, x, y, xs, ys), \
                lambda e: [fb({**e, x: v, y: w})
                           for v, w in self.zipped(fx(e), fy(e))]
        if way == 3:
            u = self.random_type(1)
            ys, fy = self.expr(("List", u), env, depth - 1)
            b, fb = self.expr(t, env + [(x, u)], depth - 1)

            def flat(e):
                out = []
                for v in fy(e):
                    self.spend()
                    out += fb({**e, x: v})
                    sized(out)
                return out
            return "(L.flatMap (\\%s -> %s) (%s))" % (
                self.parameter(x, u), b, ys), flat
        if way == 4 and s in ("Integer", "String"):
            return "(L.unique (%s))" % xs, \
                lambda e: list(dict.fromkeys(fx(e)))
        if way == 5:
            n = self.random.randrange(4)
            a, fa = self.expr(s, env, depth - 1)
            return "(L.replicate %d (%s))" % (n, a), \
                lambda e: (lambda v: [v] * n)(fa(e))
        if way == 6:
            n = self.random.randrange(1, 4)
            return "(concat (L.chunk %d (%s)))" % (n, xs), fx
        if way == 7:
            a, fa = self.expr(s, env, depth - 1)

            def between(e):
                v = fa(e)
                out = []
                for item in fx(e):
                    out += [v, item] if out else [item]
                return sized(out)
            return "(L.intersperse (%s) (%s))" % (a, xs), between
        z, fz = self.expr(s, env, depth - 1)
        y = self.fresh()
        b, fb = self.expr(s, env + [(x, s), (y, s)], depth - 1)

        def scan(e):
            out = [fz(e)]
            for v in fx(e):
                self.spend()
                out.append(fb({**e, x: out[-1], y: v}))
            return out
        return "(L.scan (\\%s %s -> %s) (%s) (%s))" % (
            self.lone(x, s), self.lone(y, s), b, z, xs), scan

    def zipped(self, xs, ys):
        for pair in zip(xs, ys):
            self.spend()
            yield pair

    def more_options(self, t, env, depth):
        way = self.random.randrange(4)
        x = self.fresh()
        if way == 0:
            s = self.random_type(1, False)
            a, fa = self.expr(("Option", s), env, depth - 1)
            b, fb = self.expr(t[1], env + [(x, s)], depth - 1)

            def mapped(e):
                value = fa(e)
                return some(fb({**e, x: value.args[0]})) \
                    if not_none(value) else NONE
            return "(O.map (\\%s -> %s) (%s))" % (
                self.parameter(x, s), b, a), mapped
        if way == 1:
            xs, fx = self.expr(("List", t[1]), env, depth - 1)
            c, fc = self.expr("Boolean", env + [(x, t[1])], 1)

            def find(e):
                for v in fx(e):
                    self.spend()
                    if fc({**e, x: v}):
                        return some(v)
                return NONE
            return "(L.find (\\%s -> %s) (%s))" % (
                self.parameter(x, t[1]), c, xs), find
        a, fa = self.expr(t, env, depth - 1)
        b, fb = self.expr(t, env, depth - 1)
        return "(O.orElse (%s) (%s))" % (b, a), lambda e: \
            (lambda other, v: v if not_none(v) else other)(fb(e), fa(e))
