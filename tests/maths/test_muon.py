"""Muon's orthogonal matrix, against optax's and against singular values by LAPACK."""

import jax.numpy as jnp
import numpy as np
import pytest
from optax.contrib import _muon

from clearprop.maths.optimizers.muon import QUINTIC, orthogonalized, stretch

SHAPES = [(784, 128), (128, 64), (64, 10), (10, 64), (30, 20), (5, 1), (1, 5)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("float64")
def test_it_is_the_matrix_of_optax(shape):
    matrix = np.random.default_rng(0).normal(size=shape) * 1e-3
    assert QUINTIC == _muon._DEFAULT_NS_COEFFS
    theirs = _muon.orthogonalize_via_newton_schulz(jnp.asarray(matrix), jnp.asarray(QUINTIC))
    np.testing.assert_allclose(orthogonalized(np, matrix), theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_direction_gets_about_the_same_size(shape, dtype):
    for seed in range(5):
        matrix = np.random.default_rng(seed).normal(size=shape).astype(dtype)
        made = orthogonalized(np, matrix)
        assert made.dtype == dtype
        left, _, right = np.linalg.svd(matrix, full_matrices=False)
        found = np.diag(left.T @ made @ right.T)  # U and V are kept
        assert found.min() >= 0.68
        assert found.max() <= 1.14
        np.testing.assert_allclose(np.linalg.svd(made)[1], np.sort(found)[::-1], rtol=1e-4)


def test_a_turned_matrix_gives_the_turned_result(xp):
    matrix = xp.asarray(np.random.default_rng(1).normal(size=(7, 4)))
    one, other = orthogonalized(xp, matrix), orthogonalized(xp, matrix.T)
    np.testing.assert_allclose(np.asarray(one), np.asarray(other).T, rtol=1e-5)


def test_of_square_matrices_a_direction_that_is_almost_nothing_stays_small():
    # Said in the docstring: what is tiny is lifted by 3.4445⁵ at most.
    matrix = np.diag([1.0, 1e-6])
    assert np.diag(orthogonalized(np, matrix))[1] == pytest.approx(1e-6 * 3.4445**5, rel=1e-3)


@pytest.mark.parametrize(("inputs", "units", "factor"), [(4, 4, 1), (16, 4, 1), (4, 16, 2)])
def test_a_layer_that_widens_takes_larger_steps(inputs, units, factor):
    assert stretch({"inputs": inputs, "units": units}) == factor
