"""Values and gradients do not depend on how an array lies in memory, and inputs are never changed."""

import numpy as np
import pytest

import symloss as sl
from symloss import testing
from symloss.core.dtypes import is_float
from symloss.core.expr import FUNCTIONS as F
from symloss.core.expr import apply
from symloss.core.leaves import INPUT
from symloss.core.op import OPS
from symloss.ops.normal import COMBINE, CONTRACT, RAISE


def fortran(a):
    return np.array(a, order="F")


def reversed_(a):
    backwards = (slice(None, None, -1),) * a.ndim
    return a[backwards].copy()[backwards]


def strided(a):
    wide = np.zeros([2 * n for n in a.shape], a.dtype)
    wide[(slice(None, None, 2),) * a.ndim] = a
    return wide[(slice(None, None, 2),) * a.ndim]


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def big_endian(a):
    return a.astype(a.dtype.newbyteorder(">"))


LAYOUTS = [fortran, reversed_, strided, read_only, big_endian]
RECORDS = sorted(
    (op for op in OPS.values() if not (op.leaf or op.compound or op in (CONTRACT, COMBINE, RAISE))),
    key=lambda op: op.name,
)
ELEMENTWISE = [op for op in RECORDS if op.elementwise]
each_record = pytest.mark.parametrize("op", RECORDS, ids=lambda op: op.name)
each_elementwise = pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def outputs(op, expr):
    """The operation and, where they exist, the gradients of a weighted sum of it."""
    slots = [a for a in dict.fromkeys(expr.args) if a.op is INPUT and is_float(a.dtype)]
    if op.undifferentiable or not is_float(expr.dtype) or not slots:
        return [expr]
    return [expr, *sl.grad(testing.weighted_sum(expr), slots, disconnected="zeros")]


def compiled(op, dtype, case=0):
    expr, point = testing.cases(op, np.dtype(dtype))[case]
    return sl.function(list(point), outputs(op, expr), on_unused="ignore"), list(point.values())


@each_record
@each_dtype
def test_no_layout_changes_a_bit_of_the_result(op, dtype):
    for case in range(len(testing.cases(op))):
        f, values = compiled(op, dtype, case)
        expected = [result.tobytes() for result in f(*values)]
        for layout in LAYOUTS:
            assert [result.tobytes() for result in f(*map(layout, values))] == expected, layout.__name__


@each_record
def test_arguments_that_repeat_one_number_in_memory_are_read_like_any_other(op):
    f, values = compiled(op, "float64")
    same = [np.full(v.shape, v.flat[0] if v.size else 0, v.dtype) for v in values]
    spread = [np.broadcast_to(v.reshape(-1)[:1].reshape((1,) * v.ndim), v.shape) for v in same]
    assert bits(f, spread) == bits(f, same)


def bits(f, values):
    """The bytes of the results, or why there are none."""
    try:
        return [result.tobytes() for result in f(*values)]
    except sl.errors.DomainError as error:
        return str(error)


@each_record
def test_inputs_are_never_changed_and_results_are_never_inputs(op):
    for case in range(len(testing.cases(op))):
        f, values = compiled(op, "float64", case)
        before = [value.tobytes() for value in values]
        for result in f(*values):
            assert not any(np.shares_memory(result, value) for value in values)
            assert result.flags.writeable
            result.fill(0)
        assert [value.tobytes() for value in values] == before


@each_elementwise
@each_dtype
@pytest.mark.parametrize("shape", [(), (0,), (2, 0)], ids=str)
def test_an_elementwise_operation_takes_scalars_and_empty_arrays(op, dtype, shape):
    (expr, point), *_ = testing.cases(op, np.dtype(dtype))
    slots = [sl.tensor(f"b{i}", shape, a.dtype) if a.op is INPUT else a for i, a in enumerate(expr.args)]
    whole = apply(op, *slots, **expr.params)
    variables = [slot for slot in slots if slot.op is INPUT]
    arrays = [value.reshape(-1)[: int(np.prod(shape))].reshape(shape) for value in point.values()]
    results = sl.function(variables, outputs(op, whole), on_unused="ignore")(*arrays)
    assert results[0].dtype == whole.dtype
    assert all(result.shape == shape for result in results)


@each_dtype
@pytest.mark.parametrize(
    ("name", "value"),
    [("sum", 0), ("prod", 1), ("logsumexp", -np.inf), ("norm", 0), ("var", np.nan), ("any", 0), ("all", 1)],
)
def test_a_reduction_of_no_rows_is_its_neutral_element(name, value, dtype):
    x = sl.matrix("x", "N K", dtype)
    result = sl.function([x], F[name](x, axis=0))(np.zeros((0, 3), dtype))
    np.testing.assert_array_equal(result, [value] * 3)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "flip", "transpose", "ravel"])
def test_what_moves_elements_takes_an_array_without_any(name):
    x = sl.matrix("x", "N K")
    assert sl.function([x], F[name](x))(np.zeros((0, 3))).size == 0
