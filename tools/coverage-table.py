#!/usr/bin/env python3
"""coverage-table.py FILE: the summary that gcovr writes as JSON, as a table of
files, then of folders, then of the parts for which 100 % is asked."""
import json
import os
import sys

# What CASES.md wants covered whole.
WHOLE = [
    ("lexer", "syntax/lexer"),
    ("parser", "syntax/pars"),
    ("JSON writer", "eval/write_json"),
    ("cache reader", ("cli/run_record", "cli/run_cache", "cli/cache_folder",
                      "cli/module_pack", "cli/module_store",
                      "eval/stored_values", "typecheck/stored_types",
                      "support/pack")),
]
COUNTS = ("line_covered", "line_total", "branch_covered", "branch_total")


def percent(covered, total):
    return "%6.1f %%" % (100.0 * covered / total) if total else "       -"


def row(name, counts):
    print("%-36s %s %6d/%-6d %s %6d/%-6d" % (
        name, percent(*counts[:2]), *counts[:2],
        percent(*counts[2:]), *counts[2:]))


def add(files, chosen):
    return [sum(counts[i] for name, counts in files if chosen(name))
            for i in range(len(COUNTS))]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        summary = json.load(file)
    files = sorted((entry["filename"], [entry[key] for key in COUNTS])
                   for entry in summary["files"])
    print("%-36s %8s %-13s %8s" % ("", "lines", "", "branches"))
    for name, counts in files:
        row(name, counts)
    print()
    for folder in sorted({os.path.dirname(name) for name, _ in files}):
        row(folder + "/", add(files, lambda n: os.path.dirname(n) == folder))
    row("all", add(files, lambda n: True))
    print()
    for name, prefix in WHOLE:
        row(name, add(files, lambda n: n.startswith(prefix)))


if __name__ == "__main__":
    main()
