"""The three forms that calculus knows: contractions, linear combinations and powers; and Kronecker's delta.

``contract(operands, ins, out, sizes)`` is ``C[out] = Σ over the other indices of A[ins₁]·B[ins₂]·…`` with
indices numbered from 0 and ``sizes[i]`` the length of index i. An output index that no operand has repeats
the value.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part, rational, total
from ..core.cuts import Cut, entrywise
from ..core.dtypes import FLOAT64, DType, is_float, promote
from ..core.errors import InternalError, ShapeError, message
from ..core.evaluate import as_exact, mpmath, quotient
from ..core.expr import Expr, apply, signature
from ..core.leaves import CONSTANT, is_number, leaf
from ..core.notation import ATOM, POWER, Notation, call
from ..core.op import Op, Rule
from ..core.shapes import sp
from .family import broadcast_shape, by_position

Index = tuple[int, ...]
Coefficient = Fraction | float


# Contractions -------------------------------------------------------------------------------------
def _contract_shape(
    name: str, *args: Expr, ins: tuple[Index, ...], out: Index, sizes: shapes.Shape, dtype: DType | None
) -> shapes.Shape:
    shape: shapes.Shape | None = None
    places: Index | None = None
    for arg, index in zip(args, ins, strict=True):
        if arg.shape is shape and index == places:
            continue
        shape, places = arg.shape, index
        if not shapes.same_shape(shape, tuple([sizes[i] for i in index])):
            raise InternalError(
                message(signature(name, *args), f"index sizes {sizes} do not fit", "please report it")
            )
    return tuple([sizes[i] for i in out])


def _contract_dtype(*args: Expr, dtype: DType | None, **params: Any) -> DType:
    return dtype or promote(*[arg.dtype for arg in args])


def _contract_rule(position: int) -> Rule:
    def rule(g: Expr, z: Expr, *args: Expr) -> Expr:
        ins, out = z.params["ins"], z.params["out"]
        extra = [("g", axis) for axis in range(g.ndim - z.ndim)]
        pairs: list[tuple[Expr, Sequence[Hashable]]] = [(g, [*extra, *out])]
        pairs += [(arg, ins[i]) for i, arg in enumerate(args) if i != position]
        target: list[Hashable] = []
        for axis, i in enumerate(ins[position]):
            if i in target:
                fresh = ("twin", axis)
                pairs.append((delta(args[position].shape[axis], z.dtype), [i, fresh]))
                target.append(fresh)
            else:
                target.append(i)
        lengths = {i: z.params["sizes"][i] for i in ins[position]}
        return by_labels(pairs, [*extra, *target], lengths)

    return rule


def _contract_reference(
    *args: Any, ins: tuple[Index, ...], out: Index, sizes: tuple[int, ...], dtype: Any = None
) -> Any:
    result = np.full(tuple(sizes[i] for i in out), 0, dtype=object)
    for point in np.ndindex(*sizes):
        term: Any = 1
        for arg, index in zip(args, ins, strict=True):
            term = term * arg[tuple(point[i] for i in index)]
        result[tuple(point[i] for i in out)] += term
    return result


def _contract_component(z: Expr, at: Sequence[Any], *args: Part) -> Any:
    ins, out, sizes = (z.params[name] for name in ("ins", "out", "sizes"))
    known = dict(zip(reversed(out), reversed(at), strict=True))
    used = {i for own in ins for i in own}
    summed = [i for i in range(len(sizes)) if i in used and i not in known]
    outside = [sizes[i] for i in range(len(sizes)) if i not in used and i not in known]
    outside += [sp.KroneckerDelta(known[i], place) for i, place in zip(out, at, strict=True)]

    def term(*along: Any) -> Any:
        places = known | dict(zip(summed, along, strict=True))
        return sp.Mul(*[arg(*[places[i] for i in own]) for arg, own in zip(args, ins, strict=True)])

    return sp.Mul(*outside) * total([sizes[i] for i in summed], term)


def _indices(node: Expr) -> list[Cut]:
    """The cuts of a contraction: along each index that no tensor has twice, and some argument has."""
    ins, out, cuts = node.params["ins"], node.params["out"], []
    for index in range(len(node.params["sizes"])):
        counts = [places.count(index) for places in (*ins, out)]
        if max(counts) == 1 and any(counts[:-1]):
            axes = tuple(places.index(index) if index in places else None for places in ins)
            cuts.append(Cut(out.index(index) if index in out else "add", axes))
    return cuts


CONTRACT = Op(
    "contract",
    "Sum over indices of a product of tensors.",
    shape=_contract_shape,
    dtype=_contract_dtype,
    numpy=call("contract(##)"),
    text=call("contract(##)"),
    latex=call(r"\operatorname{contract}(##)"),
    reference=_contract_reference,
    component=_contract_component,
    derivative=_contract_rule,
    cuts=_indices,
    samples=(
        ((2, 3), (3, 2), {"ins": ((0, 2), (2, 1)), "out": (0, 1), "sizes": (2, 2, 3), "dtype": None}),
        ((3, 3), (3,), {"ins": ((0, 0), (1,)), "out": (1,), "sizes": (3, 3), "dtype": None}),
        ((2,), {"ins": ((1,),), "out": (0,), "sizes": (3, 2), "dtype": None}),
    ),
)


def contract(
    operands: Sequence[Expr],
    ins: Sequence[Index],
    out: Index,
    sizes: shapes.Shape,
    dtype: DType | None = None,
) -> Expr:
    """The contraction as it stands, without simplification."""
    kept = None if operands else (dtype or FLOAT64)
    return apply(CONTRACT, *operands, ins=tuple(ins), out=out, sizes=tuple(sizes), dtype=kept)


def by_labels(
    pairs: Iterable[tuple[Expr, Sequence[Hashable]]],
    out: Sequence[Hashable],
    lengths: dict[Any, shapes.Size] | None = None,
    dtype: DType | None = None,
) -> Expr:
    """A contraction whose indices are any labels; operand axes of size 1 broadcast.

    `lengths` gives the sizes of labels that no operand has.
    """
    pairs = [(operand, list(labels)) for operand, labels in pairs]
    sizes = _label_sizes(pairs, lengths or {}, out)
    numbers = {label: i for i, label in enumerate(sizes)}
    lengths_by_number = list(sizes.values())
    ins = []
    for operand, labels in pairs:
        index = []
        for label, size in zip(labels, operand.shape, strict=True):
            if isinstance(size, int) and size == 1 and sizes[label] != 1:
                index.append(len(lengths_by_number))
                lengths_by_number.append(1)
            else:
                index.append(numbers[label])
        ins.append(tuple(index))
    index_out = tuple(numbers[label] for label in out)
    return contract([operand for operand, _ in pairs], ins, index_out, tuple(lengths_by_number), dtype)


def _label_sizes(
    pairs: Sequence[tuple[Expr, Sequence[Hashable]]], lengths: dict[Any, shapes.Size], out: Sequence[Hashable]
) -> dict[Hashable, shapes.Size]:
    """The length of every label; those of the output come first."""
    sizes: dict[Hashable, shapes.Size] = {label: lengths.get(label, 1) for label in out}
    for label, size in lengths.items():
        sizes.setdefault(label, size)
    for operand, labels in pairs:
        for label, size in zip(labels, operand.shape, strict=True):
            known = sizes.get(label, 1)
            if isinstance(size, int) and size == 1:
                sizes.setdefault(label, 1)
                continue
            both = size if isinstance(known, int) and known == 1 else shapes.unify(known, size)
            if both is None:
                wrong = f"an index has sizes {shapes.show((known,))[1:-2]} and {shapes.show((size,))[1:-2]}"
                raise ShapeError(message(signature("contraction", *[p for p, _ in pairs]), wrong))
            sizes[label] = both
    return sizes


def ones(shape: shapes.Shape, dtype: DType) -> Expr:
    """The empty product, repeated to a shape."""
    axes = tuple(range(len(shape)))
    return contract([], [], axes, shape, dtype)


# Linear combinations ------------------------------------------------------------------------------
def _combine_dtype(*args: Expr, coefs: tuple[Coefficient, ...]) -> DType:
    dtype = promote(*[arg.dtype for arg in args])
    whole = all(isinstance(c, Fraction) and c.denominator == 1 for c in coefs)
    return dtype if is_float(dtype) or whole else FLOAT64


def _combine_rule(position: int) -> Rule:
    return lambda g, z, *args: combine([z.params["coefs"][position]], [g])


COMBINE = Op(
    "combine",
    "Sum of tensors with numbers for coefficients; shapes broadcast.",
    shape=broadcast_shape,
    dtype=_combine_dtype,
    numpy=call("combine(##)"),
    text=call("combine(##)"),
    latex=call(r"\operatorname{combine}(##)"),
    reference=lambda *args, coefs: sum(
        as_exact(c, FLOAT64) * arg for c, arg in zip(coefs, args, strict=True)
    ),
    component=lambda z, at, *args: sp.Add(
        *[rational(c) * arg(*at) for c, arg in zip(z.params["coefs"], args, strict=True)]
    ),
    derivative=_combine_rule,
    cuts=entrywise,
    samples=(((2, 3), (3,), {"coefs": (Fraction(2), Fraction(-1, 3))}),),
)


def combine(coefs: Sequence[Coefficient], terms: Sequence[Expr]) -> Expr:
    """The linear combination as it stands, without simplification."""
    return apply(COMBINE, *terms, coefs=tuple(coefs))


# Powers -------------------------------------------------------------------------------------------
def _raise_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    n: Coefficient = z.params["exponent"]
    slope = combine([n], [raise_(x, n - 1)])
    return times(g, slope)


def _raise_reference(x: Any, exponent: Coefficient) -> Any:
    if exponent < 0:
        return np.frompyfunc(quotient, 2, 1)(1, _raise_reference(x, -exponent))
    n = as_exact(exponent, FLOAT64).item()
    return np.frompyfunc(lambda e: mpmath().power(e, n), 1, 1)(x)


RAISE = Op(
    "raise",
    "A fixed power.",
    shape=broadcast_shape,
    dtype=lambda x, exponent: (
        x.dtype
        if exponent == int(exponent) and exponent >= 0
        else promote(x.dtype, FLOAT64)
        if not is_float(x.dtype)
        else x.dtype
    ),
    numpy=Notation("#1**«exponent»", POWER, (ATOM,)),
    text=Notation("#1^«exponent»", POWER, (ATOM,)),
    latex=Notation("#1^{«exponent»}", POWER, (ATOM,)),
    places=lambda z: (tuple(range(z.ndim)),),
    reference=_raise_reference,
    component=lambda z, at, x: x(*at) ** rational(z.params["exponent"]),
    derivative=by_position((_raise_rule,)),
    cuts=entrywise,
    samples=(((2, 3), {"exponent": Fraction(3)}), ((2,), {"exponent": Fraction(-1)})),
)


def raise_(x: Expr, exponent: Coefficient) -> Expr:
    """``x**exponent`` for a number; the power 0 is 1, also of 0."""
    return apply(RAISE, x, exponent=exponent)


def times(*factors: Expr) -> Expr:
    """The elementwise product, broadcast as NumPy does."""
    shape = shapes.broadcast([factor.shape for factor in factors], "multiply")
    rank = len(shape)
    axes = tuple(range(rank))
    if all(factor.shape in ((), shape) for factor in factors):
        return contract(factors, [axes if factor.shape else () for factor in factors], axes, shape)
    lengths = dict(enumerate(shape))
    return by_labels([(factor, axes[rank - factor.ndim :]) for factor in factors], axes, lengths)


# Kronecker's delta --------------------------------------------------------------------------------
DELTA = Op(
    "eye",
    "The identity matrix: 1 where the two indices agree, else 0.",
    shape=lambda call, shape, **_: shape,
    dtype=lambda dtype, **_: dtype,
    numpy=call("np.eye(«size»«, dtype»)"),
    text=call("I"),
    latex=call("I"),
    index=call(r"\delta"),
    leaf=True,
    reference=lambda size: np.eye(size),
    component=lambda z, at: sp.KroneckerDelta(*at) if at[0].is_Symbol else sp.Integer(1),
)


def delta(size: shapes.Size, dtype: DType) -> Expr:
    """The identity matrix of that size."""
    return leaf(DELTA, (size, size), dtype, size=size)


def exact(value: Any) -> Coefficient:
    """A finite number as an exact fraction; infinities stay floats."""
    if is_number(value) and np.isfinite(float(value)):
        return Fraction(value.item() if isinstance(value, np.generic) else value)
    return float(value)


def number_in(e: Expr) -> Coefficient | None:
    """The number that a scalar is, written as a constant or in normal form; None if it is not a number."""
    if e.op is CONSTANT and e.ndim == 0 and e.dtype.kind != "b":
        return exact(e.params["value"].item())
    if e.op is CONTRACT and not e.args and e.ndim == 0:
        return Fraction(1)
    if e.op is COMBINE and len(e.args) == 1 and number_in(e.args[0]) == 1:
        coef: Coefficient = e.params["coefs"][0]
        return coef
    return None
