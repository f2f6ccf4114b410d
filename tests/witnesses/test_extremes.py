"""Extreme inputs give finite values and finite gradients, derived and differentiated alike.

Zeros stand on every kink, and equal numbers tie for every maximum: there a derived gradient
could differ from the automatic one although both are right elsewhere.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ways import RULES, on_jax_jit, on_numpy

PATTERNS = {
    "hundreds": [100.0, -100.0],
    "zeros": [0.0],
    "negative zeros": [-0.0],
    "ties": [3.0],
    "large ties": [1e4],
    "mixture": [100.0, 0.0, -100.0, -0.0, 1.0, 1.0, -1.0],
}


def filled(rule, pattern):
    """Return a rule's arguments with extreme inputs; a network's are its rows and last bias."""

    def fill(a):
        return np.resize(np.array(pattern), np.shape(a))

    if "batch" not in rule.fixed:
        return {name: fill(a) for name, a in rule.inputs.items()}, rule.fixed, rule.cotangent
    bias = f"layers.{len(rule.network.layers) - 1}.bias"
    batch = rule.fixed["batch"]
    fixed = {**rule.fixed, "batch": batch._replace(x=fill(batch.x))}
    return {**rule.inputs, bias: fill(rule.inputs[bias])}, fixed, rule.cotangent


@cache
def differentiated(name):
    """Return the automatic gradient of a rule's forward, compiled once for all patterns."""

    def total(inputs, fixed, cotangent):
        out, _ = RULES[name].call(jnp, RULES[name], inputs, fixed)
        return jnp.sum(cotangent * out)

    return jax.jit(jax.grad(total))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_values_and_gradients_are_finite(rule, run, pattern):
    made = run(rule, filled(rule, PATTERNS[pattern]))
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(made))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_derived_and_automatic_gradients_agree(rule, pattern):
    arguments = filled(rule, PATTERNS[pattern])
    with jax.enable_x64(True):
        automatic = differentiated(rule.name)(*arguments)
    for way in (on_numpy, on_jax_jit):
        _, derived = way(rule, arguments)
        for name, g in automatic.items():
            assert_near(np.asarray(derived[name]), np.asarray(g))


def assert_near(derived, automatic):
    # Below 1 the error counts as it is: the gradient of a saturated softmax is a difference
    # of nearly equal numbers, and what is left of it is their rounding.
    assert np.all(np.isfinite(automatic))
    scale = max(1.0, np.max(np.abs(automatic)))
    assert np.max(np.abs(derived - automatic)) <= 1e-12 * scale


SLOPES_AT_ZERO = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0}


@pytest.mark.parametrize("name", SLOPES_AT_ZERO)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_kinks_have_the_slope_on_their_left(name, zero):
    given = {"z": np.full((5, 4), zero)}, {}, np.ones((5, 4))
    _, derived = on_numpy(RULES[name], given)
    assert np.all(derived["z"] == SLOPES_AT_ZERO[name])


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_weight_of_zero_is_not_pushed_by_l1(zero):
    _, derived = on_numpy(RULES["l1"], ({"weight": np.full((3, 4), zero)}, {"amount": 0.1}, 1.0))
    assert np.all(derived["weight"] == 0.0)


def test_equal_logits_share_the_probability_and_the_gradient():
    given = {"z": np.full((2, 4), 1e4)}, {}, np.array([[1.0, 0.0, 0.0, 0.0]] * 2)
    value, derived = on_numpy(RULES["softmax"], given)
    assert np.all(value["value"] == 0.25)
    assert np.all(derived["z"] == np.array([3.0, -1.0, -1.0, -1.0]) / 16.0)
