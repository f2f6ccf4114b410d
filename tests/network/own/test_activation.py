"""Activations of your own: what is refused, and that the rest is as if it had always been here."""

import numpy as np
import pytest

from clearprop import MLP, load, register_activation
from clearprop.errors import ModelFileError, SettingError
from clearprop.insight.gradcheck import gradient_check
from clearprop.insight.rules import rules
from clearprop.maths.activations import ACTIVATIONS

X = np.random.default_rng(0).normal(size=(40, 5))
Y = X[:, :3].argmax(axis=1)


def mish(xp, z):
    """Return z·tanh(log(1 + eᶻ)) (Misra 2020)."""
    return z * xp.tanh(xp.log1p(xp.exp(-xp.abs(z))) + xp.where(z > 0, z, 0.0))


def mish_slope(xp, z):
    """Return t + z·(1 - t²)·σ(z) with t = tanh(log(1 + eᶻ))."""
    t = xp.tanh(xp.log1p(xp.exp(-xp.abs(z))) + xp.where(z > 0, z, 0.0))
    return t + z * (1.0 - t * t) * 0.5 * (1.0 + xp.tanh(0.5 * z))


def doubled(xp, z):
    """Return 2·z, written over z."""
    z *= 2.0
    return z


@pytest.fixture(autouse=True)
def registered(monkeypatch, unchecked_shapes):
    """Register one, and forget it with whatever else a test registers."""
    before = dict(ACTIVATIONS)
    register_activation("mish", mish, mish_slope)
    yield
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


def learned(**words) -> MLP:
    model = MLP([5, 8, 3], activation="mish", precision="float64", **words)
    model.fit(X, Y, epochs=3, batch_size=16)
    return model


@pytest.mark.parametrize("gradients", ["auto", "derived"])
def test_both_engines_learn_the_same_by_it(gradients):
    # On JAX "auto" differentiates the forward: the derivative is then no part of it.
    one, other = learned(), learned(engine="jax", gradients=gradients)
    np.testing.assert_allclose(one.history.loss, other.history.loss, rtol=1e-12)
    assert one.history.loss[-1] < one.history.loss[0]


def test_the_gradient_check_has_it_and_is_else_as_it_was():
    names = [rule.name for rule in rules()]
    mine = [rule for rule in rules() if rule.name == "mish"]
    assert all(check.passed for check in gradient_check(mine))
    del ACTIVATIONS["mish"]
    assert [rule.name for rule in rules()] == [name for name in names if name != "mish"]


def test_a_model_file_loads_only_where_it_is_registered(tmp_path):
    model = learned()
    path = model.save(tmp_path / "mine.safetensors")
    assert np.array_equal(load(path).predict_proba(X), model.predict_proba(X))
    del ACTIVATIONS["mish"]
    with pytest.raises(ModelFileError, match=r"'mish'.*registered first.*register_activation"):
        load(path)


WRONG = {
    "a wrong derivative": (mish, lambda xp, z: xp.tanh(z), "derivative of 'mine' is wrong at z ="),
    "a wrong sign": (lambda xp, z: -z, lambda xp, z: xp.ones_like(z), "says 1, .* forward -1"),
    "a number for an array": (lambda xp, z: z, lambda xp, z: 1.0, r"shape \(\) of one of shape"),
    "not elementwise": (
        lambda xp, z: z - xp.mean(z), lambda xp, z: xp.ones_like(z), "forward .* not elementwise"
    ),
    "double precision": (
        lambda xp, z: z * np.float64(2.0), lambda xp, z: 2.0 * xp.ones_like(z), "float64 of float32"
    ),
    "two numbers in a where": (
        mish, lambda xp, z: xp.where(z > 0, 1.0, 0.1), r"where: xp\.where\(z > 0, xp\.ones_like"
    ),
    "a forward in place": (
        lambda xp, z: xp.multiply(z, z, out=z), lambda xp, z: 2.0 * z, "forward .* stay .*read-only"
    ),
    "a derivative in place": (
        lambda xp, z: z * z, doubled, "derivative .* stay as it is.*read-only"
    ),
    "not finite": (
        lambda xp, z: xp.exp(z), lambda xp, z: xp.exp(z), "not finite at z = 100"
    ),
    "a function of one argument": (lambda z: z, lambda z: z, "fails when .* TypeError"),
    "no function": (None, None, "fails when .* not callable"),
    "a name it does not have": (lambda xp, z: xp.tanhh(z), mish, "fails when .*tanhh"),
}  # fmt: skip


@pytest.mark.parametrize(("forward", "derivative", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_and_not_kept(forward, derivative, says):
    with pytest.raises(SettingError, match=says):
        register_activation("mine", forward, derivative)
    assert "mine" not in ACTIVATIONS


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("relu", "called 'relu' already"),
        ("mish", "called 'mish' already"),
        ("softmax", "called 'softmax' already"),
        ("my activation", "letters, digits"),
        ("", "letters, digits"),
        (3, "cannot be called 3"),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused(name, says):
    with pytest.raises(SettingError, match=says):
        register_activation(name, mish, mish_slope)


def test_a_kink_at_a_round_number_is_no_fault():
    register_activation(
        "hard_tanh",
        lambda xp, z: xp.where(z > 1, 1.0, xp.where(z < -1, -1.0, z)),
        lambda xp, z: xp.where(xp.abs(z) > 1, 0.0, xp.ones_like(z)),
    )
    assert MLP([4, 5, 3], activation="hard_tanh").network.layers[0].activation == "hard_tanh"


def test_one_that_nobody_registered_is_refused_with_the_way_out():
    with pytest.raises(SettingError, match=r"unknown activation 'swish'.*register_activation"):
        MLP([4, 5, 3], activation="swish")
