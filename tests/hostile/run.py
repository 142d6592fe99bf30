#!/usr/bin/env python3
"""run.py BUILD [NUMBER...]: the cases of hostile input, each at 1, 2 and 8
workers. TAP on standard output. TEST_SCALE_DIV divides the sizes."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import cases_eval  # noqa: E402,F401
import cases_files  # noqa: E402,F401
import cases_syntax  # noqa: E402,F401
import cases_types  # noqa: E402,F401


def main():
    build = os.path.abspath(sys.argv[1])
    chosen = {int(word) for word in sys.argv[2:]}
    instrumented = any(word in os.path.basename(build)
                       for word in ("asan", "tsan", "ubsan"))
    env = {k: v for k, v in os.environ.items()
           if k not in ("CI", "GITHUB_ACTIONS", "CLICOLOR_FORCE")}
    env["LC_ALL"] = "C"
    ligature = os.path.join(build, "ligature")
    number = failures = 0
    for case, expect, function in sorted(harness.CASES, key=lambda c: c[0]):
        if chosen and case not in chosen:
            continue
        wrong = []
        count = 0
        for variant in function():
            count += 1
            found = harness.run_variant(ligature, variant, expect,
                                        instrumented, env)
            if found is not None:
                wrong.append((variant.label, found))
        number += 1
        name = "%d %s (%d)" % (case, function.__name__, count)
        print("%sok %d - %s" % ("not " if wrong else "", number, name))
        for label, text in wrong[:5]:
            print("# %s %s" % (label, text.replace("\n", "\n# ")))
        if len(wrong) > 5:
            print("# and %d more" % (len(wrong) - 5))
        failures += bool(wrong)
        sys.stdout.flush()
    print("1..%d" % number)
    return failures != 0 or number == 0


if __name__ == "__main__":
    sys.exit(main())
