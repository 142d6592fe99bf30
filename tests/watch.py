"""Runs of ligature watch, for watch.sh: `watch.py list` names the cases,
`watch.py LIGATURE CASE` runs one in a folder of its own.

What a run has printed is waited for, as long as that may take on a slow
machine; nothing is measured. Where nothing is to happen, something else is
changed behind it, which must then be the first to be said."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 60
FOREVER = ("type Nat = Integer;\n"
           "let rec spin = \\n -> if n < 1 then n else spin (n - 1);\n"
           "spin 100000000000\n")


class Watch:
    """A watch that goes on, and the lines that it has said."""

    started = []

    def __init__(self, *arguments, **environment):
        self.log = open("said", "wb+")
        # SIGINT is ignored in what a shell starts in the background.
        self.process = subprocess.Popen(
            [LIGATURE, "watch", *arguments], stdin=subprocess.DEVNULL,
            stdout=open("printed", "wb"), stderr=self.log,
            env={**os.environ, **environment},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.taken = 0
        Watch.started.append(self.process)

    def said(self):
        with open("said", "rb") as file:
            return file.read().decode()

    def wait(self, pattern):
        """Waits for the next line that matches; returns all up to it."""
        compiled = re.compile(pattern + r".*\n")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.said()
            found = compiled.search(text, self.taken)
            if found:
                before = text[self.taken:found.end()]
                self.taken = found.end()
                return before
            if self.process.poll() is not None and self.said() == text:
                break
            time.sleep(0.01)
        raise AssertionError(f"{pattern!r} is not in:\n{self.said()}")

    def end_of_run(self, code):
        return self.wait(rf"watch: exit {code} in \d+ ms")

    def changed(self, names):
        text = self.wait(r"watch: changed: ")
        last = text.splitlines()[-1]
        assert last == f"watch: changed: {names}", last

    def stop(self, number=signal.SIGTERM, code=143):
        self.process.send_signal(number)
        found = self.process.wait(PATIENCE)
        assert found == code, found
        more = self.said()[self.taken:]
        assert "watch: changed" not in more, more


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def replace(path, text):
    """As editors do; unlike write(), it never leaves an empty file between."""
    write(path + "~", text)
    os.rename(path + "~", path)


def read(path):
    with open(path) as file:
        return file.read()


def two_modules():
    write("main.lig", 'import "./a" as a;\n\na.v\n')
    write("a.lig", "export let v = 1;\n")


def a_change_of_an_import():
    two_modules()
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    write("a.lig", "export let v = 22;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "1\n22\n", read("printed")


def options_before_and_behind():
    two_modules()
    watch = Watch("--color", "never", "eval", "main.lig", "-f", "yaml",
                  "--clear")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "1\n", read("printed")


def a_file_that_is_replaced():
    two_modules()
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    replace("a.lig", "export let v = 2;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    replace("a.lig", "export let v = 3;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "1\n2\n3\n", read("printed")


def an_import_that_appears():
    write("main.lig", 'import "./lib/a" as a;\n\na.v\n')
    watch = Watch("eval", "main.lig")
    watch.end_of_run(1)
    os.mkdir("lib")
    write("lib/a.lig", "export let v = 1;\n")
    watch.changed("lib/a.lig")
    watch.end_of_run(0)
    watch.stop()


def a_file_that_goes_and_comes_back():
    two_modules()
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    os.rename("main.lig", "aside")
    watch.changed("main.lig")
    watch.end_of_run(3)
    os.rename("aside", "main.lig")
    watch.changed("main.lig")
    watch.end_of_run(0)
    watch.stop()


def a_folder_that_goes_and_comes_back():
    os.mkdir("src")
    write("src/one.lig", "1\n")
    watch = Watch("typecheck", "src")
    watch.end_of_run(0)
    os.rename("src", "aside")
    watch.wait("watch: changed: ")
    watch.end_of_run(3)
    os.rename("aside", "src")
    watch.wait("watch: changed: ")
    watch.end_of_run(0)
    watch.stop()


def a_mistake_and_its_cure():
    two_modules()
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    replace("a.lig", "export let v = ;\n")
    watch.changed("a.lig")
    assert "error[E0106]" in watch.end_of_run(1)
    replace("a.lig", "export let v = 2;\n")
    watch.changed("a.lig")
    assert "error" not in watch.end_of_run(0)
    watch.stop()


def two_files_at_once():
    write("one.lig", "1\n")
    write("two.lig", "2\n")
    watch = Watch("eval", "one.lig", "two.lig")
    watch.end_of_run(0)
    # Stopped, it sees both at once, however slow the machine is.
    watch.process.send_signal(signal.SIGSTOP)
    write("one.lig", "10\n")
    write("two.lig", "20\n")
    watch.process.send_signal(signal.SIGCONT)
    watch.changed("one.lig, two.lig")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "1\n2\n10\n20\n", read("printed")


def a_file_that_comes_into_a_folder():
    os.makedirs("src/sub")
    write("src/one.lig", "1\n")
    watch = Watch("typecheck", "src")
    watch.end_of_run(0)
    write("src/sub/note.txt", "not read by anybody")
    write("src/sub/two.lig", "let x: String = 1;\nx\n")
    watch.changed("src/sub/")
    watch.end_of_run(1)
    os.remove("src/sub/two.lig")
    watch.wait("watch: changed: ")
    watch.end_of_run(0)
    watch.stop()


def output_beside_the_sources():
    two_modules()
    watch = Watch("eval", "main.lig", "-o", "out.json", "--report",
                  "report.json")
    watch.end_of_run(0)
    write("out.json", "not read by anybody")
    write("a.lig", "export let v = 2;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    write("a.lig", "export let v = 3;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    watch.stop()
    assert read("out.json") == "3\n", read("out.json")


def what_fmt_writes_is_no_change():
    write("one.lig", "let a=1;\na\n")
    write("two.lig", "2\n")
    watch = Watch("fmt", ".")
    watch.end_of_run(0)
    assert read("one.lig") == "let a = 1;\na\n", read("one.lig")
    write("two.lig", "3\n")
    watch.changed("two.lig")
    watch.end_of_run(0)
    watch.stop()


def snapshots():
    write("a_test.lig", "export let snapshot1 = [1];\n")
    watch = Watch("test", "--update")
    watch.end_of_run(0)
    path = "__snapshots__/a_test/snapshot1.json"
    write("a_test.lig", "export let snapshot1 = [2];\n")
    watch.changed("a_test.lig")
    watch.end_of_run(0)
    write(path, "[30]")
    watch.changed(path)
    watch.end_of_run(0)
    watch.stop()
    assert read(path).split() == ["[", "2", "]"], read(path)


def data_and_its_schema():
    write("types.lig", "export type T = { port: Integer };\n")
    write("data.yaml", "port: 80\n")
    watch = Watch("validate", "data.yaml", "--type", "types.lig#T")
    watch.end_of_run(0)
    write("data.yaml", "port: http\n")
    watch.changed("data.yaml")
    watch.end_of_run(1)
    write("types.lig", "export type T = { port: String };\n")
    watch.changed("types.lig")
    watch.end_of_run(0)
    watch.stop()


def the_project_file():
    two_modules()
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    write("ligature.toml", "[eval]\nnonsense = 1\n")
    watch.changed("ligature.toml")
    watch.end_of_run(2)
    write("ligature.toml", '[eval]\nformat = "yaml"\n')
    watch.changed("ligature.toml")
    watch.end_of_run(0)
    watch.stop()


def a_run_that_is_known():
    two_modules()
    for _ in range(2):  # the second finds what the first has kept
        watch = Watch("eval", "main.lig", "--cache-dir", "cache",
                      LIGATURE_DISK_CACHE="always")
        watch.end_of_run(0)
        write("a.lig", "export let v = 2;\n")
        watch.changed("a.lig")
        watch.end_of_run(0)
        write("a.lig", "export let v = 1;\n")
        watch.changed("a.lig")
        watch.end_of_run(0)
        watch.stop()
        assert read("printed") == "1\n2\n1\n", read("printed")


def a_confined_run():
    two_modules()
    watch = Watch("eval", "--untrusted", "main.lig")
    watch.end_of_run(0)
    write("a.lig", "export let v = 2;\n")
    watch.changed("a.lig")
    watch.end_of_run(0)
    watch.stop()


def a_file_behind_a_link():
    os.makedirs("real")
    write("real/one.lig", "1\n")
    os.symlink("real/one.lig", "one.lig")
    watch = Watch("eval", "one.lig")
    watch.end_of_run(0)
    write("real/one.lig", "22\n")
    watch.changed("one.lig")
    watch.end_of_run(0)
    watch.stop()


def children(watch):
    path = f"/proc/{watch.process.pid}/task/{watch.process.pid}/children"
    return [int(pid) for pid in read(path).split()]


def running_child(watch):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = children(watch)
        if found:
            return found[0]
        time.sleep(0.01)
    raise AssertionError("no run has begun")


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def a_long_run_is_broken_off():
    write("main.lig", FOREVER)
    watch = Watch("eval", "main.lig", "--max-steps", "4000000000",
                  "--timeout", "10m")
    child = running_child(watch)
    write("main.lig", "1\n")  # it has read the file, or reads this one
    watch.wait(r"watch: (broken off|exit 0) in")
    if read("printed") == "":
        watch.changed("main.lig")
        watch.end_of_run(0)
    watch.stop()
    assert is_gone(child)
    assert read("printed") == "1\n", read("printed")


def a_run_that_crashes():
    write("main.lig", FOREVER)
    watch = Watch("eval", "main.lig", "--max-steps", "4000000000",
                  "--timeout", "10m")
    child = running_child(watch)
    os.kill(child, signal.SIGKILL)
    watch.wait("watch: ended by signal 9")
    watch.stop()


def a_run_that_ends_before_it_reads():
    """Nothing can be opened in the first run, in the next ones again."""
    two_modules()
    os.mkdir("ligature.toml")
    watch = Watch("eval", "main.lig")
    watch.wait("watch: exit 3 in")
    replace("main.lig", "2\n")
    watch.changed("main.lig")
    watch.wait("watch: exit 3 in")
    os.rmdir("ligature.toml")
    watch.changed("ligature.toml")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "2\n", read("printed")


def more_changes_than_the_kernel_keeps():
    two_modules()
    with open("/proc/sys/fs/inotify/max_queued_events") as file:
        limit = int(file.read())
    if limit > 50000:
        return
    watch = Watch("eval", "main.lig")
    watch.end_of_run(0)
    watch.process.send_signal(signal.SIGSTOP)
    for number in range(limit // 2 + 1):
        write("noise%d" % (number % 2), "")
    write("a.lig", "export let v = 2;\n")
    watch.process.send_signal(signal.SIGCONT)
    watch.changed("a.lig")
    watch.end_of_run(0)
    watch.stop()
    assert read("printed") == "1\n2\n", read("printed")


def signals_while_it_waits():
    two_modules()
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143),
                         (signal.SIGHUP, 143)):
        watch = Watch("eval", "main.lig")
        watch.end_of_run(0)
        watch.stop(number, code)


def signals_while_it_runs():
    write("main.lig", FOREVER)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        watch = Watch("eval", "main.lig", "--max-steps", "4000000000",
                      "--timeout", "10m", "-o", "out.json")
        child = running_child(watch)
        watch.stop(number, code)
        assert is_gone(child)
    assert sorted(os.listdir(".")) == ["main.lig", "printed", "said"], \
        os.listdir(".")


def diagnostics_for_tools():
    write("main.lig", "1\n")
    watch = Watch("eval", "main.lig", "--diagnostics", "json")
    watch.wait(r'\{"version":1,"diagnostics":\[')
    watch.stop()
    assert "watch:" not in watch.said(), watch.said()


CASES = {name: case for name, case in list(globals().items())
         if callable(case) and getattr(case, "__module__", "") == "__main__"
         and name not in ("Watch", "write", "replace", "read", "two_modules",
                          "children", "running_child", "is_gone")}


def main():
    global LIGATURE
    if sys.argv[1] == "list":
        print("\n".join(CASES))
        return
    LIGATURE = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            CASES[sys.argv[2]]()
        finally:
            for process in Watch.started:
                if process.poll() is None:
                    process.kill()


main()
