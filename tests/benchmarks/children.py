"""Runs a piece of Python in a fresh process, and reads what it prints as its last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


def child(code: str, *arguments: object, seconds: float = 120) -> Any:
    """The JSON that `code` prints last, or None if it fails or takes too long, which is said."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
    command = [sys.executable, "-c", code, *map(str, arguments)]
    try:
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"stopped after {seconds:.0f} s: {arguments or code.strip().splitlines()[-1]}", flush=True)
        return None
    if run.returncode:
        print(f"failed: {run.stderr.strip()[-300:]}", flush=True)
        return None
    return json.loads(run.stdout.splitlines()[-1])
