"""A program holds which settings there are; their values are data."""

import pytest

from clearprop.layers import Dense
from clearprop.network import Choice, Network, Training, hyper, program

ON = {"l1": 0.1, "l2": 0.1, "clip_norm": 1.0, "max_norm": 2.0, "moving_average": 0.9,
      "label_smoothing": 0.1}  # fmt: skip


def network(
    rate=0.2, input_rate=0.1, initializer="he_normal", noise=0.3, input_noise=0.4
) -> Network:
    layers = (Dense(5, "relu", dropout=rate, noise=noise), Dense(3, "softmax"))
    return Network(
        (4,), layers, input_dropout=input_rate, initializer=initializer, input_noise=input_noise
    )


def training(**changes) -> Training:
    return Training(Choice("adam"), **(ON | changes))


@pytest.mark.parametrize(
    "other",
    [
        (network(0.9, 0.7), training()),
        (network(noise=2.0, input_noise=3.0), training()),
        (network(initializer="glorot_uniform"), training()),
        (network(), training(**{name: value / 2 for name, value in ON.items()})),
        (network(), training(learning_rate=3.0, schedule=Choice("cosine"), epochs=9, seed=4)),
        (network(), Training(Choice.of({"name": "adam", "beta1": 0.1, "epsilon": 1.0}), **ON)),
    ],
)
def test_values_do_not_change_the_program(other):
    assert program(*other) == program(network(), training())
    assert hash(program(*other)) == hash(program(network(), training()))


@pytest.mark.parametrize(
    "other",
    [
        (network(0.0), training()),
        (network(input_rate=0.0), training()),
        (network(noise=0.0), training()),
        (network(input_noise=0.0), training()),
        (network(), Training(Choice("sgd"), **ON)),
        (network(), training(precision="float64")),
        (network(), training(gradients="derived")),
        *((network(), training(**{name: 0.0})) for name in ON),
    ],
)
def test_what_there_is_changes_the_program(other):
    assert program(*other) != program(network(), training())


def test_values_come_by_name_as_plain_floats():
    values = hyper(network(), training(clip_norm=2))
    assert {type(value) for value in values.values()} == {float}
    assert values["input.dropout"] == 0.1
    assert values["layers.0.dropout"] == 0.2
    assert values["input.noise"] == 0.4
    assert values["layers.0.noise"] == 0.3
    assert values["beta2"] == 0.999
    assert values["clip_norm"] == 2.0


def test_what_is_off_has_no_value():
    assert not hyper(network(), Training()).keys() & ON.keys()
