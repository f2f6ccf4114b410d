"""The explanation of a batch: every name, in order, with the values that training uses."""

import msgspec
import numpy as np
import pytest
from scipy import stats

from clearprop import MLP
from clearprop.inputs import Preparation
from clearprop.insight.explain import explain, first_batch
from clearprop.insight.explanation import render
from clearprop.network import Rows

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(2)
PIXELS = RNG.integers(0, 256, (40, 12)).astype(np.uint8)
LABELS = (PIXELS[:, :4].argmax(axis=1)).astype(np.int32)
SOFT = RNG.dirichlet(np.ones(4), 40)
BATCH, RATE = 16, 0.5

PLAIN = "X Z1 A1 Z2 S Y loss accuracy dS dW2 db2 dA1 dZ1 dW1 db1"
EVERYTHING = "X D0 Z1 N1 A1 D1 Z2 S Y loss accuracy dS dW2 db2 dD1 dA1 dN1 dγ1 dβ1 dZ1 dW1"
SYMBOLS = {"weight": "dW", "bias": "db", "gamma": "dγ", "beta": "dβ"}

NETWORKS = {
    "plain": {},
    "deep": {"layers": [12, 9, 7, 4], "activation": ["tanh", "gelu"]},
    "no hidden layer": {"layers": [12, 4]},
    "everything": {"batch_norm": True, "dropout": 0.3, "input_dropout": 0.1},
    "squared error": {"loss": "squared_error"},
    "squared error on softmax": {"loss": "squared_error", "output": "softmax"},
    "sigmoid": {"loss": "sigmoid_cross_entropy"},
    "smoothed": {"label_smoothing": 0.2},
    "noise": {"batch_norm": True, "noise": 0.3, "input_noise": 0.1, "input_dropout": 0.1},
}


def network(**words):
    usual = {"layers": [12, 9, 4], "learning_rate": RATE, "precision": "float64"}
    return MLP(**(usual | words), optimizer="sgd")


def explained(y=LABELS, **words):
    """Return the model, the explanation of its first batch, and the batch size."""
    model = network(**words)
    training = msgspec.structs.replace(model.settings, batch_size=BATCH)
    batch, values = first_batch(model.network, training, Preparation(), Rows(PIXELS, y, None))
    return model, explain(model.network, model.parameters, batch, values), len(batch.x)


def formulas(y=LABELS, **words):
    return {step.name: step.formula for step in explained(y, **words)[1]}


def test_the_names_come_in_order():
    assert list(formulas()) == PLAIN.split()
    assert list(formulas(**NETWORKS["everything"])) == EVERYTHING.split()


def test_noise_is_added_before_the_activation_and_behind_batch_norm():
    steps = explained(**NETWORKS["noise"])[1]
    names = [step.name for step in steps]
    assert names[:7] == ["X", "E0", "D0", "Z1", "N1", "E1", "A1"]
    assert names[12:] == ["dS", "dW2", "db2", "dA1", "dE1", "dN1", "dγ1", "dβ1", "dZ1", "dW1"]
    assert {step.name: step.formula for step in steps}["E1"] == "N1 + σ·ε, ε drawn from N(0, 1)"
    values = {step.name: step.value for step in steps}
    assert (values["A1"] == np.maximum(values["E1"], 0.0)).all()
    assert (values["dN1"] == values["dE1"]).all()
    drawn = (values["E1"] - values["N1"]) / 0.3
    assert stats.kstest(drawn.reshape(-1), "norm").pvalue > 1e-3


@pytest.mark.parametrize("y", [LABELS, SOFT], ids=["labels", "soft"])
@pytest.mark.parametrize("words", NETWORKS.values(), ids=NETWORKS)
def test_values_are_those_of_training(words, y, engine):
    model, steps, rows = explained(y, **words)
    values = {step.name: step.value for step in steps}
    seen = first_step_of(network(engine=engine, **words), y)
    assert values["loss"] == pytest.approx(seen["loss"], rel=1e-12)
    assert values["accuracy"] * rows == pytest.approx(seen["correct"])
    before = model.parameters
    for name, after in seen["params"].items():
        _, layer, kind = name.split(".")
        gradient = values[f"{SYMBOLS[kind]}{int(layer) + 1}"]
        assert after == pytest.approx(before[name] - RATE * gradient, rel=1e-10, abs=1e-13), name


def first_step_of(model, y):
    """Return what the first step of a real fit showed, and the parameters behind it."""
    from clearprop import Callback

    class Caught(Exception):  # noqa: N818
        pass

    class First(Callback):
        def after_stretch(self, fit):
            (shown,) = fit._run.measured()
            self.seen = {"loss": shown.loss[0], "correct": shown.sums["correct"][0]}
            self.seen["params"] = fit.fetch().params
            raise Caught

    first = First()
    with pytest.raises(Caught):
        model.fit(PIXELS, y, batch_size=BATCH, callbacks=[first])
    return first.seen


def test_values_follow_their_formulas():
    model, steps, m = explained()
    v, p = {step.name: step.value for step in steps}, model.parameters
    assert v["Z1"] == pytest.approx(v["X"] @ p["layers.0.weight"] + p["layers.0.bias"])
    assert (v["A1"] == np.maximum(v["Z1"], 0)).all()
    chances = np.exp(v["Z2"]) / np.exp(v["Z2"]).sum(axis=1, keepdims=True)
    assert v["S"] == pytest.approx(chances)
    assert v["loss"] == pytest.approx(-(v["Y"] * np.log(v["S"])).sum() / m)
    assert v["dS"] == pytest.approx((v["S"] - v["Y"]) / m)
    assert v["dW2"] == pytest.approx(v["A1"].T @ v["dS"])
    assert v["db2"] == pytest.approx(v["dS"].sum(axis=0))
    assert v["dA1"] == pytest.approx(v["dS"] @ p["layers.1.weight"].T)
    assert v["dZ1"] == pytest.approx(v["dA1"] * (v["Z1"] > 0))
    assert v["dW1"] == pytest.approx(v["X"].T @ v["dZ1"])
    assert v["db1"] == pytest.approx(v["dZ1"].sum(axis=0))


def test_every_formula_is_written_out():
    plain = formulas()
    assert plain["Z2"] == "A1·W2 + b2"
    assert plain["A1"] == "relu(Z1)"
    assert plain["dW1"] == "Xᵀ·dZ1"
    assert plain["dA1"] == "dS·W2ᵀ"
    assert plain["S"] == "softmax(Z2)"
    other = formulas(**NETWORKS["everything"])
    assert other["Z1"] == "D0·W1"  # no bias before batch normalization
    assert other["dW1"] == "D0ᵀ·dZ1"
    assert "mask" in other["D1"]
    assert all(other.values())


def test_the_formula_of_the_loss_is_the_losses_own():
    squared, sigmoid = (formulas(**NETWORKS[n]) for n in ("squared error on softmax", "sigmoid"))
    assert "½" in squared["loss"]
    assert "back through softmax to Z2" in squared["dS"]
    assert "log(1 - S)" in sigmoid["loss"]
    assert sigmoid["S"] == "sigmoid(Z2)"


@pytest.mark.parametrize(
    ("y", "words", "says"),
    [
        (LABELS, {}, "the labels, one-hot"),
        (LABELS, {"label_smoothing": 0.2}, "the labels, one-hot, smoothed"),
        (SOFT, {}, "the targets"),
    ],
)
def test_targets_are_named(y, words, says):
    assert formulas(y, **words)["Y"] == says


@pytest.mark.parametrize("words", NETWORKS.values(), ids=NETWORKS)
def test_the_text_has_a_line_with_a_shape_for_every_value(words):
    _, steps, rows = explained(**words)
    text = render(steps, rows)
    heads = [line.split()[0] for line in text.splitlines()[1:] if line[:1].strip()]
    assert heads == [step.name for step in steps]
    assert f"(m={rows}×12)" in text


def test_the_batch_axis_is_not_confused_with_a_layer_of_the_same_size():
    # 16 rows and 16 units: a weight's gradient has no row for each sample.
    _, steps, rows = explained(layers=[12, 16, 4])
    heads = [line.split() for line in render(steps, rows).splitlines() if line[:1].strip()]
    shapes = {words[0]: words[-1] for words in heads}
    assert (shapes["A1"], shapes["dA1"]) == ("(m=16×16)", "(m=16×16)")
    assert (shapes["dW2"], shapes["dW1"], shapes["db1"]) == ("(16×4)", "(12×16)", "(16,)")


def test_the_corner_begins_at_the_first_number_that_is_not_0():
    _, steps, rows = explained()
    steps = [step for step in steps if step.name == "X"]
    blank = steps[0]._replace(value=np.pad(steps[0].value, ((5, 0), (7, 0))))
    assert "[5:, 7:]" in render([blank], rows)
    nothing = steps[0]._replace(value=np.zeros((4, 4)))
    assert "[0:, 0:]" in render([nothing], 4)


def test_fewer_rows_than_a_batch_are_explained_as_they_are():
    model = MLP([12, 9, 4])
    batch, values = first_batch(
        model.network, model.settings, Preparation(), Rows(PIXELS[:5], LABELS[:5], None)
    )
    steps = explain(model.network, model.parameters, batch, values)
    assert steps[0].value.shape == (5, 12)
    arrays = [step.value for step in steps if not isinstance(step.value, float)]
    assert all(np.asarray(value).dtype != np.float64 for value in arrays)
