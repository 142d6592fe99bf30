"""Runs cases and checks the rules that hold of every one of them."""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

CODES = {"OK": 0, "REJ": 1, "USE": 2, "IO": 3, "LIM": 4}
MAX_STDERR = 64 << 10
WORKERS = (1, 2, 8)
PLACE = re.compile(rb"(?:-->|:::) .+:\d+:\d+$", re.M)
# Control characters other than line breaks, and those that turn text.
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# With --untrusted more than the case says can be over a limit.
UNTRUSTED = bool(os.environ.get("HOSTILE_UNTRUSTED"))
CASES = []
CPU_SECONDS = 5  # of one run, all workers together, where nothing else is said


def case(number, expect):
    """A generator of variants for the case of that number in CASES.md."""
    def add(function):
        CASES.append((number, expect, function))
        return function
    return add


class Variant:
    """One command: by default `eval main.lig` on the body given.

    check(result) raises AssertionError, or returns False, where it fails.
    scenario(run, folder, workers), instead of a command: run(args, ...) gives
    Results. seconds is a net for what hangs; cpu is what a run may take of the
    processor, which does not depend on what else the machine does. as_user:
    without the rights of root. stdout: a function that opens it. keeps_output:
    what is printed is whole, though the run fails later.
    """

    def __init__(self, body=None, args=None, label="", expect=None,
                 check=None, files=None, rss_mib=1024, seconds=120,
                 limits=None, workers=WORKERS, place=True, stdout=None,
                 cpu=CPU_SECONDS, scenario=None, as_user=False,
                 keeps_output=False):
        self.keeps_output = keeps_output
        self.cpu, self.scenario, self.as_user = cpu, scenario, as_user
        self.body, self.args, self.label = body, args, label
        self.expect, self.check, self.files = expect, check, files or {}
        self.rss_mib, self.seconds, self.limits = rss_mib, seconds, limits
        self.workers, self.place, self.stdout = workers, place, stdout


class Result:
    def __init__(self, code, out, err, rss_mib, cpu):
        self.code, self.out, self.err = code, out, err
        self.rss_mib, self.cpu = rss_mib, cpu

    def codes(self):
        return re.findall(rb"^(?:error|warning)\[(\w+)\]", self.err, re.M)


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def write_files(folder, files):
    for name, body in files.items():
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(to_bytes(body))


CLOSED = object()


def open_stdout(variant, file):
    if variant.stdout is None or variant.stdout is CLOSED:
        return file
    return variant.stdout()


def execute(argv, folder, variant, env, signalled=None):
    """signalled: (seconds, number), a signal for the process."""
    def limit():
        if variant.stdout is CLOSED:
            os.close(1)
        if variant.as_user and os.getuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        # Under nohup, and in a shell's background, they are ignored.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for kind, value in (variant.limits or {}).items():
            resource.setrlimit(kind, (value, value))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(argv, cwd=folder, env=env, preexec_fn=limit,
                                   stdin=subprocess.DEVNULL,
                                   stdout=open_stdout(variant, out),
                                   stderr=err)
        deadline = start + variant.seconds
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid != 0:
                break
            if signalled and time.monotonic() > start + signalled[0]:
                # Not send_signal(): that takes the status of one that ended.
                os.kill(process.pid, signalled[1])
                deadline = time.monotonic() + variant.seconds
                signalled = None
            if time.monotonic() > deadline:
                process.kill()
                os.wait4(process.pid, 0)
                process.returncode = -signal.SIGKILL
                raise AssertionError("it hangs (%d s)" % variant.seconds)
            time.sleep(0.0005 if time.monotonic() - start < 0.1 else 0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Result(process.returncode, out.read(), err.read(),
                      usage.ru_maxrss / 1024,
                      usage.ru_utime + usage.ru_stime)


def check_rules(result, expect, variant, instrumented):
    assert result.code >= 0, "killed by %s" % signal.Signals(-result.code).name
    wanted = {CODES[word] for word in expect.split()}
    if UNTRUSTED:
        wanted.add(CODES["LIM"])
    assert result.code in wanted, "exit code %d, not %s" % (result.code, expect)
    if result.code != 0:
        assert result.out == b"" or variant.keeps_output, \
            "standard output is not empty"
        assert result.err != b"", "standard error is empty"
    if result.code in (1, 4) and variant.place:
        assert PLACE.search(result.err), "no diagnostic has a place"
    assert len(result.err) <= MAX_STDERR, "%d bytes of stderr" % len(result.err)
    text = result.err.decode("utf-8")  # raises when it is not
    bad = FORBIDDEN.search(text)
    assert bad is None, "stderr has the character U+%04X" % ord(bad.group())
    if not instrumented:
        assert result.rss_mib <= variant.rss_mib, "%d MiB" % result.rss_mib
        assert result.cpu <= variant.cpu, "%.1f s of CPU" % result.cpu


def run_scenario(ligature, variant, folder, env):
    def run(args, signalled=None, expect=None, stdout=None):
        variant.stdout = stdout
        result = execute([ligature] + args, folder, variant, env, signalled)
        # Before the handlers stand, a signal does what it does by default.
        assert result.code >= 0 or (
            signalled and result.code == -signalled[1]), \
            "killed by signal %d" % -result.code
        if expect is not None:
            check_rules(result, expect, variant, True)
        return result
    for workers in variant.workers:
        try:
            variant.scenario(run, folder, workers)
        except (AssertionError, UnicodeDecodeError, ValueError) as wrong:
            return "at %d workers: %s" % (workers, wrong)
    return None


def ways(variant, verb):
    """Names and options of the runs that must all end the same way."""
    for workers in variant.workers:
        options = ["--workers", str(workers)] if workers != 0 else []
        yield "at %d workers" % workers, options
    # One more, where the phases overlap.
    overlaps = verb in (["eval"], ["typecheck"], ["check"])
    if overlaps and len(variant.workers) > 1:
        yield "with --async", ["--async", "--workers", "8"]


def run_variant(ligature, variant, expect, instrumented, env):
    """What is wrong, or None."""
    folder = tempfile.mkdtemp(prefix="hostile-")
    if variant.as_user:
        os.chmod(folder, 0o755)
        # The checkout may be where no other user comes, as below /root.
        ligature = shutil.copy(ligature, folder)
    try:
        if variant.body is not None:
            write_files(folder, {"main.lig": variant.body})
        write_files(folder, {k: v for k, v in variant.files.items()
                             if not callable(v)})
        for name, make in variant.files.items():
            if callable(make):
                make(os.path.join(folder, name))
        first = None
        if variant.scenario is not None:
            return run_scenario(ligature, variant, folder, env)
        args = variant.args
        if args is None:
            args = ["eval", "main.lig"]
        for way, options in ways(variant, args[:1]):
            argv = [ligature] + args[:1] + options + args[1:]
            try:
                result = execute(argv, folder, variant, env)
                check_rules(result, variant.expect or expect, variant,
                            instrumented)
                limited = UNTRUSTED and result.code == CODES["LIM"]
                if variant.check is not None and not limited:
                    assert variant.check(result) is not False, "check failed"
                if first is None:
                    first = result
                assert result.code == first.code, "other exit code"
                assert result.out == first.out, "other output"
                assert result.err == first.err, "other diagnostics"
            except (AssertionError, UnicodeDecodeError, ValueError) as wrong:
                text = "%s: %s" % (way, wrong)
                if "result" in locals():
                    text += "\nexit code %d, stdout %r, stderr:\n%s" % (
                        result.code, result.out[:200],
                        result.err[:1500].decode("utf-8", "replace"))
                return text
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
