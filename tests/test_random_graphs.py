"""Random formulas: what is compiled and derived has the value and the slopes that 60 digits give."""

import random

import numpy as np
import pytest

import symloss as sl
from symloss.core.evaluate import DIGITS, exact_values, mpmath
from symloss.core.sampling import STEP
from symloss.core.walk import topological

SEEDS = range(400)
LENGTHS = {"N": 3, "D": 4, "K": 2}
DIMS = {"X": "N D", "W": "D K", "Y": "N K", "S": "D D", "v": "D", "u": "N", "c": "K", "q": "1", "a": ""}
LARGEST = 1e6
"""Formulas beyond this value, or with slopes beyond it, say little about digits and are left out."""
TOLERANCE = {"float64": 1e-8, "float32": 2e-2}

OF_ANY = (
    sl.exp,
    sl.tanh,
    sl.sin,
    sl.sigmoid,
    sl.softplus,
    sl.relu,
    sl.abs,
    sl.arctan,
    lambda x: x**2,
    lambda x: x**3,
    lambda x: -x,
    lambda x: 1 - x,
    lambda x: x / 3,
    lambda x: 0.5 * x,
    lambda x: 1 / (x * x + 1),
    lambda x: sl.sqrt(x * x + 1),
    lambda x: sl.log(1 + sl.exp(x)),
    lambda x: sl.clip(x, -0.75, 1.25),
    lambda x: sl.where(x > 0.5, x, x * x),
    lambda x: sl.where(x > 0.7, sl.log(sl.abs(x) + 0.1), 0),
    lambda x: sl.xlogy(x * x, 1 + x * x),
)
OVER_AN_AXIS = (sl.sum, sl.mean, sl.max, sl.min, sl.prod, sl.var, sl.std, sl.norm, sl.logsumexp)
OF_TENSORS = (
    sl.softmax,
    sl.log_softmax,
    lambda x: sl.exp(x) / sl.sum(sl.exp(x), axis=-1, keepdims=True),
    lambda x: x - sl.logsumexp(x, axis=-1, keepdims=True),
    lambda x: sl.log(sl.mean(sl.exp(x))),
    lambda x: x - sl.mean(x, axis=0),
    lambda x: x[0],
    lambda x: x[None],
    lambda x: x[..., None],
    lambda x: x[::-1],
    lambda x: x[-1:],
    lambda x: x[np.array([1, 0, 1])],
    lambda x: x[..., np.array([[0, 1], [1, 1]])],
    lambda x: sl.flip(x),
    lambda x: sl.roll(x, 1),
    lambda x: sl.stack([x, 2 * x]),
    lambda x: sl.squeeze(sl.expand_dims(x, 1), 1),
    lambda x: x.reshape(-1),
    lambda x: sl.sum(x, axis=0, keepdims=True) * x,
)
OF_MATRICES = (
    lambda x: x @ x.T,
    lambda x: sl.trace(x @ x.T),
    lambda x: sl.diag(x[0]),
    lambda x: sl.diagonal(x @ x.T),
    lambda x: sl.tril(x),
    lambda x: sl.triu(x, 1),
    lambda x: sl.outer(x[0], x[0]),
    lambda x: sl.norm(x),
    lambda x: sl.var(x, axis=(0, 1)),
    lambda x: sl.logsumexp(x, axis=(0, 1)),
    lambda x: sl.swapaxes(x, 0, 1),
    lambda x: sl.einsum("ij->i", x),
    lambda x: sl.einsum("ij,kj->ki", x, x),
    lambda x: sl.einsum("ij,ij,kj->ik", x, x, x),
    lambda x: sl.einsum("ii->i", x @ x.T),
    lambda x: sl.tensordot(x, x, axes=((0, 1), (0, 1))),
    lambda x: sl.take_along_axis(x, np.array([[1], [0], [0]]), axis=1),
    lambda x: sl.take(x, np.array([1, 0]), axis=1),
    lambda x: x[np.array([0, 1]), np.array([1, 1])],
)
OF_PAIRS = (
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: x @ y,
    lambda x, y: (x * x + 0.5) ** y,
    lambda x, y: sl.where(x > y, x * y, y),
    lambda x, y: sl.concatenate([x, y]),
    lambda x, y: sl.stack([x, y], axis=-1),
    lambda x, y: x[None] * y[..., None],
    sl.maximum,
    sl.minimum,
    sl.logaddexp,
    sl.dot,
    sl.outer,
)


def declared(chance, dtype):
    """Variables whose sizes have names, or are numbers."""
    named = chance.random() < 0.5
    found = []
    for name, dims in DIMS.items():
        sizes = dims.split() if named else [LENGTHS.get(d, 1) for d in dims.split()]
        found.append(sl.tensor(name, tuple(int(d) if d == "1" else d for d in sizes), dtype))
    return found


def grown(chance, pool):
    """One more formula from some of those there are."""
    x, y = chance.choice(pool), chance.choice(pool)
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(OF_ANY)(x)
    if kind < 0.42 and x.ndim:
        axis, keepdims = chance.randrange(x.ndim), chance.random() < 0.4
        return chance.choice(OVER_AN_AXIS)(x, axis=axis, keepdims=keepdims)
    if kind < 0.57 and x.ndim:
        return chance.choice(OF_TENSORS)(x)
    if kind < 0.62:
        return x.T
    if kind < 0.74 and x.ndim == 2:
        return chance.choice(OF_MATRICES)(x)
    return chance.choice(OF_PAIRS)(x, y)


def formula(seed):
    """A scalar of random shape and size, the variables in it, and values for them."""
    chance = random.Random(seed)
    dtype = "float32" if chance.random() < 0.15 else "float64"
    pool = declared(chance, dtype)
    for _ in range(chance.randrange(2, 13)):
        try:
            node = grown(chance, pool)
        except sl.errors.SymlossError:
            continue
        if node.ndim <= 4:
            pool.append(node)
    last = pool[-1]
    loss = sl.mean(last * last * 0.1 + last) if last.ndim else last
    nodes = set(topological([loss]))
    used = [v for v in pool[: len(DIMS)] if v in nodes]
    rng = np.random.default_rng(seed)
    shapes = [[LENGTHS.get(str(size), size) for size in v.shape] for v in used]
    return loss, used, [rng.uniform(0.3, 1.5, shape).astype(dtype) for shape in shapes]


def slope(loss, used, values, k, direction):
    """The derivative along a direction in variable k, by central differences of 60 digits."""
    mp, sides = mpmath(), []
    with mp.workdps(DIGITS):
        step = mp.mpf(STEP)
        for sign in (1, -1):
            moved = list(values)
            moved[k] = values[k].astype(object) * mp.mpf(1) + direction.astype(object) * (sign * step)
            sides.append(exact_values([loss], dict(zip(used, moved, strict=True)))[0].item())
        return float((sides[0] - sides[1]) / (2 * step))


def check(seed):
    """Whether value and slopes are right; None if the formula says nothing about them."""
    loss, used, values = formula(seed)
    if not used:
        return None
    gradients = sl.grad(loss, used, disconnected="zeros")
    assert all(len(str(g)) > 0 for g in [loss, *gradients])
    value, *found = sl.function(used, [loss, *gradients], on_unused="ignore")(*values)
    expected = exact_values([loss], dict(zip(used, values, strict=True)))[0].item()
    if not abs(expected) < LARGEST:
        return None
    allowed = TOLERANCE[loss.dtype.name]
    assert value.dtype == loss.dtype
    assert abs(value - float(expected)) <= allowed * (1e-3 + abs(expected)), ("value", value, expected)
    rng = np.random.default_rng(seed + 1)
    for k, (variable, g) in enumerate(zip(used, found, strict=True)):
        assert (g.shape, g.dtype) == (values[k].shape, variable.dtype), variable.name
        direction = rng.normal(size=g.shape)
        wanted, got = slope(loss, used, values, k, direction), float(np.sum(g * direction))
        size = 1e-2 + abs(wanted) + float(np.sum(np.abs(g * direction)))
        if size < LARGEST:
            assert abs(got - wanted) <= allowed * size, (
                variable.name,
                got,
                wanted,
                str(loss),
                str(gradients[k]),
            )
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_formula_and_its_gradient_have_the_values_of_60_digits(seed):
    check(seed)


@pytest.mark.parametrize("seed", SEEDS[:200])
def test_a_random_formula_has_the_same_value_in_blocks(seed, in_small_blocks):
    loss, used, values = formula(seed)
    f = sl.function(used, [loss, *sl.grad(loss, used, disconnected="zeros")], on_unused="ignore")
    whole = f._runner.whole(*values)
    for found, expected in zip(f(*values), whole if isinstance(whole, tuple) else [whole], strict=True):
        rtol = 1e-9 if loss.dtype == "float64" else 1e-3
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * (1e-6 + np.max(np.abs(expected))))


def test_most_random_formulas_are_not_trivial():
    losses = [formula(seed)[0] for seed in SEEDS]
    assert sum(len(topological([loss])) > 6 for loss in losses) > len(SEEDS) / 2
    assert len({node.op.name for node in topological(losses)}) > 45


def check_second_order(seed):
    """Whether Hessian products, matrices and the steps of the derivation are right."""
    loss, used, values = formula(seed)
    if not used or loss.dtype != "float64":
        return None
    rng = np.random.default_rng(seed + 2)
    directions = [rng.normal(size=value.shape) for value in values]
    held = [sl.tensor(f"direction{k}", v.shape) for k, v in enumerate(used)]
    along = sum(sl.sum(g * d) for g, d in zip(sl.grad(loss, used, disconnected="zeros"), held, strict=True))
    point = dict(zip([*used, *held], [*values, *directions], strict=True))
    if not abs(exact_values([along], point)[0].item()) < LARGEST:
        return None
    connected = [v for v in used if v in topological([along])]
    found = sl.function([*used, *held], sl.hvp(loss, used, held), on_unused="ignore")(*point.values())
    k = rng.integers(len(used))
    for one in connected[:2]:
        at = used.index(one)
        wanted = slope(
            along, [*used, *held], list(point.values()), at, directions[k] if at == k else values[at]
        )
        got = float(np.sum(found[at] * (directions[k] if at == k else values[at])))
        size = 1e-2 + abs(wanted) + float(np.sum(np.abs(found[at])))
        assert not size < LARGEST or abs(got - wanted) <= 1e-7 * size, (one.name, got, wanted, str(loss))
        matrix = sl.function([*used, *held], sl.hessian(loss, one, used[k]), on_unused="ignore")(
            *point.values()
        )
        row = sl.function([*used, *held], sl.hvp(loss, one, held[at]), on_unused="ignore")(*point.values())
        if at == k:
            product = np.tensordot(matrix, directions[at], directions[at].ndim)
            np.testing.assert_allclose(
                product, row, rtol=1e-7, atol=1e-7 * (1e-2 + np.abs(row).max(initial=0))
            )
    return True


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_second_derivatives_of_a_random_formula_have_the_values_of_60_digits(seed):
    check_second_order(seed)
