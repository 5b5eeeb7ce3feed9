"""Formulas in a finite field: transcendental parts are random numbers that depend on their arguments alone.

Two rational functions of such parts that agree at a random point are equal, but for odds of about 1 in 10¹⁸.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..core.expr import Expr
from ..core.leaves import CONSTANT, SIZE
from ..core.op import OPS
from ..core.walk import topological
from ..ops.exponential import exp
from ..ops.normal import COMBINE, CONTRACT, DELTA, RAISE
from .products import is_zero

PRIME = 2**61 - 1
EXP = OPS[exp.__name__]
Lengths = Mapping[Any, int]


def equal_in_field(a: Expr, b: Expr, seeds: int = 2) -> bool:
    """Whether two normal forms have the same elements in the field, at so many random points."""
    sizes = {size for node in topological([a, b]) for size in _symbols(node)}
    for seed in range(seeds):
        lengths = {size: 2 + k for k, size in enumerate(sorted(sizes, key=str))}
        try:
            left, right = Field(lengths, seed).values([a, b])
        except ArithmeticError:
            return False
        if left.shape != right.shape or not np.array_equal(left, right):
            return False
    return True


def _symbols(node: Expr) -> set[Any]:
    parts = [*node.shape, *node.params.get("sizes", ()), node.params.get("value")]
    return {symbol for part in parts for symbol in getattr(part, "free_symbols", ())}


class Field:
    """Evaluates normal forms at one random point; ArithmeticError where a divisor is 0 there."""

    def __init__(self, lengths: Lengths, seed: int) -> None:
        self.lengths, self.seed = lengths, seed

    def values(self, roots: Sequence[Expr]) -> list[Any]:
        """The elements of each root, as arrays of integers below `PRIME`."""
        known: dict[Expr, Any] = {}
        for node in topological(roots):
            known[node] = self._value(node, [known[arg] for arg in node.args], known)
        return [known[root] for root in roots]

    def atom(self, *key: Any) -> int:
        """The random number for a key."""
        text = repr((self.seed, *key)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest()) % PRIME

    def _value(self, node: Expr, args: list[Any], known: Mapping[Expr, Any]) -> Any:
        if node.op is CONTRACT:
            p = node.params
            sizes = tuple(self._length(size) for size in p["sizes"])
            return _reduced(CONTRACT.reference, args, p["ins"], p["out"], sizes)
        if node.op is COMBINE:
            shape = self._shape(node)
            terms = [_residue(c) * arg for c, arg in zip(node.params["coefs"], args, strict=True)]
            return np.broadcast_to(np.asarray(sum(terms) % PRIME, dtype=object), shape)
        if node.op is RAISE:
            return _each(lambda x: self._power(x, node.params["exponent"]), args[0])
        if node.op is CONSTANT and node.dtype.kind != "b":
            return _each(_residue, node.params["value"].astype(object))
        if node.op is SIZE:
            return np.array(self._length(node.params["value"]), dtype=object)
        if node.op is DELTA:
            return np.eye(self._shape(node)[0], dtype=int).astype(object)
        if node.op is EXP:
            return self._exponential(node.args[0], known)
        return self._opaque(node, args)

    def _power(self, x: int, exponent: Any) -> int:
        whole = Fraction(exponent)
        if whole.denominator != 1:
            return self.atom("raise", str(whole), x)
        if x == 0 and whole < 0:
            raise ZeroDivisionError
        return pow(x, int(whole), PRIME)

    def _exponential(self, argument: Expr, known: Mapping[Expr, Any]) -> Any:
        """The exponential turns sums into products, whole multiples into powers."""
        terms = [(Fraction(1), argument)]
        if argument.op is COMBINE and not is_zero(argument):
            terms = list(zip(argument.params["coefs"], argument.args, strict=True))
        result: Any = 1
        for coef, term in terms:
            exactly = Fraction(coef)
            part = exactly.denominator

            def power(x: int, n: int = exactly.numerator, part: int = part) -> int:
                return pow(self.atom("exp", part, x), n, PRIME)

            result = result * _each(power, known[term]) % PRIME
        return np.broadcast_to(np.asarray(result, dtype=object), known[argument].shape)

    def _opaque(self, node: Expr, args: list[Any]) -> Any:
        """Any other part: one number for each element, from what it is computed of."""
        shape = self._shape(node)
        if node.op.elementwise and args:
            pairs = np.broadcast_arrays(*args, np.empty(shape))[:-1]
            return _elements(
                shape, lambda at: self.atom(node.op.name, node.dtype.str, *[p[at] for p in pairs])
            )
        inside = [np.asarray(arg).tolist() for arg in args]
        told = sorted((k, repr(v)) for k, v in node.params.items())
        return _elements(shape, lambda at: self.atom(node.op.name, told, inside, at))

    def _shape(self, node: Expr) -> tuple[int, ...]:
        return tuple(self._length(size) for size in node.shape)

    def _length(self, size: Any) -> int:
        return size if isinstance(size, int) else int(size.xreplace(dict(self.lengths)))


def _residue(number: Any) -> int:
    """A number as an element of the field; infinities have none."""
    exactly = Fraction(number)
    return exactly.numerator * pow(exactly.denominator, -1, PRIME) % PRIME


def _each(function: Any, values: Any) -> Any:
    return np.asarray(np.frompyfunc(function, 1, 1)(values), dtype=object)


def _elements(shape: tuple[int, ...], function: Any) -> Any:
    result = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        result[at] = function(at)
    return result


def _reduced(reference: Any, args: list[Any], ins: Any, out: Any, sizes: tuple[int, ...]) -> Any:
    found = np.asarray(reference(*args, ins=ins, out=out, sizes=sizes), dtype=object)
    return np.asarray(found % PRIME, dtype=object)
