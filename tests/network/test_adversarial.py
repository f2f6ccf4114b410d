"""The gradient with respect to the inputs, and a step that also learns away from them."""

import numpy as np
import pytest

from clearprop.layers import Dense
from clearprop.network import (
    Batch,
    Choice,
    Network,
    StepParts,
    Training,
    batch_loss,
    derived_gradient,
    hyper,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
    step,
    table,
)

RNG = np.random.default_rng(0)
HIDDEN = Dense(6, "tanh", True, 0.3, 0.2)
NETWORK = Network((5,), (HIDDEN, Dense(3, "softmax")), input_dropout=0.2, input_noise=0.1)
BATCH = Batch(RNG.normal(size=(7, 5)), RNG.integers(0, 3, 7), np.ones(7))


def values_of(training):
    row = table(NETWORK, training, first=0, fit_first=0, steps=1, per_epoch=1)
    columns = {name: c[0] if c.ndim > 1 else float(c[0]) for name, c in row.items()}
    return hyper(NETWORK, training) | columns


def test_the_gradient_of_the_inputs_is_that_of_finite_differences():
    params, values = initial_parameters(NETWORK, 0, "float64"), values_of(Training())
    gradients, _ = derived_gradient(np, NETWORK, params, BATCH, values, inputs=True)
    g, small = gradients["inputs"], 1e-6
    for row, column in [(0, 0), (3, 4), (6, 2)]:
        losses = []
        for sign in (1.0, -1.0):
            x = BATCH.x.copy()
            x[row, column] += sign * small
            losses.append(batch_loss(np, NETWORK, params, BATCH._replace(x=x), values)[0])
        assert g[row, column] == pytest.approx((losses[0] - losses[1]) / (2 * small), rel=1e-6)


def test_a_step_takes_the_mean_of_both_gradients():
    # By hand: SGD's parameters fall by the rate times the mean of the two gradients.
    training = Training(Choice("sgd"), learning_rate=0.1, adversarial=0.7, precision="float64")
    values, made = values_of(training), program(NETWORK, training)
    params = initial_parameters(NETWORK, 0, "float64")
    state = initial_state(np, made, params, initial_statistics(NETWORK, "float64"))
    after, outcome = step(np, made, StepParts(derived_gradient), state, BATCH, values)
    here, plain = derived_gradient(np, NETWORK, params, BATCH, values, inputs=True)
    slope = here["inputs"]
    moved = BATCH.x + 0.7 * slope / np.linalg.norm(slope, axis=1, keepdims=True)
    there, _ = derived_gradient(np, NETWORK, params, BATCH._replace(x=moved), values)
    for name, value in params.items():
        wanted = value - 0.1 * (here[name] + there[name]) / 2.0
        np.testing.assert_allclose(after.params[name], wanted, rtol=0, atol=1e-14)
    assert outcome.loss == plain.loss
