"""Expressions computed into an array that is there: by their last operation, where that can be told to."""

from __future__ import annotations

import ast

import numpy as np

_OPERATORS: dict[type[ast.AST], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.MatMult: np.matmul,
    ast.USub: np.negative,
}
"""The functions of NumPy that Python's operators stand for."""


def filling(room: str, text: str) -> str:
    """The statement that fills an array with the value of an expression."""
    last = _last(ast.parse(text, mode="eval").body)
    if last is None:
        return f"{room}[...] = {text}"
    function, operands = last
    return f"np.{function.__name__}({', '.join(map(ast.unparse, operands))}, out={room})"


def _last(tree: ast.expr) -> tuple[np.ufunc, list[ast.expr]] | None:
    """The last operation of an expression and its operands, if NumPy has a function for it that fills."""
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
        return _OPERATORS[type(tree.op)], [tree.left, tree.right]
    if isinstance(tree, ast.UnaryOp) and type(tree.op) in _OPERATORS:
        return _OPERATORS[type(tree.op)], [tree.operand]
    if isinstance(tree, ast.Call) and not tree.keywords:
        module, _, name = ast.unparse(tree.func).rpartition(".")
        function = getattr(np, name, None) if module == "np" else None
        if isinstance(function, np.ufunc) and function.nin == len(tree.args) and function.nout == 1:
            return function, tree.args
    return None
