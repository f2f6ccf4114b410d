"""The step up the loss, by hand and against SciPy's search for the largest."""

import numpy as np
from scipy import optimize

from clearprop.maths.adversarial import steepest_step


def test_three_rows_by_hand(xp):
    g = xp.asarray([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]])
    made = np.asarray(steepest_step(xp, g, 0.5))
    np.testing.assert_allclose(made, [[0.3, 0.4], [0.0, 0.0], [0.0, -0.5]], rtol=1e-6)


def test_slopes_too_small_to_be_squared_still_point_somewhere():
    g = np.array([[3e-30, 4e-30]], np.float32)
    np.testing.assert_allclose(steepest_step(np, g, 1.0), [[0.6, 0.8]], rtol=1e-6)


def test_no_other_step_of_that_length_raises_a_linear_loss_more():
    g = np.random.default_rng(0).normal(size=4)
    made = steepest_step(np, g[None], 0.7)[0]
    sphere = {"type": "eq", "fun": lambda r: np.dot(r, r) - 0.49}
    found = optimize.minimize(lambda r: -np.dot(g, r), np.ones(4) * 0.35, constraints=[sphere])
    np.testing.assert_allclose(made, found.x, atol=1e-4)
