"""Products that sum over shared indices, under NumPy's names; each is defined as one contraction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..core import shapes
from ..core.cuts import Cut
from ..core.errors import GraphError, ShapeError, kind, message
from ..core.expr import Expr, apply, signature
from ..core.leaves import lift
from ..core.notation import ATOM, ENTRYWISE, JUXTAPOSE, LOOSE, PREFIX, PRODUCT, UNARY, Notation, call, infix
from ..core.op import Op
from .arithmetic import multiply
from .family import cast, counted, public
from .joining import reshape
from .normal import by_labels

__all__ = [
    "dot",
    "einsum",
    "matmul",
    "outer",
    "tensordot",
]

_PRODUCT = Notation(f"#1«row»{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX))


def _met(*args: Expr) -> list[Expr]:
    """The factors of a product in the dtype that they meet in."""
    dtype = counted(*args)
    return [cast(arg, dtype) for arg in args]


# Matrix products ----------------------------------------------------------------------------------
def _matmul(x: Expr, y: Expr) -> Expr:
    rank = max(x.ndim, y.ndim, 2)
    batch = list(range(rank - 2))
    left: list[Any] = [*batch[rank - x.ndim :], "row", "sum"] if x.ndim > 1 else ["sum"]
    right: list[Any] = [*batch[rank - y.ndim :], "sum", "column"] if y.ndim > 1 else ["sum"]
    out = [*batch, *(["row"] if x.ndim > 1 else []), *(["column"] if y.ndim > 1 else [])]
    return by_labels([(x, left), (y, right)], out)


def _matmul_shape(call_: str, x: Expr, y: Expr) -> shapes.Shape:
    where = signature(call_, x, y)
    if x.ndim == 0 or y.ndim == 0:
        raise ShapeError(message(where, "a scalar has no matrix product", "use *"))
    m, n = x.shape[-1], y.shape[-2 if y.ndim > 1 else 0]
    if shapes.unify(m, n) is None:
        wrong = f"the inner sizes differ: {shapes.show((m,))[1:-2]} and {shapes.show((n,))[1:-2]}"
        raise ShapeError(message(where, wrong, "transpose one of them, or check the order"))
    batch = shapes.broadcast([x.shape[:-2], y.shape[:-2]], where)
    return batch + (x.shape[-2:-1] if x.ndim > 1 else ()) + (y.shape[-1:] if y.ndim > 1 else ())


MATMUL = Op(
    "matmul",
    "The matrix product; leading axes broadcast.",
    shape=_matmul_shape,
    dtype=counted,
    numpy=infix(" @ ", PRODUCT),
    text=_PRODUCT,
    latex=_PRODUCT,
    definition=_matmul,
    stem="a",
    threaded=True,
    reference=lambda x, y: np.matmul(x, y),
    samples=(
        ((2, 3), (3, 2), {}),
        ((3,), (3, 2), {}),
        ((2, 3), (3,), {}),
        ((3,), (3,), {}),
        ((2, 2, 3), (3, 2), {}),
    ),
)

OUTER = Op(
    "outer",
    "The products of all pairs of elements of two vectors.",
    shape=lambda call_, x, y: x.shape + y.shape,
    dtype=counted,
    numpy=call("np.outer(#1, #2)"),
    text=Notation(f"#1{JUXTAPOSE}#2ᵀ", PRODUCT, (PRODUCT, ATOM)),
    latex=Notation(rf"#1{JUXTAPOSE}#2^{{\top}}", PRODUCT, (PRODUCT, ATOM)),
    definition=lambda x, y: by_labels([(x, [0]), (y, [1])], [0, 1]),
    reference=lambda x, y: np.outer(x, y),
    samples=(((2,), (3,), {}),),
)


KRONECKER = Op(
    "kronecker",
    "A[j, l]·B[i, k] at [i, j, k, l]: the Kronecker product A ⊗ B, in which stacked columns are the index.",
    shape=lambda call_, x, y: (y.shape[0], x.shape[0], y.shape[1], x.shape[1]),
    dtype=counted,
    numpy=Notation("#1[:, None] * #2[:, None, :, None]", PRODUCT, (ATOM,)),
    text=Notation("#1 ⊗ #2", ENTRYWISE, (PREFIX, PREFIX)),
    latex=Notation(r"#1 \otimes #2", ENTRYWISE, (PREFIX, PREFIX)),
    definition=lambda x, y: by_labels([(x, [1, 3]), (y, [0, 2])], [0, 1, 2, 3]),
    reference=lambda x, y: np.einsum("jl,ik->ijkl", x, y),
    samples=(((2, 3), (3, 2), {}),),
)

SCALED_ROWS = Op(
    "scaled_rows",
    "The product of a diagonal matrix, given by its diagonal, with a matrix.",
    shape=lambda call_, x, y: y.shape,
    dtype=counted,
    numpy=Notation("#1[:, None] * #2", PRODUCT, (ATOM, UNARY)),
    text=Notation(rf"diag(#1){JUXTAPOSE}#2", PRODUCT, (LOOSE, PRODUCT)),
    latex=Notation(rf"\operatorname{{diag}}(#1){JUXTAPOSE}#2", PRODUCT, (LOOSE, PRODUCT)),
    definition=lambda x, y: by_labels([(x, [0]), (y, [0, 1])], [0, 1]),
    reference=lambda x, y: x[:, None] * y,
    samples=(((2,), (2, 3), {}),),
)

SCALED_COLUMNS = Op(
    "scaled_columns",
    "The product of a matrix with a diagonal matrix, given by its diagonal.",
    shape=lambda call_, x, y: x.shape,
    dtype=counted,
    numpy=infix(" * ", PRODUCT),
    text=Notation(rf"#1{JUXTAPOSE}diag(#2)", PRODUCT, (PRODUCT, LOOSE)),
    latex=Notation(rf"#1{JUXTAPOSE}\operatorname{{diag}}(#2)", PRODUCT, (PRODUCT, LOOSE)),
    definition=lambda x, y: by_labels([(x, [0, 1]), (y, [1])], [0, 1]),
    reference=lambda x, y: x * y,
    samples=(((3, 2), (2,), {}),),
)


@public
def matmul(x: Any, y: Any) -> Expr:
    """The matrix product, as NumPy's ``@``; leading axes broadcast."""
    x, y = lift("matmul", x, y)
    return apply(MATMUL, *_met(x, y))


@public
def dot(x: Any, y: Any) -> Expr:
    """The inner product over the last axis of `x` and the last but one of `y`, as in NumPy."""
    x, y = lift("dot", x, y)
    if x.ndim == 0 or y.ndim == 0:
        return multiply(x, y)
    return matmul(x, y) if x.ndim < 3 and y.ndim < 3 else tensordot(x, y, ([-1], [-2 if y.ndim > 1 else -1]))


@public
def outer(x: Any, y: Any) -> Expr:
    """The products of all pairs of elements of two vectors (other ranks are raveled)."""
    x, y = _met(*lift("outer", x, y))
    return apply(OUTER, *[arg if arg.ndim == 1 else reshape(arg, (-1,)) for arg in (x, y)])


# Einstein sums ------------------------------------------------------------------------------------
def _einsum(*args: Expr, subscripts: str) -> Expr:
    ins, out = subscripts.split("->")
    return by_labels([(arg, list(term)) for arg, term in zip(args, ins.split(","), strict=True)], list(out))


EINSUM = Op(
    "einsum",
    "Sum over indices of a product, in Einstein's notation.",
    shape=lambda call_, *args, subscripts: _einsum(*args, subscripts=subscripts).shape,
    dtype=counted,
    numpy=call("np.einsum('«subscripts»', ##)"),
    text=call("einsum(«subscripts»; ##)"),
    latex=call(r"\operatorname{einsum}_{\text{«subscripts»}}(##)"),
    definition=_einsum,
    reference=lambda *args, subscripts: np.einsum(subscripts, *args),
    view=True,
    samples=(
        ((2, 3), (3, 2), {"subscripts": "ij,jk->ik"}),
        ((3, 3), {"subscripts": "ii->i"}),
        ((2, 3), {"subscripts": "ij->ji"}),
        ((2, 3), (2, 3), {"subscripts": "ij,ij->i"}),
    ),
)


def _by_products(node: Expr) -> list[Cut]:
    """The cuts of an Einstein sum by matrix products: for three tensors and more along summed indices alone.

    NumPy makes no product on the way that is larger than what goes in and out: for a part of the result it
    would compute entry by entry.
    """
    form = _einsum(*node.args, **node.params)
    found = form.op.cuts(form) if form.op.cuts is not None and form.args == node.args else []
    return [cut for cut in found if len(node.args) < 3 or isinstance(cut.result, str)]


EINSUM_BY_PRODUCTS = replace(
    EINSUM,
    name="einsum_by_products",
    doc="Sum over indices of a product, computed by matrix products.",
    numpy=call("np.einsum('«subscripts»', ##, optimize=True)"),
    samples=(
        ((2, 3, 2), (3, 4), {"subscripts": "ijk,jl->ikl"}),
        ((2, 3), (3, 4), (4, 2), {"subscripts": "ij,jk,kl->il"}),
    ),
    view=False,
    threaded=True,
    cuts=_by_products,
)


@public
def einsum(subscripts: Any, *operands: Any) -> Expr:
    """Sum over indices of a product, in NumPy's notation; ``...`` stands for leading axes.

    Raises
    ------
    GraphError
        If the subscripts do not fit the operands.
    """
    if not isinstance(subscripts, str):
        wrong = f"the subscripts are {kind(subscripts)}, expected a string"
        raise GraphError(message("einsum()", wrong, "write them first, as in 'ij,jk->ik'"))
    args = lift("einsum", *operands)
    call_ = signature("einsum", *args)
    ins, out = _subscripts(subscripts, args, call_)
    for arg, term in zip(args, ins, strict=True):
        if len(term) != arg.ndim:
            wrong = f"subscript {term!r} has {len(term)} letters for an operand of rank {arg.ndim}"
            raise ShapeError(message(call_, wrong, "give one letter for each axis"))
    shapes.check_rank((1,) * len(out), call_)
    return apply(EINSUM, *_met(*args), subscripts=",".join(ins) + "->" + out)


def _subscripts(subscripts: str, args: list[Expr], call_: str) -> tuple[list[str], str]:
    """One word of letters per operand, and the word of the result; ``...`` spelt out in capitals."""
    text = subscripts.replace(" ", "")
    left, arrow, out = text.partition("->")
    ins = left.split(",")
    letters = set(text) - set(",->.")
    if len(ins) != len(args) or not all(c.isascii() and c.isalpha() for c in letters):
        wrong = f"subscripts {subscripts[:40]!r} do not fit {len(args)} operands"
        raise GraphError(message(call_, wrong, "write them as in 'ij,jk->ik'"))
    spare = [c for c in "ZYXWVUTSRQ" if c not in letters]
    widest = max([arg.ndim - len(t) + 3 for arg, t in zip(args, ins, strict=True) if "..." in t], default=0)
    dots = "".join(reversed(spare[:widest]))
    ins = [
        t.replace("...", dots[widest - (arg.ndim - len(t) + 3) :] if arg.ndim >= len(t) - 3 else "")
        for arg, t in zip(args, ins, strict=True)
    ]
    if not arrow:
        once = sorted(c for c in letters if "".join(ins).count(c) == 1)
        out = dots + "".join(once)
    out = out.replace("...", dots)
    if not set(out) <= set("".join(ins)) or len(set(out)) < len(out):
        raise GraphError(
            message(call_, f"output {out!r} is not made of distinct input letters", "drop the others")
        )
    return ins, out


@public
def tensordot(x: Any, y: Any, axes: Any = 2) -> Expr:
    """The product of two tensors summed over pairs of axes, as in NumPy."""
    x, y = lift("tensordot", x, y)
    call_ = signature("tensordot", x, y)
    if not isinstance(axes, tuple | list):
        number = min(shapes.integer(axes, "axes", call_), x.ndim + 1)
        first, second = list(range(x.ndim - number, x.ndim)), list(range(number))
    else:
        pair = [list(a) if isinstance(a, tuple | list) else [a] for a in axes]
        if len(pair) != 2:
            wrong = f"axes has {len(pair)} entries, expected 2"
            raise ShapeError(message(call_, wrong, "give the axes of each tensor"))
        first = [shapes.one_axis(a, x.shape, call_) for a in pair[0]]
        second = [shapes.one_axis(a, y.shape, call_) for a in pair[1]]
    if len(first) != len(second) or any(a < 0 for a in first) or any(b >= y.ndim for b in second):
        raise ShapeError(message(call_, "the axes do not pair up", "give as many of each tensor"))
    left = list("abcdefghijklm"[: x.ndim])
    right = list("nopqrstuvwxyz"[: y.ndim])
    for a, b in zip(first, second, strict=True):
        right[b] = left[a]
    out = [c for i, c in enumerate(left) if i not in first] + [
        c for i, c in enumerate(right) if i not in second
    ]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", x, y)
