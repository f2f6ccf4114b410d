"""A network without an object: the plain functions, NumPy, and a loop that you can read.

Run it with .venv/bin/python examples/plain_functions.py
"""

import numpy as np
from threadpoolctl import threadpool_limits

from clearprop import datasets
from clearprop.data import order
from clearprop.inputs import Preparation, prepare
from clearprop.network import (
    Rows,
    build_network,
    derived_gradient,
    forward,
    gather,
    initial_parameters,
)

# On a busy machine two BLAS threads are ten times slower than one at products of this size.
threadpool_limits(1)

EPOCHS, BATCH, RATE, SEED = 3, 32, 0.1, 0

mnist = datasets.load("mnist")
rows = Rows(mnist.train.images.reshape(60_000, 784), mnist.train.labels, None)
network = build_network([784, 64, 10], activation="relu")
params = initial_parameters(network, SEED)
pixels, single = Preparation(), np.dtype("float32")

for epoch in range(EPOCHS):
    losses = []
    for index in order(SEED, epoch, len(rows.x), BATCH):
        batch = gather(np, rows, index, pixels, single)
        gradient, outcome = derived_gradient(np, network, params, batch, {})
        params = {name: value - RATE * gradient[name] for name, value in params.items()}
        losses.append(outcome.loss)
    x = prepare(np, mnist.test.images.reshape(-1, 784), pixels, single)
    right = forward(np, network, params, {}, x).argmax(axis=1) == mnist.test.labels
    print(f"epoch {epoch + 1}  loss {np.mean(losses):.4f}  test accuracy {right.mean():.4f}")
