"""From a written formula to its normal form: sums of contractions of elementwise functions.

One `Normaliser` serves one purpose at a time: it remembers what it has done, which facts may be used,
which rules fired, and which written formula each normal form came from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from ..core import shapes
from ..core.dtypes import is_float
from ..core.errors import DomainError, message
from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT, SIZE
from ..core.walk import topological
from ..ops.normal import COMBINE, CONTRACT, DELTA, RAISE, Coefficient, Index, exact, ones, raise_, times
from .expansion import over_deltas
from .facts import check_resolved, is_symmetric, occurrence, solved
from .lookup import Book, Lookup
from .products import (
    Product,
    canonical,
    is_zero,
    keep_length,
    opposed_powers,
    product_of,
    scale_by_size,
    scaled,
    spliced,
    split,
    transposed,
    with_merged_powers,
    without_deltas,
    zero,
)
from .sums import floated, normal_sum, opposed, same_layout

_MOST_DIGITS = 1000
"""A power whose coefficient would have more binary digits keeps it inside."""


class Step(NamedTuple):
    """One application of a rule: its name, the node before and after."""

    rule: str
    before: Expr
    after: Expr


class Normaliser:
    """Normal forms under given facts and rules; `trace` lists the rules that fired, in order.

    A faithful one keeps a formula as it was written wherever algebra alone could change whether its value
    is finite: nothing cancels, no factor but a number is taken out, no product is multiplied out.
    """

    def __init__(
        self,
        facts: Iterable[tuple[Expr, Expr]] = (),
        rules: Book | None = None,
        faithful: bool = False,
    ) -> None:
        self.faithful = faithful
        self._lost = False
        self.memo: dict[Expr, Expr] = {}
        self.origin: dict[Expr, Expr] = {}
        self.renamed: set[Expr] = set()
        self.ranks: dict[Expr, int] = {}
        self.trace: list[Step] = []
        self.lookup = Lookup(rules or {})
        self.facts: dict[Expr, Expr] = {}
        self.symmetric: set[Expr] = set()
        for left, right in facts:
            self._learn(left, right)

    def _learn(self, left: Expr, right: Expr) -> None:
        """Note a fact; what was known without it is forgotten."""
        core, value = solved(self, left, right)
        if transposed(value) is core and value.ndim == 2:
            self.symmetric.add(value if core.op is CONTRACT else core)
        elif value is not core:
            check_resolved(core, value)
            self.facts[core] = value
        self.memo.clear()
        self.lookup.forget()
        self.origin.clear()

    def __call__(self, root: Expr) -> Expr:
        """The normal form of a formula."""
        memo = self.memo
        if root in memo:
            return memo[root]
        ready = memo.keys() >= {*root.args}
        for node in (root,) if ready else topological([root], skip=memo):
            form = memo[node] = self._normal(node, tuple([memo[arg] for arg in node.args]))
            memo.setdefault(form, form)
        return memo[root]

    def written(self, root: Expr) -> Expr:
        """The normal form of a formula of the user's; its notation is remembered where no rule fired."""
        for node in topological([root], skip=self.memo):
            before = len(self.trace)
            form = self(node)
            if not node.args:
                self.rank(node)
            if len(self.trace) > before or any(arg in self.renamed for arg in node.args):
                self.renamed.add(node)
            else:
                self.origin.setdefault(form, node)
        return self.memo[root]

    def rank(self, e: Expr) -> int:
        """Where the first variable of `e` stands among those met so far; numbers and sizes come last."""
        ranks = self.ranks
        if e in ranks:
            return ranks[e]
        ready = all(arg in ranks for arg in e.args)
        for node in (e,) if ready else topological([e], skip=ranks):
            if node.args:
                ranks[node] = min([ranks[arg] for arg in node.args])
            else:
                ranks[node] = len(ranks) if node.name else sys.maxsize
        return ranks[e]

    def _normal(self, node: Expr, args: tuple[Expr, ...]) -> Expr:
        definition = node.op.definition
        before = len(self.trace)
        form = self._elementwise(args) if definition is times else None
        if form is None:
            body = definition(*args, **node.params) if definition else None
            if body is None:
                return self._node(node, args)
            form = self._body(body, args)
        if not self._lost:
            return form
        self._lost = False
        del self.trace[before:]
        return self.finished(apply(node.op, *args, **node.params))

    def _elementwise(self, args: tuple[Expr, ...]) -> Expr | None:
        """The product of scalars and tensors of one shape, no node being made first; None for others."""
        shape = max([arg.shape for arg in args], key=len)
        if any(arg.shape not in ((), shape) or arg.dtype is not args[0].dtype for arg in args):
            return None
        axes = tuple(range(len(shape)))
        return self.product([(arg, axes if arg.shape else ()) for arg in args], axes, shape)

    def _body(self, body: Expr, args: tuple[Expr, ...]) -> Expr:
        """The normal form of a definition's value, whose leaves are normal already."""
        done = dict(zip(args, args, strict=True))
        if body in done:
            return body
        ready = done.keys() >= {*body.args}
        for node in (body,) if ready else topological([body], skip=done):
            done[node] = self._normal(node, tuple([done[arg] for arg in node.args]))
        return done[body]

    def _node(self, node: Expr, args: tuple[Expr, ...]) -> Expr:
        p = node.params
        if node.op is CONTRACT:
            pairs = list(zip(args, p["ins"], strict=True))
            return self.product(pairs, p["out"], p["sizes"], node)
        if node.op is COMBINE:
            return self.sum(p["coefs"], args)
        if node.op is RAISE:
            return self.power(args[0], p["exponent"])
        if node.op is CONSTANT:
            return self._constant(node)
        if node.op is SIZE:
            return self._size(node)
        if not node.args:
            return self.finished(node)
        return self.finished(self._function(node, args))

    # The forms ------------------------------------------------------------------------------------
    def product(
        self, pairs: Sequence[tuple[Expr, Index]], out: Index, sizes: shapes.Shape, node: Expr | None = None
    ) -> Expr:
        """The normal form of a contraction of normal forms."""
        dtype = node.dtype if node is not None else pairs[0][0].dtype
        product = spliced(list(pairs), out, sizes, dtype)
        opened = None if self.faithful else over_deltas(product)
        if opened is not None:
            return self.sum(
                [c for c, _ in opened],
                [self.product(factors, out, tuple(product.sizes), node) for _, factors in opened],
            )
        used = {*product.out}.union(*[own for _, own in product.factors])
        if len(used) < len(product.sizes):
            for i in [i for i in range(len(product.sizes)) if i not in used]:
                scale_by_size(product, product.sizes[i])
        return self.simplified(product)

    def simplified(self, product: Product) -> Expr:
        """Simplify a product until nothing changes, then apply the rules for products."""
        self._lost = self._lost or (self.faithful and opposed_powers(product))
        changed = product.coef != 0
        while changed:
            without_deltas(product)
            changed = with_merged_powers(product) or self._use_facts(product)
        if any([len(f.shape) == 2 for f, _ in product.factors]):
            product.factors = [(f, self._turned(f, own, product.out)) for f, own in product.factors]
        return self.finished(canonical(product))

    def _turned(self, factor: Expr, own: Index, out: Index) -> Index:
        """The indices of a symmetric matrix, that of the output or the earlier one first."""
        if factor.ndim != 2 or own[0] == own[1] or factor.shape[0] != factor.shape[1]:
            return own
        swapped = sorted(own, key=lambda i: (out.index(i) if i in out else len(out), own.index(i)))
        return tuple(swapped) if tuple(swapped) != own and is_symmetric(factor, self.symmetric) else own

    def sum(self, coefs: Sequence[Coefficient], terms: Sequence[Expr]) -> Expr:
        """The normal form of a linear combination of normal forms."""
        shape = shapes.broadcast([t.shape for t in terms], "add")
        self._lost = self._lost or (self.faithful and opposed(coefs, terms))
        result = normal_sum(coefs, terms, shape, as_written=self.faithful)
        coef, core = split(result)
        layout = floated(core)
        if layout is None or layout.factors[0][0].op is not COMBINE:
            return self.finished(result)
        ((inner, own),) = layout.factors
        known = self.finished(inner)
        if known is inner:
            return self.finished(result)
        return self.sum([coef], [self.product([(known, own)], layout.out, tuple(layout.sizes))])

    def power(self, x: Expr, exponent: Coefficient) -> Expr:
        """The normal form of a fixed power; it goes into products and through powers where that is sound."""
        if exponent in (0, 1):
            return x if exponent else ones(x.shape, x.dtype)
        coef, core = split(x)
        whole = exponent == int(exponent)
        if is_zero(x):
            return self._power_of_zero(x, exponent)
        if not whole and (coef != 1 or core.op is RAISE):
            return self.finished(raise_(x, exponent))
        most = 1 if self.faithful and abs(coef) != 1 else _MOST_DIGITS
        if coef != 1 and exponent != -1 and _digits(coef) * abs(float(exponent)) > most:
            return self.finished(raise_(x, exponent))
        if coef != 1:
            return self.sum([Fraction(coef) ** int(exponent)], [self.power(core, exponent)])
        if core.op is RAISE:
            inner = core.params["exponent"]
            merges = inner == int(inner) or core.args[0].op is SIZE
            if not merges:
                return self.finished(raise_(core, exponent))
            return self.power(core.args[0], inner * exponent)
        return self._power_of_product(core, exponent, whole)

    def _power_of_zero(self, x: Expr, exponent: Coefficient) -> Expr:
        if exponent == int(exponent) and exponent < 0 and not self.faithful:
            raise DomainError(message("simplify", "a divisor is 0 everywhere", "guard it with where()"))
        return self.finished(raise_(x, exponent))

    def _power_of_product(self, core: Expr, exponent: Coefficient, whole: bool) -> Expr:
        """The power of a layout or an elementwise product goes to the tensors inside."""
        if (core.op is DELTA and exponent > 0) or (core.op is CONTRACT and not core.args):
            return core
        product = floated(core)
        if product is None and core.op is CONTRACT and whole and not self.faithful:
            own = product_of(core)
            product = None if own.summed() or (exponent < 0 and own.has_diagonals()) else own
        if product is None:
            return self.finished(raise_(core, exponent))
        powers = [(self.power(f, exponent), own) for f, own in product.factors]
        return self.product(powers, product.out, tuple(product.sizes), core)

    def _constant(self, node: Expr) -> Expr:
        value = node.params["value"]
        if value.ndim or value.dtype.kind == "b" or not abs(float(value)) < float("inf"):
            return node
        return self._number(exact(value.item()), node)

    def _number(self, value: Coefficient, node: Expr) -> Expr:
        return zero((), node.dtype) if value == 0 else scaled(value, ones((), node.dtype))

    def _size(self, node: Expr) -> Expr:
        """A size as the product of those it is made of."""
        product = Product([], (), [], node.dtype)
        scale_by_size(product, node.params["value"])
        return canonical(product)

    def _function(self, node: Expr, args: tuple[Expr, ...]) -> Expr:
        """Any other operation; a mere layout of its one tensor argument goes outside."""
        if node.params.get("keepdims") and is_float(node.dtype):
            return self._kept_axes(node, args)
        if node.op.elementwise:
            outside = self._layout_outside(node, args)
            if outside is not None:
                return outside
        return node.with_args(args)

    def _layout_outside(self, node: Expr, args: tuple[Expr, ...]) -> Expr | None:
        """An elementwise function inside the one layout that all its tensors have; None if there is none."""
        inside, layout = [], None
        for arg in args:
            if arg.ndim:
                coef, core = split(arg)
                own = floated(core)
                if own is None or (layout is not None and not same_layout(own, layout)):
                    return None
                layout = own
                arg = scaled(coef, own.factors[0][0])
            inside.append(arg)
        if layout is None:
            return None
        inner = self.finished(apply(node.op, *inside, **node.params))
        return self.product([(inner, layout.factors[0][1])], layout.out, tuple(layout.sizes))

    def _kept_axes(self, node: Expr, args: tuple[Expr, ...]) -> Expr:
        """A reduction that keeps its axes is a layout of the one that does not."""
        bare = self.finished(apply(node.op, *args, **{**node.params, "keepdims": False}))
        axes = tuple(range(node.ndim))
        kept = tuple(i for i in axes if i not in node.params["axis"])
        return self.product([(bare, kept)], axes, node.shape)

    # Facts and rules ------------------------------------------------------------------------------
    def _use_facts(self, product: Product) -> bool:
        """Replace factors that a fact or a rule about sums knows; whether there were any."""
        if self.facts and any(self._use_fact(product, fact, value) for fact, value in self.facts.items()):
            return True
        if len(product.sizes) == len({*product.out}) or "sum" not in self.lookup.book or not product.summed():
            return False
        return any(self._use_sum(product, k) for k in range(len(product.factors)))

    def _use_fact(self, product: Product, fact: Expr, value: Expr) -> bool:
        found = occurrence(fact, product)
        if found is None:
            return False
        chosen, index = found
        self.trace.append(Step("assumed", fact, value))
        product.factors = [pair for k, pair in enumerate(product.factors) if k not in chosen]
        self._put(product, value, index)
        return True

    def _use_sum(self, product: Product, k: int) -> bool:
        """Replace the sum of one factor over indices of its own, where a rule says what it is."""
        factor, own = product.factors[k]
        alone = [i for i in dict.fromkeys(own) if i not in product.out and product.uses(i) == 1]
        for chosen in _subsets(alone if len(set(own)) == len(own) else []):
            rest = tuple(i for i in own if i not in chosen)
            part = canonical(Product([(factor, own)], rest, list(product.sizes), factor.dtype))
            known = self._fire("sum", part)
            if known is not None:
                del product.factors[k]
                self._put(product, known, rest)
                return True
        return False

    def _put(self, product: Product, value: Expr, index: Index) -> None:
        """Multiply a product by a normal form at the given indices."""
        inner = spliced([(value, index)], product.out, tuple(product.sizes), product.dtype)
        product.coef = product.coef * inner.coef
        product.sizes = inner.sizes
        product.factors += inner.factors
        for i in dict.fromkeys(index):
            keep_length(product, i)

    def finished(self, node: Expr) -> Expr:
        """A normal form after facts about it and the rules for its operation."""
        coef, core = split(node)
        known = self.facts.get(core)
        if known is not None:
            self.trace.append(Step("assumed", core, known))
            return self.sum([coef], [known])
        after = self._fire(core.op.name, core)
        if after is None:
            return node
        return after if coef == 1 else self.sum([coef], [after])

    def _fire(self, head: str, node: Expr) -> Expr | None:
        """What the first rule for `head` that applies makes of `node`; it is noted in the trace."""
        for rule in self.lookup.rules(head, node):
            after = rule(self, node)
            if after is not None and after is not node:
                self.trace.append(Step(rule.name, node, after))
                return after
        self.lookup.failed(head, node)
        return None


def _digits(coef: Coefficient) -> int:
    """How many binary digits a coefficient is written with."""
    exactly = Fraction(coef)
    return exactly.numerator.bit_length() + exactly.denominator.bit_length()


def _subsets(indices: list[int]) -> Iterator[tuple[int, ...]]:
    """The non-empty choices of indices, larger ones first."""
    for count in range(len(indices), 0, -1):
        yield from combinations(indices, count)
