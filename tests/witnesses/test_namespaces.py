"""Every rule gives the same value and gradients in every namespace, and keeps its arguments.

What they are compared with is NumPy in float64, which the gradient check and the outside
oracles hold to the truth.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ways import RULES, arrays, on_numpy, on_read_only_numpy, on_strict, value_and_gradients

from clearprop.insight.gradcheck import relative_error


def arguments(rule):
    return rule.inputs, rule.fixed, rule.cotangent


def in_float32(rule):
    return arrays(lambda a: a.astype("f4") if a.dtype == np.float64 else a, arguments(rule))


def traced_by_jax(rule, arguments):
    """The dtypes that JAX would give, eager or compiled; nothing is computed."""
    with jax.enable_x64(True):
        return jax.eval_shape(partial(value_and_gradients, rule, jnp), *arguments)


def test_value_and_gradients_are_those_of_numpy(rule, run):
    reference = on_numpy(rule, arguments(rule))
    for wanted, found in zip(reference, run(rule, arguments(rule)), strict=True):
        assert relative_error(wanted, found) <= 1e-12


@pytest.mark.parametrize("way", [on_numpy, on_strict, traced_by_jax])
def test_float32_stays_float32(rule, way):
    made = way(rule, in_float32(rule))
    assert {str(leaf.dtype).rpartition(".")[2] for leaf in jax.tree.leaves(made)} == {"float32"}


def test_float32_is_near_float64(rule):
    reference = on_numpy(rule, arguments(rule))
    for wanted, found in zip(reference, on_numpy(rule, in_float32(rule)), strict=True):
        assert relative_error(wanted, found) <= 1e-4


def test_a_rule_that_writes_into_its_argument_is_caught():
    def write(xp, z):
        z[0] = 0.0
        return z

    rule = RULES["relu"]._replace(forward=write)
    with pytest.raises(ValueError, match="read-only"):
        on_read_only_numpy(rule, arguments(rule))
