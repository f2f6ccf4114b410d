"""Activations against jax.nn and SciPy: a wrong forward would pass every gradient check."""

import jax
import numpy as np
import pytest
from scipy import special

from clearprop.maths.activations import ACTIVATIONS

ORACLES = {
    "elu": jax.nn.elu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=True),
    "identity": lambda z: z,
    "leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.01),
    "relu": jax.nn.relu,
    "sigmoid": special.expit,
    "silu": jax.nn.silu,
    "softplus": jax.nn.softplus,
    "tanh": np.tanh,
}
Z = np.concatenate([np.linspace(-6.0, 6.0, 97), [-1e3, -100.0, -20.0, -1e-8, 1e-8, 20.0, 100.0]])


def test_every_activation_has_an_oracle():
    assert ORACLES.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.usefixtures("float64")
def test_forward(name):
    made = ACTIVATIONS[name].forward(np, Z)
    np.testing.assert_allclose(made, np.asarray(ORACLES[name](Z)), rtol=1e-13, atol=1e-15)
