"""Which peers take part: a missing one is skipped with a line that says so."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from cases import Arrays, Case

PEERS = ["jax", "torch", "pytensor"]


def present(names: Sequence[str]) -> list[ModuleType]:
    """The modules with the peers' losses, of those peers that are installed."""
    found = []
    for name in names:
        try:
            module = importlib.import_module(f"with_{name}")
        except ImportError as error:
            print(f"skipped: {name} cannot be imported ({error}); install the extra `bench`")
            continue
        if getattr(module, "usable", lambda: True)():
            found.append(module)
        else:
            print(f"skipped: {name} has no compiler to run with")
    return found


class Patience:
    """Seconds that may be spent on compiling one peer's functions; the rest of its rows are skipped."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def contestant(self, peer: ModuleType, case: Case, arrays: Arrays) -> Callable[[], Any] | None:
        """What the peer makes of a loss, or None, which is said, if it fails or takes too long."""
        known = getattr(peer, "COMPILED", None)
        what = f"{peer.NAME} for {case.name}, {arrays[0].dtype}"
        if known is not None and self.left <= 0 and (case.name, str(arrays[0].dtype)) not in known:
            print(f"skipped: {what}: no time left to compile it", flush=True)
            return None
        start = time.perf_counter()
        try:
            call: Callable[[], Any] = peer.contestant(case, arrays)
            call()
        except Exception as error:
            print(f"skipped: {what}: {error}", flush=True)
            return None
        if known is not None:
            self.left -= time.perf_counter() - start
        return call
