"""The ways in which every rule is run: each namespace, as it comes and made stricter.

A way takes a rule and its arguments and returns its value and its derived gradients.
"""

from functools import cache, partial

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np

from clearprop.insight.rules import rules

RULES = {rule.name: rule for rule in rules()}
STRICT_ARRAY = type(array_api_strict.asarray(0.0))


def value_and_gradients(rule, xp, inputs, fixed, cotangent):
    out, back = rule.call(xp, rule, inputs, fixed)
    return {"value": out}, dict(zip(rule.inputs, back(cotangent), strict=False))


def arrays(change, arguments):
    """Return the arguments with every array among them changed; numbers stay as they are."""
    return jax.tree.map(lambda a: change(a) if isinstance(a, np.ndarray) else a, arguments)


def on_numpy(rule, arguments):
    return value_and_gradients(rule, np, *arguments)


def on_read_only_numpy(rule, arguments):
    """Any attempt to change an argument in place raises."""

    def frozen(array):
        array = array.copy()
        array.setflags(write=False)
        return array

    return value_and_gradients(rule, np, *arrays(frozen, arguments))


def on_strict(rule, arguments):
    """array_api_strict refuses whatever the array API standard does not promise."""
    arguments = arrays(array_api_strict.asarray, arguments)
    made = value_and_gradients(rule, array_api_strict, *arguments)
    assert all(type(leaf) is STRICT_ARRAY for leaf in jax.tree.leaves(made))
    return made


def on_jax_eager(rule, arguments):
    with jax.enable_x64(True):
        made = value_and_gradients(rule, jnp, *arrays(jnp.asarray, arguments))
        assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(made))
        return made


@cache
def compiled(name):
    """Return a rule as one program, kept for every test that calls it."""
    return jax.jit(partial(value_and_gradients, RULES[name], jnp))


def on_jax_jit(rule, arguments):
    with jax.enable_x64(True):
        return compiled(rule.name)(*arguments)


WAYS = (on_numpy, on_read_only_numpy, on_strict, on_jax_eager, on_jax_jit)
