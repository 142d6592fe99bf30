#!/usr/bin/env python3
"""Measures Ligature: against its peers, on more workers, at growing sizes,
with and without caches.

  bench.py [--ligature PATH] [--runs N] [--out DIR] [--only TEXT] [--large]
           [--parts peers,scaling,costs,caches,growth] [--page FILE]

Writes DIR/bench.json, DIR/bench.md and DIR/bench.svg. --page makes
docs/performance.md (and the chart beside it) from DIR/bench.json.
"""
import argparse
import json
import os
import tempfile

import caches
import costs
import growth
import page
import peers
import scaling

PARTS = {"peers": peers, "scaling": scaling, "costs": costs,
         "caches": caches, "growth": growth}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ligature", default=os.path.join(
        peers.ROOT, "build/release/ligature"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--out", default=os.path.join(peers.ROOT,
                                                      "build/bench"))
    parser.add_argument("--only", default="")
    parser.add_argument("--large", action="store_true",
                        help="also the workloads of 100k and 5k")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--parts",
                        default="peers,scaling,costs,caches,growth")
    parser.add_argument("--page", help="only write this page from bench.json")
    options = parser.parse_args()
    store = os.path.join(options.out, "bench.json")
    if options.page:
        with open(store) as file:
            page.write(json.load(file), options.page)
        return
    os.makedirs(options.out, exist_ok=True)
    results = {}
    if os.path.exists(store):
        with open(store) as file:
            results = json.load(file)
    results["machine"] = page.machine()
    for part in options.parts.split(","):
        with tempfile.TemporaryDirectory() as folder:
            print("== " + part, flush=True)
            results[part] = PARTS[part].measure(folder, [options.ligature],
                                                options)
    # Through JSON, so that keys are what a later reader sees.
    results = json.loads(json.dumps(results))
    with open(store, "w") as file:
        json.dump(results, file, indent=1)
    page.write(results, os.path.join(options.out, "bench.md"))
    print("written to " + options.out)


if __name__ == "__main__":
    main()
