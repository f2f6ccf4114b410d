"""Names, shapes and number of parameters."""

import pytest

from clearprop.layers import Dense
from clearprop.network import (
    Network,
    count,
    initial_parameters,
    initial_statistics,
    shapes,
    statistics_shapes,
)


def test_the_network_of_the_first_recipe_has_109_386_parameters():
    network = Network((784,), (Dense(128, "relu"), Dense(64, "relu"), Dense(10, "softmax")))
    assert shapes(network) == {
        "layers.0.weight": (784, 128),
        "layers.0.bias": (128,),
        "layers.1.weight": (128, 64),
        "layers.1.bias": (64,),
        "layers.2.weight": (64, 10),
        "layers.2.bias": (10,),
    }
    assert count(network) == 109_386
    assert statistics_shapes(network) == {}


NORMALIZED = Network((5,), (Dense(4, "tanh", True), Dense(3, "relu"), Dense(2, "softmax")))


def test_there_is_no_bias_before_batch_normalization():
    names = list(shapes(NORMALIZED))
    assert names[:3] == ["layers.0.weight", "layers.0.gamma", "layers.0.beta"]
    assert "layers.1.bias" in names
    assert statistics_shapes(NORMALIZED) == {"layers.0.mean": (4,), "layers.0.variance": (4,)}
    assert count(NORMALIZED) == 5 * 4 + 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_first_values_have_the_promised_shapes_and_type(dtype):
    params, stats = initial_parameters(NORMALIZED, 3, dtype), initial_statistics(NORMALIZED, dtype)
    assert {name: p.shape for name, p in params.items()} == shapes(NORMALIZED)
    assert {name: s.shape for name, s in stats.items()} == statistics_shapes(NORMALIZED)
    assert {str(a.dtype) for a in (*params.values(), *stats.values())} == {dtype}
    assert (stats["layers.0.mean"] == 0.0).all()
    assert (stats["layers.0.variance"] == 1.0).all()
