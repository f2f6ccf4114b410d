"""Clipping by norm, against optax."""

import numpy as np
import optax
import pytest

from clearprop.maths.clipping import clip_by_norm, global_norm

RNG = np.random.default_rng(0)
GRADIENTS = {"weight": RNG.normal(size=(3, 2)), "bias": RNG.normal(size=2)}
NORM = float(np.sqrt(sum(np.sum(g**2) for g in GRADIENTS.values())))


def test_the_norm_is_that_of_all_tensors_together():
    assert global_norm(np, {"a": np.asarray([3.0]), "b": np.asarray([[4.0]])}) == 5.0


@pytest.mark.parametrize("limit", [1e-3, 0.5 * NORM, NORM, 1.001 * NORM, 1e6])
@pytest.mark.usefixtures("float64")
def test_equals_optax(limit):
    clipped = clip_by_norm(np, GRADIENTS, limit)
    theirs, _ = optax.clip_by_global_norm(limit).update(GRADIENTS, optax.EmptyState())
    for name, g in clipped.items():
        np.testing.assert_allclose(g, theirs[name], rtol=1e-14)
    assert global_norm(np, clipped) == pytest.approx(min(limit, NORM), rel=1e-14)


def test_below_the_limit_nothing_changes(xp):
    gradients = {name: xp.asarray(g, dtype=xp.float32) for name, g in GRADIENTS.items()}
    for name, g in clip_by_norm(xp, gradients, 100.0).items():
        assert np.array_equal(np.asarray(g), GRADIENTS[name].astype(np.float32))


def test_a_zero_gradient_stays_zero(xp):
    clipped = clip_by_norm(xp, {"weight": xp.zeros((2, 2))}, 1.0)
    assert np.array_equal(np.asarray(clipped["weight"]), np.zeros((2, 2)))
