"""Measures symloss beside its peers: `python tests/benchmarks/run.py [W1 W2 W3 W4] [--write]`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import peers  # noqa: E402, found beside this file
import report  # noqa: E402

WORKLOADS = {"W1": "values", "W2": "hessians", "W3": "latency", "W4": "growth"}


def main() -> None:
    options = parsed()
    warn_of_load()
    found = peers.present(options.peers)
    sections = []
    for name in options.workloads:
        start = time.perf_counter()
        print(f"\n{name} ...", flush=True)
        arguments = (options.only, options.pytensor_seconds) if name == "W1" else ()
        try:
            sections.append(importlib.import_module(WORKLOADS[name]).measure(found, *arguments))
        except Exception:
            traceback.print_exc()
            print(f"{name} failed; the others go on", flush=True)
            continue
        print(f"\n{sections[-1]}\n\n{name} took {time.perf_counter() - start:.0f} s", flush=True)
    if options.write:
        report.write(sections)
    sys.exit(len(sections) < len(options.workloads))


def warn_of_load() -> None:
    """Say that other work disturbs: what runs on two threads then waits for a core."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        print(f"WARNING: other work disturbs, the load is {load:.1f} before the start", flush=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", help="some of W1 W2 W3 W4; default: all")
    parser.add_argument("--peers", nargs="*", default=peers.PEERS, choices=peers.PEERS)
    parser.add_argument("--only", nargs="*", default=[""], help="W1: losses with one of these in their name")
    parser.add_argument("--pytensor-seconds", type=float, default=60, help="W1: time for PyTensor to compile")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    if unknown := {*options.workloads} - {*WORKLOADS}:
        parser.error(f"no workload is named {', '.join(sorted(unknown))}")
    options.workloads = options.workloads or [*WORKLOADS]
    return options


if __name__ == "__main__":
    main()
