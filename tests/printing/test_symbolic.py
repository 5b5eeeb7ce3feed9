"""A formula given to SymPy has, once numbers stand in it, the value of the formula."""

import itertools
import sys

import numpy as np
import pytest
import sympy as sp

import symloss as sl
from symloss import testing
from symloss.core.evaluate import exact_values
from symloss.core.op import OPS
from symloss.ops.normal import by_labels, delta

RECORDS = sorted((op for op in OPS.values() if not op.leaf), key=lambda op: op.name)
EXTREMES = {
    "max": lambda values: sp.Max(*values.values()),
    "min": lambda values: sp.Min(*values.values()),
    "argmax": lambda values: max(values, key=values.__getitem__)[0],
    "argmin": lambda values: min(values, key=values.__getitem__)[0],
}


def value(formula, point):
    """The components of a formula in SymPy, with numbers for the variables, sums written out by SymPy."""
    indices = sp.symbols(f"axis:{formula.ndim}", integer=True)
    entry = sl.to_sympy(formula, indices)
    lengths = {
        size: length
        for variable, array in point.items()
        for size, length in zip(variable.shape, np.shape(array), strict=True)
        if not isinstance(size, int)
    }
    shape = [int(sp.sympify(size).subs(lengths)) for size in formula.shape]
    elements = {}
    for variable, array in point.items():
        array = np.asarray(array)
        whole = sl.to_sympy(variable)
        for at in np.ndindex(np.shape(array)):
            number = sp.sympify(array[at].item() + 0)
            base = whole.args[0].base if variable.dtype.kind == "b" and at else whole
            elements[(base if variable.dtype.kind == "b" else whole.base)[at] if at else whole] = number
    out = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        one = entry.subs(lengths).subs(dict(zip(indices, at, strict=True)))
        out[at] = number_of(one, elements)
    return out


def number_of(entry, elements):
    entry = entry.doit().xreplace(elements).doit()
    for name, choose in EXTREMES.items():
        entry = entry.replace(sp.Function(name), lambda f, *sizes, choose=choose: chosen(f, sizes, elements, choose))
    entry = entry.doit().xreplace(elements).doit()
    return float(bool(entry)) if entry in (sp.true, sp.false) else float(entry.evalf())


def chosen(function, sizes, elements, choose):
    points = itertools.product(*[range(int(size)) for size in sizes])
    return sp.sympify(choose({at: function(*at).doit().xreplace(elements).evalf() for at in points}))


@pytest.mark.parametrize("op", RECORDS, ids=lambda op: op.name)
def test_every_operation_has_its_value_in_sympy(op):
    for expr, point in testing.cases(op):
        (expected,) = exact_values([expr], point)
        np.testing.assert_allclose(value(expr, point).astype(float), expected.astype(float), rtol=1e-10, atol=1e-12)
