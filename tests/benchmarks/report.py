"""Tables and verdicts of the benchmarks, printed and written to docs/performance.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "performance.md"
NOTES = HERE / "notes.md"
PACKAGES = ["numpy", "jax", "torch", "pytensor", "numba", "autograd"]
INTRODUCTION = """\
# Performance

Written by `python tests/benchmarks/run.py --write`, which needs the extra `bench`. All contestants of a row
are measured in turn, in one run on one machine: medians of at least nine rounds after warm-up, ± half the
distance of the quartiles. A ratio below 1 means that symloss is faster. Peers have their best form: JAX under
`jit`, with its arrays on the device; torch on two threads, by autograd or by hand, whichever is faster;
PyTensor in its default mode, warm. A contestant is measured only if it agrees with the others."""
ENDING = "Rows that miss their target, and why"


@dataclass(frozen=True)
class Table:
    """Rows of text below a header."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        ruled = [lines[0], ["-" * width for width in widths], *lines[1:]]
        return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in ruled)


@dataclass(frozen=True)
class Verdict:
    """A target, and what was found."""

    what: str
    target: str
    found: str
    met: bool


@dataclass
class Section:
    """What one workload has to tell."""

    title: str
    blocks: list[str | Table] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)

    def judge(self, what: str, target: str, found: str, met: bool) -> None:
        self.verdicts.append(Verdict(what, target, found, bool(met)))

    def __str__(self) -> str:
        judged = [[v.what, v.target, v.found, "met" if v.met else "**missed**"] for v in self.verdicts]
        targets = Table(["what", "target", "found", ""], judged)
        return "\n\n".join(["## " + self.title, *map(str, self.blocks), str(targets)])


def milliseconds(seconds: float) -> str:
    """Three digits that count."""
    ms = 1000 * seconds
    return f"{ms:.0f}" if ms >= 100 else f"{ms:.1f}" if ms >= 10 else f"{ms:.2f}" if ms >= 1 else f"{ms:.3g}"


def ratio(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


# The page -----------------------------------------------------------------------------------------
def write(sections: Sequence[Section]) -> None:
    """Replace the sections that were measured; the others stay as they stand."""
    standing = {} if not PAGE.exists() else by_title(PAGE.read_text(encoding="utf-8"))
    standing |= {section.title: str(section) for section in sections}
    standing.pop("Machine", None)
    standing.pop(ENDING, None)
    notes = NOTES.read_text(encoding="utf-8").strip()
    ordered = [standing[title] for title in sorted(standing)]
    page = [INTRODUCTION, machine(), *ordered, f"## {ENDING}\n\n{notes}"]
    PAGE.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    print(f"wrote {PAGE}")


def by_title(page: str) -> dict[str, str]:
    """The sections of a page."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: "## " + part.strip() for part in parts}


def machine() -> str:
    """Where and with what it was measured."""
    cpu = dict(line.split(":", 1) for line in said("lscpu").splitlines() if ":" in line)
    caches = ", ".join(
        f"{name} {cpu[name].strip()}" for name in cpu if " cache" in name or name[:2] in "L1L2L3"
    )
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows = [
        ["date", datetime.date.today().isoformat()],
        ["processor", f"{cpu.get('Model name', platform.processor()).strip()}, {os.cpu_count()} cores"],
        ["caches", caches or "unknown"],
        ["system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"],
        ["versions", versions],
    ]
    return f"## Machine\n\n{Table(['', ''], rows)}"


def said(command: str) -> str:
    try:
        return subprocess.run([command], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
