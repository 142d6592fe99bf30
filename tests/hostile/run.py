#!/usr/bin/env python3
"""run.py BUILD [NUMBER...]: the rows of CASES.md, each with its placements, at
1, 2 and 8 workers and with --async. TAP on standard output; at the end which
rows are covered.
TEST_SCALE_DIV divides the sizes; HOSTILE_SLOW=1 takes those of CASES.md where
they are smaller by default, HOSTILE_UNTRUSTED=1 runs all with --untrusted."""
import os
import sys

sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]
import harness  # noqa: E402
import cases_eval  # noqa: E402,F401
import cases_run  # noqa: E402,F401
import cases_files  # noqa: E402,F401
import cases_syntax  # noqa: E402,F401
import cases_types  # noqa: E402,F401
from sizes import is_instrumented  # noqa: E402


def main():
    build = os.path.abspath(sys.argv[1])
    chosen = {int(word) for word in sys.argv[2:]}
    env = {k: v for k, v in os.environ.items()
           if k not in ("CI", "GITHUB_ACTIONS", "CLICOLOR_FORCE")}
    env["LC_ALL"] = "C"
    env["LIGATURE_DISK_CACHE"] = "never"
    if harness.UNTRUSTED:
        env["LIGATURE_UNTRUSTED"] = "1"
    ligature = os.path.join(build, "ligature")
    number = failures = 0
    covered = {}
    for case, expect, function in sorted(harness.CASES, key=lambda c: c[0]):
        if chosen and case not in chosen:
            continue
        bulk = case in BULK
        count, wrong = 0, []
        for variant in function():
            count += 1
            found = harness.run_variant(ligature, variant, expect,
                                        is_instrumented(), env)
            if found is not None:
                wrong.append((variant.label, found))
            if not bulk:
                number += 1
                report(number, "%d.%d %s %s" % (
                    case, count, function.__name__, shown(variant.label)),
                    wrong)
                failures += bool(wrong)
                wrong = []
        if bulk:
            number += 1
            report(number, "%d %s (%d)" % (case, function.__name__, count),
                   wrong)
            failures += bool(wrong)
        covered[case] = covered.get(case, 0) + count
    if not chosen:
        number += 1
        failures += not report_rows(number, covered)
    print("1..%d" % number)
    return failures != 0 or number == 0


# Rows whose placements are too many for a line each.
BULK = {31, 32}
# Rows that no file and command line alone can express.
ELSEWHERE = {
    131: "tests/faults/run.py: thread",
    132: "here, and 1,000 schedules in tests/stress.sh",
    133: "tests/cache.sh", 134: "tests/cache.sh", 135: "tests/cache.sh",
    136: "tests/cache.sh", 137: "tests/cache.sh", 138: "tests/cache.sh",
    139: "tests/cache.sh, and --untrusted in tests/untrusted.sh",
}
ROWS = 147


def shown(label):
    return label.encode("unicode_escape").decode().replace("#", "\\x23")[:80]


def report(number, name, wrong):
    print("%sok %d - %s" % ("not " if wrong else "", number, name.strip()))
    for label, text in wrong[:5]:
        print("# %s %s" % (shown(label), text.replace("\n", "\n# ")))
    if len(wrong) > 5:
        print("# and %d more" % (len(wrong) - 5))
    sys.stdout.flush()


def report_rows(number, covered):
    for row in range(1, ROWS + 1):
        there = ["%d here" % covered[row]] if row in covered else []
        there += [ELSEWHERE[row]] if row in ELSEWHERE else []
        print("# row %d: %s" % (row, "; ".join(there) or "MISSING"))
    missing = [row for row in range(1, ROWS + 1)
               if row not in covered and row not in ELSEWHERE]
    print("# %d rows, %d cases, at 1, 2 and 8 workers and --async" % (
        len(covered), sum(covered.values())))
    print("%sok %d - every row of CASES.md is somewhere" % (
        "not " if missing else "", number))
    return not missing


if __name__ == "__main__":
    sys.exit(main())
