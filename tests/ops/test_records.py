"""Every operation is tested because it is registered: its facts, value, definition and derivatives."""

from operator import attrgetter

import numpy as np
import pytest

from symloss import testing
from symloss.core.dtypes import is_float
from symloss.core.leaves import INPUT
from symloss.core.op import OPS
from symloss.ops.normal import COMBINE, CONTRACT, RAISE

RECORDS = sorted((op for op in OPS.values() if not op.leaf), key=lambda op: op.name)
COMPILED = [op for op in RECORDS if op not in (CONTRACT, COMBINE, RAISE) and not op.compound]
DIFFERENTIABLE = [op for op in RECORDS if not op.undifferentiable]
SINGLE, DOUBLE = np.dtype("float32"), np.dtype("float64")
TOLERANCES = {np.dtype("float16"): 0.03, SINGLE: 1e-5, DOUBLE: 1e-13}
each_record = pytest.mark.parametrize("op", RECORDS, ids=lambda op: op.name)
each_compiled = pytest.mark.parametrize("op", COMPILED, ids=lambda op: op.name)
each_differentiable = pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
each_dtype = pytest.mark.parametrize("dtype", [SINGLE, DOUBLE], ids=str)


@each_record
def test_a_record_states_all_its_facts(op):
    testing.check_facts(op)


@each_record
def test_a_definition_has_the_value_of_the_meaning(op):
    for expr, point in testing.cases(op):
        testing.check_definition(expr, point)


@each_compiled
@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
def test_value_dtype_and_shape_are_what_the_record_says(op, dtype):
    for expr, point in testing.cases(op, dtype):
        testing.check_value(expr, point, rtol=TOLERANCES[dtype])


@each_differentiable
@each_dtype
def test_first_and_second_derivatives_are_central_differences(op, dtype):
    for expr, point in testing.cases(op, dtype):
        for argument in expr.args:
            if argument.op is INPUT and is_float(argument.dtype) and is_float(expr.dtype):
                rtol = testing.RTOL if dtype == DOUBLE else 2e-4
                testing.check_gradient(expr, argument, point, order=2, rtol=rtol)


@pytest.mark.parametrize(
    "op", [op for op in RECORDS if op.meaning and op.reference and op.elementwise], ids=lambda op: op.name
)
def test_a_reference_agrees_with_the_meaning(op):
    testing.check_reference(op)


@each_record
def test_a_template_mentions_only_arguments_that_exist(op):
    if not op.elementwise:
        return
    for notation in (op.numpy, op.text, op.latex):
        slots = {
            int(digit) for digit in notation.template.replace("##", "").split("#")[1:] for digit in digit[:1]
        }
        assert slots <= set(range(1, len(op.domain) + 1))


@each_compiled
def test_the_numpy_of_an_operation_needs_only_numpy_and_its_kernels(op):
    kernels = {kernel.__name__ for kernel in op.kernels}
    for name in _called(op.numpy.template):
        home, _, rest = name.partition(".")
        assert name in {*kernels, ".astype"} or (home == "np" and callable(attrgetter(rest)(np)))


def _called(template):
    pieces = template.split("(")[:-1]
    return [piece.split(" ")[-1].lstrip("-#1") for piece in pieces if piece and piece[-1].isalnum()]
