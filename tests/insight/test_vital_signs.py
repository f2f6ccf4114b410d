"""Vital signs against a network worked by hand, a real step, every network there can be."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop import MLP
from clearprop.inputs import Preparation
from clearprop.insight.vital_signs import some_rows, update_sizes, vital_signs
from clearprop.layers import Dense
from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.initializers import INITIALIZERS
from clearprop.maths.losses import LOSSES
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import (
    Network,
    Rows,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
)
from clearprop.network.choices import Choice

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

PLAIN = Preparation()
RNG = np.random.default_rng(0)


def small(activation, units=3):
    return Network((2,), (Dense(units, activation), Dense(2, "softmax")))


def parameters(network, **words):
    return initial_parameters(network, 0, "float64") | words


def test_dead_units_are_those_that_are_zero_for_every_row():
    # x is (1, 0), (0, 1), (1, 1): the units see x1 - 2 (never), x1 - ½ (two rows), -x2 (never).
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    network = small("relu")
    weight, bias = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, -1.0]]), np.array([-2.0, -0.5, 0.0])
    params = parameters(network, **{"layers.0.weight": weight, "layers.0.bias": bias})
    signs, _ = vital_signs(network, params, Rows(x, np.array([0, 1, 1]), None), PLAIN)
    assert signs.dead == {"1": pytest.approx(2 / 3)}
    assert signs.flat == {}
    assert signs.rows == 3


@pytest.mark.parametrize(("activation", "steep"), [("sigmoid", 0.25), ("tanh", 1.0)])
def test_a_value_is_flat_where_the_slope_is_a_twentieth_of_the_steepest(activation, steep):
    # The slope by finite differences at each of many values; the layer hands each on unchanged.
    z = np.linspace(-8, 8, 400)
    f = {"sigmoid": lambda t: 1 / (1 + np.exp(-t)), "tanh": np.tanh}[activation]
    slope = (f(z + 1e-6) - f(z - 1e-6)) / 2e-6
    network = Network((1,), (Dense(1, activation), Dense(2, "softmax")))
    params = parameters(network, **{"layers.0.weight": np.ones((1, 1))})
    signs, _ = vital_signs(network, params, Rows(z[:, None], np.arange(400) % 2, None), PLAIN)
    assert signs.flat == {"1": (slope < 0.05 * steep).mean()}
    assert 0.1 < signs.flat["1"] < 0.9


def test_the_signal_is_what_comes_back_to_the_first_layer():
    # Through identity units and a last layer 0.1·Q with Q orthogonal, a tenth comes back.
    network = Network((2,), (Dense(2, "identity"), Dense(2, "softmax")))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    params = parameters(network, **{"layers.1.weight": 0.1 * turn})
    x = RNG.normal(size=(20, 2))
    signs, _ = vital_signs(network, params, Rows(x, np.arange(20) % 2, None), PLAIN)
    assert signs.signal == pytest.approx(0.1)


def test_answers_are_counted_and_the_loss_is_the_mean_of_minus_log():
    network = Network((2,), (Dense(2, "softmax"),))
    weight, bias = np.zeros((2, 2)), np.log([0.75, 0.25])
    params = {"layers.0.weight": weight, "layers.0.bias": bias}
    y = np.array([0, 0, 0, 1])
    signs, _ = vital_signs(network, params, Rows(RNG.normal(size=(4, 2)), y, None), PLAIN)
    assert (signs.answer, signs.answered, signs.labeled) == (0, 1.0, 0.75)
    assert signs.loss == pytest.approx(-(3 * math.log(0.75) + math.log(0.25)) / 4)
    one_hot = Rows(RNG.normal(size=(4, 2)), np.eye(2)[y], None)
    assert vital_signs(network, params, one_hot, PLAIN)[0].labeled == 0.75


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"l2": 0.1, "l1": 0.01, "clip_norm": 0.01}])
def test_an_update_is_as_large_as_the_one_that_training_makes(optimizer, options):
    x, y = RNG.normal(size=(30, 4)), np.arange(30) % 3
    words = {"optimizer": optimizer, "learning_rate": 0.01, "precision": "float64"} | options
    model = MLP([4, 5, 3], activation="tanh", **words)
    model.fit(x, y, epochs=2, batch_size=30)
    position = model.position
    _, gradients = vital_signs(model.network, position.state.params, Rows(x, y, None), PLAIN)
    step = position.steps + 1
    row = {"learning_rate": 0.01, "correction1": 1 - 0.9**step, "correction2": 1 - 0.999**step}
    found = update_sizes(model.network, model.settings, position.state, gradients, row)
    before = {name: value.copy() for name, value in position.state.params.items()}
    model.fit(x, y, epochs=1, batch_size=30)
    for i in (0, 1):
        old, new = (which[f"layers.{i}.weight"] for which in (before, model.parameters))
        assert found[str(i + 1)] == pytest.approx(np.linalg.norm(new - old) / np.linalg.norm(old))


ACTIVE = st.sampled_from(sorted(ACTIVATIONS))
RATES = st.sampled_from([0.0, 0.3])
LAYERS = st.lists(st.builds(Dense, st.integers(1, 5), ACTIVE, st.booleans(), RATES), max_size=3)
OUTPUTS = st.sampled_from([(loss, out) for loss, kind in LOSSES.items() for out in kind.outputs])


@given(LAYERS, OUTPUTS, RATES, st.sampled_from(sorted(INITIALIZERS)), st.data())
def test_every_network_can_be_looked_at(layers, output, rate, initializer, data):
    loss, last = output
    network = Network((4,), (*layers, Dense(3, last)), loss, rate, initializer)
    dtype = data.draw(st.sampled_from(["float32", "float64"]))
    y = RNG.integers(0, 3, 12)
    y = data.draw(st.sampled_from([y, np.eye(3)[y]]))
    x = data.draw(st.sampled_from([RNG.normal(size=(12, 4)), np.full((12, 4), 1e30)]))
    x = data.draw(st.sampled_from([x, RNG.integers(0, 256, (12, 4)).astype(np.uint8)]))
    weight = data.draw(st.sampled_from([None, RNG.random(12)]))
    name = data.draw(st.sampled_from(sorted(OPTIMIZERS)))
    training = msgspec.structs.replace(
        MLP([4, 3]).settings, optimizer=Choice(name), precision=dtype, label_smoothing=0.1,
        moving_average=0.9, clip_norm=1.0, l1=0.1, l2=0.1,
    )  # fmt: skip
    params = initial_parameters(network, 0, dtype)
    state = initial_state(
        np, program(network, training), params, initial_statistics(network, dtype)
    )
    kept = {name: value.copy() for name, value in params.items()}
    signs, gradients = vital_signs(network, params, Rows(x, y, weight), PLAIN)
    assert gradients.keys() == params.keys()
    row = {"learning_rate": 0.1, "correction1": 1.0, "correction2": 1.0}
    changes = update_sizes(network, training, state, gradients, row)
    assert set(changes) <= {str(i + 1) for i in range(len(network.layers))}
    hidden = network.layers[:-1]
    assert set(signs.dead) == {
        str(i + 1) for i, one in enumerate(hidden) if one.activation == "relu"
    }
    assert all(0.0 <= share <= 1.0 for share in (*signs.dead.values(), *signs.flat.values()))
    assert all(np.array_equal(kept[name], params[name]) for name in params)


def test_some_rows_are_a_copy_from_all_parts():
    x, y, w = np.arange(1000)[:, None], np.arange(1000), np.ones(1000)
    some = some_rows(Rows(x, y, w), 10)
    assert some.y.tolist() == [0, 111, 222, 333, 444, 555, 666, 777, 888, 999]
    assert np.array_equal(some.x[:, 0], some.y)
    some.x[:] = -1
    assert x.min() == 0
    few = some_rows(Rows(x[:5], y[:5], None), 10)
    assert few.y.tolist() == [0, 1, 2, 3, 4]
    assert few.weight is None
