#!/usr/bin/env python3
"""coverage-gather.py FOLDER TO: what the processes that were built in the
folder have run, as gcovr's JSON, of the files of this project alone.

gcov says it for each object. gcovr can ask it too, and waits for ever where one
of its threads meets something that it does not expect; counts below zero, of
threads that ran on while their process ended, are that. Here they are zero."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

NOT_OURS = ("tests/", "include/")
# What cannot run is not counted: these lines, and the branches of those, to the
# end of the statement. Whether a vector grows is no decision of who pushes.
NO_CODE = re.compile(r".*UNREACHABLE\(\)")
NO_BRANCHES = re.compile(r"\s*(assert\(|UNREACHABLE|HASH_|vec_(push|reserve)\()")


def objects(folder):
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".gcda"):
                yield os.path.join(place, name)


def ask(path):
    done = subprocess.run(
        ["gcov", "--branch-probabilities", "--branch-counts", "--json-format",
         "--stdout", path], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True)
    return json.loads(done.stdout)


def count(entry):
    return max(entry["count"], 0)


def add_line(lines, found):
    number = found["line_number"]
    line = lines.setdefault(number, {
        "line_number": number, "count": 0, "branches": [],
        "gcovr/noncode": False, "gcovr/excluded": False})
    line["count"] += count(found)
    for i, branch in enumerate(found["branches"]):
        if i == len(line["branches"]):
            line["branches"].append(dict(branch, count=0))
        line["branches"][i]["count"] += count(branch)


def add_function(functions, found):
    function = functions.setdefault(found["name"], {
        "name": found["name"], "lineno": found["start_line"],
        "execution_count": 0})
    function["execution_count"] += max(found["execution_count"], 0)


def without_branches(source):
    """The numbers of the lines whose branches are not counted."""
    numbers = set()
    goes_on = False
    for number, text in enumerate(source, 1):
        goes_on = goes_on or NO_BRANCHES.match(text) is not None
        if goes_on:
            numbers.add(number)
            goes_on = ";" not in text
    return numbers


def settle(name, lines):
    with open(name, encoding="utf-8") as file:
        source = file.read().split("\n")
    bare = without_branches(source)
    for number, line in lines.items():
        line["gcovr/noncode"] = NO_CODE.match(source[number - 1]) is not None
        if line["gcovr/noncode"] or number in bare:
            line["branches"] = []


def main():
    folder = os.path.normpath(sys.argv[1])
    files = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for answer in pool.map(ask, sorted(objects(folder))):
            for found in answer["files"]:
                name = os.path.normpath(found["file"])
                if os.path.isabs(name) or \
                        name.startswith((*NOT_OURS, folder + "/")):
                    continue
                lines, functions = files.setdefault(name, ({}, {}))
                for line in found["lines"]:
                    add_line(lines, line)
                for function in found["functions"]:
                    add_function(functions, function)
    for name, (lines, _) in files.items():
        settle(name, lines)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump({"gcovr/format_version": "0.3", "files": [
            {"file": name, "functions": list(functions.values()),
             "lines": [lines[number] for number in sorted(lines)]}
            for name, (lines, functions) in sorted(files.items())]}, file)


if __name__ == "__main__":
    main()
