"""The classic words give the networks and the updates of Nielsen's book, worked in NumPy here."""

import numpy as np
import pytest
from scipy import stats

from clearprop import classic
from clearprop.classic import SGD, Adam, CrossEntropyLoss, MeanSquaredError, ReLU, Sigmoid
from clearprop.errors import SettingError


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def gradients(p, x, y, loss, activation):
    """Return the outputs and the gradient of the mean cost, by the book's equations BP1 to BP4."""
    z = x @ p["layers.0.weight"] + p["layers.0.bias"]
    hidden = sigmoid(z) if activation is Sigmoid else z * (z > 0)
    a = sigmoid(hidden @ p["layers.1.weight"] + p["layers.1.bias"])
    delta = (a - y) / len(x)
    if loss is MeanSquaredError:
        delta = delta * a * (1 - a)
    back = delta @ p["layers.1.weight"].T
    back = back * (hidden * (1 - hidden) if activation is Sigmoid else z > 0)
    return {
        "layers.0.weight": x.T @ back,
        "layers.0.bias": back.sum(axis=0),
        "layers.1.weight": hidden.T @ delta,
        "layers.1.bias": delta.sum(axis=0),
    }


@pytest.mark.parametrize("activation", [Sigmoid, ReLU])
@pytest.mark.parametrize("loss", [CrossEntropyLoss, MeanSquaredError])
def test_a_step_is_the_books_step(make, train, loss, activation):
    model = make(loss=loss, activation=activation, lmbda=7.0, learning_rate=0.3)
    before = {name: value.astype(float) for name, value in model.model.parameters.items()}
    x = np.hstack([x for x, _ in train]).T.astype(float)
    y = np.hstack([y for _, y in train]).T
    wanted = gradients(before, x, y, loss, activation)
    model.fit(train, epochs=1, batch_size=len(train))
    for name, value in model.model.parameters.items():
        shrunk = before[name] * (1 - 0.3 * 7.0 / len(train) * name.endswith("weight"))
        assert np.allclose(value, shrunk - 0.3 * wanted[name], atol=2e-6), name


def test_the_first_step_of_adam_is_as_long_as_the_learning_rate(make, train):
    model = make(optimizer=Adam, learning_rate=0.01)
    before = model.model.parameters
    model.fit(train, epochs=1, batch_size=len(train))
    for name, value in model.model.parameters.items():
        assert np.allclose(abs(value - before[name]), 0.01, rtol=1e-3), name


@pytest.mark.parametrize(("activation", "gain"), [(Sigmoid, 1.0), (ReLU, 2.0)])
def test_the_first_weights_have_the_spread_that_is_promised(make, activation, gain):
    params = make(layers=[200, 100, 50], activation=activation).model.parameters
    for name, inputs in (("layers.0.weight", 200), ("layers.1.weight", 100)):
        scaled = params[name].reshape(-1) / np.sqrt(gain / inputs)
        assert stats.kstest(scaled, "norm").pvalue > 0.01
    assert not params["layers.0.bias"].any()


def test_the_output_stays_a_sigmoid_over_relu(make, train):
    network = make(activation=ReLU).model.network
    assert [layer.activation for layer in network.layers] == ["relu", "sigmoid"]


def test_a_class_and_an_instance_of_it_are_the_same(make):
    words = {"optimizer": Adam, "loss": MeanSquaredError, "activation": ReLU}
    one, other = make(**words), make(**{name: word() for name, word in words.items()})
    assert one.model.network == other.model.network
    assert one.model.settings == other.model.settings


WRONG = {
    "optimizer": ("adam", "SGD or Adam"),
    "loss": (SGD, "CrossEntropyLoss or MeanSquaredError"),
    "activation": (None, "Sigmoid or ReLU"),
    "layers": (784, "sizes from input to output"),
    "learning_rate": ("0.1", "learning_rate"),
    "lmbda": (-1.0, "lmbda"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_word_that_is_not_one_of_them_is_refused_with_those_that_are(make, name):
    value, says = WRONG[name]
    with pytest.raises(SettingError, match=says):
        make(**{name: value})


def test_the_seed_decides_the_weights(make):
    first = [make(seed=seed).model.parameters["layers.0.weight"] for seed in (1, 1, 2)]
    assert (first[0] == first[1]).all()
    assert (first[0] != first[2]).any()


def test_all_names_are_sorted_and_there():
    assert sorted(classic.__all__, key=lambda n: (not n.isupper(), n)) == classic.__all__
    assert all(hasattr(classic, name) for name in classic.__all__)
