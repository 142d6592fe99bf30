"""What a build is, by the name of its folder."""
import os


def sanitizer(build):
    """"asan", "tsan" or "ubsan" of a build with that sanitizer, else None."""
    name = os.path.basename(os.path.abspath(build))
    return next((s for s in ("ubsan", "asan", "tsan") if s in name), None)
