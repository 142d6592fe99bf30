"""Standard streams that block, refuse or do not wait, signals while they do,
and files that are replaced. TAP on standard output."""
import fcntl
import json
import os
import resource
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
import xml.dom.minidom

sys.dont_write_bytecode = True
from builds import sanitizer  # noqa: E402

LIGATURE = sys.argv[1]
PATIENCE = 120
counts = [0, 0]
SMALL_STACK = 256 << 10
SLOW = sanitizer(os.path.dirname(LIGATURE)) is not None


def result(name, problem):
    counts[0] += 1
    counts[1] += problem is not None
    print("%s %d - %s" % ("ok" if problem is None else "not ok", counts[0],
                          name))
    for line in str(problem or "").splitlines()[:10]:
        print("# " + line[:200])


def put(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def run(*args, **kwargs):
    return subprocess.run([LIGATURE, *args], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, timeout=PATIENCE, **kwargs)


def field(pid, file, name):
    with open("/proc/%d/%s" % (pid, file), encoding="ascii") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return line.split(":")[1].strip()
    return ""


def await_block(process):
    """Waits until the process sleeps with its handlers installed."""
    for _ in range(PATIENCE * 100):
        caught = int(field(process.pid, "status", "SigCgt") or "0", 16)
        if (caught >> (signal.SIGTERM - 1) & 1 and
                field(process.pid, "status", "State")[0] == "S"):
            time.sleep(0.2)
            if field(process.pid, "status", "State")[0] == "S":
                return
        time.sleep(0.01)


def default_signals():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def small_stack():
    default_signals()
    resource.setrlimit(resource.RLIMIT_STACK, (SMALL_STACK, SMALL_STACK))


def ended(process, code):
    try:
        got = process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "it did not end"
    return None if got == code else "exit code %d, not %d" % (got, code)


temp = tempfile.TemporaryDirectory()
os.chdir(temp.name)
put("many.lig", "".join("/// The %d.\nlet   binding%d = %d;\n" % (i, i, i)
                        for i in range(5000)))
put("wrong.lig", "".join("let binding%d = unknown%d;\n" % (i, i)
                         for i in range(2000)))
put("many_test.lig", "".join("let binding%d = true;\n" % i
                             for i in range(2000)))
put("schema.lig", "type T = { a: Integer };\n")
put("one.lig", "{ a = 1 }\n")
put("one_test.lig", "let one = true;\n")
put("differs.lig", "{   a = 1 }\n")

# ---- one signal ends a run that waits for a stream

for name, code in (("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 143)):
    for args in (["eval", "-"], ["typecheck", "-"], ["fmt", "-"],
                 ["eval", "-w", "2", "--untrusted", "-"],
                 ["eval", "-e", "1", "--input-file", "-"],
                 ["validate", "-", "--type", "schema.lig#T"]):
        process = subprocess.Popen([LIGATURE, *args], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE,
                                   preexec_fn=default_signals)
        await_block(process)
        process.send_signal(getattr(signal, name))
        problem = ended(process, code)
        said = process.stdout.read() + process.stderr.read()
        result("%s while %s waits for input" % (name, " ".join(args)),
               problem or (said and said.decode()) or None)

# A document is not that of a run that found nothing.
for form in ("json", "sarif", "junit"):
    process = subprocess.Popen([LIGATURE, "eval", "-", "--diagnostics", form,
                                "--diagnostics-file", "said"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE,
                               preexec_fn=default_signals)
    await_block(process)
    process.send_signal(signal.SIGINT)
    problem = ended(process, 130)
    with open("said", encoding="utf-8") as file:
        said = file.read()
    code = {"json": lambda text: json.loads(text)["diagnostics"][0]["code"],
            "sarif": lambda text: json.loads(text)["runs"][0]["invocations"][0][
                "toolExecutionNotifications"][0]["associatedRule"]["id"],
            "junit": lambda text: xml.dom.minidom.parseString(
                text).getElementsByTagName("error")[0].getAttribute("type")}
    result("SIGINT says as %s that the run was interrupted" % form,
           problem or (None if code[form](said) == "E0612" else said))

process = subprocess.Popen([LIGATURE, "eval", "--timeout", "100ms", "-"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
problem = ended(process, 124)
said = process.stderr.read().decode()
result("the timeout while eval - waits for input",
       problem or (None if "E0608" in said else said))


# ---- what a run of tests tells that is stopped

put("spin_test.lig", "let rec spin (n: Integer): Integer =\n"
    "  if n == 0 then 0 else spin (n + 1);\n"
    "let quick = 1 + 1 == 2;\nlet wrong = 1 + 1 == 3;\n"
    "let slow = spin 1 == 0;\nlet later = spin 2 == 0;\n")


def await_work(process):
    """Waits until the process has used half a second of its processor."""
    for _ in range(PATIENCE * 100):
        with open("/proc/%d/stat" % process.pid, encoding="ascii") as file:
            times = file.read().rsplit(")", 1)[1].split()[11:13]
        if sum(map(int, times)) * 2 >= os.sysconf("SC_CLK_TCK"):
            return
        time.sleep(0.01)


def junit_verdicts(text):
    return [(case.getAttribute("name"), [
        child.getAttribute("type") for child in case.childNodes
        if child.nodeType == child.ELEMENT_NODE])
            for case in xml.dom.minidom.parseString(text)
            .getElementsByTagName("testcase")]


STOPPED = "the run was interrupted before it was complete"
UNRUN = "not run: the run was interrupted before"
for name, code, form, read, wanted in (
        ("SIGINT", 130, "text", str.splitlines, [
            "ok    spin_test.lig: quick",
            "FAIL  spin_test.lig: wrong (the two sides are not equal)",
            "STOP  spin_test.lig: slow (%s)" % STOPPED,
            "STOP  spin_test.lig: later (%s)" % UNRUN,
            "1 passed, 1 failed, 2 not run to the end"]),
        ("SIGTERM", 143, "json", lambda text: [
            (test["name"], test["verdict"], test["code"])
            for test in json.loads(text)["tests"]], [
                ("quick", "passed", None), ("wrong", "failed", "E0412"),
                ("slow", "error", "E0612"), ("later", "error", "E0612")]),
        ("SIGINT", 130, "junit", junit_verdicts, [
            ("quick", []), ("wrong", ["E0412"]), ("slow", ["E0612"]),
            ("later", ["E0612"])]),
        ("SIGTERM", 143, "tap", lambda text: [
            line for line in text.splitlines()
            if "ok " in line or "message" in line], [
                "ok 1 - spin_test.lig: quick",
                "not ok 2 - spin_test.lig: wrong",
                '  message: "the two sides are not equal"',
                "not ok 3 - spin_test.lig: slow",
                '  message: "%s"' % STOPPED,
                "not ok 4 - spin_test.lig: later",
                '  message: "%s"' % UNRUN])):
    process = subprocess.Popen(
        [LIGATURE, "test", "spin_test.lig", "--totality", "unchecked", "-w",
         "1", "--max-steps", "4000000000", "--format", form, "-o", "report"],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=default_signals)
    await_work(process)
    process.send_signal(getattr(signal, name))
    problem = ended(process, code)
    with open("report", encoding="utf-8") as file:
        said = file.read()
    os.remove("report")
    result("%s and the report of tests as %s" % (name, form),
           problem or (None if read(said) == wanted else said))

# Which tests there are is not known yet.
process = subprocess.Popen([LIGATURE, "test", "one_test.lig", "-"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL,
                           preexec_fn=default_signals)
await_block(process)
process.send_signal(signal.SIGINT)
problem = ended(process, 130)
said = process.stdout.read().decode()
result("SIGINT before the tests are known",
       problem or (None if said == "STOP  one_test.lig (%s)\n"
                   "STOP  - (%s)\n0 passed, 0 failed, 2 not run to the end\n"
                   % (UNRUN, UNRUN) else said))


def blocked(args, which, prepare, name, code):
    """Ends a run whose standard output or error is a pipe that is full."""
    reader, writer = os.pipe()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
               which: writer}
    process = subprocess.Popen([LIGATURE, *args], stdin=subprocess.DEVNULL,
                               preexec_fn=prepare, **streams)
    os.close(writer)
    select.select([reader], [], [], PATIENCE)
    await_block(process)
    process.send_signal(getattr(signal, name))
    problem = ended(process, code)
    os.close(reader)
    result("%s while %s of %s is full%s" % (
        name, which, " ".join(args),
        ", on a small stack" if prepare is small_stack else ""), problem)


for args in (["eval", "-e", "range 0 100000"], ["doc", "many.lig"],
             ["typecheck", "--show-types", "many.lig"],
             ["graph", "--bindings", "many.lig"], ["parse", "many.lig"],
             ["fmt", "--diff", "many.lig"],
             ["test", "--format", "json", "many_test.lig"]):
    blocked(args, "stdout", default_signals, "SIGTERM", 143)
for name, code in (("SIGINT", 130), ("SIGTERM", 143)):
    blocked(["typecheck", "--diagnostics", "json", "wrong.lig"], "stderr",
            default_signals, name, code)
# The signal comes to another thread than the one that writes.
blocked(["doc", "many.lig"], "stdout", small_stack, "SIGTERM", 143)


def slowly_read(workers, seconds):
    """Begins to read what is printed when the time is over."""
    process = subprocess.Popen(
        [LIGATURE, "eval", "--compact", "-w", workers, "--timeout",
         "%ds" % seconds, "-e", "range 0 1000000"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + seconds
    select.select([process.stdout], [], [], PATIENCE)
    time.sleep(max(0, end + .2 - time.monotonic()))
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


# A run that takes so long that nothing is printed is no answer.
for workers in ("1", "2"):
    for seconds in (1, 10, 60):
        code, out, err = slowly_read(workers, seconds)
        if code != 124 or out:
            break
    result("a result is whole, however slowly it is read, %s workers" % workers,
           None if code == 0 and not err and
           json.loads(out) == list(range(1000000))
           else "exit code %d, %d bytes, %s" % (code, len(out), err.decode()))

# ---- signals while a file is written

def begun(process, folder):
    """Whether it has written to a file there, be it one without a name."""
    files = "/proc/%d/fd/" % process.pid
    for file in os.listdir(files):
        try:
            if os.readlink(files + file).startswith(folder + "/") and \
                    os.stat(files + file).st_size > 0:
                return True
        except FileNotFoundError:
            pass
    return False


os.makedirs("stopped")
stopped = os.path.realpath("stopped")
NUMBERS = 8000000 if SLOW else 30000000
for is_there in (False, True):
    for names, codes in ((("SIGINT",), (130,)), (("SIGTERM",), (143,)),
                         (("SIGHUP",), (143,)),
                         (("SIGINT", "SIGTERM"), (130, 143)),
                         (("SIGKILL",), (-signal.SIGKILL,))):
        kept = ["out.json"] if is_there else []
        if is_there:
            put("stopped/out.json", "")
        process = subprocess.Popen(
            [LIGATURE, "eval", "-e", "range 0 %d" % NUMBERS, "-o",
             "stopped/out.json"], stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=default_signals)
        end = time.monotonic() + PATIENCE
        while process.poll() is None and not begun(process, stopped) and \
                time.monotonic() < end:
            time.sleep(.0005)
        # Several come at once.
        process.send_signal(signal.SIGSTOP)
        for name in names:
            process.send_signal(getattr(signal, name))
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=PATIENCE)
        left = os.listdir("stopped")
        result("%s while %s is written" % (
            " and ".join(names),
            "a file that is there" if is_there else "a new file"),
               None if process.returncode in codes and left == kept and
               not any(os.path.getsize("stopped/" + name) for name in left)
               else "%d %s" % (process.returncode, left))

# ---- pipes that do not wait

reader, writer = os.pipe()
fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
process = subprocess.Popen([LIGATURE, "eval", "--compact", "-e",
                            "range 0 100000"], stdout=writer)
os.close(writer)
await_block(process)
with os.fdopen(reader, "rb") as file:
    out = file.read()
problem = ended(process, 0)
result("standard output that does not wait", problem or (
    None if json.loads(out) == list(range(100000)) else "other output"))
reader, writer = os.pipe()
fcntl.fcntl(reader, fcntl.F_SETFL, os.O_NONBLOCK)
process = subprocess.Popen([LIGATURE, "eval", "-"], stdin=reader,
                           stdout=subprocess.PIPE)
os.close(reader)
await_block(process)
os.write(writer, b"1 + 1")
os.close(writer)
problem = ended(process, 0)
result("standard input that does not wait", problem or (
    None if process.stdout.read() == b"2\n" else "other output"))

# ---- streams and files that refuse

for format_, read in (("json", json.loads), ("sarif", json.loads),
                      ("junit", xml.dom.minidom.parseString)):
    with open("/dev/full", "wb") as full:
        done = run("fmt", "--check", "--diagnostics", format_, "differs.lig",
                   stdout=full)
    problem = None if done.returncode == 3 else str(done)
    try:
        read(done.stderr)
    except Exception as error:  # whatever the reader says
        problem = "no one document: %s" % error
    result("fmt --check >/dev/full says one document of %s" % format_, problem)


def no_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, 5))


done = run("init", "begun", preexec_fn=no_room, stdout=subprocess.PIPE)
result("init where files may not grow",
       None if done.returncode == 3 and b"File too large" in done.stderr and
       not os.listdir("begun") else str(done))
with open("listing", "wb") as listing:
    done = run("explain", preexec_fn=no_room, stdout=listing)
result("explain where files may not grow",
       None if done.returncode == 3 else str(done))

# ---- files that are replaced

for args in (["eval", "one.lig", "-o"], ["eval", "one.lig", "--report"],
             ["typecheck", "one.lig", "--diagnostics-file"]):
    put("kept", "old")
    os.chmod("kept", 0o600)
    done = run(*args, "kept", stdout=subprocess.PIPE)
    mode = stat.S_IMODE(os.stat("kept").st_mode)
    result("%s keeps permissions" % " ".join(args),
           None if done.returncode == 0 and mode == 0o600
           else "%o %s" % (mode, done))
done = run("eval", "one.lig", "-o", "made", preexec_fn=lambda: os.umask(0o27))
mode = stat.S_IMODE(os.stat("made").st_mode)
os.remove("made")
result("a new file has the permissions of the umask",
       None if done.returncode == 0 and mode == 0o640 else
       "%o %s" % (mode, done))
for length, code in ((255, 0), (256, 3)):
    done = run("eval", "one.lig", "-e", "1", "-o", "n" * length)
    there = [name for name in os.listdir(".") if name.startswith("nn")]
    result("a file with a name of %d bytes" % length,
           None if done.returncode == code and len(there) == (code == 0) and
           (code == 0 or b"File name too long" in done.stderr) else str(done))
    for name in there:
        os.remove(name)
outputs = ("-o", "--source-map", "--report", "--trace", "--diagnostics-file")
for first, second in zip(outputs, outputs[1:]):
    put("kept", "old")
    done = run("eval", "one.lig", first, "kept", second, "kept",
               stdout=subprocess.PIPE)
    with open("kept", encoding="utf-8") as file:
        text = file.read()
    # What is wrong is said in the file of --diagnostics-file.
    said = done.stderr.decode() + text
    result("%s and %s of one name" % (first, second),
           None if done.returncode == 2 and "name the same file" in said
           else str(done))
for option in outputs:
    put("kept.lig", "1\n")
    done = run("eval", "kept.lig", option, "./kept.lig", stdout=subprocess.PIPE)
    with open("kept.lig", encoding="utf-8") as file:
        text = file.read()
    said = done.stderr.decode()
    result("%s of the program" % option,
           None if done.returncode == 2 and text == "1\n" and
           "would replace 'kept.lig'" in said else str(done))
put("kept.json", "{}")
done = run("eval", "one.lig", "--input-file", "kept.json", "-o", "./kept.json",
           stdout=subprocess.PIPE)
with open("kept.json", encoding="utf-8") as file:
    text = file.read()
result("-o of a file of inputs",
       None if done.returncode == 2 and text == "{}" and
       b"would replace 'kept.json'" in done.stderr else str(done))
SOURCES = {"kept.json": '{"a":1}', "part.lig": "let   k = 1;\n",
           "reads/main.lig": 'import "../kept.json" as d;\n'
                             'import "../part" as p;\n'
                             '{"kept.json" = d.a, "new.json" = p.k}\n',
           "ligature.toml": "[all]\n"}
os.makedirs("reads")
for name, text in SOURCES.items():
    put(name, text)
os.symlink("kept.json", "link.json")
os.environ["LIGATURE_DISK_CACHE"] = "never"
run("eval", "reads/main.lig", "--disk-cache", "always", "--cache-dir", "cache",
    stdout=subprocess.PIPE)
MAIN = "reads/main.lig"
for args in (["eval", MAIN, "-o", "kept.json"],
             ["eval", MAIN, "-o", "reads/../kept.json"],
             ["eval", MAIN, "-o", "link.json"],
             ["eval", MAIN, "-o", "ligature.toml"],
             ["eval", MAIN, "-o", "kept.json", "--disk-cache", "always",
              "--cache-dir", "cache"],
             ["eval", MAIN, "--report", "part.lig"],
             ["eval", MAIN, "--trace", "part.lig"],
             ["eval", MAIN, "--source-map", "kept.json"],
             ["eval", MAIN, "--unknown", "--diagnostics-file", "part.lig"],
             ["eval", MAIN, "--unknown", "--diagnostics-file",
              "ligature.toml"],
             ["eval", MAIN, "--untrusted", "--async", "-w", "2", "-o",
              "part.lig"],
             ["why", MAIN, ".", "-o", "kept.json"],
             ["graph", MAIN, "-o", "part.lig"],
             ["doc", "reads", "-o", "part.lig"],
             ["typecheck", "reads", "--diagnostics-file", "part.lig"],
             ["fmt", ".", "--diagnostics-file", "part.lig"],
             ["validate", "kept.json", "--type", MAIN + "#Integer",
              "--report", "part.lig"]):
    done = run(*args, stdout=subprocess.PIPE)
    said = done.stderr
    problem = None if (done.returncode == 2 and not done.stdout and (
        b"would replace" in said or "--unknown" in args)) else str(done)
    for name, text in SOURCES.items():
        with open(name, encoding="utf-8") as file:
            if file.read() != text:
                problem = name + " was replaced"
    result("files that are read: " + " ".join(args), problem)
done = run("export", MAIN, "--out", ".", stdout=subprocess.PIPE)
result("export to a file that is read",
       None if done.returncode == 1 and b"E0413" in done.stderr and
       not os.path.exists("new.json") else str(done))
# What cannot be checked does not keep the others from being run, but where its
# files would be lost.
TESTS = {"tests/bad_test.lig": 'import "./lib" as l;\nexport let testA = 1 + "x";\n',
         "tests/good_test.lig": "export let snapshotA = 1;\n",
         "tests/lib.lig": "export let k = 1;\n",
         "tests/__snapshots__/good_test/snapshotA.json": "1\n"}
os.makedirs("tests/__snapshots__/good_test")
for name, text in TESTS.items():
    put(name, text)
for option in ("--report", "--diagnostics-file", "--trace", "-o"):
    for name in TESTS:
        of = "tests/good_test.lig" if "snapshots" in name else "tests"
        done = run("test", of, option, name, stdout=subprocess.PIPE)
        problem = None if (done.returncode == 2 and not done.stdout and
                           b"would replace" in done.stderr) else str(done)
        for each, text in TESTS.items():
            with open(each, encoding="utf-8") as file:
                if file.read() != text:
                    problem = each + " was replaced"
                    put(each, text)
        result("files that tests read: %s %s" % (option, name), problem)
done = run("test", "tests", "--report", "new.json", stdout=subprocess.PIPE)
result("tests that can be checked are run", None if done.returncode == 1 and
       b"1 passed, 1 failed" in done.stdout else str(done))
for args in (["eval", "-", "-o"], ["fmt", "-", "--diagnostics-file"],
             ["eval", "-", "--unknown", "--diagnostics-file"]):
    with open("tests/lib.lig", encoding="utf-8") as file:
        done = subprocess.run([LIGATURE, *args, "tests/lib.lig"], stdin=file,
                              capture_output=True, timeout=PATIENCE)
        file.seek(0)
        text = file.read()
    with open("tests/lib.lig", encoding="utf-8") as file:
        kept = file.read() == text == TESTS["tests/lib.lig"]
    result("a file that is standard input: " + " ".join(args),
           None if done.returncode == 2 and not done.stdout and kept
           else str(done))
for other in ("./new.json", "linked.json"):
    if other == "linked.json":
        os.symlink("new.json", other)
    done = run("eval", "one.lig", "--report", "new.json", "-o", other,
               stdout=subprocess.PIPE)
    result("two outputs to one file: new.json and " + other,
           None if done.returncode == 2 and b"name the same file" in done.stderr
           else str(done))
# That there is no such file yet does not make them two.
os.makedirs("made/inner")
os.symlink("made", "also")
for first, second in (("made/x", "./made/x"), ("made/x", "made/inner/../x"),
                      ("made/x", "also/x"), ("x", "./x"),
                      ("x", os.path.join(os.getcwd(), "x")),
                      ("x", os.path.join("..", os.path.basename(os.getcwd()),
                                         "x"))):
    done = run("eval", "one.lig", "--report", first, "-o", second,
               stdout=subprocess.PIPE)
    result("two outputs to one new file: %s and %s" % (first, second),
           None if done.returncode == 2 and
           b"name the same file" in done.stderr and
           not os.path.exists(first) else str(done))
done = run("eval", "one.lig", "--report", "made/x", "-o", "made/inner/x",
           stdout=subprocess.PIPE)
result("two outputs of one name in two folders",
       None if done.returncode == 0 and os.path.exists("made/x") and
       os.path.exists("made/inner/x") else str(done))
put("fields.lig", '{ "a.json" = { x = 1 }, "b.json" = { x = 2 } }\n')
for name in ("a.json", "./a.json", "inner/../a.json"):
    done = run("export", "fields.lig", "--out", "also", "--report",
               "made/" + name, stdout=subprocess.PIPE)
    text = open("made/a.json", encoding="utf-8").read()
    os.remove("made/a.json")
    result("a report to a file that is exported: " + name,
           None if done.returncode == 1 and b"E0413" in done.stderr and
           '"verdict"' in text and not os.path.exists("made/b.json")
           else "%s %s" % (done, text[:100]))
# The option has taken what was meant as an operand.
put("data.json", "{}")
for args, name in ((["eval", "--diagnostics-file"], "one.lig"),
                   (["eval", "gone.lig", "--diagnostics-file"], "one.lig"),
                   (["eval", "fields.lig", "--report"], "one.lig"),
                   (["eval", "fields.lig", "--trace"], "one.lig"),
                   (["eval", "fields.lig", "--source-map"], "one.lig"),
                   (["validate", "--type", "schema.lig#T",
                     "--diagnostics-file"], "data.json"),
                   (["validate", "--diagnostics-file"], "data.json")):
    before = open(name, encoding="utf-8").read()
    done = run(*args, name, stdout=subprocess.PIPE)
    result("a file that is kept: %s %s" % (" ".join(args), name),
           None if done.returncode == 2 and b"E0001" in done.stderr and
           open(name, encoding="utf-8").read() == before else str(done))
done = run("eval", "-f", "raw", "-e", '"1"', "-o", "made.lig")
result("a result that is a program", None if done.returncode == 0 and
       open("made.lig", encoding="utf-8").read() == "1" else str(done))
done = run("eval", "-f", "raw", "-e", '"2"', "-o", "made.lig")
result("a result that replaces a program", None if done.returncode == 0 and
       open("made.lig", encoding="utf-8").read() == "2" else str(done))
os.remove("ligature.toml")
for variables in ({"LIGATURE_DIAGNOSTICS_FILE": "one.lig"},
                  {"LIGATURE_DIAGNOSTICS_FILE": "one.lig",
                   "LIGATURE_WORKERS": "x"}):
    done = run("eval", "one.lig", env={**os.environ, **variables},
               stdout=subprocess.PIPE)
    with open("one.lig", encoding="utf-8") as file:
        text = file.read()
    result("a program as file of diagnostics by the environment: %d" %
           len(variables), None if done.returncode == 2 and
           text == "{ a = 1 }\n" and done.stderr else str(done))
done = run("eval", "one.lig", "-o", "/dev/null", "--report", "/dev/null",
           stdout=subprocess.PIPE)
result("two outputs to a device", None if done.returncode == 0 else str(done))

# ---- names and files that are not what they should be

odd = b"a\xffb\n::error::\x1b.lig"
for args, source in ((["fmt", "--check"], b"let   a = 1;\n"),
                     (["fmt", "--diff"], b"let   a = 1;\n"),
                     (["parse"], b"let a = 1;\n"),
                     (["graph", "--format", "svg"], b"let a = 1;\n"),
                     (["test", "--format", "junit"], b"let a = true;\n"),
                     (["eval", "--diagnostics", "junit"], b"1 + true\n")):
    with open(odd, "wb") as file:
        file.write(source)
    done = run(*args, odd, stdout=subprocess.PIPE)
    try:
        text = (done.stdout + done.stderr).decode()
        problem = None if "\n::" not in text and "\x1b" not in text else text
    except UnicodeDecodeError as error:
        problem = error
    result("%s of a file with an odd name" % " ".join(args), problem)
os.makedirs("__snapshots__/pipe_test")
os.mkfifo("__snapshots__/pipe_test/snapshotA.json")
put("pipe_test.lig", "let snapshotA = 1;\n")
for args in ([], ["--update"]):
    done = run("test", *args, "pipe_test.lig", stdout=subprocess.PIPE)
    result("test %s with a snapshot that is a pipe" % " ".join(args),
           None if done.returncode == 1 and b"no regular file" in done.stderr
           else str(done))
os.mkfifo("pipe")
ends = {
    "text": lambda text: text.startswith("error[E0608]: ") and
            "\n  = help: give more time with --timeout\n" in text,
    "json": lambda text: json.loads(text)["diagnostics"][0]["code"] == "E0608",
    "sarif": lambda text: json.loads(text)["runs"][0]["invocations"][0][
        "toolExecutionNotifications"][0]["associatedRule"]["id"] == "E0608",
    "github": lambda text: text.startswith("::error title=E0608"),
    "junit": lambda text: xml.dom.minidom.parseString(
        text).getElementsByTagName("error")[0].getAttribute("type") == "E0608",
}
stuck = {form: subprocess.Popen(
    [LIGATURE, "eval", "one.lig", "-o", "pipe", "--timeout", "50ms",
     "--diagnostics", form],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE) for form in ends}
for form, process in stuck.items():
    err = process.communicate(timeout=PATIENCE)[1].decode()
    result("the timeout as %s while nobody reads what -o names" % form,
           None if process.returncode == 124 and ends[form](err)
           else "%d %s" % (process.returncode, err))
# The mistake counts more than that nobody reads of it.
hasty = {args: subprocess.Popen(
    [LIGATURE, *args, "--diagnostics-file", "pipe", "--timeout", "50ms"],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE)
         for args in (("eval", "one.lig", "--unknown"), ("evil",),
                      ("typecheck",), ("eval", "one.lig", "-w", "0"))}
for args, process in hasty.items():
    try:
        err = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        err = process.communicate()[1]
    result("nobody reads that '%s' is wrong" % " ".join(args),
           None if process.returncode == 2 and b"E0001" in err
           else "%d %s" % (process.returncode, err))
with subprocess.Popen([LIGATURE, "eval", "--unknown", "--diagnostics-file",
                       "pipe"], stderr=subprocess.PIPE) as process:
    with open("pipe", encoding="utf-8") as file:
        said = file.read()
    problem = ended(process, 2)
    said += process.stderr.read().decode()
result("somebody reads that it is wrong",
       problem or (None if said.count("E0001") == 1 else said))
# The result has been printed by then.
waiting = {option: subprocess.Popen(
    [LIGATURE, "eval", "one.lig", option, "pipe", "--timeout", "50ms"],
    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE)
           for option in ("--report", "--diagnostics-file", "--trace")}
for option, process in waiting.items():
    try:
        err = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        err = process.communicate()[1]
    result("the timeout while nobody reads what %s names" % option,
           None if process.returncode == 124 and b"E0608" in err
           else "%d %s" % (process.returncode, err))

print("1..%d" % counts[0])
sys.exit(counts[1] != 0)
