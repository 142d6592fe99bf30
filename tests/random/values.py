"""Values of random programs and what ligature does with them: what gen.py and
wide.py share. Records are dicts, maps MapValues, unions Unions."""
import json
import math

INT_MIN, INT_MAX = -(1 << 63), (1 << 63) - 1
BIGGEST = 20000


class Failure(Exception):
    """The program's own error."""


class Discard(Exception):
    """The program takes too long."""


class MapValue(dict):
    """A value of a Map."""


class Union:
    """A value of a union."""

    def __init__(self, name, args, tag):
        self.name, self.args, self.tag = name, args, tag

    def __eq__(self, other):
        return self.name == other.name and self.args == other.args

    def __repr__(self):
        return "%s%r" % (self.name, self.args)


# None comes before Some in Ord, whatever the declaration says.
NONE = Union("None", (), 0)


def some(value):
    return Union("Some", (value,), 1)


def not_none(value):
    return value.name != "None"


# Types: "Integer", "Float", "String", "Boolean", ("List", t), ("Tuple", ts),
# ("Record", ((name, t), ...)), ("Option", t), ("Map", t), ("Union", name); a
# record with defaults has its name at the end.

def type_text(t):
    if isinstance(t, str):
        return t
    if t[0] == "List":
        return "List %s" % type_atom(t[1])
    if t[0] == "Option":
        return "Option %s" % type_atom(t[1])
    if t[0] == "Map":
        return "Map %s" % type_atom(t[1])
    if t[0] == "Tuple":
        return "(%s)" % ", ".join(type_text(x) for x in t[1])
    if t[0] == "Record" and len(t) == 3:
        return t[2]
    if t[0] == "Record":
        return "{ %s }" % ", ".join("%s: %s" % (n, type_text(x))
                                    for n, x in t[1])
    return t[1]


def type_atom(t):
    text = type_text(t)
    return "(%s)" % text if text[0] not in "({" and " " in text else text


def has_record(t):
    return not isinstance(t, str) and (
        t[0] == "Record" or any(map(has_record, t[1] if t[0] == "Tuple"
                                    else t[1:] if t[0] != "Union" else ())))


def payload_text(t):
    # `A (b, c)` would be two.
    text = type_atom(t)
    return "(%s)" % text if t[0] == "Tuple" else text


def integer(value):
    if not INT_MIN <= value <= INT_MAX:
        raise Failure("overflow")
    return value


def finite(value):
    if math.isinf(value) or math.isnan(value):
        raise Failure("not finite")
    return value


def divide(a, b):
    if b == 0:
        raise Failure("division by zero")
    quotient = abs(a) // abs(b)
    return integer(quotient if (a < 0) == (b < 0) else -quotient)


def remainder(a, b):
    if b == 0:
        raise Failure("division by zero")
    return abs(a) % abs(b) * (-1 if a < 0 else 1)


def divide_float(a, b):
    if b == 0:
        raise Failure("division by zero")
    return finite(a / b)


def times_float(a, b):
    return finite(a * b)


def sized(value):
    if len(value) > BIGGEST:
        raise Discard()
    return value


def compare(a, b):
    """-1, 0 or 1, as Ord's derived instances say."""
    if isinstance(a, Union):
        if a.tag != b.tag:
            return -1 if a.tag < b.tag else 1
        a, b = a.args, b.args
    if isinstance(a, (list, tuple)):
        for x, y in zip(a, b):
            c = compare(x, y)
            if c != 0:
                return c
        return (len(a) > len(b)) - (len(a) < len(b))
    return (a > b) - (a < b)


def float_text(x):
    if x == 0:
        return "-0.0" if math.copysign(1, x) < 0 else "0.0"
    sign, (digits, exponent) = "-" if x < 0 else "", scientific(abs(x))
    if 1e-5 <= abs(x) < 1e21:
        point = exponent + 1
        if point <= 0:
            return sign + "0." + "0" * -point + digits
        if point >= len(digits):
            return sign + digits + "0" * (point - len(digits)) + ".0"
        return sign + digits[:point] + "." + digits[point:]
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return "%s%se%d" % (sign, mantissa, exponent)


def scientific(x):
    """Shortest digits of x > 0, and the exponent of the first one."""
    text = repr(x)
    mantissa, _, exponent = text.partition("e")
    whole, _, part = mantissa.partition(".")
    digits = whole + part
    first = len(whole) - 1 + int(exponent or 0)
    stripped = digits.lstrip("0")
    first -= len(digits) - len(stripped)
    return stripped.rstrip("0"), first


def string_text(text):
    out = ['"']
    for c in text:
        if c in '"\\':
            out.append("\\" + c)
        elif c == "\n":
            out.append("\\n")
        elif c == "\t":
            out.append("\\t")
        else:
            out.append(c)
    return "".join(out) + '"'


def show(v, t):
    if t == "Integer":
        return str(v)
    if t == "Float":
        return float_text(v)
    if t == "String":
        return string_text(v)
    if t == "Boolean":
        return "true" if v else "false"
    if t[0] == "List":
        return "[%s]" % ", ".join(show(x, t[1]) for x in v)
    if t[0] == "Tuple":
        return "(%s)" % ", ".join(show(x, s) for x, s in zip(v, t[1]))
    raise AssertionError(t)


# JSON as nested tuples, so that order and kind of number count.

def to_json(v):
    if isinstance(v, Union):
        if v.name == "None":
            return None
        if v.name == "Some":
            return to_json(v.args[0])
        if not v.args:
            return v.name
        inner = [to_json(x) for x in v.args]
        return ("object", ((v.name, inner[0] if len(inner) == 1
                            else ("array", tuple(inner))),))
    if isinstance(v, dict):
        return ("object", tuple((k, to_json(x)) for k, x in v.items()
                                if x is not NONE or isinstance(v, MapValue)))
    if isinstance(v, (list, tuple)):
        return ("array", tuple(to_json(x) for x in v))
    if isinstance(v, float):
        return ("float", float_text(v))
    return v


def call_all(f, *args):
    for a in args:
        f = f(a)
    return f


def json_text(v):
    """Of what to_json() gives, as ligature writes it on one line."""
    if not isinstance(v, tuple):
        return json.dumps(v, ensure_ascii=False)
    kind, inner = v
    if kind == "object":
        return "{%s}" % ",".join("%s:%s" % (json_text(k), json_text(x))
                                 for k, x in inner)
    if kind == "array":
        return "[%s]" % ",".join(json_text(x) for x in inner)
    return inner


def through_json(v, t, unions):
    """A value of a type as it is read back: records without the fields that
    are None, which then come last."""
    def read(x, s):
        return through_json(x, s, unions)
    if isinstance(t, str) or v is NONE:
        return v
    if t[0] == "List":
        return [read(x, t[1]) for x in v]
    if t[0] == "Map":
        return MapValue((k, read(x, t[1])) for k, x in v.items())
    if t[0] == "Option":
        return some(read(v.args[0], t[1]))
    if t[0] == "Tuple":
        return tuple(map(read, v, t[1]))
    if t[0] == "Union":
        payload = dict(unions[t[1]])[v.name]
        return Union(v.name, tuple(map(read, v.args, payload)), v.tag)
    types = dict(t[1])
    there = {n: read(x, types[n]) for n, x in v.items() if x is not NONE}
    return {**there, **{n: NONE for n, _ in t[1] if n not in there}}
