"""Every mistake made while a formula is built: the class of its error, and its whole text."""

import re
import warnings

import numpy as np
import pytest
import sympy

import symloss as sl
from symloss.core.errors import (
    AxisError,
    DomainError,
    DTypeError,
    GraphError,
    InputError,
    LabelRangeError,
    LimitError,
    NameError_,
    ShapeError,
)

x, y = sl.matrix("x", "N K"), sl.vector("y", "N")
a, b, s, v = sl.matrix("a", (3, 4)), sl.vector("b", 5), sl.scalar("s"), sl.vector("v")
i, m = sl.vector("i", "N", dtype="int64"), sl.vector("m", "N", dtype="bool")
deep = sl.tensor("deep", (1,) * 8)
other_x = sl.vector("x", "N")
masked = np.ma.array([1.0, 2.0], mask=[False, True])


def case(row, build, error, text):
    return pytest.param(build, error, text, id=row)


CASES = [
    case(
        "1",
        lambda: a + b,
        ShapeError,
        "add(a: (3, 4), b: (5,)): cannot broadcast (3, 4) with (5,): axis -1 is 4 and 5: the "
        "sizes must be equal, or one of them 1",
    ),
    case(
        "1-sizes",
        lambda: x + y,
        ShapeError,
        "add(x: (N, K), y: (N,)): cannot broadcast (N, K) with (N,): axis -1 is K and N: the "
        "sizes must be equal, or one of them 1",
    ),
    case(
        "1-constant",
        lambda: np.ones(3) + b,
        ShapeError,
        "add(constant: (3,), b: (5,)): cannot broadcast (3,) with (5,): axis -1 is 3 and 5: the "
        "sizes must be equal, or one of them 1",
    ),
    case(
        "3",
        lambda: a @ a,
        ShapeError,
        "matmul(a: (3, 4), a: (3, 4)): the inner sizes differ: 4 and 3: transpose one of them, or"
        " check the order",
    ),
    case(
        "3-sizes",
        lambda: x @ a,
        ShapeError,
        "matmul(x: (N, K), a: (3, 4)): the inner sizes differ: K and 3: transpose one of them, or"
        " check the order",
    ),
    case(
        "4",
        lambda: s @ x,
        ShapeError,
        "matmul(s: (), x: (N, K)): a scalar has no matrix product: use *",
    ),
    case(
        "5",
        lambda: sl.sum(x, axis=3),
        AxisError,
        "sum(x: (N, K)): axis 3 is out of range [-2, 1] for shape (N, K): give an axis of the "
        "tensor, or a size name",
    ),
    case(
        "5-scalar",
        lambda: s.sum(axis=0),
        AxisError,
        "sum(s: ()): axis 0 does not exist, as shape () has no axes: give an axis of the tensor, "
        "or a size name",
    ),
    case(
        "6",
        lambda: sl.sum(x, axis=(0, 0)),
        AxisError,
        "sum(x: (N, K)): repeated axis 0: name each axis once",
    ),
    case(
        "6-negative",
        lambda: sl.sum(x, axis=(0, -2)),
        AxisError,
        "sum(x: (N, K)): repeated axis 0: name each axis once",
    ),
    case(
        "7-float",
        lambda: sl.sum(a, axis=1.0),
        DTypeError,
        "sum(a: (3, 4)): axis 1.0 is a float: use an int or a size name",
    ),
    case(
        "7-str",
        lambda: sl.sum(a, axis="a"),
        DTypeError,
        "sum(a: (3, 4)): axis 'a' is a str, and shape (3, 4) has no names: use an int",
    ),
    case(
        "7-bool",
        lambda: sl.sum(a, axis=True),
        DTypeError,
        "sum(a: (3, 4)): axis True is a bool: use an int or a size name",
    ),
    case(
        "7-array",
        lambda: sl.sum(a, axis=np.array([0, 1])),
        DTypeError,
        "sum(a: (3, 4)): an axis is an ndarray: use an int or a size name",
    ),
    case(
        "7-open",
        lambda: sl.sum(sl.matrix("u"), axis="N"),
        DTypeError,
        "sum(u: (?, ?)): axis 'N' is a str, and shape (?, ?) has no names: use an int",
    ),
    case(
        "8",
        lambda: sl.sum(sl.matrix("W", "rows cols"), axis="colls"),
        AxisError,
        "sum(W: (rows, cols)): no axis 'colls' in shape (rows, cols): did you mean 'cols'?",
    ),
    case(
        "8-far",
        lambda: sl.sum(x, axis="height"),
        AxisError,
        "sum(x: (N, K)): no axis 'height' in shape (N, K): known: K, N",
    ),
    case(
        "8-twice",
        lambda: sl.sum(sl.matrix("S", "N N"), axis="N"),
        AxisError,
        "sum(S: (N, N)): axis 'N' is ambiguous, as (N, N) has it 2 times: give the axis number",
    ),
    case(
        "9",
        lambda: sl.reshape(a, (5, 2)),
        ShapeError,
        "reshape(a: (3, 4)): cannot give 12 elements the shape (5, 2) of 10: the products of the "
        "sizes must agree",
    ),
    case(
        "9-missing",
        lambda: a.reshape(5, -1),
        ShapeError,
        "reshape(a: (3, 4)): 12 elements do not divide into rows of 5: the products of the sizes must agree",
    ),
    case(
        "9-sizes",
        lambda: x.reshape(3, 4),
        ShapeError,
        "reshape(x: (N, K)): cannot give K*N elements the shape (3, 4) of 12: the products of the"
        " sizes must agree",
    ),
    case(
        "10",
        lambda: sl.reshape(a, (-1, -1)),
        ShapeError,
        "reshape(a: (3, 4)): more than one entry of the shape is -1: state all but one",
    ),
    case(
        "11",
        lambda: sl.vector("q", -3),
        LimitError,
        "vector('q'): size -3 is outside [0, 2**48]: give a size that fits in memory",
    ),
    case(
        "11-huge",
        lambda: sl.vector("q", 2**60),
        LimitError,
        "vector('q'): size 1152921504606846976 is outside [0, 2**48]: give a size that fits in memory",
    ),
    case(
        "11-text",
        lambda: sl.vector("q", "-3"),
        LimitError,
        "vector('q'): size -3 is outside [0, 2**48]: give a size that fits in memory",
    ),
    case(
        "11-bool",
        lambda: sl.tensor("q", (True,)),
        DTypeError,
        "tensor('q'): size True is a bool: use an int or a name",
    ),
    case(
        "11-float",
        lambda: sl.tensor("q", (1.5,)),
        DTypeError,
        "tensor('q'): size 1.5 is a float: use an int or a name",
    ),
    case(
        "11-object",
        lambda: sl.tensor("q", object()),
        DTypeError,
        "tensor('q'): a size cannot be an object: use an int or a name",
    ),
    case(
        "11-fraction",
        lambda: sl.vector("q", sympy.Rational(1, 2)),
        DTypeError,
        "vector('q'): 1/2 is no length: use an integer expression of sizes",
    ),
    case(
        "11-negative",
        lambda: sl.vector("q", sympy.Integer(-2)),
        LimitError,
        "vector('q'): size -2 is outside [0, 2**48]: give a size that fits in memory",
    ),
    case(
        "11-rank",
        lambda: sl.matrix("q", "N"),
        ShapeError,
        "matrix('q'): dims (N,) has 1 entries, expected 2: use tensor() for other ranks",
    ),
    case(
        "12",
        lambda: sl.tensor("q", (1,) * 9),
        LimitError,
        "tensor('q'): rank 9 is more than 8: reshape to fewer axes",
    ),
    case(
        "12-index",
        lambda: deep[None],
        LimitError,
        "getitem(deep: (1, 1, 1, 1, 1, 1, 1, 1)): rank 9 is more than 8: reshape to fewer axes",
    ),
    case(
        "12-expand",
        lambda: sl.expand_dims(deep, 0),
        LimitError,
        "expand_dims(deep: (1, 1, 1, 1, 1, 1, 1, 1)): rank 9 is more than 8: reshape to fewer axes",
    ),
    case(
        "12-one_hot",
        lambda: sl.one_hot(sl.tensor("j", (1,) * 8, dtype="int64"), 3),
        LimitError,
        "one_hot(j: (1, 1, 1, 1, 1, 1, 1, 1)): rank 9 is more than 8: reshape to fewer axes",
    ),
    case(
        "12-einsum",
        lambda: sl.tensordot(deep, deep, 0),
        LimitError,
        "einsum(deep: (1, 1, 1, 1, 1, 1, 1, 1), deep: (1, 1, 1, 1, 1, 1, 1, 1)): rank 16 is more "
        "than 8: reshape to fewer axes",
    ),
    case(
        "13",
        lambda: sl.vector("q", dtype="flot32"),
        DTypeError,
        "vector('q'): dtype 'flot32' is not supported: did you mean 'float32'?",
    ),
    case(
        "13-object",
        lambda: sl.vector("q", dtype=3),
        DTypeError,
        "vector('q'): an int is no dtype: use float16, float32, float64, int8, int16, int32, "
        "int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "14-complex",
        lambda: sl.vector("q", dtype="complex128"),
        DTypeError,
        "vector('q'): dtype 'complex128' is not supported: use float16, float32, float64, int8, "
        "int16, int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "14-object",
        lambda: sl.vector("q", dtype=object),
        DTypeError,
        "vector('q'): dtype 'object' is not supported: use float16, float32, float64, int8, "
        "int16, int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "14-string",
        lambda: sl.vector("q", dtype="U3"),
        DTypeError,
        "vector('q'): dtype 'str' is not supported: use float16, float32, float64, int8, int16, "
        "int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "14-datetime",
        lambda: sl.vector("q", dtype="datetime64"),
        DTypeError,
        "vector('q'): dtype 'datetime64' is not supported: use float16, float32, float64, int8, "
        "int16, int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "15",
        lambda: m - m,
        DTypeError,
        "subtract(m: (N,), m: (N,)): is not defined for bool: use logical_not() or neq(), or "
        ".astype('int64')",
    ),
    case(
        "15-negative",
        lambda: -m,
        DTypeError,
        "negative(m: (N,)): is not defined for bool: use logical_not() or neq(), or .astype('int64')",
    ),
    case(
        "16",
        lambda: i**-1,
        DTypeError,
        "power(i: (N,), constant: ()): int64 to a negative power is no integer: use "
        ".astype('float64') or divide",
    ),
    case(
        "16-float",
        lambda: i**-1.0,
        DTypeError,
        "power(i: (N,), constant: ()): int64 to a negative power is no integer: use "
        ".astype('float64') or divide",
    ),
    case(
        "16-array",
        lambda: sl.power(i, np.array([-1])),
        DTypeError,
        "power(i: (N,), constant: (1,)): int64 to a negative power is no integer: use "
        ".astype('float64') or divide",
    ),
    case(
        "17-and",
        lambda: y & y,
        DTypeError,
        "bitwise_and(y: (N,), y: (N,)): & is bitwise, expected bool, got float64: compare first, "
        "as in (x > 0)",
    ),
    case(
        "17-or",
        lambda: m | y,
        DTypeError,
        "bitwise_or(m: (N,), y: (N,)): | is bitwise, expected bool, got float64: compare first, "
        "as in (x > 0)",
    ),
    case(
        "17-not",
        lambda: ~y,
        DTypeError,
        "invert(y: (N,)): ~ is bitwise, expected bool, got float64: compare first, as in (x > 0)",
    ),
    case(
        "17-int",
        lambda: i & 1,
        DTypeError,
        "bitwise_and(i: (N,), constant: ()): & is bitwise, expected bool, got int64: use logical_and()",
    ),
    case(
        "18-bool",
        lambda: bool(x),
        DTypeError,
        "bool(): the tensor x: (N, K) has no truth value: use where(), logical_and() or .eval()",
    ),
    case(
        "18-and",
        lambda: x and y,
        DTypeError,
        "bool(): the tensor x: (N, K) has no truth value: use where(), logical_and() or .eval()",
    ),
    case(
        "18-chain",
        lambda: 0 < y < 1,
        DTypeError,
        "bool(): the tensor gt(y, …): (N,) has no truth value: use where(), logical_and() or .eval()",
    ),
    case(
        "19-float",
        lambda: float(s),
        DTypeError,
        "float(): the tensor s: () has no value yet: use .eval() or function()",
    ),
    case(
        "19-int",
        lambda: int(s),
        DTypeError,
        "int(): the tensor s: () has no value yet: use .eval() or function()",
    ),
    case(
        "19-index",
        lambda: [1, 2][s],
        DTypeError,
        "int(): the tensor s: () has no value yet: use .eval() or function()",
    ),
    case(
        "19-len",
        lambda: len(x),
        DTypeError,
        "len(): the tensor x: (N, K) has no known length: use .shape[0]",
    ),
    case(
        "19-iter",
        lambda: list(x),
        DTypeError,
        "iter(): the tensor x: (N, K) cannot be iterated over: index it, or use .eval()",
    ),
    case(
        "19-in",
        lambda: 3 in x,
        DTypeError,
        "in(): the tensor x: (N, K) has no values yet: use any(eq(x, value)), or .eval()",
    ),
    case(
        "21",
        lambda: np.linalg.svd(x),
        DTypeError,
        "numpy.linalg.svd(): has no symbolic counterpart: build it from functions of symloss",
    ),
    case(
        "21-near",
        lambda: np.negatives(x) if hasattr(np, "negatives") else np.sort_complex(x),
        DTypeError,
        "numpy.sort_complex(): has no symbolic counterpart: build it from functions of symloss",
    ),
    case(
        "21-reduce",
        lambda: np.add.reduce(x),
        DTypeError,
        "numpy.add.reduce(): has no symbolic counterpart: build it from functions of symloss",
    ),
    case(
        "21-out",
        lambda: np.add(x, 1, out=np.zeros(3)),
        DTypeError,
        "numpy.add(): out= has no symbolic counterpart: compile with function(), whose calls take out=",
    ),
    case(
        "21-dtype",
        lambda: np.exp(y, dtype="float32"),
        DTypeError,
        "numpy.exp(): dtype= has no symbolic counterpart: use .astype()",
    ),
    case(
        "21-where",
        lambda: np.add(y, 1, where=True),
        DTypeError,
        "numpy.add(): where= has no symbolic counterpart: use where()",
    ),
    case(
        "21-arity",
        lambda: np.heaviside(y, 0.5),
        InputError,
        "heaviside(): got 2 arguments, expected 1: pass one for each operand",
    ),
    case(
        "22",
        lambda: np.array([x, y]),
        DTypeError,
        "numpy.array(): the tensor x: (N, K) is no array: use stack() or concatenate(), or "
        ".eval() for values",
    ),
    case(
        "22-one",
        lambda: np.array(x),
        DTypeError,
        "numpy.array(): the tensor x: (N, K) is no array: use stack() or concatenate(), or "
        ".eval() for values",
    ),
    case(
        "22-object",
        lambda: np.array([x, y], dtype=object),
        DTypeError,
        "numpy.array(): the tensor x: (N, K) is no array: use stack() or concatenate(), or "
        ".eval() for values",
    ),
    case(
        "23-code",
        lambda: sl.vector("x; import os"),
        NameError_,
        "vector(): 'x; import os' is not a valid name: use a letter, then letters, digits or _ "
        "(no leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-empty",
        lambda: sl.vector(""),
        NameError_,
        "vector(): '' is not a valid name: use a letter, then letters, digits or _ (no leading _,"
        " no Python keyword, 64 at most)",
    ),
    case(
        "23-keyword",
        lambda: sl.vector("class"),
        NameError_,
        "vector(): 'class' is not a valid name: use a letter, then letters, digits or _ (no "
        "leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-lambda",
        lambda: sl.vector("lambda"),
        NameError_,
        "vector(): 'lambda' is not a valid name: use a letter, then letters, digits or _ (no "
        "leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-private",
        lambda: sl.vector("__a"),
        NameError_,
        "vector(): '__a' is not a valid name: use a letter, then letters, digits or _ (no leading"
        " _, no Python keyword, 64 at most)",
    ),
    case(
        "23-long",
        lambda: sl.vector("x" * 65),
        NameError_,
        "vector(): 'xxxxxxxxxxxxxxxxxxxx…' is not a valid name: use a letter, then letters, "
        "digits or _ (no leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-newline",
        lambda: sl.vector("x\ny"),
        NameError_,
        "vector(): 'x\\ny' is not a valid name: use a letter, then letters, digits or _ (no "
        "leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-decomposed",
        lambda: sl.vector("e\u0301"),
        NameError_,
        "vector(): Python reads 'e\\u0301' as '\\xe9': write its plain letters",
    ),
    case(
        "23-ligature",
        lambda: sl.vector("\ufb01t"),
        NameError_,
        "vector(): Python reads '\\ufb01t' as 'fit': write 'fit'",
    ),
    case(
        "23-type",
        lambda: sl.vector(3),
        NameError_,
        "vector(): a name is a string, not an int: use a letter, then letters, digits or _ (no "
        "leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-size",
        lambda: sl.vector("q", "N*C"),
        NameError_,
        "vector(): 'N*C' is not a valid name: use a letter, then letters, digits or _ (no leading"
        " _, no Python keyword, 64 at most)",
    ),
    case(
        "23-symbol",
        lambda: sl.vector("q", sympy.Symbol("class")),
        NameError_,
        "vector(): 'class' is not a valid name: use a letter, then letters, digits or _ (no "
        "leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-function",
        lambda: sl.function([y], y, name="x; import os"),
        NameError_,
        "function(): 'x; import os' is not a valid name: use a letter, then letters, digits or _ "
        "(no leading _, no Python keyword, 64 at most)",
    ),
    case(
        "23-taken",
        lambda: sl.function([y], sl.softmax(y), name="softmax"),
        NameError_,
        "function softmax: 'softmax' means something else in the generated module: choose another name",
    ),
    case(
        "23-shared",
        lambda: sl.shared(1.0, "a b"),
        NameError_,
        "shared(): 'a b' is not a valid name: use a letter, then letters, digits or _ (no leading"
        " _, no Python keyword, 64 at most)",
    ),
    case(
        "24",
        lambda: sl.function([x, other_x], x.sum() + other_x.sum()),
        GraphError,
        "function f: inputs 0 and 1 are both named 'x', built at HERE and HERE: rename one",
    ),
    case(
        "24-inside",
        lambda: sl.function([x], x.sum() + other_x.sum()),
        GraphError,
        "function f: the outputs depend on another x: (N,) float64, built at HERE, than the input"
        " x: (N, K) float64, built at HERE: use one variable, or rename one",
    ),
    case(
        "24-shared",
        lambda: sl.function([x], x.sum() + sl.shared(1.0, "x")),
        GraphError,
        "function f: an input and a shared variable are both named 'x': rename one",
    ),
    case(
        "25",
        lambda: sl.function([x, y, x], x.sum() + y.sum()),
        GraphError,
        "function f: x is given twice, as inputs 0 and 2: drop one",
    ),
    case(
        "26",
        lambda: sl.function([x, y], x),
        GraphError,
        "function f: the outputs do not depend on y: leave unused inputs out, or pass on_unused='ignore'",
    ),
    case(
        "26-option",
        lambda: sl.function([x, y], x, on_unused="ignored"),
        DomainError,
        "function f: on_unused is 'ignored': did you mean 'ignore'?",
    ),
    case(
        "27",
        lambda: sl.function([x], x.sum() * s * sl.exp(y.sum())),
        GraphError,
        "function f: the outputs depend on s (built at HERE), y (built at HERE), which are not "
        "among the inputs: add what is missing to the inputs, or give it with givens",
    ),
    case(
        "27-size",
        lambda: sl.function([s], s * x.shape[0]),
        GraphError,
        "function f: size, built at HERE, needs the size N, which no input has: add an input with"
        " an axis of that size",
    ),
    case(
        "27-open",
        lambda: sl.function([s], s * v.shape[0]),
        GraphError,
        "function f: size, built at HERE, needs the size of axis 0 of v, which no input has: add "
        "an input with an axis of that size",
    ),
    case(
        "27-input",
        lambda: sl.function([x, 3], x),
        GraphError,
        "function f: input 1 is an int, not a variable: pass sl.vector(…) or the like",
    ),
    case(
        "27-formula",
        lambda: sl.function([x + 1], x),
        GraphError,
        "function f: input 0 is add(x, …), built at HERE, not a variable: pass sl.vector(…) or the like",
    ),
    case(
        "27-list",
        lambda: sl.function(x, x),
        GraphError,
        "function f: inputs is an Expr, expected a list: write [x, y]",
    ),
    case(
        "28",
        lambda: sl.function([x], np.ones(3)),
        GraphError,
        "function f: outputs is an ndarray, expected a list: write [x, y]",
    ),
    case(
        "28-None",
        lambda: sl.function([x], None),
        GraphError,
        "function f: outputs is a NoneType, expected a list: write [x, y]",
    ),
    case(
        "28-inside",
        lambda: sl.function([x], [x, None]),
        GraphError,
        "function f: output 1 is a NoneType, not an Expr: build it with sl, or use constant(value)",
    ),
    case(
        "28-check",
        lambda: sl.function([x], x, check="types"),
        DomainError,
        "function f: check is 'types': known: inputs, off, values",
    ),
    case(
        "28-casting",
        lambda: sl.function([x], x, casting="unsafe"),
        DomainError,
        "function f: casting is 'unsafe': did you mean 'safe'?",
    ),
    case(
        "28-givens",
        lambda: sl.function([x], x, givens={x: y}),
        ShapeError,
        "givens: x: (N, K) cannot become y: (N,): the shapes must agree",
    ),
    case(
        "28-givens-key",
        lambda: sl.function([x], x, givens={3: y}),
        GraphError,
        "function f: givens replace expressions, not an int: give a mapping from variables to values",
    ),
    case(
        "28-givens-value",
        lambda: sl.function([x], x, givens={x: "a"}),
        GraphError,
        "givens(x): a str is no expression, number or array: pass an Expr, or constant(value)",
    ),
    case(
        "28-givens-type",
        lambda: sl.function([x], x, givens=3),
        GraphError,
        "function f: givens is an int, expected a mapping: give a mapping from variables to values",
    ),
    case(
        "28-updates",
        lambda: sl.function([x], x, updates={x: y}),
        GraphError,
        "function f: updates change shared variables only: make it with shared()",
    ),
    case(
        "28-updates-type",
        lambda: sl.function([x], x, updates=3),
        GraphError,
        "function f: updates is an int, expected a mapping: give a mapping from variables to values",
    ),
    case(
        "28-join",
        lambda: sl.function([v, y, b], (v + y).sum() + (v + b).sum()),
        ShapeError,
        "function f: sizes N and 5 would have to be equal in add(v, b), built at HERE: declare "
        "the open dims, so that the mismatch shows where it is made",
    ),
    case(
        "29",
        lambda: s + "a",
        GraphError,
        "add(s: (), str): a str is no expression, number or array: pass an Expr, or constant(value)",
    ),
    case(
        "29-right",
        lambda: None + s,
        GraphError,
        "add(NoneType, s: ()): a NoneType is no expression, number or array: pass an Expr, or "
        "constant(value)",
    ),
    case(
        "29-complex",
        lambda: s + 1j,
        GraphError,
        "add(s: (), complex): a complex is no expression, number or array: pass an Expr, or constant(value)",
    ),
    case(
        "29-array",
        lambda: s + np.array([1j]),
        DTypeError,
        "add(s: (), ndarray): dtype 'complex128' is not supported: use float16, float32, float64,"
        " int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "29-list",
        lambda: sl.add(s, [None]),
        DTypeError,
        "add(s: (), list): dtype 'object' is not supported: use float16, float32, float64, int8, "
        "int16, int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "29-ragged",
        lambda: sl.add(s, [[1], [2, 3]]),
        DTypeError,
        "add(s: (), list): a list does not make an array: rows must have equal lengths",
    ),
    case(
        "29-tensors",
        lambda: sl.add(s, [y, y]),
        DTypeError,
        "add(s: (), list): a list of tensors is no array: use stack() or concatenate()",
    ),
    case(
        "29-masked",
        lambda: y + masked,
        DTypeError,
        "add(y: (N,), MaskedArray): a MaskedArray is not accepted: pass the mask as a weight",
    ),
    case(
        "29-large",
        lambda: sl.vector("q", "N", dtype="int8") + 300,
        DTypeError,
        "add(q: (N,), int): a constant is outside the range of int8: use .astype('float64') on what it meets",
    ),
    case(
        "29-symbol",
        lambda: s + sympy.Symbol("t"),
        GraphError,
        "add(s: (), Symbol): a Symbol is no expression, number or array: pass an Expr, or constant(value)",
    ),
    case(
        "29-argument",
        lambda: sl.exp("a"),
        GraphError,
        "exp(str): a str is no expression, number or array: pass an Expr, or constant(value)",
    ),
    case(
        "29-none",
        lambda: sl.exp(),
        InputError,
        "exp(): got 0 arguments, expected 1: pass one for each operand",
    ),
    case(
        "29-many",
        lambda: sl.exp(x, x),
        InputError,
        "exp(): got 2 arguments, expected 1: pass one for each operand",
    ),
    case(
        "29-concatenate",
        lambda: sl.concatenate(y),
        GraphError,
        "concatenate(): expected a list of tensors, got y: (N,): write [x, y]",
    ),
    case(
        "29-stack",
        lambda: sl.stack([x, y]),
        ShapeError,
        "stack(x: (N, K), y: (N,)): shapes (N, K) and (N,) differ: stack tensors of one shape, or"
        " use concatenate()",
    ),
    case(
        "29-stack-none",
        lambda: sl.stack([]),
        GraphError,
        "stack(): got no tensors: pass at least one",
    ),
    case(
        "29-shared",
        lambda: sl.shared([[1], [1, 2]]),
        DTypeError,
        "shared('shared1'): a list does not make an array: rows must have equal lengths",
    ),
    case(
        "29-shared-expr",
        lambda: sl.shared(x, "w"),
        DTypeError,
        "shared('w'): an Expr is no value: use .eval() first",
    ),
    case(
        "29-get",
        lambda: sl.get_value(x),
        GraphError,
        "get_value(): x holds no value: make it with shared(value, name)",
    ),
    case(
        "29-einsum",
        lambda: sl.einsum(x, y),
        GraphError,
        "einsum(): the subscripts are an Expr, expected a string: write them first, as in 'ij,jk->ik'",
    ),
    case(
        "29-tensordot",
        lambda: sl.tensordot(x, y, 3),
        ShapeError,
        "tensordot(x: (N, K), y: (N,)): the axes do not pair up: give as many of each tensor",
    ),
    case(
        "29-full",
        lambda: sl.full((2,), "a"),
        DTypeError,
        "full(): the value is a str: give a number or an Expr",
    ),
    case(
        "29-arange",
        lambda: sl.arange(0, 1, 0),
        DomainError,
        "arange(): the step is 0: use a positive or negative step",
    ),
    case(
        "29-tril",
        lambda: sl.tril(x, 0.5),
        DTypeError,
        "tril(): k is 0.5: use an int",
    ),
    case(
        "29-transpose",
        lambda: sl.transpose(x, 1),
        AxisError,
        "transpose(x: (N, K)): axes (1,) are no permutation of 2 axes: name each once",
    ),
    case(
        "37",
        lambda: sl.var(a, axis=0, ddof=3),
        DomainError,
        "var(a: (3, 4)): ddof=3 leaves no degrees of freedom among 3 elements: use a smaller ddof",
    ),
    case(
        "37-all",
        lambda: sl.std(a, ddof=12),
        DomainError,
        "std(a: (3, 4)): ddof=12 leaves no degrees of freedom among 12 elements: use a smaller ddof",
    ),
    case(
        "37-type",
        lambda: sl.var(a, axis=0, ddof=1.5),
        DomainError,
        "var(a: (3, 4)): ddof is 1.5: use 0, 1, 2, …",
    ),
    case(
        "41-log",
        lambda: sl.log(-1),
        DomainError,
        "log(constant: ()): a constant argument is negative: check its sign",
    ),
    case(
        "41-sqrt",
        lambda: sl.sqrt(-2.0),
        DomainError,
        "sqrt(constant: ()): a constant argument is negative: check its sign",
    ),
    case(
        "41-log2",
        lambda: sl.log2(-1.0),
        DomainError,
        "log2(constant: ()): a constant argument is negative: check its sign",
    ),
    case(
        "41-log10",
        lambda: sl.log10(sl.constant(-3.0)),
        DomainError,
        "log10(constant: ()): a constant argument is negative: check its sign",
    ),
    case(
        "42",
        lambda: y / 0,
        DomainError,
        "divide(y: (N,), constant: ()): division by the constant 0: guard it with where()",
    ),
    case(
        "42-negative",
        lambda: y / -0.0,
        DomainError,
        "divide(y: (N,), constant: ()): division by the constant 0: guard it with where()",
    ),
    case(
        "42-floor",
        lambda: y // 0,
        DomainError,
        "floor_divide(y: (N,), constant: ()): division by the constant 0: guard it with where()",
    ),
    case(
        "42-remainder",
        lambda: y % 0.0,
        DomainError,
        "remainder(y: (N,), constant: ()): division by the constant 0: guard it with where()",
    ),
    case(
        "42-reciprocal",
        lambda: sl.reciprocal(0),
        DomainError,
        "reciprocal(constant: ()): division by the constant 0: check it",
    ),
    case(
        "43",
        lambda: y + float("nan"),
        DomainError,
        "add(y: (N,), float): a constant is NaN: use where() to choose what happens instead",
    ),
    case(
        "43-constant",
        lambda: sl.constant(float("nan")),
        DomainError,
        "constant(float): a constant is NaN: use where() to choose what happens instead",
    ),
    case(
        "43-array",
        lambda: sl.constant(np.array([np.nan])),
        DomainError,
        "constant(ndarray): a constant array holds NaN: pass the array as an input, or use where()",
    ),
    case(
        "44",
        lambda: sl.where(y, 1, 2),
        DTypeError,
        "where(y: (N,), constant: (), constant: ()): the condition has dtype float64, expected "
        "bool: compare first, as in x > 0",
    ),
    case(
        "44-int",
        lambda: sl.where(i, y, 0),
        DTypeError,
        "where(i: (N,), y: (N,), constant: ()): the condition has dtype int64, expected bool: "
        "compare first, as in x > 0",
    ),
    case(
        "45",
        lambda: a[3],
        AxisError,
        "getitem(a: (3, 4)): index 3 is out of bounds for axis 0 of size 3: index within the axis",
    ),
    case(
        "45-negative",
        lambda: a[-4],
        AxisError,
        "getitem(a: (3, 4)): index -4 is out of bounds for axis 0 of size 3: index within the axis",
    ),
    case(
        "45-second",
        lambda: a[0, 4],
        AxisError,
        "getitem(a: (3, 4)): index 4 is out of bounds for axis 1 of size 4: index within the axis",
    ),
    case(
        "45-array",
        lambda: a[np.array([0, 5])],
        AxisError,
        "getitem(a: (3, 4)): index 5 is out of bounds for axis 0 of size 3: index within the axis",
    ),
    case(
        "45-take",
        lambda: sl.take(a, [0, 9], axis=1),
        AxisError,
        "getitem(a: (3, 4)): index 9 is out of bounds for axis 1 of size 4: index within the axis",
    ),
    case(
        "45-one_hot",
        lambda: sl.one_hot([0, 3], 3),
        LabelRangeError,
        "one_hot(constant: (2,)): label 3 at index (1,) is outside [0, 3): check the labels",
    ),
    case(
        "45-pick",
        lambda: sl.pick(a, [0, 1, 9]),
        LabelRangeError,
        "pick(a: (3, 4), constant: (3,)): label 9 at index (2,) is outside [0, 4): check the labels",
    ),
    case(
        "45-along",
        lambda: sl.take_along_axis(a, [[0], [5], [1]], 1),
        LabelRangeError,
        "take_along_axis(a: (3, 4), constant: (3, 1)): label 5 at index (1, 0) is outside [-4, "
        "4): check the labels",
    ),
    case(
        "46",
        lambda: a[::0],
        GraphError,
        "getitem(a: (3, 4)): a slice has step 0: use a positive or negative step",
    ),
    case(
        "46-bound",
        lambda: a[1.5:],
        DTypeError,
        "getitem(a: (3, 4)): a slice bound is a float: use ints or sizes",
    ),
    case(
        "46-float",
        lambda: a[1.0],
        DTypeError,
        "getitem(a: (3, 4)): 1.0 is no index: use ints, slices, None, ... or integer expressions",
    ),
    case(
        "46-str",
        lambda: x["a"],
        DTypeError,
        "getitem(x: (N, K)): 'a' is no index: use ints, slices, None, ... or integer expressions",
    ),
    case(
        "46-mask",
        lambda: a[m],
        DTypeError,
        "getitem(a: (3, 4)): an index has dtype bool, expected integers: use where() instead of a mask",
    ),
    case(
        "46-true",
        lambda: a[True],
        DTypeError,
        "getitem(a: (3, 4)): True is no index: use ints, slices, None, ... or integer expressions",
    ),
    case(
        "46-dtype",
        lambda: a[y],
        DTypeError,
        "getitem(a: (3, 4)): an index has dtype float64, expected integers: use .astype('int64')",
    ),
    case(
        "46-dots",
        lambda: a[..., ...],
        GraphError,
        "getitem(a: (3, 4)): an index has more than one ...: keep one",
    ),
    case(
        "46-symbolic",
        lambda: x[1:5:2],
        ShapeError,
        "getitem(x: (N, K)): a slice of the symbolic size N with bounds and step 2: slice without"
        " bounds, or declare the size as an int",
    ),
    case(
        "47",
        lambda: a[0, 0, 0],
        AxisError,
        "getitem(a: (3, 4)): too many indices: 3 for rank 2: drop some",
    ),
    case(
        "47-scalar",
        lambda: s[0],
        AxisError,
        "getitem(s: ()): too many indices: 1 for rank 0: drop some",
    ),
]


def unplaced(text):
    """An error's text without the lines of this file, which move."""
    return re.sub(r"test_\w+\.py:\d+", "HERE", text)


@pytest.mark.parametrize(("build", "error", "text"), CASES)
def test_a_mistake_while_building_is_named(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert type(caught.value) is error
    assert unplaced(str(caught.value)) == text


@pytest.mark.parametrize(("build", "error", "text"), CASES)
def test_a_text_says_the_call_what_is_wrong_and_the_mend(build, error, text):
    assert len(text) <= 400
    assert re.fullmatch(r"[^:]*(\(.*?\))?: .*: .*", text, re.DOTALL)
    assert not re.search(r"\{\w", text)
    assert issubclass(error, sl.errors.SymlossError)


def test_an_error_is_raised_at_the_line_that_makes_the_mistake():
    with pytest.raises(ShapeError) as caught:
        a + b
    assert caught.traceback[0].path.name == "test_build_time.py"
    assert str(caught.traceback[0].statement).strip() == "a + b"


def test_a_part_built_elsewhere_is_placed_by_file_and_line():
    hidden = sl.vector("hidden")
    line = hidden.site[1]
    with pytest.raises(GraphError, match=rf"depend on hidden \(built at test_build_time\.py:{line}\)"):
        sl.function([s], s + hidden.sum())


def test_an_unused_input_may_be_warned_of_or_ignored():
    with pytest.warns(UserWarning, match="the outputs do not depend on y") as caught:
        sl.function([x, y], x, on_unused="warn")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sl.function([x, y], x, on_unused="ignore")([[1.0]], [2.0]) == 1


def test_an_input_is_used_if_only_its_length_is():
    assert sl.function([v], sl.ones(v.shape))([7.0, 8.0]).tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [float, int, bool, "f4", ">f8", np.dtype(">i2"), np.float16])
def test_dtypes_are_accepted_in_every_spelling(dtype):
    assert sl.vector("q", dtype=dtype).dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize("name", ["λ", "é", "x1", "a_b", "np", "sum", "print", "N"])
def test_names_are_accepted_in_every_script(name):
    assert sl.vector(name).name == name


def test_comparison_is_identity():
    assert (x == x) is True
    assert (x == y) is False
    assert y in [x, y]
    assert [x, y].index(y) == 1
    assert len({x, y, x}) == 2


def test_numpy_functions_build_expressions():
    assert np.exp(x) is sl.exp(x)
    assert np.sum(x, axis=0) is sl.sum(x, axis=0)
    assert np.where(m, y, 0) is sl.where(m, y, 0)
    assert np.stack([y, y]) is sl.stack([y, y])
    assert np.positive(y) is y
    assert np.float64(2) * y is 2.0 * y
    assert np.ones((3, 4)) @ a.T is sl.matmul(np.ones((3, 4)), a.T)
