"""Normal draws: distributed as SciPy says, independent, and the same in every namespace."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from clearprop.maths.gaussian_noise import gaussian_noise, gaussian_noise_vjp, normal
from clearprop.network.table import noise_keys

STEPS, SHAPE = 32, (128, 255)  # an odd number of columns: the last pair gives one draw alone
KEYS = noise_keys(0, 2, 0, STEPS, "gaussian")
SIZE = SHAPE[0] * SHAPE[1]


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    return np.stack([normal(np, key[0], SHAPE, np.float64) for key in KEYS])


def test_draws_are_normal(draws):
    assert draws.shape == (STEPS, *SHAPE)
    assert 1e-4 < stats.kstest(draws.reshape(-1), "norm").pvalue < 1 - 1e-4
    # Of every step alone: p-values that are themselves uniform.
    each = [stats.kstest(one.reshape(-1), "norm").pvalue for one in draws]
    assert stats.kstest(each, "uniform").pvalue > 1e-4
    assert stats.kstest(draws.reshape(-1) * 1.01, "norm").pvalue < 1e-4  # it could fail


def test_the_tails_hold_what_they_should(draws):
    for beyond in (2.0, 3.0, 4.0):
        n, expected = (np.abs(draws) > beyond).sum(), 2.0 * stats.norm.sf(beyond) * draws.size
        assert abs(n - expected) < 4.5 * np.sqrt(expected)
    assert np.abs(draws).max() < 5.8


@pytest.mark.parametrize("power", [1, 2])
def test_steps_streams_and_the_two_of_a_pair_are_independent(draws, power):
    half = (SHAPE[1] + 1) // 2
    pairs = draws[:, :, : half - 1], draws[:, :, half:]
    other = normal(np, KEYS[0, 1], SHAPE, np.float64)
    for one, two in (pairs, (draws[0], draws[1]), (draws[0], other)):
        one, two = one.reshape(-1) ** power, two.reshape(-1) ** power
        assert abs(np.corrcoef(one, two)[0, 1]) * np.sqrt(one.size) < 4.5


def test_they_are_not_the_draws_of_dropout():
    assert not np.isin(KEYS, noise_keys(0, 2, 0, STEPS)).any()


def test_more_rows_begin_with_the_same_rows():
    few, more = (normal(np, KEYS[3, 1], (rows, 7), np.float32) for rows in (5, 9))
    assert np.array_equal(few, more[:5])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.usefixtures("float64")
def test_every_namespace_and_precision_sees_the_same_draws(xp, dtype):
    exact = normal(np, KEYS[0, 0], (33, 17), np.float64)
    made = normal(xp, xp.asarray(KEYS[0, 0]), (33, 17), getattr(xp, dtype))
    assert str(made.dtype).endswith(dtype)
    rounding = {"float32": 2e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(np.asarray(made), exact, 0.0, rounding)


def test_a_draw_of_zero_and_one_of_almost_one_are_finite(monkeypatch):
    ends = np.array([[0.0, 1.0 - 2.0**-24, 0.0, 0.5]], np.float32)
    monkeypatch.setattr("clearprop.maths.gaussian_noise.uniform", lambda *_: ends)
    made = normal(np, KEYS[0, 0], (1, 4), np.float32)
    assert np.isfinite(made).all()
    assert np.hypot(made[0, 1], made[0, 3]) == pytest.approx(np.sqrt(48.0 * np.log(2.0)))


def test_noise_is_added_as_it_says_and_costs_the_gradient_nothing():
    x, draw = np.array([[1.0, 2.0]]), np.array([[-1.0, 0.5]])
    assert gaussian_noise(np, x, draw, 0.2).tolist() == [[0.8, 2.1]]
    slope = jax.grad(lambda x: jnp.sum(gaussian_noise(jnp, x, draw, 0.2) * draw))(x)
    np.testing.assert_allclose(slope, gaussian_noise_vjp(np, draw))
