#!/usr/bin/env python3
"""data.py BUILD COUNT [FIRST]: random types and JSON for them, from the seed
FIRST on, sound and broken. However the data is read, as an import, as one that
is long enough for a tape (padded with blanks, and repeated), at several numbers
of workers, by validate, --input-file or decode, as YAML and TOML, short and long: it
must give the same value or, where it does not fit, the same diagnostics. What is printed reads
back at its type. TAP on standard output."""
import json
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import driver  # noqa: E402

NAMES = ["a", "b", "c", "name", "port", "type", "x y", "Über"]
PAD = "\n" + " " * 70000  # more than a tree is made of
COMMENT_PAD = "\n#" + " " * 70000
DEFAULTS = {"Integer": ["3", "1 + 2"], "String": ['"text"'],
            "Boolean": ["true"], "Float": ["2.5", "1"],
            "List (Integer)": ["[]", "[1, -2]", "[1, 2]"],
            "List (String)": ["[]", '["a", "b"]'],
            "List (List (Float))": ["[[1, 2.5], []]"]}
SCALARS = {
    "Integer": ["1", "0", "-5", "12", "9223372036854775807",
                "-9223372036854775808", "9223372036854775808", "1.0", "1e2"],
    "Float": ["1", "0.5", "-0.0", "1e300", "1E+2", "1.5e-7", "1e400",
              "123456789012345678901234567890", "5e-324"],
    "String": ['""', '"a"', '"abc"', '"\\u00e9\\n"', '"é😀"', '"\\ud83d\\ude00"',
               '"\\ud800"', '"a\\"b\\\\c\\/"', '"a longer text"', '"\\u0000"'],
    "Boolean": ["true", "false"],
    "Unit": ["null"],
}
TOKENS = ["null", "1", '"x"', "[]", "{}", "true", "1.5", "[1]", '{"a":1}', "-",
          "tru", "1.", '"\\x"', "\x01", '"']


def in_brackets(text):
    return "(%s)" % text


class Types:
    """Declarations, and types with functions that make data for them."""

    def __init__(self, chance):
        self.chance, self.declared, self.unions = chance, [], 0

    def declare(self, text):
        name = "T%d" % len(self.declared)
        self.declared.append("type %s = %s;" % (name, text))
        return name

    def make(self, depth):
        """The type's text, and a function without arguments."""
        kinds = [self.scalar, self.scalar, self.refined]
        if depth > 0:
            kinds += [self.list_, self.list_, self.record, self.record,
                      self.record, self.option, self.tuple_, self.map_,
                      self.union, self.json]
        return self.chance.choice(kinds)(depth - 1)

    def scalar(self, _):
        name = self.chance.choice(sorted(SCALARS))
        if self.chance.random() < 0.1:
            return "List (%s)" % name, lambda: self.array(
                [self.chance.choice(SCALARS[name]) for _ in range(2)])
        return name, lambda: self.chance.choice(SCALARS[name])

    def refined(self, _):
        text, values = self.chance.choice([
            ("Integer where x > 0 && x < 50", ["1", "7", "49", "1", "0", "50"]),
            ("String where length > 1", ['"ab"', '"é😀"', '"abc"', '"a"']),
            ('String with length > 0 with regexp(r"^[a-z]+$")',
             ['"ab"', '"abc"', '"A"', '""'])])
        return self.declare(text), lambda: self.chance.choice(values)

    def list_(self, depth):
        item, data = self.make(depth)
        text = "List " + in_brackets(item)
        if self.chance.random() < 0.2:
            text = self.declare(text + " where length < 3")
        return text, lambda: self.array(
            [data() for _ in range(self.chance.choice([0, 1, 2, 2, 3]))])

    def option(self, depth):
        item, data = self.make(depth)
        return "Option " + in_brackets(item), lambda: (
            "null" if self.chance.random() < 0.3 else data())

    def map_(self, depth):
        item, data = self.make(depth)
        return "Map " + in_brackets(item), lambda: self.object(
            [(name, data()) for name in self.chance.sample(NAMES, 2)])

    def tuple_(self, depth):
        parts = [self.make(depth) for _ in range(self.chance.choice([2, 3]))]
        return in_brackets(", ".join(text for text, _ in parts)), \
            lambda: self.array([data() for _, data in parts])

    def json(self, _):
        return "Json", lambda: self.any(2)

    def any(self, depth):
        kind = self.chance.randrange(7 if depth > 0 else 5)
        if kind < 5:
            return self.chance.choice(["1", "2.5", '"s"', "true", "null", "1e3",
                                       "-0.0", '"\\u00e9"'])
        if kind == 5:
            return self.array([self.any(depth - 1) for _ in range(2)])
        return self.object([(name, self.any(depth - 1))
                            for name in self.chance.sample(NAMES, 2)])

    def union(self, depth):
        self.unions += 1
        a, b, c = ("%s%d" % (letter, self.unions) for letter in "ABC")
        first, first_data = self.make(depth)
        second, second_data = self.make(depth)
        if ".." in first + second or any(
                ".." in text for text in self.declared):
            first, first_data = self.scalar(0)
            second, second_data = self.scalar(0)
        name = "U%d" % self.unions
        self.declared.append("type %s = %s | %s (%s) | %s (%s) (%s);" % (
            name, a, b, first, c, first, second))

        def data():
            kind = self.chance.randrange(3)
            if kind == 0:
                return '"%s"' % a
            if kind == 1:
                return self.object([(b, first_data())])
            return self.object(
                [(c, self.array([first_data(), second_data()]))])
        return name, data

    def record(self, depth):
        fields, parts = [], []
        for name in self.chance.sample(NAMES, self.chance.randrange(5)):
            text, data = self.make(depth)
            shown = name if re.fullmatch("[a-z]+", name) else \
                json.dumps(name, ensure_ascii=False)
            way = self.chance.randrange(5)
            if way == 0:
                fields.append("%s?: %s" % (shown, text))
            elif way == 1 and text in DEFAULTS:
                fields.append("%s: %s = %s" % (
                    shown, text, self.chance.choice(DEFAULTS[text])))
            else:
                fields.append("%s: %s" % (shown, text))
            parts.append((name, data, 1 if way > 1 else 0.5))
        is_open = self.chance.random() < 0.1
        if is_open:
            fields.append("..")
        text = "{ %s }" % ", ".join(fields)
        if self.chance.random() < 0.5:
            text = self.declare(text)

        def make():
            members = [(name, data()) for name, data, often in parts
                       if self.chance.random() < often]
            if self.chance.random() < 0.3:
                self.chance.shuffle(members)
            if is_open or self.chance.random() < 0.02:
                members.append(("more", self.any(1)))
            if members and self.chance.random() < 0.02:
                members.append(members[0])
            if members and self.chance.random() < 0.02:
                members.pop()
            return self.object(members)
        return text, make

    def space(self):
        return self.chance.choice(["", "", " ", "\n", "\t"])

    def array(self, items):
        return "[%s%s%s]" % (self.space(), ("," + self.space()).join(items),
                             self.space())

    def object(self, members):
        texts = ["%s%s:%s%s" % (
            json.dumps(name, ensure_ascii=self.chance.random() < 0.2),
            self.space(), self.space(), text) for name, text in members]
        return "{%s%s}" % (self.space(), ("," + self.space()).join(texts))


def mutant(chance, text):
    """Mostly the text itself; else with a few tokens lost or changed."""
    if chance.random() < 0.6:
        return text
    tokens = re.findall(r'"(?:\\.|[^"\\])*"|[-\w.+]+|\s+|.', text)
    for _ in range(chance.choice([1, 1, 2])):
        at = chance.randrange(len(tokens))
        tokens[at] = chance.choice(["", chance.choice(TOKENS), tokens[at] * 2,
                                    chance.choice(tokens)])
    return "".join(tokens)


def codes(err):
    return sorted(re.findall(rb"^(?:error|warning)\[(\w+)\]", err, re.M))


class Case:
    def __init__(self, ligature, seed):
        self.ligature = ligature
        self.chance = random.Random(seed)
        types = Types(self.chance)
        text, data = types.make(3)
        self.types = "".join(line + "\n" for line in types.declared) + \
            "type D = %s;\n" % text
        self.is_typed = self.chance.random() < 0.85
        self.data = mutant(self.chance, data())
        self.wrong = None

    def put(self, name, text):
        if isinstance(text, str):
            text = text.encode("utf-8")
        with open(name, "wb") as file:
            file.write(text)

    def import_of(self, name, type_=": D"):
        return self.types + 'import "./%s" as d%s;\nd\n' % (
            name, type_ if self.is_typed else "")

    def run(self, *args):
        return driver.run([self.ligature] + list(args))

    def eval(self, *args):
        return self.run("eval", "--compact", *args)

    def say(self, way, found):
        if self.wrong is None:
            self.wrong = "%s\n%s%s\nimport: %r\n%s: %r" % (
                way, self.types, self.data, self.first, way, found)

    def same(self, way, found):
        """To the byte, but for the name of the file; where the text goes on
        behind its end, what is said of the end may differ."""
        first = self.first
        if b"end of the file" in first[2] or b"does not end" in first[2]:
            found, first = found[:2], first[:2]
        else:
            found = found[:2] + (found[2].replace(b"long.json", b"data.json")
                                 .replace(b"long.lig", b"data.lig"),)
        if found != first:
            self.say(way, found)

    def padded(self, name, first, *args):
        """As a file that is long enough for a tape: the same to the byte."""
        stem, ending = name.split(".")
        with open(name, "rb") as file:
            pad = PAD if ending == "json" else COMMENT_PAD
            self.put("padded." + ending, file.read() + pad.encode("utf-8"))
        for workers in "1", "8":
            code, out, err = self.run(
                *(arg.replace(name, "padded." + ending) for arg in args),
                "--workers", workers)
            err = err.replace(("padded." + ending).encode("utf-8"),
                              name.encode("utf-8"))
            both = err + first[2]
            if b"end of the file" in both or b"does not end" in both:
                err = first[2]
            if (code, out, err) != first:
                self.say("%s, %s workers: %r" % (" ".join(args), workers,
                                                 first), (code, out, err))

    def alike(self, way, found):
        """The same value, or also an error."""
        if found[:2] != self.first[:2] and (found[0] == 0 or
                                            self.first[0] == 0):
            self.say(way, found)

    def check(self):
        self.put("data.json", self.data)
        self.put("data.lig", self.import_of("data.json"))
        self.first = self.eval("--sequential", "data.lig")
        if self.first[0] not in (0, 1):
            self.say("exit code", self.first)
        self.put("long.json", self.data + PAD)
        self.put("long.lig", self.import_of("long.json"))
        for way in (["--sequential"], ["--workers", "8"],
                    ["--async", "--workers", "2"]):
            self.same("padded " + " ".join(way), self.eval(*way, "long.lig"))
        self.put("front.json", PAD + self.data)
        self.put("front.lig", self.import_of("front.json"))
        found = self.eval("front.lig")
        if found[:2] != self.first[:2] or \
                codes(found[2]) != codes(self.first[2]):
            self.say("padded in front", found)
        if self.is_typed:
            self.check_typed()
        if self.first[0] == 0:
            self.check_again()
        return self.wrong

    def check_typed(self):
        self.put("types.lig", self.types + "input d: D;\nd\n")
        found = self.run("validate", "data.json", "--type", "types.lig#D")
        # What fits may not print (Some None).
        if b"error[E04" not in self.first[2] and \
                codes(found[2]) != codes(self.first[2]):
            self.say("validate", found)
        self.padded("data.json", found, "validate", "data.json", "--type",
                    "types.lig#D")
        self.put("input.json", '{"d":%s}' % self.data)
        found = self.eval("types.lig", "--input-file", "input.json")
        self.alike("--input-file", found)
        self.padded("input.json", found, "eval", "--compact", "types.lig",
                    "--input-file", "input.json")
        self.check_yaml()
        self.check_toml()
        if ".." not in self.types:  # which fields, decode cannot know
            self.put("data.txt", self.data)
            self.put("decode.lig", self.types + DECODE)
            self.alike("decode", self.eval("decode.lig"))

    def check_yaml(self):
        """Whatever fits Json, at the type."""
        self.put("any.lig", 'import "./data.json" as d: Json;\nd\n')
        code, out, _ = self.run("eval", "-f", "yaml", "any.lig")
        if code == 0:
            self.put("any.yaml", out)
            found = self.run("validate", "any.yaml", "--type", "types.lig#D")
            self.padded("any.yaml", found, "validate", "any.yaml", "--type",
                        "types.lig#D")
            self.put("list.yaml", b"".join(
                b"-\n" + re.sub(rb"(?m)^", b"  ", out) + b"\n"
                for _ in range(5)))
            found = self.run("validate", "list.yaml", "--type",
                             "types.lig#List D")
            self.padded("list.yaml", found, "validate", "list.yaml", "--type",
                        "types.lig#List D")

    def check_toml(self):
        self.put("table.lig", 'import "./data.json" as d: Json;\n'
                 '{ all = [{ d = d }, { d = d }], one = d }\n')
        code, out, _ = self.run("eval", "-f", "toml", "table.lig")
        if code == 0:
            self.put("any.toml", out)
            self.put("table.lig", self.types +
                     "type Table = { all: List { d: D }, one: D };\n")
            found = self.run("validate", "any.toml", "--type",
                             "table.lig#Table")
            self.padded("any.toml", found, "validate", "any.toml", "--type",
                        "table.lig#Table")

    def check_again(self):
        value = self.first[1].strip()
        if self.is_typed and len(value) > 2:
            self.put("long.json", b"[%s]" % b",\n".join(
                [self.data.encode("utf-8")] * (200000 // len(self.data) + 1)))
            self.put("long.lig", self.import_of("long.json", ": List (D)"))
            times = 200000 // len(self.data) + 1
            for workers in "1", "8":
                found = self.eval("--workers", workers, "long.lig")
                if found[1] != b"[%s]\n" % b",".join([value] * times):
                    self.say("repeated, %s workers" % workers,
                             (found[0], found[1][:1000], found[2]))
        self.put("data.json", self.first[1])
        self.alike("what was printed", self.eval("data.lig"))
        code, out, err = self.run("eval", "-f", "yaml", "data.lig")
        if code == 0:
            self.put("data.yaml", out)
            self.put("yaml.lig", self.import_of("data.yaml"))
            self.alike("YAML", self.eval("yaml.lig"))
        else:
            self.say("printing YAML", (code, out, err))


DECODE = """import std.encoding as E;
import "./data.txt" as text;
let result: Result D String =
  match E.parseJson text { Ok json => E.decode json, Err why => Err why };
match result { Ok value => value, Err why => error why }
"""


if __name__ == "__main__":
    sys.exit(driver.main("random data", lambda ligature, seed:
                         Case(ligature, seed).check()))
