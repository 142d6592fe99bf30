"""Random programs of many modules, sound and broken, with --async and without:
what is printed, what is said and how it ends must be the same to the byte. Code
that is not optimised, of which nothing is evaluated early, prints the same and
ends the same.

usage: async.py LIGATURE COUNT FIRST_SEED
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile

WAYS = [
    (["--async", "--workers", "1"], False),
    (["--async", "--workers", "2"], True),
    (["--async", "--workers", "8"], True),
]


def data_file(rng, folder, name):
    """A file of data; what is wrong with it shows where it is used."""
    kind = rng.choice([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5])
    texts = [
        '{"size": 3, "tags": ["a", "b"]}',
        '{"size": 9, "tags": []}',
        '{"size": "x", "tags": ["a"]}',
        '{"size": 3, "tags": ["a", 1]}',
        '{"size": 3, "tags": [}',
        '{"size": -1, "tags": ["a"]}',
    ]
    with open(os.path.join(folder, name), "w") as file:
        file.write(texts[kind])


def flaw(rng, name):
    """Something wrong, or worth a warning, or dear."""
    return rng.choice(
        [
            "let broken = 1 + true;",
            "let twice = 1; let twice = 2;",
            "let fails = 1 / 0; export let late%s = fails;" % name,
            "let fails = nobody + 1;",
            "let bad: Small = 70;",
            "let open = [1, 2;",
            "let hidden = 3;",
            "let rec down n = down n;",
            "let hole x = match x { Some y => y };",
            "instance Show Nobody where show x = \"\";",
            "input depth%s: Integer = 4;" % name,
            "let worth = parseRegex 1;",
        ]
    )


def module(rng, i, count, flaws, cycles):
    name = "m%d" % i
    lines = []
    parts = [str(i)]
    others = range(i + 1, count)
    most = rng.randrange(1 if i < 3 else 0, 4)
    wanted = rng.sample(others, min(len(others), most))
    if cycles and rng.random() < 0.1:
        wanted.append(rng.randrange(count))
    for other in wanted:
        form = rng.randrange(5)
        if form == 0:
            lines.append('import "./m%d";' % other)
            parts.append("m%d.v%d" % (other, other))
        elif form == 1:
            lines.append('import "./m%d" as o%d;' % (other, other))
            parts.append("o%d.f%d %d" % (other, other, i))
        elif form == 2:
            lines.append(
                "import { v%d as w%d, T%d } from \"./m%d\";"
                % (other, other, other, other)
            )
            parts.append("w%d" % other)
        elif form == 3:
            lines.append('import "./m%d" { f%d, T%d };' % (other, other, other))
            parts.append(
                "f%d (match C%d 2 { C%d n => n, D%d => 0 })"
                % ((other,) * 4)
            )
        else:
            lines.append('import "./m%d" { Sized%d };' % (other, other))
    if rng.random() < 0.3:
        lines.append("import std.list as L;")
        if rng.random() < 0.8:
            parts.append("L.sum (L.range 1 %d)" % rng.randrange(1, 9))
    data = rng.random()
    if data < 0.15:
        lines.append('import "./d%d.json" as data;' % rng.randrange(3))
        if rng.random() < 0.7:
            parts.append("data.size")
    elif data < 0.35:
        lines.append(
            'import "./d%d.json" as data: { size: Small, tags: List String };'
            % rng.randrange(3)
        )
        parts.append("data.size")
    if flaws and rng.random() < 0.05:
        lines.append('import "./nowhere%d";' % i)
    lines.append("type Small = Integer where x >= 0 && x < 9;")
    lines.append("export type T%d = C%d Integer | D%d;" % (i, i, i))
    lines.append(
        "typeclass Sized%d a where size%d  : a -> Integer;\n  export Sized%d;"
        % (i, i, i)
    )
    lines.append(
        "instance Sized%d Integer where\n  size%d n = n;" % (i, i)
    )
    lines.append("export let v%d = %s;" % (i, " + ".join(parts)))
    lines.append("export let f%d x = x + v%d;" % (i, i))
    if flaws and rng.random() < flaws:
        lines.insert(rng.randrange(len(lines) + 1), flaw(rng, name))
    return "\n".join(lines) + "\n"


def program(rng, folder):
    count = rng.choice([2, 3, 6, 12, 36])
    flaws = rng.choice([0, 0, 0.02, 0.1, 0.4])
    cycles = rng.random() < 0.2
    for i in range(3):
        data_file(rng, folder, "d%d.json" % i)
    for i in range(count):
        with open(os.path.join(folder, "m%d.lig" % i), "w") as file:
            file.write(module(rng, i, count, flaws, cycles))
    return count


def run(ligature, folder, arguments, seed, **variables):
    environment = dict(os.environ, **variables)
    environment["LIGATURE_DISK_CACHE"] = "never"
    environment["LIGATURE_OVERSUBSCRIBE"] = "1"
    if seed:
        environment["LIGATURE_SCHED_SEED"] = str(seed)
    done = subprocess.run(
        [ligature] + arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return (done.returncode, done.stdout, done.stderr)


def commands(rng, count):
    other = rng.random()
    if other < 0.1:
        data = ["d%d.json" % rng.randrange(3) for _ in range(2)]
        if rng.random() < 0.2:
            data.append("gone.json")
        return ["validate", "--type", "m0.lig#" + rng.choice(["Small", "T0"])] \
            + data
    if other < 0.2:
        return ["graph", "m0.lig", "--format", "json"]
    verb = rng.choice(["eval", "eval", "eval", "typecheck"])
    command = [verb, "m0.lig"]
    if count > 3 and rng.random() < 0.3:
        command.append("m%d.lig" % rng.randrange(1, count))
    elif verb == "eval" and rng.random() < 0.2:
        command += ["--expr", rng.choice(["v0 + 1", "f0 nobody", "[v0, 1"])]
    if rng.random() < 0.2:
        command += ["--input", rng.choice(["depthm0=7", "none=1", "depthm1=x"])]
    if rng.random() < 0.05:
        command += ["--input-file", rng.choice(["d0.json", "gone.json"])]
    if rng.random() < 0.05:
        command += ["--max-modules", "4"]
    if rng.random() < 0.1:
        command += ["--max-errors", "1000", "--werror"]
    return command


def main():
    ligature, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    failed = 0
    ends = {}
    for seed in range(first, first + count):
        rng = random.Random(seed)
        folder = tempfile.mkdtemp(prefix="ligature_async_")
        command = commands(rng, program(rng, folder))
        want = run(ligature, folder, command + ["--sequential"], 0)
        ends[want[0]] = ends.get(want[0], 0) + 1
        for way, seeded in WAYS:
            got = run(ligature, folder, command + way, seed if seeded else 0)
            if got != want:
                failed += 1
                print("# seed %d: %s" % (seed, " ".join(command + way)))
                print("# status %d, not %d" % (got[0], want[0]))
                for text in (want[1], got[1], want[2], got[2]):
                    for line in text.decode(errors="replace").split("\n")[:12]:
                        print("# " + line[:300])
                    print("#--")
                break
        plain = run(ligature, folder, command, 0, LIGATURE_PLAIN_CODE="1")
        if plain[:2] != want[:2]:
            failed += 1
            print("# seed %d: %s: plain code differs" % (seed, command))
        if got == want or not os.environ.get("TEST_KEEP"):
            shutil.rmtree(folder)
    # Where nothing is right, or nothing is wrong, little is compared.
    mixed = count < 20 or (ends.get(0, 0) > 0 and ends.get(1, 0) > 0)
    print("# exit codes: %s" % ends)
    good = failed == 0 and mixed
    print(("ok" if good else "not ok") + " 1 - %d programs" % count)
    print("1..1")
    sys.exit(0 if good else 1)


main()
