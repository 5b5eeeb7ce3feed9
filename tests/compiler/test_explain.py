"""What `explain` tells of each line: formula, operations, bytes, stage."""

import pytest

import symloss as sl
from symloss.core.errors import AxisError

X, W, b = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.vector("b", "K", "float32")
labels = sl.vector("labels", "N", "int64")


def regression():
    loss = sl.losses.aggregate(sl.losses.softmax_crossentropy(X @ W + b, labels))
    return sl.function([X, W, b, labels], [loss, sl.grad(loss, W)])


def columns(explanation, *names):
    return [tuple(str(getattr(row, name)) for name in names) for row in explanation.rows]


def test_operations_and_bytes_are_formulas_in_the_sizes():
    assert columns(regression().explain(), "line", "operations", "bytes", "stage") == [
        ("v = X @ W + b", "2*D*K*N + K*N", "8*K*N", "per row"),
        ("e = exponentials(v, 1)", "K*N", "8*K*N", "per row"),
        ("return -np.mean(log_softmax_at(v, labels, e))", "K*N + N + 1", "8", "combined"),
        (
            "return 1 / N * (X.T @ softmax_minus_one_hot(v, labels, e))",
            "2*D*K*N + D*K + K*N + 1",
            "8*D*K",
            "combined",
        ),
    ]


def test_they_are_numbers_for_given_lengths():
    found = regression().explain(N=1000, D=100, K=10)
    assert columns(found, "operations", "bytes")[:2] == [("2010000", "80000"), ("10000", "80000")]
    assert columns(regression().explain(N=10), "operations")[1] == ("10*K",)


def test_the_formulas_are_those_of_the_lines():
    assert columns(regression().explain(), "formula")[0] == ("XW + b",)


def test_bytes_follow_the_dtype():
    assert columns(sl.function([b], sl.exp(b)).explain(K=3), "operations", "bytes") == [("3", "12")]


def test_a_result_that_has_a_line_is_not_computed_twice():
    v = sl.vector("v", "N")
    e = sl.exp(v)
    assert columns(sl.function([v], [e, e + v]).explain(), "line", "operations") == [
        ("e = np.exp(v)", "N"),
        ("return e", "0"),
        ("return e + v", "N"),
    ]


def test_the_table_prints_in_columns():
    v = sl.vector("v", "N")
    assert str(sl.function([v], sl.mean(v**2)).explain(N=2000)) == (
        "line                  formula   operations  bytes  stage\n"
        "--------------------  --------  ----------  -----  --------\n"
        "return np.mean(v**2)  mean(v²)  4,000       8      combined"
    )


def test_a_length_of_another_size_is_refused():
    v = sl.vector("v", "N")
    with pytest.raises(AxisError) as caught:
        sl.function([v], sl.mean(v)).explain(M=3)
    assert str(caught.value) == "f.explain(): no input has an axis of size 'M': known: N"
