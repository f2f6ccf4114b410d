"""A small problem for each task, and networks for it."""

import numpy as np

from clearprop import MLP

RNG = np.random.default_rng(5)
X = RNG.normal(size=(60, 4))
MIXED = X @ RNG.normal(size=(4, 3)) + 0.3 * RNG.normal(size=(60, 3))
TARGETS = {
    "classes": MIXED.argmax(axis=1),
    "labels": (MIXED > 0.3).astype(int),
    "yes or no": (MIXED[:, 0] > 0.2).astype(int),
    "values": MIXED * [10.0, 0.1, 1000.0] + [5.0, 0.0, -300.0],
    "a value": 7.0 * MIXED[:, 0] - 100.0,
}
OUTPUTS = {"classes": 3, "labels": 3, "yes or no": 1, "values": 3, "a value": 1}


def make(problem: str, **words) -> MLP:
    """Return a small network for a problem, in double precision."""
    usual = {"learning_rate": 0.01, "activation": "tanh", "precision": "float64", "seed": 1}
    return MLP([4, 8, OUTPUTS[problem]], **(usual | words))
