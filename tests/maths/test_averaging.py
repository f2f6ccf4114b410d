"""The moving average, against optax and in closed form."""

import numpy as np
import optax
import pytest

from clearprop.maths.averaging import moving_average, warmed_decay

VALUES = np.random.default_rng(0).normal(size=(50, 3))


@pytest.mark.usefixtures("float64")
def test_equals_optax():
    twin = optax.ema(0.9, debias=False)
    average, memory = np.zeros(3), twin.init(np.zeros(3))
    for value in VALUES:
        average = moving_average(np, average, value, 0.1)
        theirs, memory = twin.update(value, memory)
        np.testing.assert_allclose(average, theirs, rtol=1e-13)


def test_closed_form():
    # After n steps: dⁿ·a₀ + Σ_k (1 - d)·dⁿ⁻¹⁻ᵏ·v_k.
    average = np.ones(3)
    for value in VALUES:
        average = moving_average(np, average, value, 0.2)
    weights = 0.2 * 0.8 ** np.arange(49, -1, -1)
    np.testing.assert_allclose(average, 0.8**50 + weights @ VALUES, rtol=1e-13)


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.99, 0.999, 0.9999])
def test_the_average_of_a_constant_is_the_constant(decay):
    # Rounded coefficients d and 1 - d do not sum to 1, and would drift by up to 2e-4 of the value.
    value = np.linspace(0.1, 7.0, 1000, dtype=np.float32)
    average = value
    for _ in range(100):
        average = moving_average(np, average, value, 1.0 - decay)
    assert np.array_equal(average, value)


def test_the_decay_warms_up_to_its_setting():
    made = [warmed_decay(0.99, t) for t in range(2000)]
    assert made[0] == 0.1
    assert made == sorted(made)
    assert made[-1] == 0.99
    assert max(made) == 0.99
