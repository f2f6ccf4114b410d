"""The table of rules leaves nothing out, and its inputs are fit for finite differences."""

import importlib
import inspect
import itertools
import pkgutil

import numpy as np
import pytest

from clearprop import layers, maths
from clearprop.insight.rules import rules
from clearprop.layers import KINDS, Pass
from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.losses import LOSSES
from clearprop.network.forward import forward_training

RULES = rules()
NETWORKS = [rule for rule in RULES if rule.name.startswith("network")]
DENSE = [rule for rule in NETWORKS if rule.name.startswith("network, ")]
KINKED = ("elu", "leaky_relu", "relu")


def modules(package):
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(one.name) for one in found]


def every_vjp():
    for module in modules(maths):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.endswith("_vjp") and function.__module__ == module.__name__:
                yield pytest.param(module, name, id=name)


@pytest.mark.parametrize(("module", "name"), list(every_vjp()))
def test_every_vjp_is_in_the_table_with_the_forward_beside_it(module, name):
    # By itself, or in an operation whose examples are in it.
    pair = getattr(module, name.removesuffix("_vjp")), getattr(module, name)
    pairs = [(rule.forward, rule.vjp) for rule in RULES]
    used = [set(filter(callable, vars(one).values())) for one in modules(layers)]
    assert pair in pairs or any(found.issuperset(pair) for found in used)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_layer_is_in_a_network_of_the_table(kind):
    assert any(kind in [layer.kind for layer in rule.network.layers] for rule in NETWORKS)


def test_names_are_unique():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_networks_cover_every_loss_with_and_without_batch_norm():
    networks = [rule.network for rule in DENSE]
    found = {(net.loss, net.layers[-1].activation, net.normalized) for net in networks}
    outputs = [(loss, output) for loss, kind in LOSSES.items() for output in kind.outputs]
    assert found == {(*pair, norm) for pair, norm in itertools.product(outputs, (False, True))}


def test_networks_cover_every_activation():
    hidden = {layer.activation for rule in DENSE for layer in rule.network.layers[:-1]}
    assert hidden == set(ACTIVATIONS)


@pytest.mark.parametrize("rule", DENSE, ids=lambda rule: rule.name)
def test_networks_have_dropout_noise_padded_rows_and_row_weights(rule):
    batch = rule.fixed["batch"]
    assert 0.0 in batch.real
    assert len(set(batch.weight)) > 2
    assert rule.network.input_dropout > 0.0
    assert rule.network.input_noise > 0.0
    assert all(layer.dropout > 0.0 < layer.noise for layer in rule.network.layers[:-1])


@pytest.mark.parametrize("rule", NETWORKS, ids=lambda rule: rule.name)
def test_networks_stay_away_from_kinks(rule):
    # Finite differences move a parameter by 2⁻¹⁰, and a sum of four inputs by a few times that.
    batch, values = rule.fixed["batch"], rule.fixed["values"]
    now = Pass(rule.inputs, batch.real, values)
    trace = forward_training(np, rule.network, now, batch.x)
    for operation, saved, _ in trace:
        if getattr(operation, "function", "") in KINKED:
            assert np.min(np.abs(saved)) > 0.01
