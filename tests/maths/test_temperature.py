"""Temperature: the softmax against SciPy, the slope against finite differences, in every way."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special
from scipy.optimize import approx_fprime

from clearprop.maths.softmax import softmax
from clearprop.maths.temperature import likelihood, log_tempered, tempered

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(scale=3.0, size=(4, 30, 5))
LABELS = RNG.integers(0, 5, 30)
ONE_HOT = np.eye(5)[LABELS]
SOFT = special.softmax(RNG.normal(size=(30, 5)), axis=1)
TEMPERATURES = [0.05, 0.7, 1.0, 3.0, 50.0]


def by_hand(t: float, targets=ONE_HOT) -> float:
    """The likelihood as a sentence says it: average SciPy's probabilities, take logarithms."""
    average = special.softmax(LOGITS / t, axis=2).mean(axis=0)
    return float(-(targets * np.log(average)).sum(axis=1).mean())


@pytest.mark.parametrize("t", TEMPERATURES)
def test_tempered_probabilities_and_their_logarithms_equal_scipys(xp, float64, t):
    z = xp.asarray(LOGITS[0])
    wanted = special.softmax(LOGITS[0] / t, axis=1)
    np.testing.assert_allclose(np.asarray(tempered(xp, z, t)), wanted, rtol=1e-12)
    logs = special.log_softmax(LOGITS[0] / t, axis=1)
    np.testing.assert_allclose(np.asarray(log_tempered(xp, z, t)), logs, rtol=1e-12, atol=1e-14)


def test_a_temperature_of_one_is_the_softmax_to_the_last_bit():
    z = LOGITS[0].astype(np.float32)
    assert (tempered(np, z, 1.0) == softmax(np, z)).all()


def test_a_worked_example():
    # Two answers (0, log 3) and (log 4, 0) at T = 1/2: logits double, so the odds are squared,
    # 1:9 and 16:1. The second class has (9/10 + 1/17)/2 on average.
    logits = np.log([[[1.0, 3.0]], [[4.0, 1.0]]])
    loss, slope = likelihood(np, logits, np.array([[0.0, 1.0]]), 0.5)
    assert loss == pytest.approx(-np.log((9 / 10 + 1 / 17) / 2), rel=1e-14)
    # u₂ - Σ s·u is log 9·(1/10) in the first answer, -log 16·(16/17) in the second.
    up, down = 9 / 10 * np.log(9) / 10, 1 / 17 * np.log(16) * 16 / 17
    assert slope == pytest.approx((up - down) / (9 / 10 + 1 / 17), rel=1e-13)


@pytest.mark.parametrize("targets", [ONE_HOT, SOFT], ids=["labels", "soft targets"])
@pytest.mark.parametrize("t", TEMPERATURES)
def test_the_likelihood_and_its_slope_in_every_namespace(xp, float64, t, targets):
    loss, slope = likelihood(xp, xp.asarray(LOGITS), xp.asarray(targets), t)
    assert float(loss) == pytest.approx(by_hand(t, targets), rel=1e-12)
    step = 1e-6
    ahead, behind = (by_hand(t * np.exp(d), targets) for d in (step, -step))
    assert float(slope) == pytest.approx((ahead - behind) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("t", TEMPERATURES)
def test_the_slope_equals_the_automatic_one(float64, t):
    def loss(tau):
        return likelihood(jnp, jnp.asarray(LOGITS), jnp.asarray(ONE_HOT), jnp.exp(tau))[0]

    _, derived = likelihood(np, LOGITS, ONE_HOT, t)
    assert float(jax.grad(loss)(np.log(t))) == pytest.approx(derived, rel=1e-11)


def test_the_derivative_is_along_log_t_and_not_along_t():
    along_t = approx_fprime(np.array([3.0]), lambda t: by_hand(t[0]), 1e-7)[0]
    assert likelihood(np, LOGITS, ONE_HOT, 3.0)[1] == pytest.approx(3.0 * along_t, rel=1e-5)


def test_a_certain_mistake_costs_a_finite_amount(xp):
    logits = xp.asarray([[[-1e4, 1e4]], [[-1e4, 1e4]]], dtype=xp.float32)
    loss, slope = likelihood(xp, logits, xp.asarray([[1.0, 0.0]], dtype=xp.float32), 1.0)
    assert (float(loss), float(slope)) == (2e4, -2e4)
    assert loss.dtype == slope.dtype == xp.float32
