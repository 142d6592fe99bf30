"""What tests in Python share: TAP on standard output, files."""
import os

number = 0
failures = 0


def report(name, problem=None):
    global number, failures
    number += 1
    if problem is None:
        print("ok %d - %s" % (number, name))
    else:
        failures += 1
        print("not ok %d - %s" % (number, name))
        for line in str(problem).splitlines()[:30]:
            print("# " + line[:1000])


def equal(name, found, expected):
    report(name, None if found == expected else
           "found    %r\nexpected %r" % (found, expected))


def finish():
    """Prints the plan; the exit status."""
    print("1..%d" % number)
    return int(failures > 0)


def write(folder, files):
    for name, text in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text.encode())
