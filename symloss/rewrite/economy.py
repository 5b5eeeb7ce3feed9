"""Economy: compiled formulas written with parts that are computed once, and in fewer passes over memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from ..core.dtypes import INT64, is_float
from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT, SIZE, constant_of
from ..core.op import OPS, Op
from ..core.shapes import Size
from ..core.walk import rebuild, topological, users
from ..ops.axes import COLUMN, EXPAND, SQUEEZE, squeeze
from ..ops.constants import ARANGE
from ..ops.contraction import EINSUM
from ..ops.diagonals import DIAGONAL
from ..ops.exponential import exp
from ..ops.labels import ONE_HOT, PICK
from ..ops.likelihood import SOFTMAX_MINUS, SOFTMAX_TOTAL_MINUS
from ..ops.margins import MARGIN, MARGIN_SLOPE, RIVALS
from ..ops.normal import DELTA, combine, times
from ..ops.order import abs_, bent_square, direction, limited
from ..ops.parts import EXPONENTIALS, LOG_SHARES, LOG_SOFTMAX_AT, LOG_TOTAL, SHARES, SOFTMAX_MINUS_ONE_HOT
from ..ops.softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX
from .normalise import Normaliser
from .spreading import MULTIPLY, by_products, on_the_diagonal
from .totals import in_one_go, is_moderate

ABS, AT_MOST, DIVIDE, MAXIMUM, MINIMUM, NEGATIVE, WHERE = (
    OPS[name] for name in ("abs", "le", "divide", "maximum", "minimum", "negative", "where")
)
MASKED_LOG, XLOGY = OPS["masked_log"], OPS["xlogy"]
LOGISTIC = {OPS[name] for name in ("sigmoid", "softplus", "sigmoid_minus", "softplus_minus")}
"""What is computed from exp(−|x|), which may be given as the last argument."""
OF_ONE_AXIS = {LOGSUMEXP: LOG_TOTAL, LOG_SOFTMAX: LOG_SHARES, SOFTMAX: SHARES} | {
    op: op for op in (SOFTMAX_MINUS, SOFTMAX_TOTAL_MINUS, LOG_SOFTMAX_AT, SOFTMAX_MINUS_ONE_HOT)
}
"""Each member of the softmax family, and the one that takes exponentials as its last argument."""
_LONGEST_NUMBER = 32
"""How many parts of a formula are looked at to see whether it is a number."""


def economical(roots: Sequence[Expr]) -> list[Expr]:
    """The same values with less work."""
    normal = Normaliser()
    roots = share_reductions(rebuild(roots, lambda node, args: _cheaper(node.with_args(args), normal)))
    roots = weigh(numbers_to_rows(negate_numbers(in_one_go(roots))))
    roots = share_logs(share_decay(share_rivals(share_exponentials(roots))))
    return rebuild(roots, _column)


# One node for several -----------------------------------------------------------------------------
def _cheaper(node: Expr, normal: Normaliser) -> Expr:
    if node.op is WHERE:
        found = _without_branches(node, normal)
    else:
        form = FORMS.get(node.op)
        found = form(node) if form else None
    return node if found is None else _at_the_site_of(node, found)


def _at_the_site_of(old: Expr, new: Expr) -> Expr:
    """What takes the place of a node, said to be built where the node was."""
    new.site = old.site
    return new


def _limited(node: Expr) -> Expr | None:
    """The minimum of a maximum in one pass."""
    for inner, high in (node.args, node.args[::-1]):
        if inner.op is MAXIMUM and high.ndim == 0:
            low, x = sorted(inner.args, key=lambda e: (e.ndim, e.op is not CONSTANT))
            if low.ndim == 0 and is_float(x.dtype) and x.dtype == node.dtype:
                return limited(x, low, high)
    return None


def _without_branches(node: Expr, normal: Normaliser) -> Expr | None:
    """Huber's loss and its slope: a choice between two formulas, entry by entry, is slow."""
    condition, near, far = node.args
    if condition.op is not AT_MOST or condition.args[0].op is not ABS:
        return None
    x, c = condition.args[0].args[0], condition.args[1]
    if c.op is not CONSTANT or c.ndim or not 0 < c.params["value"] < float("inf") or x.dtype != node.dtype:
        return None
    half = combine([Fraction(1, 2)], [times(c, c)])
    if _same(normal, near, x) and _same(normal, far, c * direction(x)):
        return limited(x, constant_of(-c.params["value"], c.dtype), c)
    if _same(normal, near, x**2 / 2) and _same(normal, far, combine([1, -1], [c * abs_(x), half])):
        return bent_square(x, c)
    return None


def _same(normal: Normaliser, one: Expr, other: Expr) -> bool:
    return normal(one) is normal(other)


def _entry(node: Expr) -> Expr | None:
    """An entry of log_softmax in each row, without the others."""
    logs = node.args[0]
    if logs.op is not LOG_SOFTMAX or _axis(logs) != _last(logs) or node.ndim != logs.ndim - 1:
        return None
    labels = _numbered(node.shape[-1]) if node.op is DIAGONAL else node.args[1]
    return apply(LOG_SOFTMAX_AT, logs.args[0], labels) if labels.shape == node.shape else None


def _numbered(size: Size) -> Expr:
    """The number of each row."""
    return apply(ARANGE, stop=size, dtype=INT64)


def _less_one_hot(node: Expr) -> Expr | None:
    """softmax less one-hot rows, or times their sum, which is 1, without the rows."""
    scores, hot = node.args
    if hot.op not in (ONE_HOT, DELTA) or _axis(node) != _last(node) or node.dtype != scores.dtype:
        return None
    return apply(SOFTMAX_MINUS_ONE_HOT, scores, _numbered(hot.shape[0]) if hot.op is DELTA else hot.args[0])


FORMS: dict[Op, Callable[[Expr], Expr | None]] = {
    EINSUM: by_products,
    MULTIPLY: on_the_diagonal,
    MINIMUM: _limited,
    PICK: _entry,
    DIAGONAL: _entry,
    SOFTMAX_MINUS: _less_one_hot,
    SOFTMAX_TOTAL_MINUS: _less_one_hot,
}
"""What is tried at an operation."""


def _last(node: Expr) -> tuple[int, ...]:
    return (node.args[0].ndim - 1,)


def _axis(node: Expr) -> tuple[int, ...]:
    axis: tuple[int, ...] = node.params.get("axis", _last(node))
    return axis


# Factors ------------------------------------------------------------------------------------------
def negate_numbers(roots: Sequence[Expr]) -> list[Expr]:
    """Minus a number times a tensor as minus the number, times the tensor."""
    counts = users(roots)

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.op is NEGATIVE and args[0].op is MULTIPLY and counts[node.args[0]] == 1:
            number, tensor = args[0].args
            if not number.ndim and tensor.ndim and number.dtype == node.dtype:
                return _at_the_site_of(node, _opposite(number) * tensor)
        return node.with_args(args)

    return rebuild(roots, change)


def _opposite(number: Expr) -> Expr:
    """Minus a number; of a quotient, that of the numerator."""
    top = number.args[0] if number.op is DIVIDE else number
    if top.op is not CONSTANT:
        return -number
    minus = constant_of(-top.params["value"], top.dtype)
    return minus / number.args[1] if number.op is DIVIDE else minus


def numbers_to_rows(roots: Sequence[Expr]) -> list[Expr]:
    """A number times a product, or under it, goes to the factor that is smaller than the product."""
    counts = users(roots)

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        whole = node.with_args(args)
        if node.op not in (MULTIPLY, DIVIDE):
            return whole
        place = 0 if node.op is MULTIPLY else 1
        number, product = args[place], args[1 - place]
        if counts[node.args[1 - place]] > 1 or number.ndim or not _is_number(number):
            return whole
        return _at_the_site_of(node, _scaled(node.op, number, product, whole))

    return rebuild(roots, change)


def _scaled(op: Op, number: Expr, product: Expr, whole: Expr) -> Expr:
    """The whole, a product times or by a number, with the number at a factor that has fewer entries."""
    same = product.op is MULTIPLY and number.dtype == product.dtype == whole.dtype
    rows = [e for e in product.args if e.ndim and e.shape != product.shape and e.dtype == whole.dtype]
    if not same or not rows:
        return whole
    row = number * rows[0] if op is MULTIPLY else rows[0] / number
    return product.with_args(tuple(row if e is rows[0] else e for e in product.args))


PARTS_OF_SLOPE: dict[Op, Callable[[Expr], Expr]] = {
    SOFTMAX_MINUS_ONE_HOT: lambda slope: apply(EXPONENTIALS, slope.args[0], axis=_last(slope)),
    MARGIN_SLOPE: lambda slope: apply(RIVALS, *slope.args),
}
"""The slopes at labels that may be given a weight as their last argument, after what they are made of."""


def weigh(roots: Sequence[Expr]) -> list[Expr]:
    """Slopes at labels with the factors of all or of each row that only they are multiplied by."""
    counts = users(roots)

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        for k, slope in enumerate(args if node.op in (MULTIPLY, NEGATIVE) else ()):
            factor = args[1 - k] if node.op is MULTIPLY else None
            if slope.op in PARTS_OF_SLOPE and counts[node.args[k]] == 1 and _scales(factor, slope):
                return _at_the_site_of(node, _weighed(slope, factor))
        return node.with_args(args)

    return rebuild(roots, change)


def _scales(factor: Expr | None, slope: Expr) -> bool:
    """Whether a factor is one number, or one for each row; two variables could overflow before they meet."""
    if factor is None:
        return True
    fits = factor.dtype == slope.dtype and factor.shape in ((), (*slope.shape[:-1], 1))
    return fits and (len(slope.args) == 2 or _is_number(factor))


def _is_number(e: Expr) -> bool:
    """Whether a short formula is made of sizes and of constants that are neither large nor small."""
    parts = [e]
    for part in parts:
        if len(parts) > _LONGEST_NUMBER or (part.op.leaf and part.op is not SIZE and not is_moderate(part)):
            return False
        parts.extend(part.args)
    return True


def _weighed(slope: Expr, factor: Expr | None) -> Expr:
    """A slope times a factor, or its opposite."""
    x, labels, *rest = slope.args
    parts, weight = rest or (PARTS_OF_SLOPE[slope.op](slope), None)
    if factor is None:
        weight = constant_of(-1, slope.dtype) if weight is None else -weight
    else:
        weight = factor if weight is None else factor * weight
    return apply(slope.op, x, labels, parts, weight)


# Shared parts -------------------------------------------------------------------------------------
def share_reductions(roots: Sequence[Expr]) -> list[Expr]:
    """Reductions of the same kind over the same axes, with those axes kept or not, computed once."""

    def key(node: Expr) -> object:
        rest = tuple((name, value) for name, value in node.params.items() if name != "keepdims")
        return (node.op, node.args, rest) if "keepdims" in node.params else None

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        kept = apply(node.op, *args, **{**node.params, "keepdims": True})
        return kept if node.params["keepdims"] else squeeze(kept, node.params["axis"])

    return rebuild(_shared(roots, key, change), _put_back)


def _put_back(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """Axes that were taken out and put in again, with at most a function of each entry between, left in."""
    if node.op is not EXPAND:
        return node.with_args(args)
    (inner,) = args
    between = inner.op.elementwise and bool(inner.args) and all(not e.ndim for e in inner.args[1:])
    squeezed = inner.args[0] if between else inner
    if squeezed.op is not SQUEEZE or squeezed.params != node.params:
        return node.with_args(args)
    (x,) = squeezed.args
    return inner.with_args((x, *inner.args[1:])) if between else x


def _column(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """An axis put in at the end, by an index."""
    last = node.op is EXPAND and node.params["axis"] == (node.ndim - 1,)
    return apply(COLUMN, *args, **node.params) if last else node.with_args(args)


def share_exponentials(roots: Sequence[Expr]) -> list[Expr]:
    """The members of the softmax family that have the same scores, with exponentials that they share."""

    def key(node: Expr) -> object:
        member = node.op in OF_ONE_AXIS and len(_axis(node)) == 1
        return (node.args[0], _axis(node)) if member else None

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        parts = apply(EXPONENTIALS, args[0], axis=_axis(node))
        return apply(OF_ONE_AXIS[node.op], *_with(parts, args), **node.params)

    return _shared(roots, key, change)


def share_rivals(roots: Sequence[Expr]) -> list[Expr]:
    """Margins and their slopes, of the same scores and labels, with the search for the largest in common."""

    def key(node: Expr) -> object:
        return node.args[:2] if node.op in (MARGIN, MARGIN_SLOPE) else None

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        return apply(node.op, *_with(apply(RIVALS, *args[:2]), args))

    return _shared(roots, key, change)


def _with(parts: Expr, args: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The arguments of a node with the parts that others need as well; slopes with a weight have them."""
    return args if len(args) > 3 else (*args, parts)


def share_decay(roots: Sequence[Expr]) -> list[Expr]:
    """The logistic functions of the same number, or of its opposite, with exp(−|x|) in common."""

    def key(node: Expr) -> object:
        return _without_sign(node.args[0]) if node.op in LOGISTIC else None

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        return apply(node.op, *args, exp(-abs_(_without_sign(args[0]))), **node.params)

    return _shared(roots, key, change)


def share_logs(roots: Sequence[Expr]) -> list[Expr]:
    """x·log(x) and its slope, with the logarithm in common, which is 0 where x is."""

    def key(node: Expr) -> object:
        return node.args[0] if node.op in (XLOGY, MASKED_LOG) and node.args[0] is node.args[1] else None

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        logs = apply(MASKED_LOG, *args)
        return args[0] * logs if node.op is XLOGY else logs

    return _shared(roots, key, change)


def _without_sign(x: Expr) -> Expr:
    return x.args[0] if x.op is NEGATIVE else x


def _shared(
    roots: Sequence[Expr], key: Callable[[Expr], object], change: Callable[[Expr, tuple[Expr, ...]], Expr]
) -> list[Expr]:
    """The formulas with the nodes changed that have their key in common with another."""
    members: dict[object, list[Expr]] = {}
    for node in topological(roots):
        members.setdefault(key(node), []).append(node)
    members.pop(None, None)
    shared = {node for group in members.values() if len(group) > 1 for node in group}
    if not shared:
        return list(roots)

    def changed(node: Expr, args: tuple[Expr, ...]) -> Expr:
        return _at_the_site_of(node, change(node, args)) if node in shared else node.with_args(args)

    return rebuild(roots, changed)
