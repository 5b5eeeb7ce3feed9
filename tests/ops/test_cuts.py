"""What can be computed part by part: every operation's cuts, tried on its samples."""

import numpy as np
import pytest

import symloss as sl
from symloss import testing
from symloss.core.cuts import cuts_of, part
from symloss.core.evaluate import exact_values
from symloss.core.leaves import INPUT, leaf
from symloss.core.op import OPS
from symloss.ops.normal import CONTRACT

WRITTEN = sorted((op for op in OPS.values() if not op.leaf and op is not CONTRACT), key=lambda op: op.name)
"""A contraction states the sizes of its indices; it is never compiled, but tells the cuts of others."""
EXACT = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "logical_or": lambda a, b: a | b,
    "logical_and": lambda a, b: a & b,
    "hypot": lambda a, b: (a * a + b * b) ** 0.5,
    "logaddexp": lambda a, b: np.logaddexp(a.astype(float), b.astype(float)),
}


def sliced(array, axis, start, stop):
    return array if axis is None else np.take(array, range(start, stop), axis)


def length_of(node, cut):
    if isinstance(cut.result, int):
        return node.shape[cut.result]
    return next(arg.shape[a] for arg, a in zip(node.args, cut.args, strict=True) if a is not None)


def value_of_part(node, cut, point, start, stop):
    arrays = [
        sliced(np.asarray(point[arg]), a, start, stop) for arg, a in zip(node.args, cut.args, strict=True)
    ]
    leaves = [
        leaf(INPUT, array.shape, arg.dtype, name=f"part{i}")
        for i, (array, arg) in enumerate(zip(arrays, node.args, strict=True))
    ]
    graph = part(node, cut, tuple(leaves), stop - start)
    return exact_values([graph], dict(zip(leaves, arrays, strict=True)), 30)[0]


def joined(cut, parts, lengths):
    if isinstance(cut.result, int):
        return np.concatenate(parts, cut.result)
    if cut.result == "mean":
        return (parts[0] * lengths[0] + parts[1] * lengths[1]) / sum(lengths)
    return np.asarray(EXACT[cut.result](*parts))


@pytest.mark.parametrize("op", WRITTEN, ids=lambda op: op.name)
def test_the_parts_along_each_cut_make_the_whole(op):
    for node, point in testing.cases(op):
        whole = exact_values([node], point, 30)[0]
        for cut in cuts_of(node):
            n = length_of(node, cut)
            if n < 2:
                continue
            ends = [(0, 1), (1, n)]
            parts = [value_of_part(node, cut, point, *end) for end in ends]
            found = joined(cut, parts, [stop - start for start, stop in ends])
            assert found.shape == whole.shape, (cut, node.args)
            np.testing.assert_allclose(found.astype(float), whole.astype(float), rtol=1e-13, err_msg=str(cut))


def test_what_mixes_every_row_has_no_cut_along_them():
    x = sl.matrix("x", "N K")
    assert [cut.result for cut in cuts_of(sl.softmax(x, axis="N"))] == [1]
    assert cuts_of(sl.arange("N")) == []


def test_a_matrix_product_is_cut_along_rows_columns_and_the_sum():
    X, W = sl.matrix("X", "N D"), sl.matrix("W", "D K")
    assert {(cut.result, cut.args) for cut in cuts_of(X @ W)} == {
        (0, (0, None)),
        (1, (None, 1)),
        ("add", (1, 0)),
    }
