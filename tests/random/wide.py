"""What gen.py's programs are made of beyond the core of the language:
parametric unions, classes and their instances, defaults and optional fields,
refinements, nested patterns, local functions and recursion, inputs, imported
data and exports; of the library see library.py. A mixin of gen.Program; each
way gives a text and a function of the variables, as there."""
from library import Library
from values import (
    NONE, Failure, has_record, integer, json_text, not_none, payload_text,
    remainder, sized, some, through_json, to_json, type_text)

# Stands in the module of the types; see also instances().
CLASSES = [
    "type Box a = Empty | Full a | Both a (List a);",
    "type Either a b = | This a | That b;",
    "type Small = Integer where x >= 0 && < 1000;",
    "type Short = String where length <= 2000 with length >= 0;",
    "typeclass Weigh a where weigh: a -> Integer; label: a -> String;",
    "typeclass Heavy a where superclass Weigh a; heavy: a -> Boolean;",
    "instance Weigh a => Weigh (List a) where"
    " weigh xs = fold (\\n x -> n % 1000 * 3 + weigh x % 1000) 7 xs;"
    ' label xs = S.join "|" (map label xs);',
    "instance Weigh a => Weigh (Option a) where"
    " weigh x = match x { None => 0, Some y => weigh y % 99 + 1 };"
    ' label x = match x { Some y => "+" ++ label y, _ => "-" };',
    "instance (Weigh a, Weigh b) => Weigh (a, b) where"
    " weigh (x, y) = weigh x % 100 - weigh y % 100;"
    ' label (x, y) = "\\(label x),\\(label y)";',
    "let heavier (x: a) (y: a) = if weigh x >= weigh y then x else y;",
    "instance Heavy Integer where heavy x = weigh x > 5;",
    "instance Heavy String where heavy x = weigh x % 2 == 0;",
]

HELPERS = r"""import std.map as M;
import std.record as R;
import std.math as Math;
import std.encoding as E;
import std.option as O;
let add a b = a + b;
let getA r = r.a;
let rec countDown n f x = if n <= 0 then x else countDown (n - 1) f (f n x);
"""


class Wide(Library):
    # ---- declarations

    def declare_wide(self):
        self.instances, self.defaults = {}, {}
        self.others, self.files, self.outside = [], {}, {}
        declared = list(CLASSES)
        for t in (self.random_type(1), "Integer"):
            if isinstance(t, str):
                text = "Box %s" % t
                self.unions[text] = [("Empty", []), ("Full", [t]),
                                     ("Both", [t, ("List", t)])]
        self.unions["Either Integer String"] = [("This", ["Integer"]),
                                                ("That", ["String"])]
        fields = (("host", "String"), ("size", "Integer"),
                  ("more", ("Option", "Integer")),
                  ("full", "String"), ("list", ("List", "Integer")))
        n = self.random.randrange(100)
        self.record_types.append(("Record", fields, "Conf"))
        declared.append(
            'type Conf = { host: String, size: Integer = %d, more?: Integer, '
            'full: String = host ++ ".\\(size)", list: List Integer = [size] };'
            % n)
        self.defaults["Conf"] = [
            ("size", lambda r: n), ("more", lambda r: NONE),
            ("full", lambda r: "%s.%d" % (r["host"], r["size"])),
            ("list", lambda r: [r["size"]])]
        return declared

    def make_instances(self):
        """Of Weigh, for simple types and unions; as texts."""
        texts = []
        kinds = ["Integer", "String", "Boolean"]
        kinds += [("Union", name) for name in sorted(self.unions)
                  if " " not in name]
        for t in kinds:
            if not self.weighable(t):
                continue
            weigh, fw, x = self.instance_method(t, "Integer")
            label, fl, y = self.instance_method(t, "String")
            self.instances[t] = (lambda v, f=fw, x=x: f({x: v}),
                                 lambda v, f=fl, y=y: f({y: v}))
            texts.append("instance Weigh %s where weigh %s = %s; label %s = %s;"
                         % (type_text(t), x, weigh, y, label))
        return texts

    def instance_method(self, t, result):
        x = self.fresh()
        self.plain = True  # no instances are there yet
        text, f = (self.matched(result, t, x, [(x, t)], 2)
                   if self.chance(0.5) else
                   self.expr(result, [(x, t)], 2))
        self.plain = False
        return text, f, x

    def weighable(self, t):
        if isinstance(t, str):
            return t != "Float"
        if t[0] in ("List", "Option"):
            return self.weighable(t[1])
        if t[0] == "Tuple":
            return len(t[1]) == 2 and all(self.weighable(x) for x in t[1])
        return t[0] == "Union" and " " not in t[1]

    def weigh(self, t, v):
        if t in self.instances:
            return self.instances[t][0](v)
        if t[0] == "List":
            n = 7
            for x in v:
                self.spend()
                n = integer(remainder(n, 1000) * 3 +
                            remainder(self.weigh(t[1], x), 1000))
            return n
        if t[0] == "Option":
            return remainder(self.weigh(t[1], v.args[0]), 99) + 1 \
                if not_none(v) else 0
        return (remainder(self.weigh(t[1][0], v[0]), 100) -
                remainder(self.weigh(t[1][1], v[1]), 100))

    def label(self, t, v):
        if t in self.instances:
            return self.instances[t][1](v)
        if t[0] == "List":
            return sized("|".join([self.label(t[1], x) for x in v]))
        if t[0] == "Option":
            return "+" + self.label(t[1], v.args[0]) if not_none(v) else "-"
        return ",".join([self.label(s, x) for s, x in zip(t[1], v)])

    def recursive(self):
        """Two functions that call each other, fewer than ten times."""
        one, two = self.fresh("f"), self.fresh("f")
        t = self.random_type(1)
        names = [(self.fresh("p"), self.fresh("p")) for _ in range(2)]
        parts = []
        for (n, x), other in zip(names, (two, one)):
            env = [(n, "Integer"), (x, t)]
            a, fa = self.expr(t, env, 2)
            b, fb = self.expr(t, env, 2)
            call = "%s (%s - 1) (%s)" % (other, n, b)
            parts.append(("if %s <= 0 || %s > 9 then %s else %s"
                          % (n, n, a, call), fa, fb))
        bodies = dict(zip((one, two), zip(names, parts, (two, one))))

        def run(name, k, v):
            while True:
                self.spend()
                (n, x), (_, fa, fb), other = bodies[name]
                e = {n: k, x: v}
                if k <= 0 or k > 9:
                    return fa(e)
                k, v, name = k - 1, fb(e), other
        texts = []
        for name in (one, two):
            (n, x), (body, _, _), _ = bodies[name]
            texts.append("%s (%s: Integer) (%s: %s): %s = %s" % (
                name, n, x, type_text(t), type_text(t), body))
            self.thunks[name] = lambda name=name: \
                lambda k: lambda v: run(name, k, v)
            self.functions.append((name, ["Integer", t], t))
        return one, "let rec %s;" % "\nand ".join(texts)

    def outer(self):
        """Inputs and imported data, which are in no result."""
        for _ in range(self.random.randrange(3)):
            t = self.random_type(2)
            value = through_json(self.literal(t, [])[1]({}), t,
                                 self.unions)
            name = self.fresh("d")
            self.files[name + ".json"] = json_text(to_json(value))
            self.outside[name] = 'import "./%s.json" as %s: %s;' % (
                name, name, type_text(t))
            self.others.append((name, t))
            self.thunks[name] = lambda value=value: value
        for _ in range(self.random.randrange(2)):
            t = self.random_type(0)
            text, f = self.literal(t, [])
            name = self.fresh("i")
            self.outside[name] = "input %s: %s = %s;" % (
                name, type_text(t), text)
            self.others.append((name, t))
            self.thunks[name] = lambda f=f: f({})

    # ---- ways to an expression

    def wider(self, t):
        ways = [self.nested, self.local_function, self.local_rec,
                self.sequence, self.coalesced, self.asserted, self.decoded,
                self.from_map, self.extended, self.chosen, self.from_list]
        if not self.plain:
            ways += [self.of_class] if self.weighable(t) else []
            ways += {"Integer": [self.weighed], "String": [self.labelled],
                     "Boolean": [self.heavy]}.get(t, [])
        own = {"Integer": [self.more_integers] * 3,
               "String": [self.more_strings] * 3,
               "Boolean": [self.more_booleans] * 2, "Float": []}
        if isinstance(t, str):
            return ways + own[t]
        if t[0] == "List":
            return ways + [self.more_lists] * 4
        if t[0] == "Record":
            return ways + [self.more_records] * 3
        if t[0] == "Option":
            return ways + [self.more_options] * 2
        return ways

    def nested(self, t, env, depth):
        s = self.random_type(2)
        a, fa = self.expr(s, env, depth - 1)
        return self.matched(t, s, a, env, depth, fa)

    def matched(self, t, s, a, env, depth, fa=None):
        """A match with random patterns, and an arm for the rest."""
        if fa is None:
            fa = lambda e: e[a]  # noqa: E731
        arms, texts = [], []
        for i in range(self.random.randrange(1, 4)):
            pattern, bind, variables = self.pattern(s, 2)
            inside = env + variables
            guard = None
            head = pattern
            if self.chance(0.2):
                g, guard = self.expr("Boolean", inside, 1)
                head = "%s when %s" % (pattern, g)
            b, fb = self.expr(t, inside, depth - 1)
            arms.append((bind, guard, fb))
            texts.append("%s => %s" % (head, b))
        x = self.fresh()
        b, fb = self.expr(t, env + [(x, s)], depth - 1)
        texts.append("%s => %s" % (x, b))

        def run(e):
            value = fa(e)
            for bind, guard, body in arms:
                found = bind(value)
                if found is not None:
                    inner = {**e, **found}
                    if guard is None or guard(inner):
                        return body(inner)
            return fb({**e, x: value})
        return "(match (%s) { %s })" % (a, ", ".join(texts)), run

    def pattern(self, t, depth):
        """Text, what it binds in a value or None, and variables."""
        if self.chance(0.15):
            text, bind, variables = self.pattern(t, depth - 1)
            x = self.fresh()

            def both(v):
                found = bind(v)
                return None if found is None else {**found, x: v}
            return "(%s as %s)" % (text, x), both, variables + [(x, t)]
        if depth <= 0 or self.chance(0.25):
            if self.chance(0.3):
                return "_", lambda v: {}, []
            x = self.fresh()
            return x, lambda v: {x: v}, [(x, t)]
        if t in ("Integer", "String", "Boolean"):
            text, f = self.literal(t, [])
            value = f({})
            return text, lambda v: {} if v == value else None, []
        if t == "Float" or t[0] == "Map":
            return "_", lambda v: {}, []
        return getattr(self, "pattern_" + t[0].lower())(t, depth - 1)

    def pattern_all(self, types, depth):
        parts = [self.pattern(s, depth) for s in types]

        def bind(values):
            found = {}
            for (_, part, _), v in zip(parts, values):
                more = part(v)
                if more is None:
                    return None
                found.update(more)
            return found
        return ([text for text, _, _ in parts], bind,
                [v for _, _, vs in parts for v in vs])

    def pattern_tuple(self, t, depth):
        texts, bind, variables = self.pattern_all(t[1], depth)
        return "(%s)" % ", ".join(texts), bind, variables

    def pattern_option(self, t, depth):
        if self.chance(0.3):
            return "None", lambda v: None if not_none(v) else {}, []
        text, bind, variables = self.pattern(t[1], depth)
        return "Some(%s)" % text, lambda v: \
            bind(v.args[0]) if not_none(v) else None, variables

    def pattern_union(self, t, depth):
        name, payload = self.pick(self.unions[t[1]])
        if not payload:
            return name, lambda v: {} if v.name == name else None, []
        texts, bind, variables = self.pattern_all(payload, depth)
        return "%s(%s)" % (name, ", ".join(texts)), lambda v: \
            bind(v.args) if v.name == name else None, variables

    def pattern_list(self, t, depth):
        n = self.random.randrange(3)
        texts, bind, variables = self.pattern_all([t[1]] * n, depth)
        way = self.random.randrange(3)
        if way == 0:
            return "[%s]" % ", ".join(texts), lambda v: \
                bind(v) if len(v) == n else None, variables
        if way == 1 or n == 0:
            return "[%s]" % ", ".join(texts + [".."]), lambda v: \
                bind(v) if len(v) >= n else None, variables
        r = self.fresh()

        def rest(v):
            found = bind(v) if len(v) >= n else None
            return None if found is None else {**found, r: v[n:]}
        return "[%s, ..%s]" % (", ".join(texts), r), rest, \
            variables + [(r, t)]

    def pattern_record(self, t, depth):
        fields = self.random.sample(list(t[1]), self.random.randrange(
            1, len(t[1]) + 1))
        texts, bind, variables = self.pattern_all(
            [s for _, s in fields], depth)
        shown = ["%s = %s" % (n, text) for (n, _), text in zip(fields, texts)]
        if self.chance(0.3):
            shown.append("..")
        return "{ %s }" % ", ".join(shown), lambda v: \
            bind([v[n] for n, _ in fields]), variables

    def local_function(self, t, env, depth):
        g, x = self.fresh("g"), self.fresh()
        s = self.random_type(1)
        a, fa = self.expr(s, env, depth - 1)
        body, fb = self.expr(t, env + [(x, s)], depth - 1)
        param = x if self.chance(0.3) and not has_record(s) else \
            "(%s: %s)" % (x, type_text(s))

        def run(e):
            value = fa(e)
            self.spend()
            return fb({**e, x: value})
        return "(let %s %s = %s in %s (%s))" % (g, param, body, g, a), run

    def local_rec(self, t, env, depth):
        n, x, go = self.fresh(), self.fresh(), self.fresh("go")
        z, fz = self.expr(t, env, depth - 1)
        body, fb = self.expr(t, env + [(n, "Integer"), (x, t)], depth - 1)
        times = self.random.randrange(4)

        def run(e):
            value = fz(e)
            for k in range(times, 0, -1):
                self.spend()
                value = fb({**e, n: k, x: value})
            return value
        if self.chance(0.4):
            return "(countDown %d (\\%s (%s: %s) -> %s) (%s))" % (
                times, n, x, type_text(t), body, z), run
        return ("(let rec %s %s (%s: %s): %s = if %s <= 0 then %s else "
                "%s (%s - 1) (%s) in %s %d (%s))" % (
                    go, n, x, type_text(t), type_text(t), n, x, go, n, body,
                    go, times, z)), run

    def sequence(self, t, env, depth):
        parts, inside = [], env
        for _ in range(self.pick([2, 2, 3])):
            s = self.random_type(1)
            a, fa = self.expr(s, inside, depth - 2)
            parts.append((self.fresh(), a, fa))
            inside = inside + [(parts[-1][0], s)]
        b, fb = self.expr(t, inside, depth - 1)

        def run(e):
            for name, _, f in parts:
                e = {**e, name: f(e)}
            return fb(e)
        return "(let %s%s in %s)" % (
            "; ".join("%s = %s" % (name, a) for name, a, _ in parts),
            self.pick(["", ";"]), b), run

    def coalesced(self, t, env, depth):
        if not isinstance(t, str) and t[0] == "Option":
            return self.leaf(t, env)
        a, fa = self.expr(("Option", t), env, depth - 1)
        b, fb = self.expr(t, env, depth - 1)

        def run(e):
            value = fa(e)
            return value.args[0] if not_none(value) else fb(e)
        way = self.random.randrange(3)
        if way == 0:
            return "(%s ?? %s)" % (a, b), run
        if way == 1:
            return "(match %s { Some y => y, None => %s })" % (a, b), run

        def both(e):
            other = fb(e)
            value = fa(e)
            return value.args[0] if not_none(value) else other
        return "(withDefault (%s) (%s))" % (b, a), both

    def asserted(self, t, env, depth):
        a, fa = self.expr(t, env, depth - 1)
        c, fc = self.expr("Boolean", env, 1)

        def run(e):
            if not fc(e) and fc(e):
                raise Failure("assert")
            return fa(e)
        x = self.fresh()
        return '(let %s = %s in assert (%s || !%s) "no" (%s))' % (
            x, c, x, x, a), run

    def decoded(self, t, env, depth):
        """Through JSON and back."""
        a, fa = self.expr(t, env, depth - 1)
        j, v, m = self.fresh(), self.fresh(), self.fresh()
        return ("(match E.parseJson (E.toJson (%s)) { Ok %s => "
                "match (E.decode %s: Result %s String) { Ok %s => %s, "
                "Err %s => error %s }, Err %s => error %s })" % (
                    a, j, j, payload_text(t) if " " not in type_text(t)
                    else "(%s)" % type_text(t), v, v, m, m, m, m)), \
            lambda e: through_json(fa(e), t, self.unions)

    def chosen(self, t, env, depth):
        """A Result, made and taken apart."""
        c, fc = self.expr("Boolean", env, depth - 2)
        a, fa = self.expr(t, env, depth - 1)
        s, fs = self.expr("String", env, depth - 2)
        x = self.fresh()
        b, fb = self.expr(t, env + [(x, "String")], depth - 1)
        return ("(match (if %s then Ok (%s) else Err (%s)) "
                "{ Ok y => y, Err %s => %s })" % (c, a, s, x, b),
                lambda e: fa(e) if fc(e) else fb({**e, x: fs(e)}))

    def extended(self, t, env, depth):
        """A field that a spread adds, or replaces by one of another type."""
        record = self.pick(self.record_types)
        base, fbase = self.expr(record, env, depth - 1)
        a, fa = self.expr(t, env, depth - 1)
        name = self.pick(["other", record[1][0][0]])

        def run(e):
            fbase(e)
            return fa(e)
        if self.chance(0.3):
            return "(getA ({ ..%s, a = %s }))" % (self.tight(base), a), run
        return "({ ..%s, %s = %s }.%s)" % (
            self.tight(base), name, a, name), run

    # ---- classes

    def of_class(self, t, env, depth):
        a, fa = self.expr(t, env, depth - 1)
        b, fb = self.expr(t, env, depth - 1)

        def run(e):
            x, y = fa(e), fb(e)
            return x if self.weigh(t, x) >= self.weigh(t, y) else y
        return "(heavier (%s: %s) (%s))" % (a, type_text(t), b), run

    def class_operand(self, env, depth):
        s = self.random_type(2)
        while not self.weighable(s):
            s = self.random_type(1)
        a, fa = self.expr(s, env, depth - 1)
        return "(%s: %s)" % (a, type_text(s)), fa, s

    def weighed(self, t, env, depth):
        a, fa, s = self.class_operand(env, depth)
        return "(weigh %s)" % a, lambda e: self.weigh(s, fa(e))

    def labelled(self, t, env, depth):
        a, fa, s = self.class_operand(env, depth)
        return "(label %s)" % a, lambda e: sized(self.label(s, fa(e)))

    def heavy(self, t, env, depth):
        s = self.pick(["Integer", "String"])
        a, fa = self.expr(s, env, depth - 1)

        def run(e):
            w = self.weigh(s, fa(e))
            return w > 5 if s == "Integer" else remainder(w, 2) == 0
        return "(heavy (%s))" % a, run

    # ---- records

    def more_records(self, t, env, depth):
        deep = [(n, s) for n, s in t[1]
                if not isinstance(s, str) and s[0] == "Record"]
        base, fbase = self.expr(t, env, depth - 1)
        if deep and self.chance(0.6):
            name, inner = self.pick(deep)
            field, s = self.pick(inner[1])
            a, fa = self.expr(s, env, depth - 1)

            def update(e):
                value = dict(fbase(e))
                value[name] = {**value[name], field: fa(e)}
                return value
            return "{ ..%s, %s.%s = %s }" % (self.tight(base), name, field,
                                             a), update
        name, s = self.pick(t[1])
        a, fa = self.expr(s, env, depth - 1)
        if not isinstance(s, str) and s[0] == "Record":
            return base, fbase
        return "(R.merge (%s) ({ %s = %s }))" % (base, name, a), \
            lambda e: (lambda v, w: {**v, name: w})(fbase(e), fa(e))

    def defaulted_literal(self, t, env, depth):
        """A record literal that leaves fields to their defaults."""
        defaults = dict(self.defaults[t[2]])
        chosen = [(n, s) for n, s in t[1]
                  if n not in defaults or self.chance(0.5)]
        self.random.shuffle(chosen)
        parts = []
        for n, s in chosen:
            plain = n == "more" and self.chance(0.5)
            a, fa = self.expr(s[1] if plain else s, env, depth - 1)
            a = "(%s: Integer)" % a if plain else a  # to be wrapped in Some
            parts.append((n, a, (lambda e, f=fa: some(f(e))) if plain
                          else fa))

        def run(e):
            value = {n: f(e) for n, _, f in parts}
            for n, default in self.defaults[t[2]]:
                if n not in value:
                    value[n] = default(value)
            return value
        return "({ %s }: %s)" % (
            ", ".join("%s = %s" % (n, a) for n, a, _ in parts), t[2]), run
