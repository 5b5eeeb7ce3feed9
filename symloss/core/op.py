"""The record of an operation: all its facts in one place, and nothing that has to see two nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import shapes
from .dtypes import DType
from .errors import NameError_, message
from .notation import Notation

if TYPE_CHECKING:
    from .expr import Expr

Rule = Callable[..., "Expr"]
OPS: dict[str, Op] = {}
"""Every operation by name."""


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """All facts of one operation, and nothing that has to see two nodes."""

    name: str
    doc: str
    shape: Callable[..., shapes.Shape]
    """``(call, *args, **params)`` to the result's shape; raises for arguments that do not fit."""
    dtype: Callable[..., DType]
    """``(*args, **params)`` to the result's dtype."""
    numpy: Notation
    text: Notation
    latex: Notation
    index: Notation | None = None
    """How one component is written, where that differs from the LaTeX of the whole."""
    places: Callable[..., Any] | None = None
    """For one component: the node to the index of each argument, made of the result's axes and of LaTeX."""
    scalar_text: Notation | None = None
    """How the operation reads where broadcasting says the rest: no argument but one has axes, or the
    one argument would be repeated in the same way without it."""
    scalar_latex: Notation | None = None
    meaning: Callable[..., Any] | None = None
    """Elementwise operations: the value as a SymPy expression of the arguments."""
    component: Callable[..., Any] | None = None
    """Other operations: one component in SymPy, from the node, its indices and the arguments as functions of
    indices."""
    reference: Callable[..., Any] | None = None
    """Other operations: the value on arrays of exact or high-precision numbers."""
    derivative: Callable[[int], Rule | None] | None = None
    """Argument position to rule ``(g, z, *args)``; None where nothing flows."""
    definition: Callable[..., Expr] | None = None
    """``(*args, **params)`` to the same value in terms of contractions, sums and powers."""
    cuts: Callable[..., Any] | None = None
    """The node to its cuts: the indices along which it can be computed part by part. Those of an elementwise
    operation, and those that follow from a definition, are known without."""
    kernels: tuple[Callable[..., Any], ...] = ()
    """NumPy functions that the generated module carries along."""
    elementwise: bool = False
    commutative: bool = False
    domain: tuple[tuple[float, float], ...] = ()
    """Elementwise operations: an interval per argument in which tests sample."""
    kinks: tuple[float, ...] = ()
    """First arguments at which only one-sided derivatives exist."""
    samples: tuple[tuple[Any, ...], ...] = ()
    """Other operations: ``(shape, …, params)`` on which tests try them."""
    letter: str = ""
    """The conventional name of a result, under which a long formula lists it."""
    stem: str = ""
    """What a line of generated source that holds the result is called, if no letter says so."""
    operator: bool = False
    """Elementwise operations: whether the NumPy is an operator of Python's, which keeps numbers numbers."""
    method: bool = False
    """Whether the NumPy asks the first argument to be an array, as it reads a method or attribute of it."""
    compound: bool = False
    """Whether the NumPy gives several arrays, for other operations to take apart; they are never kept."""
    threaded: bool = False
    """Whether NumPy hands it to a library that runs large ones on threads of its own."""
    recast: bool = False
    """Whether it is the argument in another dtype, so that labels are looked up in the argument."""
    view: bool = False
    """Whether NumPy returns a view of the first argument."""
    leaf: bool = False
    labels: tuple[int, Callable[..., Any]] | None = None
    """Which argument names classes, and from the node how many there are."""
    undifferentiable: str = ""
    """Why no derivative exists, for the error that says so."""

    def __post_init__(self) -> None:
        if self.name in OPS:
            wrong = f"an operation {self.name!r} exists already"
            raise NameError_(message(f"Op({self.name!r})", wrong, "choose another name"))
        OPS[self.name] = self

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return OPS.__getitem__, (self.name,)
