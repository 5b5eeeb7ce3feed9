"""Large inputs are computed in blocks of rows: the same results, in bounded memory, on many threads."""

import threading
import tracemalloc

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import AxisError, DomainError, InputError, LabelRangeError
from symloss.losses import aggregate

N, D, K = 23, 4, 3
P, T, Y = sl.matrix("P", "N K"), sl.matrix("T", "N K"), sl.matrix("Y", "N K")
X, W, b = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.vector("b", "K")
u, v, w = sl.vector("u", "N"), sl.vector("v", "N"), sl.vector("w", "N")
labels = sl.vector("labels", "N", "int64")
A, B = sl.matrix("A", "N D"), sl.matrix("B", "N D")
rng = np.random.default_rng(0)
VALUES = {
    variable: rng.uniform(0.1, 0.9, [{"N": N, "D": D, "K": K}[str(size)] for size in variable.shape])
    for variable in (P, T, Y, X, W, b, u, v, w, A, B)
} | {labels: rng.integers(0, K, N)}


def with_gradient(loss, *targets):
    return [loss, *sl.grad(loss, list(targets))]


scores = X @ W + b
FORMULAS = {
    "per row": [sl.losses.huber_loss(P, T)],
    "labels": with_gradient(aggregate(sl.losses.softmax_crossentropy(P, labels)), P),
    "linear model": with_gradient(aggregate(sl.losses.softmax_crossentropy(scores, Y)), W, b, X),
    "weights": with_gradient(
        aggregate(sl.losses.softmax_crossentropy(scores, labels), w, mode="normalized_sum"), W, b
    ),
    "a reduction that feeds rows": with_gradient(sl.losses.explained_variance(u, v), u),
    "twice": with_gradient(sl.mean((u - sl.mean(u)) ** 2 / (1 + sl.max(sl.abs(u - sl.mean(u))))), u),
    "softmax over the batch": with_gradient(-sl.sum(v * sl.log_softmax(u)), u),
    "all pairs": with_gradient(aggregate(sl.losses.info_nce(A, B)), A, B),
    "pairs both ways": with_gradient(
        sl.mean(sl.logsumexp(A @ B.T, axis=0)) + sl.mean(sl.logsumexp(A @ B.T, axis=1)), A
    ),
    "order of the batch": [sl.cumsum(u) + sl.sort(u) + sl.flip(u), sl.argsort(u), u[::-1], u[2:].sum()],
    "every reduction": [
        reduce(X, axis=0)
        for reduce in (sl.sum, sl.mean, sl.max, sl.min, sl.prod, sl.var, sl.std, sl.norm, sl.logsumexp)
    ],
    "truth": [sl.any(X > 0.8, axis=0), sl.all(X > 0.1, axis=1), sl.argmax(X, axis=1), sl.argmax(X, axis=0)],
    "the number of rows": [sl.arange(X.shape[0]) * u, sl.zeros((X.shape[0], 2)) + u[:, None], u / X.shape[0]],
    "layouts": [X.T, X.T @ u, X[:, 1], X[1], X[:, None], X.reshape(-1), sl.concatenate([X, A], axis=1)],
    "picked": [sl.one_hot(labels, K), W.T[labels], P[sl.arange(X.shape[0]), labels], sl.take(P, labels)],
    "the inputs": [u, X, sl.matrix("X", "N D"), W, 2 * W, sl.constant(1.0)],
    "cut by columns": [sl.sum(X, axis=1) @ X, sl.outer(u, v), sl.outer(v, u).T @ u, sl.diag(u)],
}  # fmt: skip


def compiled(formulas, **options):
    return sl.function(list(VALUES), formulas, on_unused="ignore", **options)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("batch", [None, "N", "D", "K"])
def test_blocks_give_what_one_run_gives(name, batch, in_small_blocks):
    f = compiled(FORMULAS[name], batch=batch)
    whole = f._runner.whole(*VALUES.values())
    results = f(*VALUES.values())
    assert bool(f._runner.blocks) == (f.plan is not None)
    for found, expected in zip(results, whole if isinstance(whole, tuple) else [whole], strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_bits_do_not_depend_on_the_number_of_threads(name, in_small_blocks):
    results = [compiled(FORMULAS[name], threads=n)(*VALUES.values()) for n in (1, 2, 5)]
    for others in results[1:]:
        for a, b_ in zip(results[0], others, strict=True):
            assert a.tobytes() == b_.tobytes()


def test_what_is_computed_once_may_use_an_identity(in_small_blocks):
    f = sl.function([X, W], sl.exp(X) * sl.logdet(W.T @ W + sl.eye(W.shape[1])))
    expected = np.exp(VALUES[X]) * np.linalg.slogdet(VALUES[W].T @ VALUES[W] + np.eye(K))[1]
    np.testing.assert_allclose(f(VALUES[X], VALUES[W]), expected, rtol=1e-13)


def test_nan_is_not_lost_beside_an_infinity(in_small_blocks):
    values = np.ones(30)
    values[0], values[-1] = np.nan, np.inf
    reductions = [sl.norm(u), sl.max(u), sl.logsumexp(u), sl.sum(u), sl.prod(u)]
    assert np.isnan(sl.function([u], reductions)(values)).all()


def test_products_of_half_precision_are_not_cut(in_small_blocks):
    a, c = sl.vector("a", "N", "float16"), sl.vector("c", "N", "float16")
    f = sl.function([a, c, sl.scalar("s")], (a @ c) * sl.scalar("s"))
    signs = np.repeat(np.array([1, -1], "float16"), 40_000)
    assert f(np.full(80_000, 4, "float16"), signs, 1.0) == f._runner.whole(
        np.full(80_000, 4, "float16"), signs, np.float64(1)
    )


def test_columns_of_a_mapped_file_are_read_in_blocks(tmp_path):
    np.ones((11_136, 1000)).tofile(tmp_path / "rows")
    mapped = np.memmap(tmp_path / "rows", dtype=float, mode="r", shape=(11_136, 1000))
    f = sl.function([X], sl.sum(sl.exp(X)), check="off", batch="N")
    np.testing.assert_allclose(f(mapped[:, -100:]), np.e * 1_113_600, rtol=1e-12)


def test_formulas_that_rows_can_be_cut_from_are_cut(in_small_blocks):
    uncut = {name for name, formulas in FORMULAS.items() if compiled(formulas).plan is None}
    assert uncut == set()


def test_rows_without_elements_are_no_obstacle(in_small_blocks):
    f = sl.function([X, Y], [sl.mean(X), Y * sl.mean(X), sl.logsumexp(Y, axis=1), sl.softmax(Y, axis=1)])
    mean, *others = f(np.ones((30, 2)), np.ones((30, 0)))
    assert mean == 1
    assert [one.shape for one in others] == [(30, 0), (30,), (30, 0)]
    assert np.all(others[1] == -np.inf)


def test_infinities_of_both_signs_add_up_to_nan_without_a_warning(in_small_blocks):
    values = np.zeros(40)
    values[0], values[-1] = np.inf, -np.inf
    assert np.isnan(sl.function([u], sl.sum(u))(values))


def test_the_longest_of_equally_good_sizes_is_cut():
    f = sl.function([P], sl.exp(P))
    large = rng.normal(size=(2, 1_000_000))
    np.testing.assert_array_equal(f(large), np.exp(large))
    assert [str(f._runner.plans[k].batch) for k in f._runner.blocks] == ["K"]


def test_small_inputs_that_make_large_values_are_cut():
    pairs = sl.mean(sl.abs(u[:, None] - sl.vector("q", "M")[None, :]), axis=1)
    f = sl.function([u, sl.vector("q", "M")], pairs)
    left, right = rng.normal(size=20_000), rng.normal(size=2_000)
    tracemalloc.start()
    try:
        found = f(left, right)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(found[:3], [np.mean(abs(left[i] - right)) for i in range(3)], rtol=1e-12)
    assert peak < 20_000 * 2_000 * 8 / 10


def test_no_array_is_filled_where_another_does_not_fit():
    f = sl.function([P, T], [P - T, P + T])
    p, t = rng.normal(size=(2, 4096, 512))
    room, wrong = np.zeros_like(p), np.zeros(3)
    with pytest.raises(InputError):
        f(p, t, out=[room, wrong])
    assert not room.any()


def test_results_are_arrays_of_their_own(in_small_blocks):
    f = compiled([u, u, u * 1, sl.sum(X, axis=0), X.T, X])
    results = f(*VALUES.values())
    for i, one in enumerate(results):
        others = [*results[:i], *VALUES.values()]
        assert one.flags.writeable
        assert not any(np.shares_memory(one, other) for other in others)


def test_the_stages_can_be_read():
    loss = aggregate(sl.losses.huber_loss(P, T))
    assert str(sl.function([P, T], with_gradient(loss, P)).plan).splitlines()[:3] == [
        "once:",
        "    1/(KN)",
        "for each block of N:",
    ]
    normal = sl.function([u], sl.sum((u - sl.mean(u)) ** 2))
    assert str(normal.plan).splitlines() == [
        "for each block of N:",
        "    mean(u), joined by mean",
        "for each block of N:",
        "    Σ((u − m₁)²), joined by add",
    ]
    assert sl.function([u], sl.cumsum(u)).plan is None


def test_rows_are_computed_against_all_others_where_a_view_gives_these():
    kernels = sl.function([X], sl.sum(sl.exp(X @ X.T), axis=1))
    assert [port.along for stage in kernels.plan.stages for port in stage.outputs] == [0]


def test_a_pass_computes_only_what_the_next_one_waits_for():
    loss = aggregate(sl.losses.softmax_crossentropy(P, labels), w, mode="normalized_sum")
    stages = str(sl.function([P, labels, w], with_gradient(loss, P)).plan).splitlines()
    assert stages[:3] == ["for each block of N:", "    Σw, joined by add", "for each block of N:"]


def test_float32_sums_over_ten_million_rows_have_six_digits():
    x = sl.matrix("x", "N K", "float32")
    column = np.full((10**7, 1), 0.1, dtype="float32")
    exact = 10**7 * float(np.float32(0.1))
    one_by_one = float(column.reshape(-1, 2).sum(axis=0)[0]) * 2
    assert abs(one_by_one / exact - 1) > 1e-5
    found = sl.function([x], [sl.sum(x, axis=0), sl.mean(x, axis=0)])(column)
    np.testing.assert_allclose(found, [[exact], [exact / 10**7]], rtol=1e-6)


def test_a_blocked_call_needs_outputs_and_blocks_and_no_more():
    loss = aggregate(sl.losses.huber_loss(P, T))
    f = sl.function([P, T], with_gradient(loss, P))
    p, t = rng.normal(size=(2, 8192, 512))
    f(p, t)
    tracemalloc.start()
    try:
        f(p, t)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert p.nbytes < peak < 1.5 * p.nbytes


def test_an_array_of_the_callers_is_filled_block_by_block():
    f = sl.function([P, T], [sl.mean(P), P - T])
    p, t = rng.normal(size=(2, 8192, 512))
    total, room = np.empty(()), np.empty_like(p)
    f(p, t, out=[total, room])
    tracemalloc.start()
    try:
        found = f(p, t, out=[total, room])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found[1] is room
    np.testing.assert_array_equal(room, p - t)
    assert peak < p.nbytes / 2


def test_an_array_that_is_also_read_is_refused_and_stays_as_it_is():
    f = sl.function([P, T], P - T)
    p, t = rng.normal(size=(2, 4096, 512))
    before = p.copy()
    with pytest.raises(InputError) as caught:
        f(p, t, out=p)
    assert str(caught.value).startswith("f(): out for output 0 shares memory with an input")
    np.testing.assert_array_equal(p, before)


def test_many_threads_may_call_one_function(in_small_blocks):
    f = compiled([sl.sum(u * v), u * v])
    wrong = []

    def call(seed):
        own = np.random.default_rng(seed)
        for _ in range(20):
            values = VALUES | {u: own.normal(size=N), v: own.normal(size=N)}
            total, product = f(*values.values())
            if not np.array_equal(product, values[u] * values[v]) or abs(total - product.sum()) > 1e-12:
                wrong.append(seed)

    threads = [threading.Thread(target=call, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_file_mapped_to_memory_is_read_block_by_block_and_stays_as_it_is(mode, tmp_path):
    values = rng.normal(size=(80_000, 16))
    values.tofile(tmp_path / "rows")
    mapped = np.memmap(tmp_path / "rows", dtype=float, mode=mode, shape=values.shape)
    if mode != "r":
        mapped[0] = values[0] = 7
    x, a = sl.matrix("x", "N D"), sl.vector("a", "D")
    loss = sl.mean((x @ a) ** 2)
    slope, total = sl.function([x, a], [sl.grad(loss, a), sl.sum(x)])(mapped, np.ones(16))
    np.testing.assert_allclose(slope, 2 / 80_000 * values.T @ values.sum(axis=1), rtol=1e-11)
    np.testing.assert_allclose(total, values.sum(), rtol=1e-11)
    np.testing.assert_array_equal(mapped, values)


def test_what_goes_wrong_in_a_block_is_reported_as_ever(in_small_blocks):
    f = sl.function([P, labels], sl.pick(P, labels + 1))
    with pytest.raises(LabelRangeError) as caught:
        f(VALUES[P], VALUES[labels])
    assert "pick(" in str(caught.value)


def test_the_first_large_call_may_come_from_many_threads_at_once(in_small_blocks):
    for _ in range(20):
        f, results = compiled(FORMULAS["weights"]), []
        barrier = threading.Barrier(6)

        def call(f=f, results=results, barrier=barrier):
            barrier.wait()
            results.append(f(*VALUES.values()))

        threads = [threading.Thread(target=call) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 6
        for found in results:
            for one, other in zip(found, results[0], strict=True):
                np.testing.assert_array_equal(one, other)


def test_a_size_that_no_input_has_is_no_batch():
    with pytest.raises(AxisError) as caught:
        sl.function([u], sl.sum(u), batch="M")
    assert str(caught.value) == "function f: no input has an axis of size 'M': known: N"


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_the_number_of_threads_is_a_positive_integer(threads):
    with pytest.raises(DomainError) as caught:
        sl.function([u], sl.sum(u), threads=threads)
    assert str(caught.value).startswith("function f: threads is ")


def test_rows_that_lie_across_are_filled_with_the_right_values():
    values = rng.normal(size=(300_000, 8))
    for formula, expected in ((-X, -values), (sl.isnan(X), np.isnan(values))):
        f = sl.function([X], [formula, sl.cumsum(X, axis=0)])
        np.testing.assert_array_equal(f(values)[0], expected)
        np.testing.assert_array_equal(sl.function([X], formula, batch="D")(values), expected)
        wide = np.ones((300_000, 16), expected.dtype)
        sl.function([X], formula)(values, out=wide[:, ::2])
        np.testing.assert_array_equal(wide[:, ::2], expected)
        assert np.all(wide[:, 1::2] == 1)
