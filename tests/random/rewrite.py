"""Programs written in another way that means the same.

Rewriting(chance, source, tree, ways, types).text is the program of `source`,
from the tree that `ligature parse` shows of it. Of each node one of the ways
is taken that are open to it, by chance:

gaps            comments, line breaks and parentheses
rename, tops    other names for local variables; for bindings
permute         declarations in another order
order           so the fields of record patterns
strings         literals with other escapes, interpolations as '++'
comprehensions  one `for` inside of another
calls           f x y, f(x, y), (f x) y
pipes           x |> f for f x, and back
operators       `if` for && || !, `match` for ??, == for !=, > for <
lambdas         let f x = e, let f = \\x -> e, \\x -> \\y -> e
lets            let a in let b, `match` for a computed `let`
branches        `match` for `if`
arms            an arm for each alternative, one that never fits
wrap            in a `let`, `if` or `match` that adds nothing
inline          what a `let` binds where it is named
abstract        texts and conditions under names of their own
eta             \\x -> f x for f
signatures      bindings with the types that were inferred (`types`)
carry           through tuples, lists, functions ... and back, where the type
                may be known no longer

Types, and declarations but for those of values, are copied as they stand."""
import re

SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*'*")
LITERAL = re.compile(r'''r(\#*)".*?"\1 | """.*?""" | "(?:\\.|[^"\\])*"
                         | -?\s*[\w.]+ (?:(?<=e)[-+]\d+)?''',
                     re.S | re.I | re.X)
# Names that may be hidden where they are not used.
PRELUDE = ("length map filter fold foldRight append reverse tail contains "
           "range sum all any zip abs min max not const compose show").split()
BUILT_IN = set("Integer Float String Boolean Unit List Option Result Map Json "
               "Eq Ord Show Num Append Sized Ordering".split())
TYPES = {"name", "variable", "function", "tuple", "list", "record", "refined",
         "constrained", "unit"}
# What a wrapper may go around: no values, which would no longer generalise.
COMPUTED = {"call", "operators", "unary", "if", "match", "field",
            "comprehension", "interpolation"}
# %e is carried; %n is a name that nothing else has.
CARRIERS = [
    "(let %n = %e in %n)", "(let %n () = %e in %n ())", "((\\%n -> %n) (%e))",
    "(match %e { %n => %n })", "({ q = %e }.q)", "((%e) |> (\\%n -> %n))",
    "(match (1, (%e)) { (_, %n) => %n })", "(fold (\\_ %n -> %n) (%e) [%e])",
    "(match [%e] { [%n] => %n, _ => %e })", "(head [%e] ?? %e)",
    "(match Some (%e) { Some %n => %n, None => %e })",
    "(let rec go' %n = if %n <= 0 then (%e) else go' (%n - 1) in go' 3)",
    "((\\%n -> %n.q) { q = %e, r = 1 })", "({ ..{ q = 1 }, q = %e }.q)",
    "(match [%n for %n in [%e]] { [%n, ..] => %n, [] => %e })",
    "(match filter (\\_ -> true) [%e] { [%n, ..] => %n, [] => %e })",
    "(match { q = { r = %e } } { { q = { r = %n } } => %n })",
    "((\\f' -> f' 1) (\\_ -> %e))", "(if 1 < 2 then %e else %e)",
    "(match reverse [%e, %e] { [_, %n] => %n, _ => %e })",
    "(match map (\\_ -> %e) [1, 2] { [_, %n] => %n, _ => %e })"]


def words(text):
    return set(re.findall(r"[A-Za-z_]\w*'*", text))


def string(value):
    """A string literal."""
    shown = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"%s"' % "".join(
        shown.get(c) or (c if c.isprintable() else "\\u{%x}" % ord(c))
        for c in value)


def field(name):
    return name if SIMPLE.fullmatch(name) else string(name)


def names_of(pattern):
    """What a pattern binds."""
    found = []
    if pattern["kind"] in ("name", "as"):
        found.append(pattern["name"])
    if isinstance(pattern.get("rest"), str):
        found.append(pattern["rest"])
    for part in pattern.get("items", []) + pattern.get("args", []):
        found += names_of(part)
    for part in pattern.get("fields", []):
        found += names_of(part["pattern"])
    if pattern["kind"] == "as":
        found += names_of(pattern["pattern"])
    return found


class Rewriting:
    def __init__(self, chance, source, tree, ways, types):
        self.chance, self.source, self.tree = chance, source, tree
        self.ways, self.types = ways, types
        self.used = words(source.decode("utf-8"))
        self.kept = words(" ".join(self.verbatim(
            [tree["declarations"], tree["result"]])))
        self.free = [n for n in PRELUDE if n not in self.used]
        self.count, self.lifted = 0, []
        self.bound_here = set(self.binders(tree))
        lets = [b for d in tree["declarations"] if d["kind"] == "let"
                for b in d["bindings"]]
        self.functions = {b["name"] for b in lets
                          if b["value"]["kind"] == "lambda"}
        self.hides = tree["result"] is not None
        self.text = self.program()

    def takes(self, way, odds=0.3):
        return way in self.ways and self.chance.random() < odds

    def cut(self, node):
        span = node["span"]
        return self.source[span["start"]:span["end"]].decode("utf-8")

    def gap(self):
        """Between two tokens."""
        if not self.takes("gaps", 0.1):
            return " "
        return self.chance.choice(
            ["\n", "  ", "\t", " /* a */ ", " // b\n", " -- c\n",
             " /* /* d */ */ ", "\r\n"])

    # ---- names

    def fresh(self):
        if self.free and self.chance.random() < 0.3:
            return self.free.pop(self.chance.randrange(len(self.free)))
        self.count += 1
        return "n%d'" % self.count

    def bind(self, names, scope):
        inner = dict(scope)
        for name in names:
            inner[name] = self.fresh() if name[0] != "_" and \
                name not in self.kept and (
                    "inline" in self.ways or self.takes("rename", 0.5)) \
                else name
        return inner

    # ---- patterns

    def pattern(self, node, scope):
        kind = node["kind"]
        if kind == "name":
            return scope.get(node["name"], node["name"])
        if kind in ("wildcard", "unit"):
            return "_" if kind == "wildcard" else "()"
        if kind == "as":
            return "(%s as %s)" % (self.pattern(node["pattern"], scope),
                                   scope.get(node["name"], node["name"]))
        if kind == "constructor":
            name = ".".join([node[k] for k in ("qualifier", "name")
                             if k in node])
            if not node["args"]:
                return name
            parts = [self.pattern(p, scope) for p in node["args"]]
            if self.takes("calls", 0.5):
                return "%s(%s)" % (name, ", ".join(parts))
            return "(%s %s)" % (name, " ".join("(%s)" % p for p in parts))
        if kind == "tuple":
            return "(%s)" % ("," + self.gap()).join(
                self.pattern(p, scope) for p in node["items"])
        if kind == "list":
            parts = [self.pattern(p, scope) for p in node["items"]]
            if "rest" in node:
                rest = node["rest"]
                parts.append(".." + (scope.get(rest, rest) if rest else ""))
            return "[%s]" % ", ".join(parts)
        if kind == "record":
            parts = ["%s = %s" % (field(f["name"]),
                                  self.pattern(f["pattern"], scope))
                     for f in node["fields"]]
            if "order" in self.ways:
                self.chance.shuffle(parts)
            return "{ %s }" % ", ".join(parts + [".."] * node["open"])
        # A parameter's type stands behind it.
        return LITERAL.match(self.cut(node).lstrip("( ")).group()

    # ---- expressions

    def expr(self, node, scope):
        """Something atomic."""
        text = getattr(self, "show_" + node["kind"])(node, scope)
        if node["kind"] == "interpolation" or node["kind"] == "operators" and \
                node["operators"][0] in ("==", "!=", "<", "<=", ">", ">=",
                                         "&&", "||"):
            text = self.named(text, scope)
        if self.takes("carry", 0.12) and len(text) < 400:
            text = self.carried(text)
        if self.takes("gaps", 0.05):
            text = "(%s%s%s)" % (self.gap(), text, self.gap())
        if node["kind"] in COMPUTED and self.takes("wrap", 0.1):
            text = self.chance.choice([
                "(let _zz = 0 in %s)", "(match () { () => %s })",
                "(match 1 { _ when false => %s, _ => %s })",
                "(if true then %s else %s)", "((%s))",
                "(match ({ q = 1 }).q { 1 => %s, _ => %s })"]).replace(
                    "%s", text)
        return text

    def show_literal(self, node, scope):
        return self.cut(node)
    show_integer = show_float = show_boolean = show_unit = show_literal

    def show_string(self, node, scope):
        if self.takes("strings"):
            return string(node["value"])
        return self.cut(node)

    def named(self, text, scope):
        """Of a type that nothing around it has a part in."""
        if not self.takes("abstract"):
            return text
        name = self.fresh()
        if self.hides and not scope and self.chance.random() < 0.8:
            self.lifted.append("let %s = %s;" % (name, text))
            return name
        return self.chance.choice([
            "(let %s = %s in %s)" % (name, text, name),
            "((\\_ -> %s) ())" % text, "(match %s { %s => %s })" % (
                text, name, name), "(let %s () = %s in %s ())" % (
                    name, text, name), "(identity (%s))" % text
            if "identity" not in self.used else text])

    def carried(self, text):
        """Through something else and back: the type may be no longer known."""
        n = self.fresh()
        return self.chance.choice(CARRIERS).replace("%e", text).replace(
            "%n", n)

    def plain(self, node, scope):
        """What is applied: of a function around it less would be known."""
        if node["kind"] == "name":
            return scope.get(node["name"], node["name"])
        if node["kind"] in ("constructor", "field"):
            return getattr(self, "show_" + node["kind"])(node, scope)
        return self.expr(node, scope)

    def show_name(self, node, scope):
        name = node["name"]
        text = scope.get(name, name)
        if name in self.functions and name not in self.bound_here and \
                self.takes("eta"):
            return "(\\zz -> %s zz)" % text
        return text

    def show_constructor(self, node, scope):
        return ".".join([node[k] for k in ("qualifier", "name") if k in node])

    def show_interpolation(self, node, scope):
        parts, ways = node["parts"], self.ways
        self.ways = [w for w in ways if w != "gaps"]  # no line may end there
        try:
            return self.interpolated(parts, scope)
        finally:
            self.ways = ways

    def interpolated(self, parts, scope):
        if self.takes("strings") and "toString" not in self.used:
            shown = [string(p["value"]) if p["kind"] == "string" else
                     "toString (%s)" % self.expr(p, scope) for p in parts]
            return '(%s)' % " ++ ".join(shown + ['""'])
        return '"%s"' % "".join(
            string(p["value"])[1:-1] if p["kind"] == "string" else
            "\\(%s)" % self.expr(p, scope) for p in parts)

    def show_tuple(self, node, scope):
        return "(%s)" % ("," + self.gap()).join(
            self.expr(p, scope) for p in node["items"])

    def show_list(self, node, scope):
        return "[%s]" % ("," + self.gap()).join(
            self.expr(p, scope) for p in node["items"])

    def show_comprehension(self, node, scope):
        clauses = node["clauses"]
        texts = []
        for i, clause in enumerate(clauses):
            if "if" in clause:
                texts.append("if " + self.expr(clause["if"], scope))
                continue
            if i > 0 and self.takes("comprehensions") and \
                    "concat" not in self.used:
                inner = self.show_comprehension(
                    {"clauses": clauses[i:], "body": node["body"]}, scope)
                return "(concat [%s %s])" % (inner, " ".join(texts))
            source = self.expr(clause["in"], scope)
            scope = self.bind(names_of(clause["for"]), scope)
            texts.append("for %s in %s" % (self.pattern(clause["for"], scope),
                                           source))
        return "[%s %s]" % (self.expr(node["body"], scope),
                            self.gap().join(texts))

    def show_record(self, node, scope):
        parts = []
        for item in node["items"]:
            if "spread" in item:
                parts.append(".." + self.expr(item["spread"], scope))
                continue
            type_ = ": " + self.cut(item["type"]) if "type" in item else ""
            parts.append("%s%s = %s" % (
                ".".join(field(n) for n in item["path"]), type_,
                self.expr(item["value"], scope)))
        return "{%s%s%s}" % (self.gap(), ("," + self.gap()).join(parts),
                             self.gap())

    def show_field(self, node, scope):
        record = node["record"]
        if record["kind"] in ("name", "constructor"):  # perhaps a module
            text = self.plain(record, scope)
            if record.get("parenthesised"):
                text = "(%s)" % text
        else:
            text = self.expr(record, scope)
        if record["kind"] in ("integer", "float"):
            text = "(%s)" % text
        if record["kind"] == "record":  # it may be the subject of a match
            return "(%s.%s)" % (text, field(node["field"]))
        return "%s.%s" % (text, field(node["field"]))

    def show_call(self, node, scope):
        callee = node["callee"]
        f = self.plain(callee, scope)
        args = [self.expr(a, scope) for a in node["args"]]
        if callee["kind"] != "constructor" and self.takes("pipes"):
            last = args.pop()
            return "(%s |> %s)" % (last, " ".join(
                [f] + ["(%s)" % a for a in args]))
        if self.takes("calls") and f[0] != "{":
            return "%s(%s)" % (f, ("," + self.gap()).join(args))
        if len(args) > 1 and callee["kind"] != "constructor" and \
                self.takes("calls"):
            for arg in args:
                f = "(%s (%s))" % (f, arg)
            return f
        return "(%s %s)" % (f, self.gap().join("(%s)" % a for a in args))

    def show_operators(self, node, scope):
        operators = node["operators"]
        if operators[0] in ("&&", "||") and self.takes("operators"):
            done = self.expr(node["operands"][-1], scope)
            for operand in reversed(node["operands"][:-1]):
                done = ("(if %s then %s else false)" if operators[0] == "&&"
                        else "(if %s then true else %s)") % (
                            self.expr(operand, scope), done)
            return done
        show = self.plain if operators[0] == "|>" else self.expr
        operands = [show(p, scope) for p in node["operands"]]
        if operators == ["??"] and self.takes("operators"):
            return "(match %s { Some zz => zz, None => %s })" % (
                operands[0], operands[1])
        if operators == ["|>"] and self.takes("pipes"):
            return "(%s (%s))" % (operands[1], operands[0])
        if operators in (["<"], ["<="], [">"], [">="]) and \
                self.takes("operators"):
            return "(%s %s %s)" % (
                operands[1], {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[
                    operators[0]], operands[0])
        if operators == ["!="] and self.takes("operators"):
            return "(!(%s == %s))" % tuple(operands)
        text = operands[0]
        for operator, operand in zip(operators, operands[1:]):
            text += "%s%s%s%s" % (self.gap(), operator, self.gap(), operand)
        return "(%s)" % text

    def show_unary(self, node, scope):
        operand = node["operand"]
        if operand["kind"] in ("integer", "float"):
            return "(%s)" % self.cut(node)
        text = self.expr(operand, scope)
        if node["operator"] == "!" and self.takes("operators"):
            return "(if %s then false else true)" % text
        return "(%s%s)" % (node["operator"], text)

    def params(self, node, scope):
        """Their texts, and the scope inside."""
        scope = self.bind([n for p in node["params"]
                           for n in names_of(p["pattern"])], scope)
        texts = []
        for param in node["params"]:
            text = self.pattern(param["pattern"], scope)
            if "type" in param:
                text = "(%s: %s)" % (text, self.cut(param["type"]))
            elif text[0] not in "_({" and param["pattern"]["kind"] != "name":
                text = "(%s)" % text
            texts.append(text)
        return texts, scope

    def show_lambda(self, node, scope):
        texts, inner = self.params(node, scope)
        body = self.expr(node["body"], inner)
        if "result" in node:
            body = "(%s: %s)" % (body, self.cut(node["result"]))
        # What recursive functions are known by stands in the first one.
        is_annotated = any("type" in p for p in node["params"])
        glue = " -> \\" if not is_annotated and self.takes("lambdas") else " "
        return "(\\%s -> %s)" % (glue.join(texts), body)

    def bound(self, bind, scope, inner):
        """name {param} [: type] = expr; `inner` names it."""
        name, value = inner.get(bind["name"], bind["name"]), bind["value"]
        type_ = ": " + self.cut(bind["type"]) if "type" in bind else ""
        if inner is scope:
            type_ = type_ or self.signature(bind)
        if value["kind"] == "lambda" and not type_ and (
                "result" in value or self.takes("lambdas", 0.5)):
            texts, inside = self.params(value, scope)
            result = ": " + self.cut(value["result"]) if "result" in value \
                else ""
            return "%s %s%s = %s" % (name, " ".join(texts), result,
                                     self.expr(value["body"], inside))
        return "%s%s = %s" % (name, type_, self.expr(value, scope))

    def signature(self, bind):
        """The type that was inferred, where it can be written here."""
        type_ = self.types.get(bind["name"])
        if type_ is None or "result" in bind["value"] or "…" in type_ or \
                bind["name"] in self.bound_here or \
                not self.takes("signatures"):
            return ""
        named = words(re.sub(r"\w+\??:", "", type_))
        if any(n not in self.used | BUILT_IN if n[0].isupper() else
               n in self.kept for n in named):
            return ""
        return ": " + type_

    def show_let(self, node, scope):
        binds = node["bindings"]
        if node["rec"]:
            inner = self.bind([b["name"] for b in binds], scope)
            texts = [self.bound(b, inner, inner) for b in binds]
            return "(let rec %s in %s)" % (
                "\nand ".join(texts), self.expr(node["body"], inner))
        texts = []
        for bind in binds:
            if self.takes("inline", 0.5):
                text = self.expr(bind["value"], scope)
                if "type" in bind:
                    text = "(%s: %s)" % (text, self.cut(bind["type"]))
                if len(text) < 200 and not self.kept & (
                        words(text) | {bind["name"]}):
                    scope = {**scope, bind["name"]: "(%s)" % text}
                    continue
            if bind["value"]["kind"] in COMPUTED and len(binds) == 1 and \
                    "type" not in bind and self.takes("lets"):
                text = self.expr(bind["value"], scope)
                inner = self.bind([bind["name"]], scope)
                return "(match (%s) { %s => %s })" % (
                    text, inner[bind["name"]], self.expr(node["body"], inner))
            inner = self.bind([bind["name"]], scope)
            texts.append(self.bound(bind, scope, inner))
            scope = inner
        glue = " in let " if self.takes("lets", 0.5) else "; "
        if not texts:
            return self.expr(node["body"], scope)
        return "(let %s in %s)" % (glue.join(texts),
                                   self.expr(node["body"], scope))

    def show_if(self, node, scope):
        done = self.expr(node["else"], scope)
        for branch in reversed(node["branches"]):
            condition = self.expr(branch["condition"], scope)
            then = self.expr(branch["then"], scope)
            form = "(if %s then %s else %s)"
            if self.takes("branches"):
                form = self.chance.choice([
                    "(match %s { true => %s, false => %s })",
                    "(match %s { zz when zz => %s, _ => %s })",
                    "(match (%s, 1) { (true, _) => %s, (false, _) => %s })"])
            done = form % (condition, then, done)
        return done

    def show_match(self, node, scope):
        arms = []
        if self.takes("arms") and "error" not in self.used:
            arms.append('_ when false => error "no arm"')
        for arm in node["arms"]:
            split = "guard" not in arm and self.takes("arms")
            for patterns in ([[p] for p in arm["patterns"]] if split else
                             [arm["patterns"]]):
                inner = self.bind(names_of(patterns[0]), scope)
                text = " | ".join(self.pattern(p, inner) for p in patterns)
                if "guard" in arm:
                    text += " when " + self.expr(arm["guard"], inner)
                arms.append("%s => %s" % (text,
                                          self.expr(arm["body"], inner)))
        return "(match %s {%s%s%s})" % (
            "(%s)" % self.expr(node["subject"], scope), self.gap(),
            ("," + self.gap()).join(arms), self.gap())

    def show_annotated(self, node, scope):
        text = self.expr(node["expression"], scope)
        if self.takes("lets"):
            return "(let zz: %s = %s in zz)" % (self.cut(node["type"]), text)
        return "(%s: %s)" % (text, self.cut(node["type"]))

    # ---- declarations

    def declaration(self, node, scope):
        if node["kind"] == "let":
            return "%slet %s%s;" % (
                "export " * node["exported"], "rec " * node["rec"],
                "\nand ".join(self.bound(b, scope, scope)
                              for b in node["bindings"]))
        if node["kind"] == "instance" and node["methods"]:
            start = node["span"]["start"]
            head = self.source[start:node["methods"][0]["span"]["start"]]
            return head.decode("utf-8") + "".join(
                self.bound(b, scope, {}) + "; " for b in node["methods"])
        text = self.cut(node)
        return text if text.rstrip().endswith((";", "where")) else text + ";"

    def program(self):
        scope = {}
        if "tops" in self.ways and self.tree["result"] is not None and \
                not any(d["kind"] == "export" for d in
                        self.tree["declarations"]):
            scope = self.rename_tops()
        done = [self.declaration(d, scope)
                for d in self.tree["declarations"]]
        result = self.tree["result"]
        if result is not None:
            result = self.expr(result, scope)
        done += self.lifted
        if "permute" in self.ways:
            self.chance.shuffle(done)
        if self.tree["module"]:
            done.insert(0, "module %s;" % self.tree["module"])
        if result is not None:
            done.append(result)
        return "\n".join(done) + "\n"

    def rename_tops(self):
        """Of the bindings that no verbatim text names."""
        return self.bind([b["name"] for d in self.tree["declarations"]
                          if d["kind"] == "let" for b in d["bindings"]], {})

    def binders(self, node):
        """What is bound by something else than a declaration."""
        if isinstance(node, list):
            for part in node:
                yield from self.binders(part)
        elif isinstance(node, dict):
            if node.get("kind") == "let" and "exported" not in node:
                yield from (b["name"] for b in node["bindings"])
            for key, part in node.items():
                if key in ("pattern", "for"):
                    yield from names_of(part)
                elif key == "patterns":
                    yield from (n for p in part for n in names_of(p))
                else:
                    yield from self.binders(part)

    def verbatim(self, node):
        """The texts that are copied as they stand."""
        if isinstance(node, list):
            for part in node:
                yield from self.verbatim(part)
        elif isinstance(node, dict):
            if node.get("kind") in ("type", "typeclass", "import", "input"):
                yield self.cut(node)
            for key, part in node.items():
                if key in ("type", "result", "head", "context") and \
                        isinstance(part, dict) and "span" in part and \
                        part["kind"] in TYPES:
                    yield self.cut(part)
                else:
                    yield from self.verbatim(part)
