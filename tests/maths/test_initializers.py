"""First weights: how widely they spread, and that nothing shares a draw."""

import numpy as np
import pytest
from scipy import stats

from clearprop.layers import Dense
from clearprop.maths.initializers import INITIALIZERS
from clearprop.network import Network, initial_parameters

# The variances that the papers name, for 400 inputs and 300 units.
VARIANCES = {
    "glorot_normal": 2 / 700,
    "glorot_uniform": 2 / 700,
    "he_normal": 2 / 400,
    "he_uniform": 2 / 400,
    "lecun_normal": 1 / 400,
    "lecun_uniform": 1 / 400,
    "orthogonal": 1 / 400,
    "standard_normal": 1.0,
    "uniform": 1 / 1200,
}


def weights(initializer: str, seed: int = 0, dtype: str = "float64") -> np.ndarray:
    network = Network((400,), (Dense(300, "softmax"),), initializer=initializer)
    return initial_parameters(network, seed, dtype)["layers.0.weight"]


def test_every_initializer_is_here():
    assert VARIANCES.keys() == INITIALIZERS.keys()


@pytest.mark.parametrize("name", VARIANCES)
def test_weights_are_spread_as_the_papers_say(name):
    w, deviation = weights(name).reshape(-1), np.sqrt(VARIANCES[name])
    assert w.std() == pytest.approx(deviation, rel=0.01)
    assert abs(w.mean()) < 4.0 * deviation / np.sqrt(w.size)
    if INITIALIZERS[name].shape == "uniform":
        bound = np.sqrt(3.0) * deviation
        law = stats.uniform(-bound, 2.0 * bound)
        assert np.abs(w).max() <= bound
    else:
        law = stats.norm(0.0, deviation)
    assert stats.kstest(w, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(("inputs", "units"), [(7, 3), (3, 7), (5, 5), (1, 4)])
def test_an_orthogonal_matrix_has_singular_values_of_1(inputs, units):
    network = Network(
        (inputs,), (Dense(units, "relu"), Dense(2, "softmax")), initializer="orthogonal"
    )
    w = initial_parameters(network, 0, "float64")["layers.0.weight"]
    assert w.shape == (inputs, units)
    np.testing.assert_allclose(np.linalg.svd(w)[1], 1.0, rtol=1e-13)


def test_orthogonal_matrices_are_uniform():
    # An entry of a uniform orthogonal 3×3 matrix is uniform on ±1 (Archimedes), each alike, and
    # half of them turn space over. Without the signs made right, QR's entries lean to one side.
    network = Network((3,), (Dense(3, "softmax"),), initializer="orthogonal")
    made = np.stack(
        [initial_parameters(network, s, "float64")["layers.0.weight"] for s in range(600)]
    )
    law = stats.uniform(-1.0, 2.0)
    for i, j in np.ndindex(3, 3):
        assert stats.kstest(made[:, i, j], law.cdf).pvalue > 1e-4
    turned = (np.linalg.det(made) < 0.0).sum()
    assert abs(turned - 300) < 4.5 * np.sqrt(150)


def test_the_plain_uniform_draw_fills_one_over_the_root_of_the_inputs():
    assert np.abs(weights("uniform")).max() == pytest.approx(1.0 / 20.0, rel=1e-3)


@pytest.mark.parametrize("name", VARIANCES)
def test_both_precisions_round_the_same_draw(name):
    single = weights(name, dtype="float32")
    assert single.dtype == np.float32
    assert np.array_equal(single, weights(name).astype(np.float32))


@pytest.mark.parametrize("name", ["he_normal", "he_uniform"])
def test_seeds_and_layers_have_draws_of_their_own(name):
    network = Network(
        (9,), (Dense(9, "relu"), Dense(9, "relu"), Dense(9, "softmax")), initializer=name
    )
    tensors = [
        p for seed in (0, 1, 2**40) for p in initial_parameters(network, seed, "float64").values()
        if p.ndim == 2
    ]  # fmt: skip
    assert np.unique(np.stack(tensors)).size == 9 * 81


def test_a_seed_gives_the_weights_it_always_gave():
    w = initial_parameters(Network((2,), (Dense(2, "softmax"),)), 0, "float64")["layers.0.weight"]
    expected = [
        [0.8872143261529908, 1.1643961586463714],
        [1.7922811187847079, -1.9552799697140775],
    ]
    np.testing.assert_allclose(w, expected, rtol=1e-12)


def test_biases_begin_at_zero_and_normalization_at_the_identity():
    network = Network((3,), (Dense(4, "relu", batch_norm=True), Dense(2, "softmax")))
    params = initial_parameters(network, 0)
    assert np.all(params["layers.0.gamma"] == 1.0)
    assert not params["layers.0.beta"].any()
    assert not params["layers.1.bias"].any()
