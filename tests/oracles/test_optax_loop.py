"""A training loop as one writes it with jax and optax: the same loss at every step."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from clearprop.engines import Job, make
from clearprop.inputs import Preparation
from clearprop.layers import Dense
from clearprop.network import (
    Choice,
    Network,
    Rows,
    Training,
    hyper,
    initial_parameters,
    initial_state,
    program,
    table,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(100, 6))
Y = X[:, :4].argmax(axis=1)
STEPS = 50
ORDER = np.stack([RNG.permutation(100)[:20] for _ in range(STEPS)]).astype(np.int32)
NETWORK = Network((6,), (Dense(8, "tanh"), Dense(7, "silu"), Dense(4, "softmax")))
TRAINING = Training(Choice("adam"), 0.02, precision="float64")


def optax_losses(params: dict) -> list[float]:
    """Return the losses of a loop that shares nothing with Clearprop but its first weights."""

    def loss(params, x, y):
        x = jnp.tanh(x @ params["layers.0.weight"] + params["layers.0.bias"])
        x = jax.nn.swish(x @ params["layers.1.weight"] + params["layers.1.bias"])
        logits = x @ params["layers.2.weight"] + params["layers.2.bias"]
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    @jax.jit
    def update(params, memory, x, y):
        value, g = jax.value_and_grad(loss)(params, x, y)
        change, memory = optimizer.update(g, memory)
        return optax.apply_updates(params, change), memory, value

    optimizer = optax.adam(0.02)
    memory, losses = optimizer.init(params), []
    for index in ORDER:
        params, memory, value = update(params, memory, X[index], Y[index])
        losses.append(float(value))
    return losses


@pytest.mark.usefixtures("float64")
def test_fifty_steps_of_adam(engine):
    params = initial_parameters(NETWORK, 0, "float64")
    made = program(NETWORK, TRAINING)
    place = make(engine)
    job = Job(made, hyper(NETWORK, TRAINING), Preparation())
    placed = place.place(Rows(X, Y, None), "float64")
    run = place.begin([job], [initial_state(np, made, params, {})], placed)
    columns = table(NETWORK, TRAINING, first=0, fit_first=0, steps=STEPS, per_epoch=5)
    run.begin_epoch([ORDER], [columns])
    run.advance(0, STEPS)
    ours = run.measured()[0].loss
    np.testing.assert_allclose(ours, optax_losses(params), rtol=1e-11)
    assert ours[-1] < 0.5 * ours[0]
