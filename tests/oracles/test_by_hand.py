"""A network of two layers, worked by hand, on both engines.

Two inputs, two hidden ReLU units, two classes, two rows. With L = ln 3:

    W1 = [1  -1]   b1 = [0 -2]      W2 = [ L/2   0 ]   b2 = [0 0]
         [½   1]                         [-L/2  L/2]

Forward
    X  = [1 2]      Z1 = X·W1 + b1 = [1 + 1    -1 + 2 - 2] = [2 -1]     A1 = [2 0]
         [0 4]                       [0 + 2     0 + 4 - 2]   [2  2]          [2 2]

    Z2 = A1·W2 + b2 = [L     0    ] = [L 0]
                      [L - L 0 + L]   [0 L]

    e^L = 3, so softmax gives S = [3/4 1/4]
                                  [1/4 3/4]

Both labels are class 1 (the second). Loss: the mean of -ln(1/4) = ln 4 and -ln(3/4) = ln(4/3):
    loss = ½·ln(16/3), one of two rows is right.

Backward (T = [0 1; 0 1], and each row counts one half)
    dZ2 = (S - T)/2 = [3/8 -3/8]
                      [1/8 -1/8]

    dW2 = A1ᵀ·dZ2 = [2·3/8 + 2·1/8   -1]  = [ 1   -1 ]
                    [0·3/8 + 2·1/8  -1/4]   [1/4 -1/4]
    db2 = column sums of dZ2 = [1/2 -1/2]

    dA1 = dZ2·W2ᵀ = [3/8·L/2   -3/8·L/2 - 3/8·L/2] = [3L/16 -3L/8]
                    [1/8·L/2   -1/8·L/2 - 1/8·L/2]   [ L/16  -L/8]

    dZ1 = dA1 where Z1 > 0 = [3L/16   0 ]      (unit 2 is off in row 1)
                             [ L/16 -L/8]

    dW1 = Xᵀ·dZ1 = [1·3L/16 + 0·L/16       0      ] = [3L/16   0 ]
                   [2·3L/16 + 4·L/16   4·(-L/8)   ]   [5L/8  -L/2]
    db1 = column sums of dZ1 = [L/4 -L/8]

One step of SGD with η = ½ takes half of each gradient away.
"""

import math

import numpy as np
import pytest

from clearprop.engines import Job, make
from clearprop.inputs import Preparation
from clearprop.layers import Dense
from clearprop.network import (
    Batch,
    Choice,
    Network,
    Rows,
    Training,
    derived_gradient,
    forward,
    hyper,
    initial_state,
    outputs,
    program,
    table,
)

L = math.log(3.0)
NETWORK = Network((2,), (Dense(2, "relu"), Dense(2, "softmax")))
PARAMS = {
    "layers.0.weight": np.asarray([[1.0, -1.0], [0.5, 1.0]]),
    "layers.0.bias": np.asarray([0.0, -2.0]),
    "layers.1.weight": np.asarray([[L / 2, 0.0], [-L / 2, L / 2]]),
    "layers.1.bias": np.asarray([0.0, 0.0]),
}
GRADIENTS = {
    "layers.0.weight": np.asarray([[3 * L / 16, 0.0], [5 * L / 8, -L / 2]]),
    "layers.0.bias": np.asarray([L / 4, -L / 8]),
    "layers.1.weight": np.asarray([[1.0, -1.0], [0.25, -0.25]]),
    "layers.1.bias": np.asarray([0.5, -0.5]),
}
X, Y = np.asarray([[1.0, 2.0], [0.0, 4.0]]), np.asarray([1, 1])
LOSS = 0.5 * math.log(16.0 / 3.0)


def assert_equal(made: dict, expected: dict) -> None:
    assert made.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(made[name], value, rtol=1e-14, atol=1e-15, err_msg=name)


def test_forward():
    logits = forward(np, NETWORK, PARAMS, {}, X)
    np.testing.assert_allclose(logits, [[L, 0.0], [0.0, L]], atol=1e-15)
    probabilities = outputs(np, NETWORK, logits)
    np.testing.assert_allclose(probabilities, [[0.75, 0.25], [0.25, 0.75]], rtol=1e-15)


def test_loss_and_gradients():
    gradients, outcome = derived_gradient(np, NETWORK, PARAMS, Batch(X, Y, np.ones(2)), {})
    assert outcome.loss == pytest.approx(LOSS, rel=1e-15)
    assert outcome.sums == {"correct": 1.0}
    assert_equal(gradients, GRADIENTS)


@pytest.mark.parametrize(
    ("engine", "gradients"), [("numpy", "auto"), ("jax", "auto"), ("jax", "derived")]
)
def test_one_step_of_sgd(engine, gradients):
    training = Training(Choice("sgd"), 0.5, precision="float64", gradients=gradients)
    made = program(NETWORK, training)
    job = Job(made, hyper(NETWORK, training), Preparation())
    place = make(engine)
    run = place.begin(
        [job], [initial_state(np, made, PARAMS, {})], place.place(Rows(X, Y, None), "float64")
    )
    rows = table(NETWORK, training, first=0, fit_first=0, steps=1, per_epoch=1)
    run.begin_epoch([np.asarray([[0, 1]], np.int32)], [rows])
    run.advance(0, 1)
    assert run.measured()[0].loss[0] == pytest.approx(LOSS, rel=1e-15)
    assert run.measured()[0].sums["correct"][0] == 1.0
    assert_equal(
        run.fetch()[0].params, {name: PARAMS[name] - 0.5 * g for name, g in GRADIENTS.items()}
    )
