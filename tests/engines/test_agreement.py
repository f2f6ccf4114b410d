"""Both engines make the same loss curve from the same seed, network and data."""

import numpy as np
import pytest

from clearprop.network import Deformation, Rows

NAMES = ("numpy", "jax")


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest relative difference of two curves."""
    return float(np.max(np.abs(one - other) / np.abs(one)))


def state_difference(one, other) -> float:
    """Return the largest difference in a state, each tensor relative to its largest entry."""
    return max(
        float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), 1e-8))
        for part, twin in zip(one, other, strict=True)
        for a, b in ((part[name], twin[name]) for name in part)
        if a.size
    )


@pytest.mark.parametrize(
    ("optimizer", "gradients", "shape"),
    [
        ("adam", "auto", {}),
        ("adam", "derived", {}),
        ("adamw", "auto", {"activation": "gelu"}),
        ("nesterov", "auto", {"output": "sigmoid", "loss": "sigmoid_cross_entropy"}),
        ("rmsprop", "auto", {"output": "sigmoid", "loss": "squared_error", "plain": True}),
        ("lion", "derived", {"plain": True}),
        ("muon", "auto", {}),
        ("muon", "derived", {"plain": True}),
        ("sgd", "derived", {"activation": "relu", "output": "softmax", "loss": "squared_error"}),
    ],
)
def test_float64_curves_agree_to_1e_12(train, network, training, optimizer, gradients, shape):
    numpy, jax = (
        train(name, network(**shape), training(optimizer, gradients=gradients)) for name in NAMES
    )
    assert difference(numpy.measured.loss, jax.measured.loss) <= 1e-12
    assert np.array_equal(numpy.measured.sums["correct"], jax.measured.sums["correct"])
    assert state_difference(numpy.state, jax.state) <= 1e-10
    assert all(set(a) == set(b) for a, b in zip(numpy.state, jax.state, strict=True))


def test_the_curves_above_could_differ(train, network, training):
    # Another seed, the same everything: the comparison does see a difference.
    one, other = (train("numpy", network(), training(), seed=seed) for seed in (0, 1))
    assert difference(one.measured.loss, other.measured.loss) > 1e-3


@pytest.mark.parametrize("weighted", ["sample weights", "soft labels"])
def test_weights_and_soft_labels_agree(train, network, training, weighted):
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(300, 12)), rng.integers(0, 4, 300)
    rows = {
        "sample weights": Rows(x, labels, rng.uniform(0.5, 1.5, 300)),
        "soft labels": Rows(x, rng.dirichlet(np.ones(4), 300), None),
    }[weighted]
    numpy, jax = (
        train(name, network(plain=True), training("momentum"), rows=rows) for name in NAMES
    )
    assert difference(numpy.measured.loss, jax.measured.loss) <= 1e-12


@pytest.mark.parametrize("gradients", ["auto", "derived"])
@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_adversarial_training_is_the_same_on_both_engines(
    train, network, training, gradients, optimizer
):
    settings = training(optimizer, gradients=gradients, adversarial=0.5)
    numpy, jax = (train(name, network(), settings) for name in NAMES)
    assert difference(numpy.measured.loss, jax.measured.loss) <= 1e-10
    without = train("numpy", network(), training(optimizer))
    assert difference(without.measured.loss, jax.measured.loss) > 0.01


@pytest.mark.parametrize("gradients", ["auto", "derived"])
def test_deformed_pictures_are_the_same_on_both_engines(train, network, training, gradients):
    everything = {
        "rotation": 20.0, "scale": 0.2, "shear": 0.3, "shift": 1.0, "elastic": 0.5,
        "smoothness": 1.0, "flip": 0.5, "erase": 2.0, "mixup": 0.4, "strength": {"1": 0.5},
        "sides": (3, 4), "fade": 0.8,
    }  # fmt: skip
    settings = training(gradients=gradients, deformation=Deformation(**everything))
    numpy, jax = (train(name, network(), settings) for name in NAMES)
    assert difference(numpy.measured.loss, jax.measured.loss) <= 1e-11
    assert difference(train("numpy", network(), training()).measured.loss, jax.measured.loss) > 0.01


@pytest.mark.parametrize("gradients", ["auto", "derived"])
@pytest.mark.parametrize("plain", [False, True])
def test_float32_curves_of_smooth_networks_agree_to_1e_5(
    train, network, training, plain, gradients
):
    settings = training(dtype="float32", gradients=gradients)
    numpy, jax = (train(name, network(plain=plain), settings) for name in NAMES)
    assert numpy.measured.loss.dtype == jax.measured.loss.dtype == np.float32
    assert difference(numpy.measured.loss, jax.measured.loss) <= 1e-5


def test_float32_curves_of_relu_networks_may_part_where_a_gate_flips(train, network, training):
    # A unit whose input is zero to the last digit is on in one engine and off in the other, and
    # from there on the curves part: by up to 0.03 in one seed of sixteen. So the bound holds for
    # most seeds, and what is learned agrees for all.
    settings = training(dtype="float32")
    apart = []
    for seed in range(8):
        numpy, jax = (train(name, network("relu"), settings, seed=seed) for name in NAMES)
        apart.append(difference(numpy.measured.loss, jax.measured.loss))
        means = [one.measured.loss[-50:].mean() for one in (numpy, jax)]
        assert means[1] == pytest.approx(means[0], rel=0.05)
    assert np.median(apart) <= 1e-5
