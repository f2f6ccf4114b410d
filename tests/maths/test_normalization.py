"""Batch normalization against the plain computation, with and without padded rows."""

import numpy as np
import pytest

from clearprop.maths.normalization import batch_norm, batch_norm_inference, batch_norm_vjp

RNG = np.random.default_rng(0)
Z, G = RNG.normal(3.0, 2.0, size=(2, 12, 4))
GAMMA, BETA = RNG.normal(size=(2, 4))
EPSILON = 1e-3


def test_equals_the_plain_computation():
    out, saved = batch_norm(np, Z, GAMMA, BETA, np.ones(12), EPSILON)
    expected = GAMMA * (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + EPSILON) + BETA
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(saved.mean, Z.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(saved.variance, Z.var(axis=0), rtol=1e-13)


@pytest.mark.parametrize("padding", [1, 5])
def test_padded_rows_change_nothing(padding):
    real = np.append(np.ones(12), np.zeros(padding))
    z = np.concatenate([Z, RNG.normal(size=(padding, 4)) * 100.0])
    out, saved = batch_norm(np, z, GAMMA, BETA, real, EPSILON)
    exact, exact_saved = batch_norm(np, Z, GAMMA, BETA, np.ones(12), EPSILON)
    np.testing.assert_allclose(out[:12], exact, rtol=1e-12, atol=1e-14)
    # What comes back for a padded row is zero, since its share in the loss is.
    g = np.concatenate([G, np.zeros((padding, 4))])
    back, *own = batch_norm_vjp(np, saved, g)
    exact_back, *exact_own = batch_norm_vjp(np, exact_saved, G)
    np.testing.assert_allclose(back[:12], exact_back, rtol=1e-10, atol=1e-14)
    assert np.all(back[12:] == 0.0)
    np.testing.assert_allclose(own, exact_own, rtol=1e-12)


def test_inference_uses_the_statistics_it_is_given():
    out = batch_norm_inference(np, Z, GAMMA, BETA, Z.mean(axis=0), Z.var(axis=0), EPSILON)
    trained, _ = batch_norm(np, Z, GAMMA, BETA, np.ones(12), EPSILON)
    np.testing.assert_allclose(out, trained, rtol=1e-12, atol=1e-14)


def test_a_unit_that_never_varies_stays_finite(xp):
    z = xp.ones((6, 2), dtype=xp.float32) * 7.0
    ones = xp.ones(2, dtype=xp.float32)
    out, saved = batch_norm(xp, z, ones, ones, xp.ones(6, dtype=xp.float32), EPSILON)
    g, *_ = batch_norm_vjp(xp, saved, z)
    assert np.isfinite(np.asarray(g)).all()
    np.testing.assert_allclose(np.asarray(out), 1.0, atol=1e-4)
