"""From a program to a complete NumPy module as text, which runs alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from .filling import filling
from .program import LONGEST_LINE, Program


@cache
def kernel_source(kernel: Callable[..., Any]) -> str:
    """The text of a kernel, without the annotations that only the library needs."""
    lines = inspect.getsource(kernel).rstrip().split("\n")
    lines[0] = _bare_signature(kernel)
    return "\n".join(lines)


def _bare_signature(kernel: Callable[..., Any]) -> str:
    given = []
    for parameter in inspect.signature(kernel).parameters.values():
        default = parameter.default
        given.append(parameter.name if default is parameter.empty else f"{parameter.name}={default!r}")
    return f"def {kernel.__name__}({', '.join(given)}):"


def module_source(program: Program, name: str, about: str) -> str:
    """The module: imports, constants, kernels, and the function `name`."""
    return _module(program, function_source(program, name, about))


def stage_source(program: Program, name: str, along: Sequence[int | str | None]) -> str:
    """The module of a stage: results along an axis fill the last arguments, the others are returned.

    Blocks along the first axis are contiguous, and filled by the last operation; NumPy's `negative` and
    `isnan` give wrong values to others.
    """
    pairs = list(zip(program.results, along, strict=True))
    texts = [(text, axis) for text, axis in pairs if isinstance(axis, int)]
    rooms = program.arguments[len(program.arguments) - len(texts) :]
    filled = [
        filling(room, text) if axis == 0 else f"{room}[...] = {text}"
        for room, (text, axis) in zip(rooms, texts, strict=True)
    ]
    others = "".join(f"{text}, " for text, axis in pairs if not isinstance(axis, int))
    body = [*_statements(program), *filled, f"return ({others})"]
    return _module(program, _indented([f"def {name}({', '.join(program.arguments)}):"], body))


def _module(program: Program, function: str) -> str:
    kernels = [kernel_source(kernel) for kernel in program.kernels if callable(kernel)]
    return "\n\n\n".join([_head(program), *kernels, function]) + "\n"


def _head(program: Program) -> str:
    text = "\n".join(f"{name} = {value}" for name, value in program.constants)
    kernels = "".join(kernel_source(k) for k in program.kernels if callable(k))
    imports = [m for m in ("base64", "math") if f"{m}." in text + kernels]
    head = "".join(f"import {m}\n" for m in imports) + ("\n" if imports else "") + "import numpy as np"
    return f"{head}\n\n{text}" if text else head


def function_source(program: Program, name: str, about: str) -> str:
    """The function alone: sizes, one line for each shared value, the result."""
    head = ['@np.errstate(all="ignore")', f"def {name}({', '.join(program.arguments)}):"]
    return _indented(head, [f'"""{about}"""', *_statements(program), _return(program.results)])


def _statements(program: Program) -> list[str]:
    """One statement for each size and each shared value."""
    return [*program.sizes, *[f"{line.target} = {line.text}" for line in program.lines]]


def _indented(head: Sequence[str], body: Sequence[str]) -> str:
    return "\n".join([*head, *[f"    {statement}" for statement in body]])


def _return(results: tuple[str, ...]) -> str:
    if len(results) < 2:
        return f"return {results[0] if results else '()'}"
    line = f"return {', '.join(results)}"
    return (
        line
        if len(line) + 4 <= LONGEST_LINE
        else "return (\n        " + ",\n        ".join(results) + ",\n    )"
    )
