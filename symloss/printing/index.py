r"""LaTeX for one component: ``\frac{1}{N} \sum_{n} X_{nd} (P_{nk} - Y_{nk})``.

While a formula is put together, indices are private-use characters: one for each axis of the part at
hand, and one for each index that a sum or a reduction binds. Letters are chosen at the end, when it is
known which indices stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import count
from math import prod
from string import ascii_lowercase

from ..core import shapes
from ..core.expr import Expr
from ..core.leaves import CONSTANT, SIZE
from ..core.notation import ATOM, JUXTAPOSE, PREFIX, PRODUCT, Notation, Written, render
from ..core.walk import topological
from .formula import standing
from .matrix import LatexPrinter, fitted, joined, with_parts

_AXES = [chr(0xE000 + axis) for axis in range(2 * shapes.LARGEST_RANK)]
_OPEN, _CLOSE, _COMMA = "\ue080", "\ue081", "\ue082"
_BOUND, _SIZES = 0xE100, 0xF0000
_MARKS = re.compile(f"{_OPEN}..|[{_CLOSE}{_COMMA}]")
_TOKENS = re.compile(f"{_OPEN}(?s:..)|[\ue000-\uf8ff]")
_TIMES = Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX))
_NOT_AN_INDEX = {"e"}
_ENTRY = re.compile(r"#(\d+)|«(\d+)»")
Places = Sequence[Sequence[int | str]]


class IndexPrinter(LatexPrinter):
    """Writes one component of a formula; `complete` says whether every operation has a form for that."""

    def __init__(self, root: Expr) -> None:
        super().__init__(root)
        self.sizes: dict[shapes.Size, int] = {}
        self.depth: dict[Expr, int] = {}
        self.bodies = {node: self._body(node) for node in self.nodes if _is_defined(node)}
        opaque = [node for node in self.nodes if not self._has_form(node)]
        self.complete = not opaque
        self.entire = {arg for node in opaque for arg in node.args if arg.ndim}

    # Which form an operation has --------------------------------------------------------------------
    def _body(self, node: Expr) -> list[Expr]:
        """The definition of a node, arguments before their users; nothing where it is not a contraction."""
        body = node.op.definition(*node.args, **node.params) if node.op.definition else None
        order = topological([body], skip=dict.fromkeys(node.args)) if body is not None else []
        return order if all(_is_simple(part) for part in order) else []

    def _has_form(self, node: Expr) -> bool:
        return _is_simple(node) or bool(self.bodies.get(node))

    def wants_name(self, node: Expr, text: str) -> bool:
        """Also what stands as a whole inside an operation without an index form."""
        return node in self.entire or super().wants_name(node, text)

    # Components -------------------------------------------------------------------------------------
    def reference(self, node: Expr, letter: str) -> str:
        """The component of a named part, inside which no index is bound."""
        self.depth[node] = 0
        return _subscripted(self.name(letter, 0), node.shape)

    def written(self, node: Expr, done: dict[Expr, Written]) -> Written:
        """The component of one node at its own axes."""
        self.depth[node] = max([0, *(self.depth[arg] for arg in node.args)])
        if node.name:
            return _subscripted(self.name(node.name, 0), node.shape), ATOM
        if node.op in (CONSTANT, SIZE):
            text, binding = super().written(node, done)
            return _subscripted(text, node.shape), binding
        if _is_simple(node):
            return self._simple(node, done)
        if self.bodies.get(node):
            inner = {arg: done[arg] for arg in node.args}
            for part in self.bodies[node]:
                inner[part] = self.written(part, inner)
            self.depth[node] = self.depth[self.bodies[node][-1]]
            return inner[self.bodies[node][-1]]
        return self._opaque(node, done)

    def _simple(self, node: Expr, done: dict[Expr, Written]) -> Written:
        if "ins" in node.params:
            return self._contraction(node, done)
        if "axis" in node.params and not node.op.places:
            return self._reduction(node, done)
        if not node.args:
            text, binding = self._filled(node, [], ())
            return _subscripted(text, node.shape) if node.op.leaf else text, binding
        places = node.op.places(node) if node.op.places else _aligned(node)
        args = [done[arg] for arg in node.args]
        for n in sorted(range(len(args)), key=lambda n: any("#" in str(entry) for entry in places[n])):
            args[n] = _at(args[n], [_entry(entry, args) for entry in places[n]])
        return self._filled(node, args, ())

    def _filled(self, node: Expr, args: list[Written], indices: Sequence[str]) -> Written:
        """The template of one component with its arguments."""
        notation = node.op.index or node.op.scalar_latex or node.op.latex

        def parameter(spec: str) -> str:
            if spec == "indices":
                return ",".join(indices)
            if spec == "count":
                return self.size(prod(node.args[0].shape[a] for a in node.params["axis"]))
            if spec == "last":
                return _AXES[node.ndim - 1]
            return self.parameter(spec, node)

        text, binding = render(notation, standing(notation, args), parameter)
        return self.finish(node, notation, text), binding

    def _reduction(self, node: Expr, done: dict[Expr, Written]) -> Written:
        x, axis = node.args[0], node.params["axis"]
        if node.ndim == x.ndim and not node.params.get("keepdims"):
            args = [_at(done[a], _AXES[node.ndim - a.ndim :]) for a in node.args]
            return self._filled(node, args, [_AXES[a] for a in axis])
        bound = dict(zip(axis, self._bound(node, len(axis)), strict=True))
        kept = iter(_AXES)
        place = [bound[a] if a in bound else next(kept) for a in range(x.ndim)]
        if node.params.get("keepdims"):
            place = [bound.get(a, _AXES[a]) for a in range(x.ndim)]
        text, binding = self._filled(node, [_at(done[x], place)], list(bound.values()))
        return self._scope(text, [(bound[a], x.shape[a]) for a in axis]), binding

    def _contraction(self, node: Expr, done: dict[Expr, Written]) -> Written:
        ins, out, sizes = (node.params[name] for name in ("ins", "out", "sizes"))
        token = {i: _AXES[axis] for axis, i in reversed(list(enumerate(out)))}
        summed = [i for i in dict.fromkeys(i for own in ins for i in own) if i not in token and sizes[i] != 1]
        token |= dict(zip(summed, self._bound(node, len(summed)), strict=True))
        factors = [
            _at(done[arg], [token.get(i, "0") for i in own]) for arg, own in zip(node.args, ins, strict=True)
        ]
        used = {*out, *(i for own in ins for i in own)}
        factors[:0] = [(self.size(s), PRODUCT) for i, s in enumerate(sizes) if i not in used and s != 1]
        twins = [(token[i], _AXES[axis]) for axis, i in enumerate(out) if token[i] != _AXES[axis]]
        factors += [(rf"\delta_{{{one}{other}}}", ATOM) for one, other in twins]
        text, binding = self._product(node, factors)
        if not summed:
            return text, binding
        signs = ",".join(token[i] for i in summed)
        text, binding = render(Notation(rf"\sum_{{{signs}}} #1", PREFIX, (PREFIX,)), [(text, binding)], str)
        return self._scope(text, [(token[i], sizes[i]) for i in summed]), binding

    def _product(self, node: Expr, factors: list[Written]) -> Written:
        if not factors:
            return "1", ATOM
        result = factors[0]
        for factor in factors[1:]:
            text, binding = render(_TIMES, standing(_TIMES, [result, factor]), str)
            result = joined(text, thin=True), binding
        return result

    def _opaque(self, node: Expr, done: dict[Expr, Written]) -> Written:
        """An operation without an index form: the component of the whole."""
        args = [
            (self.name(self.parts[a].name if a in self.parts else a.name, a.ndim), ATOM)
            if a in self.parts or (a.ndim and a.name)
            else done[a]
            for a in node.args
        ]
        text, binding = self.filled(node, args)
        if node.ndim:
            text, binding = text if binding == ATOM else f"({text})", ATOM
        return _subscripted(text, node.shape), binding

    # Indices ----------------------------------------------------------------------------------------
    def _bound(self, node: Expr, number: int) -> list[str]:
        """Indices that no argument of the node binds."""
        start = self.depth[node]
        self.depth[node] += number
        return [chr(_BOUND + start + n) for n in range(number)]

    def _scope(self, text: str, bound: list[tuple[str, shapes.Size]]) -> str:
        """The text with marks where its indices begin and cease to be known."""
        for token, size in reversed(bound):
            number = self.sizes.setdefault(size, len(self.sizes))
            text = f"{_OPEN}{token}{chr(_SIZES + number)}{text}{_CLOSE}"
        return text

    def width(self, text: str) -> int:
        """Indices count as one letter each."""
        return super().width(_MARKS.sub("", text))

    @cached_property
    def marked(self) -> str:
        """The formula with marks for its indices; written once, as writing it gives letters to its parts."""
        return self.formula()

    def whole(self) -> str:
        """The formula and its named parts, each with its own letters."""
        formula = self.marked
        self.single = frozenset(name for name in self.taken if len(name) == 1) | _NOT_AN_INDEX
        formula = self.lettered(formula, self.root.shape)
        parts = [
            self.lettered(f"{name} = {part}", node.shape)
            for node, (name, part) in zip(self.named(), self.where(), strict=True)
        ]
        return fitted(with_parts(formula, parts))

    def in_order(self) -> bool:
        """Whether the free indices are met in the order of the axes, so that it is clear which is which."""
        if self.root.ndim < 2:
            return True
        text = self.marked
        places = [text.index(mark) for mark in _AXES[: self.root.ndim] if mark in text]
        return places == sorted(places)

    def finish(self, node: Expr, notation: Notation, text: str) -> str:
        """Components are multiplied as numbers are."""
        return joined(text, thin=True) if JUXTAPOSE in text else text

    def lettered(self, text: str, shape: shapes.Shape) -> str:
        """The text with letters for its indices; `shape` has the sizes of the free ones."""
        letters: dict[str, list[str]] = {}
        scopes: list[str] = []
        sizes = list(self.sizes)
        used: AbstractSet[str] = self.single
        for axis, size in enumerate(shape):
            if size == 1:
                letters[_AXES[axis]] = ["0"]
                continue
            letters[_AXES[axis]] = [_letter(size, used)]
            used = used | set(letters[_AXES[axis]])
        inside: list[str] = []
        out, end = [], 0
        for found in _TOKENS.finditer(text):
            out.append(text[end : found.start()])
            end, mark = found.end(), found.group()
            if mark[0] == _OPEN:
                letter = _letter(sizes[ord(mark[2]) - _SIZES], used | set(inside))
                letters.setdefault(mark[1], []).append(letter)
                scopes.append(mark[1])
                inside.append(letter)
            elif mark == _CLOSE:
                letters[scopes.pop()].pop()
                inside.pop()
            elif mark == _COMMA:
                plain = text[end - 2] in letters and text[end] in letters
                out.append("" if plain else ",")
            else:
                out.append(letters[mark][-1])
        return "".join([*out, text[end:]])


def _subscripted(text: str, shape: shapes.Shape) -> str:
    """A component of what `text` names."""
    if not shape:
        return text
    entries = ["0" if size == 1 else _AXES[axis] for axis, size in enumerate(shape)]
    base = f"({text})" if text.endswith("}") and "_" in text else text
    return f"{base}_{{{_COMMA.join(entries)}}}"


def _is_defined(node: Expr) -> bool:
    return bool(node.args) and not _is_simple(node)


def _is_simple(node: Expr) -> bool:
    """Whether one component is a template filled with components of the arguments."""
    op = node.op
    if op.places is not None:
        return op.places(node) is not None
    if op.elementwise or op.index is not None or "ins" in node.params:
        return True
    return op.leaf


def _aligned(node: Expr) -> Places:
    """The axes at which elementwise operations take their arguments."""
    return [range(node.ndim - arg.ndim, node.ndim) for arg in node.args]


def _entry(entry: int | str, args: list[Written]) -> str:
    """An index as text: an axis of the result, or LaTeX with axes ``«0»`` and arguments ``#1``."""
    if isinstance(entry, int):
        return _AXES[entry]
    return _ENTRY.sub(lambda m: args[int(m[1]) - 1][0] if m[1] else _AXES[int(m[2])], entry)


def _at(written: Written, indices: Iterable[str]) -> Written:
    """A component at other indices."""
    text, binding = written
    return text.translate({ord(axis): index for axis, index in zip(_AXES, indices, strict=False)}), binding


def _letter(size: shapes.Size, used: AbstractSet[str]) -> str:
    """The letter of an index: the initial of the size's name, with primes, or i, j, k and so on."""
    named = not isinstance(size, int) and size.is_Symbol and not shapes.is_open(size)
    initial = str(size)[0].lower() if named else ""
    if initial not in ascii_lowercase or initial in _NOT_AN_INDEX or not initial:
        found = next((letter for letter in ascii_lowercase[8:] if letter not in used), "")
        if found:
            return found
        initial = "i"
    return next(letter for n in count() if (letter := initial + "'" * n) not in used)
