"""The command line of a comparison of random things:

    SCRIPT BUILD COUNT [FIRST]

checks COUNT seeds from FIRST on, each in a folder that is empty at first, and
prints TAP. Of a seed that fails, the folder is copied into the folder that
TEST_KEEP names."""
import os
import shutil
import subprocess
import sys
import tempfile


def main(what, check):
    """`check` takes the binary and a seed and says what is wrong, or None."""
    ligature = os.path.join(os.path.abspath(sys.argv[1]), "ligature")
    count = int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    keep = os.environ.get("TEST_KEEP")
    keep = keep and os.path.abspath(keep)
    for name in ("CI", "GITHUB_ACTIONS", "CLICOLOR_FORCE"):
        os.environ.pop(name, None)
    failures = 0
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            wrong = in_time(check, ligature, seed)
            if wrong is not None:
                failures += 1
                print("not ok - %s of seed %d" % (what, seed))
                print("# " + wrong[:3000].replace("\n", "\n# "), flush=True)
                if keep:
                    shutil.copytree(folder, os.path.join(
                        keep, "%s-%d" % (what.replace(" ", "-"), seed)))
            os.chdir("/")
    if failures == 0:
        print("ok - %s, %d times" % (what, count))
    return failures != 0


def in_time(check, ligature, seed):
    try:
        return check(ligature, seed)
    except subprocess.TimeoutExpired as late:
        return "too slow: %r" % (late.cmd,)


def run(command, env=None):
    """Exit code, standard output, standard error."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=env, timeout=120)
    return done.returncode, done.stdout, done.stderr
