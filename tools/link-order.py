#!/usr/bin/env python3
"""link-order.py MAP CALLGRIND...: a linker script that puts the functions
that ran side by side.

The kernel maps 64 KiB of a file around each page that is touched first. What a
small program needs lies scattered over 2.5 MB of code otherwise, so that most
of it counts as memory of the process. MAP is the linker's map of a binary
built with -ffunction-sections, CALLGRIND what it left with --dump-instr=yes.
Our functions go by their names alone, so that they may move between files;
objects of libraries go as wholes, their constants, too: ours are few and lie
side by side as it is. What no longer exists is ignored.
"""
import bisect
import re
import sys
import textwrap

HEAD = """/* Made by `make link-order`: what `ligature eval` of 1 + 1 runs, side by side,
   so that it takes few pages. See tools/link-order.py. */
"""
GROUP = """SECTIONS
{
  %s.first :
  {
%s  }
}
INSERT BEFORE %s;
"""
# What reads the kernel's vDSO, which there is none of under valgrind.
NATIVE = ["dl-lookup.o", "dl-object.o", "dl-setup_hash.o"]


def sections(map_file):
    """(address, size, name, file) of the code that was linked, in order."""
    found, name = [], None
    with open(map_file) as lines:
        for line in lines:
            alone = re.match(r" (\.text\S*)$", line.rstrip())
            if alone:  # too long for one line
                name = alone.group(1)
                continue
            rest = re.match(r" (\.text\S*)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) "
                            r"(\S+)$", line.rstrip())
            if rest and (rest.group(1) or name):
                address, size = (int(rest.group(i), 16) for i in (2, 3))
                if address and size:
                    found.append((address, size, rest.group(1) or name,
                                  rest.group(4)))
            name = None
    return sorted(found)


def executed(callgrind_file):
    with open(callgrind_file) as lines:
        for line in lines:
            if line.startswith("0x"):
                yield int(line.split()[0], 16)


def variants(member):
    """An object, and what stands for it on processors that valgrind is not."""
    return [member] + [re.sub("-avx2?", other, member)
                       for other in ("-evex", "-avx512") if "-avx" in member]


def main():
    linked = sections(sys.argv[1])
    starts = [section[0] for section in linked]
    ours = {}
    objects = {"*libc*.a:%s" % name: True for name in NATIVE}
    for address in (a for path in sys.argv[2:] for a in executed(path)):
        at = bisect.bisect(starts, address) - 1
        if at < 0 or address >= starts[at] + linked[at][1]:
            continue
        _, _, name, file = linked[at]
        archive = re.search(r"lib(\w+)[^/]*\.a\((.*)\)$", file)
        if name.startswith(".text.") and not file.startswith("/"):
            ours[name] = True
        elif archive:
            for member in variants(archive.group(2)):
                objects["*lib%s*.a:%s" % (archive.group(1), member)] = True
    functions = textwrap.fill(" ".join(sorted(ours)), 76,
                              break_long_words=False, break_on_hyphens=False,
                              initial_indent="    *(",
                              subsequent_indent="      ") + ")\n"
    sys.stdout.write(HEAD)
    for section, start in ((".text", functions), (".rodata", "")):
        rows = ["    %s(%s %s.*)\n" % (name, section, section)
                for name in sorted(objects)]
        sys.stdout.write(GROUP % (section, start + "".join(rows), section))


if __name__ == "__main__":
    main()
