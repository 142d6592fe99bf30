#!/usr/bin/env python3
"""gen.py SEED: a random well-typed program on standard output, and what it
must evaluate to on standard error.

Every expression is made as a pair: its text, and a function of the variables
that computes its value in Python. So the generator knows the result without
asking ligature."""
import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from values import (  # noqa: E402
    INT_MAX, INT_MIN, NONE, Discard, Failure, Union, call_all, compare,
    divide, divide_float, finite, float_text, has_record, integer,
    payload_text, remainder, show, sized, some, string_text, times_float,
    to_json, type_text)
from wide import HELPERS, Wide  # noqa: E402

FUEL = 60000  # calls of one program; more is thrown away


class Program(Wide):
    """`text`, and `expected`: the JSON, or None where it fails."""

    def __init__(self, seed):
        attempt = 0
        while True:
            self.random = random.Random(seed * 1000 + attempt)
            self.fuel = FUEL
            try:
                self.make()
                return
            except (Discard, RecursionError):
                attempt += 1

    # ---- small choices

    def chance(self, p):
        return self.random.random() < p

    def pick(self, items):
        return self.random.choice(items)

    def fresh(self, prefix="v"):
        self.names += 1
        return "%s%d" % (prefix, self.names)

    def spend(self):
        self.fuel -= 1
        if self.fuel < 0:
            raise Discard()

    def random_type(self, depth=2, option=True):
        simple = ["Integer"] * 4 + ["String"] * 2 + ["Boolean", "Float"]
        if depth == 0 or self.chance(0.45):
            return self.pick(simple)
        kind = self.pick(["List", "List", "Tuple", "Record", "Record",
                          "Union", "Option"])
        if kind == "List":
            return ("List", self.random_type(depth - 1))
        if kind == "Tuple":
            return ("Tuple", tuple(self.random_type(depth - 1)
                                   for _ in range(self.pick([2, 2, 3]))))
        if kind == "Record":
            return self.pick(self.record_types)
        if kind == "Union":
            return ("Union", self.pick(sorted(self.unions)))
        return (("Option", self.random_type(depth - 1, False)) if option
                else "Integer")

    # ---- expressions: (text, function of the environment)

    def expr(self, t, env, depth):
        """env: list of (name, type) in scope."""
        if depth <= 0:
            return self.leaf(t, env)
        ways = [self.leaf, self.conditional, self.local, self.matching,
                self.call, self.call, self.indexed, self.applied]
        own = {"Integer": self.integers, "Float": self.floats,
               "String": self.strings, "Boolean": self.booleans}
        if isinstance(t, str):
            ways += [own[t]] * 6
        else:
            ways += [{"List": self.lists, "Tuple": self.tuples,
                      "Record": self.records, "Option": self.options,
                      "Union": self.unions_of, "Map": self.maps}[t[0]]] * 6
        return self.pick(ways + self.wider(t))(t, env, depth)

    def variable(self, t, env):
        known = [n for n, s in env if s == t]
        known += [n for n, s in self.others + self.tops if s == t]
        if not known:
            return None
        name = self.pick(known[-8:] if self.chance(0.6) else known)
        return name, lambda e: self.lookup(e, name)

    def lookup(self, e, name):
        if name in e:
            return e[name]
        return self.top(name)

    def leaf(self, t, env, depth=0):
        if self.chance(0.6):
            found = self.variable(t, env)
            if found:
                return found
        return self.literal(t, env)

    def literal(self, t, env):
        if t == "Integer":
            v = self.pick([0, 1, 2, 3, -1, -7, 10, 100,
                           self.random.randrange(-50, 50),
                           self.random.randrange(-1000000, 1000000)])
            if self.chance(0.01):
                v = self.pick([INT_MAX, INT_MIN, INT_MAX - 1, 1 << 53])
            return ("(%d)" % v if v < 0 else str(v)), lambda e: v
        if t == "Float":
            v = self.pick([0.0, 0.5, 1.5, -2.25, 1e10, 3.0, 0.1,
                           round(self.random.uniform(-9, 9), 3)])
            text = float_text(v)
            return ("(%s)" % text if text[0] == "-" else text), lambda e: v
        if t == "String":
            v = "".join(self.pick("abcxyz \n\"\\é😀") for _ in
                        range(self.pick([0, 1, 2, 3, 5])))
            return string_text(v), lambda e: v
        if t == "Boolean":
            v = self.chance(0.5)
            return ("true" if v else "false"), lambda e: v
        return {"List": self.list_literal, "Tuple": self.tuples,
                "Record": self.record_literal, "Option": self.options,
                "Union": self.unions_of, "Map": self.maps}[t[0]](t, env, 0)

    def conditional(self, t, env, depth):
        c, fc = self.expr("Boolean", env, depth - 1)
        a, fa = self.expr(t, env, depth - 1)
        b, fb = self.expr(t, env, depth - 1)
        return ("(if %s then %s else %s)" % (c, a, b),
                lambda e: fa(e) if fc(e) else fb(e))

    def local(self, t, env, depth):
        s = self.random_type(1)
        name = self.fresh()
        if env and self.chance(0.1):
            name = self.pick(env)[0]
            env = [(n, x) for n, x in env if n != name]
            a, fa = self.expr(s, env, depth - 1)
        else:
            a, fa = self.expr(s, env, depth - 1)
        b, fb = self.expr(t, env + [(name, s)], depth - 1)
        note = ": " + type_text(s) if self.chance(0.3) else ""
        return ("(let %s%s = %s in %s)" % (name, note, a, b),
                lambda e: fb({**e, name: fa(e)}))

    def call(self, t, env, depth):
        fitting = [f for f in self.functions if f[2] == t]
        if not fitting:
            return self.leaf(t, env)
        name, params, _ = self.pick(fitting)
        args = [self.expr(p, env, depth - 1) for p in params]
        fs = [f for _, f in args]

        def run(e):
            values = [f(e) for f in fs]
            return call_all(self.top(name), *values)
        if len(args) == 1 and self.chance(0.3):
            return "(%s |> %s)" % (args[0][0], name), run
        if self.chance(0.5):
            return "%s(%s)" % (name, ", ".join(a for a, _ in args)), run
        return "(%s %s)" % (name, " ".join("(%s)" % a for a, _ in args)), run

    def indexed(self, t, env, depth):
        """A field of a record, a part of a tuple."""
        for record in self.random.sample(self.record_types,
                                         len(self.record_types)):
            fields = [n for n, s in record[1] if s == t]
            if fields:
                field = self.pick(fields)
                r, fr = self.expr(record, env, depth - 1)
                if self.chance(0.3):
                    x = self.fresh()
                    return ("(match (%s) { { %s = %s } => %s })"
                            % (r, field, x, x), lambda e: fr(e)[field])
                return "(%s).%s" % (r, field), lambda e: fr(e)[field]
        return self.leaf(t, env)

    def applied(self, t, env, depth):
        """Lambdas, and the polymorphic helpers of every program."""
        a, fa = self.expr(t, env, depth - 1)
        s = self.random_type(1)
        b, fb = self.expr(s, env, depth - 1)
        x = self.fresh()
        body, fbody = self.expr(t, env + [(x, t)], depth - 1)

        def function(e):
            def inner(value):
                self.spend()
                return fbody({**e, x: value})
            return inner
        lam = "\\%s -> %s" % (self.parameter(x, t), body)
        way = self.random.randrange(6)
        if way == 0:
            return "(second ((%s, %s)))" % (b, a), \
                lambda e: (fb(e), fa(e))[1]
        if way == 1:
            return "(twice (%s) (%s))" % (lam, a), \
                lambda e: (lambda f, v: f(f(v)))(function(e), fa(e))
        if way == 2:
            return "((%s) (%s))" % (lam, a), lambda e: function(e)(fa(e))
        if way == 3:
            i = self.fresh("id")
            return ("(let %s = \\x -> x in match (%s (%s), %s (%s)) "
                    "{ (_, y) => y })" % (i, i, b, i, a),
                    lambda e: (fb(e), fa(e))[1])
        if way == 4:
            return "(compose (%s) (%s) (%s))" % (lam, lam, a), \
                lambda e: (lambda f, v: f(f(v)))(function(e), fa(e))
        return "(const (%s) (%s))" % (a, b), lambda e: (fa(e), fb(e))[0]

    def parameter(self, x, t):
        """Of a lambda; a record may be spread only where its type is known."""
        if self.chance(0.5) and not has_record(t):
            return x
        return "%s: %s" % (x, payload_text(t))

    def integers(self, t, env, depth):
        way = self.random.randrange(16)
        if way < 8:
            return self.arithmetic(env, depth)
        if way == 8:
            s, fs = self.expr("String", env, depth - 1)
            return "(length (%s))" % s, lambda e: len(fs(e))
        if way in (9, 10):
            s = self.random_type(1)
            xs, fx = self.expr(("List", s), env, depth - 1)
            return "(length (%s))" % xs, lambda e: len(fx(e))
        if way == 11:
            xs, fx = self.expr(("List", t), env, depth - 1)
            return "(sum (%s))" % xs, self.summing(fx)
        if way == 12:
            return self.folding(t, env, depth)
        if way == 13:
            a, fa = self.expr(t, env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)
            name, f = self.pick([("min", min), ("max", max)])
            return "(%s (%s) (%s))" % (name, a, b), \
                lambda e: f(fa(e), fb(e))
        if way == 14:
            return self.recursion(env, depth)
        a, fa = self.expr(t, env, depth - 1)
        name, f = self.pick([("abs", lambda v: integer(abs(v))),
                             ("-", lambda v: integer(-v))])
        return "(%s (%s))" % (name, a), lambda e: f(fa(e))

    @staticmethod
    def summing(fx):
        def run(e):
            total = 0
            for x in fx(e):
                total = integer(total + x)
            return total
        return run

    def recursion(self, env, depth):
        """The recursive functions of every program."""
        n = self.random.randrange(0, 40)
        way = self.random.randrange(3)
        if way == 0:
            return "(sumTo %d)" % n, lambda e: n * (n + 1) // 2
        if way == 1:
            xs, fx = self.expr(("List", "Integer"), env, depth - 1)
            return "(treeSize (grow (%s)))" % xs, \
                lambda e: len(set(fx(e)))
        return "(if isEven %d then 1 else 0)" % n, \
            lambda e: 1 if n % 2 == 0 else 0

    def arithmetic(self, env, depth):
        a, fa = self.expr("Integer", env, depth - 1)
        b, fb = self.expr("Integer", env, depth - 1)
        op = self.pick("++--**/%")
        if op in "/%" and self.chance(0.8):
            v = self.pick([2, 3, -5, 7])
            b, fb = "(%d)" % v, lambda e: v
        f = {"+": lambda x, y: integer(x + y), "-": lambda x, y:
             integer(x - y), "*": lambda x, y: integer(x * y),
             "/": divide, "%": remainder}[op]
        if op == "*" and self.chance(0.7):
            # Keep it small, mostly.
            return "(%s %% 1000 * (%s %% 1000))" % (self.tight(a), b), \
                lambda e: remainder(fa(e), 1000) * remainder(fb(e), 1000)
        return "(%s %s %s)" % (a, op, b), lambda e: f(fa(e), fb(e))

    @staticmethod
    def tight(text):
        return "(%s)" % text

    def floats(self, t, env, depth):
        way = self.random.randrange(6)
        if way == 0:
            a, fa = self.expr("Integer", env, depth - 1)
            return "(toFloat (%s))" % a, lambda e: float(fa(e))
        a, fa = self.expr(t, env, depth - 1)
        b, fb = self.expr(t, env, depth - 1)
        op = self.pick("+-*/")
        f = {"+": lambda x, y: finite(x + y), "-": lambda x, y:
             finite(x - y), "*": times_float, "/": divide_float}[op]
        if op == "/" and self.chance(0.8):
            b, fb = "4.0", lambda e: 4.0
        return "(%s %s %s)" % (a, op, b), lambda e: f(fa(e), fb(e))

    def strings(self, t, env, depth):
        way = self.random.randrange(8)
        if way < 3:
            a, fa = self.expr(t, env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)
            return "(%s ++ %s)" % (a, b), lambda e: sized(fa(e) + fb(e))
        if way < 5:
            a, fa = self.expr("Integer", env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)
            return '"<\\(%s)|\\(%s)>"' % (a, b), \
                lambda e: "<%d|%s>" % (fa(e), fb(e))
        if way == 5:
            s = self.pick(["Integer", "String", "Boolean", "Float",
                           ("List", "Integer"), ("List", "String"),
                           ("Tuple", ("Integer", "String"))])
            a, fa = self.expr(s, env, depth - 1)
            return "(show (%s))" % a, lambda e: show(fa(e), s)
        if way == 6:
            n = self.random.randrange(0, 4)
            a, fa = self.expr(t, env, depth - 1)
            return "(S.repeat %d (%s))" % (n, a), \
                lambda e: sized(fa(e) * n)
        xs, fx = self.expr(("List", t), env, depth - 1)
        return '(S.join "," (%s))' % xs, lambda e: sized(",".join(fx(e)))

    def booleans(self, t, env, depth):
        way = self.random.randrange(8)
        if way < 3:
            s = self.pick(["Integer", "String", ("List", "Integer"), "Float",
                           ("Tuple", ("Integer", "String")),
                           ("Option", "Integer"), ("Union", self.enum)])
            a, fa = self.expr(s, env, depth - 1)
            b, fb = self.expr(s, env, depth - 1)
            op = self.pick(["<", "<=", ">", ">=", "==", "!="])
            f = {"<": lambda c: c < 0, "<=": lambda c: c <= 0,
                 ">": lambda c: c > 0, ">=": lambda c: c >= 0,
                 "==": lambda c: c == 0, "!=": lambda c: c != 0}[op]
            return "(%s %s %s)" % (a, op, b), \
                lambda e: f(compare(fa(e), fb(e)))
        if way == 3:
            s = self.random_type(2)
            a, fa = self.expr(s, env, depth - 1)
            b, fb = self.expr(s, env, depth - 1)
            return "(%s == %s)" % (a, b), \
                lambda e: (lambda x, y: x == y)(fa(e), fb(e))
        if way < 6:
            a, fa = self.expr(t, env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)
            if self.chance(0.5):
                return "(%s && %s)" % (a, b), lambda e: fa(e) and fb(e)
            return "(%s || %s)" % (a, b), lambda e: fa(e) or fb(e)
        if way == 6:
            a, fa = self.expr(t, env, depth - 1)
            return "(!%s)" % self.tight(a), lambda e: not fa(e)
        xs, fx = self.expr(("List", "Integer"), env, depth - 1)
        x = self.fresh()
        p, fp = self.expr(t, env + [(x, "Integer")], depth - 2)
        name, f = self.pick([("any", any), ("all", all)])

        def run(e):
            return f(fp({**e, x: v}) for v in fx(e))
        return "(%s (\\%s -> %s) (%s))" % (name, x, p, xs), run

    def tuples(self, t, env, depth):
        parts = [self.expr(s, env, depth - 1) for s in t[1]]
        fs = [f for _, f in parts]
        return ("(%s)" % ", ".join(text for text, _ in parts),
                lambda e: tuple(f(e) for f in fs))

    def options(self, t, env, depth):
        way = self.random.randrange(5)
        if way == 0 and depth > 0:
            xs, fx = self.expr(("List", t[1]), env, depth - 1)
            return "(head (%s))" % xs, \
                lambda e: (lambda v: some(v[0]) if v else NONE)(fx(e))
        if way == 1:
            return "(None: %s)" % type_text(t), lambda e: NONE
        if way == 2 and t[1] == "Integer":
            v = self.pick(["12", "-7", "x", "", "9223372036854775808", "1.5"])
            good = v in ("12", "-7")
            return '(parseInt "%s")' % v, \
                lambda e: some(int(v)) if good else NONE
        a, fa = self.expr(t[1], env, depth - 1)
        return "(Some (%s))" % a, lambda e: some(fa(e))

    def unions_of(self, t, env, depth):
        ctors = self.unions[t[1]]
        tag = self.random.randrange(len(ctors))
        name, payload = ctors[tag]
        parts = [self.expr(s, env, depth - 1) for s in payload]
        fs = [f for _, f in parts]
        texts = [text for text, _ in parts]
        if not parts:
            text = name
        elif self.chance(0.5):
            text = "(%s %s)" % (name, " ".join("(%s)" % x for x in texts))
        else:
            text = "%s(%s)" % (name, ", ".join(texts))
        if " " in t[1]:
            text = "(%s: %s)" % (text, t[1])
        return text, lambda e: Union(name, tuple(f(e) for f in fs), tag)

    def matching(self, t, env, depth):
        """match, on something of a random type."""
        s = self.pick([("Union", self.pick(sorted(self.unions))),
                       "Integer", "String", ("Option", "Integer"),
                       ("List", self.random_type(1)),
                       ("Tuple", ("Integer", ("Option", "String")))])
        a, fa = self.expr(s, env, depth - 1)
        arms = []
        if s[0] == "Union":
            for tag, (name, payload) in enumerate(self.unions[s[1]]):
                arms.append(self.ctor_arm(name, payload))
            self.random.shuffle(arms)
            if self.chance(0.3):
                arms[-1] = ("_", lambda v: {}, [])
        elif s[0] == "Option":
            arms = [self.ctor_arm("None", []), self.ctor_arm("Some", [s[1]])]
            self.random.shuffle(arms)
        elif s[0] == "List":
            arms = self.list_arms(s[1])
        elif s[0] == "Tuple":
            x, y = self.fresh(), self.fresh()
            arms = [("(0, _)", lambda v: {} if v[0] == 0 else None, []),
                    ("(%s, Some %s)" % (x, y), lambda v:
                     {x: v[0], y: v[1].args[0]} if v[1].name == "Some"
                     else None, [(x, "Integer"), (y, "String")]),
                    ("(_, None)", lambda v: {}, [])]
        else:
            arms = self.literal_arms(s, env)
        done = []
        for pattern, bind, variables in arms:
            inside = env + variables
            if variables and self.chance(0.25):
                g, fg = self.expr("Boolean", inside, 1)
                b, fb = self.expr(t, inside, depth - 1)
                done.append((pattern + " when " + g, bind, fg, fb, b))
            b, fb = self.expr(t, inside, depth - 1)
            done.append((pattern, bind, None, fb, b))

        def run(e):
            value = fa(e)
            for _, bind, guard, body, _ in done:
                found = bind(value)
                if found is None:
                    continue
                inner = {**e, **found}
                if guard is None or guard(inner):
                    return body(inner)
            raise AssertionError("no arm")
        text = ", ".join("%s => %s" % (p, b) for p, _, _, _, b in done)
        return "(match (%s) { %s })" % (a, text), run

    def ctor_arm(self, name, payload):
        names = [self.fresh() if self.chance(0.8) else "_" for _ in payload]
        variables = [(n, s) for n, s in zip(names, payload) if n != "_"]

        def bind(v):
            if v.name != name:
                return None
            return {n: x for n, x in zip(names, v.args) if n != "_"}
        if len(names) > 1 and self.chance(0.5):
            return "%s(%s)" % (name, ", ".join(names)), bind, variables
        return " ".join([name] + names), bind, variables

    def list_arms(self, t):
        x, y, r = self.fresh(), self.fresh(), self.fresh()
        arms = [("[]", lambda v: {} if not v else None, []),
                ("[%s]" % x, lambda v: {x: v[0]} if len(v) == 1 else None,
                 [(x, t)])]
        self.random.shuffle(arms)
        last = [("[%s, ..%s]" % (y, r), lambda v:
                 {y: v[0], r: v[1:]} if v else None,
                 [(y, t), (r, ("List", t))])]
        if self.chance(0.3):
            w = self.fresh()
            last = [("[_, _, ..]", lambda v: {} if len(v) >= 2 else None, []),
                    (w, lambda v: {w: v}, [(w, ("List", t))])]
        return arms + last

    def literal_arms(self, s, env):
        arms = []
        for _ in range(self.random.randrange(1, 4)):
            texts, values = [], []
            for _ in range(self.pick([1, 1, 2])):
                text, f = self.literal(s, env)
                texts.append(text.strip("()") if s == "Integer" else text)
                values.append(f({}))
            arms.append((" | ".join(texts), lambda v, values=values:
                         {} if v in values else None, []))
        x = self.fresh()
        return arms + [(x, lambda v: {x: v}, [(x, s)])]

    def list_literal(self, t, env, depth):
        n = self.pick([0, 1, 2, 3, 5])
        if n == 0:
            return "([]: %s)" % type_text(t), lambda e: []
        parts = [self.expr(t[1], env, depth - 1) for _ in range(n)]
        fs = [f for _, f in parts]
        return ("[%s]" % ", ".join(text for text, _ in parts),
                lambda e: [f(e) for f in fs])

    def lists(self, t, env, depth):
        way = self.random.randrange(12)
        if way == 0:
            return self.list_literal(t, env, depth)
        if way == 1:
            a, fa = self.expr(t, env, depth - 1)
            b, fb = self.expr(t, env, depth - 1)
            return "(%s ++ %s)" % (a, b), lambda e: sized(fa(e) + fb(e))
        if way < 5:
            return self.comprehension(t, env, depth)
        if way < 8:
            return self.mapping(t, env, depth)
        if way == 8 and t[1] == "Integer":
            a = self.random.randrange(-5, 5)
            n = self.pick([0, 3, 10, 30, 30, self.random.randrange(2500)])
            text = "(%d)" % a if a < 0 else str(a)
            return "(range %s %d)" % (text, a + n if a + n >= 0 else 0), \
                lambda e: list(range(a, a + n if a + n >= 0 else 0))
        xs, fx = self.expr(t, env, depth - 1)
        if way == 9:
            return "(reverse (%s))" % xs, lambda e: fx(e)[::-1]
        if way == 10:
            n = self.random.randrange(0, 4)
            name, f = self.pick([("take", lambda v: v[:n]),
                                 ("drop", lambda v: v[n:])])
            return "(L.%s %d (%s))" % (name, n, xs), lambda e: f(fx(e))
        if t[1] in ("Integer", "String", "Float"):
            return "(L.sort (%s))" % xs, lambda e: sorted(fx(e))
        return xs, fx

    def comprehension(self, t, env, depth):
        s = self.random_type(1)
        xs, fx = self.expr(("List", s), env, depth - 1)
        x = self.fresh()
        inside = env + [(x, s)]
        clauses = "for %s in %s" % (x, xs)
        condition = inner = None
        y = None
        if self.chance(0.4):
            c, condition = self.expr("Boolean", inside, depth - 2)
            clauses += " if %s" % c
        if self.chance(0.25):
            y = self.fresh()
            ys, inner = self.expr(("List", "Integer"), inside, 1)
            clauses += " for %s in %s" % (y, ys)
            inside = inside + [(y, "Integer")]
        body, fb = self.expr(t[1], inside, depth - 1)

        def run(e):
            out = []
            for v in fx(e):
                self.spend()
                e1 = {**e, x: v}
                if condition is not None and not condition(e1):
                    continue
                if inner is None:
                    out.append(fb(e1))
                    continue
                for w in inner(e1):
                    self.spend()
                    out.append(fb({**e1, y: w}))
            return sized(out)
        return "[%s %s]" % (body, clauses), run

    def mapping(self, t, env, depth):
        x = self.fresh()
        if self.chance(0.35):
            xs, fx = self.expr(t, env, depth - 1)
            p, fp = self.expr("Boolean", env + [(x, t[1])], depth - 1)

            def run(e):
                out = []
                for v in fx(e):
                    self.spend()
                    if fp({**e, x: v}):
                        out.append(v)
                return out
            return self.piped("filter (\\%s -> %s)" % (x, p), xs), run
        s = self.random_type(1)
        xs, fx = self.expr(("List", s), env, depth - 1)
        known = [f for f in self.functions if f[1] == [s] and f[2] == t[1]]
        if known and self.chance(0.6):
            name = self.pick(known)[0]
            return (self.piped("map %s" % name, xs),
                    lambda e: [self.top(name)(v) for v in fx(e)])
        body, fb = self.expr(t[1], env + [(x, s)], depth - 1)

        def run_map(e):
            out = []
            for v in fx(e):
                self.spend()
                out.append(fb({**e, x: v}))
            return out
        return self.piped("map (\\%s -> %s)" % (x, body), xs), run_map

    def piped(self, stage, xs):
        if self.chance(0.4):
            return "(%s |> %s)" % (xs, stage)
        return "(%s (%s))" % (stage, xs)

    def folding(self, t, env, depth):
        s = self.random_type(1)
        xs, fx = self.expr(("List", s), env, depth - 1)
        z, fz = self.expr(t, env, depth - 1)
        acc, x = self.fresh(), self.fresh()
        body, fb = self.expr(t, env + [(acc, t), (x, s)], depth - 1)
        right = self.chance(0.3)

        def run(e):
            value = fz(e)
            items = fx(e)
            for v in (reversed(items) if right else items):
                self.spend()
                value = fb({**e, acc: value, x: v})
            return value
        name, params = ("foldRight", (x, acc)) if right else ("fold", (acc, x))
        return "(%s (\\%s %s -> %s) (%s) (%s))" % (
            (name,) + params + (body, z, xs)), run

    def record_literal(self, t, env, depth):
        if len(t) == 3:
            return self.defaulted_literal(t, env, depth)
        fields = list(t[1])
        self.random.shuffle(fields)
        parts = [(n,) + self.expr(s, env, depth - 1) for n, s in fields]
        return ("{ %s }" % ", ".join("%s = %s" % (n, text)
                                     for n, text, _ in parts),
                lambda e: {n: f(e) for n, _, f in parts})

    def records(self, t, env, depth):
        if self.chance(0.5):
            return self.record_literal(t, env, depth)
        base, fbase = self.expr(t, env, depth - 1)
        fields = self.random.sample(list(t[1]),
                                    self.random.randrange(1, len(t[1]) + 1))
        parts = [(n,) + self.expr(s, env, depth - 1) for n, s in fields]

        def run(e):
            value = dict(fbase(e))
            for n, _, f in parts:
                value[n] = f(e)
            return value
        return "{ ..%s, %s }" % (
            self.tight(base),
            ", ".join("%s = %s" % (n, text) for n, text, _ in parts)), run

    # ---- declarations

    PRELUDE = """import std.list as L;
import std.string as S;
type Tree = Leaf | Node Tree Integer Tree;
let rec insert x t = match t {
  Leaf => Node Leaf x Leaf,
  Node l y r when x < y => Node (insert x l) y r,
  Node l y r when x > y => Node l y (insert x r),
  same => same,
};
let grow xs = fold (\\t x -> insert x t) Leaf xs;
let rec treeSize t = match t { Leaf => 0, Node l _ r => treeSize l + 1 + treeSize r };
let second (_, b) = b;
let twice f x = f (f x);
let rec sumTo n = if n <= 0 then 0 else n + sumTo (n - 1);
let rec isEven n = if n <= 0 then true else isOdd (n - 1)
and isOdd n = if n <= 0 then false else isEven (n - 1);
""" + HELPERS

    def make(self):
        self.names, self.plain = 0, False
        self.tops, self.functions = [], []
        self.values, self.thunks = {}, {}
        self.unions = {}
        self.enum = "Color"
        self.unions["Color"] = [(n, []) for n in ("Red", "Green", "Blue")]
        self.record_types = [("Record", (("a", "Integer"), ("b", "String")))]
        declared = ["type Color = Red | Green | Blue;"]
        for i in range(self.random.randrange(1, 4)):
            names = self.random.sample("abcdefg", self.pick([2, 3, 4]))
            self.record_types.append(
                ("Record", tuple((n, self.random_type(1)) for n in names)))
        for i in range(self.random.randrange(1, 3)):
            name = "U%d" % i
            ctors = [("%s%d" % (c, i), [self.random_type(1) for _ in
                                        range(self.pick([0, 1, 1, 2]))])
                     for c in "ABC"[:self.pick([2, 3])]]
            self.unions[name] = ctors
            declared.append("type %s = | %s;" % (name, " | ".join(
                " ".join([c] + [payload_text(s) for s in payload])
                for c, payload in ctors)))
        declared += self.declare_wide()
        self.declared = declared + self.make_instances()
        self.outer()
        self.bindings = [self.binding() for _ in
                         range(self.random.randrange(4, 14))]
        result = self.result()
        self.wanted = self.whole(result)
        self.expected = self.evaluate(self.wanted)

    def whole(self, result):
        """Makes the text of one file, and says which bindings it gives."""
        wanted = [name for name, _ in self.tops] + [
            name for name, line in self.outside.items() if line[:5] == "input"]
        exported = set()
        if not result and self.chance(0.3):
            exported = {name for name, _ in self.bindings if self.chance(0.5)}
        texts = [("", line) for line in self.declared] + \
            list(self.outside.items())
        texts += [(name, ("export " if name in exported else "") + text)
                  for name, text in self.bindings]
        self.random.shuffle(texts)
        self.text = self.PRELUDE + "".join(text + "\n" for _, text in texts)
        if result:
            self.text += result[0] + "\n"
            return result[1]
        return [name for name, _ in texts
                if name in (exported or wanted) and name in wanted]

    def modules(self):
        """The same program in many files: their texts by name. Bindings refer
        to those made before them only, so runs of these make modules."""
        types = re.findall(r"^(?:type|typeclass|let) (\w+)",
                           "\n".join(self.declared), re.M)
        named = types + ["weigh", "label", "heavy"] + [
            name for ctors in self.unions.values() for name, _ in ctors]
        named += ["Empty", "Full", "Both"]
        helpers = re.findall(r"^(?:let|let rec|and) (?:rec )?(\w+)",
                             self.PRELUDE, re.M)
        homes = {name: "helpers" for name in helpers}
        text = "\n".join(self.declared) + "\n"
        files = {"helpers.lig": self.PRELUDE,
                 "types.lig": self.imports(text, homes, types) + text}
        homes.update({name: "types" for name in named})
        at_once = self.random.choice([1, 1, 2, 4])
        for i in range(0, len(self.bindings), at_once):
            some = self.bindings[i:i + at_once]
            text = "\n".join(line for _, line in some)
            files["m%d.lig" % i] = self.module(text, homes, types)
            homes.update({name: "m%d" % i for name in re.findall(
                r"^(?:let(?: rec)?|and) (\w+)", text, re.M)})
        text = "{ %s }" % ", ".join(self.wanted)
        files["main.lig"] = self.module(text, homes, types)
        return files

    def module(self, text, homes, types):
        """With what it needs before it; some of it under the name of its
        module."""
        qualified = []
        for home in sorted(set(homes.values())):
            if home[0] == "m" and self.chance(0.3) and text[0] != "{":
                names = [n for n in homes if homes[n] == home]
                changed = re.sub(r"\b(%s)\b" % "|".join(names),
                                 home + r".\1", text)
                if changed != text:
                    text = changed
                    qualified.append('import "./%s";\n' % home)
                    homes = {n: h for n, h in homes.items() if h != home}
        return "".join(qualified) + self.imports(text, homes, types) + \
            text + "\n"

    def imports(self, text, homes, types):
        needed = {}
        words = set(re.findall(r"\b[A-Za-z_]\w*", text))
        lines = [line for name, line in self.outside.items() if name in words]
        for name in sorted(words | set(re.findall(r"\w+", "".join(lines)))):
            home = homes.get(name)
            if home is not None:
                needed.setdefault(home, []).append(name)
        if "types" in needed:  # bring their constructors
            needed["types"] = types
        lines += [line for line, name in
                  re.findall(r"^(import .* (\w+);)$", self.PRELUDE, re.M)
                  if name in words]
        lines += ['import { %s } from "./%s.lig";' % (", ".join(names), home)
                  for home, names in needed.items()]
        self.random.shuffle(lines)
        return "\n".join(lines) + "\n"

    def evaluate(self, wanted):
        value, failed = {}, False
        for name in wanted:
            try:
                value[name] = self.top(name)
            except Failure:
                failed = True
        return None if failed else ("json", to_json(value))

    def top(self, name):
        if name in self.values:
            value = self.values[name]
            if isinstance(value, Failure):
                raise value
            return value
        try:
            self.values[name] = self.thunks[name]()
        except Failure as failure:
            self.values[name] = failure
            raise
        return self.values[name]

    def binding(self):
        depth = self.pick([2, 3, 3, 4])
        if self.chance(0.3):
            return self.function(depth)
        if self.chance(0.1):
            return self.recursive()
        t = self.random_type(2)
        if self.chance(0.1):
            t = ("Map", self.random_type(1))
        name = self.fresh("b")
        text, f = self.expr(t, [], depth)
        if self.chance(0.02):
            message = string_text("stop " + name)
            text, f = "(error %s)" % message, self.fail
            note = ": " + type_text(t)
        else:
            note = ": " + type_text(t) if self.chance(0.4) else ""
        self.thunks[name] = lambda: f({})
        self.tops.append((name, t))
        return name, "let %s%s = %s;" % (name, note, text)

    @staticmethod
    def fail(_):
        raise Failure("error")

    def function(self, depth):
        name = self.fresh("f")
        params = [(self.fresh("p"), self.random_type(1))
                  for _ in range(self.pick([1, 1, 2, 3]))]
        result = self.random_type(1)
        body, f = self.expr(result, params, depth)

        def curried(values):
            def take(value):
                now = values + [value]
                if len(now) < len(params):
                    return curried(now)
                self.spend()
                return f({n: v for (n, _), v in zip(params, now)})
            return take
        self.thunks[name] = lambda: curried([])
        self.functions.append((name, [t for _, t in params], result))
        way = self.random.randrange(3)
        heads = " ".join("(%s: %s)" % (n, type_text(t)) for n, t in params)
        if way == 0:
            return name, "let %s %s: %s = %s;" % (name, heads,
                                                  type_text(result), body)
        if way == 1:
            return name, "let %s %s = %s;" % (name, heads, body)
        lam = " ".join("(%s: %s)" % (n, type_text(t)) for n, t in params)
        return name, "let %s = \\%s -> %s;" % (name, lam, body)

    def result(self):
        if not self.tops or self.chance(0.6):
            return None
        names = [n for n, _ in self.tops]
        chosen = self.random.sample(names, self.random.randrange(
            1, len(names) + 1))
        return "{ %s }" % ", ".join(chosen), chosen


def main():
    program = Program(int(sys.argv[1]))
    sys.stdout.write(program.text)
    print(program.expected, file=sys.stderr)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
