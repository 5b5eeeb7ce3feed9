"""Prints how long `import symloss` takes in a fresh Python, and how much of that is NumPy's."""

import statistics
import subprocess
import sys

CODE = """
from time import perf_counter as now
start = now()
import numpy
between = now()
import symloss
print(between - start, now() - start)
"""


def main() -> None:
    """Print the medians of nine runs, after one that compiles."""
    runs = []
    for _ in range(10):
        run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
        runs.append(tuple(map(float, run.stdout.split())))
    numpy, whole = (statistics.median(times) for times in zip(*runs[1:], strict=True))
    print(f"numpy {numpy:.3f} s, symloss with numpy {whole:.3f} s")


if __name__ == "__main__":
    main()
