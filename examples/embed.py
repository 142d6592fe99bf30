#!/usr/bin/env python3
"""The shared library from Python: prints the result of a file.

    make install-shared && ldconfig && python3 examples/embed.py main.lig
"""
import ctypes
import sys

lib = ctypes.CDLL("libligature.so.0")
for name in ("context_new", "evaluate_file"):
    getattr(lib, "ligature_" + name).restype = ctypes.c_void_p
for name in ("output", "message"):
    getattr(lib, "ligature_result_" + name).restype = ctypes.c_char_p

context = ctypes.c_void_p(lib.ligature_context_new(None))
path = sys.argv[1].encode()
result = ctypes.c_void_p(lib.ligature_evaluate_file(context, path))
sys.stderr.write(lib.ligature_result_message(result).decode())
sys.stdout.write(lib.ligature_result_output(result).decode())
status = lib.ligature_result_status(result)
lib.ligature_result_free(result)
lib.ligature_context_free(context)
sys.exit(status)
