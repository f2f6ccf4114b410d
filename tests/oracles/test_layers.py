"""Networks of layers that are not dense, against the same written out over JAX's own functions.

The four witnesses share one forward; here it is written a second time, from the papers' formulas
and jax.nn, and differentiated by JAX.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from clearprop import MLP
from clearprop.network import Batch, derived_gradient, forward, hyper

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(9, 6)), RNG.integers(0, 3, 9)


def normalized(x, p, key):
    return p[f"{key}.gamma"] * jax.nn.standardize(x, axis=-1, epsilon=1e-5) + p[f"{key}.beta"]


def affine(x, p, key):
    return x @ p[f"{key}.weight"] + p[f"{key}.bias"]


def scaled(x, p):
    return affine(jax.nn.tanh(affine(x * p["layers.0.factor"], p, "layers.1")), p, "layers.2")


def layer_normed(x, p):
    return affine(normalized(jax.nn.tanh(affine(x, p, "layers.0")), p, "layers.1"), p, "layers.2")


def with_residual(x, p):
    inner = jax.nn.silu(affine(x, p, "layers.0.layers.0"))
    x = x + jax.nn.silu(affine(normalized(inner, p, "layers.0.layers.1"), p, "layers.0.layers.2"))
    return affine(x, p, "layers.1")


def on_rows_of_two_axes(x, p):
    x = normalized(jnp.reshape(x, (-1, 2, 3)), p, "layers.0")
    return affine(jnp.reshape(x, (-1, 6)), p, "layers.1")


BLOCK = {"name": "residual", "layers": [4, "layer_norm", 6]}
CASES = {
    "scale": ([6, "scale", 5, 3], "tanh", scaled),
    "layer norm": ([6, 5, "layer_norm", 3], "tanh", layer_normed),
    "residual": ([6, BLOCK, 3], "silu", with_residual),
    "rows of two axes": ([(2, 3), "layer_norm", 3], "tanh", on_rows_of_two_axes),
}


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_jax(case, float64):
    layers, activation, twin = CASES[case]
    model = MLP(layers, activation=activation, precision="float64")
    network, params = model.network, model.parameters
    params = {name: p + 0.3 * RNG.normal(size=p.shape) for name, p in params.items()}
    np.testing.assert_allclose(forward(np, network, params, {}, X), twin(X, params), 1e-12)

    def loss(params):
        rows = optax.losses.softmax_cross_entropy_with_integer_labels(twin(X, params), Y)
        return jnp.mean(rows)

    value, expected = jax.value_and_grad(loss)(params)
    batch = Batch(X, Y, np.ones(len(X)))
    found, outcome = derived_gradient(np, network, params, batch, hyper(network, model.settings))
    assert outcome.loss == pytest.approx(float(value), rel=1e-12)
    assert found.keys() == expected.keys()
    for name, g in expected.items():
        np.testing.assert_allclose(found[name], g, 1e-10, 1e-14, err_msg=name)
