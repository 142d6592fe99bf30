#!/usr/bin/env python3
"""coverage-possible.py FROM TO: takes out of gcovr's JSON what no test can
reach, because the program says so:

- gcc counts a branch for no case at all of each `switch`. Over an enum, where
  there is no `default`, every value is listed (-Wswitch-enum is an error).
- In a `switch` before `UNREACHABLE();`, the cases that only `break` are those
  that cannot be."""
import json
import re
import sys


def indent(line):
    return len(line) - len(line.lstrip())


def switch_end(source, start):
    """The line of the brace that closes the switch at `start`."""
    for at in range(start + 1, len(source)):
        if source[at].strip() == "}" and \
                indent(source[at]) == indent(source[start]):
            return at
    return start


def drop_untaken(line):
    """Takes out one branch that was never taken, if there is one."""
    for branch in line["branches"]:
        if branch["count"] == 0:
            line["branches"].remove(branch)
            return


def settle(source, lines, start):
    end = switch_end(source, start)
    body = source[start + 1:end]
    labels = [text.strip() for text in body
              if indent(text) == indent(source[start])]
    is_enum = any(re.match(r"case [A-Z][A-Z0-9_]*:", t) for t in labels)
    if not is_enum or any(t.startswith("default:") for t in labels):
        return
    line = lines.get(start + 1)
    if line is None:
        return
    drop_untaken(line)
    behind = next((t for t in source[end + 1:] if t.strip()), "")
    if not behind.strip().startswith("UNREACHABLE("):
        return
    # The group of cases that ends with nothing but a break.
    for at in range(start + 1, end):
        found = lines.get(at + 1)
        if source[at].strip() == "break;" and found and found["count"] == 0 \
                and source[at - 1].strip().startswith("case "):
            found["gcovr/noncode"] = True
            drop_untaken(line)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    for entry in report["files"]:
        with open(entry["file"], encoding="utf-8") as file:
            source = file.read().split("\n")
        lines = {line["line_number"]: line for line in entry["lines"]}
        for start, text in enumerate(source):
            if re.match(r"\s*switch \(.*\{$", text):
                settle(source, lines, start)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(report, file)


if __name__ == "__main__":
    main()
