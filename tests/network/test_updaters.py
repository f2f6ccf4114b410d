"""Which parameter is updated by what, and with which row."""

from clearprop.layers import Dense, Parameter
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import Network, memory, row_of, shapes, updater

NETWORK = Network((4,), (Dense(6, "tanh", batch_norm=True), Dense(5, "silu"), Dense(3, "softmax")))
NAMES = list(shapes(NETWORK))


def test_muon_moves_hidden_weights_and_adam_the_rest():
    muon = OPTIMIZERS["muon"]
    found = {name: updater(NETWORK, "muon", name) for name in NAMES}
    hidden = {name for name, own in found.items() if own is muon.hidden}
    assert hidden == {"layers.0.weight", "layers.1.weight"}
    assert all(own is muon for name, own in found.items() if name not in hidden)
    assert all(updater(NETWORK, "adam", name) is OPTIMIZERS["adam"] for name in NAMES)


def test_each_remembers_what_its_rule_needs_and_no_more():
    found = memory(NETWORK, "muon", NAMES)
    assert [slot for slot in found if slot.startswith("layers.0.weight")] == [
        "layers.0.weight/velocity"
    ]
    assert found["layers.2.weight/square"] == "layers.2.weight"
    assert len(found) == 2 + 2 * (len(NAMES) - 2)
    assert memory(NETWORK, "sgd", NAMES) == {}


def test_a_row_has_the_rate_of_its_parameter_and_knows_the_sides_of_a_matrix():
    muon, values = OPTIMIZERS["muon"], {"learning_rate": 0.5, "adam_factor": 0.1}
    assert row_of(muon, values, Parameter((3,))) == values | {"learning_rate": 0.05}
    assert row_of(muon, values, Parameter((3,), rate=4.0)) == values | {"learning_rate": 0.2}
    expected = values | {"inputs": 4, "units": 6}
    assert row_of(muon.hidden, values, Parameter((4, 6), matrix=True)) == expected
