"""What is registered from outside the package trains on both engines, and is found out if wrong."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import outsiders
import pytest

from clearprop import (
    MLP,
    Checkpoints,
    Committee,
    load,
    register_layer,
    register_loss,
    register_optimizer,
)
from clearprop.errors import ModelFileError, SettingError
from clearprop.inputs import Preparation
from clearprop.insight.explain import explain, first_batch
from clearprop.insight.gradcheck import gradient_check
from clearprop.insight.rules import rules
from clearprop.layers import KINDS, Operation
from clearprop.maths.losses import LOSSES, Loss
from clearprop.maths.optimizers import OPTIMIZERS, Optimizer
from clearprop.maths.settings import Setting
from clearprop.network import Rows
from clearprop.registered import MODULES
from clearprop.storage import read_checkpoint

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
LAYERS = [
    5,
    "tilt",
    6,
    {"name": "tilt", "by": -0.25},
    {"name": "residual", "layers": [6, "tilt"]},
    2,
]


@pytest.fixture
def clean():
    """Leave no trace of what a test registers."""
    tables = KINDS, LOSSES, OPTIMIZERS, MODULES
    kept = [dict(table) for table in tables]
    yield
    for table, old in zip(tables, kept, strict=True):
        table.clear()
        table.update(old)


@pytest.fixture
def registered(clean):
    outsiders.register()


def model(engine="numpy", gradients="auto", **words):
    usual = {"loss": "quartic", "output": "sigmoid", "optimizer": "normalized", "batch_norm": True}
    return MLP(LAYERS, engine=engine, gradients=gradients, precision="float64", learning_rate=0.05,
               seed=2, **usual | words)  # fmt: skip


def test_they_train_alike_on_both_engines(registered):
    ways = (("numpy", "auto"), ("jax", "auto"), ("jax", "derived"))
    models = [model(*way) for way in ways]
    losses = [one.fit(X, Y, epochs=8, batch_size=16).loss for one in models]
    assert losses[0][-1] < 0.8 * losses[0][0]
    for other in losses[1:]:
        np.testing.assert_allclose(other, losses[0], 1e-11)
    assert models[0].parameters["layers.0.offset"].shape == (1,)


@pytest.mark.parametrize(
    "words",
    [
        {"optimizer": {"name": "adamw", "weight_decay": 0.3}},
        {
            "optimizer": {"name": "lion", "weight_decay": 0.3},
            "l1": 0.01,
            "l2": 0.1,
            "max_norm": 1.0,
        },
        {"optimizer": "muon", "moving_average": 0.9, "clip_norm": 0.5, "adversarial": 0.1},
    ],
)
def test_factors_on_rate_and_decay_are_the_same_on_both_engines(registered, words):
    # Without batch normalization: what stands before it has no gradient but rounding.
    one, other = (model(engine, batch_norm=False, **words) for engine in ("numpy", "jax"))
    one.fit(X, Y, epochs=4, batch_size=16)
    other.fit(X, Y, epochs=4, batch_size=16)
    for name, value in one.parameters.items():
        np.testing.assert_allclose(other.parameters[name], value, 1e-9, 1e-11)


def test_the_learning_rate_and_the_decay_of_a_parameter_have_their_factors(registered):
    words = {"optimizer": "sgd", "learning_rate": 0.1, "precision": "float64", "l2": 0.4}
    one = MLP([5, "tilt", 2], **words)
    before, rows = one.parameters, Rows(X.astype("float64"), Y, None)
    batch, values = first_batch(one.network, one.settings, Preparation(), rows)
    told = {step.name: step.value for step in explain(one.network, before, batch, values)}
    one.fit(X, Y, steps=1, batch_size=128)
    for name, gradient, rate, decay in (
        ("layers.0.offset", "dt1", 0.2, 0.5),
        ("layers.1.weight", "dW2", 0.1, 1.0),
        ("layers.1.bias", "db2", 0.1, 0.0),
    ):
        step = rate * (told[gradient] + 0.4 * decay * before[name])
        np.testing.assert_allclose(one.parameters[name], before[name] - step)


def test_the_gradient_check_knows_them(registered):
    table = [rule for rule in rules() if "tilt" in rule.name]
    assert table
    assert all(check.passed for check in gradient_check(table))


def test_they_are_reported_like_all_others(registered):
    assert "tilt" in model().summary()


def test_a_file_says_what_it_needs_and_imports_nothing(registered, tmp_path):
    one = model()
    one.fit(X, Y, epochs=1)
    path = one.save(tmp_path / "own.safetensors")
    assert one.card.needs == {
        "layer tilt": "outsiders", "loss quartic": "outsiders", "optimizer normalized": "outsiders"
    }  # fmt: skip
    assert np.array_equal(load(path).predict_proba(X), one.predict_proba(X))
    code = f"import clearprop; clearprop.load({str(path)!r})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "it needs the layer tilt of the module outsiders" in said.stderr
    assert "import that first" in said.stderr


def test_committees_and_checkpoints_say_what_they_need(registered, tmp_path):
    words = {"loss": "cross_entropy", "output": None}
    members = [model(**words), model(**words)]
    members[0].fit(X, Y, epochs=1, callbacks=[Checkpoints(tmp_path / "kept")])
    members[1].fit(X, Y, epochs=1)
    path = Committee(members).save(tmp_path / "committee.safetensors")
    (kept,) = (tmp_path / "kept").glob("*.safetensors")
    del KINDS["tilt"]
    MODULES.clear()
    for read, file in ((load, path), (read_checkpoint, kept)):
        with pytest.raises(ModelFileError, match="it needs the layer tilt of the module outsiders"):
            read(file)


def test_the_explanation_claims_no_gradient_that_it_does_not_know(registered):
    rows = Rows(X.astype("float64"), Y, None)
    for loss, said in (
        ("quartic", "the derivative of the loss, back"),
        ("squared_error", "(S - Y)/m"),
    ):
        one = model(loss=loss)
        batch, values = first_batch(one.network, one.settings, Preparation(), rows)
        told = {s.name: s.formula for s in explain(one.network, one.parameters, batch, values)}
        assert told["dS"].startswith(said)


def test_a_file_of_what_is_not_registered_is_refused_by_name(registered, tmp_path):
    path = model().save(tmp_path / "own.safetensors")
    for table, name in ((KINDS, "tilt"), (LOSSES, "quartic"), (OPTIMIZERS, "normalized")):
        del table[name]
    MODULES.clear()
    with pytest.raises(ModelFileError, match="the optimizer normalized of the module outsiders"):
        load(path)


def layer_with(**changes):
    """Return the tilting layer with methods of its operation replaced."""
    kind = dataclass(frozen=True, eq=False)(type("Odd", (outsiders.Tilting,), changes))

    class Odd(outsiders.Layer, frozen=True, tag="odd"):
        def operations(self, at):
            yield kind(at, 0.5)

    return Odd


def minus(self, xp, saved, g, need):
    return g, {self.key("offset"): xp.reshape(-xp.sum(g), (1,))}


def twice(self, xp, saved, g, need):
    return 2.0 * g, outsiders.Tilting.vjp(self, xp, saved, g, need)[1]


def adding(number):
    return {"infer": lambda self, xp, params, stats, x: x + number(x)}


WRONG_LAYERS = {
    "a wrong gradient": ({"vjp": minus}, r"to layers\.1\.offset is wrong at \[0\]: it says"),
    "a wrong way back": ({"vjp": twice}, "with respect to inputs is wrong"),
    "a forward that fails": (adding(lambda x: 1 / 0), "ZeroDivision"),
    "double precision": (adding(lambda x: np.float64(0.1)), "makes float64 of float32"),
    "no number": (adding(lambda x: x * np.nan), "not finite"),
    "nothing to say": ({"learned": lambda self, g: {}}, "says nothing of layers.1.offset"),
    "no formula": ({"formula": Operation.formula}, r"formula\(\) of .* fails"),
}


@pytest.mark.parametrize("name", WRONG_LAYERS)
def test_a_layer_that_is_wrong_is_not_registered(clean, name):
    changes, said = WRONG_LAYERS[name]
    with pytest.raises(SettingError, match=said):
        register_layer(layer_with(**changes))
    assert "odd" not in KINDS


def test_a_taken_name_and_what_is_no_layer_are_refused(registered):
    with pytest.raises(SettingError, match="a layer called 'tilt' already"):
        register_layer(outsiders.Tilt)
    with pytest.raises(SettingError, match="is not a kind of layer"):
        register_layer(Operation)


@pytest.mark.parametrize("examples", [(), outsiders.Tilt(), [outsiders.Tilt()]], ids=str)
def test_a_layer_without_examples_is_not_registered(clean, examples):
    class Odd(outsiders.Tilt, frozen=True, tag="odd"):
        @classmethod
        def examples(cls):
            return examples

    with pytest.raises(SettingError, match="must return a tuple with one such layer or more"):
        register_layer(Odd)


def halved(xp, saved, g):
    return 0.5 * outsiders.quartic_vjp(xp, saved, g)


def unweighted(xp, outputs, targets, weight):
    return xp.sum((outputs - targets) ** 4), (outputs - targets, xp.ones_like(weight))


WRONG_LOSSES = {
    "a wrong gradient": (Loss(outsiders.quartic, halved, ("sigmoid",), "", True), "wrong at"),
    "rows of no weight": (
        Loss(unweighted, outsiders.quartic_vjp, ("sigmoid",), "", True), "whose weight is 0"
    ),
    "another output": (Loss(outsiders.quartic, halved, ("relu",), ""), "names 'relu'"),
    "no output": (Loss(outsiders.quartic, halved, (), ""), "names 'no output activation'"),
    "a function alone": (outsiders.quartic, "must be a clearprop.maths.losses.Loss"),
    "a number alone": (
        Loss(lambda xp, z, targets, weight: xp.sum(weight), halved, ("sigmoid",), ""),
        "must return .a number, what its vjp needs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_LOSSES)
def test_a_loss_that_is_wrong_is_not_registered(clean, name):
    loss, said = WRONG_LOSSES[name]
    with pytest.raises(SettingError, match=said):
        register_loss("odd", loss)
    assert "odd" not in LOSSES


def in_place(xp, gradient, slots, row):
    gradient *= 2.0
    return -gradient, {}


WRONG_OPTIMIZERS = {
    "writes over the gradient": (Optimizer(in_place, (), {}), "read-only"),
    "other slots": (
        Optimizer(outsiders.normalized, ("speed",), {"momentum": Setting(0.9)}), "fails"
    ),
    "a default out of bounds": (
        Optimizer(outsiders.normalized, ("velocity",), {"momentum": Setting(1.0, 1.0, below=True)}),
        "it must lie in",
    ),
    "widens": (
        Optimizer(lambda xp, g, s, row: (-g * np.float64(0.1), {}), (), {}),
        "makes float64 .* float32",
    ),
}  # fmt: skip


WRONG_OPTIMIZERS |= {
    "a function alone": (in_place, "must be a clearprop.maths.optimizers.Optimizer"),
    "a number for a setting": (Optimizer(in_place, (), {"rate": 0.9}), "as Setting"),
    "a setting of the step": (Optimizer(in_place, (), {"l2": Setting(0.0)}), "has one already"),
    "sides of what has none": (
        Optimizer(lambda xp, g, s, row: (-g * row["units"], {}), (), {}), "KeyError"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_OPTIMIZERS)
def test_an_optimizer_that_is_wrong_is_not_registered(clean, name):
    optimizer, said = WRONG_OPTIMIZERS[name]
    with pytest.raises(SettingError, match=said):
        register_optimizer("odd", optimizer)
    assert "odd" not in OPTIMIZERS
